//! A random PIN that passes every rule, for the administrator's Generate button.
//! Refuses to draw by itself: random bits arrive through a closure.

use super::rules::{PinRules, check_new};
use crate::secret::Secret;

/// Fewer than half of all PINs of any length are refused, so this many tries fail by chance less than once in 2^200.
const TRIES: usize = 200;

/// A PIN of max(4, the person's minimum) digits that [`check_new`] accepts, uniform among those. `random` gives 64 uniform
/// bits a call. `None` only if `random` is broken or `earlier` refuses nearly everything.
pub fn generate(
    mut random: impl FnMut() -> u64,
    rules: &PinRules,
    min_for_user: Option<u8>,
    phones: &[&str],
    earlier: impl Fn(&str) -> bool,
) -> Option<Secret<String>> {
    let digits = rules.shortest_for(min_for_user);
    (0..TRIES)
        .filter_map(|_| pin(random(), digits))
        .find(|pin| check_new(pin.expose(), rules, min_for_user, phones, &earlier).is_ok())
}

/// A uniform PIN, or nothing where the draw would favour small ones.
fn pin(draw: u64, digits: u8) -> Option<Secret<String>> {
    let pins = 10_u64.pow(u32::from(digits));
    let fair = u64::MAX - u64::MAX % pins;
    (draw < fair).then(|| Secret::new(format!("{:0width$}", draw % pins, width = usize::from(digits))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SplitMix64.
    fn dice(mut seed: u64) -> impl FnMut() -> u64 {
        move || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        }
    }

    proptest! {
        #[test]
        fn what_is_generated_obeys_every_rule(seed: u64, least in prop::option::of(0_u8..20)) {
            let rules = PinRules::default();
            let phones = ["+12025550123", "+12025550187"];
            let pin = generate(dice(seed), &rules, least, &phones, |pin| pin.starts_with('1')).unwrap();
            prop_assert_eq!(pin.expose().len(), usize::from(least.unwrap_or(0).clamp(4, 16)));
            prop_assert!(!pin.expose().starts_with('1'));
            prop_assert_eq!(check_new(pin.expose(), &rules, least, &phones, |_| false), Ok(()));
        }
    }

    #[test]
    fn a_broken_source_ends_in_nothing() {
        assert!(generate(|| 1111, &PinRules::default(), None, &[], |_| false).is_none());
        assert!(generate(|| u64::MAX, &PinRules::default(), None, &[], |_| false).is_none());
        assert!(generate(dice(1), &PinRules::default(), None, &[], |_| true).is_none());
    }
}
