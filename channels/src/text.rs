//! Texts: what a line hands to a gateway, what comes back, and the trait that every text gateway implements.
//! Refuses retries and pacing: they are the line's.

pub use crate::callback::{CallbackError, InboundText, OptOut, RawCallback, Receipt, ReceiptStatus, SignatureRefused};
pub use crate::meaning::Meaning;
use engine::id::AttemptId;
use engine::moment::Moment;
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// A text to send.
#[derive(Debug)]
pub struct Text {
    /// Which send; it travels in the status callback's address.
    pub attempt: AttemptId,
    /// E.164.
    pub to: String,
    /// Holds the code.
    pub body: Secret<String>,
    /// After this it is no use.
    pub valid_for: Duration,
}

/// The gateway took a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The gateway's id of it.
    pub provider_id: String,
    /// The number it comes from, where the gateway says so already.
    pub from: Option<String>,
}

/// The gateway did not take a text, or it is not known; sorted by who must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The number is bad: the person must give another.
    #[error("the gateway says that the number cannot take texts (error {code}); the person needs another number")]
    NumberInvalid {
        /// The gateway's number of the error.
        code: u32,
    },
    /// The person texted STOP.
    #[error("the person texted STOP to the gateway (error {code}); they must text START first")]
    OptedOut {
        /// The gateway's number of the error.
        code: u32,
    },
    /// The phone cannot be reached now.
    #[error("the phone cannot be reached (error {code}); another method may reach the person")]
    Unreachable {
        /// The gateway's number of the error.
        code: u32,
    },
    /// The gateway refuses us: an administrator must look at the account.
    #[error(
        "the gateway refuses us (HTTP {status}, error {code}); look at the account's credentials, sender and balance"
    )]
    GatewayRefused {
        /// HTTP status.
        status: u16,
        /// The gateway's number of the error, 0 if it gave none.
        code: u32,
    },
    /// The gateway suspects abuse or does not allow the destination.
    #[error("the gateway blocks this destination (error {code}); look at its fraud guard and geographic permissions")]
    FraudGuard {
        /// The gateway's number of the error.
        code: u32,
    },
    /// Too many requests; surely not taken.
    #[error("the gateway asks to slow down; lower the line's pace if this goes on")]
    Throttled {
        /// When to come back, where it says so.
        retry_after: Option<Duration>,
    },
    /// No connection; surely not taken.
    #[error("no connection to the gateway ({cause}); look at base_url, ca_file and the network")]
    NoConnection {
        /// What was seen.
        cause: String,
    },
    /// It may or may not have been taken.
    #[error("it is not known what the gateway did ({cause}); look at its log before anything is sent again")]
    Ambiguous {
        /// What was seen.
        cause: String,
    },
    /// The text itself is wrong.
    #[error("the gateway does not take this text (error {code}); look at the text's template")]
    BodyInvalid {
        /// The gateway's number of the error.
        code: u32,
    },
}

impl SendError {
    /// Whether the gateway surely did not take the text, so that another way may be tried without two arriving.
    pub const fn surely_not_taken(&self) -> bool {
        !matches!(self, Self::Ambiguous { .. })
    }

    /// The gateway's number of the error, where it gave one.
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::GatewayRefused { code: 0, .. } => None,
            Self::NumberInvalid { code }
            | Self::OptedOut { code }
            | Self::Unreachable { code }
            | Self::GatewayRefused { code, .. }
            | Self::FraudGuard { code }
            | Self::BodyInvalid { code } => Some(*code),
            Self::Throttled { .. } | Self::NoConnection { .. } | Self::Ambiguous { .. } => None,
        }
    }

    /// Whether the same text may be given to the same gateway again: it surely was not taken.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::NoConnection { .. } | Self::Throttled { .. } => true,
            Self::NumberInvalid { .. }
            | Self::OptedOut { .. }
            | Self::Unreachable { .. }
            | Self::GatewayRefused { .. }
            | Self::FraudGuard { .. }
            | Self::Ambiguous { .. }
            | Self::BodyInvalid { .. } => false,
        }
    }
}

/// What every text gateway does.
pub trait TextGateway: Send + Sync {
    /// Gives a text to the gateway, once: an implementation that tries again must be sure that nothing was sent.
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<Accepted, SendError>>;
    /// Whether a callback is the gateway's.
    fn verify(&self, callback: &RawCallback<'_>) -> Result<(), SignatureRefused>;
    /// Reads an inbound text.
    fn inbound(&self, callback: &RawCallback<'_>) -> Result<InboundText, CallbackError>;
    /// Reads a receipt.
    fn receipt(&self, callback: &RawCallback<'_>) -> Result<Receipt, CallbackError>;
    /// Inbound texts since `since`, newest last, for what came while we were down. Some may have been taken before.
    fn missed(&self, since: Moment) -> BoxFuture<'_, Result<Vec<InboundText>, SendError>>;
}
