//! The addresses of a trunk, from the names in its settings, asked again now and then.
//! Refuses SRV and NAPTR: the settings list each host in its order, and the system's resolver answers for A and AAAA.

use futures_util::future::BoxFuture;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer counts, and how soon a failure is tried again.
const AGAIN: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(5));

/// What was found: every address, in order.
pub(super) type Found = Result<Vec<SocketAddr>, String>;

/// A resolver that takes longer has no answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The names of a trunk.
pub(super) struct Names {
    names: Vec<String>,
    local: SocketAddr,
    due: Instant,
    asking: Option<BoxFuture<'static, Found>>,
}

impl Names {
    /// `host:port` each. Only addresses of the family of `local` count.
    pub(super) fn of(names: &[String], local: SocketAddr) -> Self {
        Self { names: names.to_vec(), local, due: Instant::now(), asking: None }
    }

    /// The next answer; may be dropped and called anew.
    pub(super) async fn next(&mut self) -> Found {
        if self.asking.is_none() {
            tokio::time::sleep_until(self.due).await;
        }
        let asking = self.asking.get_or_insert_with(|| Box::pin(ask(self.names.clone(), self.local)));
        let found = asking.await;
        self.asking = None;
        self.due = Instant::now() + if found.is_ok() { AGAIN.0 } else { AGAIN.1 };
        found
    }
}

async fn ask(names: Vec<String>, local: SocketAddr) -> Found {
    let (mut found, mut failed) = (Vec::new(), None);
    for name in names {
        match tokio::time::timeout(PATIENCE, tokio::net::lookup_host(&name)).await {
            Err(_) => failed = Some(format!("{name} cannot be resolved: no answer within {PATIENCE:?}")),
            Ok(Ok(addresses)) => {
                let fits = |address: &SocketAddr| address.is_ipv4() == local.is_ipv4() && !found.contains(address);
                let addresses: Vec<_> = addresses.filter(fits).collect();
                found.extend(addresses);
            }
            Ok(Err(cause)) => failed = Some(format!("{name} cannot be resolved: {cause}")),
        }
    }
    if found.is_empty() { Err(failed.unwrap_or_else(|| "the trunk has no address".into())) } else { Ok(found) }
}
