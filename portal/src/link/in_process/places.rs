//! Where a person is signed in, and whether a browser was seen before.
//! Refuses to know a browser by more than the hash of what we gave it.

use super::logins::Found;
use super::{InProcess, away, link};
use crate::agent;
use crate::link::{Away, Place};
use actors::{Doors, Told};
use data_encoding::HEXLOWER;
use engine::id::UserId;
use engine::login::{Login, LoginStage};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::User;
use engine::policy::Policy;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use store::{Document, Expect, Kind, Operation};

/// What is kept of the text by which a browser is known again.
pub fn place_key(held: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(held.as_bytes())[..8])
}

/// An address as its own person sees it.
fn shown(address: Option<IpAddr>) -> String {
    address.map(|address| address.to_string()).unwrap_or_default()
}

/// A login in words, for notices.
pub fn in_words(login: &Login) -> String {
    let parts = [agent::in_words(&login.agent).unwrap_or_default(), shown(login.address)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

impl InProcess {
    /// Remembers the browser and its language; the person is told if it is a new one beside others.
    pub(super) async fn note_place(&self, found: &Found) -> Result<(), Away> {
        let Login { place, language, .. } = found.login.value.clone();
        let new_place = !place.is_empty() && !found.user.places.contains(&place);
        let new_language = !language.is_empty() && found.user.seen_language.as_ref() != Some(&language);
        if !new_place && !new_language {
            return Ok(());
        }
        let (doors, told) = (self.engine.doors(), Told { place: in_words(&found.login.value), ..Told::default() });
        let name = found.user.name.clone();
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            if new_language {
                user.value.speaks(&language);
            }
            let is_new = new_place && user.value.note_place(place);
            let mut operations = vec![user.write(&name)];
            if is_new {
                operations.extend(doors.mail(&user.value, policy, Notice::SignedIn, &told, now));
            }
            Ok(((), operations))
        })
        .await
    }

    pub(super) async fn places(&self, found: &Found) -> Result<Vec<Place>, Away> {
        let (now, idle) = (self.engine.now(), self.engine.policy().portal.idle());
        let logins = self.logins(&found.user.name).await?.into_iter();
        let there = logins.filter(|(_, login)| {
            let signed_in = matches!(login.stage, LoginStage::SignedIn(_));
            signed_in && login.user_id == found.user.id && now < login.ends_at(idle)
        });
        let mut places: Vec<_> = there
            .map(|(key, login)| Place {
                own: key == found.key,
                address: shown(login.address),
                since: login.created_at,
                seen_at: login.seen_at,
                agent: login.agent,
            })
            .collect();
        places.sort_by_key(|place| (!place.own, std::cmp::Reverse(place.seen_at)));
        Ok(places)
    }

    async fn logins(&self, name: &str) -> Result<Vec<(String, Login)>, Away> {
        let name = name.to_owned();
        let found = self.engine.read(move |store| store.children(Kind::Login, &name)).await.map_err(away)?;
        let logins = found.into_iter().map(|record| Ok((record.key.id.clone(), Login::from_record(&record)?)));
        logins.collect::<Result<_, store::ReadError>>().map_err(|cause| away(cause.into()))
    }

    /// What this browser asked for in an earlier login, and did not wait for, would keep the new one waiting. Two clicks on one
    /// button are of one origin.
    pub(super) async fn call_earlier_off(&self, user: &User, login: &Login) -> Result<(), Away> {
        if !user.set_up || login.place.is_empty() {
            return Ok(());
        }
        for (_, earlier) in self.logins(&user.name).await? {
            let same = earlier.place == login.place && earlier.origin != login.origin && !earlier.undoes;
            if let (true, LoginStage::Password { proof: Some(proof) }) = (same, earlier.stage) {
                self.cancel_verification(proof).await?;
            }
        }
        Ok(())
    }

    /// Ends every login of a name: its password is another one.
    pub(super) async fn end_logins(&self, name: &str) -> Result<(), Away> {
        let logins = self.logins(name).await?.into_iter();
        let ends = logins.map(|(key, _)| Operation::delete(Kind::Login, key, Expect::Any)).collect();
        self.engine.commit(ends).await.map_err(away)
    }

    /// Ends every other login of the person; with `own` this one too.
    pub(super) async fn end_others(&self, found: &Found, own: bool) -> Result<(), Away> {
        let logins = self.logins(&found.user.name).await?.into_iter();
        let others = logins.map(|(key, _)| key).filter(|key| own || *key != found.key);
        let mut operations: Vec<_> = others.map(|key| Operation::delete(Kind::Login, key, Expect::Any)).collect();
        let (policy, now) = (self.engine.policy(), self.engine.now());
        let deed = Deed::of(self, &found.login.value, "");
        operations.push(deed.audit(&policy, "portal.sign_out_others", found.user.id, now));
        self.engine.commit(operations).await.map_err(away)
    }
}

/// What is done by somebody in a login, written down and told to them.
pub struct Deed {
    /// By what they are told.
    pub doors: Doors,
    /// From where it is done.
    pub told: Told,
}

impl Deed {
    /// In this login; `detail` says what of it.
    pub fn of(link: &InProcess, login: &Login, detail: impl Into<String>) -> Self {
        Self { doors: link.engine.doors(), told: Told { place: in_words(login), detail: detail.into() } }
    }

    /// The link of the audit chain: what of it, and from where.
    pub fn audit(&self, policy: &Policy, act: &str, whom: UserId, now: Moment) -> Operation {
        link(policy, now, (act, &self.told), whom)
    }

    /// The link of the audit chain, and the notice.
    pub fn done(&self, user: &User, policy: &Policy, (act, notice): (&str, Notice), now: Moment) -> Vec<Operation> {
        let audit = self.audit(policy, act, user.id, now);
        [audit].into_iter().chain(self.doors.mail(user, policy, notice, &self.told, now)).collect()
    }
}
