//! Connections that are kept: as many as there are exchanges at once.
//! Refuses to keep one whose exchange went wrong.

use super::connection::{Answer, Connection};
use std::cell::RefCell;
use std::net::SocketAddr;

/// The connections to one peer.
pub struct Pool {
    address: SocketAddr,
    free: RefCell<Vec<Connection>>,
}

impl Pool {
    /// None yet.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, free: RefCell::default() }
    }

    /// Writes a request and reads its answer, on a connection of its own.
    pub async fn exchange(&self, request: &[u8]) -> anyhow::Result<Answer> {
        let free = self.free.borrow_mut().pop();
        let mut connection = match free {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let answer = connection.exchange(request).await?;
        self.free.borrow_mut().push(connection);
        Ok(answer)
    }
}
