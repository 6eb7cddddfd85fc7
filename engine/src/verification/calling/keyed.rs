//! What pressed keys lead to: passed, another try, a new PIN, a fraud report.
//! Refuses to judge keys: only the verdict is known here.

use super::Calling;
use crate::prompt::Prompt;
use crate::reason::Reason;
use crate::verification::step::{Step, note};
use crate::verification::talk::{FraudReports, Keyed, NewPin, Talk, last};
use crate::verification::{Effect, Leg, Mark, Turn, Verdict};

/// New PINs that are tried before the call ends (mfa-server.md §5.3).
const NEW_PINS: u8 = 3;

impl Calling<'_> {
    pub(super) fn keyed(self, keyed: Keyed) -> Step {
        match self.talk {
            Talk::Ringing { .. } => (self.stage, vec![]),
            Talk::PutThrough => self.put_through(keyed),
            Talk::Asked { wrong_pins } => self.asked(keyed, wrong_pins),
            Talk::ReportingFraud => self.fraud(keyed == Keyed::One, true),
            Talk::NewPin { tries, expired } => self.new_pin(keyed, tries, expired),
            Talk::PinAgain { tries, expired } => self.pin_again(keyed, tries, expired),
        }
    }

    /// Whoever is behind the extension presses `#`, and hears then what it is about.
    fn put_through(self, keyed: Keyed) -> Step {
        let script = self.script();
        match keyed {
            Keyed::Pound => {
                let talk = Talk::Asked { wrong_pins: 0 };
                self.say(self.leg, talk, script.greeting(), vec![note("put_through", self.leg)])
            }
            Keyed::FraudCode => self.fraud_reported(),
            Keyed::Nothing
            | Keyed::NoPound
            | Keyed::One
            | Keyed::Other
            | Keyed::Pin(_)
            | Keyed::PinRenewal
            | Keyed::NewPin(_) => self.again(Reason::VoiceNoInput, "nothing_pressed", |_| script.extension_again()),
        }
    }

    fn asked(self, keyed: Keyed, wrong_pins: u8) -> Step {
        let script = self.script();
        match keyed {
            Keyed::FraudCode => self.fraud_reported(),
            Keyed::Pound if !self.rung.mode.needs_pin() => self.passed(Reason::VoiceOk, "pound_pressed"),
            Keyed::Pin(Verdict::Right) if self.rung.mode.needs_pin() => self.passed(Reason::VoicePinOk, "pin_right"),
            Keyed::Pin(Verdict::PinChangeDue) => self.ask_new_pin(false),
            Keyed::PinRenewal => self.ask_new_pin(true),
            Keyed::Pin(Verdict::PinTooOld) => self
                .goodbye(Reason::PinExpired, vec![note("pin_too_old", self.leg), Effect::Mark(Mark::NumberAnswered)]),
            Keyed::Nothing => self.again(Reason::VoiceNoInput, "nothing_pressed", |last| script.retry(false, last)),
            Keyed::NoPound => self.again(Reason::VoiceNoHash, "no_pound", |last| script.retry(true, last)),
            Keyed::Pound | Keyed::One | Keyed::Other | Keyed::Pin(Verdict::Right) => {
                self.again(Reason::VoiceBadInput, "keys_wrong", |last| script.retry(true, last))
            }
            Keyed::Pin(Verdict::WrongPin | Verdict::WrongCode | Verdict::Replayed | Verdict::OutOfDate)
            | Keyed::NewPin(_) => {
                let leg = Leg { wrong_in_all: self.leg.wrong_in_all.saturating_add(1), ..self.leg };
                let talk = Talk::Asked { wrong_pins: wrong_pins.saturating_add(1) };
                Self { leg, talk, ..self }.again(Reason::VoiceBadInput, "pin_wrong", |last| script.retry(true, last))
            }
        }
    }

    /// Another try, or the end once all are used up.
    fn again(self, reason: Reason, what: &'static str, turn: impl FnOnce(bool) -> Turn) -> Step {
        let leg = Leg { wrong: self.leg.wrong.saturating_add(1), ..self.leg };
        let noted = vec![note(what, leg)];
        let (used, left) = (Self { leg, ..self }, self.tries_left(leg));
        if left > 0 {
            return self.say(leg, self.talk, turn(left == 1), noted);
        }
        // Who keys a wrong PIN and then nothing must not be spared the count of wrong PINs.
        let pin_was_wrong = matches!(self.talk, Talk::Asked { wrong_pins: 1.. });
        if reason == Reason::VoiceNoInput && !pin_was_wrong {
            let step = self.of.onward(leg, reason, self.now, noted);
            return used.with_goodbye(step);
        }
        let reason = if pin_was_wrong { Reason::VoiceBadInput } else { reason };
        let marks = pin_was_wrong.then_some(Effect::Mark(Mark::PinDenied));
        used.goodbye(reason, noted.into_iter().chain(marks).collect())
    }

    fn tries_left(self, leg: Leg) -> u8 {
        self.rung.tries.saturating_sub(leg.wrong).min(self.rung.all_tries.saturating_sub(leg.wrong_in_all))
    }

    fn passed(self, reason: Reason, what: &'static str) -> Step {
        let marks = [Effect::Mark(Mark::NumberAnswered), Effect::Mark(Mark::Success)];
        let backup = self.rung.to.filter(|_| self.dialling.backup).map(|to| Effect::Mark(Mark::BackupAnswered(to)));
        self.goodbye(reason, [note(what, self.leg)].into_iter().chain(marks).chain(backup).collect())
    }

    fn ask_new_pin(self, expired: bool) -> Step {
        let effects = vec![note("pin_change_due", self.leg), Effect::Mark(Mark::NumberAnswered)];
        self.say(self.leg, Talk::NewPin { tries: 0, expired }, self.script().new_pin(None, expired), effects)
    }

    fn new_pin(self, keyed: Keyed, tries: u8, expired: bool) -> Step {
        match keyed {
            Keyed::FraudCode => self.fraud_reported(),
            Keyed::NewPin(NewPin::Possible) => {
                let talk = Talk::PinAgain { tries, expired };
                self.say(self.leg, talk, self.script().pin_again(), vec![note("new_pin_taken", self.leg)])
            }
            Keyed::NewPin(NewPin::Refused(rule)) => self.new_pin_again(Some(rule), tries, expired),
            Keyed::NewPin(NewPin::Repeated | NewPin::Mismatch)
            | Keyed::Nothing
            | Keyed::NoPound
            | Keyed::Pound
            | Keyed::One
            | Keyed::Other
            | Keyed::Pin(_)
            | Keyed::PinRenewal => self.new_pin_again(None, tries, expired),
        }
    }

    fn pin_again(self, keyed: Keyed, tries: u8, expired: bool) -> Step {
        match keyed {
            Keyed::FraudCode => self.fraud_reported(),
            Keyed::NewPin(NewPin::Repeated) => {
                let (stage, effects) = self.passed(Reason::VoicePinOk, "pin_changed");
                (stage, [Effect::Mark(Mark::PinChanged)].into_iter().chain(effects).collect())
            }
            Keyed::NewPin(NewPin::Refused(rule)) => self.new_pin_again(Some(rule), tries, expired),
            Keyed::NewPin(NewPin::Possible | NewPin::Mismatch)
            | Keyed::Nothing
            | Keyed::NoPound
            | Keyed::Pound
            | Keyed::One
            | Keyed::Other
            | Keyed::Pin(_)
            | Keyed::PinRenewal => self.new_pin_again(Some(Prompt::PinMismatch), tries, expired),
        }
    }

    fn new_pin_again(self, why: Option<Prompt>, tries: u8, expired: bool) -> Step {
        let tries = tries.saturating_add(1);
        let noted = vec![note("new_pin_refused", self.leg)];
        if tries >= NEW_PINS {
            return self.goodbye(not_changed(expired), noted);
        }
        self.say(self.leg, Talk::NewPin { tries, expired }, self.script().new_pin(why, expired), noted)
    }

    fn fraud_reported(self) -> Step {
        match self.dialling.fraud {
            // The code is one only where reports are taken.
            FraudReports::Off => (self.stage, vec![]),
            FraudReports::Told => self.fraud(false, true),
            // No time is left to ask.
            FraudReports::Block if self.now >= self.leg.until => self.fraud(false, true),
            FraudReports::Block => {
                let noted = vec![note("fraud_code", self.leg)];
                self.say(self.leg, Talk::ReportingFraud, self.script().confirm_fraud(), noted)
            }
        }
    }

    /// The report counts whatever becomes of the call; `heard` says whether anybody is there to thank.
    pub(super) fn fraud(self, blocks: bool, heard: bool) -> Step {
        let mark = if blocks { Mark::Fraud } else { Mark::FraudTold };
        let mut effects = vec![Effect::Mark(Mark::NumberAnswered), Effect::Mark(mark)];
        if heard {
            effects.push(self.saying(last(Prompt::FraudReported)));
        }
        self.settle(Reason::FraudVoice, effects)
    }
}

pub(super) const fn not_changed(expired: bool) -> Reason {
    if expired { Reason::PinExpired } else { Reason::PinChangeRequired }
}
