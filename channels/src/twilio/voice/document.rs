//! A turn as the provider's document: words, keys of an automatic attendant, and what is listened for (gateways.md §3).
//! Refuses to lose a key: where the provider would fall through, the document asks us all the same.

use super::settings::Voices;
use super::twiml::{Attribute, Twiml, Writer};
use crate::call::{Listen, Part, Turn, Utterance};
use std::time::Duration;

/// What the provider takes in one `<Say>` is 4,096 characters; a reference is written with several.
const LONGEST_WORDS: usize = 800;

/// The document of a turn. `next` is the address that its keys go to.
///
/// `#` ends keys. The provider's own finish key is documented to work after other keys, so where one key is listened for
/// (`most` is 1) there is none and `#` comes as that one key; otherwise `#` is the finish key and
/// `FinishedOnKey` tells it from silence. `talk` listens for the first key of several alone. With or without keys the provider asks us: by `actionOnEmptyResult`, and where it
/// does not know that, by the redirect after it.
///
/// Words before keys of an automatic attendant are said outside of what listens, because those keys cannot be stopped: keys
/// of a person do not stop these words either.
pub fn document(turn: &Turn, next: &str, voices: &Voices) -> Twiml {
    let mut writer = Writer::new();
    let last_dialled = turn.parts.iter().rposition(|part| matches!(part, Part::Dial(_)));
    let (first, then) = turn.parts.split_at(last_dialled.map_or(0, |at| at + 1));
    speak(&mut writer, first, voices);
    match turn.listen {
        Some(listen) => {
            gather(&mut writer, listen, next, |writer| speak(writer, then, voices));
            writer.words("Redirect", &[("method", "POST")], next);
        }
        None => {
            speak(&mut writer, then, voices);
            writer.empty("Hangup", &[]);
        }
    }
    writer.finish()
}

fn speak(writer: &mut Writer, parts: &[Part], voices: &Voices) {
    for part in parts {
        match part {
            Part::Say(utterance) => say(writer, utterance, voices),
            // Half a second each, and known to every provider of this shape; `W` is not.
            Part::Dial(extension) => writer.empty("Play", &[("digits", &extension.as_str().replace(',', "ww"))]),
        }
    }
}

fn say(writer: &mut Writer, utterance: &Utterance, voices: &Voices) {
    let language = utterance.language.as_str();
    let mut attributes: Vec<Attribute<'_>> = vec![("language", language)];
    attributes.extend(voices.get(language).map(|voice| ("voice", voice.as_str())));
    for words in pieces(&utterance.text) {
        writer.words("Say", &attributes, words);
    }
}

/// Pieces of at most [`LONGEST_WORDS`] characters, cut after white space where there is any.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(LONGEST_WORDS) {
        let cut = rest[..end].rfind(char::is_whitespace).map_or(end, |at| at + width(&rest[at..]));
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

fn width(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

fn gather(writer: &mut Writer, listen: Listen, next: &str, inside: impl FnOnce(&mut Writer)) {
    let most = listen.most.max(1);
    let finish = if most == 1 { "" } else { "#" };
    let attributes = [
        ("input", "dtmf"),
        ("finishOnKey", finish),
        ("numDigits", &most.to_string()),
        ("timeout", &seconds(listen.wait).to_string()),
        ("action", next),
        ("method", "POST"),
        ("actionOnEmptyResult", "true"),
    ];
    writer.open("Gather", &attributes);
    inside(writer);
    writer.close("Gather");
}

/// Whole seconds, at least one: a person is never given less time than was meant.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
#[path = "document/tests.rs"]
mod tests;
