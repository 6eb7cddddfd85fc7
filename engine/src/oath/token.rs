//! One OATH token: whether a code counts, what moves when it does, and how a token that ran away is found again.
//! Refuses a code twice, and any step or counter that is not after the last accepted one.

use super::{Algorithm, hotp, totp};
use crate::moment::Moment;
use crate::reply;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// What the token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Presses of a button (RFC 4226).
    Hotp,
    /// Time (RFC 6238).
    Totp {
        /// Seconds of a step; 30 or 60.
        period_seconds: u32,
    },
}

/// What never changes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenSettings {
    /// What it counts.
    #[serde(flatten)]
    pub kind: Kind,
    /// The hash.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    #[serde(default = "six")]
    pub digits: u8,
}

const fn six() -> u8 {
    6
}

/// TOTP, 30 seconds, SHA-1, six digits: what every app shows.
impl Default for TokenSettings {
    fn default() -> Self {
        Self { kind: Kind::Totp { period_seconds: 30 }, algorithm: Algorithm::Sha1, digits: six() }
    }
}

impl TokenSettings {
    /// Every value that no token may have: the field and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(6..=8).contains(&self.digits) {
            problems.push(("digits", format!("must be 6 to 8, not {}", self.digits)));
        }
        match self.kind {
            Kind::Hotp | Kind::Totp { period_seconds: 30 | 60 } => {}
            Kind::Totp { period_seconds } => {
                problems.push(("period_seconds", format!("must be 30 or 60, not {period_seconds}")));
            }
        }
        problems
    }
}

/// What moves with each accepted code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenState {
    /// The first counter (HOTP) or step (TOTP) that may still be accepted: one after the last accepted one.
    pub next: u64,
    /// How many steps the token's clock is ahead of ours (TOTP); negative: behind.
    pub drift_steps: i32,
}

/// How far from the expected place a code is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// TOTP steps before and after the expected one that are accepted; at most 2 (mfa-server.md §13).
    pub steps: u8,
    /// HOTP counters after the expected one that are accepted; at most 50 (abuse-and-limits.md §4.1).
    pub look_ahead: u8,
    /// TOTP steps before and after the expected one in which a runaway token is recognised; at most 1000.
    pub resync_steps: u16,
    /// HOTP counters from the expected one in which a runaway token is recognised; at most 10,000.
    pub resync_counters: u16,
}

impl Default for Windows {
    fn default() -> Self {
        Self { steps: 1, look_ahead: 10, resync_steps: 100, resync_counters: 1000 }
    }
}

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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOTP: TokenSettings = TokenSettings { kind: Kind::Hotp, algorithm: Algorithm::Sha1, digits: 6 };
    const TOTP: TokenSettings =
        TokenSettings { kind: Kind::Totp { period_seconds: 30 }, algorithm: Algorithm::Sha256, digits: 8 };
    const STEP: u64 = 50_000_000;

    fn secret() -> Secret<Vec<u8>> {
        Secret::new(b"12345678901234567890".to_vec())
    }

    /// The code of a place as people may type it.
    fn code(settings: &TokenSettings, place: u64) -> String {
        let code = hotp::code(secret().expose(), place, settings.digits, settings.algorithm);
        format!("{} {}", &code[..3], &code[3..])
    }

    fn state(next: u64) -> TokenState {
        TokenState { next, drift_steps: 0 }
    }

    fn accepted(next: u64, drift_steps: i32) -> Verdict {
        Verdict::Accepted(TokenState { next, drift_steps })
    }

    fn checked(settings: &TokenSettings, state: &TokenState, place: u64) -> Verdict {
        let now = Moment::from_millis(STEP * 30_000 + 29_999);
        check(settings, state, &secret(), &code(settings, place), now, &Windows::default())
    }

    fn resynced(
        settings: &TokenSettings,
        state: &TokenState,
        first: u64,
        second: u64,
    ) -> Result<TokenState, ResyncFault> {
        let now = Moment::from_millis(STEP * 30_000);
        resync(settings, state, &secret(), &code(settings, first), &code(settings, second), now, &Windows::default())
    }

    #[test]
    fn hotp_looks_ahead_and_never_back() {
        let state = state(100);
        for (place, verdict) in [
            (100, accepted(101, 0)),
            (110, accepted(111, 0)),
            (111, Verdict::OutOfDate),
            (1100, Verdict::OutOfDate),
            (1101, Verdict::Wrong),
            (99, Verdict::Replayed),
            (89, Verdict::Replayed),
            (88, Verdict::Wrong),
        ] {
            assert_eq!(checked(&HOTP, &state, place), verdict, "{place}");
        }
        assert_eq!(checked(&HOTP, &TokenState::default(), 0), accepted(1, 0));
    }

    #[test]
    fn totp_takes_one_step_either_side_once() {
        let fresh = TokenState::default();
        for (place, verdict) in [
            (STEP, accepted(STEP + 1, 0)),
            (STEP - 1, accepted(STEP, -1)),
            (STEP + 1, accepted(STEP + 2, 1)),
            (STEP - 2, Verdict::OutOfDate),
            (STEP + 2, Verdict::OutOfDate),
            (STEP - 100, Verdict::OutOfDate),
            (STEP + 100, Verdict::OutOfDate),
            (STEP + 101, Verdict::Wrong),
            (STEP - 101, Verdict::Wrong),
        ] {
            assert_eq!(checked(&TOTP, &fresh, place), verdict, "{}", i128::from(place) - i128::from(STEP));
        }
        let used = state(STEP + 1);
        assert_eq!(checked(&TOTP, &used, STEP), Verdict::Replayed);
        assert_eq!(checked(&TOTP, &used, STEP - 1), Verdict::Replayed);
        assert_eq!(checked(&TOTP, &used, STEP - 50), Verdict::Replayed, "not greater than the last accepted");
        assert_eq!(checked(&TOTP, &used, STEP + 1), accepted(STEP + 2, 1));
    }

    #[test]
    fn the_window_moves_with_the_drift() {
        let ahead = TokenState { drift_steps: 40, ..TokenState::default() };
        assert_eq!(checked(&TOTP, &ahead, STEP + 41), accepted(STEP + 42, 41));
        assert_eq!(checked(&TOTP, &ahead, STEP), Verdict::OutOfDate);
        let broken = TokenState { drift_steps: i32::MIN, ..TokenState::default() };
        assert_eq!(checked(&TOTP, &broken, STEP), Verdict::Wrong);
    }

    #[test]
    fn windows_have_a_most() {
        let all = Windows { steps: 255, look_ahead: 255, resync_steps: u16::MAX, resync_counters: u16::MAX };
        let now = Moment::from_millis(STEP * 30_000);
        let checked = |settings: &TokenSettings, state: &TokenState, place| {
            check(settings, state, &secret(), &code(settings, place), now, &all)
        };
        assert_eq!(checked(&TOTP, &TokenState::default(), STEP + 3), Verdict::OutOfDate);
        assert_eq!(checked(&TOTP, &TokenState::default(), STEP + 1001), Verdict::Wrong);
        assert_eq!(checked(&HOTP, &state(1), 51), accepted(52, 0));
        assert_eq!(checked(&HOTP, &state(1), 52), Verdict::OutOfDate);
        assert_eq!(checked(&HOTP, &state(1), 10_002), Verdict::Wrong);
    }

    #[test]
    fn malformed_codes_are_wrong() {
        let now = Moment::from_millis(STEP * 30_000);
        for typed in ["", "12345678", "12345", "12345a", "+123456", "FRAUD"] {
            assert_eq!(check(&HOTP, &state(0), &secret(), typed, now, &Windows::default()), Verdict::Wrong, "{typed}");
        }
        assert_eq!(code(&HOTP, 0), "755 224");
        let wide = "７５５\u{3000}２２４";
        assert_eq!(check(&HOTP, &state(0), &secret(), wide, now, &Windows::default()), accepted(1, 0));
    }

    #[test]
    fn two_consecutive_codes_find_a_token_again() {
        let at = |next, drift_steps| Ok(TokenState { next, drift_steps });
        assert_eq!(resynced(&HOTP, &state(100), 1100, 1101), at(1102, 0));
        assert_eq!(resynced(&HOTP, &state(100), 100, 101), at(102, 0));
        assert_eq!(resynced(&HOTP, &state(100), 1101, 1102), Err(ResyncFault::NotConsecutive));
        assert_eq!(resynced(&HOTP, &state(100), 99, 100), Err(ResyncFault::NotConsecutive));
        assert_eq!(resynced(&HOTP, &state(100), 500, 502), Err(ResyncFault::NotConsecutive));
        assert_eq!(resynced(&HOTP, &state(100), 501, 500), Err(ResyncFault::NotConsecutive));
        assert_eq!(resynced(&TOTP, &TokenState::default(), STEP - 100, STEP - 99), at(STEP - 98, -99));
        assert_eq!(resynced(&TOTP, &TokenState::default(), STEP + 100, STEP + 101), at(STEP + 102, 101));
        assert_eq!(resynced(&TOTP, &state(STEP + 1), STEP - 9, STEP - 8), Err(ResyncFault::Replayed));
        assert_eq!(
            resynced(&TOTP, &state(STEP + 1), STEP, STEP + 1),
            Err(ResyncFault::Replayed),
            "one of them is used"
        );
        let far = resynced(&TOTP, &TokenState { drift_steps: 90, ..TokenState::default() }, STEP + 150, STEP + 151);
        assert_eq!(far, at(STEP + 152, 151), "counted from where the token was last");
        let short = resync(&HOTP, &state(0), &secret(), "12345", "123456", Moment::default(), &Windows::default());
        assert_eq!(short, Err(ResyncFault::Malformed));
    }

    #[test]
    fn ends_of_the_numbers_are_no_panic() {
        for next in [0, u64::MAX - 1, u64::MAX] {
            for settings in [HOTP, TOTP] {
                let _ = checked(&settings, &TokenState { drift_steps: i32::MAX, ..state(next) }, next);
                let _ = resynced(&settings, &state(next), next, next.saturating_add(1));
            }
        }
    }

    #[test]
    fn settings_read_as_documented() {
        let json = serde_json::to_string(&TOTP).unwrap();
        assert_eq!(json, r#"{"kind":"totp","period_seconds":30,"algorithm":"sha256","digits":8}"#);
        assert_eq!(serde_json::from_str::<TokenSettings>(&json).unwrap(), TOTP);
        assert_eq!(serde_json::from_str::<TokenSettings>(r#"{"kind":"hotp"}"#).unwrap(), HOTP);
        assert!(TOTP.problems().is_empty() && HOTP.problems().is_empty());
        let wrong = TokenSettings { kind: Kind::Totp { period_seconds: 45 }, digits: 5, ..TOTP };
        assert_eq!(wrong.problems().len(), 2);
    }

    #[derive(Debug, Clone)]
    enum Act {
        /// A code of a place this far from the present one is typed.
        Type(i64),
        /// Two codes from there are typed to resynchronise.
        Resync(i64),
        /// So many steps pass.
        Wait(u64),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            4 => (-4_i64..5).prop_map(Act::Type),
            1 => (-150_i64..150).prop_map(Act::Type),
            1 => (-120_i64..120).prop_map(Act::Resync),
            2 => (0_u64..3).prop_map(Act::Wait),
        ];
        prop::collection::vec(act, 1..40)
    }

    proptest! {
        /// The model is a set of places whose codes were accepted: no place enters twice, and none that is behind.
        #[test]
        fn no_place_is_accepted_twice(acts in acts(), hotp: bool) {
            let settings = if hotp { HOTP } else { TOTP };
            let (mut state, mut step, mut spent) = (state(if hotp { STEP } else { 0 }), STEP, None::<u64>);
            for act in acts {
                let now = Moment::from_millis(step * 30_000);
                match act {
                    Act::Wait(steps) => step += steps,
                    Act::Type(offset) => {
                        let place = step.saturating_add_signed(offset);
                        if let Verdict::Accepted(next) =
                            check(&settings, &state, &secret(), &code(&settings, place), now, &Windows::default())
                        {
                            prop_assert!(spent.is_none_or(|spent| place > spent), "{place} after {spent:?}");
                            prop_assert_eq!(next.next, place + 1);
                            (state, spent) = (next, Some(place));
                        }
                    }
                    Act::Resync(offset) => {
                        let place = step.saturating_add_signed(offset);
                        let (first, second) = (code(&settings, place), code(&settings, place + 1));
                        if let Ok(next) = resync(&settings, &state, &secret(), &first, &second, now, &Windows::default()) {
                            prop_assert!(spent.is_none_or(|spent| place > spent), "{place} after {spent:?}");
                            (state, spent) = (next, Some(place + 1));
                        }
                    }
                }
            }
        }
    }
}
