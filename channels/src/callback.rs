//! What a gateway tells us: texts that people sent, receipts of ours, and the ways in which a callback can be wrong.
//! Refuses to know any gateway's parameters.

use crate::meaning::Meaning;
use engine::id::AttemptId;
use engine::moment::Moment;
use engine::secret::Secret;

/// A callback as it came in.
#[derive(Debug, Clone, Copy)]
pub struct RawCallback<'a> {
    /// Path with query, exactly as received: the signature is over these bytes.
    pub path_and_query: &'a str,
    /// The signature header.
    pub signature: Option<&'a str>,
    /// The body, exactly as received.
    pub body: &'a [u8],
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
    /// When it was sent, where it was listed later; `None` says now.
    pub at: Option<Moment>,
    /// Set where the gateway itself took the text as a word of opting out; its words may be others than ours.
    pub opt_out: Option<OptOut>,
}

/// What the gateway did on a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOut {
    /// It sends this person nothing more.
    Stop,
    /// It sends again.
    Start,
    /// It told the person what this is.
    Help,
}

/// How far a text of ours came. Receipts come twice and out of order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which send, from the callback's address; `None` if the address does not name one of ours.
    pub attempt: Option<AttemptId>,
    /// The gateway's id of the text.
    pub message_id: String,
    /// How far.
    pub state: ReceiptStatus,
    /// The gateway's number of the error.
    pub error_code: Option<u32>,
    /// What that number means, where it is known.
    pub meaning: Option<Meaning>,
}

/// How far a text came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptStatus {
    /// Taken, accepted, queued; also a word that we do not know, so that a new one ends nothing.
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

/// A callback that is not the gateway's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the callback's signature is missing or wrong; look at the auth token and the public URL in the settings")]
pub struct SignatureRefused;

/// A callback that makes no sense. It names parameters, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Not a form.
    #[error("it is not a form: {0}")]
    NotAForm(&'static str),
    /// A parameter is missing.
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    /// A parameter has several values, so that it is not known which one counts.
    #[error("the parameter `{0}` comes with different values")]
    Repeated(&'static str),
}
