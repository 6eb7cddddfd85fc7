//! What a person meant by a text they sent back, or by a code they typed.
//! Refuses to guess: where a refusal stands beside digits, or digits stand in two places, nothing is accepted.

mod digit;

pub(crate) use digit::{fold, is_separator};

use crate::secret::Secret;

/// Characters of the longest body that is read; ten segments of a long text.
pub const LONGEST: usize = 1600;

/// What a reply means. The engine decides what follows from it.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The one run of digits in it, in ASCII, at least one.
    Digits(Secret<String>),
    /// The word FRAUD or the fraud code, alone.
    Fraud,
    /// The sender wants no more texts (a carrier's word for it, alone).
    Stop,
    /// The sender wants texts again (alone).
    Start,
    /// The sender asks what this is (alone).
    Help,
    /// Nothing usable: counts as a wrong try.
    Unreadable,
}

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "UNSTOP", "YES"];
const HELP: [&str; 2] = ["HELP", "INFO"];
const FRAUD: &str = "FRAUD";

/// Reads the body of an inbound text (mfa-server.md §7.2). `fraud_code` is the company's fraud code; empty: fraud
/// cannot be reported, and FRAUD is a word like any other.
pub fn read(body: &str, fraud_code: &str) -> Reply {
    if body.chars().nth(LONGEST).is_some() {
        return Reply::Unreadable;
    }
    let runs = Runs::of(body);
    match (runs.count, word(body).as_str()) {
        (0, FRAUD) if !fraud_code.is_empty() => Reply::Fraud,
        (0, word) if STOP.contains(&word) => Reply::Stop,
        (0, word) if START.contains(&word) => Reply::Start,
        (0, word) if HELP.contains(&word) => Reply::Help,
        (1, "") if !fraud_code.is_empty() && runs.only.expose() == fraud_code => Reply::Fraud,
        (1, _) if !refuses(body) => Reply::Digits(runs.only),
        (_, _) => Reply::Unreadable,
    }
}

/// The digits of a code typed into a form: digits of any script, spaces, dashes and dots ignored, nothing else beside them.
/// `None` if there is another character, no digit, or more than [`LONGEST`] characters.
pub fn digits(typed: &str) -> Option<Secret<String>> {
    let meant = |c: char| digit::fold(c).is_some() || digit::is_separator(c);
    if typed.chars().nth(LONGEST).is_some() || !typed.chars().all(meant) {
        return None;
    }
    let folded = folded(typed);
    (!folded.expose().is_empty()).then_some(folded)
}

/// Cuts digits after the code: what is left is the PIN. Shorter digits are all code.
pub fn split(digits: &str, code_digits: usize) -> (&str, &str) {
    digits.split_at_checked(code_digits).unwrap_or((digits, ""))
}

/// The runs of digits in a text; only what separates digits may stand inside one.
struct Runs {
    count: usize,
    only: Secret<String>,
}

impl Runs {
    fn of(body: &str) -> Self {
        let mut count = 0;
        let mut inside = false;
        for c in body.chars().filter(|&c| !digit::is_separator(c)) {
            let is_digit = digit::fold(c).is_some();
            count += usize::from(is_digit && !inside);
            inside = is_digit;
        }
        Self { count, only: folded(body) }
    }
}

fn folded(text: &str) -> Secret<String> {
    // Room for all of it at once: growing would leave copies of a code behind in memory.
    let mut digits = String::with_capacity(text.len());
    digits.extend(text.chars().filter_map(digit::fold));
    Secret::new(digits)
}

/// The letters of a body in upper case, so that `Stop.`, `opt-out` and `stop all` are found; empty if it has none.
fn word(body: &str) -> String {
    body.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_uppercase).collect()
}

/// Whether a word of refusal stands anywhere. Beside digits it makes a body unreadable: nobody who wrote FRAUD or STOP is let
/// through because a code stands there too.
fn refuses(body: &str) -> bool {
    body.split(|c: char| !c.is_alphabetic())
        .map(|part| part.to_uppercase())
        .any(|part| part == FRAUD || STOP.contains(&part.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn where_fraud_cannot_be_reported_the_word_means_nothing() {
        for body in ["FRAUD", "fraud!"] {
            assert!(matches!(read(body, ""), Reply::Unreadable), "{body}");
        }
        assert!(matches!(read("0", ""), Reply::Digits(_)));
    }

    fn meant(body: &str) -> String {
        match read(body, "0") {
            Reply::Digits(digits) => digits.expose().clone(),
            reply @ (Reply::Fraud | Reply::Stop | Reply::Start | Reply::Help | Reply::Unreadable) => {
                format!("{reply:?}")
            }
        }
    }

    fn check(meaning: &str, bodies: &[&str]) {
        for body in bodies {
            assert_eq!(meant(body), meaning, "{body:?}");
        }
    }

    #[test]
    fn one_run_of_digits_is_a_code() {
        check(
            "123456",
            &[
                "123456",
                " 123456\r\n",
                "123 456",
                "123-456",
                "123.456",
                "123\u{a0}456",
                "１２３４５６",
                "१२३४५६",
                "12–34—56",
                "my code: 123456",
                "123456, thanks!",
                "Code123456ok",
                "\u{202b}١٢٣\u{200f}٤٥٦\u{202c}",
                "123\u{3000}456",
                "ok 123456 👍",
                "yes 123456",
            ],
        );
        check("1234567890", &["123456 7890", "123456\n7890", "123456-7890"]);
    }

    #[test]
    fn two_runs_are_nothing() {
        check(
            "Unreadable",
            &["123456 or 654321", "123456/1", "123456,7890", "1a2", "+1 (202) 555", "", " ", "hello", "½", "👍"],
        );
    }

    #[test]
    fn fraud_is_the_word_or_the_code_alone() {
        check("Fraud", &["FRAUD", "fraud", " Fraud! ", "f.r.a.u.d", "0", " 0 ", "0#", "０", "0."]);
        check("Unreadable", &["this is fraud", "FRAUD 123456", "123456 fraud", "fraudulent"]);
        check("0", &["code 0"]);
        assert!(matches!(read("0", ""), Reply::Digits(_)), "without a fraud code 0 is a try");
        assert!(matches!(read("123", "123"), Reply::Fraud));
        assert!(matches!(read("1234", "123"), Reply::Digits(_)));
    }

    #[test]
    fn carrier_words_stand_alone() {
        check(
            "Stop",
            &[
                "STOP",
                "stop",
                "Stop.",
                "STOPALL",
                "stop all",
                "unsubscribe",
                "CANCEL",
                "End",
                "quit",
                "REVOKE",
                "opt-out",
            ],
        );
        check("Start", &["START", "unstop", "Yes"]);
        check("Help", &["help", "INFO", "help?"]);
        check("Unreadable", &["please stop", "STOP 123456", "cancel 123456", "stop0", "starting"]);
    }

    #[test]
    fn a_body_may_have_1600_characters() {
        let long = |n: usize| format!("123456{}", "é".repeat(n - 6));
        assert_eq!(meant(&long(1600)), "123456");
        assert_eq!(meant(&long(1601)), "Unreadable");
        assert_eq!(meant(&"1".repeat(1601)), "Unreadable");
    }

    #[test]
    fn typed_digits_allow_nothing_beside_them() {
        let typed = |text| digits(text).map(|d| d.expose().clone());
        assert_eq!(typed("１２３ 456-7").as_deref(), Some("1234567"));
        for wrong in ["", "  ", "123a", "12+3", "FRAUD", &"1".repeat(1601)] {
            assert_eq!(typed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_pin_follows_the_code() {
        assert_eq!(split("1234567890", 6), ("123456", "7890"));
        assert_eq!(split("123456", 6), ("123456", ""));
        assert_eq!(split("1234", 6), ("1234", ""));
        assert_eq!(split("ü1", 1), ("ü1", ""));
    }

    proptest! {
        #[test]
        fn any_text_is_read(body in any::<String>(), fraud_code in "[0-9]{0,3}") {
            if let Reply::Digits(digits) = read(&body, &fraud_code) {
                prop_assert!(!digits.expose().is_empty() && digits.expose().bytes().all(|b| b.is_ascii_digit()));
            }
            let _ = digits(&body);
            let _ = split(&body, 6);
        }

        #[test]
        fn separators_change_nothing(code in "[0-9]{6,8}", separators in prop::collection::vec("[ .\u{a0}\u{2011}-]{0,2}", 9)) {
            let body: String = separators.iter().map(String::as_str).zip(code.chars().map(Some).chain([None]))
                .flat_map(|(separator, digit)| separator.chars().chain(digit)).collect();
            prop_assert_eq!(meant(&body), code);
        }
    }
}
