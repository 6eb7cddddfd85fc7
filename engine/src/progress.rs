//! How far the set-up of a person is, step by step, and when they are reminded of it (portal.md §6).
//! Refuses a step that the settings do not ask for.

use crate::draft::Draft;
use crate::method::Method;
use crate::moment::Moment;
use crate::person::User;
use crate::policy::Policy;
use crate::portal::EnrollmentProof;
use crate::reason::Status;
use crate::setup::{Reach, choices};
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
    /// Whether what the first set-up needs beside the password was shown; `None` where that is not asked.
    pub proved: Option<bool>,
    /// How the verification stands that is to prove what was entered, if there is one.
    pub proof: Option<Status>,
    /// A token counts.
    pub token: bool,
    /// Enough security questions are answered.
    pub answers: bool,
}

/// The steps of a person's set-up with their state.
pub fn steps(user: &User, has: Has, policy: &Policy, reach: Reach, now: Moment) -> Vec<(Step, State)> {
    let draft = user.draft_at(now).filter(|_| !user.set_up);
    let portal = &policy.portal;
    let done = |done: bool| if done || user.set_up { State::Done } else { State::Open };
    let beside = |has: bool, put_off: u8| match (has, put_off) {
        (true, _) => State::Done,
        (false, 0) => State::Open,
        (false, _) => State::Skipped,
    };
    let method = draft.map_or(user.method, |draft| draft.method);
    let all = [
        (
            portal.enrollment_proof != EnrollmentProof::None && has.proved.is_some(),
            Step::Proof,
            done(has.proved == Some(true)),
        ),
        (!choices(policy, reach).is_empty(), Step::Method, done(draft.is_some())),
        (true, Step::Details(method), if user.set_up { State::Done } else { details(draft, has.proof) }),
        (true, Step::Check, if user.set_up { State::Done } else { check(has.proof) }),
        (portal.prompt_oath_token && policy.oath.enabled, Step::Token, beside(has.token, user.put_off.token)),
        (portal.questions_fallback, Step::Questions, beside(has.answers, user.put_off.questions)),
    ];
    all.into_iter().filter(|(asked_for, ..)| *asked_for).map(|(_, step, state)| (step, state)).collect()
}

/// What did not verify has to be looked at again (portal.md §6: `waiting → draft`).
fn details(draft: Option<&Draft>, proof: Option<Status>) -> State {
    match (proof, draft) {
        (Some(Status::Pending | Status::Verified), _) => State::Done,
        (_, Some(draft)) if draft.phone.is_some() => State::Draft,
        (..) => State::Open,
    }
}

const fn check(proof: Option<Status>) -> State {
    match proof {
        Some(Status::Pending) => State::Waiting,
        Some(Status::Verified) => State::Done,
        Some(Status::Denied | Status::Failed | Status::Cancelled) | None => State::Open,
    }
}

/// After so many days of an unfinished set-up its person is reminded (portal.md §6, rule 12).
const REMINDER_DAYS: [u64; 3] = [1, 3, 7];
/// Nobody is reminded of what they are at: not so soon after their last step.
const REST: Duration = Duration::from_secs(3600);
/// A visit is written down when the last one that was is so long ago.
const WRITTEN_EVERY: Duration = Duration::from_secs(300);

/// A set-up that was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// When: at the first sign-in, or when an administrator asked for it.
    pub at: Moment,
    /// When the person was last seen at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Moment>,
    /// Reminders that were sent.
    #[serde(default)]
    pub reminders: u8,
    /// How often it was started over: what was looked at before counts no more.
    #[serde(default)]
    pub round: u32,
}

/// What becomes of a reminder whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// It is sent, if the person would get on after signing in.
    Send,
    /// It waits until then, for the person is at it.
    Wait(Moment),
    /// There is nothing to remind of any more.
    Drop,
}

impl Begun {
    /// When the next reminder after this moment is due: those that were missed are not made up for.
    pub fn reminder_after(&self, now: Moment) -> Option<Moment> {
        let due = REMINDER_DAYS.iter().map(|days| self.at + Duration::from_secs(days * 86_400));
        due.into_iter().find(|due| *due > now)
    }

    /// When the person was last seen at it; a clock that was ahead for a while is not believed.
    fn seen_before(&self, now: Moment) -> Option<Moment> {
        self.seen_at.filter(|at| *at <= now)
    }
}

/// What was seen of somebody at an unfinished set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// They begin it.
    First,
    /// They are at it again, which is to be written down.
    Again,
    /// It was written down lately.
    Lately,
}

impl User {
    /// The person is seen at an unfinished set-up.
    pub fn seen_setting_up(&mut self, now: Moment) -> Seen {
        let seen = if self.begun.is_none() { Seen::First } else { Seen::Again };
        let begun = self.begun.get_or_insert_default();
        if seen == Seen::First {
            begun.at = now;
        }
        if begun.seen_before(now).is_some_and(|at| now.since(at) < WRITTEN_EVERY) {
            return Seen::Lately;
        }
        begun.seen_at = Some(now);
        seen
    }

    /// The set-up is to be begun, or begun again, from now on.
    pub fn begin_set_up(&mut self, now: Moment) {
        let before = self.begun.take().unwrap_or_default();
        self.begun = Some(Begun { at: now, reminders: 0, ..before });
    }

    /// Which time the set-up is gone through.
    pub fn round(&self) -> u32 {
        self.begun.as_ref().map_or(0, |begun| begun.round)
    }

    /// The set-up starts over: nothing that was entered is left.
    pub fn start_over(&mut self, now: Moment) {
        self.draft = None;
        self.entered = crate::draft::Entered::default();
        self.put_off = crate::person::PutOff::default();
        self.begin_set_up(now);
        self.begun.iter_mut().for_each(|begun| begun.round += 1);
    }

    /// What becomes of a reminder of the set-up that was begun at `of`.
    pub fn reminder(&self, of: Moment, now: Moment) -> Reminder {
        let begun = self.begun.as_ref().filter(|begun| begun.at == of && !self.set_up);
        match begun.map(|begun| begun.seen_before(now).map(|at| at + REST)) {
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
    use crate::id::UserId;
    use crate::method::Mode;
    use crate::person::PutOff;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);
    const NOTHING: Has = Has { proved: Some(false), proof: None, token: false, answers: false };
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
        steps(user, has, policy, Reach::ALL, NOW).into_iter().map(|(step, state)| (step.as_str(), state)).collect()
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
        let mut at = |draft: &Draft, proof: Option<Status>| {
            ann.draft = Some(Box::new(draft.clone()));
            let has = Has { proved: Some(true), proof, ..NOTHING };
            states(&ann, has, &full()).into_iter().map(|(_, state)| state).take(4).collect::<Vec<_>>()
        };
        use State::{Done, Open, Waiting};
        assert_eq!(at(&draft, None), [Done, Done, Open, Open]);
        let entered = Draft { phone, ..draft };
        assert_eq!(at(&entered, None), [Done, Done, State::Draft, Open]);
        assert_eq!(at(&entered, Some(Status::Pending)), [Done, Done, Done, Waiting]);
        assert_eq!(at(&entered, Some(Status::Failed)), [Done, Done, State::Draft, Open]);
        assert_eq!(at(&entered, Some(Status::Verified)), [Done, Done, Done, Done]);
    }

    #[test]
    fn what_nobody_must_do_may_be_skipped_and_is_left_once_the_method_counts() {
        let put_off = PutOff { token: 1, questions: 0 };
        let ann = User { set_up: true, put_off, ..user() };
        let over: Vec<_> = states(&ann, NOTHING, &full()).into_iter().filter(|(_, state)| !state.is_over()).collect();
        assert_eq!(over, [("questions", State::Open)]);
        let has = Has { proved: None, token: true, answers: true, ..NOTHING };
        assert!(states(&ann, has, &full()).iter().all(|(_, state)| *state == State::Done));
    }

    #[test]
    fn people_are_reminded_three_times_and_not_while_they_are_at_it() {
        let mut ann = user();
        assert_eq!(
            (ann.seen_setting_up(NOW), ann.seen_setting_up(NOW + WRITTEN_EVERY / 2)),
            (Seen::First, Seen::Lately)
        );
        let begun = ann.begun.clone().unwrap();
        let due = |days| begun.reminder_after(NOW + DAY * days);
        assert_eq!([due(0), due(1), due(3), due(7)], [Some(NOW + DAY), Some(NOW + DAY * 3), Some(NOW + DAY * 7), None]);
        assert_eq!(due(5), Some(NOW + DAY * 7), "what was missed is not made up for");
        assert_eq!(ann.reminder(NOW, NOW + DAY), Reminder::Send);
        assert_eq!(ann.seen_setting_up(NOW + DAY - REST / 2), Seen::Again);
        assert_eq!(ann.reminder(NOW, NOW + DAY), Reminder::Wait(NOW + DAY + REST / 2));
    }

    #[test]
    fn nobody_is_reminded_of_what_is_done_or_begun_anew() {
        let mut ann = user();
        ann.seen_setting_up(NOW);
        assert_eq!(User { set_up: true, ..ann.clone() }.reminder(NOW, NOW + DAY), Reminder::Drop);
        let ahead = Begun { at: NOW, seen_at: Some(NOW + DAY * 300), ..Begun::default() };
        let mut ahead = User { begun: Some(ahead), ..ann.clone() };
        assert_eq!(ahead.reminder(NOW, NOW + DAY), Reminder::Send, "a clock that was ahead silences nobody");
        assert_eq!(ahead.seen_setting_up(NOW + DAY), Seen::Again);
        ann.start_over(NOW + DAY);
        assert_eq!(ann.reminder(NOW, NOW + DAY * 2), Reminder::Drop);
        assert_eq!((ann.reminder(NOW + DAY, NOW + DAY * 2), ann.round()), (Reminder::Send, 1));
        assert_eq!(ann.begun.and_then(|begun| begun.seen_at), Some(NOW));
    }
}
