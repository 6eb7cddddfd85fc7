//! Wrong passwords, counted for name and address before they are looked at (portal.md §4.1, row 2).
//! Refuses to lock a name for long: one stranger keeps nobody waiting.

use super::{InProcess, away};
use crate::link::Away;
use actors::{NotWritten, Refused, Versioned};
use engine::failures::{Failures, PER_ADDRESS, PER_NAME, PER_NAME_ANYWHERE, WINDOW};
use std::net::IpAddr;
use std::time::Duration;
use store::{Expect, Kind, Operation};

/// How often a failure is written when others of the same name or address are written at the same time.
const TRIES: usize = 20;

/// What an attempt counts for: its name from this address, its name from anywhere, its address; and how many each may have.
pub struct Counters([(String, usize); 3]);

impl Counters {
    /// Of a name from an address.
    pub fn of(name: &str, address: Option<IpAddr>) -> Self {
        let address = address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
        Self([
            (format!("name:{name} from {address}"), PER_NAME),
            (format!("name:{name}"), PER_NAME_ANYWHERE),
            (format!("address:{address}"), PER_ADDRESS),
        ])
    }
}

/// Who has an IPv6 address has a /64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

impl InProcess {
    /// Counts a failure for all that it may turn out to be, unless one of them has to wait; how long then.
    pub(super) async fn count(&self, counters: &Counters) -> Result<Option<Duration>, Away> {
        for _ in 0..TRIES {
            let now = self.engine.now();
            let mut writes = Vec::new();
            for (key, most) in &counters.0 {
                let mut failures = self.failures(key).await?;
                if let Some(until) = failures.value.wait_until(*most, now) {
                    return Ok(Some(until.since(now)));
                }
                failures.value.failed(now);
                writes.push(failures.write(key).until(now + WINDOW));
            }
            match self.engine.commit(writes).await {
                Ok(()) => return Ok(None),
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                Err(why) => return Err(away(why)),
            }
        }
        // Somebody tries very many at once.
        Ok(Some(Duration::from_secs(1)))
    }

    async fn failures(&self, key: &str) -> Result<Versioned<Failures>, Away> {
        let found = self.engine.document(key).await.map_err(away)?;
        Ok(found.unwrap_or(Versioned { version: 0, value: Failures::default() }))
    }

    /// It was no failure. Those of the name from here begin anew; where others are behind the same counter, theirs stay.
    pub(super) async fn forgive(&self, counters: &Counters) -> Result<(), Away> {
        let [(own, _), shared @ ..] = &counters.0;
        for _ in 0..TRIES {
            let until = self.engine.now() + WINDOW;
            let mut writes = vec![Operation::delete(Kind::Failures, own.clone(), Expect::Any)];
            for (key, _) in shared {
                let mut failures = self.failures(key).await?;
                failures.value.forgive_last();
                writes.push(failures.write(key).until(until));
            }
            match self.engine.commit(writes).await {
                Ok(()) => return Ok(()),
                // Another attempt was counted meanwhile: a company behind one address signs in at the same time.
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                Err(why) => return Err(away(why)),
            }
        }
        tracing::warn!("very many sign in from one address at once: one failure too many is counted");
        Ok(())
    }
}
