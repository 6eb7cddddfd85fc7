//! Taking a call back before it is answered (RFC 3261 §9.1), and its races.
//! Refuses to send a CANCEL before a provisional answer: it could arrive before its INVITE.

use super::super::message::{Message, Method};
use super::super::transaction::LONG;
use super::timers::Timer;
use super::{Action, Signalling, Stage};
use crate::call::CallEnd;
use std::time::Duration;

impl Signalling {
    /// Ends the call from our side, however far it is.
    pub(super) fn hang_up(&mut self, why: CallEnd, now: Duration) {
        self.timers.unset(Timer::Ring);
        match self.stage {
            Stage::Calling if self.calling.invite.is_none() => self.end(why, now),
            Stage::Calling => (self.stage, self.why) = (Stage::Unwanted, why),
            Stage::Ringing => {
                self.why = why;
                self.cancel(now);
            }
            Stage::Up => {
                self.bye(0);
                self.end(why, now);
            }
            // Whoever hangs up while it is taken back already waits for nothing else.
            Stage::Unwanted | Stage::Cancelling => self.why = why,
            Stage::Gone => {}
        }
    }

    /// The INVITE's branch, number, route and Request-URI, and no tag of the far side.
    pub(super) fn cancel(&mut self, now: Duration) {
        self.placed();
        self.stage = Stage::Cancelling;
        self.timers.set(Timer::GiveUp, now + LONG);
        let Some(invite) = &self.calling.invite else { return };
        let mut cancel = Message::request(Method::Cancel, invite.uri().expect("an INVITE is a request"));
        for name in ["Via", "Max-Forwards", "Route", "From", "To", "Call-ID"] {
            invite.all(name).for_each(|value| cancel.push(name, value));
        }
        cancel.push("CSeq", &format!("{} CANCEL", self.number()));
        self.act(Action::Request(cancel, self.peer()));
    }

    /// No final answer came after the CANCEL (§9.1): what comes late is still ended.
    pub(super) fn give_up(&mut self, now: Duration) {
        if let Some(invite) = self.calling.invite.clone() {
            self.act(Action::Forget(invite));
        }
        self.end(self.why.clone(), now);
    }
}
