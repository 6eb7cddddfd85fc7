//! Connections that the far side opens to us.
//! Refuses those of strangers, and more than a few of one address.

use super::sockets::Inlet;
use super::{Carrier, Counts, Hop, stream};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Connections that one address may open to us at most.
const MOST_TAKEN: usize = 16;

/// Takes them until it is dropped; `next` numbers them.
pub(super) async fn accept(listener: TcpListener, inlet: Inlet, next: Arc<AtomicU64>) {
    let mut tasks = JoinSet::new();
    let mut open = HashMap::<IpAddr, Arc<()>>::new();
    loop {
        let Ok((socket, peer)) = listener.accept().await else {
            // No file descriptor is free: others close meanwhile.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        while tasks.try_join_next().is_some() {}
        if !inlet.sources.has(peer.ip()) {
            Counts::add(&inlet.counts.foreign);
            continue;
        }
        let one = Arc::clone(open.entry(peer.ip()).or_default());
        // The map holds one of them, and this one is not carried yet.
        if Arc::strong_count(&one) > MOST_TAKEN + 1 {
            Counts::add(&inlet.counts.overrun);
            continue;
        }
        let (hop, connection) = (Hop { peer, carrier: Carrier::Tcp }, next.fetch_add(1, Ordering::Relaxed));
        let taken = stream::taken(socket, hop, connection, inlet.clone());
        tasks.spawn(async move {
            taken.await;
            drop(one);
        });
    }
}
