//! How many sends a second a gateway takes while it is told to throttle.
//! It never waits: a send is within the rate or it isn't.

use std::time::Instant;

/// A bucket that holds one second's worth and fills at that rate.
#[derive(Default)]
pub(crate) struct Throttle {
    rate: u32,
    tokens: f64,
    filled: Option<Instant>,
}

impl Throttle {
    /// Whether a send at `now` is within `rate` a second. A new rate starts with a full bucket.
    pub(crate) fn admit(&mut self, rate: u32, now: Instant) -> bool {
        let full = f64::from(rate);
        let gained = match self.filled {
            Some(before) if self.rate == rate => now.saturating_duration_since(before).as_secs_f64() * full,
            Some(_) | None => full,
        };
        self.tokens = (self.tokens + gained).min(full);
        self.rate = rate;
        self.filled = Some(now);
        let within = self.tokens >= 1.0;
        if within {
            self.tokens -= 1.0;
        }
        within
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_second_holds_the_rate() {
        let mut throttle = Throttle::default();
        let start = crate::clock::tick();
        let admitted = (0..10).filter(|_| throttle.admit(3, start)).count();
        assert_eq!(admitted, 3);
        let later = start + Duration::from_millis(700);
        assert!(throttle.admit(3, later) && throttle.admit(3, later) && !throttle.admit(3, later));
    }
}
