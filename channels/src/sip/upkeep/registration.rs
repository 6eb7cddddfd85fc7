//! The registration at a trunk (RFC 3261 §10.2), made again before it expires.
//! Refuses to hammer: what was refused is tried again later, and later still.

use super::super::message::{Address, Message};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The first wait after a refusal, and the longest.
const WAIT: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(600));

/// What a registrar may grant, in seconds: a shorter time would have us ask without end, a longer one is nobody's meaning.
const GRANTED: RangeInclusive<u64> = 60..=86_400;

/// A registration.
pub(super) struct Registration {
    /// Seconds that are asked for.
    asks: u64,
    due: Option<Duration>,
    wait: Duration,
    trouble: Option<String>,
    stands: bool,
    longer: bool,
}

impl Registration {
    pub(super) fn new(expires: Duration) -> Self {
        let due = Some(Duration::ZERO);
        Self { asks: expires.as_secs().max(1), due, wait: WAIT.0, trouble: None, stands: false, longer: false }
    }

    pub(super) const fn asks(&self) -> u64 {
        self.asks
    }

    pub(super) const fn due(&self) -> Option<Duration> {
        self.due
    }

    pub(super) const fn stands(&self) -> bool {
        self.stands
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(|cause| format!("registration refused: {cause}"))
    }

    /// Whether it is due; then it is not again before the answer.
    pub(super) fn is_due(&mut self, now: Duration) -> bool {
        let due = self.due.is_some_and(|due| now >= due);
        if due {
            self.due = None;
        }
        due
    }

    /// An answer that is no challenge; whether to ask again at once, for longer.
    pub(super) fn answered(&mut self, response: &Message, contact: &str, now: Duration) -> bool {
        match response.status().unwrap_or_default() {
            200..300 => {
                let expires = granted(response, contact).unwrap_or(self.asks);
                let expires = expires.clamp(*GRANTED.start(), *GRANTED.end());
                (self.trouble, self.stands, self.wait) = (None, true, WAIT.0);
                // A tenth before its end, and half a minute for the answer to be late.
                let early = Duration::from_secs(expires / 10 + 30).min(Duration::from_secs(expires) / 2);
                self.due = Some(now + Duration::from_secs(expires) - early);
                false
            }
            423 if !self.longer => match response.seconds("Min-Expires") {
                Some(least) => {
                    (self.asks, self.longer) = (least.into(), true);
                    true
                }
                None => self.refuse(response, now),
            },
            _ => self.refuse(response, now),
        }
    }

    fn refuse(&mut self, response: &Message, now: Duration) -> bool {
        let retry_after = response.seconds("Retry-After").map(|seconds| Duration::from_secs(seconds.into()));
        self.refused(&format!("SIP {}", response.status().unwrap_or_default()), retry_after, now);
        false
    }

    pub(super) fn refused(&mut self, cause: &str, retry_after: Option<Duration>, now: Duration) {
        (self.trouble, self.stands) = (Some(cause.to_owned()), false);
        self.due = Some(now + retry_after.unwrap_or(self.wait).clamp(self.wait, WAIT.1));
        self.wait = (self.wait * 2).min(WAIT.1);
    }

    /// From now on it asks for none.
    pub(super) const fn leave(&mut self) {
        (self.asks, self.due, self.stands) = (0, None, false);
    }
}

/// The seconds that were granted to our contact, or to all (§10.2.4).
fn granted(response: &Message, contact: &str) -> Option<u64> {
    let ours = response.all("Contact").filter_map(Address::read).find(|known| known.uri == contact);
    let own = ours.and_then(|known| known.parameter("expires")?.parse().ok());
    own.or_else(|| response.seconds("Expires").map(u64::from))
}
