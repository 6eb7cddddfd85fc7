//! The calls of one account: what was asked for, how far each is, and the way to whoever carries it out.
//! It keeps a bounded number of them; one that has come to its end stays as it is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::clock;
use crate::lock::lock;
use crate::message::mix;
use crate::number::Number;

/// Changes that may wait for a call to take them.
const CHANGES: usize = 16;

/// Where a call stands (gateways.md §1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Queued,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    pub(super) fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Ringing | Self::InProgress => false,
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
        }
    }
}

/// Where the next document comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// It is asked for there.
    Url(String),
    /// This is it.
    Twiml(String),
}

/// What the customer asks of a call that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Only before the answer.
    Cancel,
    HangUp,
    /// What is being said stops, and this is said instead.
    Say(Source),
}

/// Which status callbacks are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    pub(super) initiated: bool,
    pub(super) ringing: bool,
    pub(super) answered: bool,
    pub(super) completed: bool,
}

/// What a call is made from.
pub(super) struct Draft {
    pub(super) to: Number,
    pub(super) from: Number,
    pub(super) source: Source,
    pub(super) status_callback: Option<String>,
    pub(super) wanted: Wanted,
    /// How long it rings at most, and lasts at most.
    pub(super) ring: Duration,
    pub(super) limit: Option<Duration>,
    pub(super) machine_detection: bool,
    /// Pressed once it is answered.
    pub(super) digits: Option<String>,
}

/// How far a call is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) status: Status,
    pub(super) updated_ms: i64,
    /// When it was dialled, answered and over.
    pub(super) start_ms: Option<i64>,
    pub(super) answer_ms: Option<i64>,
    pub(super) end_ms: Option<i64>,
    pub(super) answered_by: Option<&'static str>,
    /// The carrier's last response.
    pub(super) sip: Option<u16>,
}

impl Stage {
    /// Whole seconds from the answer on, begun ones counted.
    pub(super) fn seconds(&self) -> i64 {
        let ends = self.answer_ms.zip(self.end_ms);
        ends.map_or(0, |(answer, end)| (end - answer).max(0).saturating_add(999) / 1000)
    }
}

/// A call that was placed.
pub(super) struct Placed {
    pub(super) sid: String,
    pub(super) created_ms: i64,
    pub(super) draft: Draft,
    stage: Mutex<Stage>,
    changes: mpsc::Sender<Change>,
}

impl Placed {
    pub(super) fn look(&self) -> Stage {
        *lock(&self.stage)
    }

    /// Goes on, unless the call is at its end.
    pub(super) fn go_on(&self, step: impl FnOnce(&mut Stage, i64)) {
        let mut stage = lock(&self.stage);
        if !stage.status.is_final() {
            let now = clock::wall_ms();
            step(&mut stage, now);
            stage.updated_ms = now;
        }
    }

    /// Passes a change on to whoever carries the call out; `false` where it is over, or takes nothing any more.
    pub(super) fn change(&self, change: Change) -> bool {
        !self.look().status.is_final() && self.changes.try_send(change).is_ok()
    }
}

/// The calls of one account, oldest first.
pub(crate) struct Book {
    salt: u64,
    sequence: u64,
    most: usize,
    calls: VecDeque<Arc<Placed>>,
}

impl Book {
    pub(crate) fn new(most: usize, salt: u64) -> Self {
        Self { salt, sequence: 0, most, calls: VecDeque::new() }
    }

    /// Writes a call down; what is asked of it later comes out of the receiver.
    pub(super) fn write(&mut self, draft: Draft) -> (Arc<Placed>, mpsc::Receiver<Change>) {
        self.sequence += 1;
        let (changes, asked) = mpsc::channel(CHANGES);
        let created_ms = clock::wall_ms();
        let stage = Stage {
            status: Status::Queued,
            updated_ms: created_ms,
            start_ms: None,
            answer_ms: None,
            end_ms: None,
            answered_by: None,
            sip: None,
        };
        let sid = format!("CA{:016x}{:016x}", mix(self.salt ^ mix(self.sequence)), mix(self.salt ^ self.sequence));
        let call = Arc::new(Placed { sid, created_ms, draft, stage: Mutex::new(stage), changes });
        if self.calls.len() == self.most {
            self.calls.pop_front();
        }
        self.calls.push_back(Arc::clone(&call));
        (call, asked)
    }

    pub(super) fn find(&self, sid: &str) -> Option<Arc<Placed>> {
        self.calls.iter().rev().find(|call| call.sid == sid).cloned()
    }

    /// All that are wanted, newest first.
    pub(super) fn newest(&self, wanted: impl Fn(&Placed) -> bool) -> Vec<Arc<Placed>> {
        self.calls.iter().rev().filter(|call| wanted(call)).cloned().collect()
    }
}
