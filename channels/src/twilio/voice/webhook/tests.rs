//! Callbacks about calls: words, keys, and what is missing.
//! Refuses to read a key where none was pressed.

use super::*;
use engine::id::VerificationId;
use proptest::prelude::*;

const ASKED: &str =
    "CallSid=CA1&AccountSid=AC1&From=%2B12025550100&To=%2B12025550123&CallStatus=in-progress&Direction=outbound-api";

fn raw<'a>(path_and_query: &'a str, body: &'a str) -> RawCallback<'a> {
    RawCallback { path_and_query, signature: None, body: body.as_bytes() }
}

fn read(query: &str, more: &str) -> (About, Asked) {
    asked(&raw(&format!("/callbacks/v/voice/gather?{query}"), &format!("{ASKED}{more}"))).unwrap()
}

fn attempt() -> AttemptId {
    AttemptId { verification: VerificationId::from_bits(7), rung: 0, send: 1 }
}

#[test]
fn a_question_carries_its_attempt_and_its_turn() {
    let (about, asked) = read(&format!("attempt={}&turn=3", attempt()), "&Digits=1234&FinishedOnKey=%23&New=1");
    assert_eq!(about, About { attempt: Some(attempt()), sid: "CA1".into() });
    assert_eq!((asked.turn, asked.machine), (3, false));
    let (about, asked) = read("attempt=none&turn=-1", "");
    assert_eq!((about.attempt, asked.turn), (None, 0));
}

#[test]
fn silence_is_not_the_pound_key() {
    for (form, digits, pound) in [
        ("", "", false),
        ("&Digits=", "", false),
        ("&Digits=&FinishedOnKey=", "", false),
        ("&Digits=&FinishedOnKey=timeout", "", false),
        ("&Digits=&FinishedOnKey=%23", "", true),
        ("&Digits=%23", "", true),
        ("&Digits=1234&FinishedOnKey=%23", "1234", true),
        ("&Digits=1234&FinishedOnKey=", "1234", false),
        ("&Digits=1234", "1234", false),
        ("&Digits=0%23", "0", true),
        ("&Digits=1%232", "1", true),
        ("&Digits=*9AbCd&FinishedOnKey=%2A", "*9ABCD", false),
        ("&Digits=%EF%BC%91+1x", "1", false),
    ] {
        let (_, asked) = read("", form);
        assert_eq!((asked.keys.digits.expose().as_str(), asked.keys.pound), (digits, pound), "{form}");
    }
    let (_, asked) = read("", &format!("&Digits={}", "1".repeat(1000)));
    assert_eq!(asked.keys.digits.expose().len(), MOST_KEYS);
}

#[test]
fn a_machine_is_told_from_a_person() {
    for (by, machine) in [
        ("human", false),
        ("unknown", false),
        ("", false),
        ("machine_start", true),
        ("machine_end_beep", true),
        ("machine_end_silence", true),
        ("machine_end_other", true),
        ("fax", true),
    ] {
        assert_eq!(read("", &format!("&AnsweredBy={by}")).1.machine, machine, "{by}");
    }
}

#[test]
fn a_status_is_read() {
    let body = format!(
        "{}&CallDuration=12&SequenceNumber=3&SipResponseCode=486&ErrorCode=",
        ASKED.replace("in-progress", "busy")
    );
    let (about, told) = told(&raw(&format!("/x?attempt={}", attempt()), &body)).unwrap();
    assert_eq!(about.attempt, Some(attempt()));
    let expected = Told { progress: Progress::Ended(Ended::Busy), sip: Some(486), code: None, seconds: Some(12) };
    assert_eq!(told, expected);
}

#[test]
fn every_status_word_has_its_progress() {
    for (words, expected) in [
        ("queued initiated unheard-of", Progress::Begun),
        ("ringing", Progress::Ringing),
        ("in-progress", Progress::InProgress),
        ("completed", Progress::Ended(Ended::Completed)),
        ("busy", Progress::Ended(Ended::Busy)),
        ("no-answer", Progress::Ended(Ended::NoAnswer)),
        ("failed", Progress::Ended(Ended::Failed)),
        ("canceled", Progress::Ended(Ended::Canceled)),
    ] {
        for word in words.split(' ') {
            assert_eq!(progress(word), expected, "{word}");
        }
    }
}

#[test]
fn what_is_missing_or_double_is_named() {
    let wrong = |body: &str| asked(&raw("/x", body)).err();
    assert_eq!(wrong("Digits=1"), Some(CallbackError::Missing("CallSid")));
    assert_eq!(wrong("CallSid=../Messages"), Some(CallbackError::Missing("CallSid")));
    assert_eq!(wrong("CallSid=CA1&CallSid=CA2"), Some(CallbackError::Repeated("CallSid")));
    assert_eq!(wrong("CallSid=CA1&Digits=1&Digits=2"), Some(CallbackError::Repeated("Digits")));
    assert!(matches!(wrong("CallSid=%zz"), Some(CallbackError::NotAForm(_))));
    assert_eq!(told(&raw("/x", "CallSid=CA1")).err(), Some(CallbackError::Missing("CallStatus")));
    let two = asked(&raw("/x?attempt=1&attempt=2", "CallSid=CA1"));
    assert_eq!(two.err(), Some(CallbackError::Repeated("attempt")));
}

#[test]
fn keys_are_not_shown() {
    let (_, asked) = read("", "&Digits=246810");
    assert!(!format!("{asked:?}").contains("246810"));
}

proptest! {
    #[test]
    fn no_body_breaks_the_reader(body in prop::collection::vec(any::<u8>(), 0..400), query in "\\PC{0,60}") {
        let callback = RawCallback { path_and_query: &query, signature: None, body: &body };
        let _ = asked(&callback);
        let _ = told(&callback);
    }
}
