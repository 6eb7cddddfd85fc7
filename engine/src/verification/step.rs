//! The rule of the machine: stage × event → stage and effects.
//! Refuses wildcard arms: every pair is written out.

use super::settled::after_the_end;
use super::{Effect, Event, Leg, MAX_SENDS, Mark, ReceiptState, Refusal, Rung, Stage, Verification};
use crate::id::AttemptId;
use crate::method::Method;
use crate::moment::Moment;
use crate::reason::Reason;
use crate::timeline::Entry;

/// What follows from an event.
pub(super) type Step = (Stage, Vec<Effect>);

impl Verification {
    /// What follows from `event`. The stage is to be stored, then taken over with [`Verification::apply`], then the
    /// effects are to be done, in order.
    pub fn next(&self, event: &Event, now: Moment) -> Step {
        if let Some(step) = self.late_report(event, now) {
            return step;
        }
        match self.stage {
            Stage::Waiting => self.while_waiting(event, now),
            Stage::Reserving(leg) => self.while_reserving(leg, event, now),
            Stage::Queued(leg) => self.while_queued(leg, event, now),
            Stage::Sending(leg) | Stage::Awaiting(leg) | Stage::Calling(leg, _) => match self.calling(now) {
                Some(call) => call.next(event),
                None => self.while_out(self.stage, leg, event, now),
            },
            Stage::Settled { .. } => (self.stage, after_the_end(event)),
        }
    }

    /// Takes over a stage that is durable.
    pub const fn apply(&mut self, stage: Stage) {
        self.stage = stage;
    }

    fn while_waiting(&self, event: &Event, now: Moment) -> Step {
        match event {
            Event::Tick | Event::TurnCame if now >= self.expires_at => self.settle(0, Reason::Timeout, now, vec![]),
            Event::TurnCame => self.begin(0, 0, now),
            Event::FraudReported => self.fraud(now),
            Event::Cancelled { reason } => self.settle(0, *reason, now, vec![]),
            Event::Broken => self.settle(0, Reason::InternalError, now, vec![]),
            Event::Dispatched { attempt, .. } => (self.stage, vec![Effect::Hold { attempt: *attempt }]),
            Event::Tick
            | Event::Recovered
            | Event::Reserved { .. }
            | Event::Limited { .. }
            | Event::Accepted { .. }
            | Event::Refused { .. }
            | Event::Uncertain { .. }
            | Event::LineLost { .. }
            | Event::Rang { .. }
            | Event::PickedUp { .. }
            | Event::Keyed { .. }
            | Event::CallEnded { .. }
            | Event::Receipt { .. }
            | Event::Entered { .. }
            | Event::ResendAsked => (self.stage, vec![]),
        }
    }

    fn while_reserving(&self, leg: Leg, event: &Event, now: Moment) -> Step {
        match event {
            Event::Reserved { attempt, code } if self.is_current(leg, *attempt) && now < leg.until => {
                let leg = if leg.resends > 0 { self.with_new_code(leg, now) } else { leg };
                let leg = Leg { code: *code, ..leg };
                let attempt = self.attempt_of(leg);
                let mut effects = vec![note("queued", leg)];
                effects.extend(self.is_another_text(leg).then_some(Effect::Mark(Mark::AnotherText)));
                effects.push(Effect::Send { attempt, tried: leg.tried });
                (Stage::Queued(leg), effects)
            }
            Event::Limited { attempt, reason } if self.is_current(leg, *attempt) => self.limited(leg, *reason, now),
            Event::Recovered => (self.stage, vec![reserve(leg)]),
            Event::Tick if now >= leg.until => {
                self.onward(leg, self.not_sent(leg), now, vec![note("number_not_ready", leg)])
            }
            Event::Dispatched { attempt, .. } => (self.stage, vec![Effect::Hold { attempt: *attempt }]),
            Event::Entered { door, verdict } => self.entered_void(leg, *door, *verdict, now),
            Event::FraudReported => self.fraud(now),
            Event::Cancelled { reason } => self.settle(leg.rung, *reason, now, vec![]),
            Event::Broken => self.settle(leg.rung, Reason::InternalError, now, vec![]),
            Event::Receipt { state, error, .. } => (self.stage, vec![receipt(leg, *state, *error)]),
            Event::Tick
            | Event::TurnCame
            | Event::Reserved { .. }
            | Event::Limited { .. }
            | Event::Accepted { .. }
            | Event::Refused { .. }
            | Event::Uncertain { .. }
            | Event::LineLost { .. }
            | Event::Rang { .. }
            | Event::PickedUp { .. }
            | Event::Keyed { .. }
            | Event::CallEnded { .. }
            | Event::ResendAsked => (self.stage, vec![]),
        }
    }

    fn while_queued(&self, leg: Leg, event: &Event, now: Moment) -> Step {
        let withdraw = || vec![Effect::Withdraw { attempt: self.attempt_of(leg) }];
        match event {
            Event::Dispatched { attempt, line } if self.is_current(leg, *attempt) && now < leg.until => {
                let entry = Entry::new("sending").on(leg.rung).through(line);
                let effects = vec![Effect::Note(entry), Effect::Release { attempt: *attempt }];
                // A call that waited has its whole time still before it.
                let until =
                    self.rung_of(leg).filter(|rung| rung.dialling.is_some()).map(|rung| self.rung_end(rung, now));
                (Stage::Sending(Leg { sent_at: now, until: until.unwrap_or(leg.until), ..leg }), effects)
            }
            Event::Dispatched { attempt, .. } => (self.stage, vec![Effect::Hold { attempt: *attempt }]),
            Event::Refused { attempt, refusal, detail } if self.is_current(leg, *attempt) => {
                self.refused(leg, *refusal, detail, now)
            }
            Event::Recovered => (self.stage, vec![Effect::Send { attempt: self.attempt_of(leg), tried: leg.tried }]),
            Event::LineLost { attempt } if self.is_current(leg, *attempt) => {
                (self.stage, vec![Effect::Send { attempt: *attempt, tried: leg.tried }])
            }
            Event::Tick if now >= leg.until => {
                let mut effects = withdraw();
                effects.push(note("left_in_queue", leg));
                self.onward(leg, Reason::GatewayBusy, now, effects)
            }
            Event::Entered { door, verdict } => self.entered_void(leg, *door, *verdict, now),
            Event::FraudReported => prepend(withdraw(), self.fraud(now)),
            Event::Cancelled { reason } => self.settle(leg.rung, *reason, now, withdraw()),
            Event::Broken => self.settle(leg.rung, Reason::InternalError, now, withdraw()),
            Event::Receipt { state, error, .. } => (self.stage, vec![receipt(leg, *state, *error)]),
            Event::Tick
            | Event::TurnCame
            | Event::Reserved { .. }
            | Event::Limited { .. }
            | Event::Accepted { .. }
            | Event::Refused { .. }
            | Event::Uncertain { .. }
            | Event::LineLost { .. }
            | Event::Rang { .. }
            | Event::PickedUp { .. }
            | Event::Keyed { .. }
            | Event::CallEnded { .. }
            | Event::ResendAsked => (self.stage, vec![]),
        }
    }

    /// `Sending` and `Awaiting` differ only in what a crash and a refusal mean: an answer may overtake the gateway's own.
    fn while_out(&self, stage: Stage, leg: Leg, event: &Event, now: Moment) -> Step {
        match event {
            Event::Accepted { attempt, provider_id, from } if self.is_current(leg, *attempt) => {
                let entry = Entry::new("sent").on(leg.rung).saying(provider_id.clone());
                let mut effects = vec![Effect::Note(entry)];
                effects.extend(from.map(|from| Effect::SentFrom { attempt: *attempt, from }));
                (Stage::Awaiting(leg), effects)
            }
            Event::Refused { attempt, refusal, detail }
                if self.is_current(leg, *attempt) && matches!(stage, Stage::Sending(_)) =>
            {
                self.refused(leg, *refusal, detail, now)
            }
            Event::Uncertain { attempt, detail } if self.is_current(leg, *attempt) => {
                let entry = Entry::new("send_uncertain").on(leg.rung).saying(detail.clone());
                (Stage::Awaiting(leg), vec![Effect::Note(entry)])
            }
            Event::LineLost { attempt } if self.is_current(leg, *attempt) && matches!(stage, Stage::Sending(_)) => {
                (Stage::Awaiting(leg), vec![note("send_unknown_line_lost", leg)])
            }
            Event::Receipt { attempt, state, error, refusal }
                if self.is_current(leg, *attempt) && self.is_text(leg) =>
            {
                self.receipt(leg, *state, receipt(leg, *state, *error), *refusal, now)
            }
            Event::Receipt { state, error, .. } => (stage, vec![receipt(leg, *state, *error)]),
            // The tick may come after the answer: the clock decides, not the order in the inbox (specs §7.2: five minutes).
            Event::Entered { .. } if now >= leg.until => {
                self.onward(leg, self.silence(leg), now, vec![note("answer_too_late", leg)])
            }
            Event::Entered { door, verdict } => self.entered(stage, leg, *door, *verdict, now),
            Event::ResendAsked => match self.may_resend(now) {
                Ok(()) => self.resend(leg),
                Err(_) => (stage, vec![]),
            },
            Event::Recovered => match stage {
                Stage::Sending(_) => (Stage::Awaiting(leg), vec![note("send_unknown_after_restart", leg)]),
                Stage::Waiting
                | Stage::Reserving(_)
                | Stage::Queued(_)
                | Stage::Awaiting(_)
                | Stage::Calling(..)
                | Stage::Settled { .. } => (stage, vec![]),
            },
            Event::Tick if now >= leg.until => self.onward(leg, self.silence(leg), now, vec![note("no_answer", leg)]),
            Event::Dispatched { attempt, .. } => (stage, vec![Effect::Hold { attempt: *attempt }]),
            Event::FraudReported => self.fraud(now),
            Event::Cancelled { reason } => self.settle(leg.rung, *reason, now, vec![]),
            Event::Broken => self.settle(leg.rung, Reason::InternalError, now, vec![]),
            Event::Tick
            | Event::TurnCame
            | Event::Reserved { .. }
            | Event::Limited { .. }
            | Event::Accepted { .. }
            | Event::Refused { .. }
            | Event::Uncertain { .. }
            | Event::LineLost { .. }
            | Event::Rang { .. }
            | Event::PickedUp { .. }
            | Event::Keyed { .. }
            | Event::CallEnded { .. } => (stage, vec![]),
        }
    }

    /// Begins a rung; `wrong` codes were entered in this verification already.
    fn begin(&self, rung: u8, wrong: u8, now: Moment) -> Step {
        let Some(what) = self.rungs.get(usize::from(rung)) else {
            return self.settle(rung, Reason::InternalError, now, vec![]);
        };
        let leg = Leg::new(rung, wrong, now, self.rung_end(what, now));
        match what.method {
            Method::Oath => (Stage::Awaiting(leg), vec![note("code_awaited", leg)]),
            Method::Sms | Method::Voice => (Stage::Reserving(leg), vec![reserve(leg)]),
            // Pushes have no lines yet: the ladder's maker never builds such a rung.
            Method::App => self.settle(rung, Reason::AppPushFailed, now, vec![]),
        }
    }

    /// The rung brought nothing: the next one, or the end. A backup phone follows only where nobody was reached.
    pub(super) fn onward(&self, leg: Leg, reason: Reason, now: Moment, effects: Vec<Effect>) -> Step {
        let is_backup = |rung: &Rung| rung.dialling.as_ref().is_some_and(|dialling| dialling.backup);
        let mut after = (0_u8..).zip(&*self.rungs).skip(usize::from(leg.rung) + 1);
        match after.find(|(_, rung)| reason.leaves_unanswered() || !is_backup(rung)) {
            Some((following, _)) if now < self.expires_at => {
                prepend(effects, self.begin(following, leg.wrong_in_all, now))
            }
            Some(_) | None => self.settle(leg.rung, reason, now, effects),
        }
    }

    pub(super) fn settle(&self, rung: u8, reason: Reason, at: Moment, mut effects: Vec<Effect>) -> Step {
        effects.push(Effect::Note(Entry::new("settled").saying(reason.as_str())));
        effects.push(Effect::Settle(reason));
        (Stage::Settled { reason, at, rung }, effects)
    }

    pub(super) fn fraud(&self, now: Moment) -> Step {
        let rung = self.leg().map_or(0, |leg| leg.rung);
        self.settle(rung, Reason::FraudReported, now, vec![Effect::Mark(Mark::Fraud)])
    }

    /// A limit on a text that the person asked for once more leaves the one before as it is: its code is still good.
    fn limited(&self, leg: Leg, reason: Reason, now: Moment) -> Step {
        if leg.resends == 0 {
            return self.onward(leg, reason, now, vec![note("limited", leg)]);
        }
        // The number of the send is used up: two sends of one number could be taken for each other.
        let leg = Leg { code: leg.code.saturating_sub(1), ..leg };
        (Stage::Awaiting(leg), vec![Effect::Note(Entry::new("resend_limited").on(leg.rung).saying(reason.as_str()))])
    }

    fn refused(&self, leg: Leg, refusal: Refusal, detail: &str, now: Moment) -> Step {
        let note = Effect::Note(Entry::new("not_sent").on(leg.rung).saying(detail));
        self.elsewhere(leg, refusal, note, now)
    }

    /// It surely goes nowhere: another line, the next rung, or the end.
    pub(super) fn elsewhere(&self, leg: Leg, refusal: Refusal, note: Effect, now: Moment) -> Step {
        let mut effects = vec![note];
        let reason = match refusal {
            Refusal::Provider { line } if leg.send < MAX_SENDS && now < leg.until => {
                let leg = Leg { tried: leg.tried | 1_u32.wrapping_shl(u32::from(line)), send: leg.send + 1, ..leg };
                effects.push(Effect::Send { attempt: self.attempt_of(leg), tried: leg.tried });
                return (Stage::Queued(leg), effects);
            }
            Refusal::NumberInvalid => {
                let called = self.method(leg) == Some(Method::Voice);
                effects.push(Effect::Mark(if called { Mark::NumberUncallable } else { Mark::NumberBad }));
                Reason::NumberInvalid
            }
            Refusal::OptedOut => {
                effects.push(Effect::Mark(Mark::NumberOptedOut));
                self.not_sent(leg)
            }
            Refusal::Unreachable => Reason::NumberUnreachable,
            Refusal::Busy => Reason::GatewayBusy,
            Refusal::Provider { .. } | Refusal::FraudGuard | Refusal::NoLine => self.not_sent(leg),
        };
        self.onward(leg, reason, now, effects)
    }

    /// A receipt of the send in progress.
    fn receipt(&self, leg: Leg, state: ReceiptState, note: Effect, refusal: Option<Refusal>, now: Moment) -> Step {
        match state {
            ReceiptState::Underway | ReceiptState::Delivered => (Stage::Awaiting(leg), vec![note]),
            ReceiptState::Undelivered => self.elsewhere(leg, refusal.unwrap_or(Refusal::Unreachable), note, now),
        }
    }

    fn resend(&self, leg: Leg) -> Step {
        let leg = Leg { send: leg.send + 1, code: leg.code.saturating_add(1), resends: leg.resends + 1, ..leg };
        (Stage::Reserving(leg), vec![note("resend_asked", leg), Effect::Reserve { code: leg.code, resend: true }])
    }

    /// A new code has its own tries and its own time; until it is there, the old one's go on.
    fn with_new_code(&self, leg: Leg, now: Moment) -> Leg {
        let until = self.rungs.get(usize::from(leg.rung)).map_or(leg.until, |rung| self.rung_end(rung, now));
        Leg { wrong: 0, until, ..leg }
    }

    fn silence(&self, leg: Leg) -> Reason {
        match self.method(leg) {
            Some(Method::Oath) => Reason::OathTimeout,
            Some(Method::Voice) => Reason::CallNoAnswer,
            Some(Method::Sms | Method::App) | None => Reason::SmsNoReply,
        }
    }

    fn not_sent(&self, leg: Leg) -> Reason {
        if self.method(leg) == Some(Method::Voice) { Reason::CallNotPlaced } else { Reason::SmsNotSent }
    }

    fn rung_of(&self, leg: Leg) -> Option<&Rung> {
        self.rungs.get(usize::from(leg.rung))
    }

    fn method(&self, leg: Leg) -> Option<Method> {
        self.rung_of(leg).map(|rung| rung.method)
    }

    /// The start counted one text; a resend, and a rung behind one that contacts the person, is one more.
    fn is_another_text(&self, leg: Leg) -> bool {
        leg.resends > 0 || self.rungs.iter().take(usize::from(leg.rung)).any(|rung| rung.method.prompts())
    }

    fn is_text(&self, leg: Leg) -> bool {
        self.method(leg) == Some(Method::Sms)
    }

    fn is_current(&self, leg: Leg, attempt: AttemptId) -> bool {
        self.attempt_of(leg) == attempt
    }
}

const fn reserve(leg: Leg) -> Effect {
    Effect::Reserve { code: leg.code, resend: leg.resends > 0 }
}

pub(super) fn note(what: &'static str, leg: Leg) -> Effect {
    Effect::Note(Entry::new(what).on(leg.rung))
}

fn receipt(leg: Leg, state: ReceiptState, error: Option<u32>) -> Effect {
    let what = match state {
        ReceiptState::Underway => "underway",
        ReceiptState::Delivered => "delivered",
        ReceiptState::Undelivered => "undelivered",
    };
    let entry = Entry::new(what).on(leg.rung);
    Effect::Note(match error {
        Some(code) => entry.saying(format!("gateway error {code}")),
        None => entry,
    })
}

pub(super) fn prepend(mut before: Vec<Effect>, (stage, after): Step) -> Step {
    before.extend(after);
    (stage, before)
}
