//! What an entered code leads to, by its verdict.
//! Refuses to judge a code: only the verdict is known here.

use super::step::{Step, note};
use super::{Door, Effect, Leg, Mark, Rung, Stage, Verdict, Verification};
use crate::method::Method;
use crate::moment::Moment;
use crate::reason::Reason;

impl Verification {
    pub(super) fn entered(&self, stage: Stage, leg: Leg, door: Door, verdict: Verdict, now: Moment) -> Step {
        let Some(rung) = self.rungs.get(usize::from(leg.rung)) else { return (stage, vec![]) };
        if is_astray(rung, door) {
            return (stage, vec![note("reply_to_another_rung", leg)]);
        }
        let answered = vec![note(accepted_word(verdict), leg), Effect::Mark(Mark::NumberAnswered)];
        match verdict {
            Verdict::Right => {
                let mut effects = answered;
                effects.push(Effect::Mark(Mark::Success));
                self.settle(leg.rung, proof(rung), now, effects)
            }
            Verdict::PinChangeDue => self.settle(leg.rung, Reason::PinChangeRequired, now, answered),
            Verdict::PinTooOld => self.settle(leg.rung, Reason::PinExpired, now, answered),
            // A used code is more likely an onlooker's than a slip, and would leave further guesses.
            Verdict::Replayed => {
                let effects = vec![note("code_replayed", leg), Effect::Mark(Mark::WrongCode)];
                self.settle(leg.rung, Reason::OathReplayed, now, effects)
            }
            Verdict::WrongCode | Verdict::WrongPin | Verdict::OutOfDate => {
                self.wrong(stage, leg, rung, door, verdict, now)
            }
        }
    }

    fn wrong(&self, stage: Stage, leg: Leg, rung: &Rung, door: Door, verdict: Verdict, now: Moment) -> Step {
        let leg = Leg {
            wrong: leg.wrong.saturating_add(1),
            wrong_in_all: leg.wrong_in_all.saturating_add(u8::from(rung.mode.needs_pin())),
            ..leg
        };
        let mut effects = vec![note(wrong_word(verdict), leg)];
        if verdict != Verdict::WrongPin {
            effects.push(Effect::Mark(Mark::WrongCode));
        }
        if leg.wrong >= rung.tries || leg.wrong_in_all >= rung.all_tries {
            if verdict == Verdict::WrongPin {
                effects.push(Effect::Mark(Mark::PinDenied));
            }
            return self.settle(leg.rung, denial(rung, verdict), now, effects);
        }
        if door == Door::Reply {
            effects.push(Effect::Invite);
        }
        (with_leg(stage, leg), effects)
    }

    /// A code that came while its text is not out (any more) is worth nothing, whatever it is, but it is a try.
    pub(super) fn entered_void(&self, leg: Leg, door: Door, verdict: Verdict, now: Moment) -> Step {
        let Some(rung) = self.rungs.get(usize::from(leg.rung)) else { return (self.stage, vec![]) };
        if is_astray(rung, door) {
            return (self.stage, vec![note("reply_to_another_rung", leg)]);
        }
        let verdict = match verdict {
            Verdict::Right | Verdict::WrongPin | Verdict::PinChangeDue | Verdict::PinTooOld | Verdict::Replayed => {
                Verdict::WrongCode
            }
            Verdict::WrongCode | Verdict::OutOfDate => verdict,
        };
        let (stage, mut effects) = self.wrong(self.stage, leg, rung, door, verdict, now);
        if stage.is_settled() && matches!(self.stage, Stage::Queued(_)) {
            effects.insert(0, Effect::Withdraw { attempt: self.attempt_of(leg) });
        }
        (stage, effects)
    }
}

/// Whether it came to a rung that awaits none: it answers a rung that was left (mfa-server.md §8). A call awaits keys alone.
fn is_astray(rung: &Rung, door: Door) -> bool {
    rung.method == Method::Voice || (door == Door::Reply && !rung.mode.is_two_way())
}

const fn with_leg(stage: Stage, leg: Leg) -> Stage {
    match stage {
        Stage::Reserving(_) => Stage::Reserving(leg),
        Stage::Queued(_) => Stage::Queued(leg),
        Stage::Sending(_) => Stage::Sending(leg),
        Stage::Awaiting(_) => Stage::Awaiting(leg),
        Stage::Waiting | Stage::Calling(..) | Stage::Settled { .. } => stage,
    }
}

const fn proof(rung: &Rung) -> Reason {
    match (rung.method, rung.fallback) {
        (Method::Oath, true) => Reason::OathFallbackOk,
        (Method::Oath, false) => Reason::OathOk,
        (Method::Sms | Method::Voice | Method::App, _) => Reason::SmsOk,
    }
}

const fn denial(rung: &Rung, verdict: Verdict) -> Reason {
    match (rung.method, verdict) {
        (Method::Oath, Verdict::OutOfDate) => Reason::OathOutOfDate,
        (Method::Oath, _) => Reason::OathWrong,
        (Method::Sms | Method::Voice | Method::App, _) if rung.mode.needs_pin() => Reason::SmsCodePinWrong,
        (Method::Sms | Method::Voice | Method::App, _) => Reason::SmsCodeWrong,
    }
}

const fn accepted_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::PinChangeDue => "pin_change_due",
        Verdict::PinTooOld => "pin_too_old",
        Verdict::Right | Verdict::WrongCode | Verdict::WrongPin | Verdict::Replayed | Verdict::OutOfDate => {
            "code_right"
        }
    }
}

const fn wrong_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WrongPin => "pin_wrong",
        Verdict::OutOfDate => "code_of_another_time",
        Verdict::Right | Verdict::WrongCode | Verdict::PinChangeDue | Verdict::PinTooOld | Verdict::Replayed => {
            "code_wrong"
        }
    }
}
