//! What chance has in store for one send, drawn in one go when it arrives.
//! It draws the same number of times for every send, whatever the faults are, so the order of sends alone decides.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::faults::{ErrorFault, Faults};
use crate::message::mix;

/// The generator of one gateway.
pub(crate) struct Dice(StdRng);

/// What happens to one send.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fate {
    pub(crate) error: Option<ErrorFault>,
    pub(crate) silence: bool,
    pub(crate) accept_then_silence: bool,
    pub(crate) duplicate_callbacks: bool,
    pub(crate) lost_receipts: bool,
    pub(crate) late_callbacks: bool,
    /// Decides jitter and wrong codes of what follows from this send.
    pub(crate) whim: u64,
}

impl Dice {
    /// The generator of the gateway called `name` under `seed`.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let named = name.bytes().fold(seed, |sum, byte| mix(sum ^ u64::from(byte)));
        Self(StdRng::seed_from_u64(named))
    }

    pub(crate) fn draw(&mut self, faults: &Faults) -> Fate {
        let draws: [f64; 5] = self.0.random();
        let [error, silence, accept_then_silence, duplicate, lost] = draws;
        let whim = self.0.random();
        Fate {
            error: pick(&faults.errors, error),
            silence: silence < faults.silence,
            accept_then_silence: accept_then_silence < faults.accept_then_silence,
            duplicate_callbacks: duplicate < faults.duplicate_callbacks,
            lost_receipts: lost < faults.lost_receipts,
            late_callbacks: chance(mix(whim)) < faults.late_callbacks,
            whim,
        }
    }
}

/// A further chance out of a whim, 0 to 1 without 1: another draw would give the sends after it another fate than before.
fn chance(whim: u64) -> f64 {
    f64::from(u32::try_from(whim >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
}

fn pick(errors: &[ErrorFault], draw: f64) -> Option<ErrorFault> {
    let mut reached = 0.0;
    errors
        .iter()
        .find(|error| {
            reached += error.probability;
            draw < reached
        })
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::ErrorBody;

    fn faults(probability: f64) -> Faults {
        let error = ErrorFault { probability, status: 503, code: 20503, body: ErrorBody::Json };
        Faults { errors: vec![error], silence: 0.5, ..Faults::default() }
    }

    #[test]
    fn the_seed_decides() {
        let run = |seed| {
            let mut dice = Dice::new(seed, "sms");
            (0..50).map(|_| dice.draw(&faults(0.3))).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn faults_do_not_shift_the_draws() {
        let (mut plain, mut faulty) = (Dice::new(5, "sms"), Dice::new(5, "sms"));
        for _ in 0..20 {
            assert_eq!(plain.draw(&Faults::default()).whim, faulty.draw(&faults(1.0)).whim);
        }
    }

    #[test]
    fn certain_and_impossible_faults() {
        let mut dice = Dice::new(1, "sms");
        assert!((0..100).all(|_| dice.draw(&faults(1.0)).error.is_some()));
        assert!((0..100).all(|_| dice.draw(&faults(0.0)).error.is_none()));
    }
}
