//! Our documents beside those that the provider's own library makes of the same turns.
//! Refuses to compare less than the whole: both are brought into XML's canonical form.

use channels::call::{Listen, Part, Turn, Utterance};
use channels::twilio::voice::{Voices, document};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const NEXT: &str = "https://mfa.example.com/callbacks/calls/voice/gather?attempt=ver_a.0.0&turn=1";

fn say(language: &str, text: &str) -> Part {
    Part::Say(Utterance { language: language.into(), text: text.into(), audio: [].into() })
}

fn turns() -> Vec<Turn> {
    let listen = |most| Some(Listen { wait: Duration::from_secs(7), most, pound_alone: false });
    let dial = |extension: &str| Part::Dial(extension.parse().unwrap());
    vec![
        Turn { parts: vec![say("en-US", "Press the pound key.")], listen: listen(1) },
        Turn {
            parts: vec![say("de-DE", "Grüße & <Küsse> \"'\n\t]]> 世界 👍"), say("en-US", "x")], listen: listen(16)
        },
        Turn { parts: vec![say("en-US", "Goodbye")], listen: None },
        Turn { parts: vec![say("en-US", "a"), dial("12,*#"), say("de-DE", "b")], listen: listen(2) },
        Turn { parts: vec![dial("0,,1"), say("en-US", "a")], listen: None },
        Turn { parts: vec![], listen: listen(255) },
        Turn { parts: vec![], listen: None },
    ]
}

/// The turn in words that the judge builds it from.
fn told(turn: &Turn, voices: &Voices) -> serde_json::Value {
    let parts = turn.parts.iter().map(|part| match part {
        Part::Say(said) => {
            serde_json::json!({"say": said.text, "language": said.language, "voice": voices.get(&said.language)})
        }
        Part::Dial(extension) => serde_json::json!({"dial": extension.as_str()}),
    });
    let listen = turn.listen.map(|listen| serde_json::json!({"wait": listen.wait.as_secs(), "most": listen.most}));
    serde_json::json!({"parts": parts.collect::<Vec<_>>(), "listen": listen, "next": NEXT, "ours": document(turn, NEXT, voices).as_str()})
}

#[test]
fn the_providers_library_makes_the_same_documents() {
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("run script/test, which installs the library and says where it is in COUNTERSIGN_TEST_PYTHON");
    let voices = Voices::from([("de-DE".to_owned(), "Polly.Vicki".to_owned())]);
    let cases: Vec<_> = turns().iter().map(|turn| told(turn, &voices)).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/voice/voice_response.py");
    let piped = || Stdio::piped();
    let mut judge = Command::new(python).arg(script).stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    judge.stdin.take().unwrap().write_all(serde_json::to_string(&cases).unwrap().as_bytes()).unwrap();
    let ran = judge.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(said.contains(&format!("{} documents agreed", cases.len())), "{said}");
}
