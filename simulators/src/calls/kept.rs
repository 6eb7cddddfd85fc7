//! Every call that is remembered, by its id.
//! It keeps a bounded number of them, and a bounded amount of sound; the oldest goes first.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::mpsc;

use super::call::{Call, Hand, Prompt};
use crate::clock;
use crate::lock::lock;
use crate::message::mix;
use crate::number::Number;

/// Sound kept of all calls together, in bytes: nine hours.
const MOST_SOUND: usize = 256 * 1024 * 1024;
/// What a tester may do ahead of the phone.
const HANDS: usize = 16;
/// Bytes of G.711 in a millisecond.
const BYTES_PER_MS: usize = 8;

/// What a call is made from.
pub(crate) struct Draft {
    /// The gateway's own id of it, where it has one.
    pub(crate) id: Option<String>,
    pub(crate) gateway: String,
    pub(crate) from: String,
    pub(crate) to: Number,
}

pub(crate) struct Calls {
    kept: Mutex<Kept>,
    most: usize,
    changes: Arc<AtomicU64>,
}

struct Kept {
    salt: u64,
    sequence: u64,
    by_id: HashMap<String, Arc<Call>>,
    oldest_first: VecDeque<String>,
    sounds: VecDeque<Sound>,
    bytes: usize,
}

/// Where a sound is.
struct Sound {
    call: Weak<Call>,
    place: usize,
    bytes: usize,
}

impl Calls {
    /// At most `most` calls; `changes` grows with each change of one of them.
    pub(crate) fn new(most: usize, changes: Arc<AtomicU64>) -> Self {
        let kept = Kept {
            salt: mix(clock::unrepeated()),
            sequence: 0,
            by_id: HashMap::new(),
            oldest_first: VecDeque::new(),
            sounds: VecDeque::new(),
            bytes: 0,
        };
        Self { kept: Mutex::new(kept), most, changes }
    }

    /// Writes a call down that rings from now on. What a tester does with it comes out of the receiver.
    pub(crate) fn write(&self, draft: Draft) -> (Arc<Call>, mpsc::Receiver<Hand>) {
        let (hand, hands) = mpsc::channel(HANDS);
        let mut kept = lock(&self.kept);
        kept.sequence += 1;
        let id = draft.id.unwrap_or_else(|| format!("call_{:016x}", mix(kept.salt ^ kept.sequence)));
        let names = (id.clone(), draft.gateway, draft.from, draft.to);
        let call = Arc::new(Call::new(names, hand, Arc::clone(&self.changes)));
        if kept.by_id.insert(id.clone(), Arc::clone(&call)).is_none() {
            kept.oldest_first.push_back(id);
        }
        kept.make_room(self.most);
        (call, hands)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Call>> {
        lock(&self.kept).by_id.get(id).cloned()
    }

    /// The phone heard a sound: G.711 µ-law.
    pub(crate) fn hear_sound(&self, call: &Arc<Call>, law: Vec<u8>) {
        let bytes = law.len();
        let milliseconds = (bytes / BYTES_PER_MS) as u64;
        let Some(place) = call.hear(Prompt::Sound { milliseconds, law: Some(law.into()) }) else {
            return;
        };
        let mut kept = lock(&self.kept);
        kept.sounds.push_back(Sound { call: Arc::downgrade(call), place, bytes });
        kept.bytes += bytes;
        kept.make_quiet(MOST_SOUND);
    }

    /// Forgets every call; those under way are ended by whoever carries them.
    pub(crate) fn clear(&self) {
        let mut kept = lock(&self.kept);
        kept.by_id.clear();
        kept.oldest_first.clear();
        kept.sounds.clear();
        kept.bytes = 0;
    }
}

impl Kept {
    fn make_room(&mut self, most: usize) {
        while self.by_id.len() > most {
            let Some(oldest) = self.oldest_first.pop_front() else { return };
            self.by_id.remove(&oldest);
        }
    }

    fn make_quiet(&mut self, most: usize) {
        while self.bytes > most {
            let Some(sound) = self.sounds.pop_front() else { return };
            self.bytes -= sound.bytes;
            if let Some(call) = sound.call.upgrade() {
                call.forget_sound(sound.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(id: Option<&str>) -> Draft {
        let to = Number::parse("+12025550123").expect("valid");
        Draft { id: id.map(str::to_owned), gateway: "sip".to_owned(), from: String::new(), to }
    }

    #[test]
    fn forgets_the_oldest_call() {
        let calls = Calls::new(2, Arc::default());
        let ids: Vec<String> = (0..3).map(|_| calls.write(draft(None)).0.id.clone()).collect();
        assert!(calls.find(&ids[0]).is_none() && calls.find(&ids[2]).is_some());
        assert!(calls.write(draft(Some("CA1"))).0.id == "CA1" && calls.find("CA1").is_some());
        calls.clear();
        assert!(calls.find("CA1").is_none());
    }

    #[test]
    fn forgets_the_oldest_sound_and_remembers_its_length() {
        let calls = Calls::new(2, Arc::default());
        let (call, _hands) = calls.write(draft(None));
        calls.hear_sound(&call, vec![0; 800]);
        calls.hear_sound(&call, vec![0; 160]);
        lock(&calls.kept).make_quiet(200);
        let prompts = call.look().prompts;
        assert_eq!(prompts[0], Prompt::Sound { milliseconds: 100, law: None });
        assert!(matches!(&prompts[1], Prompt::Sound { milliseconds: 20, law: Some(_) }));
    }
}
