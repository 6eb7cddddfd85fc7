//! The home of the people of some shards: it decides what becomes of a request, and knows who is in flight.
//! Refuses to do work for a verification: that is the verification's own actor's.

use crate::house::House;
use crate::in_flight::{Birth, Happened, InFlight, Look, Seen, settle};
use crate::ledger::NotWritten;
use crate::people::{self, Amendment};
use crate::records::IdempotencyRecord;
use crate::switchboard::{PolicyChanged, Restore};
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, ResponseFuture};
use engine::decision::{Decision, Facts, decide};
use engine::id::VerificationId;
use engine::method::Mode;
use engine::moment::Moment;
use engine::person::Standing;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::request::Request;
use engine::timeline::Entry;
use engine::verification::{Event, Rung, Stage, Verification};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::{Change, Expect, Operation, ReadError};
use tokio::sync::{Mutex, oneshot};

/// How long an idempotency key is kept.
const IDEMPOTENCY: Duration = Duration::from_secs(86_400);
/// How often a request is decided again when somebody else wrote first.
const TRIES: usize = 3;

/// The actor.
pub struct Desk {
    house: Rc<House>,
    open: Rc<RefCell<Open>>,
}

/// What is in flight here.
#[derive(Default)]
struct Open {
    by_id: HashMap<VerificationId, Addr<InFlight>>,
    by_person: HashMap<Box<str>, Vec<OpenOne>>,
    gates: HashMap<Box<str>, Rc<Mutex<()>>>,
}

struct OpenOne {
    id: VerificationId,
    joins: Option<Box<str>>,
    prompts: bool,
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
    /// It could not be made durable.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
}

impl Desk {
    /// A Desk of this house.
    pub fn new(house: Rc<House>) -> Self {
        Self { house, open: Rc::default() }
    }
}

impl Actor for Desk {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
    }
}

/// An idempotency key and what it stands for.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Caller and key.
    pub key: String,
    /// SHA-256 of the request's body, hex.
    pub body: String,
}

/// Start a verification.
#[derive(Message)]
#[rtype(result = "Result<Verification, StartError>")]
pub struct Start {
    /// What is asked for.
    pub request: Request,
    /// The key that came with it.
    pub idempotency: Option<Idempotency>,
}

impl Handler<Start> for Desk {
    type Result = ResponseFuture<Result<Verification, StartError>>;

    fn handle(&mut self, start: Start, ctx: &mut Self::Context) -> Self::Result {
        let starting = Starting { house: Rc::clone(&self.house), open: Rc::clone(&self.open), desk: ctx.address() };
        Box::pin(async move {
            let gate = starting.gate(&start.request.user);
            let result = {
                let _alone = gate.lock().await;
                starting.run(&start).await
            };
            drop(gate);
            starting.close_gate(&start.request.user);
            result
        })
    }
}

/// The walk from a request to a verification; one at a time for each person.
struct Starting {
    house: Rc<House>,
    open: Rc<RefCell<Open>>,
    desk: Addr<Desk>,
}

impl Starting {
    fn gate(&self, user: &str) -> Rc<Mutex<()>> {
        Rc::clone(self.open.borrow_mut().gates.entry(user.into()).or_default())
    }

    fn close_gate(&self, user: &str) {
        let mut open = self.open.borrow_mut();
        if open.gates.get(user).is_some_and(|gate| Rc::strong_count(gate) == 1) {
            open.gates.remove(user);
            if !open.by_person.contains_key(user) {
                self.house.people.borrow_mut().forget(user);
            }
        }
    }

    async fn run(&self, start: &Start) -> Result<Verification, StartError> {
        let mut last = StartError::Full;
        for _ in 0..TRIES {
            if let Some(earlier) = self.earlier(start).await? {
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
    async fn earlier(&self, start: &Start) -> Result<Option<Verification>, StartError> {
        let Some(idempotency) = &start.idempotency else { return Ok(None) };
        let (store, key) = (Arc::clone(&self.house.shared.store), idempotency.key.clone());
        let read = tokio::task::spawn_blocking(move || people::read::<IdempotencyRecord>(&*store, &key));
        let Some(found) = read.await.map_err(|cause| ReadError::Unavailable { cause: cause.to_string() })?? else {
            return Ok(None);
        };
        if found.value.body != idempotency.body {
            return Err(StartError::OtherBody);
        }
        self.view(found.value.verification).await
    }

    async fn view(&self, id: VerificationId) -> Result<Option<Verification>, StartError> {
        let addr = self.open.borrow().by_id.get(&id).cloned();
        if let Some(addr) = addr
            && let Ok(seen) = addr.send(Look { wait: false }).await
        {
            return Ok(Some(seen.verification));
        }
        Ok(crate::handle::settled(&self.house.shared, id).await?)
    }

    async fn decide(&self, start: &Start) -> Result<Verification, StartError> {
        let now = self.house.now();
        let policy = self.house.policy();
        let request = &start.request;
        let joins = joins(request, &policy);
        let (decision, notes) = self.decision(request, joins.as_deref(), &policy, now);
        match decision {
            Decision::Join(id) => self.join(start, id).await,
            Decision::End(reason) => self.end(start, reason, notes, vec![], &policy, now).await,
            Decision::UseBypass { cancels } => {
                let spent = self.spend_bypass(&request.user);
                let ended = self.end(start, Reason::Bypass, notes, spent, &policy, now).await?;
                if let Some(id) = cancels {
                    self.tell(id, Event::Cancelled { reason: Reason::BypassStarted });
                }
                Ok(ended)
            }
            Decision::Begin(rungs) => self.begin(start, rungs, joins, notes, &policy, now).await,
        }
    }

    fn decision(&self, request: &Request, joins: Option<&str>, policy: &Policy, now: Moment) -> (Decision, Vec<Entry>) {
        let nobody = Standing::default();
        let people = self.house.people.borrow();
        let person = people.get(&request.user);
        let open = self.open.borrow();
        let open: Vec<_> =
            open.by_person.get(&*request.user).into_iter().flatten().map(|one| (one.id, one.joins.clone())).collect();
        decide(&Facts {
            request,
            user: person.and_then(|person| person.user.as_ref()).map(|user| &user.value),
            standing: person.map_or(&nobody, |person| &person.standing.value),
            has_token: person.is_some_and(|person| person.tokens.iter().any(|token| token.value.activated)),
            policy,
            text_gateway: !self.house.shared.router().lines().is_empty(),
            joins,
            open: &open,
            now,
        })
    }

    async fn join(&self, start: &Start, id: VerificationId) -> Result<Verification, StartError> {
        let mut operations = self.remember_key(start, id);
        let note = serde_json::to_vec(&[Entry::new("joined")]).expect("entries are plain structs");
        operations.push(Operation::Append { verification: id, at: self.house.now(), body: note });
        self.house.shared.ledger.commit(operations.into()).await?;
        self.view(id).await?.ok_or(StartError::NotWritten(NotWritten::Unavailable))
    }

    /// Ends it before anybody is contacted.
    async fn end(
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
        operations.extend(self.remember_key(start, verification.id));
        let body = serde_json::to_vec(&notes).expect("entries are plain structs");
        operations.push(Operation::Append { verification: verification.id, at: now, body });
        operations.push(settle(&verification, now));
        self.house.shared.ledger.commit(Change { operations }).await?;
        Ok(verification)
    }

    fn spend_bypass(&self, user: &str) -> Vec<Operation> {
        let mut people = self.house.people.borrow_mut();
        let Some(person) = people.get_mut(user) else { return vec![] };
        person.standing.value.bypass = None;
        vec![person.standing.write(user)]
    }

    async fn begin(
        &self,
        start: &Start,
        rungs: Vec<Rung>,
        joins: Option<String>,
        mut notes: Vec<Entry>,
        policy: &Policy,
        now: Moment,
    ) -> Result<Verification, StartError> {
        let shared = &self.house.shared;
        if shared.in_flight.load(Ordering::Relaxed) >= shared.most_in_flight {
            return Err(StartError::Full);
        }
        let verification = self.verification(start, rungs, joins, policy, now);
        let (id, user, prompts) = (verification.id, verification.user.clone(), verification.prompts());
        let mut operations = self.remember_key(start, id);
        if prompts {
            operations.extend(self.count_send(&user, now));
        }
        let waits = prompts && self.has_prompt(&user);
        notes.push(if waits { Entry::new("waits_for_other_prompt") } else { Entry::new("started") });
        let (answer, answered) = oneshot::channel();
        let birth = Birth { operations, notes, answer };
        let one = OpenOne { id, joins: verification.joins.clone(), prompts };
        let addr = InFlight::new(Rc::clone(&self.house), self.desk.clone(), verification, 0, Some(birth)).start();
        self.take_in(&user, one, addr.clone());
        addr.do_send(Happened::from(if waits { Event::Recovered } else { Event::TurnCame }));
        answered.await.unwrap_or(Err(NotWritten::Unavailable)).map_err(StartError::from)
    }

    fn verification(
        &self,
        start: &Start,
        rungs: Vec<Rung>,
        joins: Option<String>,
        policy: &Policy,
        now: Moment,
    ) -> Verification {
        let request = &start.request;
        let shard = self.house.shared.shard_of(&request.user);
        let people = self.house.people.borrow();
        let user = people.get(&request.user).and_then(|person| person.user.as_ref()).map(|user| &user.value);
        let longest = policy.verification.max_seconds;
        let seconds = request.ttl_seconds.unwrap_or(longest).min(longest);
        let language = request.language.as_deref().or(user.map(|user| user.language.as_str())).unwrap_or("en");
        Verification {
            id: VerificationId::on_shard(shard, crate::random::bits()),
            user: request.user.as_str().into(),
            user_id: user.map(|user| user.id),
            application: request.application.as_str().into(),
            caller: request.caller,
            purpose: request.purpose,
            rungs: rungs.into(),
            created_at: now,
            expires_at: now + Duration::from_secs(u64::from(seconds)),
            client_ip: request.client_ip,
            joins: joins.map(Into::into),
            language: language.into(),
            callback_url: request.callback_url.as_deref().map(Into::into),
            metadata: request.metadata.as_str().into(),
            stage: Stage::Waiting,
        }
    }

    fn remember_key(&self, start: &Start, verification: VerificationId) -> Vec<Operation> {
        let Some(idempotency) = &start.idempotency else { return vec![] };
        let record = IdempotencyRecord { verification, body: idempotency.body.clone() };
        vec![Operation::put(idempotency.key.clone(), &record, Expect::Absent).until(self.house.now() + IDEMPOTENCY)]
    }

    fn count_send(&self, user: &str, now: Moment) -> Vec<Operation> {
        let mut people = self.house.people.borrow_mut();
        let Some(person) = people.get_mut(user) else { return vec![] };
        person.standing.value.sends.sent(now);
        vec![person.standing.write(user)]
    }

    fn has_prompt(&self, user: &str) -> bool {
        self.open.borrow().by_person.get(user).into_iter().flatten().any(|one| one.prompts)
    }

    fn take_in(&self, user: &str, one: OpenOne, addr: Addr<InFlight>) {
        let mut open = self.open.borrow_mut();
        open.by_id.insert(one.id, addr);
        open.by_person.entry(user.into()).or_default().push(one);
        self.house.shared.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    fn tell(&self, id: VerificationId, event: Event) {
        if let Some(addr) = self.open.borrow().by_id.get(&id) {
            addr.do_send(Happened::from(event));
        }
    }
}

/// What requests of one sign-in have in common. Never without an address or a key: otherwise a stranger who holds the
/// password would ride on the real person's answer.
fn joins(request: &Request, policy: &Policy) -> Option<String> {
    let coalesce = policy.applications.get(&request.application).is_none_or(|rules| rules.coalesce);
    let source = match (request.client_ip, &request.idempotency_key) {
        (Some(address), _) => format!("ip:{address}"),
        (None, Some(key)) => format!("key:{key}"),
        (None, None) => return None,
    };
    coalesce.then(|| format!("{}\u{1f}{}\u{1f}{source}", request.caller, request.application))
}

/// Something for a verification.
#[derive(Message)]
#[rtype(result = "Result<(), Happened>")]
pub struct Deliver {
    /// Which.
    pub id: VerificationId,
    /// What.
    pub happened: Happened,
}

impl Handler<Deliver> for Desk {
    type Result = Result<(), Happened>;

    /// Gives it back if the verification is not in flight.
    fn handle(&mut self, deliver: Deliver, _: &mut Self::Context) -> Self::Result {
        match self.open.borrow().by_id.get(&deliver.id) {
            Some(addr) if addr.connected() => {
                addr.do_send(deliver.happened);
                Ok(())
            }
            Some(_) | None => Err(deliver.happened),
        }
    }
}

/// How does a verification in flight stand?
#[derive(Message)]
#[rtype(result = "Option<Seen>")]
pub struct LookAt {
    /// Which.
    pub id: VerificationId,
    /// Whether its end is waited for.
    pub wait: bool,
}

impl Handler<LookAt> for Desk {
    type Result = ResponseFuture<Option<Seen>>;

    fn handle(&mut self, look: LookAt, _: &mut Self::Context) -> Self::Result {
        let addr = self.open.borrow().by_id.get(&look.id).cloned();
        Box::pin(async move { addr?.send(Look { wait: look.wait }).await.ok() })
    }
}

/// A verification left.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Ended {
    /// Which.
    pub id: VerificationId,
    /// Whose.
    pub user: Box<str>,
    /// How it ended; `None` if it was never born.
    pub reason: Option<Reason>,
}

impl Handler<Ended> for Desk {
    type Result = ();

    fn handle(&mut self, ended: Ended, ctx: &mut Self::Context) {
        let starting = Starting { house: Rc::clone(&self.house), open: Rc::clone(&self.open), desk: ctx.address() };
        let mut open = self.open.borrow_mut();
        if open.by_id.remove(&ended.id).is_none() {
            return;
        }
        self.house.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        let Some(others) = open.by_person.get_mut(&ended.user) else { return };
        others.retain(|one| one.id != ended.id);
        let cancelled: Vec<_> = if ended.reason == Some(Reason::FraudReported) {
            others.iter().map(|one| one.id).collect()
        } else {
            vec![]
        };
        let next = others.iter().find(|one| one.prompts).map(|one| one.id);
        if others.is_empty() {
            open.by_person.remove(&ended.user);
            self.house.people.borrow_mut().forget(&ended.user);
        }
        drop(open);
        for id in cancelled {
            starting.tell(id, Event::Cancelled { reason: Reason::FraudElsewhere });
        }
        if let Some(id) = next {
            starting.tell(id, Event::TurnCame);
        }
    }
}

/// Verifications that were in the store at the start.
#[derive(Message)]
#[rtype(result = "Result<(), ReadError>")]
pub struct Recover {
    /// With their versions.
    pub found: Vec<(Verification, u64)>,
}

impl Handler<Recover> for Desk {
    type Result = ResponseFuture<Result<(), ReadError>>;

    fn handle(&mut self, recover: Recover, ctx: &mut Self::Context) -> Self::Result {
        let starting = Starting { house: Rc::clone(&self.house), open: Rc::clone(&self.open), desk: ctx.address() };
        Box::pin(async move {
            for (verification, version) in recover.found {
                starting.recover(verification, version).await?;
            }
            starting.give_turns();
            Ok(())
        })
    }
}

impl Starting {
    async fn recover(&self, verification: Verification, version: u64) -> Result<(), ReadError> {
        self.house.ensure(&verification.user).await?;
        self.restore_code(&verification);
        let one = OpenOne { id: verification.id, joins: verification.joins.clone(), prompts: verification.prompts() };
        let user = verification.user.clone();
        let addr = InFlight::new(Rc::clone(&self.house), self.desk.clone(), verification, version, None).start();
        self.take_in(&user, one, addr.clone());
        addr.do_send(Happened::from(Event::Recovered));
        Ok(())
    }

    fn restore_code(&self, verification: &Verification) {
        let (Stage::Queued(leg) | Stage::Sending(leg) | Stage::Awaiting(leg)) = verification.stage else { return };
        let Some(rung) = verification.rung() else { return };
        let Some(number) = rung.to else { return };
        let two_way = matches!(rung.mode, Mode::TwoWayOtp | Mode::TwoWayOtpPin);
        let restore = Restore { number, verification: verification.id, rung: leg.rung, code: leg.code, two_way };
        self.house.shared.switchboard(number).do_send(restore);
    }

    /// `TurnCame` means nothing to those whose turn it is already.
    fn give_turns(&self) {
        let firsts: Vec<_> = self
            .open
            .borrow()
            .by_person
            .values()
            .filter_map(|ones| ones.iter().find(|one| one.prompts).map(|one| one.id))
            .collect();
        for id in firsts {
            self.tell(id, Event::TurnCame);
        }
    }
}

/// Change a person.
#[derive(Message)]
#[rtype(result = "Result<(), AmendError>")]
pub struct Amend {
    /// The canonical name.
    pub user: String,
    /// What is wanted.
    pub amendment: Amendment,
}

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// What was wanted is not possible.
    #[error("{0}")]
    Refused(String),
    /// It could not be made durable.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
}

impl Handler<Amend> for Desk {
    type Result = ResponseFuture<Result<(), AmendError>>;

    fn handle(&mut self, amend: Amend, ctx: &mut Self::Context) -> Self::Result {
        let starting = Starting { house: Rc::clone(&self.house), open: Rc::clone(&self.open), desk: ctx.address() };
        Box::pin(async move {
            let gate = starting.gate(&amend.user);
            let result = {
                let _alone = gate.lock().await;
                starting.amend(amend.user.clone(), amend.amendment).await
            };
            drop(gate);
            starting.close_gate(&amend.user);
            result
        })
    }
}

impl Starting {
    async fn amend(&self, name: String, amendment: Amendment) -> Result<(), AmendError> {
        self.house.ensure(&name).await?;
        let written = {
            let mut people = self.house.people.borrow_mut();
            let person = people.get_mut(&name).ok_or_else(|| AmendError::Refused("nobody is there".into()))?;
            let before = person.clone();
            let operations = amendment(person, &self.house.policy(), self.house.now());
            let operations = operations.inspect_err(|_| *person = before).map_err(AmendError::Refused)?;
            self.house.shared.ledger.enqueue(operations.into())?
        };
        let result = written.await.unwrap_or(Err(NotWritten::Unavailable));
        if result.is_err() {
            self.house.people.borrow_mut().forget(&name);
        }
        result.map(|_| ()).map_err(AmendError::from)
    }
}

impl Handler<PolicyChanged> for Desk {
    type Result = ();

    fn handle(&mut self, PolicyChanged(policy): PolicyChanged, _: &mut Self::Context) {
        *self.house.policy.borrow_mut() = policy;
    }
}
