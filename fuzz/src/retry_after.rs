//! When a gateway wants to be asked again: the value of `Retry-After` on the first line, that of `Date` on the second.
//! Refuses a wait of more than an hour.

use crate::input;
use channels::twilio::retry_after::wait;
use std::time::Duration;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (after, rest) = input::line(data);
    let (date, _) = input::line(rest);
    let longest = Duration::from_secs(3600);
    let found = wait(&after, Some(&date));
    assert!(found.is_none_or(|wait| wait <= longest));
    let alone = wait(&after, None);
    assert!(alone.is_none() || alone == found, "seconds need no date");
    let digits = after.trim();
    if !digits.is_empty() && digits.len() < 19 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = Duration::from_secs(digits.parse().expect("fewer than 19 digits"));
        assert_eq!(alone, Some(seconds.min(longest)));
    }
    // A moment is no time after itself; a number of seconds is what it is.
    assert!(wait(&date, Some(&date)).is_none_or(|time| time.is_zero() || wait(&date, None) == Some(time)));
    found.is_some()
}
