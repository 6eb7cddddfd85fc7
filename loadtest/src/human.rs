//! The people of a run: who answers, after how long, and who makes mistakes. It is decided before anything is sent, so
//! that it is known how each verification must end. Refuses chance: the same seed makes the same people.

use serde::Deserialize;
use std::time::Duration;

/// What people do, as shares of all; who is in none of them answers rightly.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Human {
    /// Do not answer at all.
    pub silent: f64,
    /// Type a wrong code first, and then the right one.
    pub wrong_once: f64,
    /// Type only wrong codes.
    pub wrong_always: f64,
    /// Send the right answer twice.
    pub twice: f64,
    /// Half of them take longer than this to answer, milliseconds.
    pub think_median_ms: f64,
    /// How much they differ: the standard deviation of the logarithm of the time.
    pub think_sigma: f64,
}

/// What one person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Answers rightly.
    Right,
    /// Answers rightly, twice.
    Twice,
    /// Is wrong once, then right.
    WrongOnce,
    /// Is always wrong.
    WrongAlways,
    /// Does not answer.
    Silent,
}

/// Nobody thinks longer.
const LONGEST: Duration = Duration::from_secs(600);

impl Human {
    /// What is wrong with it: path within it, and what would be right.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (name, share) in self.shares() {
            if !(0.0..=1.0).contains(&share) {
                found.push((name.to_owned(), format!("is {share}; a share is 0 to 1")));
            }
        }
        let sum: f64 = self.shares().iter().map(|(_, share)| share).sum();
        if sum > 1.0 + 1e-9 {
            found.push((String::new(), format!("the shares add up to {sum}; they are 1 at most")));
        }
        if !(0.0..=600_000.0).contains(&self.think_median_ms) {
            found.push(("think_median_ms".into(), "must be 0 to 600000".into()));
        }
        if !(0.0..=5.0).contains(&self.think_sigma) {
            found.push(("think_sigma".into(), "must be 0 to 5".into()));
        }
        found
    }

    const fn shares(&self) -> [(&'static str, f64); 4] {
        [
            ("silent", self.silent),
            ("wrong_once", self.wrong_once),
            ("wrong_always", self.wrong_always),
            ("twice", self.twice),
        ]
    }

    /// What a person does.
    pub fn habit(&self, person: u32) -> Habit {
        let mut left = fraction(person, 1);
        let habits = [Habit::Silent, Habit::WrongOnce, Habit::WrongAlways, Habit::Twice];
        for ((_, share), habit) in self.shares().into_iter().zip(habits) {
            if left < share {
                return habit;
            }
            left -= share;
        }
        Habit::Right
    }

    /// How long a person thinks before an answer: log-normal over all of them.
    pub fn think(&self, person: u32) -> Duration {
        let normal =
            (-2.0 * (1.0 - fraction(person, 2)).ln()).sqrt() * (std::f64::consts::TAU * fraction(person, 3)).cos();
        let millis = self.think_median_ms * (self.think_sigma * normal).exp();
        Duration::from_secs_f64(millis / 1000.0).min(LONGEST)
    }

    /// What everybody does, where all do the same at once.
    pub fn uniform(&self) -> Option<Habit> {
        let plain = self.shares().iter().all(|(_, share)| *share == 0.0) && self.think_median_ms == 0.0;
        if self.silent >= 1.0 { Some(Habit::Silent) } else { plain.then_some(Habit::Right) }
    }
}

/// A number from 0 to 1 that depends on a person alone (the finalizer of SplitMix64).
fn fraction(person: u32, purpose: u64) -> f64 {
    let mut bits = (u64::from(person) << 8 | purpose).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ bits >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: u32 = 20_000;

    #[test]
    fn shares_are_met_and_the_rest_answers_rightly() {
        let human = Human { silent: 0.1, wrong_once: 0.05, wrong_always: 0.02, twice: 0.03, ..Human::default() };
        let share = |habit| {
            let count = (0..PEOPLE).filter(|person| human.habit(*person) == habit).count();
            count as f64 / f64::from(PEOPLE)
        };
        let wanted = [(Habit::Silent, 0.1), (Habit::WrongOnce, 0.05), (Habit::WrongAlways, 0.02), (Habit::Twice, 0.03)];
        for (habit, wanted) in wanted {
            assert!((share(habit) - wanted).abs() < 0.01, "{habit:?}: {}", share(habit));
        }
        assert!((share(Habit::Right) - 0.8).abs() < 0.01);
    }

    #[test]
    fn times_to_think_are_log_normal() {
        let human = Human { think_median_ms: 4000.0, think_sigma: 0.5, ..Human::default() };
        let mut times: Vec<_> = (0..PEOPLE).map(|person| human.think(person).as_secs_f64()).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[(f64::from(PEOPLE) * share) as usize];
        assert!((at(0.5) - 4.0).abs() < 0.1, "{}", at(0.5));
        // One standard deviation of the logarithm below and above.
        assert!((at(0.1587) - 4.0 * (-0.5f64).exp()).abs() < 0.1, "{}", at(0.1587));
        assert!((at(0.8413) - 4.0 * 0.5f64.exp()).abs() < 0.2, "{}", at(0.8413));
        assert_eq!(Human::default().think(7), Duration::ZERO);
    }

    #[test]
    fn shares_that_make_no_sense_are_named() {
        let human = Human { silent: 0.7, wrong_once: 0.7, twice: -0.1, think_sigma: 9.0, ..Human::default() };
        let paths: Vec<_> = human.mistakes().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["twice", "", "think_sigma"]);
    }
}
