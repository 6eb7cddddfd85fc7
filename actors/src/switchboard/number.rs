//! What the owner of a number knows of it: its record, the codes that are open there, and what news change.
//! Refuses to write: the switchboard does, in the order of its calls.

use super::Taken;
use crate::records::NumberRecord;
use engine::id::VerificationId;
use engine::method::Method;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::verification::Rung;

/// A number as its owner knows it.
#[derive(Default)]
pub(super) struct Number {
    pub record: NumberRecord,
    pub open: Vec<OpenCode>,
    pub touched: Moment,
    /// The messages that were taken from it; `None` until that is read.
    pub taken: Option<Box<Taken>>,
    /// Whether its record is still to be read: what is open there was known first.
    pub unread: bool,
}

impl Number {
    /// One whose record is still to be read.
    pub fn unread() -> Box<Self> {
        Box::new(Self { unread: true, ..Self::default() })
    }
}

/// A code that is open at a number.
#[derive(Debug, Clone, Copy)]
pub struct OpenCode {
    pub(super) verification: VerificationId,
    pub(super) rung: u8,
    pub(super) code: u16,
    pub(super) digits: u8,
    pub(super) two_way: bool,
    /// Whether it is no code but a call: there is one at a time.
    pub(super) call: bool,
    /// Our number that it came from; `None` while that is not known, also after a restart: then any will do.
    pub(super) from: Option<PhoneNumber>,
}

impl OpenCode {
    /// The code number `code` of a rung; a reply is awaited where its mode is two-way.
    pub fn new(verification: VerificationId, index: u8, code: u16, rung: &Rung) -> Self {
        let call = rung.method == Method::Voice;
        let two_way = rung.mode.is_two_way();
        Self { verification, rung: index, code, digits: rung.digits, two_way, call, from: None }
    }
}

/// News of a number.
#[derive(Debug, Clone, Copy)]
pub enum NumberNews {
    /// Its owner answered.
    Answered,
    /// A gateway says that it does not exist.
    Bad,
    /// A gateway says that it cannot be called; it is not tried before this.
    Uncallable(Moment),
    /// Its owner wanted no more texts, as of this moment.
    OptedOut(Moment),
    /// Its owner wanted texts again, as of this moment.
    OptedIn(Moment),
    /// It came with a new person: that it was bad counts no more, numbers change hands. A STOP still counts.
    Enrolled,
    /// It was entered for a person who is there, at their wish: a STOP counts no more either.
    EnteredAnew(Moment),
}

/// Words of opting in and out are dated in whole seconds where they were listed; an older one came late.
fn opt(record: &mut NumberRecord, out: bool, at: Moment) {
    if at.seconds() >= record.opted_at.seconds() {
        (record.opted_out, record.opted_at) = (out, at);
    }
}

pub(super) fn note(record: &mut NumberRecord, news: NumberNews) {
    match news {
        NumberNews::Answered => {
            record.sends.answered();
            record.bad = false;
            record.uncallable_until = None;
        }
        NumberNews::Bad => record.bad = true,
        NumberNews::Uncallable(until) => record.uncallable_until = Some(until),
        NumberNews::OptedOut(at) => opt(record, true, at),
        NumberNews::OptedIn(at) => opt(record, false, at),
        NumberNews::Enrolled => (record.bad, record.uncallable_until) = (false, None),
        NumberNews::EnteredAnew(at) => {
            (record.bad, record.uncallable_until) = (false, None);
            opt(record, false, at);
        }
    }
}
