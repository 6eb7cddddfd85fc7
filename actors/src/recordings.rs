//! Recordings of prompts by administrators, in memory for every call that is spoken.
//! Refuses files: what is kept is the sound of the telephone, checked before.

use crate::handle::Engine;
use crate::records::RecordingRecord;
use crate::refused::Refused;
use data_encoding::BASE64;
use engine::moment::Moment;
use engine::prompt::Prompt;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Document, Expect, Kind, Operation, ReadError, Record, Store};

/// More than every prompt in every language.
const MOST: usize = 10_000;

/// One recording.
#[derive(Debug, Clone)]
pub struct Recording {
    /// G.711 µ-law, 8,000 a second.
    pub sound: Arc<[u8]>,
    /// When it was put there.
    pub at: Moment,
}

/// Every recording, by language (BCP 47) and prompt.
#[derive(Debug, Clone, Default)]
pub struct Recordings(HashMap<(String, Prompt), Recording>);

impl Recordings {
    /// Those in the store. Blocking.
    pub fn read(store: &dyn Store) -> Result<Self, ReadError> {
        let records = store.list(Kind::Recording, None, MOST)?;
        let read = records.iter().filter_map(|record| match recording(record) {
            Ok(read) => Some(read),
            Err(cause) => {
                // The prompt is said as it was made; nothing else depends on it.
                tracing::warn!(%cause, "a recording cannot be read and is not used");
                None
            }
        });
        Ok(Self(read.collect()))
    }

    /// The one of a prompt in exactly this language.
    pub fn find(&self, language: &str, prompt: Prompt) -> Option<&Recording> {
        self.0.get(&(language.to_owned(), prompt))
    }
}

fn recording(record: &Record) -> Result<((String, Prompt), Recording), ReadError> {
    let RecordingRecord { language, prompt, sound, at } = RecordingRecord::from_record(record)?;
    let damaged = |cause: data_encoding::DecodeError| ReadError::Corrupt {
        what: record.key.to_string(),
        cause: cause.to_string(),
    };
    let sound = BASE64.decode(sound.as_bytes()).map_err(damaged)?.into();
    Ok(((language, prompt), Recording { sound, at }))
}

fn key(language: &str, prompt: Prompt) -> String {
    format!("{language}\u{1f}{prompt}")
}

impl Engine {
    /// Every recording.
    pub fn recordings(&self) -> Arc<Recordings> {
        self.shared().recordings.load_full()
    }

    /// Replaces a prompt by a recording; `audit` becomes durable with it.
    pub async fn record(
        &self,
        language: &str,
        prompt: Prompt,
        sound: Arc<[u8]>,
        audit: Operation,
    ) -> Result<(), Refused> {
        let at = self.now();
        let record = RecordingRecord { language: language.to_owned(), prompt, sound: BASE64.encode(&sound), at };
        self.commit(vec![Operation::put(key(language, prompt), &record, Expect::Any), audit]).await?;
        self.change_recordings(|all| {
            all.0.insert((language.to_owned(), prompt), Recording { sound: Arc::clone(&sound), at });
        });
        Ok(())
    }

    /// Takes a recording away: the prompt is as it was made.
    pub async fn unrecord(&self, language: &str, prompt: Prompt, audit: Operation) -> Result<(), Refused> {
        self.commit(vec![Operation::delete(Kind::Recording, key(language, prompt), Expect::Any), audit]).await?;
        self.change_recordings(|all| {
            all.0.remove(&(language.to_owned(), prompt));
        });
        Ok(())
    }

    fn change_recordings(&self, change: impl Fn(&mut Recordings)) {
        self.shared().recordings.rcu(|all| {
            let mut all = Recordings::clone(all);
            change(&mut all);
            all
        });
    }
}
