//! One direction of a network that loses, delays, reorders and doubles packets, by the seed.
//! It makes up none.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{FRAME_MS, ticks};
use crate::sip::faults::NetworkFaults;

pub(crate) struct Network {
    dice: StdRng,
    /// What is on its way, with the tick that it comes at.
    on_the_way: Vec<(u64, Vec<u8>)>,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: StdRng::seed_from_u64(seed), on_the_way: Vec::new() }
    }

    /// Sends a packet at `tick`.
    pub(crate) fn send(&mut self, packet: Vec<u8>, tick: u64, faults: &NetworkFaults) {
        let draws: [f64; 5] = self.dice.random();
        let [loss, late, reorder, double, again] = draws;
        if loss < faults.loss {
            return;
        }
        let overtaken = u64::from(reorder < faults.reorder) * 2;
        if double < faults.duplicates {
            self.on_the_way.push((tick + later(again, faults), packet.clone()));
        }
        self.on_the_way.push((tick + later(late, faults) + overtaken, packet));
    }

    /// What has come by `tick`, in the order it comes.
    pub(crate) fn receive(&mut self, tick: u64) -> Vec<Vec<u8>> {
        let mut come: Vec<(u64, Vec<u8>)> = self.on_the_way.extract_if(.., |(due, _)| *due <= tick).collect();
        come.sort_by_key(|(due, _)| *due);
        come.into_iter().map(|(_, packet)| packet).collect()
    }
}

/// Whole ticks, so that a delay below 20 ms comes as one at times.
fn later(draw: f64, faults: &NetworkFaults) -> u64 {
    let milliseconds = draw * faults.jitter_ms as f64;
    if milliseconds < FRAME_MS as f64 / 2.0 { 0 } else { ticks(milliseconds as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packets that come, by number.
    fn run(seed: u64, faults: &NetworkFaults) -> Vec<u8> {
        let mut network = Network::new(seed);
        let mut come = Vec::new();
        for tick in 0..600 {
            if tick < 200 {
                network.send(vec![tick as u8], tick, faults);
            }
            come.extend(network.receive(tick).concat());
        }
        come
    }

    #[test]
    fn without_faults_all_come_at_once_and_in_order() {
        assert_eq!(run(1, &NetworkFaults::default()), (0..200).collect::<Vec<u8>>());
    }

    #[test]
    fn the_seed_decides() {
        let faults = NetworkFaults { loss: 0.1, jitter_ms: 100, reorder: 0.1, duplicates: 0.1, only: None };
        assert_eq!(run(1, &faults), run(1, &faults));
        assert_ne!(run(1, &faults), run(2, &faults));
    }

    #[test]
    fn each_fault_does_what_it_says() {
        let lost = run(1, &NetworkFaults { loss: 0.3, ..NetworkFaults::default() });
        assert!((100..180).contains(&lost.len()) && lost.is_sorted(), "{}", lost.len());
        let doubled = run(1, &NetworkFaults { duplicates: 0.3, ..NetworkFaults::default() });
        assert!((220..300).contains(&doubled.len()), "{}", doubled.len());
        for faults in [
            NetworkFaults { reorder: 0.2, ..NetworkFaults::default() },
            NetworkFaults { jitter_ms: 100, ..NetworkFaults::default() },
        ] {
            let mut mixed = run(1, &faults);
            assert!(mixed.len() == 200 && !mixed.is_sorted());
            mixed.sort_unstable();
            assert_eq!(mixed, (0..200).collect::<Vec<u8>>());
        }
    }
}
