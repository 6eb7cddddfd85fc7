//! How far the set-up of a person is, step by step, and when they are reminded of it (portal.md §6).
//! Refuses a step that the settings do not ask for.

use crate::draft::Draft;
use crate::method::Method;
use crate::moment::Moment;
use crate::person::User;
use crate::policy::Policy;
use crate::portal::EnrollmentProof;
use crate::setup::choices;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// A step of the set-up, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A code beside the password, before anything else.
    Proof,
    /// Which method.
    Method,
    /// What the method needs: a phone, an app.
    Details(Method),
    /// The method answers for the first time.
    Check,
    /// A token beside the method; nobody must.
    Token,
    /// Security questions; nobody must.
    Questions,
}

impl Step {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Method => "method",
            Self::Details(Method::Oath | Method::App) => "authenticator",
            Self::Details(Method::Sms | Method::Voice) => "phone",
            Self::Check => "check",
            Self::Token => "token",
            Self::Questions => "questions",
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StepState)]
pub enum State {
    /// Nothing was done.
    Open,
    /// Saved, and not sent for verification.
    Draft,
    /// A verification is to show that it works.
    Waiting,
    /// Done.
    Done,
    /// Put off by the person or an administrator.
    Skipped,
}

impl State {
    /// Whether nothing is left to do.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

/// What a person has that is not in their record.
#[derive(Debug, Clone, Copy)]
pub struct Has {
    /// What the first set-up needs beside the password was shown.
    pub proved: bool,
    /// A token counts.
    pub token: bool,
    /// Enough security questions are answered.
    pub answers: bool,
}

/// The steps of a person's set-up with their state.
pub fn steps(user: &User, has: Has, policy: &Policy, now: Moment) -> Vec<(Step, State)> {
    let draft = user.draft_at(now).filter(|_| !user.set_up);
    let portal = &policy.portal;
    let done = |done: bool| if done || user.set_up { State::Done } else { State::Open };
    let beside = |has: bool, put_off: u8| match (has, put_off) {
        (true, _) => State::Done,
        (false, 0) => State::Open,
        (false, _) => State::Skipped,
    };
    let asked = draft.is_some_and(|draft| draft.proof.is_some());
    let method = draft.map_or(user.method, |draft| draft.method);
    let all = [
        (portal.enrollment_proof != EnrollmentProof::None, Step::Proof, done(has.proved)),
        (!choices(policy).is_empty(), Step::Method, done(draft.is_some())),
        (true, Step::Details(method), if user.set_up { State::Done } else { details(draft) }),
        (true, Step::Check, if asked { State::Waiting } else { done(false) }),
        (portal.prompt_oath_token && policy.oath.enabled, Step::Token, beside(has.token, user.put_off.token)),
        (portal.questions_fallback, Step::Questions, beside(has.answers, user.put_off.questions)),
    ];
    all.into_iter().filter(|(asked_for, ..)| *asked_for).map(|(_, step, state)| (step, state)).collect()
}

fn details(draft: Option<&Draft>) -> State {
    match draft {
        Some(draft) if draft.proof.is_some() => State::Done,
        Some(draft) if draft.phone.is_some() => State::Draft,
        Some(_) | None => State::Open,
    }
}

/// After so many days of an unfinished set-up its person is reminded (portal.md §6, rule 12).
const REMINDER_DAYS: [u64; 3] = [1, 3, 7];
/// Nobody is reminded of what they are at: not so soon after their last step.
const REST: Duration = Duration::from_secs(3600);
/// A visit is written down when the last one that was is so long ago.
const WRITTEN_EVERY: Duration = Duration::from_secs(300);

/// A set-up that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// When: at the first sign-in, or when an administrator asked for it.
    pub at: Moment,
    /// When the person was last seen at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Moment>,
    /// Reminders that were sent.
    #[serde(default)]
    pub reminders: u8,
}

/// What becomes of a reminder whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// It is sent.
    Send,
    /// It waits until then, for the person is at it.
    Wait(Moment),
    /// There is nothing to remind of any more.
    Drop,
}

impl Begun {
    /// When the reminder number `nth`, from zero, is due.
    pub fn reminder_at(&self, nth: u8) -> Option<Moment> {
        let days = REMINDER_DAYS.get(usize::from(nth))?;
        Some(self.at + Duration::from_secs(days * 86_400))
    }
}

impl User {
    /// The person is seen at an unfinished set-up; `true` if that is to be written down.
    pub fn seen_setting_up(&mut self, now: Moment) -> bool {
        let begun = self.begun.get_or_insert(Begun { at: now, seen_at: None, reminders: 0 });
        let written = begun.seen_at.is_none_or(|at| now.since(at) >= WRITTEN_EVERY);
        if written {
            begun.seen_at = Some(now);
        }
        written
    }

    /// The set-up is to be begun, or begun again, from now on.
    pub fn begin_set_up(&mut self, now: Moment) {
        let seen_at = self.begun.as_ref().and_then(|begun| begun.seen_at);
        self.begun = Some(Begun { at: now, seen_at, reminders: 0 });
    }

    /// The set-up starts over: nothing that was entered is left.
    pub fn start_over(&mut self, now: Moment) {
        self.draft = None;
        self.entered = crate::draft::Entered::default();
        self.put_off = crate::person::PutOff::default();
        self.begin_set_up(now);
    }

    /// What becomes of a reminder of the set-up that was begun at `of`.
    pub fn reminder(&self, of: Moment, now: Moment) -> Reminder {
        let begun = self.begun.as_ref().filter(|begun| begun.at == of && !self.set_up && self.enabled);
        match begun.map(|begun| begun.seen_at.map(|at| at + REST)) {
            None => Reminder::Drop,
            Some(Some(rested)) if now < rested => Reminder::Wait(rested),
            Some(_) => Reminder::Send,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::id::{UserId, VerificationId};
    use crate::method::Mode;
    use crate::person::PutOff;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);
    const NOTHING: Has = Has { proved: false, token: false, answers: false };
    const DAY: Duration = Duration::from_secs(86_400);

    fn user() -> User {
        User::begin(UserId::from_bits(1), "ann".into(), NOW)
    }

    fn full() -> Policy {
        let mut policy = Policy::default();
        let portal = &mut policy.portal;
        portal.enrollment_proof = EnrollmentProof::MailCode;
        (portal.allow_select_method, portal.prompt_oath_token, portal.questions_fallback) = (true, true, true);
        policy
    }

    fn states(user: &User, has: Has, policy: &Policy) -> Vec<(&'static str, State)> {
        steps(user, has, policy, NOW).into_iter().map(|(step, state)| (step.as_str(), state)).collect()
    }

    #[test]
    fn only_what_the_settings_ask_for_is_a_step() {
        let all = states(&user(), NOTHING, &full());
        let words = ["proof", "method", "phone", "check", "token", "questions"];
        assert!(all.iter().map(|(word, _)| *word).eq(words) && all.iter().all(|(_, state)| *state == State::Open));
        assert_eq!(states(&user(), NOTHING, &Policy::default()), [("phone", State::Open), ("check", State::Open)]);
    }

    #[test]
    fn a_step_goes_from_open_over_draft_and_waiting_to_done() {
        let mut ann = user();
        let draft = Draft::begin(Method::Sms, Mode::TwoWayOtp, NOW);
        let phone = Some(crate::person::Phone { number: "+12025550101".parse().unwrap(), extension: None });
        let mut at = |draft: Draft| {
            ann.draft = Some(Box::new(draft));
            let has = Has { proved: true, ..NOTHING };
            states(&ann, has, &full()).into_iter().map(|(_, state)| state).take(4).collect::<Vec<_>>()
        };
        use State::{Done, Open, Waiting};
        assert_eq!(at(draft.clone()), [Done, Done, Open, Open]);
        assert_eq!(at(Draft { phone: phone.clone(), ..draft.clone() }), [Done, Done, State::Draft, Open]);
        let asked = Draft { phone, proof: Some(VerificationId::from_bits(2)), ..draft };
        assert_eq!(at(asked), [Done, Done, Done, Waiting]);
    }

    #[test]
    fn what_nobody_must_do_may_be_skipped_and_is_left_once_the_method_counts() {
        let put_off = PutOff { token: 1, questions: 0 };
        let ann = User { set_up: true, put_off, ..user() };
        let over: Vec<_> = states(&ann, NOTHING, &full()).into_iter().filter(|(_, state)| !state.is_over()).collect();
        assert_eq!(over, [("questions", State::Open)]);
        let has = Has { proved: true, token: true, answers: true };
        assert!(states(&ann, has, &full()).iter().all(|(_, state)| *state == State::Done));
    }

    #[test]
    fn people_are_reminded_three_times_and_not_while_they_are_at_it() {
        let mut ann = user();
        assert!(ann.seen_setting_up(NOW) && !ann.seen_setting_up(NOW + WRITTEN_EVERY / 2));
        let begun = ann.begun.clone().unwrap();
        let due: Vec<_> = (0..4).map_while(|nth| begun.reminder_at(nth)).collect();
        assert_eq!(due, [NOW + DAY, NOW + DAY * 3, NOW + DAY * 7]);
        assert_eq!(ann.reminder(NOW, NOW + DAY), Reminder::Send);
        assert!(ann.seen_setting_up(NOW + DAY - REST / 2));
        assert_eq!(ann.reminder(NOW, NOW + DAY), Reminder::Wait(NOW + DAY + REST / 2));
    }

    #[test]
    fn nobody_is_reminded_of_what_is_done_off_or_begun_anew() {
        let mut ann = user();
        ann.seen_setting_up(NOW);
        assert_eq!(User { set_up: true, ..ann.clone() }.reminder(NOW, NOW + DAY), Reminder::Drop);
        assert_eq!(User { enabled: false, ..ann.clone() }.reminder(NOW, NOW + DAY), Reminder::Drop);
        ann.start_over(NOW + DAY);
        assert_eq!(ann.reminder(NOW, NOW + DAY * 2), Reminder::Drop);
        assert_eq!(ann.reminder(NOW + DAY, NOW + DAY * 2), Reminder::Send);
        assert_eq!(ann.begun.and_then(|begun| begun.seen_at), Some(NOW));
    }
}
