//! A gateway's own address: the one that can be dead as a real gateway is, while the control API on the shared address goes on.
//! It passes bytes on and reads none. Closed, it keeps its port by a bound socket that doesn't listen: the system refuses who connects,
//! nobody else takes the port, and nobody who tries again and again is connected to himself.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Connections passed on at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 8_192;
/// Connections the system holds until they are accepted.
const BACKLOG: u32 = 1_024;
/// After an accept that failed, most likely for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// What the rest sees of a door.
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    looks: mpsc::Sender<Look>,
}

/// Asks the keeper to open or close as the faults say; answered when it has.
type Look = oneshot::Sender<Result<(), String>>;

/// Holds the listening socket and opens and closes it.
pub(crate) struct Keeper {
    address: SocketAddr,
    listener: std::net::TcpListener,
    looks: mpsc::Receiver<Look>,
}

/// A door and its keeper, already listening.
pub(crate) fn build(address: SocketAddr) -> std::io::Result<(Door, Keeper)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (sender, looks) = mpsc::channel(16);
    Ok((Door { address, looks: sender }, Keeper { address, listener, looks }))
}

impl Door {
    /// Comes back once the door is as the gateway's faults say. The error is for whoever set them.
    pub(crate) async fn look(&self) -> Result<(), String> {
        let (done, answer) = oneshot::channel();
        let stopping = "the simulators are stopping".to_owned();
        if self.looks.send(done).await.is_err() {
            return Err(stopping);
        }
        answer.await.unwrap_or(Err(stopping))
    }
}

enum State {
    Open(TcpListener),
    /// Without a socket where somebody else took the port.
    Closed(Option<TcpSocket>),
}

impl Keeper {
    /// Keeps the door, passing on to `target`, until the simulators end. `closed` tells what the faults say of it at this moment.
    pub(crate) async fn keep(self, closed: impl Fn() -> bool, target: SocketAddr) {
        let Self { address, listener, mut looks } = self;
        let mut state = match TcpListener::from_std(listener) {
            Ok(listener) => State::Open(listener),
            Err(error) => return tracing::error!(%error, "a gateway's own address could not be served"),
        };
        let mut passed_on = JoinSet::new();
        loop {
            tokio::select! {
                look = looks.recv() => {
                    let Some(done) = look else { return };
                    let settled = settle(&mut state, &mut passed_on, address, closed()).await;
                    // Whoever asked may have hung up.
                    let _ = done.send(settled);
                }
                stream = accept(&state), if passed_on.len() < MOST_CONNECTIONS => {
                    passed_on.spawn(pass_on(stream, target));
                }
                Some(_) = passed_on.join_next() => {}
            }
        }
    }
}

/// The next connection; never one while the door is closed.
async fn accept(state: &State) -> TcpStream {
    let State::Open(listener) = state else {
        return std::future::pending().await;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Opens or closes. It is called once for everybody who set faults, so that the last of them decides.
async fn settle(
    state: &mut State,
    passed_on: &mut JoinSet<()>,
    address: SocketAddr,
    closing: bool,
) -> Result<(), String> {
    *state = match (std::mem::replace(state, State::Closed(None)), closing) {
        (State::Open(listener), true) => {
            drop(listener);
            let reserved = reserve(address)?;
            passed_on.shutdown().await;
            State::Closed(Some(reserved))
        }
        (State::Closed(None), true) => State::Closed(Some(reserve(address)?)),
        (State::Closed(Some(socket)), false) => State::Open(listen(socket, address)?),
        (State::Closed(None), false) => State::Open(listen(reserve(address)?, address)?),
        (same @ State::Open(_), false) | (same @ State::Closed(Some(_)), true) => same,
    };
    Ok(())
}

fn reserve(address: SocketAddr) -> Result<TcpSocket, String> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Connections of before may still be closing.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    bound().map_err(|error: std::io::Error| format!("{address} is no longer ours: {error}"))
}

fn listen(socket: TcpSocket, address: SocketAddr) -> Result<TcpListener, String> {
    socket.listen(BACKLOG).map_err(|error| format!("{address} can't be listened on again: {error}"))
}

/// Either end that closes or breaks ends both.
async fn pass_on(mut caller: TcpStream, target: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    // Small answers must not wait for more; where this fails they only come later.
    let _ = caller.set_nodelay(true);
    let _ = server.set_nodelay(true);
    // How a connection ended is for its two ends to know.
    let _ = copy_bidirectional(&mut caller, &mut server).await;
}

/// Where to reach a server that listens on `address`, also where that is every address of this machine.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        SocketAddr::V4(_) | SocketAddr::V6(_) => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}
