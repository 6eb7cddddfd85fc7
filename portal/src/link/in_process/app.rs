//! An authenticator app of the person's own, by its OATH key (portal.md §5.5).
//! Refuses to count it before its first right code, and to show its key after that.

use super::logins::Found;
use super::places::Deed;
use super::token::{Judged, Presented};
use super::{InProcess, away, link};
use crate::link::{AppKey, Away, Proved};
use crate::tokens::serial_key;
use actors::{NotWritten, Person, Refused, TokenRecord, TokenSerialRecord, Versioned};
use engine::id::TokenId;
use engine::login::{Login, LoginStage, Strength};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::oath::{TokenSettings, TokenState, base32, otpauth};
use engine::policy::Policy;
use engine::secret::Secret;
use engine::setup::may_set_up;
use store::{Expect, Kind, Operation};

/// Bytes of a new key: as many as SHA-1 makes (RFC 4226 §4, R6).
const KEY: usize = 20;
/// Who made tokens that people's own apps are.
pub const OWN_APP: &str = "own app";
/// The company as the app shows it.
const ISSUER: &str = "Countersign";

impl InProcess {
    /// Whether this login may add an app now.
    fn may_add_app(&self, found: &Found) -> bool {
        let policy = self.engine.policy();
        let on = policy.oath.enabled && policy.portal.allow_software_totp;
        let sets_up = !found.user.set_up && self.is_proved(found) && may_set_up(&found.user, Method::Oath, &policy);
        on && (sets_up || (found.user.set_up && found.strength().is_some()))
    }

    /// The key that is being set up; `None` where that is not the person's business now.
    pub(super) async fn key_of_app(&self, handle: &str) -> Result<Option<AppKey>, Away> {
        let Some(found) = self.find(handle).await?.filter(|found| self.may_add_app(found)) else { return Ok(None) };
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
        let tokens = self.belongings(name).await?.tokens;
        Ok(tokens.into_iter().find(|token| is_pending(token) && token.created_at >= since))
    }

    /// A key in place of those that wait, unless one was made meanwhile.
    async fn new_app(&self, name: &str, since: Moment) -> Result<(), Away> {
        let id = TokenId::from_bits(actors::random::bits());
        let secret = Secret::new(actors::random::bytes::<KEY>().to_vec());
        let sealed_key = self.engine.vault().seal(&id.to_string(), secret.expose());
        let owner = name.to_owned();
        self.amended(name, move |person, policy, now| {
            let whom = person.user.as_ref().ok_or("nobody is there")?.value.id;
            if person.tokens.iter().any(|token| is_pending(&token.value) && token.value.created_at >= since) {
                return Ok(((), vec![]));
            }
            let mut operations = drop_pending(person);
            let record = own_app(id, owner.clone(), sealed_key, now);
            let serial = serial_key(&record.manufacturer, &record.serial);
            let mut token = Versioned { version: 0, value: record };
            operations.extend([
                token.write(&id.to_string()).under(Some(owner)),
                Operation::put(serial, &TokenSerialRecord { token: id }, Expect::Absent),
                link(policy, now, "portal.token_begun", whom),
            ]);
            person.tokens.push(token);
            Ok(((), operations))
        })
        .await
    }

    pub(super) async fn first_code(&self, handle: &str, typed: &str) -> Result<Proved, Away> {
        let Some(found) = self.find(handle).await?.filter(|found| self.may_add_app(found)) else {
            return Ok(Proved::Wrong);
        };
        let Some(presented) = Presented::of(self, typed, "") else { return Ok(Proved::NotACode) };
        let (key, since) = (found.user.name.clone(), found.login.value.created_at);
        let deed = Deed::of(self, &found.login.value, "");
        let judged = self.amended(&found.user.name, move |person, policy, now| {
            let waits = |token: &TokenRecord| is_pending(token) && token.created_at >= since;
            let Some(place) = person.tokens.iter().position(|token| waits(&token.value)) else {
                return Ok((Judged::Wrong, vec![]));
            };
            accept(person, &key, place, (&presented, &deed), policy, now)
        });
        self.after_first_code(&found, judged.await?).await
    }

    /// Where it was the set-up, the login goes on signed in.
    pub(super) async fn after_first_code(&self, found: &Found, judged: Judged) -> Result<Proved, Away> {
        match judged {
            Judged::Wrong => return Ok(Proved::Wrong),
            Judged::OutOfDate => return Ok(Proved::OutOfDate),
            Judged::Paused(until) => return Ok(Proved::Wait(until.since(self.engine.now()))),
            Judged::Right if found.user.set_up => return Ok(Proved::Right(None)),
            Judged::Right => {}
        }
        let login = Login { stage: LoginStage::SignedIn(Strength::Strong), ..found.login.value.clone() };
        let (handle, operations) = self.rotate(found, login);
        match self.engine.commit(operations).await {
            Ok(()) => {
                self.note_place(found).await?;
                Ok(Proved::Right(Some(handle)))
            }
            // Another page of this login was first: it is signed in, and this one goes on from there.
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => Ok(Proved::Wrong),
            Err(why) => Err(away(why)),
        }
    }
}

/// A token's first code, or two: if they are right the token counts, and in a set-up it is the person's method.
pub fn accept(
    person: &mut Person,
    key: &str,
    place: usize,
    (presented, deed): (&Presented, &Deed),
    policy: &Policy,
    now: Moment,
) -> Result<(Judged, Vec<Operation>), String> {
    if let Some(until) = person.standing.value.guesses.pause_until(now) {
        return Ok((Judged::Paused(until), vec![]));
    }
    let token = &mut person.tokens[place];
    let (judged, state) = presented.for_token(&token.value, policy, now)?;
    let Some(state) = state else {
        person.standing.value.guesses.failed(now);
        return Ok((judged, vec![person.standing.write(key)]));
    };
    let id = token.value.id.to_string();
    (token.value.state, token.value.activated, token.value.user) = (state, true, Some(key.to_owned()));
    let mut operations = vec![token.write(&id).under(Some(key.to_owned()))];
    let user = person.user.as_mut().ok_or("nobody is there")?;
    if user.value.set_up {
        operations.extend(deed.done(&user.value, policy, ("portal.token", Notice::TokenAdded), now));
    } else {
        (user.value.method, user.value.mode) = (Method::Oath, Mode::Code);
        (user.value.set_up, user.value.draft) = (true, None);
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
        created_at: now,
    }
}

fn is_pending(token: &TokenRecord) -> bool {
    !token.activated && token.manufacturer == OWN_APP
}

/// Takes away the keys that wait for their first code.
pub fn drop_pending(person: &mut Person) -> Vec<Operation> {
    let (waiting, stays) = std::mem::take(&mut person.tokens).into_iter().partition(|token| is_pending(&token.value));
    person.tokens = stays;
    let waiting: Vec<Versioned<TokenRecord>> = waiting;
    waiting.iter().flat_map(|token| removal(&token.value)).collect()
}

/// Removes a token's records.
pub fn removal(token: &TokenRecord) -> [Operation; 2] {
    let serial = serial_key(&token.manufacturer, &token.serial);
    let gone = |kind, id| Operation::delete(kind, id, Expect::Any);
    [gone(Kind::Token, token.id.to_string()), gone(Kind::TokenSerial, serial)]
}
