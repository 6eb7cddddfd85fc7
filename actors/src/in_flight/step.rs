//! From something that happened to a change that is durable.
//! Refuses to act before that: what follows is done in `effects`.

use super::{Answered, Happened, InFlight, What};
use crate::judge::{Judgement, judge};
use crate::ledger::NotWritten;
use crate::line::Carries;
use crate::records::OutboxRecord;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use engine::decision::cache_request;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::verification::{Door, Effect, Event, Mark, Stage, Verdict, Verification};
use std::panic::{AssertUnwindSafe, catch_unwind};
use store::{Change, Document, Expect, Kind, Operation};

/// A step on its way to being durable.
pub(super) struct Step {
    stage: Stage,
    effects: Vec<Effect>,
    happened: Happened,
}

impl InFlight {
    pub(super) fn step(&mut self, mut happened: Happened, ctx: &mut Context<Self>) {
        let now = self.house.now();
        let stranger = self.house.people.borrow().get(&self.verification.user).is_none();
        if stranger && matches!(happened.what, What::Code(..) | What::Keys(..)) {
            return self.read_person(happened, ctx);
        }
        let Some((event, written)) = self.event(&happened, now) else {
            return self.pause(happened, now);
        };
        happened.operations.extend(written);
        self.call_over(&event);
        let (mut stage, mut effects) = self.next(&event, now);
        // Most steps change nothing about the person, and at a start there may be very many: they read nobody.
        if stranger && effects.iter().any(|effect| matches!(effect, Effect::Mark(_))) {
            return self.read_person(happened, ctx);
        }
        if self.birth.is_some() && matches!(stage, Stage::Reserving(_)) {
            return self.reserve_before_birth(stage, effects, ctx);
        }
        if self.birth.is_some() && matches!(stage, Stage::Queued(_)) {
            (stage, effects) = self.at_once(stage, effects, now);
        }
        let idle = stage == self.verification.stage && effects.is_empty() && happened.operations.is_empty();
        if idle && self.birth.is_none() {
            self.answer(happened, false);
            return self.leave_call(ctx);
        }
        let change = self.change(stage, &effects, &mut happened, now);
        if change.operations.is_empty() {
            return self.durable(Step { stage, effects, happened }, ctx);
        }
        self.commit(change, Step { stage, effects, happened }, ctx);
    }

    /// The rules, with a floor under them: a panic in them ends this verification and no other.
    fn next(&self, event: &Event, now: Moment) -> (Stage, Vec<Effect>) {
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            if let Some(watch) = &self.house.shared.watch {
                watch(&self.verification, event);
            }
            self.verification.next(event, now)
        }));
        stepped.unwrap_or_else(|_| {
            tracing::warn!(verification = %self.verification.id, "a rule broke; the verification ends");
            self.verification.next(&Event::Broken, now)
        })
    }

    /// The event, and what of the person is written with it; `None` while codes of this person are not judged.
    fn event(&mut self, happened: &Happened, now: Moment) -> Option<(Event, Vec<Operation>)> {
        let (door, digits) = match &happened.what {
            What::Event(event) => return Some((event.clone(), vec![])),
            What::Keys(attempt, keys) => return Some((self.pressed(*attempt, keys, now)?, vec![])),
            What::Code(door, digits) => (*door, digits),
        };
        // What answers a rung that was left is not judged by another one's secrets.
        if door == Door::Reply && !self.verification.rung().is_some_and(|rung| rung.mode.is_two_way()) {
            return Some((Event::Entered { door, verdict: Verdict::WrongCode }, vec![]));
        }
        let policy = self.house.policy();
        let mut people = self.house.people.borrow_mut();
        let person = people.get(&self.verification.user)?;
        if !self.verification.stage.is_settled() && person.standing.value.guesses.pause_until(now).is_some() {
            return None;
        }
        let Judgement { verdict, token, weak_pin } =
            judge(&self.house.shared, &self.verification, person, &policy, digits.expose(), now);
        let counts = matches!(self.verification.stage, Stage::Awaiting(_)) && verdict == Verdict::Right;
        let name = &self.verification.user;
        let moved = token.filter(|_| counts).and_then(|(index, state)| people.move_token(name, index, state));
        let due = if counts && weak_pin { people.require_pin_change(name) } else { None };
        Some((Event::Entered { door, verdict }, moved.into_iter().chain(due).collect()))
    }

    fn pause(&self, happened: Happened, now: Moment) {
        let people = self.house.people.borrow();
        let until = people.get(&self.verification.user).and_then(|p| p.standing.value.guesses.pause_until(now));
        if let Some(answer) = happened.answer {
            let _ = answer.send(Answered::Paused(until.unwrap_or(now)));
        }
    }

    /// Before the first commit nobody knows of this verification, so asking the number's owner needs no durable stage.
    fn reserve_before_birth(&mut self, stage: Stage, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        self.verification.apply(stage);
        let at = self.number();
        for effect in effects {
            if let (Effect::Note(entry), Some(birth)) = (&effect, self.birth.as_mut()) {
                birth.notes.push(entry.clone());
            } else {
                self.perform(effect, at, ctx);
            }
        }
    }

    /// Where a line has a free place, the text need not queue, and the first change is its *sending*.
    fn at_once(&mut self, queued: Stage, effects: Vec<Effect>, now: Moment) -> (Stage, Vec<Effect>) {
        let sent = effects.iter().find_map(|effect| {
            if let Effect::Send { attempt, tried } = effect { Some((*attempt, *tried)) } else { None }
        });
        let rung = self.verification.rungs.get(queued.leg().map_or(usize::MAX, |leg| leg.rung.into()));
        let to = rung.and_then(|rung| Some((rung.to?, Carries::of(rung.method))));
        let (Some((attempt, tried)), Some((to, way))) = (sent, to) else { return (queued, effects) };
        let Some(entry) = self.house.shared.router.enter(way, to, tried, now) else { return (queued, effects) };
        let before = self.verification.stage;
        self.verification.apply(queued);
        let (sending, more) = self.next(&Event::Dispatched { attempt, line: entry.line.clone() }, now);
        self.verification.apply(before);
        if !matches!(sending, Stage::Sending(_)) {
            return (queued, effects);
        }
        self.entry = Some(Box::new((attempt, entry)));
        let stays = effects.into_iter().filter(|effect| !matches!(effect, Effect::Send { .. }));
        (sending, stays.chain(more).collect())
    }

    fn change(&mut self, stage: Stage, effects: &[Effect], happened: &mut Happened, now: Moment) -> Change {
        let before = self.verification.stage;
        self.verification.apply(stage);
        let id = self.verification.id;
        let mut operations = std::mem::take(&mut happened.operations);
        let mut notes = Vec::new();
        if let Some(birth) = self.birth.as_mut() {
            operations.append(&mut birth.operations);
            notes.append(&mut birth.notes);
        }
        operations.extend(self.state_change(before, stage, now));
        self.verification.apply(before);
        notes.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Note(entry) => Some(entry.clone()),
            Effect::Reserve { .. }
            | Effect::Send { .. }
            | Effect::Withdraw { .. }
            | Effect::SentFrom { .. }
            | Effect::Release { .. }
            | Effect::Hold { .. }
            | Effect::Say { .. }
            | Effect::HangUp { .. }
            | Effect::Invite
            | Effect::Mark(_)
            | Effect::Settle(_) => None,
        }));
        if !notes.is_empty() {
            let body = serde_json::to_vec(&notes).expect("entries are plain structs");
            operations.push(Operation::Append { verification: id, at: now, body });
        }
        operations.extend(self.marks(effects, now));
        if effects.contains(&Effect::Mark(Mark::PinChanged)) {
            operations.extend(self.changed_pin(now));
        }
        Change { operations }
    }

    /// The number of the rung in progress.
    pub(super) fn number(&self) -> Option<PhoneNumber> {
        self.verification.rung().and_then(|rung| rung.to)
    }

    fn state_change(&self, before: Stage, stage: Stage, now: Moment) -> Vec<Operation> {
        let id = self.verification.id.to_string();
        let expect = if self.version == 0 { Expect::Absent } else { Expect::Version(self.version) };
        if before.is_settled() || (stage == before && self.version > 0) {
            return vec![];
        }
        if !stage.is_settled() {
            return vec![Operation::put(id, &self.verification, expect)];
        }
        let mut operations = settle(&self.verification, now);
        if self.version > 0 {
            operations.push(Operation::delete(Kind::Open, id, expect));
        }
        operations
    }

    fn marks(&self, effects: &[Effect], now: Moment) -> Vec<Operation> {
        let marks: Vec<_> = effects
            .iter()
            .filter_map(|effect| if let Effect::Mark(mark) = effect { Some(*mark) } else { None })
            .collect();
        if marks.is_empty() {
            return vec![];
        }
        let policy = self.house.policy();
        let caller = self.verification.caller.to_string();
        let key = cache_request(&self.verification.application, &caller, self.verification.client_ip, &policy);
        self.house.people.borrow_mut().mark(&self.verification.user, &marks, &policy, &key, now)
    }

    fn commit(&mut self, change: Change, step: Step, ctx: &mut Context<Self>) {
        self.busy = true;
        self.coming = Some(Box::new(step.stage));
        let ledger = self.house.shared.ledger.clone();
        let written = async move { ledger.commit(change).await };
        ctx.spawn(written.into_actor(self).map(move |written, actor, ctx| {
            actor.busy = false;
            actor.coming = None;
            if actor.house.closed.get() {
                return actor.leave(ctx);
            }
            match written {
                Ok(_) => actor.durable(step, ctx),
                Err(why) => actor.not_written(step.happened, why, ctx),
            }
            actor.drive(ctx);
        }));
    }

    fn durable(&mut self, step: Step, ctx: &mut Context<Self>) {
        let Step { stage, effects, happened } = step;
        if self.version == 0 || stage != self.verification.stage {
            self.version += 1;
        }
        let at = self.number();
        self.verification.apply(stage);
        if let Some(left) = at.filter(|left| Some(*left) != self.number()) {
            self.release_number(left);
        }
        self.house.shared.ledger.spectators().moved(self.verification.id);
        let invite = effects.contains(&Effect::Invite);
        if let Some(birth) = self.birth.take() {
            let _ = birth.answer.send(Ok(self.verification.clone()));
        }
        for effect in effects {
            self.perform(effect, at, ctx);
        }
        self.answer(happened, invite);
        self.arm(ctx);
        self.leave_call(ctx);
    }

    /// Whatever was brought by somebody who waits is refused; what happened by itself is tried again.
    fn not_written(&mut self, happened: Happened, why: NotWritten, ctx: &mut Context<Self>) {
        self.house.people.borrow_mut().forget(&self.verification.user);
        if let Some(birth) = self.birth.take() {
            let _ = birth.answer.send(Err(why));
            self.end(ctx);
            return;
        }
        if !matches!(why, NotWritten::Conflict(_)) {
            tracing::warn!(verification = %self.verification.id, %why, "a step could not be written");
        }
        self.later(happened, why, ctx);
    }
}

/// The outcome of a settled verification: for the feed, and for the webhook where one was asked for.
pub fn settle(verification: &Verification, now: Moment) -> Vec<Operation> {
    let mut operations = vec![Operation::Settle {
        verification: verification.id,
        at: now,
        caller: verification.caller.to_string(),
        application: verification.application.to_string(),
        body: verification.to_body(),
    }];
    operations
        .extend(OutboxRecord::of(verification, now).map(|(id, record)| Operation::put(id, &record, Expect::Absent)));
    operations
}
