//! The one home of clocks and of how the provider writes times.
//! It keeps no state and starts no timers.

use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Wall clock, milliseconds since the epoch.
pub(crate) fn wall_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Monotonic clock, for rates.
#[expect(clippy::disallowed_methods, reason = "the one home of the monotonic clock here")]
pub(crate) fn tick() -> Instant {
    Instant::now()
}

/// A number that no earlier start of this program had, to keep identifiers apart.
pub(crate) fn unrepeated() -> u64 {
    u64::try_from(Timestamp::now().as_nanosecond() & i128::from(u64::MAX)).unwrap_or_default()
}

/// RFC 3339 in UTC with milliseconds, as the control API writes it.
pub(crate) fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

/// RFC 2822 in UTC, as the provider writes it: `Thu, 24 Aug 2023 05:01:45 +0000`.
pub(crate) fn rfc2822(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| String::new(), |at| at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
}

/// The day and minute of a receipt, `yyMMddHHmm` in UTC.
pub(crate) fn done_date(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| at.strftime("%y%m%d%H%M").to_string())
}

/// Reads a `DateSent` filter: a day or an RFC 3339 time. Gives the first millisecond meant and the first one after it.
pub(crate) fn date_span(text: &str) -> Option<(i64, i64)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        let ms = at.as_millisecond();
        return Some((ms, ms + 1_000));
    }
    let day: Date = text.parse().ok()?;
    let start = day.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some((start, start + 86_400_000))
}

/// The whole day around the first millisecond of a span.
pub(crate) fn whole_day(ms: i64) -> (i64, i64) {
    let start = ms.div_euclid(86_400_000) * 86_400_000;
    (start, start + 86_400_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_providers_date() {
        assert_eq!(rfc2822(1_692_853_305_999), "Thu, 24 Aug 2023 05:01:45 +0000");
        assert_eq!(rfc3339(1_692_853_305_007), "2023-08-24T05:01:45.007Z");
    }

    #[test]
    fn reads_days_and_times() {
        assert_eq!(date_span("1970-01-02"), Some((86_400_000, 172_800_000)));
        assert_eq!(date_span("1970-01-01T00:00:01Z"), Some((1_000, 2_000)));
        assert_eq!(date_span("yesterday"), None);
        assert_eq!(whole_day(86_400_001), (86_400_000, 172_800_000));
    }
}
