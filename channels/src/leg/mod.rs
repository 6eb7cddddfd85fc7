//! A leg: our own HTTP/1.1 client for one gateway, for the one request that is made for every text (ADR 11).
//! Refuses to send anything twice once a byte of it was written, to follow redirects, and to guess at an answer.

mod answer;
mod connection;
mod dial;
mod pipe;

pub use answer::{Answer, parse};
pub use dial::{Dial, DialError};
pub(crate) use dial::{authorities, connector};

use connection::Connection;
use pipe::Pipe;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Shorter than gateways keep a connection open, so that one is hardly ever closed while a text is written to it.
const IDLE: Duration = Duration::from_secs(30);

/// A request that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegError {
    /// No byte of it was written.
    NotSent(String),
    /// It may have arrived.
    Unknown(String),
}

/// The connections to one gateway.
pub struct Leg {
    dial: Dial,
    timeout: Duration,
    longest: usize,
    /// Requests that may be on one connection at once.
    depth: usize,
    /// Those that were used last are at the back.
    idle: Mutex<VecDeque<(Instant, Connection)>>,
    pipes: Mutex<Vec<Pipe>>,
}

impl Leg {
    /// A leg without a connection. Answers have at most `longest` bytes in their bodies, and come within `timeout`. With a
    /// `depth` above 1 requests are pipelined (RFC 9112 §9.3.2), which a gateway must allow: they are not idempotent.
    pub const fn new(dial: Dial, timeout: Duration, longest: usize, depth: usize) -> Self {
        Self { dial, timeout, longest, depth, idle: Mutex::new(VecDeque::new()), pipes: Mutex::new(Vec::new()) }
    }

    /// Writes a request, once, and reads its answer.
    pub async fn exchange(&self, request: Vec<u8>) -> Result<Answer, LegError> {
        if self.depth > 1 { self.piped(request).await } else { self.alone(request).await }
    }

    /// On a connection of its own, which is kept if all went well.
    async fn alone(&self, mut request: Vec<u8>) -> Result<Answer, LegError> {
        let mut connection = match self.kept() {
            Some(kept) => kept,
            None => self.connect().await?,
        };
        let exchange = async {
            loop {
                if let Some(answer) = connection.exchange(&mut request, self.longest).await? {
                    return Ok(answer);
                }
            }
        };
        let answer = match tokio::time::timeout(self.timeout, exchange).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(cause)) => return Err(LegError::Unknown(cause)),
            Err(_) => return Err(LegError::Unknown("it took too long".into())),
        };
        // What is answered before it was read to its end leaves the rest of it on the connection.
        if answer.keeps && request.is_empty() {
            locked(&self.idle).push_back((Instant::now(), connection));
        }
        Ok(answer)
    }

    /// The connection that was used last, as long as nothing came on it since: not its end, and no answer to nothing.
    fn kept(&self) -> Option<Connection> {
        let mut idle = locked(&self.idle);
        let now = Instant::now();
        while idle.front().is_some_and(|(since, _)| now.duration_since(*since) > IDLE) {
            idle.pop_front();
        }
        while let Some((_, mut connection)) = idle.pop_back() {
            if connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    async fn connect(&self) -> Result<Connection, LegError> {
        self.dial.connect(self.timeout).await.map_err(LegError::NotSent)
    }

    async fn piped(&self, request: Vec<u8>) -> Result<Answer, LegError> {
        let pipe = self.pipe_with_room();
        let pipe = match pipe {
            Some(pipe) => pipe,
            None => {
                let pipe = Pipe::start(self.connect().await?, self.depth, self.longest);
                locked(&self.pipes).push(pipe.clone());
                pipe
            }
        };
        pipe.exchange(request, self.timeout).await
    }

    fn pipe_with_room(&self) -> Option<Pipe> {
        let mut pipes = locked(&self.pipes);
        pipes.retain(Pipe::is_open);
        pipes.iter().find(|pipe| pipe.enter()).cloned()
    }
}

fn locked<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}
