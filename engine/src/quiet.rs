//! Quiet hours: when the people of a country are not called.
//! Refuses the machine's own time zone and its files: the rules of the zones come with the program.

use crate::moment::Moment;
use crate::number::region;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// When one country is not called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The country's code, without `+`.
    pub country: String,
    /// From when, `22:00`.
    pub from: String,
    /// Until when, `07:00`; before `from`, it is on the next day.
    pub until: String,
    /// By the clock of this zone, `Europe/Berlin` (IANA). A country with several zones has an entry for each that counts.
    pub zone: String,
}

impl QuietHours {
    /// What is wrong with it: its key, and what would be right.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        if region::is_unknown(&self.country) {
            return Some(("country", "must be the code of a country, without +"));
        }
        match (time(&self.from), time(&self.until), zone(&self.zone)) {
            (None, ..) => Some(("from", "must be a time of day, such as 22:00")),
            (_, None, _) => Some(("until", "must be a time of day, such as 07:00")),
            (.., None) => Some(("zone", "must be a time zone, such as Europe/Berlin")),
            (Some(from), Some(until), Some(_)) if from == until => Some(("until", "must be another time than from")),
            (Some(_), Some(_), Some(_)) => None,
        }
    }

    /// Whether a number that begins with the country's code is not called now.
    pub fn keeps_quiet(&self, country: &str, now: Moment) -> bool {
        self.country == country && self.is_now(now).unwrap_or(false)
    }

    fn is_now(&self, now: Moment) -> Option<bool> {
        let (from, until) = (time(&self.from)?, time(&self.until)?);
        let moment = Timestamp::from_millisecond(i64::try_from(now.millis()).ok()?).ok()?;
        let there = zone(&self.zone)?.to_datetime(moment).time();
        Some(if from < until { from <= there && there < until } else { from <= there || there < until })
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two =
        |part: &str| (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok());
    Time::new(two(hour)??, two(minute)??, 0, 0).ok()
}

fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, until: &str, zone: &str) -> QuietHours {
        QuietHours { country: "49".into(), from: from.into(), until: until.into(), zone: zone.into() }
    }

    fn at(text: &str) -> Moment {
        let moment: Timestamp = text.parse().expect("a time");
        Moment::from_millis(moment.as_millisecond().unsigned_abs())
    }

    #[test]
    fn the_clock_there_counts_also_in_summer_and_over_midnight() {
        let berlin = quiet("22:00", "07:00", "Europe/Berlin");
        for (moment, is_quiet) in [
            ("2026-01-15T20:59:59Z", false),
            ("2026-01-15T21:00:00Z", true),
            ("2026-01-16T05:59:59Z", true),
            ("2026-01-16T06:00:00Z", false),
            ("2026-07-15T19:59:59Z", false),
            ("2026-07-15T20:00:00Z", true),
            ("2026-07-16T04:59:59Z", true),
            ("2026-07-16T05:00:00Z", false),
        ] {
            assert_eq!(berlin.keeps_quiet("49", at(moment)), is_quiet, "{moment}");
            assert!(!berlin.keeps_quiet("4", at(moment)) && !berlin.keeps_quiet("1", at(moment)));
        }
        let noon = quiet("12:00", "13:30", "Asia/Tokyo");
        assert!(noon.keeps_quiet("49", at("2026-01-15T04:29:59Z")));
        assert!(!noon.keeps_quiet("49", at("2026-01-15T04:30:00Z")));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(quiet("22:00", "07:00", "Europe/Berlin").problem(), None);
        for (wrong, key) in [
            (quiet("22", "07:00", "Europe/Berlin"), "from"),
            (quiet("24:00", "07:00", "Europe/Berlin"), "from"),
            (quiet("+2:00", "07:00", "Europe/Berlin"), "from"),
            (quiet("22:00", "07:60", "Europe/Berlin"), "until"),
            (quiet("22:00", "22:00", "Europe/Berlin"), "until"),
            (quiet("22:00", "07:00", "Europe/Nowhere"), "zone"),
            (QuietHours { country: "+49".into(), ..quiet("22:00", "07:00", "Europe/Berlin") }, "country"),
        ] {
            assert_eq!(wrong.problem().map(|(key, _)| key), Some(key));
        }
    }
}
