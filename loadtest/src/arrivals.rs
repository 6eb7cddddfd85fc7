//! When each request is due: a rate that grows over the ramp and then stays, whatever becomes of the requests.
//! Refuses to wait for a late engine.

use std::time::Duration;

/// The plan of a run with a fixed rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    /// Requests a second, once the ramp is over.
    pub rate: f64,
    /// Seconds over which the rate grows from nothing.
    pub ramp: f64,
    /// Seconds at the full rate that do not count.
    pub warm_up: f64,
}

impl Arrivals {
    /// When a request is due, from the beginning.
    pub fn due(&self, number: u64) -> Duration {
        let (number, in_ramp) = (number as f64, self.rate * self.ramp / 2.0);
        let seconds = if number < in_ramp {
            (2.0 * number * self.ramp / self.rate).sqrt()
        } else {
            self.ramp + (number - in_ramp) / self.rate
        };
        Duration::from_secs_f64(seconds)
    }

    /// The first request that counts.
    pub fn first(&self) -> u64 {
        (self.rate * (self.ramp / 2.0 + self.warm_up)).ceil() as u64
    }

    /// How many requests count in so many seconds.
    pub fn in_seconds(&self, seconds: f64) -> u64 {
        (self.rate * seconds).ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_grows_and_then_stays() {
        let plan = Arrivals { rate: 100.0, ramp: 4.0, warm_up: 1.0 };
        assert_eq!(plan.due(0), Duration::ZERO);
        // Half of the ramp gives a quarter of what it gives in all.
        assert_eq!(plan.due(50), Duration::from_secs(2));
        assert_eq!(plan.due(200), Duration::from_secs(4));
        assert_eq!(plan.due(300), Duration::from_secs(5));
        assert_eq!((plan.first(), plan.in_seconds(2.5)), (300, 250));
        let dues: Vec<_> = (0..400).map(|number| plan.due(number)).collect();
        assert!(dues.is_sorted());
    }

    #[test]
    fn without_a_ramp_requests_are_evenly_apart() {
        let plan = Arrivals { rate: 1000.0, ramp: 0.0, warm_up: 0.0 };
        assert_eq!((plan.due(1), plan.due(1000), plan.first()), (Duration::from_millis(1), Duration::from_secs(1), 0));
    }
}
