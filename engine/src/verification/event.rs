//! What can happen to a verification, and what follows from it.
//! Refuses codes and PINs: they are judged before, and only the verdict comes in.

use super::{Keyed, Turn};
use crate::id::AttemptId;
use crate::number::PhoneNumber;
use crate::reason::Reason;
use crate::timeline::Entry;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its turn came: no other prompt of the person is open (any more).
    TurnCame,
    /// The owner of the number gave leave; `code` is the number of a code that nobody else has there.
    Reserved {
        /// Which send.
        attempt: AttemptId,
        /// Number of the derived code.
        code: u16,
    },
    /// The owner of the number, or a limit, refused.
    Limited {
        /// Which send.
        attempt: AttemptId,
        /// Why.
        reason: Reason,
    },
    /// A line has a free place for this send and asks whether it may go.
    Dispatched {
        /// Which send.
        attempt: AttemptId,
        /// The name of the line.
        line: Box<str>,
    },
    /// The gateway took the text, or places the call.
    Accepted {
        /// Which send.
        attempt: AttemptId,
        /// The gateway's id of it.
        provider_id: Box<str>,
        /// Our number that it comes from, where the gateway says so already.
        from: Option<PhoneNumber>,
    },
    /// The text was surely not sent, or nobody was called.
    Refused {
        /// Which send.
        attempt: AttemptId,
        /// Why.
        refusal: Refusal,
        /// What the gateway said, without secrets.
        detail: Box<str>,
    },
    /// It is not known whether the gateway took it.
    Uncertain {
        /// Which send.
        attempt: AttemptId,
        /// What was seen.
        detail: Box<str>,
    },
    /// The line that had it broke: it queued or was being given to the gateway, and nobody will tell which.
    LineLost {
        /// Which send.
        attempt: AttemptId,
    },
    /// The phone rings.
    Rang {
        /// Which send.
        attempt: AttemptId,
    },
    /// Somebody, or something, picked up.
    PickedUp {
        /// Which send.
        attempt: AttemptId,
    },
    /// Keys were pressed in a call, and they have been judged.
    Keyed {
        /// Which send.
        attempt: AttemptId,
        /// What they were worth.
        keyed: Keyed,
    },
    /// A call is over.
    CallEnded {
        /// Which send.
        attempt: AttemptId,
        /// How.
        how: CallEnded,
    },
    /// The gateway told of the text's way to the phone.
    Receipt {
        /// Which send.
        attempt: AttemptId,
        /// How far it came.
        state: ReceiptState,
        /// The gateway's error number.
        error: Option<u32>,
        /// What the error means, where that is known.
        refusal: Option<Refusal>,
    },
    /// Somebody entered a code, and it has been judged.
    Entered {
        /// Where it came in.
        door: Door,
        /// What it was worth.
        verdict: Verdict,
    },
    /// The person reported fraud.
    FraudReported,
    /// The person asked for the text once more. The shell asks `may_resend` first.
    ResendAsked,
    /// Ended from outside.
    Cancelled {
        /// Why.
        reason: Reason,
    },
    /// The process was started anew and found this verification in the store.
    Recovered,
    /// Time passed.
    Tick,
    /// The shell broke while handling this verification.
    Broken,
}

/// Where a code came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// As an inbound text.
    Reply,
    /// Typed into the application.
    Typed,
}

/// What an entered code was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Code (and PIN) right.
    Right,
    /// Code wrong.
    WrongCode,
    /// Code right, PIN wrong.
    WrongPin,
    /// Both right, but the PIN must be changed first.
    PinChangeDue,
    /// Both right, but the PIN is too old.
    PinTooOld,
    /// OATH: used before.
    Replayed,
    /// OATH: of another time.
    OutOfDate,
}

/// Why a text surely did not go, or did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The number is bad.
    NumberInvalid,
    /// The person texted STOP.
    OptedOut,
    /// The phone cannot be reached.
    Unreachable,
    /// The gateway refuses us: another line may do it.
    Provider {
        /// The line's bit.
        line: u8,
    },
    /// The gateway suspects abuse.
    FraudGuard,
    /// The queue is full or the deadline passed in it.
    Busy,
    /// No line is left.
    NoLine,
}

/// How a call ended that was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnded {
    /// We hung up.
    Over,
    /// Nobody picked up.
    NoAnswer,
    /// Busy.
    Busy,
    /// Pressed away.
    Declined,
    /// The person hung up.
    HungUp,
    /// The line dropped.
    Cut,
    /// It lasted as long as it may.
    TooLong,
    /// An answering machine picked up.
    Voicemail,
}

impl CallEnded {
    /// The word in the timeline.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::HungUp => "hung_up",
            Self::Cut => "cut",
            Self::TooLong => "too_long",
            Self::Voicemail => "voicemail",
        }
    }
}

/// How far a text came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptState {
    /// On its way.
    Underway,
    /// On the phone.
    Delivered,
    /// It will not arrive.
    Undelivered,
}

/// What the shell has to do once the step is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Write into the timeline.
    Note(Entry),
    /// Ask the owner of the number for leave; answer with `Reserved` or `Limited`.
    Reserve {
        /// The first number of a code to try.
        code: u16,
        /// Whether the person asked for it, so that the resend gap counts instead of the first gap.
        resend: bool,
    },
    /// Give it to the router.
    Send {
        /// Which send.
        attempt: AttemptId,
        /// Lines that refused already, a bit each.
        tried: u32,
    },
    /// Take it back out of the queue.
    Withdraw {
        /// Which send.
        attempt: AttemptId,
    },
    /// Tell the owner of the number which of our numbers texts it.
    SentFrom {
        /// Which send.
        attempt: AttemptId,
        /// Our number.
        from: PhoneNumber,
    },
    /// Tell the line to give it to the gateway now.
    Release {
        /// Which send.
        attempt: AttemptId,
    },
    /// Tell the line not to send it.
    Hold {
        /// Which send.
        attempt: AttemptId,
    },
    /// Say this in the call. Where it listens for nothing, the call is over after it.
    Say {
        /// Which send.
        attempt: AttemptId,
        /// What.
        turn: Turn,
    },
    /// Hang up, or stop calling.
    HangUp {
        /// Which send.
        attempt: AttemptId,
    },
    /// Answer an inbound text with an invitation to try again.
    Invite,
    /// Change the standing of the person or the number.
    Mark(Mark),
    /// It is over: tell whoever waits.
    Settle(Reason),
}

/// What a verification changes in the standing of its person or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A code was wrong.
    WrongCode,
    /// One more text than was counted at the start goes to the person.
    AnotherText,
    /// A wrong PIN ended it.
    PinDenied,
    /// The PIN that was keyed twice is the person's from now on.
    PinChanged,
    /// Presence was proved.
    Success,
    /// Fraud was reported.
    Fraud,
    /// Fraud was reported, and the person is not to be blocked for it.
    FraudTold,
    /// The number answered: its unanswered sends count no more.
    NumberAnswered,
    /// The backup phone answered under this number.
    BackupAnswered(PhoneNumber),
    /// The number is bad for texts.
    NumberBad,
    /// The number cannot be called.
    NumberUncallable,
    /// The person does not want texts at this number.
    NumberOptedOut,
}
