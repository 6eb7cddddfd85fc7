//! What is said in a call, as a document: the first line holds its language, the second its voice, the third where its keys
//! go; each line after that is words, or keys of an automatic attendant after `dial `. It listens if the first line is not empty.
//! Refuses a document that another reader of XML does not find the same words in, at the same places.

use crate::input;
use channels::call::{Listen, Part, Turn, Utterance};
use channels::twilio::voice::{Voices, document};
use roxmltree::{Document, Node};
use std::time::Duration;

/// What must hold; whether the bytes hold any words.
pub fn check(data: &[u8]) -> bool {
    let text = input::text(data);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (language, voice, next) = (line(), line(), line());
    let parts: Vec<_> = lines.map(|line| part(line, language)).collect();
    let most = u8::try_from(data.len() % 256).expect("it is below 256");
    let listen = (!language.is_empty()).then_some(Listen { wait: Duration::from_secs(10), most, pound_alone: false });
    let turn = Turn { parts, listen };
    let voices = Voices::from([(language.to_owned(), voice.to_owned())]);
    let written = document(&turn, next, &voices);
    let read = Document::parse(written.as_str()).expect("it is well-formed");
    says_the_same(read.root_element(), &turn, voice);
    listens(read.root_element(), listen, next);
    turn.parts.iter().any(|part| matches!(part, Part::Say(said) if !said.text.is_empty()))
}

fn part(line: &str, language: &str) -> Part {
    match line.strip_prefix("dial ").and_then(|keys| keys.parse().ok()) {
        Some(extension) => Part::Dial(extension),
        None => Part::Say(Utterance { language: language.to_owned(), text: line.to_owned(), audio: [].into() }),
    }
}

/// Every word in its order, and every key; nothing beside them.
fn says_the_same(root: Node<'_, '_>, turn: &Turn, voice: &str) {
    let mut said = String::new();
    for verb in root.descendants().filter(Node::is_element) {
        match verb.tag_name().name() {
            "Say" => {
                said += verb.text().unwrap_or_default();
                assert_eq!(verb.attribute("voice"), Some(shown(voice).as_str()));
                assert!(verb.children().all(|child| child.is_text()));
            }
            "Play" => said += &verb.attribute("digits").expect("it has digits").replace("ww", ","),
            "Response" | "Gather" | "Redirect" | "Hangup" => {}
            stranger => panic!("{stranger} was not meant"),
        }
    }
    let meant = turn.parts.iter().map(|part| match part {
        Part::Say(utterance) => shown(&utterance.text),
        Part::Dial(extension) => extension.as_str().to_owned(),
    });
    assert_eq!(said, meant.collect::<String>());
}

fn listens(root: Node<'_, '_>, listen: Option<Listen>, next: &str) {
    let verbs: Vec<_> = root.children().map(|verb| verb.tag_name().name().to_owned()).collect();
    let last = root.last_element_child().expect("it has an end");
    match listen {
        None => assert!(last.tag_name().name() == "Hangup" && !verbs.contains(&"Gather".to_owned())),
        Some(listen) => {
            assert_eq!(last.text().unwrap_or_default(), shown(next));
            let gather = last.prev_sibling_element().expect("it listens");
            assert_eq!(gather.attribute("action"), Some(shown(next).as_str()));
            assert_eq!(gather.attribute("numDigits"), Some(listen.most.max(1).to_string().as_str()));
            let finish = if listen.most <= 1 { "" } else { "#" };
            assert_eq!(gather.attribute("finishOnKey"), Some(finish));
            // Keys of an attendant are not stopped by a person's.
            assert!(gather.children().all(|verb| verb.tag_name().name() == "Say"));
        }
    }
}

/// As XML can show it.
fn shown(text: &str) -> String {
    let stranger =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if stranger(c) { ' ' } else { c }).collect()
}
