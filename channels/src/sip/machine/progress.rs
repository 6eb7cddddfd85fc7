//! Provisional answers, and those that want to be acknowledged (RFC 3262).
//! Refuses to acknowledge out of order: what was missed is sent again.

use super::super::dialog::Dialog;
use super::super::message::{Message, Method};
use super::within::Purpose;
use super::{Media, Signal, Signalling, Stage};
use std::time::Duration;

impl Signalling {
    pub(super) fn progress(&mut self, response: &Message, media: &dyn Media, _now: Duration) {
        self.stage = Stage::Ringing;
        self.placed();
        let status = response.status().unwrap_or_default();
        self.calling.rang |= status > 100;
        if status == 180 && !std::mem::replace(&mut self.calling.told, true) {
            self.tell(Signal::Ringing);
        }
        if status > 100 && response.to_tag().is_some() && self.may_begin(response) {
            let reliable = response.lists("Require", "100rel");
            match (reliable, response.seconds("RSeq")) {
                (true, Some(rseq)) => self.reliable(response, rseq, media),
                (true, None) | (false, _) => self.preview(response, media),
            }
        }
    }

    /// Whether a provisional response is of a dialog that is known, or that there is room for.
    fn may_begin(&self, response: &Message) -> bool {
        let tag = response.to_tag().unwrap_or_default();
        self.dialogs.len() < MOST_DIALOGS || self.dialogs.iter().any(|dialog| dialog.tag == tag)
    }

    /// The dialog of a response, begun if it is new.
    pub(super) fn dialog(&mut self, response: &Message) -> usize {
        let tag = response.to_tag().unwrap_or_default();
        if let Some(at) = self.dialogs.iter().position(|dialog| dialog.tag == tag) {
            return at;
        }
        let invite = self.calling.invite.as_ref().expect("a response answers an INVITE that was sent");
        let number = response.cseq().map_or(self.number(), |(number, _)| number);
        let mut begun = Dialog::begun(invite, response);
        begun.peer = self.peer_of(number);
        self.dialogs.push(begun);
        self.dialogs.len() - 1
    }

    /// What it plays may be heard; only the 2xx confirms it.
    fn preview(&mut self, response: &Message, media: &dyn Media) {
        let at = self.dialog(response);
        if let Some(sdp) = sdp(response)
            && !self.dialogs[at].agreed
        {
            // A preview that does not fit is not played; the 2xx may still bring one that does.
            let _ = media.take_answer(&sdp);
            self.dialogs[at].sdp = Some(sdp);
        }
    }

    /// RFC 3262 §4: the next one is acknowledged, one that was is dropped, one after a gap waits.
    fn reliable(&mut self, response: &Message, rseq: u32, media: &dyn Media) {
        let at = self.dialog(response);
        let next = self.dialogs[at].rseq.is_none_or(|last| rseq == last.wrapping_add(1));
        if !next {
            return;
        }
        self.dialogs[at].rseq = Some(rseq);
        if let Some(sdp) = sdp(response)
            && !self.dialogs[at].agreed
            && media.take_answer(&sdp).is_ok()
        {
            self.dialogs[at].sdp = Some(sdp);
            self.dialogs[at].agreed = true;
        }
        let prack = self.dialogs[at].request(Method::Prack).with("RAck", format!("{rseq} {} INVITE", self.number()));
        self.ask(prack, at, Purpose::Prack);
    }
}

/// Dialogs of one INVITE at most: phones that ring at once are fewer.
pub(super) const MOST_DIALOGS: usize = 16;

/// The SDP that a message carries.
pub(super) fn sdp(message: &Message) -> Option<Vec<u8>> {
    (!message.body.is_empty() && message.is_of_type("application/sdp")).then(|| message.body.clone())
}
