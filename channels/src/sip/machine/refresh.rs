//! Session timers (RFC 4028): who refreshes the session, and when it is dead.
//! Refuses to keep a call alive that nobody refreshes.

use super::super::message::{ALLOW, Message, Method, parameter};
use super::exchange::refresh_role;
use super::invite::{MIN_SE, MOST_BRIEFS};
use super::progress::sdp;
use super::timers::Timer;
use super::within::Purpose;
use super::{Action, Media, Signalling, Stage};
use std::time::Duration;

/// Who refreshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresher {
    We,
    They,
}

impl Refresher {
    /// By the `refresher` of a message; without one, whoever asked.
    pub(super) fn named(message: &Message, we_asked: bool) -> Self {
        let named = message.get("Session-Expires").and_then(|value| parameter(value, "refresher"));
        let asker = named.is_none_or(|named| !named.eq_ignore_ascii_case("uas"));
        if asker == we_asked { Self::We } else { Self::They }
    }
}

/// What was agreed.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Seconds; zero if the session has no timer.
    interval: u32,
    min_se: u32,
    /// How often a longer one was demanded since the last refresh.
    briefs: u8,
}

impl Signalling {
    /// Takes over what a message of the far side says of the session. Without `Session-Expires` it never expires.
    pub(super) fn keep_session(&mut self, message: &Message, refresher: Refresher, now: Duration) {
        self.timers.unset(Timer::Refresh);
        self.timers.unset(Timer::Expire);
        let Some(seconds) = message.seconds("Session-Expires").filter(|seconds| *seconds > 0) else {
            self.session.interval = 0;
            return;
        };
        // Whatever is told, we do not refresh more often than the standard's shortest session.
        self.session.interval = seconds.max(MIN_SE);
        let interval = Duration::from_secs(self.session.interval.into());
        // §10: the margin lets the BYE go out while the far side still knows the session.
        self.timers.set(Timer::Expire, now + interval - Duration::from_secs(32).min(interval / 3));
        match refresher {
            Refresher::We => self.timers.set(Timer::Refresh, now + interval / 2),
            Refresher::They => {}
        }
    }

    /// Our refresh is due: by UPDATE where the far side takes it, else by a re-INVITE with the SDP as it is.
    pub(super) fn refresh(&mut self, media: &dyn Media, _now: Duration) {
        if self.stage != Stage::Up || self.has_open(&Method::Update) || self.has_open(&Method::Invite) {
            return;
        }
        let method = if self.dialogs[0].updates { Method::Update } else { Method::Invite };
        let mut request = self.dialogs[0]
            .request(method.clone())
            .with("Contact", format!("<{}>", self.plan.contact))
            .with("Supported", "timer")
            .with("Allow", ALLOW)
            .with("Session-Expires", format!("{};refresher=uac", self.session.interval))
            .with("Min-SE", self.session.min_se.max(MIN_SE).to_string());
        if method == Method::Invite {
            request = request.with_body("application/sdp", media.offer());
        }
        self.ask(request, 0, Purpose::Refresh);
    }

    /// A 2xx to our refresh.
    pub(super) fn refreshed(&mut self, method: &Method, response: &Message, media: &dyn Media, now: Duration) {
        self.session.briefs = 0;
        self.dialogs[0].refresh(response);
        if *method == Method::Invite {
            let number = response.cseq().map_or(0, |(number, _)| number);
            let ack = self.dialogs[0].acknowledge(number);
            self.acknowledge(ack, 0);
            if let Some(Err(cause)) = sdp(response).map(|sdp| media.take_answer(&sdp)) {
                return self.cut(&format!("the answer to our re-INVITE cannot be taken: {cause}"), now);
            }
        }
        if self.stage == Stage::Up {
            self.keep_session(response, refresh_role(response), now);
        }
    }

    /// A longer session is agreed to; everything else leaves the session to its expiry.
    pub(super) fn refresh_refused(&mut self, response: &Message, media: &dyn Media, now: Duration) {
        let least =
            response.seconds("Min-SE").filter(|least| response.status() == Some(422) && *least > self.session.interval);
        self.session.briefs = self.session.briefs.saturating_add(1);
        if let Some(least) = least.filter(|_| self.session.briefs <= MOST_BRIEFS) {
            (self.session.interval, self.session.min_se) = (least, least);
            self.refresh(media, now);
        }
    }

    pub(super) fn expired(&mut self, now: Duration) {
        self.cut("nobody refreshed the session", now);
    }

    /// Whether a session of theirs is too short (§8.1); then they are told.
    pub(super) fn is_too_brief(&mut self, request: &Message) -> bool {
        let brief = request.seconds("Session-Expires").is_some_and(|seconds| seconds < MIN_SE);
        let told = brief && request.lists("Supported", "timer");
        if told {
            let response = self.response(request, 422).with("Min-SE", MIN_SE.to_string());
            self.act(Action::Respond(response));
        }
        told
    }

    /// The 200 to a re-INVITE or UPDATE of theirs, with what it says of the session.
    pub(super) fn session_response(&mut self, request: &Message, now: Duration) -> Message {
        let refresher = Refresher::named(request, false);
        if self.stage == Stage::Up {
            self.keep_session(request, refresher, now);
        }
        let mut response = self
            .response(request, 200)
            .with("Contact", format!("<{}>", self.plan.contact))
            .with("Allow", ALLOW)
            .with("Supported", "timer");
        if let Some(seconds) = request.seconds("Session-Expires") {
            let who = match refresher {
                Refresher::We => "uas",
                Refresher::They => "uac",
            };
            response.push("Session-Expires", &format!("{};refresher={who}", seconds.max(MIN_SE)));
        }
        // Only who refreshes itself must be told that it must (§9).
        if request.get("Session-Expires").is_some() && refresher == Refresher::They {
            response.push("Require", "timer");
        }
        response
    }
}
