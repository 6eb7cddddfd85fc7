//! How often a number or a person may be reached without an answer (abuse-and-limits.md §1.3).
//! Refuses to forget: only an answer clears the count, and the record has a bound.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The most moments that a record holds, and so the most that `per_hour` and `per_day` may say.
pub const MOST: u8 = 50;

/// Limits on unanswered sends; each 0 is no limit. All three are written out where the section is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VelocityRules {
    /// Least seconds between two sends, 0 to 3600.
    pub gap_seconds: u32,
    /// Most sends in an hour, 0 to 50.
    pub per_hour: u8,
    /// Most sends in a day, 0 to 50.
    pub per_day: u8,
}

impl VelocityRules {
    /// For one number: one in 30 s, five an hour, ten a day.
    pub const fn number() -> Self {
        Self { gap_seconds: 30, per_hour: 5, per_day: 10 }
    }

    /// For one person: ten a day.
    pub const fn user() -> Self {
        Self { gap_seconds: 0, per_hour: 0, per_day: 10 }
    }

    /// Every value out of its range: the field and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let most = u32::from(MOST);
        let fields = [
            ("gap_seconds", self.gap_seconds, 3600),
            ("per_hour", u32::from(self.per_hour), most),
            ("per_day", u32::from(self.per_day), most),
        ];
        let outside = fields.into_iter().filter(|(_, value, most)| value > most);
        outside.map(|(field, value, most)| (field, format!("must be 0 to {most}, not {value}"))).collect()
    }
}

/// The earliest moment at which the same send would be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sends without an answer")]
pub struct RetryAt(pub Moment);

/// The unanswered sends to one number or person: with the default rules at most ten moments, never more than [`MOST`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Velocity {
    sends: Vec<Moment>,
}

impl Velocity {
    /// Whether a send is allowed now. It is not counted before [`Velocity::sent`].
    pub fn ask(&self, rules: &VelocityRules, now: Moment) -> Result<(), RetryAt> {
        self.ask_with_gap(rules, Duration::from_secs(u64::from(rules.gap_seconds)), now)
    }

    /// Whether a resend that the person asked for inside one verification is allowed now: `gap`, which [`ResendGaps`] says,
    /// stands in place of the rule's own gap (also where the rule has none), the other limits stay.
    pub fn ask_again(&self, rules: &VelocityRules, gap: Duration, now: Moment) -> Result<(), RetryAt> {
        self.ask_with_gap(rules, gap, now)
    }

    fn ask_with_gap(&self, rules: &VelocityRules, gap: Duration, now: Moment) -> Result<(), RetryAt> {
        let limits = [(1, gap), (rules.per_hour, HOUR), (rules.per_day, DAY)];
        let free = limits.into_iter().filter_map(|(most, window)| Some(self.nth_last(most)? + window)).max();
        free.filter(|&free| now < free).map_or(Ok(()), |free| Err(RetryAt(free)))
    }

    /// The moment of the nth send from the end, counted from 1; none if there were fewer, or for 0.
    fn nth_last(&self, n: u8) -> Option<Moment> {
        let back = usize::from(n.min(MOST));
        (back > 0).then(|| self.sends.iter().rev().nth(back - 1).copied()).flatten()
    }

    /// Counts a send. Sends older than a day are dropped, and the oldest where the record is full.
    pub fn sent(&mut self, now: Moment) {
        self.sends.retain(|&moment| now.since(moment) < DAY);
        if self.sends.len() >= usize::from(MOST) {
            self.sends.remove(0);
        }
        self.sends.push(now);
    }

    /// Whoever was reached has answered rightly: all sends count as answered.
    pub fn answered(&mut self) {
        self.sends.clear();
    }

    /// Whether nothing is counted, so that the record need not be kept.
    pub fn is_empty(&self) -> bool {
        self.sends.is_empty()
    }
}

/// Seconds before each resend of one verification that the person asked for; the last one also before any further
/// (mfa-server.md §7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResendGaps([u32; 5]);

impl Default for ResendGaps {
    fn default() -> Self {
        Self([30, 40, 60, 90, 120])
    }
}

impl ResendGaps {
    /// The least time before resend number `resend`, counted from 0.
    pub fn before(&self, resend: u8) -> Duration {
        let gap = self.0.get(usize::from(resend)).or(self.0.last()).copied().unwrap_or_default();
        Duration::from_secs(u64::from(gap))
    }

    /// Whether these are the usual ones.
    pub fn are_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Every value out of its range, by its place.
    pub fn problems(&self) -> Vec<(usize, String)> {
        let outside = self.0.iter().enumerate().filter(|(_, gap)| !(10..=3600).contains(*gap));
        outside.map(|(place, gap)| (place, format!("must be 10 to 3600, not {gap}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn sent(seconds: &[u64]) -> Velocity {
        let mut velocity = Velocity::default();
        seconds.iter().for_each(|&second| velocity.sent(at(second)));
        velocity
    }

    #[test]
    fn a_number_rests_half_a_minute() {
        let rules = VelocityRules::number();
        assert_eq!(sent(&[]).ask(&rules, at(0)), Ok(()));
        assert_eq!(sent(&[100]).ask(&rules, at(129)), Err(RetryAt(at(130))));
        assert_eq!(sent(&[100]).ask(&rules, at(130)), Ok(()));
    }

    #[test]
    fn five_an_hour_and_ten_a_day() {
        let rules = VelocityRules::number();
        let hour = sent(&[0, 100, 200, 300, 400]);
        assert_eq!(hour.ask(&rules, at(500)), Err(RetryAt(at(3600))));
        assert_eq!(hour.ask(&rules, at(3600)), Ok(()));
        let day = sent(&[0, 1000, 2000, 3000, 4000, 9000, 10_000, 11_000, 12_000, 20_000]);
        assert_eq!(day.ask(&rules, at(40_000)), Err(RetryAt(at(86_400))));
        assert_eq!(day.ask(&rules, at(86_400)), Ok(()));
        assert_eq!(day.ask(&VelocityRules::user(), at(20_001)), Err(RetryAt(at(86_400))));
    }

    #[test]
    fn an_answer_clears_the_count() {
        let mut velocity = sent(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        velocity.answered();
        assert!(velocity.is_empty());
        assert_eq!(velocity.ask(&VelocityRules::number(), at(9)), Ok(()));
    }

    #[test]
    fn a_resend_waits_its_own_growing_gap() {
        let usual = ResendGaps::default();
        let gaps: Vec<_> = (0..7).map(|n| usual.before(n).as_secs()).collect();
        assert_eq!(gaps, [30, 40, 60, 90, 120, 120, 120]);
        let rules = VelocityRules { gap_seconds: 300, ..VelocityRules::number() };
        let once = sent(&[0]);
        assert_eq!(once.ask_again(&rules, usual.before(1), at(39)), Err(RetryAt(at(40))));
        assert_eq!(once.ask_again(&rules, usual.before(1), at(40)), Ok(()));
        assert_eq!(sent(&[0, 100, 200, 300, 400]).ask_again(&rules, usual.before(0), at(500)), Err(RetryAt(at(3600))));
    }

    #[test]
    fn zero_is_no_limit_and_the_record_is_bounded() {
        let none = VelocityRules { gap_seconds: 0, per_hour: 0, per_day: 0 };
        let mut velocity = Velocity::default();
        for second in 0..500 {
            assert_eq!(velocity.ask(&none, at(second)), Ok(()));
            velocity.sent(at(second));
        }
        assert_eq!(velocity.sends.len(), usize::from(MOST));
        assert!(VelocityRules::number().problems().is_empty() && VelocityRules::user().problems().is_empty());
        assert_eq!(VelocityRules { gap_seconds: 3601, per_hour: 51, per_day: 255 }.problems().len(), 3);
    }

    proptest! {
        #[test]
        fn obedient_sends_never_pass_the_limits(steps in prop::collection::vec(0_u64..4000, 1..200)) {
            let rules = VelocityRules::number();
            let (mut velocity, mut now, mut all) = (Velocity::default(), 0, Vec::<u64>::new());
            for step in steps {
                now += step;
                match velocity.ask(&rules, at(now)) {
                    Ok(()) => { velocity.sent(at(now)); all.push(now); }
                    Err(RetryAt(then)) => {
                        prop_assert!(then > at(now));
                        prop_assert_eq!(velocity.ask(&rules, then), Ok(()), "the promised moment is kept");
                    }
                }
                let within = |window: u64| all.iter().filter(|&&sent| now - sent < window).count();
                prop_assert!(within(30) <= 1 && within(3600) <= 5 && within(86_400) <= 10);
                prop_assert!(velocity.sends.len() <= 10);
            }
        }
    }
}
