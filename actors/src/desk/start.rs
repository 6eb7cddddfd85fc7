//! The walk from a request to a verification, or to an answer without one; one at a time for each person.
//! Refuses rules of its own: what is decided is decided in `engine::decision`.

use super::Desk;
use super::begin::{joins, life};
use super::open::Open;
use crate::house::House;
use crate::idempotency::Idempotency;
use crate::in_flight::{Look, settle};
use crate::ledger::NotWritten;
use crate::line::Carries;
use crate::people::{self, Versioned};
use crate::records::IdempotencyRecord;
use actix::{Handler, Message, ResponseFuture};
use engine::bypass::BypassUse;
use engine::cache;
use engine::decision::{Decision, Facts, cache_request, decide};
use engine::id::VerificationId;
use engine::moment::Moment;
use engine::person::Standing;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::request::Request;
use engine::timeline::Entry;
use engine::verification::{Event, Stage, Verification};
use futures_util::FutureExt;
use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use store::{Change, Expect, Kind, Operation, ReadError};
use tokio::sync::oneshot;

/// How often a request is decided again when somebody else wrote first.
const TRIES: usize = 3;

/// Start a verification.
#[derive(Message)]
#[rtype(result = "Result<Started, StartError>")]
pub struct Start {
    /// What is asked for.
    pub request: Request,
    /// The key that came with it.
    pub idempotency: Option<Idempotency>,
    /// Whether its end is waited for.
    pub wait: bool,
}

/// What a request became.
#[derive(Debug)]
pub struct Started {
    /// The verification, its own or the one that it joined.
    pub verification: Verification,
    /// Where it joined another's that may run on: the end of its own wait (specs/mfa-server.md §11.2).
    pub until: Option<Moment>,
    /// Its end, where it is its own and is waited for.
    pub end: Option<oneshot::Receiver<Verification>>,
}

/// Why a verification was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The same idempotency key came with another request.
    #[error("this idempotency key was used for another request within the last 24 hours")]
    OtherBody,
    /// Too many verifications are in flight.
    #[error("too many verifications are in flight")]
    Full,
    /// A rule broke.
    #[error("a rule broke; the log says which")]
    Broken,
    /// It could not be made durable.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
}

impl Handler<Start> for Desk {
    type Result = ResponseFuture<Result<Started, StartError>>;

    /// A panic in the rules ends this request and no other.
    fn handle(&mut self, start: Start, _: &mut Self::Context) -> Self::Result {
        let starting = self.starting();
        Box::pin(async move {
            let user = &start.request.user;
            let walk = AssertUnwindSafe(starting.alone(user, starting.run(&start)));
            walk.catch_unwind().await.unwrap_or_else(|_| {
                starting.house.people.borrow_mut().forget(user);
                Err(StartError::Broken)
            })
        })
    }
}

/// What a walk needs of its Desk.
pub struct Starting {
    pub(super) house: Rc<House>,
    pub(super) open: Rc<RefCell<Open>>,
}

impl Starting {
    /// Nothing else is decided about this person meanwhile.
    pub(super) async fn alone<T>(&self, user: &str, walk: impl Future<Output = T>) -> T {
        let gate = self.open.borrow_mut().gate(user);
        let result = {
            let _alone = gate.lock().await;
            walk.await
        };
        drop(gate);
        if self.open.borrow_mut().close_gate(user) {
            self.house.people.borrow_mut().leave(user);
        }
        result
    }

    async fn run(&self, start: &Start) -> Result<Started, StartError> {
        let mut last = StartError::Full;
        let mut unused = start.idempotency.as_ref().is_none_or(|idempotency| idempotency.unused);
        for _ in 0..TRIES {
            if !std::mem::take(&mut unused)
                && let Some(earlier) = self.earlier(start).await?
            {
                return Ok(earlier);
            }
            self.house.ensure(&start.request.user).await?;
            match self.decide(start).await {
                Err(StartError::NotWritten(NotWritten::Conflict(conflict))) => {
                    self.house.people.borrow_mut().forget(&start.request.user);
                    last = NotWritten::Conflict(conflict).into();
                }
                other => return other,
            }
        }
        Err(last)
    }

    /// The verification that the same idempotency key started before.
    async fn earlier(&self, start: &Start) -> Result<Option<Started>, StartError> {
        let Some(idempotency) = &start.idempotency else { return Ok(None) };
        let (key, id) = (idempotency.key.clone(), idempotency.key.clone());
        let read = self.house.shared.read(move |store| people::read::<IdempotencyRecord>(store, &id)).await?;
        let Some(Versioned { version, value: found }) = read else { return Ok(None) };
        if found.until <= self.house.now() {
            // Its time is over, and nobody has removed it yet.
            let over = Operation::delete(Kind::Idempotency, key, Expect::Version(version));
            self.house.shared.ledger.commit(vec![over].into()).await?;
            return Ok(None);
        }
        if found.body != idempotency.body {
            return Err(StartError::OtherBody);
        }
        let verification = self.view(found.verification).await?;
        Ok(verification.map(|verification| Started { verification, until: found.waits_until, end: None }))
    }

    async fn view(&self, id: VerificationId) -> Result<Option<Verification>, StartError> {
        let addr = self.open.borrow().addr(id).cloned();
        if let Some(addr) = addr
            && let Ok(seen) = addr.send(Look { wait: false }).await
        {
            return Ok(Some(seen.verification));
        }
        Ok(self.house.shared.settled(id).await?)
    }

    async fn decide(&self, start: &Start) -> Result<Started, StartError> {
        let now = self.house.now();
        let policy = self.house.policy();
        let request = &start.request;
        let joins = joins(request, &policy);
        let (decision, notes) = self.decision(request, joins.as_deref(), &policy, now);
        let mut end = None;
        let verification = match decision {
            Decision::Join(id) => return self.join(start, id, &policy, now).await,
            Decision::End(reason) => self.end(start, reason, notes, vec![], &policy, now).await?,
            Decision::UseBypass { cancels } => {
                let spent = self.spend_bypass(request, &policy, now);
                let ended = self.end(start, Reason::Bypass, notes, spent, &policy, now).await?;
                if let Some(id) = cancels {
                    self.tell(id, Event::Cancelled { reason: Reason::BypassStarted });
                }
                ended
            }
            Decision::Begin(rungs) => {
                let verification = self.verification(start, rungs, joins, &policy, now);
                let tell = start.wait.then(|| {
                    let (tell, told) = oneshot::channel();
                    end = Some(told);
                    tell
                });
                self.admit(start, verification, tell, notes, &policy).await?
            }
        };
        Ok(Started { verification, until: None, end })
    }

    fn decision(&self, request: &Request, joins: Option<&str>, policy: &Policy, now: Moment) -> (Decision, Vec<Entry>) {
        let nobody = Standing::default();
        let people = self.house.people.borrow();
        let person = people.get(&request.user);
        let open = self.open.borrow();
        let open: Vec<_> = open.of(&request.user).iter().map(|one| (one.id, one.joins.clone())).collect();
        decide(&Facts {
            request,
            user: person.and_then(|person| person.user.as_ref()).map(|user| &user.value),
            standing: person.map_or(&nobody, |person| &person.standing.value),
            has_token: person.is_some_and(|person| person.tokens.iter().any(|token| token.value.activated)),
            policy,
            text_gateway: self.house.shared.router.carries(Carries::Texts),
            voice_gateway: self.house.shared.router.carries(Carries::Calls),
            joins,
            open: &open,
            now,
        })
    }

    async fn join(
        &self,
        start: &Start,
        id: VerificationId,
        policy: &Policy,
        now: Moment,
    ) -> Result<Started, StartError> {
        let verification = self.view(id).await?.ok_or(StartError::NotWritten(NotWritten::Unavailable))?;
        let until = now + life(&start.request, policy);
        let until = (until < verification.expires_at).then_some(until);
        let mut operations = self.remember_key(start, id, until);
        let note = serde_json::to_vec(&[Entry::new("joined")]).expect("entries are plain structs");
        operations.push(Operation::Append { verification: id, at: now, body: note });
        self.house.shared.ledger.commit(operations.into()).await?;
        Ok(Started { verification, until, end: None })
    }

    /// Ends it before anybody is contacted.
    pub(super) async fn end(
        &self,
        start: &Start,
        reason: Reason,
        notes: Vec<Entry>,
        mut operations: Vec<Operation>,
        policy: &Policy,
        now: Moment,
    ) -> Result<Verification, StartError> {
        let mut verification = self.verification(start, vec![], None, policy, now);
        verification.stage = Stage::Settled { reason, at: now, rung: 0 };
        // A bypass that is spent has written the standing already; a second write follows the first. What a limit refused is not
        // remembered: a stranger could push everything else out with it.
        if reason != Reason::RateLimited {
            operations.extend(self.note(&start.request.user, verification.id, None));
        }
        operations.extend(self.remember_key(start, verification.id, None));
        let body = serde_json::to_vec(&notes).expect("entries are plain structs");
        operations.push(Operation::Append { verification: verification.id, at: now, body });
        operations.extend(settle(&verification, now));
        self.house.shared.ledger.commit(Change { operations }).await?;
        self.house.shared.post(&verification);
        Ok(verification)
    }

    /// The result may enter a cache: that is what serves a VPN client that asks twice (mfa-server.md §10).
    fn spend_bypass(&self, request: &Request, policy: &Policy, now: Moment) -> Vec<Operation> {
        let mut people = self.house.people.borrow_mut();
        let Some(person) = people.get_mut(&request.user) else { return vec![] };
        let standing = &mut person.standing.value;
        standing.end_bypass(now, BypassUse::Used { application: request.application.clone() });
        let key = cache_request(&request.application, &request.caller.to_string(), request.client_ip, policy);
        cache::remember(&policy.cache, &mut standing.cache, &key, now);
        vec![person.standing.write(&request.user)]
    }
}
