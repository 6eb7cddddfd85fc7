//! One outcome told once: the call, and what it leaves in the outbox and the timeline.
//! Refuses to lose it: it leaves the outbox only when it was taken or its day is over.

use super::record;
use crate::house::Shared;
use crate::records::OutboxRecord;
use channels::webhook::{Webhook, WebhookError};
use engine::id::{EventId, VerificationId};
use engine::moment::Moment;
use engine::timeline::Entry;
use engine::verification::Verification;
use engine::webhook;
use metrics::counter;
use std::time::Duration;
use store::{Expect, Kind, Operation};

/// How long it waits where the store could not be read or written.
pub(super) const RETRY: Duration = Duration::from_secs(5);

/// How one call went.
pub(super) struct Told {
    /// Whether the receiver works.
    pub answered: bool,
    /// When it is due again; `None` if it has left the outbox.
    pub next_at: Option<Moment>,
}

/// Tells one outcome, and writes what became of it.
pub(super) async fn tell(shared: &Shared, id: EventId) -> Told {
    let later = || Told { answered: true, next_at: Some(shared.clock.now() + RETRY) };
    let read = shared.read(move |store| Ok((record(store, id)?, store.outcome(VerificationId::from_bits(id.bits()))?)));
    let (version, record, row) = match read.await {
        Ok((Some((version, record)), Some(row))) => (version, record, row),
        Ok((Some((version, record)), None)) => return without_outcome(shared, id, version, &record).await,
        Ok((None, _)) => return Told { answered: true, next_at: None },
        Err(cause) => {
            tracing::error!(%id, %cause, "a webhook cannot be read; it is tried again");
            return later();
        }
    };
    let Ok(settled) = serde_json::from_slice::<Verification>(&row.body) else {
        tracing::error!(%id, "an outcome cannot be read, so it is not told");
        return Told { answered: true, next_at: None };
    };
    let result = call(shared, id, &record, &settled).await;
    let now = shared.clock.now();
    let (change, told) = what_follows(id, version, record, result, now);
    match shared.ledger.commit(change.into()).await {
        Ok(_) => told,
        Err(cause) => {
            tracing::warn!(%id, %cause, "what became of a webhook could not be written; it is told again");
            later()
        }
    }
}

async fn call(shared: &Shared, id: EventId, record: &OutboxRecord, settled: &Verification) -> Result<(), WebhookError> {
    let secret = webhook::secret(&shared.webhooks.key, record.caller);
    let id = id.to_string();
    let timestamp = shared.clock.now().seconds();
    let body = (shared.webhooks.body)(settled);
    let webhook = Webhook { url: &record.url, id: &id, timestamp, body, secret: &secret };
    shared.webhooks.client.post(&webhook).await
}

fn what_follows(
    id: EventId,
    version: u64,
    mut record: OutboxRecord,
    result: Result<(), WebhookError>,
    now: Moment,
) -> (Vec<Operation>, Told) {
    let (key, expect, verification) = (id.to_string(), Expect::Version(version), record.verification);
    let leave = |entry: Entry| {
        let body = serde_json::to_vec(&[entry]).expect("entries are plain structs");
        vec![Operation::Append { verification, at: now, body }, Operation::delete(Kind::Outbox, key.clone(), expect)]
    };
    let error = match result {
        Ok(()) => {
            counter!("countersign_webhooks_total", "result" => "taken").increment(1);
            return (leave(Entry::new("webhook_taken")), Told { answered: true, next_at: None });
        }
        Err(error) => error,
    };
    counter!("countersign_webhooks_total", "result" => "failed").increment(1);
    record.tries = record.tries.saturating_add(1);
    let (answered, gives_up) = (works(&error), matches!(error, WebhookError::Gone | WebhookError::Url(_)));
    match webhook::next_try(record.created_at, record.tries, now, crate::random::fraction()) {
        Some(next) if !gives_up => {
            tracing::info!(%id, %error, tries = record.tries, "a webhook was not taken and is tried again");
            record.next_at = asked_for(&error).map_or(next, |after| next.max(now + after));
            let told = Told { answered, next_at: Some(record.next_at) };
            (vec![Operation::put(key, &record, expect)], told)
        }
        Some(_) | None => {
            tracing::warn!(%id, %error, tries = record.tries, "a webhook is given up");
            let entry = Entry::new("webhook_given_up").saying(error.to_string());
            (leave(entry), Told { answered, next_at: None })
        }
    }
}

/// Whether the host works: what one address of it refuses must not keep the others waiting.
fn works(error: &WebhookError) -> bool {
    match error {
        WebhookError::NoAnswer { .. } => false,
        WebhookError::Refused { status, .. } => *status < 500 && *status != 429,
        WebhookError::Gone | WebhookError::Url(_) => true,
    }
}

/// The outcome that is to be told is past its retention.
async fn without_outcome(shared: &Shared, id: EventId, version: u64, record: &OutboxRecord) -> Told {
    tracing::warn!(%id, "a webhook is given up: its outcome is past its retention");
    counter!("countersign_webhooks_total", "result" => "failed").increment(1);
    let (verification, at) = (record.verification, shared.clock.now());
    let body = serde_json::to_vec(&[Entry::new("webhook_given_up").saying("the outcome is past its retention")]);
    let body = body.expect("entries are plain structs");
    let delete = Operation::delete(Kind::Outbox, id.to_string(), Expect::Version(version));
    let written = shared.ledger.commit(vec![Operation::Append { verification, at, body }, delete].into()).await;
    Told { answered: true, next_at: written.is_err().then(|| at + RETRY) }
}

/// How long the receiver asks to be left alone, at most an hour.
fn asked_for(error: &WebhookError) -> Option<Duration> {
    match error {
        WebhookError::Refused { retry_after, .. } => retry_after.map(|after| after.min(Duration::from_secs(3600))),
        WebhookError::Url(_) | WebhookError::Gone | WebhookError::NoAnswer { .. } => None,
    }
}
