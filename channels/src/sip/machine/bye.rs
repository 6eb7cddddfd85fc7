//! The end of a session, from either side (RFC 3261 §15).
//! Refuses to wait: the call is over when the BYE goes out, and its answer changes nothing.

use super::super::message::{Message, Method};
use super::super::status;
use super::within::Purpose;
use super::{Signalling, Stage};
use std::time::Duration;

impl Signalling {
    /// Ends a dialog, once.
    pub(super) fn bye(&mut self, at: usize) {
        if std::mem::replace(&mut self.dialogs[at].over, true) {
            return;
        }
        let bye = self.dialogs[at].request(Method::Bye);
        self.ask(bye, at, Purpose::Bye);
    }

    /// A BYE of theirs. It may cross ours.
    pub(super) fn said_goodbye(&mut self, request: &Message, at: usize, now: Duration) {
        self.respond(request, 200);
        self.dialogs[at].over = true;
        match self.stage {
            Stage::Up if at == 0 => self.end(status::ended(request), now),
            // That of an early dialog says nothing of the INVITE: its final answer does (§15).
            Stage::Up | Stage::Calling | Stage::Ringing | Stage::Unwanted | Stage::Cancelling | Stage::Gone => {}
        }
    }
}
