//! Calls: what a line hands to a voice gateway, what it hears of a call, what it says next, and the trait that every voice
//! gateway implements.
//! Refuses rules: which keys are right, and what is said to whom, is decided elsewhere.

use engine::id::AttemptId;
use engine::number::{Extension, PhoneNumber};
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// A call to place.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which send; it travels in the callbacks' addresses.
    pub attempt: AttemptId,
    /// Whom to call.
    pub to: PhoneNumber,
    /// How long it may ring.
    pub ring: Duration,
    /// How long it may last from the answer on; the gateway hangs up then, whatever is being said.
    pub longest: Duration,
}

/// What is to be done next in a call that was answered.
#[derive(Debug, Clone)]
pub enum Order {
    /// Say this; what was being said stops, and keys that were pressed and not told yet count no more.
    Say(Turn),
    /// Hang up; before the answer, cancel.
    HangUp,
}

/// One turn of the conversation.
#[derive(Debug, Clone)]
pub struct Turn {
    /// What is said, in order. A key stops it.
    pub parts: Vec<Part>,
    /// What is listened for; `None` hangs up once everything is said.
    pub listen: Option<Listen>,
}

/// A part of what is said.
#[derive(Debug, Clone)]
pub enum Part {
    /// Words.
    Say(Utterance),
    /// Keys of an automatic attendant, a comma is one second. A key of the person does not stop them.
    Dial(Extension),
}

/// Words in one language.
#[derive(Debug, Clone)]
pub struct Utterance {
    /// BCP 47.
    pub language: String,
    /// As text, for gateways that speak by themselves.
    pub text: String,
    /// As sound: G.711 µ-law, 8,000 a second.
    pub audio: Arc<[u8]>,
}

/// How keys are listened for. `#` ends them; it is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// How long to wait for the first key after the last word, and for each further one.
    pub wait: Duration,
    /// So many keys end it too, without `#`.
    pub most: u8,
    /// Whether `#` alone is an answer, so that it must be told from silence; where it is not, keys may come fast.
    pub pound_alone: bool,
}

/// What happens in a call, told as it happens.
#[derive(Debug, Clone)]
pub enum News {
    /// The gateway took it.
    Placed {
        /// The gateway's id of it.
        provider_id: String,
    },
    /// The phone rings.
    Ringing,
    /// Somebody, or something, picked up. The gateway waits for an order, and hangs up if none comes within
    /// [`ORDER_WAIT`].
    Answered,
    /// Keys were pressed, or none were in time. The gateway waits for an order, as after the answer.
    Keyed(Keys),
}

/// How long a gateway waits for an order before it hangs up.
pub const ORDER_WAIT: Duration = Duration::from_secs(10);

/// Keys of one turn.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// `0-9`, `*` and `A-D`, as pressed; empty if nothing was pressed in time or `#` alone.
    pub digits: Secret<String>,
    /// Whether `#` was pressed at the end.
    pub pound: bool,
}

/// How a call ended. Exactly one for each call, and nothing is told after it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallEnd {
    /// We hung up, as ordered or when all was said.
    #[error("the call was over")]
    Done,
    /// Nobody picked up while it rang.
    #[error("nobody picked up")]
    NoAnswer,
    /// Busy.
    #[error("the number was busy")]
    Busy,
    /// The person pressed the call away.
    #[error("the call was declined")]
    Declined,
    /// The person hung up.
    #[error("the person hung up")]
    HungUp,
    /// The line dropped, or no sound came any more.
    #[error("the line was cut ({cause})")]
    Cut {
        /// What was seen.
        cause: String,
    },
    /// It lasted as long as it may.
    #[error("the call lasted as long as it may")]
    TooLong,
    /// An answering machine picked up.
    #[error("an answering machine picked up")]
    Voicemail,
    /// The number is bad.
    #[error("the gateway says that the number cannot be called ({cause}); the person needs another number")]
    NumberInvalid {
        /// What the gateway said.
        cause: String,
    },
    /// The phone cannot be reached now.
    #[error("the phone cannot be reached ({cause}); another method may reach the person")]
    Unreachable {
        /// What the gateway said.
        cause: String,
    },
    /// The gateway refuses us: an administrator must look at the account. Surely not placed.
    #[error("the gateway refuses us ({cause}); look at its credentials, caller id, codecs and balance")]
    GatewayRefused {
        /// What the gateway said.
        cause: String,
    },
    /// The gateway suspects abuse or does not allow the destination. Surely not placed.
    #[error("the gateway blocks this destination ({cause}); look at its fraud guard and geographic permissions")]
    FraudGuard {
        /// What the gateway said.
        cause: String,
    },
    /// The gateway cannot place calls now. Surely not placed: another gateway may.
    #[error("the gateway cannot place the call now ({cause})")]
    Unavailable {
        /// What was seen.
        cause: String,
        /// When to come back, where it says so.
        retry_after: Option<Duration>,
    },
    /// It may or may not have been placed.
    #[error("it is not known what the gateway did ({cause}); look at its log before anybody is called again")]
    Ambiguous {
        /// What was seen.
        cause: String,
    },
}

/// Who hears what happens in a call.
pub type Hears = Box<dyn Fn(News) + Send + Sync>;

/// What every voice gateway does.
pub trait VoiceGateway: Send + Sync {
    /// Places a call, once, and carries it to its end. Orders that come before the answer wait for it, but `HangUp` counts
    /// at once; a closed channel of orders is a `HangUp`.
    fn call(&self, call: Call, orders: UnboundedReceiver<Order>, hears: Hears) -> BoxFuture<'_, CallEnd>;

    /// Why calls cannot be placed just now (no registration, wrong credentials, no answer to keep-alives), for health pages.
    fn trouble(&self) -> Option<String>;
}
