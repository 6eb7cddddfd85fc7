//! Connections that are kept: as many as there are exchanges at once.
//! Refuses to keep one whose exchange went wrong, and to use one that was idle for long: its server may be closing it.

use super::connection::{Answer, Connection};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// Shorter than an engine and simulators keep a connection open.
const IDLE: Duration = Duration::from_secs(10);

/// The connections to one peer.
pub struct Pool {
    address: SocketAddr,
    /// Since when each is idle; those that were used last are at the back.
    free: RefCell<Vec<(Instant, Connection)>>,
}

impl Pool {
    /// None yet.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, free: RefCell::default() }
    }

    /// Writes a request and reads its answer, on a connection of its own.
    pub async fn exchange(&self, request: &[u8]) -> anyhow::Result<Answer> {
        let last = self.free.borrow_mut().pop();
        let mut connection = match last {
            Some((since, connection)) if since.elapsed() < IDLE => connection,
            // Whatever lies below it is idle for longer.
            Some(_) => {
                self.free.borrow_mut().clear();
                Connection::open(self.address).await?
            }
            None => Connection::open(self.address).await?,
        };
        let answer = connection.exchange(request).await?;
        self.free.borrow_mut().push((Instant::now(), connection));
        Ok(answer)
    }
}
