//! What is given to a gateway for each prompt in each language.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::calls::script::Script;
use crate::calls::{Say, SpokenLanguage, languages, utterance};
use engine::number::Extension;
use engine::prompt::Prompt;
use std::sync::Arc;

/// Bytes of a second.
const SECOND: usize = 8_000;
/// Twilio takes so many characters in one `<Say>`.
const TWILIO: usize = 4_096;

const SAY: Say<'static> = Say {
    prompt: Prompt::GreetingStandard,
    application: "Payroll",
    company: "Contoso",
    fraud_code: "0",
    extension: None,
    min: 6,
};

fn recorded(language: &'static SpokenLanguage, key: &str) -> &'static [u8] {
    let script = Script::read(language);
    script.recorded(&script.sound(key)).unwrap_or_else(|| panic!("{} has no sound of {key}", language.tag))
}

/// Where these recordings stand in the sound, each after the one before.
#[track_caller]
fn in_order(audio: &[u8], recordings: &[&[u8]]) -> Vec<usize> {
    let mut from = 0;
    let mut places = vec![];
    for recording in recordings {
        let at = audio[from..].windows(recording.len()).position(|window| window == *recording);
        let at = from + at.unwrap_or_else(|| panic!("recording {} is not after {from}", places.len()));
        places.push(at);
        from = at + recording.len();
    }
    places
}

#[test]
fn every_prompt_can_be_said_in_every_language() {
    let extension: Extension = "890".parse().unwrap();
    for language in languages() {
        for prompt in Prompt::ALL {
            let said = utterance(
                language.tag,
                &Say { prompt: *prompt, extension: Some(&extension), fraud_code: "911", min: 16, ..SAY },
                None,
            );
            assert_eq!(said.language, language.region);
            assert!(said.text.chars().count() > 3 && said.text.chars().count() <= TWILIO, "{} {prompt}", language.tag);
            let seconds = said.audio.len() as f32 / SECOND as f32;
            assert!((0.7..20.0).contains(&seconds), "{} {prompt} takes {seconds} s", language.tag);
            assert!(!said.text.contains(['{', '}', '\u{E000}', '\u{E001}', '\u{E002}', '\u{E003}', '\u{E004}']));
        }
    }
}

#[test]
fn the_longest_that_can_be_put_in_is_bounded() {
    let extension: Extension = "0#*9".repeat(8).parse().unwrap();
    let name = "Ä".repeat(10_000);
    for language in languages() {
        for prompt in Prompt::ALL {
            let say = Say { application: &name, company: &name, fraud_code: "999", ..SAY };
            let said = utterance(language.tag, &Say { prompt: *prompt, extension: Some(&extension), ..say }, None);
            assert!(said.text.chars().count() <= TWILIO, "{} {prompt}", language.tag);
            assert!(said.audio.len() < 45 * SECOND, "{} {prompt}", language.tag);
        }
    }
}

#[test]
fn english_is_as_the_specification_has_it() {
    let extension: Extension = ",,890,*1#,".parse().unwrap();
    let check = |language: &str, say: Say<'_>, expected: &str| {
        assert_eq!(utterance(language, &say, None).text, expected);
    };
    check(
        "en-US",
        Say { prompt: Prompt::FraudGreetingStandard, fraud_code: "01", ..SAY },
        "Hello, this is the Contoso sign-in check for Payroll. If it is you signing in, press the pound key. \
         If it is not you, press zero, one, then the pound key, and we will raise an alarm.",
    );
    check(
        "en-GB",
        SAY,
        "Hello, this is the Contoso sign-in check for Payroll. If it is you signing in, press the hash key.",
    );
    check(
        "en",
        Say { application: " ", ..SAY },
        "Hello, this is your sign-in check. If it is you signing in, press the pound key.",
    );
    check(
        "en",
        Say { application: "", prompt: Prompt::ActivationGreetingStandard, ..SAY },
        "Hello, Contoso is setting up this phone for sign-in checks. To accept, press the pound key.",
    );
    check(
        "en",
        Say { prompt: Prompt::PinChange, ..SAY },
        "You need a new PIN. Key in at least six digits, then the pound key.",
    );
    check(
        "en",
        Say { prompt: Prompt::ExtensionBeforeDigits, extension: Some(&extension), ..SAY },
        "This is an automatic call for extension eight, nine, zero, star, one, pound. Please put it through.",
    );
}

#[test]
fn digits_are_heard_in_their_order() {
    let extension: Extension = "8,0*7#".parse().unwrap();
    for language in languages() {
        let digit = |digit: u8| recorded(language, &format!("digit-{digit}"));
        let said = |say: &Say<'_>| utterance(language.tag, say, None).audio;
        let fraud = said(&Say { prompt: Prompt::FraudGreetingPin, fraud_code: "907", ..SAY });
        let places = in_order(&fraud, &[digit(9), digit(0), digit(7)]);
        assert_eq!(places[1] - places[0], digit(9).len() + 130 * 8, "{}", language.tag);
        let other = said(&Say { prompt: Prompt::FraudGreetingPin, fraud_code: "790", ..SAY });
        in_order(&other, &[digit(7), digit(9), digit(0)]);
        assert_ne!(fraud, other);
        let keys = [digit(8), digit(0), recorded(language, "key-star"), digit(7), recorded(language, "key-hash")];
        for prompt in [Prompt::ExtensionBeforeDigits, Prompt::ExtensionAfterDigits] {
            let places = in_order(&said(&Say { prompt, extension: Some(&extension), ..SAY }), &keys);
            assert_eq!(places[1] - places[0], digit(8).len() + (500 + 130) * 8, "a comma is a pause");
        }
        for min in 4..=16 {
            let count = recorded(language, &format!("digits-{min}"));
            in_order(&said(&Say { prompt: Prompt::PinChange, min, ..SAY }), &[count]);
            in_order(&said(&Say { prompt: Prompt::PinExpired, min, ..SAY }), &[count]);
        }
        let least = said(&Say { prompt: Prompt::PinChange, min: 4, ..SAY });
        assert_eq!(said(&Say { prompt: Prompt::PinChange, min: 0, ..SAY }), least);
    }
}

#[test]
fn a_prompt_without_gaps_is_one_piece_of_memory() {
    for prompt in Prompt::ALL {
        let say = Say { prompt: *prompt, ..SAY };
        let (one, other) = (utterance("de", &say, None), utterance("de-AT", &say, None));
        let gaps = matches!(
            prompt,
            Prompt::FraudGreetingStandard
                | Prompt::FraudGreetingPin
                | Prompt::ExtensionBeforeDigits
                | Prompt::ExtensionAfterDigits
                | Prompt::PinChange
                | Prompt::PinExpired
        );
        assert_eq!(Arc::ptr_eq(&one.audio, &other.audio), !gaps, "{prompt}");
        assert_eq!(one.audio, other.audio);
    }
}

#[test]
fn the_nearest_language_is_spoken() {
    let check = |asked: &str, expected: &str| assert_eq!(utterance(asked, &SAY, None).language, expected, "{asked}");
    for language in languages() {
        check(language.tag, language.region);
        check(&language.region.to_uppercase(), language.region);
    }
    for (asked, expected) in [
        ("en-CA", "en-US"),
        ("en-AU", "en-GB"),
        ("en_gb", "en-GB"),
        ("pt-PT", "pt-BR"),
        ("zh-Hans-CN", "zh-CN"),
        ("cmn", "zh-CN"),
        ("de-CH-1996", "de-DE"),
        ("sv", "en-US"),
        ("", "en-US"),
        ("-", "en-US"),
        ("../../etc", "en-US"),
    ] {
        check(asked, expected);
    }
}

#[test]
fn a_recording_of_ones_own_is_heard_instead() {
    let own: Arc<[u8]> = vec![1, 2, 3].into();
    let find =
        |language: &str, prompt: Prompt| (language == "pt" && prompt == Prompt::AuthDenied).then(|| Arc::clone(&own));
    let say = |prompt| Say { prompt, ..SAY };
    let said = utterance("pt-BR", &say(Prompt::AuthDenied), Some(&find));
    assert!(Arc::ptr_eq(&said.audio, &own));
    assert!(said.text.starts_with("Este acesso"), "who speaks by himself has the text: {}", said.text);
    for (language, prompt) in [("pt-BR", Prompt::AuthSuccessful), ("en", Prompt::AuthDenied)] {
        assert!(utterance(language, &say(prompt), Some(&find)).audio.len() > 100);
    }
    // What was recorded for a region or for a language that the book has not comes first.
    let regional = |language: &str, _: Prompt| (language == "sv").then(|| Arc::clone(&own));
    assert!(Arc::ptr_eq(&utterance("sv", &SAY, Some(&regional)).audio, &own));
}
