//! A letter as bytes: headers, and the text in two forms (RFC 5322, RFC 2046 §5.1.4).
//! Refuses to let anything that it is given end a header line.

use super::Letter;
use lettre::Address;
use lettre::message::header::{Date, From, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, MessageId, Subject, To};
use lettre::message::{Mailbox, Mailboxes, MultiPart};
use std::fmt::Write;

/// RFC 5646 §4.4.1 speaks of 35 characters.
const LONGEST_LANGUAGE: usize = 35;

/// The whole letter. Only an address beyond ASCII makes it more than ASCII.
pub fn compose(from: &Mailbox, to: &Address, letter: &Letter<'_>) -> Vec<u8> {
    // By hand: lettre's builder reads the addresses that it wrote once more, and does not know all of them again.
    let mut headers = Headers::new();
    headers.set(From::from(Mailboxes::from(from.clone())));
    headers.set(To::from(Mailboxes::from(Mailbox::from(to.clone()))));
    headers.set(Subject::from(one_line(letter.subject)));
    headers.set(Date::now());
    headers.set(MessageId::from(format!("<{}@{}>", unmistakable(letter.id), from.email.domain())));
    // Nobody's holiday notice is to be sent to us (RFC 3834 §5; the second one is for Exchange).
    headers.insert_raw(header("Auto-Submitted", "auto-generated"));
    headers.insert_raw(header("X-Auto-Response-Suppress", "All"));
    if is_language(letter.language) {
        headers.insert_raw(header("Content-Language", letter.language));
    }
    headers.set(MIME_VERSION_1_0);
    let bodies = MultiPart::alternative_plain_html(body(letter.text), body(letter.html));
    [headers.to_string().into_bytes(), bodies.formatted()].concat()
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Line breaks and other control characters become spaces.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(breaks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What may stand in a `Message-ID`; everything else by its bytes, so that two ids never become one.
fn unmistakable(id: &str) -> String {
    id.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            other => write!(text, "={other:02X}").expect("a string takes everything"),
        }
        text
    })
}

fn is_language(tag: &str) -> bool {
    (1..=LONGEST_LANGUAGE).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Lines end with LF, which becomes CRLF on the wire; other control characters have no place in a letter.
fn body(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn composed(letter: &Letter<'_>) -> String {
        let from = crate::mail::address::sender("Prüfung <mfa@example.com>").unwrap();
        String::from_utf8(compose(&from, &"a@example.com".parse().unwrap(), letter)).unwrap()
    }

    const LETTER: Letter<'static> = Letter {
        id: "evt_1",
        to: "a@example.com",
        subject: "Grüße",
        text: "Hallo 世界\n.\nEnde",
        html: "<p>Hallo</p>",
        language: "de",
    };

    #[test]
    fn a_letter_is_ascii_with_crlf() {
        let text = composed(&LETTER);
        assert!(text.is_ascii(), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
        for line in ["Message-ID: <evt_1@example.com>", "Content-Language: de", "Auto-Submitted: auto-generated"] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} is not in {text}");
        }
    }

    #[test]
    fn nothing_given_adds_a_header() {
        let evil = "x\r\nBcc: b@example.com\r\n\r\nbody\nX: y\rZ: w\u{2028}V: u\u{85}T: s\u{0}";
        let letter = Letter { id: evil, subject: evil, language: evil, text: "", html: "", ..LETTER };
        let text = composed(&letter);
        let head = text.split("\r\n\r\n").next().unwrap();
        let names: Vec<_> = head
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        let ours = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"];
        let rest = ["MIME-Version", "Content-Type"];
        assert!(names.iter().all(|name| ours.contains(name) || rest.contains(name)), "{names:?}");
        assert_eq!(names.len(), ours.len() + rest.len(), "{head}");
    }

    proptest! {
        /// Whatever is given: no panic, no line end but CRLF, no header but ours, and the body begins where it should.
        #[test]
        fn whatever_is_given_is_one_letter(
            name in "[ -~äß世]{0,40}",
            local in "\"[ -~]{1,30}\"|[!-~ä]{1,30}",
            given in "[\\PC\r\n\t\u{0}]{0,200}",
        ) {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            let Ok(from) = crate::mail::address::sender(&format!("\"{quoted}\" <mfa@example.com>")) else { return Ok(()) };
            let Ok(to) = crate::mail::address::recipient(&format!("{local}@example.com")) else { return Ok(()) };
            let letter = Letter { id: &given, to: "", subject: &given, text: &given, html: &given, language: &given };
            let text = String::from_utf8(compose(&from, &to, &letter)).unwrap();
            prop_assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
            prop_assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
            let head = text.split("\r\n\r\n").next().unwrap();
            let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
            prop_assert!((9..=10).contains(&names.count()), "{}", head);
        }
    }

    #[test]
    fn two_ids_never_become_one() {
        assert_eq!(unmistakable("evt_1-a"), "evt_1-a");
        assert_eq!(unmistakable("a.b>"), "a=2Eb=3E");
        assert_ne!(unmistakable("a=2E"), unmistakable("a."));
    }

    #[test]
    fn a_body_keeps_its_lines_and_nothing_else_of_control() {
        assert_eq!(body("a\r\nb\rc\n\td\u{0}\u{7}"), "a\nb\nc\n\td");
    }
}
