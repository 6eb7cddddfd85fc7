//! The PIN of one person: the present one, those before it, and whether it must be changed.
//! Refuses to grow: it remembers as many earlier PINs as the rules say, 24 at most.

use super::hash::{PinHash, PinKey};
use super::rules::PinRules;
use crate::id::UserId;
use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is stored of a person's PIN.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PinState {
    /// The present PIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<PinHash>,
    /// When it was set; the epoch while there is none.
    pub set_at: Moment,
    /// Earlier PINs, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PinHash>,
    /// Whether it must be changed at the next verification.
    pub change_required: bool,
}

/// What a PIN is good for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinStanding {
    /// It counts.
    Ok,
    /// It counts once more: it must be changed.
    ChangeRequired,
    /// It is too old.
    Expired,
    /// There is none.
    None,
}

impl PinState {
    /// Replaces the PIN; the old one becomes history. `change_required` is for a PIN that somebody else has set.
    pub fn set(&mut self, hash: PinHash, rules: &PinRules, now: Moment, change_required: bool) {
        if let Some(old) = self.hash.replace(hash) {
            self.history.insert(0, old);
        }
        self.history.truncate(usize::from(rules.history.min(24)));
        self.set_at = now;
        self.change_required = change_required;
    }

    /// What the PIN is good for. One that must be changed is `ChangeRequired` even when it is too old.
    pub fn standing(&self, rules: &PinRules, now: Moment) -> PinStanding {
        if self.hash.is_none() {
            PinStanding::None
        } else if self.change_required {
            PinStanding::ChangeRequired
        } else if self.too_old(rules, now) {
            PinStanding::Expired
        } else {
            PinStanding::Ok
        }
    }

    /// Whether the PIN is older than it may be, whatever else is the matter with it.
    pub fn too_old(&self, rules: &PinRules, now: Moment) -> bool {
        self.hash.is_some() && rules.expiry_days > 0 && now.since(self.set_at) >= DAY * rules.expiry_days
    }

    /// Whether `pin` is the present one. `keys` are all keys that serve, in any order; a hash of a key that is not among them
    /// matches nothing.
    pub fn matches(&self, keys: &[PinKey], user: UserId, pin: &str) -> bool {
        self.hash.as_ref().is_some_and(|hash| matches(hash, keys, user, pin))
    }

    /// Whether `pin` is the present one or a remembered one: what [`super::check_new`] asks as `earlier`.
    pub fn used(&self, keys: &[PinKey], user: UserId, pin: &str) -> bool {
        self.hash.iter().chain(&self.history).any(|hash| matches(hash, keys, user, pin))
    }
}

fn matches(hash: &PinHash, keys: &[PinKey], user: UserId, pin: &str) -> bool {
    keys.iter().find(|key| key.id == hash.key_id()).is_some_and(|key| hash.matches(key, user, pin))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [PinKey; 2] = [PinKey::new(1, [1; 32]), PinKey::new(2, [2; 32])];
    const ANN: UserId = UserId::from_bits(1);

    fn hash(key: usize, pin: &str) -> PinHash {
        PinHash::make(&KEYS[key], [0; 16], ANN, pin)
    }

    fn day(n: u32) -> Moment {
        Moment::default() + DAY * n
    }

    #[test]
    fn the_present_and_the_last_pins_are_known() {
        let rules = PinRules { history: 2, ..PinRules::default() };
        let mut state = PinState::default();
        for (n, pin) in ["1357", "2468", "3690", "4815"].into_iter().enumerate() {
            state.set(hash(n % 2, pin), &rules, day(1), false);
        }
        assert!(state.matches(&KEYS, ANN, "4815") && !state.matches(&KEYS, ANN, "3690"));
        let used: Vec<_> = ["1357", "2468", "3690", "4815"].map(|pin| state.used(&KEYS, ANN, pin)).into();
        assert_eq!(used, [false, true, true, true]);
        assert!(!state.matches(&KEYS[..1], ANN, "4815"), "its key is gone");
    }

    #[test]
    fn without_a_history_the_present_pin_is_still_refused() {
        let rules = PinRules { history: 0, ..PinRules::default() };
        let mut state = PinState::default();
        state.set(hash(0, "1357"), &rules, day(1), false);
        state.set(hash(0, "2468"), &rules, day(1), false);
        assert!(state.used(&KEYS, ANN, "2468") && !state.used(&KEYS, ANN, "1357"));
    }

    #[test]
    fn a_pin_grows_old() {
        let rules = PinRules { expiry_days: 30, ..PinRules::default() };
        let mut state = PinState::default();
        assert_eq!(state.standing(&rules, day(9)), PinStanding::None);
        state.set(hash(0, "1357"), &rules, day(1), true);
        assert_eq!(state.standing(&rules, day(1)), PinStanding::ChangeRequired);
        assert_eq!(state.standing(&rules, day(99)), PinStanding::ChangeRequired);
        state.set(hash(0, "2468"), &rules, day(1), false);
        assert_eq!(state.standing(&rules, day(30)), PinStanding::Ok);
        assert_eq!(state.standing(&rules, day(31)), PinStanding::Expired);
        assert_eq!(state.standing(&PinRules::default(), day(9999)), PinStanding::Ok);
    }

    #[test]
    fn a_record_of_an_older_version_is_read() {
        assert_eq!(serde_json::from_str::<PinState>("{}").unwrap(), PinState::default());
        let mut state = PinState::default();
        state.set(hash(0, "1357"), &PinRules::default(), day(1), true);
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<PinState>(&text).unwrap(), state);
    }
}
