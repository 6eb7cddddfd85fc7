//! Answers that begin a session, and ours to a re-INVITE until it is acknowledged (RFC 3261 §13.2.2.4 and §14).
//! Refuses a second session: a fork that answers too is acknowledged and ended.

use super::super::message::{Message, Method};
use super::super::transaction::{LONG, T1, T2};
use super::progress::{MOST_DIALOGS, sdp};
use super::timers::Timer;
use super::{Action, Media, Signal, Signalling, Stage};
use crate::call::CallEnd;
use std::time::Duration;

/// A 200 to a re-INVITE that waits for its ACK.
pub(super) struct Unacknowledged {
    /// The number of the re-INVITE.
    number: u32,
    answer: Message,
    interval: Duration,
    /// The offer was ours, and its answer comes in the ACK.
    offered: bool,
}

impl Signalling {
    /// The first 2xx.
    pub(super) fn win(&mut self, response: &Message, media: &dyn Media, now: Duration) {
        self.placed();
        let at = self.confirm(response);
        self.dialogs.swap(0, at);
        self.dialogs.iter_mut().skip(1).for_each(|other| other.lost = true);
        self.timers.unset(Timer::Ring);
        if self.dialogs[0].over {
            // Its BYE came before this, or the 2xx that was before this was lost.
            return self.end(CallEnd::HungUp, now);
        }
        self.stage = Stage::Up;
        if let Err(cause) = self.agree(response, media) {
            self.bye(0);
            // Somebody picked up: it is not for another trunk to call again.
            return self.end(CallEnd::Cut { cause: format!("no common media: {cause}") }, now);
        }
        media.connect();
        self.dialogs[0].agreed = true;
        self.keep_session(response, refresh_role(response), now);
        self.tell(Signal::Answered);
    }

    /// The SDP of the 2xx, or the one that a reliable answer brought before.
    fn agree(&mut self, response: &Message, media: &dyn Media) -> Result<(), String> {
        if let Some(sdp) = sdp(response) {
            return media.take_answer(&sdp);
        }
        let others = self.dialogs.iter().skip(1).any(|other| other.sdp.is_some());
        match &self.dialogs[0].sdp {
            // Another fork may have set the media since.
            Some(sdp) if others || !self.dialogs[0].agreed => media.take_answer(sdp),
            Some(_) => Ok(()),
            None if self.dialogs[0].agreed => Ok(()),
            None => Err("the answer has no SDP".into()),
        }
    }

    /// Takes a 2xx into its dialog and acknowledges it.
    fn confirm(&mut self, response: &Message) -> usize {
        let at = self.dialog(response);
        self.dialogs[at].hear(response);
        let number = response.cseq().map_or(self.number(), |(number, _)| number);
        let ack = self.dialogs[at].acknowledge(number);
        self.acknowledge(ack, at);
        at
    }

    /// Sends an ACK with the credentials of the INVITE (§22.1) and keeps it for when the 2xx comes again.
    pub(super) fn acknowledge(&mut self, ack: Message, at: usize) {
        let mut ack = self.with_via(ack);
        if let Some(invite) = &self.calling.invite {
            for name in ["Authorization", "Proxy-Authorization"] {
                invite.all(name).for_each(|value| ack.push(name, value));
            }
        }
        self.dialogs[at].ack = Some(ack.clone());
        self.act(Action::Ack(ack, self.dialogs[at].peer));
    }

    pub(super) fn with_via(&mut self, request: Message) -> Message {
        let mut with = Message::request(
            request.method().cloned().expect("it is a request"),
            request.uri().expect("it is a request"),
        );
        with.push("Via", &self.via());
        request.headers().for_each(|(name, value)| with.push(name, value));
        with.body = request.body;
        with
    }

    /// A 2xx while none is wanted: acknowledged, and ended at once.
    pub(super) fn refuse_answer(&mut self, response: &Message, _now: Duration) {
        let at = self.confirm(response);
        self.bye(at);
        // Beyond those that are kept, one that comes again is ended again.
        self.dialogs.truncate(MOST_DIALOGS);
    }

    /// A 2xx after the first: the same again, or that of another fork.
    pub(super) fn answered_again(&mut self, response: &Message, now: Duration) {
        let tag = response.to_tag().unwrap_or_default();
        let number = response.cseq().map_or(self.number(), |(number, _)| number);
        let known = self.dialogs.iter().position(|dialog| dialog.tag == tag && dialog.ack.is_some());
        let Some(at) = known else { return self.refuse_answer(response, now) };
        match self.dialogs[at].ack.clone() {
            Some(ack) if ack.cseq().is_some_and(|(known, _)| known == number) => {
                self.act(Action::Ack(ack, self.dialogs[at].peer));
            }
            // One that was answered before the last re-INVITE.
            Some(_) | None => {
                let ack = self.dialogs[at].acknowledge(number);
                self.acknowledge(ack, at);
            }
        }
    }

    /// A re-INVITE of theirs (§14.2).
    pub(super) fn reinvited(&mut self, request: &Message, media: &dyn Media, now: Duration) {
        if self.has_open(&Method::Invite) {
            return self.respond(request, 491);
        }
        if self.unacknowledged.is_some() {
            let wait = self.tokens.between(Duration::ZERO, Duration::from_secs(10)).as_secs();
            let response = self.response(request, 500).with("Retry-After", wait.to_string());
            return self.act(Action::Respond(response));
        }
        if self.is_too_brief(request) {
            return;
        }
        let body = match sdp(request) {
            None => media.offer(),
            Some(offer) => match media.take_offer(&offer) {
                Ok(answer) => answer,
                Err(_) => return self.respond(request, 488),
            },
        };
        self.dialogs[0].refresh(request);
        let answer = self.session_response(request, now).with_body("application/sdp", body);
        let number = request.cseq().map_or(0, |(number, _)| number);
        let offered = sdp(request).is_none();
        self.unacknowledged = Some(Unacknowledged { number, answer: answer.clone(), interval: T1, offered });
        self.timers.set(Timer::Repeat, now + T1);
        self.timers.set(Timer::Unacknowledged, now + LONG);
        self.act(Action::Respond(answer));
    }

    /// The 200 is repeated until its ACK comes, over streams too (§13.3.1.4).
    pub(super) fn repeat_answer(&mut self, now: Duration) {
        let Some(waiting) = &mut self.unacknowledged else { return };
        waiting.interval = (waiting.interval * 2).min(T2);
        let (answer, next) = (waiting.answer.clone(), now + waiting.interval);
        self.timers.set(Timer::Repeat, next);
        self.act(Action::Respond(answer));
    }

    pub(super) fn never_acknowledged(&mut self, now: Duration) {
        self.unacknowledged = None;
        self.cut("the far side never acknowledged our answer to its re-INVITE", now);
    }

    /// An ACK of theirs.
    pub(super) fn acknowledged(&mut self, ack: &Message, media: &dyn Media, now: Duration) {
        let number = ack.cseq().map(|(number, _)| number);
        let Some(waiting) = self.unacknowledged.take_if(|waiting| Some(waiting.number) == number) else { return };
        self.timers.unset(Timer::Repeat);
        self.timers.unset(Timer::Unacknowledged);
        let answer = sdp(ack).ok_or_else(|| "it has no SDP".to_owned());
        if waiting.offered
            && let Err(cause) = answer.and_then(|answer| media.take_answer(&answer))
        {
            self.cut(&format!("the answer in an ACK cannot be taken: {cause}"), now);
        }
    }

    /// Hangs up as the line is of no use any more.
    pub(super) fn cut(&mut self, cause: &str, now: Duration) {
        if self.stage == Stage::Up {
            self.bye(0);
            self.end(CallEnd::Cut { cause: cause.to_owned() }, now);
        }
    }
}

/// Who refreshes, as a 2xx to us says; we, if it does not.
pub(super) fn refresh_role(response: &Message) -> super::refresh::Refresher {
    super::refresh::Refresher::named(response, true)
}
