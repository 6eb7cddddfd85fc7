//! A pipelined connection: several requests are on their way at once, and the answers come in their order.
//! Refuses to open another connection: when this one breaks, all that is on it has failed.

use super::connection::{Answer, Connection};
use std::collections::VecDeque;
use std::net::SocketAddr;
use tokio::sync::{mpsc, oneshot};

type Job = (Vec<u8>, oneshot::Sender<Answer>);

/// A handle to it; clones share it.
#[derive(Clone)]
pub struct Pipe(mpsc::UnboundedSender<Job>);

impl Pipe {
    /// Connects; `depth` requests are on the wire at most.
    pub async fn open(address: SocketAddr, depth: usize) -> anyhow::Result<Self> {
        let connection = Connection::open(address).await?;
        let (jobs, waiting) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // Whoever waits for an answer that does not come any more hears it by its own channel.
            let _ = run(connection, waiting, depth).await;
        });
        Ok(Self(jobs))
    }

    /// Puts a request on its way; its answer, unless the connection breaks.
    pub async fn exchange(&self, request: Vec<u8>) -> anyhow::Result<Answer> {
        let (answer, answered) = oneshot::channel();
        self.0.send((request, answer))?;
        Ok(answered.await?)
    }
}

async fn run(
    mut connection: Connection,
    mut waiting: mpsc::UnboundedReceiver<Job>,
    depth: usize,
) -> anyhow::Result<()> {
    let mut out: VecDeque<oneshot::Sender<Answer>> = VecDeque::new();
    let mut jobs = Vec::new();
    loop {
        tokio::select! {
            taken = waiting.recv_many(&mut jobs, depth.saturating_sub(out.len())), if out.len() < depth => {
                if taken == 0 {
                    return Ok(());
                }
                let mut bytes = Vec::new();
                for (request, answer) in jobs.drain(..) {
                    bytes.extend_from_slice(&request);
                    out.push_back(answer);
                }
                connection.write(&bytes).await?;
            }
            answer = connection.read(), if !out.is_empty() => {
                if let Some(waiter) = out.pop_front() {
                    // Nobody may wait for it any more.
                    let _ = waiter.send(answer?);
                }
            }
        }
    }
}
