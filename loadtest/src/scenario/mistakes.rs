//! What of a scenario makes no sense, whoever wrote it: a file or a command line.
//! Refuses to stop at the first mistake.

use super::{Mix, Scenario, Shape};
use crate::human::Habit;

const MODES: [(&str, &[&str]); 2] =
    [("sms", &["two_way_otp", "two_way_otp_pin", "one_way_otp", "one_way_otp_pin"]), ("oath", &["code"])];

impl Scenario {
    /// What makes no sense, whoever wrote it.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut want = |holds: bool, path: &str, right: &str| {
            if !holds {
                found.push((path.to_owned(), right.to_owned()));
            }
        };
        let bounded = matches!(self.shape, Shape::InFlight | Shape::Restart);
        want((0.0..=1e6).contains(&self.rate), "rate", "must be 0 to 1000000");
        want(bounded || (self.rate > 0.0) != (self.at_once > 0), "rate", "give either `rate` or `at_once`, above 0");
        want(self.shape != Shape::Check || self.at_once > 0, "at_once", "codes are checked by as many as this says");
        want(self.at_once <= 100_000, "at_once", "must be at most 100000");
        want((0.1..=1e6).contains(&self.duration), "duration_seconds", "must be 0.1 to 1000000");
        want((0.0..=3600.0).contains(&self.warm_up), "warm_up_seconds", "must be 0 to 3600");
        want((0.0..=3600.0).contains(&self.ramp), "ramp_seconds", "must be 0 to 3600");
        want((1..=crate::people::MOST).contains(&self.people), "people", "must be 1 to 2000000");
        want((1..=100).contains(&self.repeat), "repeat", "must be 1 to 100");
        want((1..=1000).contains(&self.batch), "batch", "must be 1 to 1000");
        want((1..=900).contains(&self.ttl), "ttl_seconds", "must be 1 to 900");
        want(!bounded || (1..=2_000_000).contains(&self.open), "open", "must be 1 to 2000000");
        want((1..=600).contains(&self.expire), "expire_seconds", "must be 1 to 600");
        want((0.0..=1000.0).contains(&self.flat), "flat_percent", "must be 0 to 1000");
        want(self.stored <= crate::people::MOST, "stored", "must be at most 2000000");
        want(self.directory <= 60_000, "directory_ms", "must be at most 60000");
        want(self.addresses <= crate::people::MOST, "addresses", "must be at most 2000000");
        let sum: f64 = self.mix.iter().map(|mix| mix.share).sum();
        want((sum - 1.0).abs() < 1e-6, "mix", "the shares must add up to 1");
        for (index, Mix { method, mode, share }) in self.mix.iter().enumerate() {
            let modes = MODES.iter().find(|(name, _)| name == method).map(|(_, modes)| *modes);
            want(modes.is_some(), &format!("mix.{index}.method"), "must be sms or oath");
            let right = format!("must be one of {}", modes.unwrap_or(&["the method's"]).join(", "));
            want(modes.is_none_or(|modes| modes.contains(&mode.as_str())), &format!("mix.{index}.mode"), &right);
            want((0.0..=1.0).contains(share), &format!("mix.{index}.share"), "must be 0 to 1");
        }
        for (index, fault) in self.faults.iter().enumerate() {
            want(
                fault.from >= 0.0 && fault.from < fault.until,
                &format!("fault.{index}"),
                "`from` must be before `until`",
            );
        }
        if self.shape == Shape::Enrol {
            found.extend(self.enrolment_mistakes());
        }
        found.extend(self.human.mistakes().into_iter().map(|(path, right)| (join("human", &path), right)));
        found
    }

    /// Nobody enrols twice, and all do it the same way.
    fn enrolment_mistakes(&self) -> Vec<(String, String)> {
        let due = if self.count > 0 { self.count } else { (self.rate * self.duration).ceil() as u64 };
        let due = due + (self.rate * (self.warm_up + self.ramp / 2.0)).ceil() as u64;
        let plain = self.mix == Self::usual_mix() && self.human.uniform() == Some(Habit::Right);
        let found = [
            (self.people > crate::people::PHONES, "people", "each who enrols has a phone: at most 1000000"),
            (u64::from(self.people) < due, "people", "nobody enrols twice: as many as enrol in all, or more"),
            (!plain, "human", "who enrols answers at once, by a two-way text"),
            (self.repeat > 1, "repeat", "nobody enrols twice"),
            (self.finished > 0, "finished", "nobody has a method before who enrols; must be 0"),
        ];
        let found = found.into_iter().filter(|(wrong, _, _)| *wrong);
        found.map(|(_, path, right)| (path.to_owned(), right.to_owned())).collect()
    }
}

fn join(one: &str, other: &str) -> String {
    if other.is_empty() { one.to_owned() } else { format!("{one}.{other}") }
}
