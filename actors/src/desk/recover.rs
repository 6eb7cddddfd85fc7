//! Taking up again: at the start and after a Desk's death all that was in flight, and one whose actor died.
//! Refuses to trust memory: what is taken up is read from the store, behind everything that was still to be written.

use super::open::OpenOne;
use super::start::Starting;
use super::{Desk, Ended};
use crate::house::{House, Shared};
use crate::in_flight::{Happened, InFlight, settle};
use crate::keeper::Build;
use crate::switchboard::{OpenCode, Restore};
use actix::{Actor, AsyncContext, Handler, Message, ResponseFuture, WrapFuture};
use engine::id::VerificationId;
use engine::reason::Reason;
use engine::timeline::Entry;
use engine::verification::{Event, Stage, Verification};
use std::rc::Rc;
use std::sync::Arc;
use store::{Change, Document, Expect, Key, Kind, Operation, ReadError, Store};

/// Open verifications that are read at once.
const PAGE: usize = 10_000;

/// How the Desk of this place is built: with all that is in flight on its shards.
pub fn keep(shared: &Arc<Shared>, index: usize) -> Build {
    let shared = Arc::clone(shared);
    Box::new(move |guard| {
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            shared.ledger.barrier().await.map_err(|cause| cause.to_string())?;
            let desks = shared.desks.len();
            let reading = shared.read(move |store| in_flight(store, |id| id.shard().index() % desks == index));
            let found = reading.await.map_err(|cause| cause.to_string())?;
            let desk = Desk::new(Rc::new(House::new(Arc::clone(&shared))), guard).start();
            if !found.is_empty() {
                tracing::info!(desk = index, verifications = found.len(), "verifications in flight are taken up");
            }
            let recovered = desk.send(Recover { found }).await.map_err(|cause| cause.to_string())?;
            recovered.map_err(|cause| cause.to_string())?;
            shared.desks[index].fill(desk);
            Ok(())
        })
    })
}

/// The verifications in flight that `mine` chooses, each with its version. Blocking.
fn in_flight(store: &dyn Store, mine: impl Fn(VerificationId) -> bool) -> Result<Vec<(Verification, u64)>, ReadError> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.list(Kind::Open, after.as_deref(), PAGE)?;
        for record in &page {
            if record.key.id.parse().is_ok_and(&mine) {
                found.push((Verification::from_record(record)?, record.version));
            }
        }
        match page.last() {
            Some(last) => after = Some(last.key.id.clone()),
            None => return Ok(found),
        }
    }
}

/// Verifications that were in the store.
#[derive(Message)]
#[rtype(result = "Result<(), ReadError>")]
struct Recover {
    /// With their versions.
    found: Vec<(Verification, u64)>,
}

impl Handler<Recover> for Desk {
    type Result = ResponseFuture<Result<(), ReadError>>;

    fn handle(&mut self, recover: Recover, _: &mut Self::Context) -> Self::Result {
        let starting = self.starting();
        Box::pin(async move {
            // Each reads its person by itself, when it comes to that: nobody waits for all of them.
            for (verification, version) in recover.found {
                starting.take_up(verification, version, Event::Recovered);
            }
            // `TurnCame` means nothing to those whose turn it is already.
            let firsts = starting.open.borrow().first_prompts();
            for id in firsts {
                starting.tell(id, Event::TurnCame);
            }
            Ok(())
        })
    }
}

/// The actor of a verification died.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Lost {
    /// Which.
    pub id: VerificationId,
    /// Whose.
    pub user: Box<str>,
    /// Whether it died after it had been taken up because it had died before.
    pub again: bool,
}

impl Handler<Lost> for Desk {
    type Result = ();

    fn handle(&mut self, lost: Lost, ctx: &mut Self::Context) {
        let starting = self.starting();
        let mending = async move {
            tracing::warn!(verification = %lost.id, "the actor of a verification died; it ends");
            let user = lost.user.clone();
            if let Err(cause) = starting.alone(&user, starting.mend(&lost)).await {
                tracing::error!(verification = %lost.id, %cause, "it could not be ended; the next start takes it up");
            }
        };
        ctx.spawn(mending.into_actor(self));
    }
}

impl Starting {
    fn take_up(&self, verification: Verification, version: u64, event: Event) {
        if let Some(restore) = open_code(&verification, verification.stage) {
            self.house.shared.switchboard(restore.number).do_send(restore);
        }
        let one = OpenOne { id: verification.id, joins: verification.joins.clone(), prompts: verification.prompts() };
        let user = verification.user.clone();
        let mut actor = InFlight::new(Rc::clone(&self.house), verification, version, None);
        actor.reborn = event == Event::Broken;
        let addr = actor.start();
        self.take_in(&user, one, addr.clone());
        addr.do_send(Happened::from(event));
    }

    /// Ends a verification whose actor died: by its own rules the first time, without them the second.
    async fn mend(&self, lost: &Lost) -> Result<(), String> {
        let (id, user) = (lost.id, &lost.user);
        self.house.people.borrow_mut().forget(user);
        self.house.shared.ledger.barrier().await.map_err(|cause| cause.to_string())?;
        let key = Key::new(Kind::Open, id.to_string());
        let record = self.house.shared.read(move |store| store.get(&key)).await.map_err(|cause| cause.to_string())?;
        let ended = |reason| self.let_go(&Ended { id, user: user.clone(), reason });
        let Some(record) = record else {
            ended(None);
            return Ok(());
        };
        let verification = Verification::from_record(&record).map_err(|cause| cause.to_string())?;
        if lost.again {
            self.end_without_rules(verification, record.version).await?;
            ended(Some(Reason::InternalError));
            return Ok(());
        }
        self.house.reload(user).await.map_err(|cause| cause.to_string())?;
        self.open.borrow_mut().let_go(id, user);
        self.take_up(verification, record.version, Event::Broken);
        Ok(())
    }

    async fn end_without_rules(&self, mut verification: Verification, version: u64) -> Result<(), String> {
        let now = self.house.now();
        let rung = verification.leg().map_or(0, |leg| leg.rung);
        verification.stage = Stage::Settled { reason: Reason::InternalError, at: now, rung };
        let note = Entry::new("settled").saying(Reason::InternalError.as_str());
        let body = serde_json::to_vec(&[note]).expect("entries are plain structs");
        let mut operations = vec![Operation::Append { verification: verification.id, at: now, body }];
        operations.extend(settle(&verification, now));
        operations.push(Operation::delete(Kind::Open, verification.id.to_string(), Expect::Version(version)));
        self.house.shared.ledger.commit(Change { operations }).await.map_err(|cause| cause.to_string())?;
        self.house.shared.post(&verification);
        Ok(())
    }
}

/// The code that a verification at this stage has open at its number.
pub fn open_code(verification: &Verification, stage: Stage) -> Option<Restore> {
    let (Stage::Queued(leg) | Stage::Sending(leg) | Stage::Awaiting(leg) | Stage::Calling(leg, _)) = stage else {
        return None;
    };
    let rung = verification.rungs.get(usize::from(leg.rung))?;
    let code = OpenCode::new(verification.id, leg.rung, leg.code, rung);
    Some(Restore { number: rung.to?, code })
}

/// Which codes are open here? For an owner of numbers that is built anew.
#[derive(Message)]
#[rtype(result = "Vec<Restore>")]
pub struct Recall;

impl Handler<Recall> for Desk {
    type Result = ResponseFuture<Vec<Restore>>;

    fn handle(&mut self, _: Recall, _: &mut Self::Context) -> Self::Result {
        let addrs = self.open.borrow().addrs();
        Box::pin(async move {
            let asked = addrs.iter().map(|addr| addr.send(crate::in_flight::WhichCode));
            futures_util::future::join_all(asked).await.into_iter().filter_map(|answer| answer.ok().flatten()).collect()
        })
    }
}
