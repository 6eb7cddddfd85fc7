//! Which passwords a local account may have (NIST SP 800-63B §3.1.1.2: length and a blocklist, no rules of composition).
//! Refuses what guessers try first, and to repeat a password in a fault.

use zxcvbn::{Score, zxcvbn};

/// Fewest characters: a second factor stands behind every local password.
const SHORTEST: usize = 8;
/// Most bytes, so that hashing them costs what it should.
const LONGEST: usize = 256;
/// What this product and its pages are called, which guessers try too.
const OURS: &[&str] = &["countersign", "portal", "passwort", "kennwort", "willkommen", "contraseña", "motdepasse"];

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("the password needs at least {SHORTEST} characters")]
    TooShort,
    /// Too long.
    #[error("the password has more than {LONGEST} bytes")]
    TooLong,
    /// One that is guessed soon: common or breached words, names, dates, keys in a row, however they are written.
    #[error("the password is one that is guessed soon; take several words")]
    Guessable,
    /// The user name is in it.
    #[error("the password holds the user name")]
    HoldsName,
}

/// Every fault of a new password.
pub fn faults(password: &str, user: &str) -> Vec<PasswordFault> {
    let small = password.to_lowercase();
    let name = user.split(['@', '\\']).find(|part| part.chars().count() >= 4).unwrap_or_default();
    let rules = [
        (password.chars().count() < SHORTEST, PasswordFault::TooShort),
        (password.len() > LONGEST, PasswordFault::TooLong),
        (is_guessable(password, user), PasswordFault::Guessable),
        (!name.is_empty() && small.contains(&name.to_lowercase()), PasswordFault::HoldsName),
    ];
    rules.into_iter().filter_map(|(broken, fault)| broken.then_some(fault)).collect()
}

/// Fewer guesses than that an attacker has for somebody who fell behind with a slow hash (score 3 of 4).
fn is_guessable(password: &str, user: &str) -> bool {
    let known: Vec<_> =
        user.split(['@', '\\', '.', ' ']).filter(|part| !part.is_empty()).chain(OURS.iter().copied()).collect();
    zxcvbn(password, &known).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::PasswordFault::{Guessable, HoldsName, TooLong, TooShort};
    use super::*;

    fn check(password: &str, expected: &[PasswordFault]) {
        assert_eq!(faults(password, "maria.rossi@example.com"), expected, "{password}");
    }

    #[test]
    fn what_is_guessed_first_is_refused_and_long_phrases_are_not() {
        for good in
            ["correct horse battery", "gelbe-Ente-im-Regen", "パスワードは長いほうがよい", "yellow duck in the rain"]
        {
            check(good, &[]);
        }
        for soon in [
            "P@ssw0rd",
            "Password2024!",
            "welcome1234",
            "Summer2024",
            "1q2w3e4r",
            "asdfghjkl",
            "zaq12wsx",
            "liverpool",
            "michelle",
            "qwertz123",
            "trustno1",
            "aaaaaaaaaa",
            "abcdefghij",
            "9876543210",
            "12121990",
            "C0untersign",
        ] {
            check(soon, &[Guessable]);
        }
        check("short", &[TooShort, Guessable]);
        check("xMaria.Rossix", &[HoldsName]);
        check("maria.rossi with a long tail", &[HoldsName]);
        check(&"long phrase of words ".repeat(15), &[TooLong]);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        assert_eq!(faults("anna", "anna"), [TooShort, Guessable, HoldsName]);
    }
}
