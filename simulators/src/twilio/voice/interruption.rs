//! What can happen on a line while something is said or listened for.
//! It loses nothing when whoever waits for it stops waiting.

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::book::{Change, Source};
use crate::calls::{Act, Person};

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The document or the API hung up.
    Caller,
    Phone,
    TooLong,
    /// There was no document, or one that cannot be carried out.
    Failed,
    /// The simulators were reset.
    Forgotten,
}

/// What comes between.
pub(super) enum Between {
    Key(char),
    Say(Source),
    Over(Over),
}

/// The first thing that happens on the line, or nothing until then. Nothing is lost if this is dropped.
pub(super) async fn between(
    person: &mut Person,
    changes: &mut mpsc::Receiver<Change>,
    limit: Option<Instant>,
    until: Option<Instant>,
) -> Option<Between> {
    loop {
        tokio::select! {
            biased;
            act = person.act() => match act {
                Act::Press(key) => return Some(Between::Key(key)),
                Act::HangUp => return Some(Between::Over(Over::Phone)),
                Act::Forget => return Some(Between::Over(Over::Forgotten)),
                // The provider's customer is told of no hold, and the rest is for before the answer.
                Act::Answer | Act::Busy | Act::Decline | Act::Unreachable | Act::Unallocated | Act::Hold | Act::Resume => {}
            },
            Some(change) = changes.recv() => match change {
                Change::HangUp => return Some(Between::Over(Over::Caller)),
                Change::Say(source) => return Some(Between::Say(source)),
                Change::Cancel => {}
            },
            () = at(limit) => return Some(Between::Over(Over::TooLong)),
            () = at(until) => return None,
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
