//! What goes into a call's machine, and what comes out of it.
//! Refuses IO: whoever performs it knows how.

use super::webhook::{Asked, Told};
use crate::call::{CallEnd, News, Order, Turn};

/// What happens to a call.
#[derive(Debug)]
pub(super) enum Event {
    /// The provider took it, under this id.
    Placed(String),
    /// It did not; the end is the reason.
    NotPlaced(CallEnd),
    /// It is not known whether it did.
    Doubtful(String),
    /// What its list says then.
    Found(Option<String>),
    /// We want this.
    Order(Order),
    /// It asks what to say.
    Asked(Asked),
    /// It told how far it is.
    Told(Told),
    /// What it says when it is asked how far it is, if it says anything.
    Looked(Option<Told>),
    /// It was told to hang up, or could not be.
    HungUp,
    /// The deadline is over.
    Late,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Act {
    Tell(News),
    /// Give whoever asks this turn, as the document of this number.
    Say(Turn, u32),
    /// Give whoever asks the last document again.
    Repeat,
    /// Let whoever asks hang up.
    Dismiss,
    /// Have the provider ask for a document at once, after the one of this number.
    Redirect(u32),
    /// Hang up: end a call that was answered, cancel one that was not.
    HangUp {
        answered: bool,
    },
    /// Look for the call in the provider's list.
    LookFor,
    /// Look how far the call is.
    LookAt,
    End(CallEnd),
}
