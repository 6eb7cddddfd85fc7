//! Texts: what a line hands to a gateway, what comes back, and the trait that every text gateway implements.
//! Refuses retries and pacing: they are the line's.

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
    #[error("the phone cannot be reached (error {code})")]
    Unreachable {
        /// The gateway's number of the error.
        code: u32,
    },
    /// The gateway refuses us: an administrator must look at the account.
    #[error(
        "the gateway refuses this account's text (HTTP {status}, error {code}); look at its credentials, sender and balance"
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
    #[error("the gateway asks to slow down")]
    Throttled {
        /// When to come back, where it says so.
        retry_after: Option<Duration>,
    },
    /// No connection; surely not taken.
    #[error("no connection to the gateway ({cause}); look at its address and the network")]
    NoConnection {
        /// What was seen.
        cause: String,
    },
    /// It may or may not have been taken.
    #[error("it is not known whether the gateway took the text ({cause})")]
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

/// A text that a person sent.
#[derive(Debug)]
pub struct InboundText {
    /// The gateway's id of it.
    pub message_id: String,
    /// Who sent it, E.164.
    pub from: String,
    /// Our number.
    pub to: String,
    /// May hold code and PIN.
    pub body: Secret<String>,
}

/// How far a text of ours came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which send, from the callback's address.
    pub attempt: Option<AttemptId>,
    /// The gateway's id of the text.
    pub message_id: String,
    /// How far.
    pub state: ReceiptStatus,
    /// The gateway's number of the error.
    pub error_code: Option<u32>,
}

/// How far a text came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptStatus {
    /// Taken, accepted, queued.
    Queued,
    /// Given to the network.
    Sent,
    /// On the phone.
    Delivered,
    /// Not delivered.
    Undelivered,
    /// Never sent.
    Failed,
}

/// A callback as it came in.
#[derive(Debug, Clone, Copy)]
pub struct RawCallback<'a> {
    /// Path with query, exactly as received.
    pub path_and_query: &'a str,
    /// The signature header.
    pub signature: Option<&'a str>,
    /// The body, form-encoded.
    pub body: &'a [u8],
}

/// A callback that is not the gateway's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the callback's signature is missing or wrong; look at the auth token and the public URL in the settings")]
pub struct SignatureRefused;

/// A callback that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Not a form.
    #[error("the body is not a form: {0}")]
    NotAForm(&'static str),
    /// A parameter is missing.
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
}

/// What every text gateway does.
pub trait TextGateway: Send + Sync {
    /// Gives a text to the gateway.
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<Accepted, SendError>>;
    /// Whether a callback is the gateway's.
    fn verify(&self, callback: &RawCallback<'_>) -> Result<(), SignatureRefused>;
    /// Reads an inbound text.
    fn inbound(&self, callback: &RawCallback<'_>) -> Result<InboundText, CallbackError>;
    /// Reads a receipt.
    fn receipt(&self, callback: &RawCallback<'_>) -> Result<Receipt, CallbackError>;
    /// Inbound texts since the day of `since`, newest last, for what came while we were down.
    fn missed(&self, since: Moment) -> BoxFuture<'_, Result<Vec<InboundText>, SendError>>;
}
