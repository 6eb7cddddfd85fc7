//! A code that the first set-up needs beside the password.
//! Refuses to be guessed: it is counted, and it ends.

use crate::id::UserId;
use crate::moment::Moment;
use crate::pin::{PinHash, PinKey};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Digits of a code.
const DIGITS: usize = 8;
/// Wrong ones that are forgiven.
const TRIES: u8 = 5;
/// How long one that was mailed counts, and one that an administrator gave.
pub const BY_MAIL: Duration = Duration::from_secs(30 * 60);
const BY_HAND: Duration = Duration::from_secs(7 * 86_400);
/// Not sooner is another one mailed, and not more in a day.
const GAP: Duration = Duration::from_secs(60);
const A_DAY: usize = 5;
const DAY: Duration = Duration::from_secs(86_400);

/// A code as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentCode {
    hash: PinHash,
    made_at: Moment,
    until: Moment,
    tries: u8,
    /// When codes were mailed, within a day.
    #[serde(default)]
    mailed: Vec<Moment>,
}

/// What a code that was shown is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is right; it counts once.
    Right,
    /// It is wrong, too old, or was tried too often.
    Wrong,
}

impl EnrollmentCode {
    /// A new code; `random` gives 64 random bits each time.
    pub fn digits(mut random: impl FnMut() -> u64) -> Secret<String> {
        let most = 10_u64.pow(u32::try_from(DIGITS).expect("a small number"));
        let limit = u64::MAX - u64::MAX % most;
        let drawn = std::iter::repeat_with(&mut random).find(|drawn| *drawn < limit).unwrap_or_default();
        Secret::new(format!("{:0width$}", drawn % most, width = DIGITS))
    }

    /// One that is mailed, after an earlier one.
    pub fn by_mail(
        key: &PinKey,
        salt: [u8; 16],
        user: UserId,
        code: &Secret<String>,
        earlier: Option<&Self>,
        now: Moment,
    ) -> Self {
        let before = earlier.map(|earlier| earlier.mailed.clone()).unwrap_or_default();
        let mut mailed: Vec<_> = before.into_iter().filter(|at| now.since(*at) < DAY).collect();
        mailed.push(now);
        Self { mailed, ..Self::made(key, salt, user, code, now, BY_MAIL) }
    }

    /// One that an administrator gives.
    pub fn by_hand(key: &PinKey, salt: [u8; 16], user: UserId, code: &Secret<String>, now: Moment) -> Self {
        Self::made(key, salt, user, code, now, BY_HAND)
    }

    fn made(key: &PinKey, salt: [u8; 16], user: UserId, code: &Secret<String>, now: Moment, life: Duration) -> Self {
        let hash = PinHash::make(key, salt, user, code.expose());
        Self { hash, made_at: now, until: now + life, tries: 0, mailed: vec![] }
    }

    /// Whether another one may be mailed.
    pub fn may_be_replaced(&self, now: Moment) -> bool {
        let today = self.mailed.iter().filter(|at| now.since(**at) < DAY).count();
        now.since(self.made_at) >= GAP && today < A_DAY
    }

    /// From when on another one may be mailed.
    pub fn free_at(&self, now: Moment) -> Moment {
        let mut today = self.mailed.iter().filter(|at| now.since(**at) < DAY);
        let first = today.next().filter(|_| today.count() + 1 >= A_DAY);
        first.map_or(self.made_at + GAP, |first| *first + DAY)
    }

    /// Whether it can still be shown.
    pub fn is_live(&self, now: Moment) -> bool {
        now < self.until && self.tries < TRIES
    }

    /// When it ends by itself.
    pub const fn until(&self) -> Moment {
        self.until
    }

    /// Somebody shows a code.
    pub fn show(&mut self, keys: &[PinKey], user: UserId, code: &str, now: Moment) -> Shown {
        if !self.is_live(now) {
            return Shown::Wrong;
        }
        self.tries += 1;
        let key = keys.iter().find(|key| key.id == self.hash.key_id());
        if key.is_some_and(|key| self.hash.matches(key, user, code)) { Shown::Right } else { Shown::Wrong }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PinKey = PinKey::new(1, [1; 32]);
    const ANN: UserId = UserId::from_bits(1);
    const NOW: Moment = Moment::from_millis(1_700_000_000_000);

    fn made() -> EnrollmentCode {
        EnrollmentCode::by_mail(&KEY, [0; 16], ANN, &Secret::new("01234567".to_owned()), None, NOW)
    }

    #[test]
    fn a_code_counts_for_its_person_in_its_time_and_five_times_at_most() {
        assert_eq!(made().show(&[KEY], ANN, "01234567", NOW), Shown::Right);
        assert_eq!(made().show(&[KEY], UserId::from_bits(2), "01234567", NOW), Shown::Wrong);
        assert_eq!(made().show(&[KEY], ANN, "01234567", NOW + BY_MAIL), Shown::Wrong);
        let mut tried = made();
        for _ in 0..TRIES {
            assert_eq!(tried.show(&[KEY], ANN, "76543210", NOW), Shown::Wrong);
        }
        assert_eq!(tried.show(&[KEY], ANN, "01234567", NOW), Shown::Wrong);
        assert!(!made().may_be_replaced(NOW) && made().may_be_replaced(NOW + GAP));
        let code = Secret::new("01234567".to_owned());
        let again =
            |earlier: &EnrollmentCode, at| EnrollmentCode::by_mail(&KEY, [0; 16], ANN, &code, Some(earlier), at);
        let many = (1..5).fold(made(), |earlier, minute| again(&earlier, NOW + GAP * minute));
        assert_eq!((made().free_at(NOW), many.free_at(NOW + GAP * 9)), (NOW + GAP, NOW + DAY));
        assert!(!many.may_be_replaced(NOW + GAP * 9) && many.may_be_replaced(NOW + DAY + GAP));
    }

    #[test]
    fn codes_have_eight_digits_from_an_even_source() {
        let mut numbers = [u64::MAX, 7].into_iter();
        assert_eq!(EnrollmentCode::digits(|| numbers.next().unwrap_or_default()).expose(), "00000007");
    }
}
