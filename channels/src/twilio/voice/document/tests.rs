//! Documents of turns, whole.
//! Refuses to look for parts of them: what is not expected must not be there.

use super::*;
use crate::call::{Part, Utterance};

const NEXT: &str = "https://mfa.example.com/callbacks/v/voice/gather?attempt=a&turn=1";
const LISTEN: Listen = Listen { wait: Duration::from_secs(10), most: 16, pound_alone: false };

fn words(language: &str, text: &str) -> Part {
    Part::Say(Utterance { language: language.into(), text: text.into(), audio: [].into() })
}

fn dial(extension: &str) -> Part {
    Part::Dial(extension.parse().unwrap())
}

fn voices() -> Voices {
    Voices::from([("de-DE".to_owned(), "Polly.Vicki".to_owned())])
}

fn check(parts: Vec<Part>, listen: Option<Listen>, expected: &str) {
    let document = document(&Turn { parts, listen }, NEXT, &voices());
    let inside = document.as_str().strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#).unwrap();
    let expected = expected.replace("NEXT", &NEXT.replace('&', "&amp;"));
    assert_eq!(inside.strip_suffix("</Response>").unwrap(), expected);
}

fn gathered(finish: &str, most: u8, timeout: u64, inside: &str) -> String {
    format!(
        "<Gather input=\"dtmf\" finishOnKey=\"{finish}\" numDigits=\"{most}\" timeout=\"{timeout}\" action=\"NEXT\" \
         method=\"POST\" actionOnEmptyResult=\"true\">{inside}</Gather><Redirect method=\"POST\">NEXT</Redirect>"
    )
}

#[test]
fn words_and_keys() {
    let inside =
        r#"<Say language="de-DE" voice="Polly.Vicki">Raute &amp; fertig</Say><Say language="en-US">Hash</Say>"#;
    let parts = || vec![words("de-DE", "Raute & fertig"), words("en-US", "Hash")];
    check(parts(), Some(LISTEN), &gathered("#", 16, 10, inside));
    check(parts(), None, &format!("{inside}<Hangup/>"));
}

#[test]
fn one_key_may_be_the_pound_key_itself() {
    let one = Listen { most: 1, ..LISTEN };
    check(vec![], Some(one), &gathered("", 1, 10, ""));
    check(vec![], Some(Listen { most: 0, ..LISTEN }), &gathered("", 1, 10, ""));
    check(vec![], Some(Listen { most: 2, ..LISTEN }), &gathered("#", 2, 10, ""));
}

#[test]
fn nobody_is_given_less_time_than_was_meant() {
    for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (10_000, 10)] {
        let wait = Duration::from_millis(millis);
        check(vec![], Some(Listen { wait, ..LISTEN }), &gathered("#", 16, seconds, ""));
    }
}

#[test]
fn an_extension_is_dialled_outside_of_what_listens() {
    let parts =
        || vec![words("en-US", "one"), dial("12,,*#"), words("en-US", "two"), dial("3"), words("en-US", "three")];
    let before = "<Say language=\"en-US\">one</Say><Play digits=\"12wwww*#\"/><Say language=\"en-US\">two</Say>\
                  <Play digits=\"3\"/>";
    let after = r#"<Say language="en-US">three</Say>"#;
    check(parts(), Some(LISTEN), &format!("{before}{}", gathered("#", 16, 10, after)));
    check(parts(), None, &format!("{before}{after}<Hangup/>"));
}

#[test]
fn nothing_to_say_hangs_up() {
    check(vec![], None, "<Hangup/>");
    check(vec![words("en-US", "")], None, "<Hangup/>");
}

#[test]
fn long_words_are_said_in_pieces_and_none_is_lost() {
    let cases = [
        "x".repeat(LONGEST_WORDS),
        "x".repeat(LONGEST_WORDS + 1),
        "ü".repeat(3 * LONGEST_WORDS + 7),
        "two words ".repeat(LONGEST_WORDS),
        format!("{}\u{2003}{}", "a".repeat(LONGEST_WORDS - 1), "b".repeat(LONGEST_WORDS)),
    ];
    for text in cases {
        let pieces = pieces(&text);
        assert_eq!(pieces.concat(), text);
        assert!(pieces.iter().all(|piece| (1..=LONGEST_WORDS).contains(&piece.chars().count())));
        assert_eq!(pieces.len() > 1, text.chars().count() > LONGEST_WORDS);
    }
    let text = "two words ".repeat(LONGEST_WORDS);
    assert!(pieces(&text).iter().all(|piece| piece.ends_with(' ')));
}
