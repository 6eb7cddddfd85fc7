//! Starting and stopping the simulators on threads of their own.
//! Nothing of them outlives [`Running::stop`] or the drop of [`Running`].

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use tokio::sync::oneshot;

use crate::certificate;
use crate::delivery::Exchange;
use crate::door::{self, Door, Keeper};
use crate::gateway::Gateway;
use crate::mail::{self, PostOffice};
use crate::settings::{Settings, StartError};
use crate::sip::{Studio, Transport};
use crate::twilio::webhook::Webhooks;
use crate::world::World;
use crate::{control, page, sip, twilio};

/// Longer than the usual clients keep an idle connection, so that it is they who close.
const KEEP_ALIVE: Duration = Duration::from_secs(120);
/// Seconds that requests under way get when the simulators stop.
const GRACE_SECONDS: u64 = 1;

/// Simulators that answer.
pub struct Running {
    url: String,
    world: Arc<World>,
    server: ServerHandle,
    ended: oneshot::Receiver<()>,
}

/// Starts the simulators; they answer when this returns. Works in a tokio or an actix context and needs neither later.
///
/// # Errors
/// See [`StartError`].
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    settings.check()?;
    let bound = TcpListener::bind(settings.listen).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|cause| StartError::Bind { address: settings.listen, cause })?;
    let (doors, keepers) = doors(&settings)?;
    let (office, counter) = office(&settings)?.unzip();
    let trunks: Result<Vec<_>, _> = settings.sip.iter().map(|sip| sip::open(sip, settings.seed)).collect();
    let (trunks, opened): (Vec<_>, Vec<_>) = trunks?.into_iter().unzip();
    let workers = workers(settings.workers);
    let world = Arc::new(World::new(settings, doors, trunks, office));
    let (started, ready) = oneshot::channel();
    let (ending, ended) = oneshot::channel::<()>();
    let served = Arc::clone(&world);
    let serving = move || {
        // Dropped when the thread ends, which tells whoever waits for it.
        let _ending = ending;
        serve(&served, Sockets { keepers, counter, opened }, (address, listener), workers, started);
    };
    let thread = thread::Builder::new().name("simulators".to_owned()).spawn(serving);
    thread.map_err(|error| StartError::Server(error.to_string()))?;
    let server = ready.await.map_err(|_| StartError::Server("its thread ended".to_owned()))?;
    Ok(Running { url: format!("http://{address}"), world, server: server.map_err(StartError::Server)?, ended })
}

/// The gateways' own addresses, all of them or none.
fn doors(settings: &Settings) -> Result<(Vec<Door>, Vec<Keeper>), StartError> {
    let build = |address| door::build(address).map_err(|cause| StartError::Bind { address, cause });
    let built: Result<Vec<_>, _> = settings.accounts.iter().map(|account| build(account.listen)).collect();
    Ok(built?.into_iter().unzip())
}

/// Where the post office is reached.
struct Counter {
    keeper: Keeper,
    /// Behind the door, for whoever it lets in.
    inner: TcpListener,
}

/// The mail server, where there is to be one.
fn office(settings: &Settings) -> Result<Option<(PostOffice, Counter)>, StartError> {
    if !settings.mail.enabled {
        return Ok(None);
    }
    let bind = |address, cause| StartError::Bind { address, cause };
    let address = settings.mail.listen;
    let (door, keeper) = door::build(address).map_err(|cause| bind(address, cause))?;
    let behind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let inner = TcpListener::bind(behind).and_then(|inner| inner.set_nonblocking(true).map(|()| inner));
    let inner = inner.map_err(|cause| bind(behind, cause))?;
    let certificate = certificate::make(address.ip()).map_err(StartError::Server)?;
    let office = PostOffice::new(&settings.mail, settings.seed, door, certificate);
    Ok(Some((office, Counter { keeper, inner })))
}

fn workers(asked: usize) -> usize {
    match asked {
        0 => thread::available_parallelism().map_or(2, NonZeroUsize::get),
        some => some,
    }
}

/// What is bound besides the shared address.
struct Sockets {
    keepers: Vec<Keeper>,
    counter: Option<Counter>,
    opened: Vec<sip::Opened>,
}

fn serve(
    world: &Arc<World>,
    Sockets { keepers, counter, opened }: Sockets,
    (address, listener): (SocketAddr, TcpListener),
    workers: usize,
    started: oneshot::Sender<Result<ServerHandle, String>>,
) {
    System::new().block_on(async {
        let studio = studio(&opened);
        let exchanges = exchanges(world, workers);
        let server = exchanges.and_then(|exchanges| listen(exchanges, listener, workers));
        match server {
            Ok(server) => {
                for (gateway, keeper) in world.gateways.iter().cloned().zip(keepers) {
                    let closed = move || gateway.faults().refuse_connections;
                    tokio::spawn(keeper.keep(closed, door::reachable(address)));
                }
                if let Some((office, counter)) = world.office.clone().zip(counter) {
                    open(office, counter, world.silence);
                }
                match studio {
                    Ok(Some(studio)) => {
                        for (trunk, opened) in world.trunks.iter().zip(opened) {
                            sip::serve(world, trunk, &studio, opened);
                        }
                    }
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "the sound of calls has no thread; SIP is not served"),
                }
                let _ = started.send(Ok(server.handle()));
                if let Err(error) = server.await {
                    tracing::error!(%error, "the simulators' server ended");
                }
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        }
    });
}

/// The thread for the sound of calls, where calls are carried.
fn studio(opened: &[sip::Opened]) -> std::io::Result<Option<Arc<Studio>>> {
    if opened.is_empty() { Ok(None) } else { Studio::start().map(|studio| Some(Arc::new(studio))) }
}

fn open(office: Arc<PostOffice>, counter: Counter, silence: Duration) {
    let Ok(target) = counter.inner.local_addr() else {
        return tracing::error!("the mail server has no address");
    };
    tokio::spawn(mail::serve(Arc::clone(&office), counter.inner, silence));
    tokio::spawn(counter.keeper.keep(move || office.faults().refuse_connections, target));
}

/// One for each worker: connections of a client belong to the thread that opened them.
fn exchanges(world: &Arc<World>, workers: usize) -> Result<Vec<Exchange>, String> {
    let exchange = |_| {
        let webhooks = Webhooks::new().map_err(|error| error.to_string())?;
        Ok(Exchange { world: Arc::clone(world), webhooks })
    };
    (0..workers).map(exchange).collect()
}

fn listen(exchanges: Vec<Exchange>, listener: TcpListener, workers: usize) -> Result<actix_web::dev::Server, String> {
    let turn = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let application = move || {
        let mine = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % exchanges.len();
        App::new().app_data(Data::new(exchanges[mine].clone())).configure(routes)
    };
    let server = HttpServer::new(application)
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals()
        .listen(listener)
        .map_err(|error| error.to_string())?;
    Ok(server.run())
}

fn routes(config: &mut ServiceConfig) {
    config.configure(twilio::routes).configure(control::routes).configure(page::routes);
}

impl Running {
    /// Where page, control API and gateways are: `http://127.0.0.1:PORT`, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The own address of an account, named by its gateway name or its sid: `http://127.0.0.1:PORT`. It is the one that refuses
    /// connections while the fault says so.
    #[must_use]
    pub fn gateway_url(&self, account: &str) -> Option<String> {
        Some(self.gateway(account)?.url())
    }

    /// Where letters are taken, by SMTP with STARTTLS; `None` where mail is off.
    #[must_use]
    pub fn mail_address(&self) -> Option<SocketAddr> {
        Some(self.world.office.as_ref()?.door.address)
    }

    /// The mail server's certificate, PEM, made for this run: it is its own authority.
    #[must_use]
    pub fn mail_certificate(&self) -> Option<&str> {
        Some(&self.world.office.as_ref()?.certificate)
    }

    /// Where a SIP gateway listens; `None` where there is no such gateway or it does not speak this way.
    #[must_use]
    pub fn sip_address(&self, gateway: &str, transport: Transport) -> Option<SocketAddr> {
        self.world.trunk_called(gateway)?.address(transport)
    }

    /// The certificate of a SIP gateway, PEM, made for this run: it is its own authority. `None` where it speaks no TLS.
    #[must_use]
    pub fn sip_certificate(&self, gateway: &str) -> Option<&str> {
        self.world.trunk_called(gateway)?.certificate.as_deref()
    }

    fn gateway(&self, account: &str) -> Option<&Arc<Gateway>> {
        self.world.gateway_called(account).or_else(|| self.world.gateway_of_sid(account))
    }

    /// Sets the webhook of an account, named by its gateway name or its sid. An unknown account is left alone, with a warning in the log.
    pub fn set_sms_url(&self, account: &str, url: &str) {
        match self.gateway(account) {
            Some(gateway) => gateway.set_sms_url(Some(url)),
            None => tracing::warn!(account, "no such account at the simulators"),
        }
    }

    /// Drops every connection and everything under way; returns when all threads' work has ended.
    pub async fn stop(mut self) {
        self.server.stop(false).await;
        // An error only says that the sender went with its thread, which is what is waited for.
        let _ = (&mut self.ended).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The command is sent by the call; only the waiting is left out.
        drop(self.server.stop(false));
    }
}
