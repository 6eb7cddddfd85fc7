//! How many unanswered texts each source has caused: in memory, and once a second in the store.
//! Refuses a lock that is held across anything but a count. A crash forgets at most the counts of the last second.

use crate::house::Shared;
use crate::records::SourceRecord;
use engine::moment::Moment;
use engine::source::Source;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Document, Expect, Kind, Operation, ReadError, Store};

/// How long a count is of use.
const KEPT: Duration = Duration::from_secs(3600);
/// How often what changed is written.
const PAUSE: Duration = Duration::from_secs(1);
/// Records that are read at once.
const PAGE: usize = 1000;

/// The counts.
#[derive(Default)]
pub struct Sources(Mutex<HashMap<String, Count>>);

#[derive(Default)]
struct Count {
    record: SourceRecord,
    changed: bool,
}

impl Sources {
    /// As they were written last.
    pub fn read(store: &dyn Store) -> Result<Self, ReadError> {
        let mut counts = HashMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = store.list(Kind::Source, after.as_deref(), PAGE)?;
            for record in &page {
                let count = Count { record: SourceRecord::from_record(record)?, changed: false };
                counts.insert(record.key.id.clone(), count);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.key.id.clone()),
                Some(_) | None => return Ok(Self(Mutex::new(counts))),
            }
        }
    }

    /// Counts a text for each source, or says which of them has reached its limit; then it counts for none.
    pub fn admit(&self, sources: &[(Source, u32)], now: Moment) -> Result<(), Source> {
        let mut counts = self.counts();
        let full = sources.iter().find(|(source, limit)| {
            counts.get(&source.to_string()).is_some_and(|count| count.record.tally.unanswered(now) >= *limit)
        });
        if let Some((source, _)) = full {
            return Err(source.clone());
        }
        for (source, _) in sources {
            let count = counts.entry(source.to_string()).or_default();
            count.record.tally.sent(now);
            count.changed = true;
        }
        Ok(())
    }

    /// A text that was counted at `sent` counts no more: it was answered, or did not go.
    pub fn answered(&self, sources: &[(Source, u32)], sent: Moment) {
        let mut counts = self.counts();
        for (source, _) in sources {
            if let Some(count) = counts.get_mut(&source.to_string()) {
                count.record.tally.answered(sent);
                count.changed = true;
            }
        }
    }

    /// Writes of what changed; what is of no use any more leaves the memory, and the store when its time is over.
    fn writes(&self, now: Moment) -> Vec<Operation> {
        let mut counts = self.counts();
        let changed = counts.iter_mut().filter_map(|(name, count)| {
            let changed = std::mem::take(&mut count.changed);
            changed.then(|| Operation::put(name, &count.record, Expect::Any).until(now + KEPT))
        });
        let writes = changed.collect();
        counts.retain(|_, count| count.record.tally.unanswered(now) > 0);
        writes
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what changed, as long as its arbiter runs.
pub async fn keep(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        write(&shared).await;
    }
}

/// Writes what changed. What a store that is full does not take is written with the next change of the same source.
pub async fn write(shared: &Shared) {
    let writes = shared.sources.writes(shared.clock.now());
    if !writes.is_empty()
        && let Err(cause) = shared.ledger.commit(writes.into()).await
    {
        tracing::warn!(%cause, "the counts of sources could not be written");
    }
}
