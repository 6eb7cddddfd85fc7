//! An authenticator app of the person's own, by its OATH key (portal.md §5.5).
//! Refuses to count it before its first right code, and to show its key after that.

use super::logins::{Found, TRIES};
use super::places::Deed;
use super::token::{Judged, Presented};
use super::{InProcess, away};
use crate::link::{AppKey, Away, Proved};
use crate::own_app::{OWN_APP, drop_pending, is_pending};
use crate::tokens::serial_key;
use actors::{NotWritten, Person, Refused, TokenRecord, TokenSerialRecord, Versioned};
use engine::id::TokenId;
use engine::login::{Login, LoginStage, Strength};
use engine::method::Method;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::oath::{TokenSettings, TokenState, base32, otpauth};
use engine::person::User;
use engine::policy::Policy;
use engine::secret::Secret;
use engine::setup::{Reach, may_set_up};
use store::{Expect, Operation};

/// Keys of a person that wait for their first code, and tokens that count, at most.
const WAITING: usize = 4;
const MOST: usize = 10;
/// Bytes of a new key: as many as SHA-1 makes (RFC 4226 §4, R6).
const KEY: usize = 20;
/// The company as the app shows it.
const ISSUER: &str = "Countersign";

impl InProcess {
    /// The login, if it may add an app now.
    async fn adds_app(&self, handle: &str) -> Result<Option<Found>, Away> {
        let policy = self.engine.policy();
        if !policy.oath.enabled || !policy.portal.allow_software_totp {
            return Ok(None);
        }
        Ok(self.find_going_on(handle).await?.filter(|found| may_add(found, &policy)))
    }

    /// The key that is being set up; `None` where that is not the person's business now.
    pub(super) async fn key_of_app(&self, handle: &str) -> Result<Option<AppKey>, Away> {
        let Some(found) = self.adds_app(handle).await? else { return Ok(None) };
        let (name, login) = (found.user.name.clone(), found.key.clone());
        let token = match self.pending(&name, &login).await? {
            Some(token) => token,
            None => {
                self.new_app(&name, login.clone(), Deed::of(self, &found.login.value, "")).await?;
                self.pending(&name, &login).await?.ok_or_else(|| Away("a key that was just made is gone".into()))?
            }
        };
        let secret = self.engine.vault().open(&token.id.to_string(), &token.sealed_key).map_err(Away)?;
        let uri = otpauth::uri(&token.settings, &token.state, &secret, ISSUER, &found.user.name);
        Ok(Some(AppKey { uri, key: base32::encode(&secret) }))
    }

    /// A key that was shown to another login may be known to somebody else: each has its own.
    async fn pending(&self, name: &str, login: &str) -> Result<Option<TokenRecord>, Away> {
        let tokens = self.belongings(name).await?.tokens;
        Ok(tokens.into_iter().find(|token| waits_for(token, login)))
    }

    /// A key for this login, unless one was made meanwhile. Of those that wait only the last few stay.
    async fn new_app(&self, name: &str, login: String, deed: Deed) -> Result<(), Away> {
        let id = TokenId::from_bits(actors::random::bits());
        let secret = Secret::new(actors::random::bytes::<KEY>().to_vec());
        let sealed_key = self.engine.vault().seal(&id.to_string(), secret.expose());
        let owner = name.to_owned();
        self.amended(name, move |person, policy, now| {
            let whom = person.user.as_ref().ok_or("nobody is there")?.value.id;
            if person.tokens.iter().any(|token| waits_for(&token.value, &login)) {
                return Ok(((), vec![]));
            }
            let mut operations = drop_pending(person, WAITING - 1);
            let record = TokenRecord { login: Some(login), ..own_app(id, owner.clone(), sealed_key, now) };
            let serial = serial_key(&record.manufacturer, &record.serial);
            let mut token = Versioned { version: 0, value: record };
            operations.extend([
                token.write(&id.to_string()).under(Some(owner)),
                Operation::put(serial, &TokenSerialRecord { token: id }, Expect::Absent),
                deed.audit(policy, "portal.token_begun", whom, now),
            ]);
            person.tokens.push(token);
            Ok(((), operations))
        })
        .await
    }

    pub(super) async fn first_code(&self, handle: &str, typed: &str) -> Result<Proved, Away> {
        let Some(found) = self.adds_app(handle).await? else { return Ok(Proved::Wrong) };
        let Some(presented) = Presented::of(self, typed, "") else { return Ok(Proved::NotACode) };
        let (key, login) = (found.user.name.clone(), found.key.clone());
        let deed = Deed::of(self, &found.login.value, "");
        let first = First { presented, deed, set_up: found.user.set_up, round: found.user.round() };
        let judged = self.amended(&found.user.name, move |person, policy, now| {
            let Some(place) = person.tokens.iter().position(|token| waits_for(&token.value, &login)) else {
                return Ok((Judged::Wrong, vec![]));
            };
            accept(person, &key, place, &first, policy, now)
        });
        self.after_first_code(handle, &found, judged.await?).await
    }

    /// Where it was the set-up, the login goes on signed in.
    pub(super) async fn after_first_code(&self, handle: &str, found: &Found, judged: Judged) -> Result<Proved, Away> {
        match judged {
            Judged::Wrong => return Ok(Proved::Wrong),
            Judged::OutOfDate => return Ok(Proved::OutOfDate),
            Judged::Paused(until) => return Ok(Proved::Wait(until.since(self.engine.now()))),
            Judged::TooMany => return Ok(Proved::TooMany),
            Judged::Right if found.user.set_up => return Ok(Proved::Right(None)),
            Judged::Right => {}
        }
        for _ in 0..TRIES {
            let Some(found) = self.find(handle).await? else { break };
            let login = Login { stage: LoginStage::SignedIn(Strength::Strong), ..found.login.value.clone() };
            let (handle, operations) = self.rotate(&found, login);
            match self.engine.commit(operations).await {
                Ok(()) => {
                    self.after_signing_in(&found, Strength::Strong).await;
                    return Ok(Proved::Right(Some(handle)));
                }
                // Another page of this login was looked at meanwhile.
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                Err(why) => return Err(away(why)),
            }
        }
        Ok(Proved::Wrong)
    }
}

/// Before the first method the password is enough, then a login that is signed in.
pub fn may_add(found: &Found, policy: &Policy) -> bool {
    // A code needs no gateway.
    let may = || may_set_up(&found.user, Method::Oath, policy, Reach::ALL);
    if found.user.set_up { found.strength().is_some() } else { may() }
}

/// A first code, and by whom.
pub struct First {
    /// What was typed.
    pub presented: Presented,
    /// In which login.
    pub deed: Deed,
    /// Whether it was set up when it was looked at.
    pub set_up: bool,
    /// Which time the set-up was gone through.
    pub round: u32,
}

/// A token's first code, or two: if they are right the token counts, and in a set-up it is the person's method.
pub fn accept(
    person: &mut Person,
    key: &str,
    place: usize,
    First { presented, deed, set_up, round }: &First,
    policy: &Policy,
    now: Moment,
) -> Result<(Judged, Vec<Operation>), String> {
    // Set up by now, by another login: this one has to be verified. Started over: what was shown to it counts no more.
    let same = |user: &User| user.set_up == *set_up && user.round() == *round;
    if !person.user.as_ref().is_some_and(|user| same(&user.value)) {
        return Ok((Judged::Wrong, vec![]));
    }
    if person.tokens.iter().filter(|token| token.value.activated).count() >= MOST {
        return Ok((Judged::TooMany, vec![]));
    }
    let state = match presented.judged(person, key, place, policy, now)? {
        Ok(state) => state,
        Err(wrong) => return Ok(wrong),
    };
    let token = &mut person.tokens[place];
    let id = token.value.id.to_string();
    (token.value.state, token.value.activated, token.value.user) = (state, true, Some(key.to_owned()));
    token.value.login = None;
    token.value.taken_at = Some(now);
    let mut operations = vec![token.write(&id).under(Some(key.to_owned()))];
    if !set_up {
        operations.extend(drop_pending(person, 0));
    }
    let user = person.user.as_mut().ok_or("nobody is there")?;
    if user.value.set_up {
        operations.extend(deed.done(&user.value, policy, ("portal.token", Notice::TokenAdded), now));
    } else {
        user.value.adopt_token();
        operations.push(user.write(key));
        operations.extend(deed.done(&user.value, policy, ("portal.set_up", Notice::SetUp), now));
    }
    person.standing.value.guesses.succeeded();
    operations.push(person.standing.write(key));
    Ok((Judged::Right, operations))
}

fn own_app(id: TokenId, owner: String, sealed_key: String, now: Moment) -> TokenRecord {
    TokenRecord {
        id,
        serial: id.to_string(),
        manufacturer: OWN_APP.into(),
        model: String::new(),
        user: Some(owner),
        sealed_key,
        settings: TokenSettings::default(),
        state: TokenState::default(),
        activated: false,
        login: None,
        taken_at: None,
        created_at: now,
    }
}

fn waits_for(token: &TokenRecord, login: &str) -> bool {
    is_pending(token) && token.login.as_deref() == Some(login)
}
