//! A verification that is to begin: admitted, written down, and given its actor.
//! Refuses to decide whether: the walk has, but for how much a source may cause.

use super::open::OpenOne;
use super::start::{Start, StartError, Starting};
use crate::house::Place;
use crate::in_flight::{Birth, Happened, InFlight};
use crate::ledger::NotWritten;
use crate::records::IdempotencyRecord;
use actix::{Actor, Addr};
use engine::id::{ApiKeyId, VerificationId};
use engine::moment::Moment;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::request::Request;
use engine::source::Source;
use engine::timeline::Entry;
use engine::verification::{Event, Rung, Stage, Verification};
use metrics::counter;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::{Expect, Operation};
use tokio::sync::oneshot;

/// How long an idempotency key is kept.
const IDEMPOTENCY: Duration = Duration::from_secs(86_400);

impl Starting {
    /// Begins it, unless too many texts from where it comes were not answered.
    pub(super) async fn admit(
        &self,
        start: &Start,
        verification: Verification,
        end: Option<oneshot::Sender<Verification>>,
        mut notes: Vec<Entry>,
        policy: &Policy,
    ) -> Result<Verification, StartError> {
        let (of, now) = (&verification, verification.created_at);
        let sources = &self.house.shared.sources;
        let limited =
            if of.prompts() { Source::limited(of.client_ip, &of.application, &policy.velocity.source) } else { vec![] };
        if let Err(source) = sources.admit(&limited, now) {
            notes.push(Entry::new("source_limited").saying(source.scope()));
            counter!("countersign_source_limited_total", "scope" => source.scope()).increment(1);
            return self.end(start, Reason::RateLimited, notes, vec![], policy, now).await;
        }
        let begun = self.begin(start, verification, end, notes).await;
        if begun.is_err() {
            sources.answered(&limited, now);
        }
        begun
    }

    async fn begin(
        &self,
        start: &Start,
        verification: Verification,
        end: Option<oneshot::Sender<Verification>>,
        mut notes: Vec<Entry>,
    ) -> Result<Verification, StartError> {
        let shared = &self.house.shared;
        if shared.in_flight.load(Ordering::Relaxed) >= shared.most_in_flight {
            return Err(StartError::Full);
        }
        let (id, user, prompts) = (verification.id, verification.user.clone(), verification.prompts());
        let mut operations = self.remember_key(start, id, None);
        operations.extend(self.note(&user, id, prompts.then_some(verification.created_at)));
        let waits = prompts && self.has_prompt(&user);
        notes.push(if waits { Entry::new("waits_for_other_prompt") } else { Entry::new("started") });
        crate::monitored::count(&notes);
        let (answer, answered) = oneshot::channel();
        let birth = Birth { operations, notes, answer, end };
        let one = OpenOne { id, joins: verification.joins.clone(), prompts };
        let addr = InFlight::new(Rc::clone(&self.house), verification, 0, Some(birth)).start();
        self.take_in(&user, one, addr.clone());
        addr.do_send(Happened::from(if waits { Event::Recovered } else { Event::TurnCame }));
        answered.await.unwrap_or(Err(NotWritten::Unavailable)).map_err(StartError::from)
    }

    pub(super) fn verification(
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
        let first = rungs.first().map(|rung| rung.method);
        let own = user.map(|user| first.map_or(user.language.as_str(), |method| user.language_of(method)));
        let language = request.language.as_deref().or(own).unwrap_or("en");
        Verification {
            id: VerificationId::on_shard(shard, now, crate::random::bits()),
            user: request.user.as_str().into(),
            user_id: user.map(|user| user.id),
            application: request.application.as_str().into(),
            caller: request.caller,
            purpose: request.purpose,
            rungs: rungs.into(),
            created_at: now,
            expires_at: now + life(request, policy),
            client_ip: request.client_ip,
            joins: joins.map(Into::into),
            language: language.into(),
            callback_url: request.callback_url.as_deref().map(Into::into),
            message: request
                .message
                .iter()
                .map(|(name, value)| (name.as_str().into(), value.as_str().into()))
                .collect(),
            metadata: request.metadata.as_str().into(),
            stage: Stage::Waiting,
        }
    }

    pub(super) fn remember_key(
        &self,
        start: &Start,
        verification: VerificationId,
        waits_until: Option<Moment>,
    ) -> Vec<Operation> {
        let Some(idempotency) = &start.idempotency else { return vec![] };
        let over = self.house.now() + IDEMPOTENCY;
        let record = IdempotencyRecord { verification, body: idempotency.body.clone(), until: over, waits_until };
        vec![Operation::put(idempotency.key.clone(), &record, Expect::Absent).until(over)]
    }

    /// It is one of the person's last ones, and if it prompts, one more send to them.
    pub(super) fn note(&self, user: &str, id: VerificationId, sends: Option<Moment>) -> Option<Operation> {
        let mut people = self.house.people.borrow_mut();
        let person = people.get_mut(user).filter(|person| person.user.is_some())?;
        let standing = &mut person.standing.value;
        standing.recent.note(id);
        if let Some(now) = sends {
            standing.sends.sent(now);
        }
        Some(person.standing.write(user))
    }

    fn has_prompt(&self, user: &str) -> bool {
        self.open.borrow().of(user).iter().any(|one| one.prompts)
    }

    pub(super) fn take_in(&self, user: &str, one: OpenOne, addr: Addr<InFlight>) {
        self.open.borrow_mut().take_in(user, one, addr, Place::take(&self.house.shared));
    }
}

/// How long a request may take, all rungs together.
pub(super) fn life(request: &Request, policy: &Policy) -> Duration {
    let longest = policy.verification.max_seconds;
    Duration::from_secs(u64::from(request.ttl_seconds.unwrap_or(longest).min(longest)))
}

/// What requests of one sign-in have in common. Never without an address or a key: otherwise a stranger who holds the
/// password would ride on the real person's answer.
pub(super) fn joins(request: &Request, policy: &Policy) -> Option<String> {
    // Two logins at the portal are never one: whoever asks twice by one click does so under one idempotency key.
    if request.caller == ApiKeyId::PORTAL {
        return None;
    }
    let coalesce = policy.applications.get(&request.application).is_none_or(|rules| rules.coalesce);
    let source = match (request.client_ip, &request.idempotency_key) {
        (Some(address), _) => format!("ip:{address}"),
        (None, Some(key)) => format!("key:{key}"),
        (None, None) => return None,
    };
    // Whoever wants the outcome posted elsewhere would not hear it.
    let posted = request.callback_url.as_deref().unwrap_or_default();
    coalesce.then(|| format!("{}\u{1f}{}\u{1f}{source}\u{1f}{posted}", request.caller, request.application))
}
