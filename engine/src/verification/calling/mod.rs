//! A rung that calls, from the moment the call is given to the gateway until it is over.
//! Refuses wildcard arms, and a second call to one number: whoever was called is not called again (mfa-server.md §6.3, §7.1).

mod keyed;

use super::step::{Step, note};
use super::talk::{Dialling, Keyed, Script, Talk};
use super::{CallEnded, Effect, Event, Leg, Mark, Purpose, Refusal, Rung, Stage, Turn, Verification};
use crate::id::AttemptId;
use crate::moment::Moment;
use crate::reason::{Reason, Status};
use crate::timeline::Entry;
use keyed::not_changed;

/// A call that is out: which rung, and how far it has come. `talk` is `Ringing` while the gateway has not answered either.
#[derive(Clone, Copy)]
pub(super) struct Calling<'a> {
    of: &'a Verification,
    rung: &'a Rung,
    dialling: &'a Dialling,
    stage: Stage,
    leg: Leg,
    talk: Talk,
    now: Moment,
}

impl Verification {
    /// The call of the rung in progress, if it is one and is out.
    pub(super) fn calling(&self, now: Moment) -> Option<Calling<'_>> {
        let (leg, talk) = match self.stage {
            Stage::Sending(leg) => (leg, Talk::Ringing),
            Stage::Calling(leg, talk) => (leg, talk),
            Stage::Waiting | Stage::Reserving(_) | Stage::Queued(_) | Stage::Awaiting(_) | Stage::Settled { .. } => {
                return None;
            }
        };
        let rung = self.rungs.get(usize::from(leg.rung))?;
        let dialling = rung.dialling.as_deref()?;
        Some(Calling { of: self, rung, dialling, stage: self.stage, leg, talk, now })
    }
}

impl Calling<'_> {
    pub(super) fn next(self, event: &Event) -> Step {
        match event {
            Event::Accepted { attempt, provider_id, .. } if self.is(*attempt) => self.placed(provider_id),
            Event::Rang { attempt } if self.is(*attempt) => (self.stage, vec![note("ringing", self.leg)]),
            Event::PickedUp { attempt } if self.is(*attempt) && self.talk == Talk::Ringing => self.picked_up(),
            // A report counts, however late it comes.
            Event::Keyed { attempt, keyed: Keyed::FraudCode } if self.is(*attempt) => self.keyed(Keyed::FraudCode),
            Event::Keyed { .. } if self.now >= self.leg.until => self.over(),
            Event::Keyed { attempt, keyed } if self.is(*attempt) => self.keyed(*keyed),
            Event::CallEnded { attempt, how } if self.is(*attempt) => self.ended(*how),
            Event::Refused { attempt, refusal, detail } if self.is(*attempt) && self.talk == Talk::Ringing => {
                self.refused(*refusal, detail)
            }
            Event::Uncertain { attempt, detail } if self.is(*attempt) => {
                let entry = Entry::new("call_uncertain").on(self.leg.rung).saying(detail.clone());
                self.onward(Reason::CallNotPlaced, vec![Effect::Note(entry)], self.talk == Talk::Ringing)
            }
            Event::LineLost { attempt } if self.is(*attempt) => self.cut("call_lost_with_its_line"),
            // A call does not outlive the process that placed it.
            Event::Recovered => self.cut("call_lost_at_restart"),
            Event::Tick if self.now >= self.leg.until => self.over(),
            Event::Dispatched { attempt, .. } => (self.stage, vec![Effect::Hold { attempt: *attempt }]),
            Event::FraudReported => self.hang_up(|call| call.of.fraud(call.now)),
            // What was reported stands, whoever wants the call to end.
            Event::Cancelled { .. } if self.talk == Talk::ReportingFraud => {
                self.hang_up(|call| call.fraud(false, false))
            }
            Event::Cancelled { reason } => self.hang_up(|call| call.settle(*reason, vec![])),
            Event::Broken => self.hang_up(|call| call.settle(Reason::InternalError, vec![])),
            Event::Entered { .. } => (self.stage, vec![note("reply_to_another_rung", self.leg)]),
            Event::Tick
            | Event::TurnCame
            | Event::Reserved { .. }
            | Event::Limited { .. }
            | Event::Accepted { .. }
            | Event::Rang { .. }
            | Event::PickedUp { .. }
            | Event::Keyed { .. }
            | Event::CallEnded { .. }
            | Event::Refused { .. }
            | Event::Uncertain { .. }
            | Event::LineLost { .. }
            | Event::Receipt { .. }
            | Event::ResendAsked => (self.stage, vec![]),
        }
    }

    fn is(&self, attempt: AttemptId) -> bool {
        self.of.attempt_of(self.leg) == attempt
    }

    fn placed(self, provider_id: &str) -> Step {
        let entry = Entry::new("called").on(self.leg.rung).saying(provider_id);
        (Stage::Calling(self.leg, self.talk), vec![Effect::Note(entry)])
    }

    fn picked_up(self) -> Step {
        let script = self.script();
        let (talk, turn) = match self.dialling.extension {
            Some(_) => (Talk::PutThrough, script.put_through()),
            None => (Talk::Asked, script.greeting()),
        };
        self.say(self.leg, talk, turn, vec![note("answered", self.leg)])
    }

    fn ended(self, how: CallEnded) -> Step {
        let noted = vec![Effect::Note(Entry::new("call_ended").on(self.leg.rung).saying(how.as_str()))];
        match (self.talk, how) {
            (Talk::ReportingFraud, _) => self.fraud(false, false),
            (_, CallEnded::Voicemail) => self.unanswered(Reason::Voicemail, noted),
            (Talk::Ringing, CallEnded::NoAnswer) => self.unanswered(Reason::CallNoAnswer, noted),
            (Talk::Ringing, CallEnded::Busy) => self.unanswered(Reason::NumberBusy, noted),
            (Talk::Ringing, CallEnded::Declined | CallEnded::HungUp) => self.settle(Reason::HungUp, noted),
            (
                Talk::NewPin { expired, .. } | Talk::PinAgain { expired, .. },
                CallEnded::HungUp | CallEnded::Declined,
            ) => self.settle(not_changed(expired), noted),
            (Talk::PutThrough | Talk::Asked, CallEnded::HungUp | CallEnded::Declined) => {
                let marks = (self.leg.wrong_in_all > 0).then_some(Effect::Mark(Mark::PinDenied));
                self.settle(Reason::HungUp, noted.into_iter().chain(marks).collect())
            }
            (
                Talk::Ringing | Talk::PutThrough | Talk::Asked | Talk::NewPin { .. } | Talk::PinAgain { .. },
                CallEnded::Cut | CallEnded::Over | CallEnded::NoAnswer | CallEnded::Busy,
            ) => self.onward(Reason::CallCut, noted, false),
            (_, CallEnded::TooLong) => self.onward(Reason::VoiceNoInput, noted, false),
        }
    }

    fn refused(self, refusal: Refusal, detail: &str) -> Step {
        let entry = Effect::Note(Entry::new("not_called").on(self.leg.rung).saying(detail));
        self.of.elsewhere(self.leg, refusal, entry, self.now)
    }

    fn cut(self, what: &'static str) -> Step {
        if self.talk == Talk::ReportingFraud {
            return self.fraud(false, false);
        }
        self.onward(Reason::CallCut, vec![note(what, self.leg)], self.talk == Talk::Ringing)
    }

    /// The rung's time is over; the gateway should have ended the call before.
    fn over(self) -> Step {
        if self.talk == Talk::ReportingFraud {
            return self.hang_up(|call| call.fraud(false, false));
        }
        let ringing = self.talk == Talk::Ringing;
        let reason = if ringing { Reason::CallNoAnswer } else { Reason::VoiceNoInput };
        self.hang_up(|call| call.onward(reason, vec![note("no_answer", call.leg)], ringing))
    }

    /// Nobody picked up: the backup phone is next, where there is one.
    fn unanswered(self, reason: Reason, effects: Vec<Effect>) -> Step {
        self.onward(reason, effects, true)
    }

    /// The next rung, or the end. A backup phone follows only where nobody picked up.
    fn onward(self, reason: Reason, effects: Vec<Effect>, unanswered: bool) -> Step {
        let follows = |rung: &Rung| unanswered || !rung.dialling.as_ref().is_some_and(|dialling| dialling.backup);
        self.of.onward_to(self.leg, reason, self.now, effects, follows)
    }

    fn settle(self, reason: Reason, effects: Vec<Effect>) -> Step {
        self.of.settle(self.leg.rung, reason, self.now, effects)
    }

    /// Settles, and says so to whoever listens.
    fn goodbye(self, reason: Reason, mut effects: Vec<Effect>) -> Step {
        let passed = reason.status() == Status::Verified;
        effects.push(self.saying(self.script().goodbye(passed)));
        self.settle(reason, effects)
    }

    /// Whatever follows, this call is over with a word.
    fn with_goodbye(self, (stage, mut effects): Step) -> Step {
        effects.insert(0, self.saying(self.script().goodbye(false)));
        (stage, effects)
    }

    fn hang_up(self, then: impl FnOnce(Self) -> Step) -> Step {
        let (stage, mut effects) = then(self);
        effects.insert(0, Effect::HangUp { attempt: self.of.attempt_of(self.leg) });
        (stage, effects)
    }

    fn say(self, leg: Leg, talk: Talk, turn: Turn, mut effects: Vec<Effect>) -> Step {
        effects.push(self.saying(turn));
        (Stage::Calling(leg, talk), effects)
    }

    fn saying(&self, turn: Turn) -> Effect {
        Effect::Say { attempt: self.of.attempt_of(self.leg), turn }
    }

    fn script(&self) -> Script<'_> {
        let sets_up = matches!(self.of.purpose, Purpose::Activation | Purpose::Change);
        Script { rung: self.rung, dialling: self.dialling, sets_up }
    }
}
