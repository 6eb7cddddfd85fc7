//! Tokens: taken by their serial number, checked, set right, removed (portal.md §5.5, §8).
//! Refuses to tell an unknown serial number from one that somebody else has.

use super::app::{First, accept, may_add};
use super::places::Deed;
use super::{InProcess, away};
use crate::link::{Away, Proved, Removed, TakenToken, TokenCode};
use crate::own_app::{OWN_APP, removal};
use crate::tokens::free_parent;
use actors::{Person, TokenRecord, Vault, Versioned};
use engine::id::TokenId;
use engine::method::Method;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::oath::{self, TokenState, Verdict, Windows};
use engine::policy::Policy;
use engine::reply;
use engine::secret::Secret;
use std::sync::Arc;
use store::{Document, Kind, Operation};

/// What a code was worth.
pub enum Judged {
    /// It is right.
    Right,
    /// It is not.
    Wrong,
    /// It is of another time.
    OutOfDate,
    /// Codes are not looked at until then.
    Paused(Moment),
    /// There are as many tokens as there may be.
    TooMany,
}

/// Codes of a token, as they were presented: the second one only where it was asked for.
pub struct Presented {
    first: Secret<String>,
    next: Option<Secret<String>>,
    vault: Arc<dyn Vault>,
}

impl Presented {
    /// `None` where one of them is no code.
    pub fn of(link: &InProcess, first: &str, next: &str) -> Option<Self> {
        let next = if next.trim().is_empty() { None } else { Some(reply::digits(next)?) };
        Some(Self { first: reply::digits(first)?, next, vault: Arc::clone(link.engine.vault()) })
    }

    /// Where one of the person's tokens goes on; otherwise what is said of the codes, and what is written.
    pub fn judged(
        &self,
        person: &mut Person,
        key: &str,
        place: usize,
        policy: &Policy,
        now: Moment,
    ) -> Result<Result<TokenState, (Judged, Vec<Operation>)>, String> {
        if let Some(until) = person.standing.value.guesses.pause_until(now) {
            return Ok(Err((Judged::Paused(until), vec![])));
        }
        let (judged, state) = self.for_token(&person.tokens[place].value, policy, now)?;
        Ok(state.ok_or_else(|| refused(person, key, judged, now)))
    }

    /// What they are worth for this token; with where it goes on if they are right.
    pub fn for_token(
        &self,
        token: &TokenRecord,
        policy: &Policy,
        now: Moment,
    ) -> Result<(Judged, Option<TokenState>), String> {
        let secret = self.vault.open(&token.id.to_string(), &token.sealed_key)?;
        let (settings, state, first) = (&token.settings, &token.state, self.first.expose());
        if let Some(next) = &self.next {
            let found = oath::resync(settings, state, &secret, first, next.expose(), now, &Windows::default());
            return Ok(found.map_or((Judged::Wrong, None), |state| (Judged::Right, Some(state))));
        }
        let (steps, look_ahead) = (policy.oath.window_steps, policy.oath.look_ahead);
        let windows = Windows { steps, look_ahead, ..Windows::default() };
        Ok(match oath::check(settings, state, &secret, first, now, &windows) {
            Verdict::Accepted(state) => (Judged::Right, Some(state)),
            Verdict::OutOfDate => (Judged::OutOfDate, None),
            Verdict::Replayed | Verdict::Wrong => (Judged::Wrong, None),
        })
    }
}

impl InProcess {
    pub(super) async fn take(&self, handle: &str, taken: TakenToken) -> Result<Proved, Away> {
        let policy = self.engine.policy();
        let found = self.find_going_on(handle).await?.filter(|found| may_add(found, &policy));
        let Some(found) = found else { return Ok(Proved::Wrong) };
        let belongings = self.belongings(&found.user.name).await?;
        if !self.person(&found, &belongings).may.take_token {
            return Ok(Proved::Wrong);
        }
        let Some(presented) = Presented::of(self, &taken.code, &taken.next) else { return Ok(Proved::NotACode) };
        let free = self.free(&taken.serial).await?;
        let key = found.user.name.clone();
        let deed = Deed::of(self, &found.login.value, taken.serial.trim());
        let first = First { presented, deed, set_up: found.user.set_up, round: found.user.round() };
        let judged = self
            .amended(&found.user.name, move |person, policy, now| take_first(person, &key, free, &first, policy, now));
        match judged.await {
            Ok(judged) => self.after_first_code(handle, &found, judged).await,
            Err(cause) => Err(cause),
        }
    }

    /// Tokens of this serial number that nobody has.
    async fn free(&self, serial: &str) -> Result<Vec<Versioned<TokenRecord>>, Away> {
        let parent = free_parent(serial);
        let found = self.engine.read(move |store| store.children(Kind::Token, &parent)).await.map_err(away)?;
        let tokens = found
            .iter()
            .map(|record| Ok(Versioned { version: record.version, value: TokenRecord::from_record(record)? }));
        tokens.collect::<Result<_, store::ReadError>>().map_err(|cause| away(cause.into()))
    }

    pub(super) async fn check_token(&self, handle: &str, typed: TokenCode) -> Result<Proved, Away> {
        let Some(found) = self.find(handle).await?.filter(|found| found.user.set_up && found.strength().is_some())
        else {
            return Ok(Proved::Wrong);
        };
        let Some(presented) = Presented::of(self, &typed.code, &typed.next) else { return Ok(Proved::NotACode) };
        let (key, id, whom) = (found.user.name.clone(), typed.token, found.user.id);
        let act = if typed.next.is_empty() { "portal.token_checked" } else { "portal.token_set_right" };
        let deed = Deed::of(self, &found.login.value, id.to_string());
        let judged = self.amended(&found.user.name, move |person, policy, now| {
            let here = person.tokens.iter().position(|token| token.value.id == id && token.value.activated);
            match here {
                Some(place) => {
                    let (judged, mut operations) = set_right(person, &key, place, &presented, policy, now)?;
                    operations.extend(matches!(judged, Judged::Right).then(|| deed.audit(policy, act, whom, now)));
                    Ok((judged, operations))
                }
                None => Ok((Judged::Wrong, vec![])),
            }
        });
        let now = self.engine.now();
        Ok(match judged.await? {
            Judged::Right => Proved::Right(None),
            Judged::Wrong => Proved::Wrong,
            Judged::OutOfDate => Proved::OutOfDate,
            Judged::Paused(until) => Proved::Wait(until.since(now)),
            Judged::TooMany => Proved::TooMany,
        })
    }

    pub(super) async fn drop_token(&self, handle: &str, token: TokenId) -> Result<Removed, Away> {
        let Some(found) = self.find(handle).await?.filter(super::logins::Found::is_strong) else {
            return Ok(Removed::NotAllowed);
        };
        let deed = Deed::of(self, &found.login.value, token.to_string());
        let key = found.user.name.clone();
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_ref().ok_or("nobody is there")?.value.clone();
            let counts = person.tokens.iter().filter(|token| token.value.activated).count();
            let Some(place) = person.tokens.iter().position(|one| one.value.id == token && one.value.activated) else {
                return Ok((Removed::Gone, vec![]));
            };
            if user.method == Method::Oath && counts == 1 {
                return Ok((Removed::LastOne, vec![]));
            }
            let gone = person.tokens.remove(place);
            person.standing.value.cache.clear();
            let mut operations = vec![person.standing.write(&key)];
            operations.extend(let_go(&gone));
            operations.extend(deed.done(&user, policy, ("portal.token_removed", Notice::TokenRemoved), now));
            Ok((Removed::Gone, operations))
        })
        .await
    }
}

/// An app's key is of no more use; a token with a serial number is free for somebody else, who must show a code of it.
pub fn let_go(gone: &Versioned<TokenRecord>) -> Vec<Operation> {
    if gone.value.manufacturer == OWN_APP {
        return removal(&gone.value).into();
    }
    let mut free = gone.clone();
    (free.value.user, free.value.activated, free.value.taken_at) = (None, false, None);
    let parent = free_parent(&free.value.serial);
    vec![free.write(&free.value.id.to_string()).under(Some(parent))]
}

/// A code that is not right is counted, and while codes are paused none is looked at.
fn refused(person: &mut Person, key: &str, judged: Judged, now: Moment) -> (Judged, Vec<Operation>) {
    let guesses = &mut person.standing.value.guesses;
    if let Some(until) = guesses.pause_until(now) {
        return (Judged::Paused(until), vec![]);
    }
    guesses.failed(now);
    (judged, vec![person.standing.write(key)])
}

fn take_first(
    person: &mut Person,
    key: &str,
    free: Vec<Versioned<TokenRecord>>,
    first_code: &First,
    policy: &Policy,
    now: Moment,
) -> Result<(Judged, Vec<Operation>), String> {
    // Several makers may use one serial number: the one that the code is of.
    let fits = |token: &Versioned<TokenRecord>| {
        first_code.presented.for_token(&token.value, policy, now).is_ok_and(|(_, state)| state.is_some())
    };
    let first = free.iter().position(fits).or(if free.is_empty() { None } else { Some(0) });
    let Some(place) = first else {
        return Ok(refused(person, key, Judged::Wrong, now));
    };
    person.tokens.extend(free.into_iter().nth(place));
    let last = person.tokens.len() - 1;
    let accepted = accept(person, key, last, first_code, policy, now)?;
    if !matches!(accepted.0, Judged::Right) {
        person.tokens.pop();
    }
    Ok(accepted)
}

/// A code that is right moves the token on, so that nobody uses it again.
fn set_right(
    person: &mut Person,
    key: &str,
    place: usize,
    presented: &Presented,
    policy: &Policy,
    now: Moment,
) -> Result<(Judged, Vec<Operation>), String> {
    let state = match presented.judged(person, key, place, policy, now)? {
        Ok(state) => state,
        Err(wrong) => return Ok(wrong),
    };
    let token = &mut person.tokens[place];
    token.value.state = state;
    let id = token.value.id.to_string();
    Ok((Judged::Right, vec![token.write(&id).under(Some(key.to_owned()))]))
}
