//! A rung that calls, from the moment the call is given to the gateway until it is over.
//! Refuses wildcard arms, and a second call to one number: whoever was called is not called again (mfa-server.md §6.3, §7.1).

mod keyed;

use super::step::{Step, note, prepend};
use super::talk::{Dialling, FraudReports, Keyed, Script, Talk};
use super::{CallEnded, Effect, Event, Leg, Mark, Purpose, Refusal, Rung, Stage, Turn, Verification};
use crate::id::{ApiKeyId, AttemptId};
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
    /// A report that comes from a call of an earlier rung counts, whatever is going on by now (mfa-server.md §8).
    pub(super) fn late_report(&self, event: &Event, now: Moment) -> Option<Step> {
        let Event::Keyed { attempt, keyed: Keyed::FraudCode } = event else { return None };
        let dialling = self.rungs.get(usize::from(attempt.rung)).and_then(|rung| rung.dialling.as_ref());
        if attempt.verification != self.id || dialling.is_none_or(|dialling| dialling.fraud == FraudReports::Off) {
            return None;
        }
        if self.stage.is_settled() || self.calling(now).is_some_and(|call| call.is(*attempt)) {
            return None;
        }
        let leg = self.leg();
        let calls_off = leg
            .map(|leg| self.attempt_of(leg))
            .into_iter()
            .flat_map(|attempt| [Effect::Withdraw { attempt }, Effect::HangUp { attempt }]);
        let marks = calls_off.chain([Effect::HangUp { attempt: *attempt }, Effect::Mark(Mark::FraudTold)]);
        Some(self.settle(leg.map_or(0, |leg| leg.rung), Reason::FraudVoice, now, marks.collect()))
    }

    /// The call of the rung in progress, if it is one and is out.
    pub(super) fn calling(&self, now: Moment) -> Option<Calling<'_>> {
        let (leg, talk) = match self.stage {
            Stage::Sending(leg) => (leg, Talk::Ringing { rang: false }),
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
            Event::Rang { attempt } if self.is(*attempt) && self.is_ringing() => self.rang(),
            Event::PickedUp { attempt } if self.is(*attempt) && self.is_ringing() => self.picked_up(),
            // A report counts, however late it comes.
            Event::Keyed { attempt, keyed: Keyed::FraudCode } if self.is(*attempt) => self.keyed(Keyed::FraudCode),
            Event::Keyed { .. } if self.now >= self.leg.until => self.over(),
            Event::Keyed { attempt, keyed } if self.is(*attempt) => self.keyed(*keyed),
            Event::CallEnded { attempt, how } if self.is(*attempt) => self.ended(*how),
            Event::Refused { attempt, refusal, detail } if self.is(*attempt) => self.refused(*refusal, detail),
            Event::Uncertain { attempt, detail } if self.is(*attempt) => {
                let entry = Entry::new("call_uncertain").on(self.leg.rung).saying(detail.clone());
                self.lost(Reason::CallNotPlaced, vec![Effect::Note(entry)])
            }
            Event::LineLost { attempt } if self.is(*attempt) => self.cut("call_lost_with_its_line"),
            // A call is not carried on by another process than the one that placed it.
            Event::Recovered => self.cut("call_lost_at_restart"),
            Event::Tick if self.now >= self.leg.until => self.over(),
            Event::Dispatched { attempt, .. } => (self.stage, vec![Effect::Hold { attempt: *attempt }]),
            Event::FraudReported => self.hang_up(|call| call.of.fraud(call.now)),
            Event::Cancelled { reason } => self.hang_up(|call| call.ended_from_outside(*reason)),
            Event::Broken => self.hang_up(|call| call.ended_from_outside(Reason::InternalError)),
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

    const fn is_ringing(&self) -> bool {
        matches!(self.talk, Talk::Ringing { .. })
    }

    fn placed(self, provider_id: &str) -> Step {
        let entry = Entry::new("called").on(self.leg.rung).saying(provider_id);
        (Stage::Calling(self.leg, self.talk), vec![Effect::Note(entry)])
    }

    fn rang(self) -> Step {
        (Stage::Calling(self.leg, Talk::Ringing { rang: true }), vec![note("ringing", self.leg)])
    }

    fn picked_up(self) -> Step {
        let script = self.script();
        let (talk, turn) = match self.dialling.extension {
            Some(_) => (Talk::PutThrough, script.put_through()),
            None => (Talk::Asked { wrong_pins: 0 }, script.greeting()),
        };
        self.say(self.leg, talk, turn, vec![note("answered", self.leg)])
    }

    fn ended(self, how: CallEnded) -> Step {
        let noted = vec![Effect::Note(Entry::new("call_ended").on(self.leg.rung).saying(how.as_str()))];
        match (how, self.is_ringing()) {
            (CallEnded::HungUp | CallEnded::Declined, _) => self.hung_up(noted),
            (CallEnded::Voicemail, _) => self.lost(Reason::Voicemail, noted),
            (CallEnded::NoAnswer, true) => self.lost(Reason::CallNoAnswer, noted),
            (CallEnded::Busy, true) => self.lost(Reason::NumberBusy, noted),
            (CallEnded::TooLong, _) => self.lost(Reason::VoiceNoInput, noted),
            (CallEnded::Cut | CallEnded::Over, _) | (CallEnded::NoAnswer | CallEnded::Busy, false) => {
                self.lost(Reason::CallCut, noted)
            }
        }
    }

    /// Who puts the phone down says no, and leads nowhere else (mfa-server.md §8).
    fn hung_up(self, effects: Vec<Effect>) -> Step {
        match self.talk {
            Talk::Ringing { .. } | Talk::PutThrough | Talk::Asked { wrong_pins: 0 } => {
                self.settle(Reason::HungUp, effects)
            }
            Talk::Asked { wrong_pins: 1.. } => {
                let marks = effects.into_iter().chain([Effect::Mark(Mark::PinDenied)]);
                self.settle(Reason::HungUp, marks.collect())
            }
            Talk::ReportingFraud => prepend(effects, self.fraud(false, false)),
            Talk::NewPin { expired, .. } | Talk::PinAgain { expired, .. } => self.settle(not_changed(expired), effects),
        }
    }

    /// The call is gone. What was done in it counts all the same: a report, wrong PINs, a PIN that was not changed.
    fn lost(self, reason: Reason, effects: Vec<Effect>) -> Step {
        match self.talk {
            Talk::Ringing { .. } | Talk::PutThrough | Talk::Asked { wrong_pins: 0 } => {
                self.of.onward(self.leg, reason, self.now, effects)
            }
            Talk::Asked { wrong_pins: 1.. } => {
                let marks = effects.into_iter().chain([Effect::Mark(Mark::PinDenied)]);
                self.settle(Reason::VoiceBadInput, marks.collect())
            }
            Talk::ReportingFraud => prepend(effects, self.fraud(false, false)),
            Talk::NewPin { expired, .. } | Talk::PinAgain { expired, .. } => self.settle(not_changed(expired), effects),
        }
    }

    /// Only before the phone rang another line may call; whoever was rung is not rung again.
    fn refused(self, refusal: Refusal, detail: &str) -> Step {
        let entry = Effect::Note(Entry::new("not_called").on(self.leg.rung).saying(detail));
        match (self.talk, refusal) {
            (Talk::Ringing { rang: true }, Refusal::Provider { .. }) => {
                self.of.elsewhere(self.leg, Refusal::Unreachable, entry, self.now)
            }
            (Talk::Ringing { .. }, refusal) => self.of.elsewhere(self.leg, refusal, entry, self.now),
            (
                Talk::PutThrough
                | Talk::Asked { .. }
                | Talk::ReportingFraud
                | Talk::NewPin { .. }
                | Talk::PinAgain { .. },
                _,
            ) => self.lost(Reason::CallCut, vec![entry]),
        }
    }

    fn cut(self, what: &'static str) -> Step {
        self.lost(Reason::CallCut, vec![note(what, self.leg)])
    }

    /// The rung's time is over; the gateway should have ended the call before.
    fn over(self) -> Step {
        let reason = if self.is_ringing() { Reason::CallNoAnswer } else { Reason::VoiceNoInput };
        self.hang_up(|call| call.lost(reason, vec![note("no_answer", call.leg)]))
    }

    /// What was reported stands, whoever wants the call to end.
    fn ended_from_outside(self, reason: Reason) -> Step {
        if self.talk == Talk::ReportingFraud { self.fraud(false, false) } else { self.settle(reason, vec![]) }
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
        let sets_up = match self.of.purpose {
            Purpose::Activation | Purpose::Change => true,
            Purpose::Test => self.of.caller == ApiKeyId::PORTAL,
            Purpose::SignIn | Purpose::CallerCheck => false,
        };
        Script { rung: self.rung, dialling: self.dialling, sets_up }
    }
}
