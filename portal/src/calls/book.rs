//! The book of prompts: what each says in each language, ready to be said; it is made once, at the first call.
//! Refuses to work per call what is the same for all: a prompt without gaps is one piece of memory.

use super::Say;
use super::languages::{SpokenLanguage, languages, nearest};
use super::parts::Gap;
use super::script::{Heard, Line, SAMPLES, Script, Word};
use engine::prompt::Prompt;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub(super) static BOOK: LazyLock<Book> = LazyLock::new(|| Book(languages().iter().map(Tongue::read).collect()));

/// µ-law of no sound.
const SILENCE: u8 = 0xFF;
/// Before the first word, in milliseconds: some lines swallow what comes at once.
const BEFORE: usize = 200;
/// Between two digits, and where an extension has a comma, in milliseconds.
const BETWEEN: usize = 130;
const COMMA: usize = 500;
/// Most characters of a name that is put in; a name is no place for a speech.
const LONGEST_NAME: usize = 80;
/// The least and most digits of a PIN that are put in.
const MIN: std::ops::RangeInclusive<u8> = 4..=16;

/// Every language.
pub(super) struct Book(Vec<Tongue>);

impl Book {
    /// The nearest language.
    pub fn tongue(&self, language: &str) -> &Tongue {
        &self.0[nearest(language)]
    }
}

/// A language.
pub(super) struct Tongue {
    pub about: &'static SpokenLanguage,
    lines: BTreeMap<Prompt, Line>,
    digits: Vec<Word>,
    star: Word,
    hash: Word,
    counts: Vec<Word>,
}

impl Tongue {
    fn read(about: &'static SpokenLanguage) -> Self {
        let script = Script::read(about);
        let word = |key: &str| script.word(key);
        Self {
            about,
            lines: Prompt::ALL.iter().map(|prompt| (*prompt, script.line(prompt.as_str()))).collect(),
            digits: (0..10).map(|digit| word(&format!("digit-{digit}"))).collect(),
            star: word("key-star"),
            hash: word("key-hash"),
            counts: MIN.map(|count| word(&format!("digits-{count}"))).collect(),
        }
    }

    fn line(&self, prompt: Prompt) -> &Line {
        self.lines.get(&prompt).expect("there is one for every prompt")
    }

    /// The words, with names where they are known.
    pub fn text(&self, say: &Say<'_>) -> String {
        let line = self.line(say.prompt);
        let unknown = |gap: Gap, name: &str| name.trim().is_empty() && line.text.contains(gap.mark());
        let nameless = unknown(Gap::Company, say.company) || unknown(Gap::Application, say.application);
        let text = if nameless { &line.nameless } else { &line.text };
        text.chars().fold(String::with_capacity(text.len()), |mut said, c| {
            match Gap::of(c) {
                Some(gap) => said.push_str(&self.in_words(gap, say)),
                None => said.push(c),
            }
            said
        })
    }

    fn in_words(&self, gap: Gap, say: &Say<'_>) -> String {
        match gap {
            Gap::Company => name(say.company),
            Gap::Application => name(say.application),
            Gap::FraudCode => self.keys_in_words(say.fraud_code),
            Gap::Extension => self.keys_in_words(extension(say)),
            Gap::Min => self.count(say.min).text.clone(),
        }
    }

    fn keys_in_words(&self, keys: &str) -> String {
        let words: Vec<_> = keys.chars().filter_map(|key| self.key(key)).map(|word| word.text.as_str()).collect();
        words.join(self.about.joint)
    }

    fn key(&self, key: char) -> Option<&Word> {
        match key {
            '*' => Some(&self.star),
            '#' => Some(&self.hash),
            other => other.to_digit(10).map(|digit| &self.digits[digit as usize]),
        }
    }

    fn count(&self, min: u8) -> &Word {
        &self.counts[usize::from(min.clamp(*MIN.start(), *MIN.end()) - MIN.start())]
    }

    /// The sound.
    pub fn audio(&self, say: &Say<'_>) -> Arc<[u8]> {
        let line = self.line(say.prompt);
        if line.heard.iter().any(|part| matches!(part, Heard::Gap(_))) {
            return self.put_together(line, say);
        }
        Arc::clone(line.whole.get_or_init(|| self.put_together(line, say)))
    }

    fn put_together(&self, line: &Line, say: &Say<'_>) -> Arc<[u8]> {
        let mut audio = silence(BEFORE);
        for part in &line.heard {
            match part {
                Heard::Sound(sound) => audio.extend_from_slice(sound),
                Heard::Silence(samples) => audio.resize(audio.len() + samples, SILENCE),
                Heard::Gap(gap) => self.fill(&mut audio, *gap, say),
            }
        }
        audio.into()
    }

    fn fill(&self, audio: &mut Vec<u8>, gap: Gap, say: &Say<'_>) {
        match gap {
            Gap::FraudCode => self.fill_keys(audio, say.fraud_code),
            Gap::Extension => self.fill_keys(audio, extension(say)),
            Gap::Min => audio.extend_from_slice(self.count(say.min).sound),
            // A test holds that no sound has them.
            Gap::Company | Gap::Application => {}
        }
    }

    fn fill_keys(&self, audio: &mut Vec<u8>, keys: &str) {
        for (place, key) in keys.chars().enumerate() {
            let pause = if place == 0 {
                0
            } else if key == ',' {
                COMMA
            } else {
                BETWEEN
            };
            audio.extend(silence(pause));
            audio.extend_from_slice(self.key(key).map_or(&[], |word| word.sound));
        }
    }
}

fn silence(millis: usize) -> Vec<u8> {
    vec![SILENCE; millis * SAMPLES]
}

/// The keys of the extension; commas around them are for machines alone.
fn extension<'a>(say: &Say<'a>) -> &'a str {
    say.extension.map(|extension| extension.as_str().trim_matches(',')).unwrap_or_default()
}

fn name(given: &str) -> String {
    given.trim().chars().filter(|c| !c.is_control() && Gap::of(*c).is_none()).take(LONGEST_NAME).collect()
}
