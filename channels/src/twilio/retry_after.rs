//! When a gateway that asks to slow down wants to be asked again.
//! Refuses to wait for ever: an hour at most.

use std::time::Duration;

/// A gateway that names a later moment is asked again after this.
const LONGEST: Duration = Duration::from_secs(3600);

/// The wait that `Retry-After` wants: seconds, or a date (RFC 9110 §10.2.3) that is compared with the answer's own `Date`,
/// so that our clocks need not agree. `None` if it cannot be read, or the date is past.
pub fn wait(retry_after: &str, date: Option<&str>) -> Option<Duration> {
    let wanted = retry_after.trim();
    let at = |text: &str| Some(jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp());
    let wait = match wanted.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => Duration::try_from(at(wanted)?.duration_since(at(date?)?)).ok()?,
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let wait = |after, date| wait(after, date).map(|wait| wait.as_secs());
        let now = "Tue, 24 Nov 2026 19:00:00 GMT";
        assert_eq!(wait("3", Some(now)), Some(3));
        assert_eq!(wait("0", Some(now)), Some(0));
        assert_eq!(wait(" 12 ", None), Some(12));
        assert_eq!(wait("99999999999", Some(now)), Some(3600));
        assert_eq!(wait("Tue, 24 Nov 2026 19:00:30 GMT", Some(now)), Some(30));
        assert_eq!(wait("Tue, 24 Nov 2026 18:00:00 GMT", Some(now)), None);
        for (after, date) in [("", now), ("-1", now), ("soon", now), ("1.5", now), (now, ""), (now, "x")] {
            assert_eq!(wait(after, Some(date)), None, "{after} {date}");
        }
    }
}
