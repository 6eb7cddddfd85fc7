//! The limit on wrong codes (texts and OATH): ten per person and hour, then a pause that grows.
//! Refuses to lock for good: the pause never passes an hour, so that nobody can shut another person out.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Wrong tries of one code (mfa-server.md §9.2); the verification counts them.
pub const PER_CODE: u8 = 5;
/// Wrong codes of one person in an hour before the first pause.
pub const PER_HOUR: usize = 10;

const HOUR: Duration = Duration::from_secs(60 * 60);
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// A day without a wrong code makes the next pause the first again.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The wrong codes of one person: at most ten moments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guesses {
    /// The last wrong codes, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recent: Vec<Moment>,
    /// Pauses since the last success.
    #[serde(skip_serializing_if = "none")]
    pauses: u8,
    /// The end of the last pause.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<Moment>,
}

fn none(pauses: &u8) -> bool {
    *pauses == 0
}

impl Guesses {
    /// Counts a wrong code. The tenth within an hour, and each one after it, begins a pause: 30 s, then twice the one before,
    /// at most an hour.
    pub fn failed(&mut self, now: Moment) {
        if self.recent.last().is_none_or(|&last| now.since(last) >= FORGOTTEN_AFTER) {
            self.succeeded();
        }
        self.recent.retain(|&moment| now.since(moment) < HOUR);
        if self.recent.len() == PER_HOUR {
            self.recent.remove(0);
        }
        self.recent.push(now);
        if self.recent.len() == PER_HOUR {
            self.paused_until = Some(now + pause(self.pauses));
            self.pauses = self.pauses.saturating_add(1);
        }
    }

    /// A right code clears everything.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The end of the pause in force. Until then no code is looked at.
    pub fn pause_until(&self, now: Moment) -> Option<Moment> {
        self.paused_until.filter(|&until| now < until)
    }
}

fn pause(earlier: u8) -> Duration {
    let doubled = 2_u32.saturating_pow(u32::from(earlier));
    FIRST_PAUSE.saturating_mul(doubled).min(HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn failed(n: u64) -> Guesses {
        let mut guesses = Guesses::default();
        (0..n).for_each(|second| guesses.failed(at(second)));
        guesses
    }

    #[test]
    fn ten_in_an_hour_pause() {
        assert_eq!(failed(9).pause_until(at(9)), None);
        let guesses = failed(10);
        assert_eq!(guesses.pause_until(at(9)), Some(at(39)));
        assert_eq!(guesses.pause_until(at(38)), Some(at(39)));
        assert_eq!(guesses.pause_until(at(39)), None);
    }

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        let mut guesses = failed(9);
        let mut now = at(9);
        for expected in [30, 60, 120, 240, 480, 960, 1920] {
            guesses.failed(now);
            let until = guesses.pause_until(now).unwrap();
            assert_eq!(until.since(now).as_secs(), expected);
            now = until;
        }
        assert_eq!([pause(7), pause(255)], [HOUR, HOUR]);
    }

    #[test]
    fn nine_an_hour_never_pause_and_a_success_clears() {
        let mut guesses = Guesses::default();
        for second in (0..100_000).step_by(400) {
            guesses.failed(at(second));
            assert_eq!(guesses.pause_until(at(second)), None);
        }
        let mut guesses = failed(20);
        guesses.succeeded();
        assert_eq!(guesses, Guesses::default());
    }

    #[test]
    fn a_quiet_day_makes_the_next_pause_short_again() {
        let mut guesses = failed(30);
        (200_000..200_009).for_each(|second| guesses.failed(at(second)));
        assert_eq!(guesses.pause_until(at(200_009)), None);
        guesses.failed(at(200_010));
        assert_eq!(guesses.pause_until(at(200_010)), Some(at(200_040)));
    }

    proptest! {
        /// What a patient attacker gets, whatever the rhythm, waiting out every pause.
        #[test]
        fn a_day_has_few_guesses(waits in prop::collection::vec(0_u64..900, 1..400)) {
            let mut guesses = Guesses::default();
            let mut now = at(0);
            let mut tries = 0;
            for wait in waits {
                now = now + Duration::from_secs(wait);
                now = guesses.pause_until(now).unwrap_or(now);
                if now >= at(86_400) { break; }
                guesses.failed(now);
                tries += 1;
                prop_assert!(guesses.recent.len() <= PER_HOUR);
            }
            prop_assert!(tries <= 24 * PER_HOUR, "{}", tries);
        }
    }
}
