//! What a language says, as its texts and its pack give it: the words, and which recordings they are.
//! Refuses to hide a gap: words that nobody recorded are an error in the log, and a test looks for them first.

use super::languages::SpokenLanguage;
use super::pack::{Pack, Voice};
use super::parts::{Gap, Part, parts};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::sync::{Arc, OnceLock};
use unic_langid::LanguageIdentifier;

/// Samples in a millisecond.
pub(super) const SAMPLES: usize = 8;

/// A prompt.
pub(super) struct Line {
    pub text: String,
    pub nameless: String,
    pub heard: Vec<Heard>,
    /// The sound, where it has no gap, from the first call on.
    pub whole: OnceLock<Arc<[u8]>>,
}

/// A part of what is heard.
pub(super) enum Heard {
    Sound(&'static [u8]),
    Gap(Gap),
    /// In samples.
    Silence(usize),
}

/// A word that is put in.
pub(super) struct Word {
    pub text: String,
    pub sound: &'static [u8],
}

/// A language's texts and its pack, while the book is made.
pub(super) struct Script {
    bundle: FluentBundle<FluentResource>,
    pack: Pack<'static>,
    tag: &'static str,
    voice: Voice,
    pin: String,
}

impl Script {
    pub fn read(about: &'static SpokenLanguage) -> Self {
        let id: LanguageIdentifier = about.tag.parse().expect("a test reads every tag");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // No language here is written from right to left.
        bundle.set_use_isolating(false);
        for source in about.texts {
            let resource = FluentResource::try_new((*source).to_owned()).expect("a test reads every file");
            bundle.add_resource_overriding(resource);
        }
        let pack = Pack::read(about.pack).expect("a test reads every pack");
        let voice = Voice { name: String::new(), pace: String::new() };
        let mut script = Self { bundle, pack, tag: about.tag, voice, pin: String::new() };
        let set = |attribute| script.written("language-name", Some(attribute), "");
        let voice = Voice { name: set("voice").unwrap_or_default(), pace: set("pace").unwrap_or_default() };
        let pin = set("pin").unwrap_or_else(|| "pin".to_owned());
        (script.voice, script.pin) = (voice, pin);
        script
    }

    /// A message or its attribute, each gap a mark.
    pub fn written(&self, key: &str, attribute: Option<&str>, hash: &str) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let mut args: FluentArgs<'_> = Gap::ALL.iter().map(|gap| (gap.name(), gap.mark().to_string())).collect();
        args.set("hash", hash);
        let mut faults = vec![];
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
        if !faults.is_empty() {
            tracing::error!(key, language = self.tag, ?faults, "a prompt cannot be put together");
        }
        Some(text)
    }

    fn text(&self, key: &str) -> String {
        let hash = self.written("hash", None, "").unwrap_or_default();
        self.written(key, None, &hash).unwrap_or_default()
    }

    fn nameless(&self, key: &str) -> String {
        let hash = self.written("hash", None, "").unwrap_or_default();
        self.written(key, Some("nameless"), &hash).unwrap_or_else(|| self.text(key))
    }

    /// What is heard of a message, as the synthesiser is given it.
    pub fn sound(&self, key: &str) -> String {
        let hash = self.written("hash", Some("sound"), "").or_else(|| self.written("hash", None, ""));
        let hash = hash.unwrap_or_default();
        let found = ["sound", "nameless"].iter().find_map(|attribute| self.written(key, Some(attribute), &hash));
        let text = found.or_else(|| self.written(key, None, &hash)).unwrap_or_default();
        text.replace("PIN", &self.pin)
    }

    /// The recording of these words.
    pub fn recorded(&self, words: &str) -> Option<&'static [u8]> {
        self.pack.find(&self.voice.saying(words))
    }

    /// A prompt.
    pub fn line(&self, key: &str) -> Line {
        Line {
            text: self.text(key),
            nameless: self.nameless(key),
            heard: parts(&self.sound(key)).into_iter().map(|part| self.heard(part)).collect(),
            whole: OnceLock::new(),
        }
    }

    fn heard(&self, part: Part) -> Heard {
        match part {
            Part::Words(words) => Heard::Sound(self.recorded(&words).unwrap_or_else(|| {
                tracing::error!(words, language = self.tag, "no sound was made of these words: run script/prompts");
                &[]
            })),
            Part::Gap(gap) => Heard::Gap(gap),
            Part::Pause(pause) => Heard::Silence(pause.millis() * SAMPLES),
        }
    }

    /// A word that is put in.
    pub fn word(&self, key: &str) -> Word {
        Word { text: self.text(key), sound: self.recorded(&self.sound(key)).unwrap_or_default() }
    }
}
