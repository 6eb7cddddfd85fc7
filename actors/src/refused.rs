//! Why the engine does not do what it was asked.
//! Refuses causes that are the asker's business no longer: those are logged.

use crate::desk::AmendError;
use crate::ledger::NotWritten;
use engine::moment::Moment;
use engine::verification::{ResendRefusal, Verification};
use store::ReadError;

/// The engine refuses what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such thing.
    #[error("there is no such verification")]
    NotFound,
    /// It has ended.
    #[error("the verification has ended")]
    Settled(Box<Verification>),
    /// No code is awaited.
    #[error("this verification does not wait for a code to be typed in")]
    NoCodeAwaited,
    /// What was entered is no code.
    #[error("a code has digits only")]
    NotACode,
    /// Not before this.
    #[error("too many wrong codes; try again later")]
    Paused(Moment),
    /// The text cannot be sent again now.
    #[error("the text cannot be sent again now")]
    Resend(ResendRefusal),
    /// What was wanted of a person is not possible.
    #[error("{0}")]
    Impossible(String),
    /// The store does not take it.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// A rule broke.
    #[error("a rule broke; the log says which")]
    Broken,
    /// A part of the engine is being built anew, or the engine is stopping.
    #[error("a part of the engine is not there now; try again in a second")]
    Unavailable,
}

impl From<AmendError> for Refused {
    fn from(error: AmendError) -> Self {
        match error {
            AmendError::Refused(why) => Self::Impossible(why),
            AmendError::NotWritten(why) => why.into(),
            AmendError::NotRead(why) => why.into(),
            AmendError::Broken => Self::Broken,
        }
    }
}
