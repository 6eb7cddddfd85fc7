//! Whether a code is one of a token, and how the token moves on.
//! Refuses a code twice: the counter or step of an accepted code, and all before it, are spent.

use super::{Kind, TokenSettings, code};
use crate::moment::Moment;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What moves in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenState {
    /// The first HOTP counter or TOTP step that is not spent.
    pub next: u64,
    /// TOTP: how many steps the token's clock is ahead of ours.
    pub drift: i32,
}

/// How far around the expected value a code is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// TOTP steps before and after, 0 to 2.
    pub steps: u8,
    /// HOTP counters after the expected one, at most 50.
    pub look_ahead: u8,
    /// TOTP steps before and after that a resynchronisation searches.
    pub resync_steps: u32,
    /// HOTP counters after the expected one that a resynchronisation searches.
    pub resync_counters: u32,
}

impl Default for Windows {
    fn default() -> Self {
        Self { steps: 1, look_ahead: 10, resync_steps: 100, resync_counters: 1000 }
    }
}

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// Right; the token moves on to this state.
    Accepted(TokenState),
    /// Spent already.
    Replayed,
    /// Of another time or counter that a resynchronisation would find.
    OutOfDate,
    /// Not of this token.
    Wrong,
}

/// Why two codes do not resynchronise a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResyncFault {
    /// They do not follow each other within the range.
    #[error("the two codes do not follow each other on this token; wait for the next code after the first and enter both in order")]
    NotConsecutive,
}

/// Checks `typed` (digits only) against the token.
///
/// Every value of the window is compared, in constant time each, so that the time says nothing of where a match lies.
pub fn check(
    settings: &TokenSettings,
    state: &TokenState,
    secret: &Secret<Vec<u8>>,
    typed: &str,
    now: Moment,
    windows: &Windows,
) -> TokenVerdict {
    let (first, last) = window(settings, state, now, windows);
    if let Some(counter) = find(settings, secret, typed, first, last) {
        return if counter < state.next {
            TokenVerdict::Replayed
        } else {
            TokenVerdict::Accepted(moved(settings, state, counter, now))
        };
    }
    if matches!(settings.kind, Kind::Hotp) && spent_lately(settings, state, secret, typed) {
        return TokenVerdict::Replayed;
    }
    let (first, last) = resync_range(settings, state, now, windows);
    match find(settings, secret, typed, first, last) {
        Some(_) => TokenVerdict::OutOfDate,
        None => TokenVerdict::Wrong,
    }
}

/// Finds the token again by two consecutive codes; never goes back behind what is spent.
pub fn resync(
    settings: &TokenSettings,
    state: &TokenState,
    secret: &Secret<Vec<u8>>,
    (first, second): (&str, &str),
    now: Moment,
    windows: &Windows,
) -> Result<TokenState, ResyncFault> {
    let (from, to) = resync_range(settings, state, now, windows);
    (from.max(state.next)..=to)
        .find(|counter| {
            equal(&value(settings, secret, *counter), first) && equal(&value(settings, secret, counter + 1), second)
        })
        .map(|counter| moved(settings, state, counter + 1, now))
        .ok_or(ResyncFault::NotConsecutive)
}

fn moved(settings: &TokenSettings, state: &TokenState, counter: u64, now: Moment) -> TokenState {
    let drift = match settings.kind {
        Kind::Hotp => state.drift,
        Kind::Totp { period } => {
            i32::try_from(i128::from(counter) - i128::from(step(now, period))).unwrap_or(state.drift)
        }
    };
    TokenState { next: counter + 1, drift }
}

fn window(settings: &TokenSettings, state: &TokenState, now: Moment, windows: &Windows) -> (u64, u64) {
    match settings.kind {
        Kind::Hotp => (state.next, state.next.saturating_add(u64::from(windows.look_ahead.min(50)))),
        Kind::Totp { period } => {
            let centre = step(now, period).saturating_add_signed(i64::from(state.drift));
            around(centre, u64::from(windows.steps.min(2)))
        }
    }
}

fn resync_range(settings: &TokenSettings, state: &TokenState, now: Moment, windows: &Windows) -> (u64, u64) {
    match settings.kind {
        Kind::Hotp => (state.next, state.next.saturating_add(u64::from(windows.resync_counters))),
        Kind::Totp { period } => around(step(now, period), u64::from(windows.resync_steps)),
    }
}

/// HOTP: a code that was accepted shortly before is told apart from a wrong one.
fn spent_lately(settings: &TokenSettings, state: &TokenState, secret: &Secret<Vec<u8>>, typed: &str) -> bool {
    let Some(last) = state.next.checked_sub(1) else { return false };
    find(settings, secret, typed, last.saturating_sub(9), last).is_some()
}

/// The latest counter from `first` to `last` whose code is `typed`.
fn find(settings: &TokenSettings, secret: &Secret<Vec<u8>>, typed: &str, first: u64, last: u64) -> Option<u64> {
    let mut found = None;
    for counter in first..=last {
        if equal(&value(settings, secret, counter), typed) {
            found = Some(counter);
        }
    }
    found
}

fn value(settings: &TokenSettings, secret: &Secret<Vec<u8>>, counter: u64) -> String {
    code(secret.expose(), counter, settings.digits, settings.algorithm)
}

fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

const fn step(now: Moment, period: u32) -> u64 {
    now.seconds() / if period == 0 { 1 } else { period as u64 }
}

const fn around(centre: u64, width: u64) -> (u64, u64) {
    (centre.saturating_sub(width), centre.saturating_add(width))
}

#[cfg(test)]
mod tests {
    use super::super::Algorithm;
    use super::*;
    use proptest::prelude::*;

    const HOTP: TokenSettings = TokenSettings { kind: Kind::Hotp, algorithm: Algorithm::Sha1, digits: 6 };
    const TOTP: TokenSettings =
        TokenSettings { kind: Kind::Totp { period: 30 }, algorithm: Algorithm::Sha256, digits: 8 };

    fn secret() -> Secret<Vec<u8>> {
        Secret::new(b"12345678901234567890".to_vec())
    }

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn judged(settings: &TokenSettings, state: TokenState, counter: u64, now: Moment) -> TokenVerdict {
        check(settings, &state, &secret(), &value(settings, &secret(), counter), now, &Windows::default())
    }

    #[test]
    fn hotp_looks_ahead_ten_and_never_back() {
        let state = TokenState { next: 5, drift: 0 };
        assert_eq!(judged(&HOTP, state, 5, at(0)), TokenVerdict::Accepted(TokenState { next: 6, drift: 0 }));
        assert_eq!(judged(&HOTP, state, 15, at(0)), TokenVerdict::Accepted(TokenState { next: 16, drift: 0 }));
        assert_eq!(judged(&HOTP, state, 16, at(0)), TokenVerdict::OutOfDate);
        assert_eq!(judged(&HOTP, state, 4, at(0)), TokenVerdict::Replayed);
        assert_eq!(judged(&HOTP, state, 2000, at(0)), TokenVerdict::Wrong);
    }

    #[test]
    fn totp_takes_one_step_either_side_and_each_step_once() {
        let now = at(30_000 * 30);
        let fresh = TokenState::default();
        for (counter, drift) in [(29_999, -1), (30_000, 0), (30_001, 1)] {
            let next = TokenState { next: counter + 1, drift };
            assert_eq!(judged(&TOTP, fresh, counter, now), TokenVerdict::Accepted(next));
            assert_eq!(judged(&TOTP, next, counter, now), TokenVerdict::Replayed);
        }
        assert_eq!(judged(&TOTP, fresh, 30_002, now), TokenVerdict::OutOfDate);
        assert_eq!(judged(&TOTP, fresh, 29_900, now), TokenVerdict::OutOfDate);
        assert_eq!(judged(&TOTP, fresh, 29_899, now), TokenVerdict::Wrong);
    }

    #[test]
    fn drift_moves_the_window_with_the_tokens_clock() {
        let drifted = TokenState { next: 0, drift: 3 };
        let now = at(30_000 * 30);
        assert!(matches!(judged(&TOTP, drifted, 30_004, now), TokenVerdict::Accepted(TokenState { drift: 4, .. })));
        assert_eq!(judged(&TOTP, drifted, 30_000, now), TokenVerdict::OutOfDate);
    }

    #[test]
    fn two_consecutive_codes_resynchronise() {
        let state = TokenState { next: 5, drift: 0 };
        let pair = |a, b| (value(&HOTP, &secret(), a), value(&HOTP, &secret(), b));
        let found = |a, b| {
            let (first, second) = pair(a, b);
            resync(&HOTP, &state, &secret(), (&first, &second), at(0), &Windows::default())
        };
        assert_eq!(found(800, 801), Ok(TokenState { next: 802, drift: 0 }));
        assert_eq!(found(800, 802), Err(ResyncFault::NotConsecutive));
        assert_eq!(found(3, 4), Err(ResyncFault::NotConsecutive));
        assert_eq!(found(1006, 1007), Err(ResyncFault::NotConsecutive));
    }

    proptest! {
        #[test]
        fn no_counter_is_accepted_twice(counters in prop::collection::vec(0_u64..40, 1..60)) {
            let mut state = TokenState::default();
            let mut highest = None;
            for counter in counters {
                if let TokenVerdict::Accepted(next) = judged(&HOTP, state, counter, at(0)) {
                    prop_assert!(highest.is_none_or(|highest| counter > highest));
                    highest = Some(counter);
                    state = next;
                }
            }
        }
    }
}
