//! What follows from a durable step: asking for leave, sending, telling.
//! Refuses to decide: the machine has.

use super::{InFlight, RETRY};
use crate::judge::code_of;
use crate::line::Job;
use crate::line::{Carries, Outgoing};
use crate::mailer::Look;
use crate::router::{Entry, NoRoute};
use crate::switchboard::{Heard, NumberNews, OpenCode, Reserve, SentFrom};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use channels::text::Text;
use engine::id::AttemptId;
use engine::number::PhoneNumber;
use engine::source::Source;
use engine::timeline;
use engine::verification::{Effect, Event, Mark, Refusal, Stage};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a number is not called of which a gateway says that it cannot be.
const UNCALLABLE: Duration = Duration::from_secs(3600);

impl InFlight {
    /// Does what follows; `at` is the number of the rung that the step began on.
    pub(super) fn perform(&mut self, effect: Effect, at: Option<PhoneNumber>, ctx: &mut Context<Self>) {
        match effect {
            Effect::Note(entry) => self.log(&entry),
            Effect::Reserve { code, resend } => self.reserve(code, resend, ctx),
            Effect::Send { attempt, tried } => self.send(attempt, tried, ctx),
            Effect::Withdraw { .. } => self.withdraw(),
            Effect::SentFrom { attempt, from } => self.tell_sender(attempt, from, at),
            Effect::Release { attempt } => self.release(attempt, ctx),
            Effect::Hold { attempt } => self.hold(attempt),
            Effect::Mark(mark) => self.tell_owners(mark, at),
            Effect::Settle(_) => self.settled(ctx),
            Effect::Say { attempt, turn } => self.say(attempt, &turn),
            Effect::HangUp { attempt } => self.hang_up(attempt),
            Effect::Invite => {}
        }
    }

    fn log(&self, entry: &timeline::Entry) {
        let (id, application) = (self.verification.id, &self.verification.application);
        let (what, detail) = (&entry.what, entry.detail.as_deref());
        tracing::info!(verification = %id, %application, %what, detail, "timeline");
    }

    pub(super) fn reserve(&mut self, first: u16, resend: bool, ctx: &mut Context<Self>) {
        let stage = self.coming_stage();
        let Some(leg) = stage.leg() else { return };
        let Some(rung) = self.verification.rungs.get(usize::from(leg.rung)) else { return };
        let Some(number) = rung.to else { return };
        let attempt = AttemptId { verification: self.verification.id, rung: leg.rung, send: leg.send };
        let code = OpenCode::new(attempt.verification, attempt.rung, first, rung);
        let again = self.verification.rungs.iter().take(usize::from(leg.rung)).any(|before| before.to == Some(number));
        let resend = if resend {
            Some(rung.resend_gaps.before(leg.resends.saturating_sub(1)))
        } else {
            // The same number by another way is no second attack on it.
            again.then_some(Duration::ZERO)
        };
        self.question = self.question.wrapping_add(1);
        let question = self.question;
        let asked = self.house.shared.switchboard(number).send(Reserve { number, attempt, code, resend });
        ctx.spawn(asked.into_actor(self).map(move |answer, actor, ctx| {
            let event = match answer {
                _ if question != actor.question => return,
                Ok(Ok(code)) => Event::Reserved { attempt, code },
                Ok(Err(reason)) => Event::Limited { attempt, reason },
                Err(_) => return actor.reserve_later(question, ctx),
            };
            actor.inbox.push_back(event.into());
            actor.drive(ctx);
        }));
    }

    /// The owner of the number is being built anew; the rung's own deadline bounds the asking.
    fn reserve_later(&mut self, question: u32, ctx: &mut Context<Self>) {
        ctx.run_later(RETRY, move |actor, ctx| {
            if let Stage::Reserving(leg) = actor.coming_stage()
                && question == actor.question
            {
                actor.reserve(leg.code, leg.resends > 0, ctx);
            }
        });
    }

    fn send(&mut self, attempt: AttemptId, tried: u32, ctx: &mut Context<Self>) {
        let (Some(leg), Some(rung)) = (self.verification.leg(), self.verification.rung()) else { return };
        let Some(to) = rung.to else { return };
        let wanted = Arc::new(AtomicBool::new(true));
        let job = Job::new(attempt, to, leg.until, ctx.address(), Arc::clone(&wanted));
        let way = Carries::of(rung.method);
        let (refusal, detail) = match self.house.shared.router.send(way, to, tried, job, self.house.now()) {
            Ok(()) => {
                self.wanted = Some(wanted);
                return;
            }
            Err(NoRoute::Vacant) => return self.send_later(attempt, ctx),
            Err(NoRoute::Busy) => (Refusal::Busy, "the queue of the line is full"),
            Err(NoRoute::NoLine) => (Refusal::NoLine, "no line is left that could send it"),
        };
        self.inbox.push_back(Event::Refused { attempt, refusal, detail: detail.into() }.into());
    }

    /// The line is being built anew; the rung's own deadline bounds the tries.
    fn send_later(&mut self, attempt: AttemptId, ctx: &mut Context<Self>) {
        ctx.run_later(RETRY, move |actor, ctx| {
            actor.inbox.push_back(Event::LineLost { attempt }.into());
            actor.drive(ctx);
        });
    }

    fn tell_sender(&self, attempt: AttemptId, from: PhoneNumber, at: Option<PhoneNumber>) {
        if let Some(number) = at {
            let verification = attempt.verification;
            self.house.shared.switchboard(number).do_send(SentFrom { number, verification, from });
        }
    }

    pub(super) fn withdraw(&mut self) {
        if let Some(wanted) = self.wanted.take() {
            wanted.store(false, Ordering::Relaxed);
        }
    }

    fn release(&mut self, attempt: AttemptId, ctx: &Context<Self>) {
        if let Some(entered) = self.entry.take_if(|entered| entered.0 == attempt) {
            return self.go(attempt, entered.1, ctx);
        }
        let Some((asked, answer)) = self.release.take().map(|release| *release) else { return };
        let outgoing = (asked == attempt).then(|| self.outgoing(attempt)).flatten();
        let _ = answer.send(outgoing);
    }

    fn go(&mut self, attempt: AttemptId, entry: Entry, ctx: &Context<Self>) {
        let Some(outgoing) = self.outgoing(attempt) else { return };
        let (Some(leg), Some(to)) = (self.verification.leg(), self.number()) else { return };
        let wanted = Arc::new(AtomicBool::new(true));
        entry.go(Job::new(attempt, to, leg.until, ctx.address(), Arc::clone(&wanted)), outgoing);
        self.wanted = Some(wanted);
    }

    /// A line that asks hears that the text does not go.
    pub(super) fn refuse_release(&mut self) {
        if let Some(release) = self.release.take() {
            let _ = release.1.send(None);
        }
    }

    fn hold(&mut self, attempt: AttemptId) {
        if self.release.as_ref().is_some_and(|release| release.0 == attempt) {
            self.refuse_release();
        }
    }

    fn outgoing(&mut self, attempt: AttemptId) -> Option<Outgoing> {
        match Carries::of(self.verification.rung()?.method) {
            Carries::Texts => self.text(attempt).map(Outgoing::Text),
            Carries::Calls => self.place(attempt),
        }
    }

    fn text(&self, attempt: AttemptId) -> Option<Text> {
        let (leg, rung) = (self.verification.leg()?, self.verification.rung()?);
        let policy = self.house.policy();
        let code = code_of(&self.house.shared, &self.verification, leg, rung);
        let name = policy.application_name(&self.verification.application);
        let body = engine::wording::text(&policy.sms.text, rung.mode, &code, name, &self.verification.message);
        Some(Text { attempt, to: rung.to?.to_string(), body, valid_for: leg.until.since(self.house.now()) })
    }

    fn tell_owners(&self, mark: Mark, at: Option<PhoneNumber>) {
        if mark == Mark::NumberAnswered {
            self.tell_sources();
        }
        if matches!(mark, Mark::Fraud | Mark::FraudTold | Mark::PinChanged) {
            self.house.shared.mailer.do_send(Look);
        }
        self.tell_number(mark, at);
    }

    fn tell_sources(&self) {
        let of = &self.verification;
        if of.prompts() {
            let sources = Source::limited(of.client_ip, &of.application, &self.house.policy().velocity.source);
            self.house.shared.sources.answered(&sources, of.created_at);
        }
    }

    fn tell_number(&self, mark: Mark, at: Option<PhoneNumber>) {
        let Some(number) = at else { return };
        let news = match mark {
            Mark::NumberAnswered => NumberNews::Answered,
            Mark::NumberBad => NumberNews::Bad,
            Mark::NumberUncallable => NumberNews::Uncallable(self.house.now() + UNCALLABLE),
            Mark::NumberOptedOut => NumberNews::OptedOut(self.house.now()),
            Mark::WrongCode
            | Mark::PinChanged
            | Mark::AnotherText
            | Mark::PinDenied
            | Mark::Success
            | Mark::BackupAnswered(_)
            | Mark::Fraud
            | Mark::FraudTold => {
                return;
            }
        };
        self.house.shared.switchboard(number).do_send(Heard { number, news });
    }
}
