//! An authenticator app of the person's own, by its OATH key (portal.md §5.5).
//! Refuses to count it before its first right code, and to show its key after that.

use super::sign_in::link;
use super::{InProcess, away};
use crate::link::{AppKey, Away, Proved};
use crate::tokens::serial_key;
use actors::{NotWritten, Person, Refused, TokenRecord, TokenSerialRecord, Versioned};
use engine::id::TokenId;
use engine::login::{LoginStage, Strength};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::oath::{self, TokenSettings, TokenState, Verdict, Windows, base32, otpauth};
use engine::policy::Policy;
use engine::reply;
use engine::secret::Secret;
use engine::setup::may_set_up;
use std::sync::Arc;
use store::{Expect, Kind, Operation};

/// Bytes of a new key: as many as SHA-1 makes (RFC 4226 §4, R6).
const KEY: usize = 20;
/// Who made tokens that people's own apps are.
const OWN_APP: &str = "own app";
/// The company as the app shows it.
const ISSUER: &str = "Countersign";

impl InProcess {
    /// The key that is being set up; `None` where that is not the person's business now.
    pub(super) async fn key_of_app(&self, handle: &str) -> Result<Option<AppKey>, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(None) };
        if found.user.set_up || !may_set_up(&found.user, Method::Oath, &self.engine.policy()) {
            return Ok(None);
        }
        let (name, since) = (found.user.name.clone(), found.login.value.created_at);
        let token = match self.pending(&name, since).await? {
            Some(token) => token,
            None => {
                self.new_app(&name, since).await?;
                self.pending(&name, since).await?.ok_or_else(|| Away("a key that was just made is gone".into()))?
            }
        };
        let secret = self.engine.vault().open(&token.id.to_string(), &token.sealed_key).map_err(Away)?;
        let uri = otpauth::uri(&token.settings, &token.state, &secret, ISSUER, &found.user.name);
        Ok(Some(AppKey { uri, key: base32::encode(&secret) }))
    }

    /// A key that was shown to an earlier login may be known to somebody else: it is not shown to this one.
    async fn pending(&self, name: &str, since: Moment) -> Result<Option<TokenRecord>, Away> {
        Ok(self.tokens(name).await?.into_iter().find(|token| is_pending(token) && token.created_at >= since))
    }

    /// A key in place of those that wait, unless one was made meanwhile.
    async fn new_app(&self, name: &str, since: Moment) -> Result<(), Away> {
        let id = TokenId::from_bits(actors::random::bits());
        let secret = Secret::new(actors::random::bytes::<KEY>().to_vec());
        let sealed_key = self.engine.vault().seal(&id.to_string(), secret.expose());
        let owner = name.to_owned();
        let amendment = move |person: &mut Person, _: &Policy, now: Moment| {
            let whom = person.user.as_ref().ok_or("nobody is there")?.value.id;
            if person.tokens.iter().any(|token| is_pending(&token.value) && token.value.created_at >= since) {
                return Ok(vec![]);
            }
            let mut operations = drop_pending(person);
            let record = TokenRecord {
                id,
                serial: id.to_string(),
                manufacturer: OWN_APP.into(),
                model: String::new(),
                user: Some(owner.clone()),
                sealed_key,
                settings: TokenSettings::default(),
                state: TokenState::default(),
                activated: false,
                created_at: now,
            };
            let serial = serial_key(&record.manufacturer, &record.serial);
            let mut token = Versioned { version: 0, value: record };
            operations.extend([
                token.write(&id.to_string()).under(Some(owner)),
                Operation::put(serial, &TokenSerialRecord { token: id }, Expect::Absent),
                link(now, "portal.token_begun", whom),
            ]);
            person.tokens.push(token);
            Ok(operations)
        };
        self.engine.amend(name, Box::new(amendment)).await.map_err(away)
    }

    pub(super) async fn first_code(&self, handle: &str, typed: &str) -> Result<Proved, Away> {
        let Some(found) = self.find(handle).await?.filter(|found| !found.user.set_up) else { return Ok(Proved::Wrong) };
        let Some(code) = reply::digits(typed) else { return Ok(Proved::NotACode) };
        let (vault, key) = (Arc::clone(self.engine.vault()), found.user.name.clone());
        let since = found.login.value.created_at;
        let (tell, told) = std::sync::mpsc::channel();
        let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
            let (answer, operations) = judge(person, (&key, since), &*vault, &code, policy, now)?;
            // Whoever asked waits for the amendment, so the other end is there.
            let _ = tell.send(answer);
            Ok(operations)
        };
        self.engine.amend(&found.user.name, Box::new(amendment)).await.map_err(away)?;
        match told.try_recv().unwrap_or(Judged::Wrong) {
            Judged::Wrong => return Ok(Proved::Wrong),
            Judged::Paused(until) => return Ok(Proved::Wait(until.since(self.engine.now()))),
            Judged::Right => {}
        }
        let (handle, operations) = self.rotate(&found, LoginStage::SignedIn(Strength::Strong));
        match self.engine.commit(operations).await {
            Ok(()) => Ok(Proved::Right(handle)),
            // Another page of this login was first: it is signed in, and this one goes on from there.
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => Ok(Proved::Wrong),
            Err(why) => Err(away(why)),
        }
    }
}

enum Judged {
    Right,
    Wrong,
    Paused(Moment),
}

fn is_pending(token: &TokenRecord) -> bool {
    !token.activated && token.manufacturer == OWN_APP
}

/// Takes away the keys that wait for their first code.
pub fn drop_pending(person: &mut Person) -> Vec<Operation> {
    let (waiting, stays) = std::mem::take(&mut person.tokens).into_iter().partition(|token| is_pending(&token.value));
    person.tokens = stays;
    let waiting: Vec<Versioned<TokenRecord>> = waiting;
    let gone = waiting.iter().map(|token| &token.value).flat_map(|token| {
        let serial = serial_key(&token.manufacturer, &token.serial);
        [(Kind::Token, token.id.to_string()), (Kind::TokenSerial, serial)]
    });
    gone.map(|(kind, id)| Operation::delete(kind, id, Expect::Any)).collect()
}

/// Wrong codes count like those of any verification, so that nobody can try them all.
fn judge(
    person: &mut Person,
    (key, since): (&str, Moment),
    vault: &dyn actors::Vault,
    code: &Secret<String>,
    policy: &Policy,
    now: Moment,
) -> Result<(Judged, Vec<Operation>), String> {
    if let Some(until) = person.standing.value.guesses.pause_until(now) {
        return Ok((Judged::Paused(until), vec![]));
    }
    let user = person.user.as_ref().map(|user| &user.value);
    let may = user.is_some_and(|user| !user.set_up && !user.blocked(now) && may_set_up(user, Method::Oath, policy));
    let shown = |token: &&mut Versioned<TokenRecord>| is_pending(&token.value) && token.value.created_at >= since;
    let Some(token) = person.tokens.iter_mut().find(shown).filter(|_| may) else { return Ok((Judged::Wrong, vec![])) };
    let id = token.value.id.to_string();
    let secret = vault.open(&id, &token.value.sealed_key)?;
    let windows = Windows { steps: policy.oath.window_steps, look_ahead: policy.oath.look_ahead, ..Windows::default() };
    let Verdict::Accepted(state) =
        oath::check(&token.value.settings, &token.value.state, &secret, code.expose(), now, &windows)
    else {
        person.standing.value.guesses.failed(now);
        return Ok((Judged::Wrong, vec![person.standing.write(key)]));
    };
    (token.value.state, token.value.activated) = (state, true);
    let write = token.write(&id).under(Some(key.to_owned()));
    let user = person.user.as_mut().ok_or("nobody is there")?;
    (user.value.method, user.value.mode) = (Method::Oath, Mode::Code);
    (user.value.set_up, user.value.draft) = (true, None);
    person.standing.value.guesses.succeeded();
    let whom = user.value.id;
    Ok((Judged::Right, vec![write, user.write(key), person.standing.write(key), link(now, "portal.set_up", whom)]))
}
