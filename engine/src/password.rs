//! Which passwords a local account may have (NIST SP 800-63B §3.1.1.2: length and a blocklist, no rules of composition).
//! Refuses what guessers try first, and to repeat a password in a fault.

use serde::{Deserialize, Serialize};

/// Fewest characters: a second factor stands behind every local password.
const SHORTEST: usize = 8;
/// Most bytes, so that hashing them costs what it should.
const LONGEST: usize = 256;
/// What guessers begin with, once digits and signs are taken off its ends and letters written as signs are read.
const COMMON: &[&str] = &[
    "abc",
    "access",
    "admin",
    "administrator",
    "baseball",
    "changeme",
    "countersign",
    "default",
    "dragon",
    "football",
    "google",
    "guest",
    "hello",
    "iloveyou",
    "letmein",
    "login",
    "master",
    "monkey",
    "mustang",
    "pass",
    "password",
    "passwort",
    "princess",
    "qazwsx",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "root",
    "secret",
    "shadow",
    "spring",
    "summer",
    "autumn",
    "winter",
    "starwars",
    "sunshine",
    "superman",
    "temp",
    "test",
    "trustno",
    "user",
    "welcome",
    "whatever",
];

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PasswordFault {
    /// Too short.
    #[error("the password needs at least {SHORTEST} characters")]
    TooShort,
    /// Too long.
    #[error("the password has more than {LONGEST} bytes")]
    TooLong,
    /// One that is guessed first.
    #[error("the password is one that is guessed first; take several words")]
    Common,
    /// The user name is in it.
    #[error("the password holds the user name")]
    HoldsName,
    /// Few different characters, or a row of neighbours.
    #[error("the password repeats or counts on; take several words")]
    Monotonous,
}

/// Every fault of a new password.
pub fn faults(password: &str, user: &str) -> Vec<PasswordFault> {
    let small = password.to_lowercase();
    let name = user.split(['@', '\\']).find(|part| part.chars().count() >= 4).unwrap_or_default();
    let rules = [
        (password.chars().count() < SHORTEST, PasswordFault::TooShort),
        (password.len() > LONGEST, PasswordFault::TooLong),
        (is_common(&small), PasswordFault::Common),
        (!name.is_empty() && small.contains(&name.to_lowercase()), PasswordFault::HoldsName),
        (is_monotonous(&small), PasswordFault::Monotonous),
    ];
    rules.into_iter().filter_map(|(broken, fault)| broken.then_some(fault)).collect()
}

/// The letter that a sign stands for.
const fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Digits and signs at its ends are no part of a word, unless they stand for a letter of it.
fn is_common(password: &str) -> bool {
    let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let read = |text: &str| text.chars().map(letter).collect::<String>();
    let cores = [read(&bare(password)), bare(&read(password))];
    cores.iter().any(|core| COMMON.contains(&core.as_str()))
}

fn is_monotonous(password: &str) -> bool {
    let chars: Vec<u32> = password.chars().map(u32::from).collect();
    let different = chars.iter().collect::<std::collections::HashSet<_>>().len();
    let steps = |step: i64| chars.windows(2).filter(|pair| i64::from(pair[1]) - i64::from(pair[0]) == step).count();
    let most = chars.len().saturating_sub(1);
    different < 4 || (most > 0 && [-1, 1].into_iter().any(|step| steps(step) * 4 >= most * 3))
}

#[cfg(test)]
mod tests {
    use super::PasswordFault::{Common, HoldsName, Monotonous, TooLong, TooShort};
    use super::*;

    fn check(password: &str, expected: &[PasswordFault]) {
        assert_eq!(faults(password, "maria.rossi@example.com"), expected, "{password}");
    }

    #[test]
    fn what_is_guessed_first_is_refused_and_long_phrases_are_not() {
        check("correct horse battery", &[]);
        check("gelbe-Ente-im-Regen", &[]);
        check("パスワードは長いほうがよい", &[]);
        check("short", &[TooShort]);
        check("P@ssw0rd", &[Common]);
        check("Password2024!", &[Common]);
        check("welcome1234", &[Common]);
        check("Summer2024", &[Common]);
        check("xMaria.Rossix", &[HoldsName]);
        check("aaaaaaaaaa", &[Monotonous]);
        check("abcdefghij", &[Monotonous]);
        check("9876543210", &[Monotonous]);
        check(&"long phrase ".repeat(30), &[TooLong]);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        assert_eq!(faults("111", "anna"), [TooShort, Monotonous]);
    }
}
