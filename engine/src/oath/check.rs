//! Whether a code counts, what moves when it does, and how a token that ran away is found again.
//! Refuses a code twice, and any step or counter that is not after the last accepted one.

use super::{Kind, TokenSettings, TokenState, Windows, hotp, totp};
use crate::moment::Moment;
use crate::reply;
use crate::secret::Secret;
use std::ops::RangeInclusive;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Right. The state replaces the old one only where the old one is still stored: of two who bring the same code at the same
    /// moment one finds `next` moved, and that is a replay.
    Accepted(TokenState),
    /// Right once, and used or overtaken since.
    Replayed,
    /// Right at another time or count: a resync would help.
    OutOfDate,
    /// Not a code of this token.
    Wrong,
}

/// Why a resync found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ResyncFault {
    /// One of the codes has not the token's digits.
    #[error("a code of this token has another number of digits")]
    Malformed,
    /// The two codes do not follow one another anywhere near.
    #[error("the codes are not two consecutive codes of this token")]
    NotConsecutive,
    /// They do, but behind what was accepted already.
    #[error("the codes were used or overtaken already")]
    Replayed,
}

/// Checks a typed code. Spaces, dashes and digits of other scripts in it are read like those of a reply. Nothing moves unless
/// the verdict is `Accepted`.
pub fn check(
    settings: &TokenSettings,
    state: &TokenState,
    secret: &Secret<Vec<u8>>,
    code: &str,
    now: Moment,
    windows: &Windows,
) -> Verdict {
    let Some(typed) = typed(settings, code) else { return Verdict::Wrong };
    let token = Token { settings, state, secret, now };
    let near = token.find(&token.window(windows), typed.expose());
    if let Some(place) = near.after {
        return Verdict::Accepted(token.moved_past(place));
    }
    // Looking further tells only what the answer tells as well.
    let far = token.find(&token.resync_range(windows), typed.expose());
    match (near.before || far.before, far.after) {
        (true, _) => Verdict::Replayed,
        (false, Some(_)) => Verdict::OutOfDate,
        (false, None) => Verdict::Wrong,
    }
}

/// Finds a runaway token by two consecutive codes, and never behind what was accepted.
pub fn resync(
    settings: &TokenSettings,
    state: &TokenState,
    secret: &Secret<Vec<u8>>,
    first: &str,
    second: &str,
    now: Moment,
    windows: &Windows,
) -> Result<TokenState, ResyncFault> {
    let first = typed(settings, first).ok_or(ResyncFault::Malformed)?;
    let second = typed(settings, second).ok_or(ResyncFault::Malformed)?;
    let token = Token { settings, state, secret, now };
    let places = token.resync_range(windows);
    let hits: Vec<bool> = places
        .iter()
        .map(|&place| token.is(place, first.expose()) & token.is(place.saturating_add(1), second.expose()))
        .map(bool::from)
        .collect();
    let found = |ahead: bool| places.iter().zip(&hits).find(|&(&place, &hit)| hit && (place >= state.next) == ahead);
    match (found(true), found(false)) {
        (Some((&place, _)), _) => Ok(token.moved_past(place.saturating_add(1))),
        (None, Some(_)) => Err(ResyncFault::Replayed),
        (None, None) => Err(ResyncFault::NotConsecutive),
    }
}

fn typed(settings: &TokenSettings, code: &str) -> Option<Secret<String>> {
    reply::digits(code).filter(|digits| digits.expose().len() == usize::from(settings.digits.clamp(6, 8)))
}

/// A token at one moment. A place is a counter (HOTP) or a step (TOTP).
struct Token<'a> {
    settings: &'a TokenSettings,
    state: &'a TokenState,
    secret: &'a Secret<Vec<u8>>,
    now: Moment,
}

/// Where a code was found.
struct Found {
    /// The first place not behind the accepted ones, in the order of the places searched.
    after: Option<u64>,
    /// Whether it is the code of a place behind.
    before: bool,
}

impl Token<'_> {
    /// The places at which a code is accepted, the likeliest first; those behind come last, to know a replay.
    fn window(&self, windows: &Windows) -> Vec<u64> {
        match self.settings.kind {
            Kind::Hotp => {
                let ahead = u64::from(windows.look_ahead.min(50));
                let next = self.state.next;
                (next..=next.saturating_add(ahead)).chain(next.saturating_sub(ahead + 1)..next).collect()
            }
            Kind::Totp { .. } => around(self.expected_step(), u64::from(windows.steps.min(2))).collect(),
        }
    }

    /// The places at which a runaway token is recognised, the likeliest first.
    fn resync_range(&self, windows: &Windows) -> Vec<u64> {
        match self.settings.kind {
            Kind::Hotp => self.counters_ahead(windows).collect(),
            Kind::Totp { .. } => around(self.expected_step(), u64::from(windows.resync_steps.min(1000))).collect(),
        }
    }

    fn counters_ahead(&self, windows: &Windows) -> RangeInclusive<u64> {
        let next = self.state.next;
        next..=next.saturating_add(u64::from(windows.resync_counters.min(10_000)))
    }

    /// The step that the token is in by what is known of its clock.
    fn expected_step(&self) -> u64 {
        self.step().saturating_add_signed(i64::from(self.state.drift_steps))
    }

    fn step(&self) -> u64 {
        match self.settings.kind {
            Kind::Hotp => 0,
            Kind::Totp { period_seconds } => totp::step(self.now, period_seconds),
        }
    }

    /// Compares `typed` with the code of every place, whether or not one has matched, in constant time each.
    fn find(&self, places: &[u64], typed: &str) -> Found {
        let (mut place_after, mut after, mut before) = (0, Choice::from(0), Choice::from(0));
        for &place in places {
            let hit = self.is(place, typed);
            let ahead = Choice::from(u8::from(place >= self.state.next));
            place_after.conditional_assign(&place, hit & ahead & !after);
            after |= hit & ahead;
            before |= hit & !ahead;
        }
        Found { after: bool::from(after).then_some(place_after), before: before.into() }
    }

    fn is(&self, place: u64, typed: &str) -> Choice {
        let code = hotp::code(self.secret.expose(), place, self.settings.digits, self.settings.algorithm);
        Secret::new(code).expose().as_bytes().ct_eq(typed.as_bytes())
    }

    /// The state after the code of `place` was accepted.
    fn moved_past(&self, place: u64) -> TokenState {
        let drift_steps = match self.settings.kind {
            Kind::Hotp => 0,
            Kind::Totp { .. } => {
                let drift = i128::from(place) - i128::from(self.step());
                i32::try_from(drift).unwrap_or(0)
            }
        };
        TokenState { next: place.saturating_add(1), drift_steps }
    }
}

/// `middle`, then its neighbours in order of distance.
fn around(middle: u64, distance: u64) -> impl Iterator<Item = u64> {
    let neighbours = (1..=distance).flat_map(move |d| [middle.checked_sub(d), middle.checked_add(d)]);
    std::iter::once(Some(middle)).chain(neighbours).flatten()
}

#[cfg(test)]
mod tests;
