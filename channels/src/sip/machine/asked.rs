//! Requests of the far side within the call (RFC 3261 §12.2.2).
//! Refuses what we do not know, with the answer that says so: 405, 415, 420, 481, 500.

use super::super::dialog::Turn;
use super::super::message::{ALLOW, Message, Method};
use super::super::strangers::unsupported;
use super::progress::sdp;
use super::{Action, Media, Signalling, Stage};
use crate::media::InfoRefused;
use std::time::Duration;

/// Types of body that an INFO may have (sip.md §6.2).
const KEYS: &str = "application/dtmf-relay, application/dtmf";

impl Signalling {
    pub(super) fn response(&self, request: &Message, status: u16) -> Message {
        Message::response(request, status, &self.tag)
    }

    pub(super) fn respond(&mut self, request: &Message, status: u16) {
        let response = self.response(request, status);
        self.act(Action::Respond(response));
    }

    pub(super) fn asked(&mut self, request: &Message, media: &dyn Media, now: Duration) {
        let Some(method) = request.method().cloned() else { return };
        let Some(at) = self.dialog_of(request) else {
            if method != Method::Ack {
                self.respond(request, 481);
            }
            return;
        };
        if method == Method::Ack {
            return self.acknowledged(request, media, now);
        }
        let number = request.cseq().map_or(0, |(number, _)| number);
        match self.dialogs[at].take(number) {
            Turn::Old => return self.respond(request, 500),
            Turn::Same => return self.respond(request, 482),
            Turn::Next => {}
        }
        if let Some(unknown) = unsupported(request) {
            let response = self.response(request, 420).with("Unsupported", unknown);
            return self.act(Action::Respond(response));
        }
        self.turned(request, &method, at, media, now);
    }

    fn dialog_of(&self, request: &Message) -> Option<usize> {
        let (theirs, ours) = (request.from_tag().unwrap_or_default(), request.to_tag());
        let known = self.dialogs.iter().position(|dialog| dialog.tag == theirs);
        known.filter(|_| ours.as_deref() == Some(&self.tag))
    }

    /// One whose turn it is.
    fn turned(&mut self, request: &Message, method: &Method, at: usize, media: &dyn Media, now: Duration) {
        let is_call = !self.dialogs[at].over && !self.dialogs[at].lost && self.stage != Stage::Gone;
        if !is_call && *method != Method::Bye {
            return self.respond(request, 481);
        }
        match method {
            Method::Bye => self.said_goodbye(request, at, now),
            Method::Invite | Method::Update if is_foreign(request, &["application/sdp"]) => {
                self.refuse_type(request, "application/sdp");
            }
            Method::Invite if self.stage == Stage::Up && at == 0 => self.reinvited(request, media, now),
            // A session that is not there yet cannot be changed by an INVITE (§14.2).
            Method::Invite => self.respond(request, 491),
            Method::Update => self.updated(request, at, media, now),
            Method::Info => self.informed(request, media),
            Method::Options => {
                let response = self.response(request, 200).with("Allow", ALLOW).with("Supported", "100rel, timer");
                self.act(Action::Respond(response.with("Accept", format!("application/sdp, {KEYS}"))));
            }
            // We send no provisional answers that could be acknowledged.
            Method::Prack => self.respond(request, 481),
            Method::Ack | Method::Cancel => {}
            Method::Register | Method::Other(_) => {
                let response = self.response(request, 405).with("Allow", ALLOW);
                self.act(Action::Respond(response));
            }
        }
    }

    /// RFC 3311 §5.2: an offer changes the session; without one the session is only refreshed.
    fn updated(&mut self, request: &Message, at: usize, media: &dyn Media, now: Duration) {
        let offer = sdp(request);
        // While our own offer, in the INVITE or in a 200, has no answer, theirs would cross it.
        let ours = !self.dialogs[at].agreed || self.has_open(&Method::Invite) || self.unacknowledged.is_some();
        if offer.is_some() && ours {
            return self.respond(request, 491);
        }
        if self.is_too_brief(request) {
            return;
        }
        let Ok(answer) = offer.map(|offer| media.take_offer(&offer)).transpose() else {
            return self.respond(request, 488);
        };
        self.dialogs[at].refresh(request);
        let mut response = self.session_response(request, now);
        if let Some(answer) = answer {
            (self.dialogs[at].agreed, self.dialogs[at].sdp) = (true, None);
            response = response.with_body("application/sdp", answer);
        }
        self.act(Action::Respond(response));
    }

    /// Keys as SIP INFO. Before the answer and after the end they are understood, and do not count.
    fn informed(&mut self, request: &Message, media: &dyn Media) {
        let content_type = request.get("Content-Type").unwrap_or_default();
        if request.body.is_empty() && content_type.is_empty() {
            return self.respond(request, 200);
        }
        let read = match self.stage {
            Stage::Up => media.info(content_type, &request.body),
            Stage::Calling | Stage::Ringing | Stage::Unwanted | Stage::Cancelling | Stage::Gone => {
                crate::media::read_info(content_type, &request.body).map(|_| ())
            }
        };
        match read {
            Ok(()) => self.respond(request, 200),
            Err(InfoRefused::Type) => self.refuse_type(request, KEYS),
            Err(InfoRefused::Content) => self.respond(request, 400),
        }
    }

    fn refuse_type(&mut self, request: &Message, accepted: &str) {
        let response = self.response(request, 415).with("Accept", accepted);
        self.act(Action::Respond(response));
    }
}

/// Whether there is a body of none of these types.
fn is_foreign(request: &Message, types: &[&str]) -> bool {
    !request.body.is_empty() && !types.iter().any(|known| request.is_of_type(known))
}
