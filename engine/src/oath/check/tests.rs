//! What a token accepts, place by place, and a model of random codes and resyncs.
//! Refuses to take the window for granted: every edge of it stands here with its neighbour outside.

use super::super::Algorithm;
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

fn resynced(settings: &TokenSettings, state: &TokenState, first: u64, second: u64) -> Result<TokenState, ResyncFault> {
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
    assert_eq!(resynced(&TOTP, &state(STEP + 1), STEP, STEP + 1), Err(ResyncFault::Replayed), "one of them is used");
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
    let wrong = TokenSettings { kind: Kind::Totp { period_seconds: 5 }, digits: 5, ..TOTP };
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
        1 => (-40_i64..40).prop_map(Act::Type),
        1 => (-40_i64..40).prop_map(Act::Resync),
        2 => (0_u64..3).prop_map(Act::Wait),
    ];
    prop::collection::vec(act, 1..40)
}

/// Narrow, so that a wrong code costs little; the model types codes outside them as well.
const NARROW: Windows = Windows { steps: 1, look_ahead: 3, resync_steps: 30, resync_counters: 30 };

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
                        check(&settings, &state, &secret(), &code(&settings, place), now, &NARROW)
                    {
                        prop_assert!(spent.is_none_or(|spent| place > spent), "{place} after {spent:?}");
                        prop_assert_eq!(next.next, place + 1);
                        (state, spent) = (next, Some(place));
                    }
                }
                Act::Resync(offset) => {
                    let place = step.saturating_add_signed(offset);
                    let (first, second) = (code(&settings, place), code(&settings, place + 1));
                    if let Ok(next) = resync(&settings, &state, &secret(), &first, &second, now, &NARROW) {
                        prop_assert!(spent.is_none_or(|spent| place > spent), "{place} after {spent:?}");
                        (state, spent) = (next, Some(place + 1));
                    }
                }
            }
        }
    }
}
