//! Reads a customer's TwiML document, strictly: what the provider would not carry out is an error, not left out (gateways.md §3).
//! It knows the verbs of a call that only speaks and listens; all others are errors too.

use std::time::Duration;

use roxmltree::{Document, Node};

/// The longest `<Say>`.
const MOST_WORDS: usize = 4_096;
/// What is listened for where the document does not say how long.
const WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: u32 = 3_600;
const MOST_TIMES: u32 = 1_000;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verb {
    Say {
        language: Option<String>,
        words: String,
        times: u32,
    },
    /// A sound that somebody has there; only its address is heard here.
    Play {
        url: String,
        times: u32,
    },
    /// Keys are pressed: `w` is half a second, `W` a second.
    Press(String),
    Pause(Duration),
    Gather(Gather),
    /// Another document, there, or the same again.
    Redirect(Option<String>),
    HangUp,
}

/// What is said while keys are listened for, and what is done with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gather {
    pub(super) nested: Vec<Verb>,
    /// The key that ends the others.
    pub(super) finish_on: Option<char>,
    /// So many keys end it too.
    pub(super) most: Option<usize>,
    /// How long each key is waited for.
    pub(super) wait: Duration,
    /// Where the keys go; `None` is the document's own address.
    pub(super) action: Option<String>,
    /// Whether it is asked for also where no key was pressed.
    pub(super) on_empty: bool,
}

/// The verbs of a document, in order; the error says what is wrong with it.
pub(super) fn read(twiml: &str) -> Result<Vec<Verb>, String> {
    let document = Document::parse(twiml).map_err(|error| format!("it is no XML document: {error}"))?;
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(format!("its root is {}, not Response", root.tag_name().name()));
    }
    known(root, &[])?;
    verbs(root, true)
}

fn verbs(parent: Node<'_, '_>, gathers: bool) -> Result<Vec<Verb>, String> {
    let name = parent.tag_name().name();
    if parent.children().any(|child| child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty())) {
        return Err(format!("there are words in {name} outside of any verb"));
    }
    parent.children().filter(Node::is_element).map(|verb| read_verb(verb, gathers)).collect()
}

fn read_verb(verb: Node<'_, '_>, gathers: bool) -> Result<Verb, String> {
    match (verb.tag_name().name(), gathers) {
        ("Say", _) => say(verb),
        ("Play", _) => play(verb),
        ("Pause", _) => {
            known(verb, &["length"])?;
            empty(verb)?;
            Ok(Verb::Pause(number(verb, "length", 3_600)?.map_or(Duration::from_secs(1), seconds)))
        }
        ("Gather", true) => gather(verb),
        ("Redirect", true) => {
            known(verb, &["method"])?;
            post_only(verb)?;
            Ok(Verb::Redirect(Some(words(verb)?.trim().to_owned()).filter(|url| !url.is_empty())))
        }
        ("Hangup", true) => {
            known(verb, &[])?;
            empty(verb)?;
            Ok(Verb::HangUp)
        }
        (unknown, true) => Err(format!("{unknown} is no verb that can be carried out here")),
        (misplaced, false) => Err(format!("{misplaced} cannot be in a Gather")),
    }
}

fn say(verb: Node<'_, '_>) -> Result<Verb, String> {
    known(verb, &["voice", "language", "loop"])?;
    let words = words(verb)?;
    if words.chars().count() > MOST_WORDS {
        return Err(format!("a Say has more than {MOST_WORDS} characters"));
    }
    Ok(Verb::Say { language: verb.attribute("language").map(str::to_owned), words, times: times(verb)? })
}

fn play(verb: Node<'_, '_>) -> Result<Verb, String> {
    known(verb, &["loop", "digits"])?;
    let url = words(verb)?.trim().to_owned();
    match (verb.attribute("digits"), url.is_empty()) {
        (None, false) => Ok(Verb::Play { url, times: times(verb)? }),
        (Some(digits), true) if !digits.is_empty() && digits.chars().all(is_pressed) => {
            Ok(Verb::Press(digits.to_owned()))
        }
        (Some(_), true) => Err("the digits of a Play are 0-9, A-D, *, #, w and W".to_owned()),
        (None, true) => Err("a Play has neither an address nor digits".to_owned()),
        (Some(_), false) => Err("a Play has both an address and digits".to_owned()),
    }
}

fn is_pressed(key: char) -> bool {
    matches!(key, '0'..='9' | 'A'..='D' | '*' | '#' | 'w' | 'W')
}

fn gather(verb: Node<'_, '_>) -> Result<Verb, String> {
    known(
        verb,
        &["input", "finishOnKey", "numDigits", "timeout", "action", "method", "actionOnEmptyResult", "language"],
    )?;
    post_only(verb)?;
    if verb.attribute("input").is_some_and(|input| input != "dtmf") {
        return Err("a Gather listens for dtmf only here".to_owned());
    }
    let most = number(verb, "numDigits", u32::MAX)?;
    Ok(Verb::Gather(Gather {
        nested: verbs(verb, false)?,
        finish_on: finish_on(verb.attribute("finishOnKey"))?,
        most: most.map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
        wait: number(verb, "timeout", LONGEST_WAIT)?.map_or(WAIT, seconds),
        action: verb.attribute("action").filter(|action| !action.is_empty()).map(str::to_owned),
        on_empty: match verb.attribute("actionOnEmptyResult") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err("actionOnEmptyResult is true or false".to_owned()),
        },
    }))
}

/// Nothing said is `#`; an empty text is no key.
fn finish_on(keys: Option<&str>) -> Result<Option<char>, String> {
    let mut keys = keys.unwrap_or("#").chars();
    match (keys.next(), keys.next()) {
        (None, _) => Ok(None),
        (Some(key), None) if matches!(key, '0'..='9' | '*' | '#') => Ok(Some(key)),
        (Some(_), _) => Err("finishOnKey is one of 0-9, * and #, or empty".to_owned()),
    }
}

fn times(verb: Node<'_, '_>) -> Result<u32, String> {
    Ok(number(verb, "loop", MOST_TIMES)?.unwrap_or(1))
}

/// A number from 1 to `most`.
fn number(verb: Node<'_, '_>, name: &str, most: u32) -> Result<Option<u32>, String> {
    let Some(text) = verb.attribute(name) else { return Ok(None) };
    let within = text.parse().ok().filter(|number| (1..=most).contains(number));
    within.map(Some).ok_or_else(|| format!("{name} of a {} is 1 to {most}", verb.tag_name().name()))
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

fn post_only(verb: Node<'_, '_>) -> Result<(), String> {
    match verb.attribute("method") {
        None | Some("POST") => Ok(()),
        Some(_) => Err(format!("the method of a {} is POST here", verb.tag_name().name())),
    }
}

fn known(verb: Node<'_, '_>, names: &[&str]) -> Result<(), String> {
    match verb.attributes().find(|attribute| !names.contains(&attribute.name())) {
        Some(stranger) => Err(format!("{} has no attribute {}", verb.tag_name().name(), stranger.name())),
        None => Ok(()),
    }
}

fn words(verb: Node<'_, '_>) -> Result<String, String> {
    if verb.children().any(|child| child.is_element()) {
        return Err(format!("{} holds words only here", verb.tag_name().name()));
    }
    Ok(verb.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect())
}

fn empty(verb: Node<'_, '_>) -> Result<(), String> {
    if words(verb)?.trim().is_empty() { Ok(()) } else { Err(format!("{} holds nothing", verb.tag_name().name())) }
}

#[cfg(test)]
#[path = "script/tests.rs"]
mod tests;
