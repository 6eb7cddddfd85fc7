//! A trunk as a voice gateway: the settings taken in use, and each call carried to its end.
//! Refuses settings that cannot work, before the first call.

use super::conversation::{Act, Conversation, Event};
use super::machine::{Media, Signal};
use super::settings::SipSettings;
use super::transport::stream::Dialled;
use super::transport::{Carrier, Counts, Sockets, Sources};
use super::trunk::{Command, Placing, Shared, Trunk};
use super::upkeep::Identity;
use crate::call::{Call, CallEnd, Hears, News, Order, VoiceGateway};
use crate::leg::DialError;
use crate::media::{Heard, InfoRefused, Leg, MediaSettings, Sounds};
use futures_util::future::BoxFuture;
use rustls::pki_types::ServerName;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

/// A trunk cannot be taken in use.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// A setting says nothing that can be used.
    #[error("{setting} of the trunk {what}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The local address cannot be listened on.
    #[error("{address} cannot be listened on: {cause}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// The ports for sound cannot be used.
    #[error("the ports for sound cannot be used: {0}")]
    Sound(io::Error),
    /// The certificate authorities cannot be used.
    #[error(transparent)]
    Trust(#[from] DialError),
}

/// A trunk in use. It ends when this goes.
pub struct Sip {
    commands: UnboundedSender<Command>,
    shared: Arc<Shared>,
    sounds: Arc<Sounds>,
    secure: bool,
    local: SocketAddr,
}

impl Sip {
    /// Takes a trunk in use, within a Tokio runtime: registers and looks for signs of life at once.
    pub fn start(settings: SipSettings) -> Result<Arc<Self>, SipError> {
        let advertised = check(&settings)?;
        let tls = tls(&settings)?;
        let (udp, listener, local) = bind(&settings)?;
        let sounds = Sounds::start(MediaSettings {
            address: settings.local_address.ip(),
            advertised,
            ports: settings.rtp_ports.clone(),
            strict_source: settings.strict_source,
        });
        let (shared, sources) = (Arc::new(Shared::default()), Arc::new(Sources::default()));
        settings.sources.iter().for_each(|source| sources.allow(*source));
        let inlet = (Arc::clone(&sources), Arc::clone(&shared.counts));
        let started = Sockets::start(udp, listener, tls, inlet);
        let (sockets, arrivals) = started.map_err(|cause| SipError::Listen { address: local, cause })?;
        let (commands, receiver) = unbounded_channel();
        let identity = identity(&settings, SocketAddr::new(advertised, local.port()));
        let secure = settings.srtp;
        let trunk = Trunk::new(settings, identity, sockets, (sources, Arc::clone(&shared)), seed());
        tokio::spawn(trunk.run(receiver, arrivals));
        Ok(Arc::new(Self { commands, shared, sounds: sounds.map_err(SipError::Sound)?, secure, local }))
    }

    /// Where it listens.
    pub const fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// What was not taken, and what was sent otherwise than it should be.
    pub fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    async fn carry(&self, call: Call, orders: UnboundedReceiver<Order>, hears: Hears) -> CallEnd {
        let (leg, heard) = match self.sounds.open(self.secure) {
            Ok(opened) => opened,
            Err(cause) => {
                let cause = format!("no port for sound is free: {cause}");
                return CallEnd::Unavailable { cause, retry_after: None };
            }
        };
        let (tell, signals) = unbounded_channel();
        let (media, call_id) = (Arc::new(leg), data_encoding::HEXLOWER.encode(&seed()[..16]));
        let placing = Placing {
            call_id: call_id.clone(),
            seed: seed(),
            to: call.to,
            ring: call.ring,
            media: Arc::clone(&media) as Arc<dyn Media + Send + Sync>,
            tell,
        };
        if self.commands.send(Command::Place(placing)).is_err() {
            return CallEnd::Unavailable { cause: "the trunk's task is gone".into(), retry_after: None };
        }
        let hanging_up = HangingUp { commands: self.commands.clone(), call_id };
        let conversation = Conversation::new(call.longest);
        let carried = Carried { conversation, leg: media, heard, later: VecDeque::new(), hears, hanging_up };
        carried.run(signals, orders).await
    }
}

impl VoiceGateway for Sip {
    fn call(&self, call: Call, orders: UnboundedReceiver<Order>, hears: Hears) -> BoxFuture<'_, CallEnd> {
        Box::pin(self.carry(call, orders, hears))
    }

    fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Hangs up when it goes: nobody carries the call any more then. A call that is over takes no notice.
struct HangingUp {
    commands: UnboundedSender<Command>,
    call_id: String,
}

impl HangingUp {
    fn say(&self, why: CallEnd) {
        // A trunk that is gone has no calls.
        let _ = self.commands.send(Command::HangUp(self.call_id.clone(), why));
    }
}

impl Drop for HangingUp {
    fn drop(&mut self) {
        self.say(CallEnd::Done);
    }
}

/// A call while it is carried.
struct Carried {
    conversation: Conversation,
    leg: Arc<Leg>,
    heard: UnboundedReceiver<Heard>,
    /// Heard before something was stopped, and still to be told.
    later: VecDeque<Heard>,
    hears: Hears,
    hanging_up: HangingUp,
}

impl Carried {
    async fn run(mut self, mut signals: UnboundedReceiver<Signal>, mut orders: UnboundedReceiver<Order>) -> CallEnd {
        let (epoch, mut ordered) = (Instant::now(), true);
        loop {
            let due = self.conversation.deadline().map(|at| epoch + at);
            let event = tokio::select! {
                biased;
                signal = signals.recv() => match self.signalled(signal) {
                    Ok(None) => continue,
                    Ok(Some(event)) => event,
                    Err(end) => return end,
                },
                order = orders.recv(), if ordered => {
                    ordered = order.is_some();
                    Event::Order(order.unwrap_or(Order::HangUp))
                }
                heard = next(&mut self.later, &mut self.heard) => Event::Heard(heard),
                () = until(due) => Event::Tick,
            };
            for act in self.conversation.step(event, epoch.elapsed()) {
                self.act(act);
            }
        }
    }

    fn signalled(&self, signal: Option<Signal>) -> Result<Option<Event>, CallEnd> {
        match signal {
            Some(Signal::Placed(provider_id)) => (self.hears)(News::Placed { provider_id }),
            Some(Signal::Ringing) => (self.hears)(News::Ringing),
            Some(Signal::Answered) => return Ok(Some(Event::Answered)),
            Some(Signal::Ended(end)) => return Err(end),
            None => return Err(CallEnd::Ambiguous { cause: "the trunk's task ended".into() }),
        }
        Ok(None)
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Play(sounds) => self.leg.play(sounds),
            Act::Hush => self.stop(|heard| !matches!(heard, Heard::Played)),
            Act::Forget => self.stop(|heard| !matches!(heard, Heard::Played | Heard::Key(_))),
            Act::Tell(news) => (self.hears)(news),
            Act::HangUp(why) => self.hanging_up.say(why),
        }
    }

    /// What was heard of the sound that is stopped would be taken for the next one's.
    fn stop(&mut self, still_counts: fn(&Heard) -> bool) {
        self.leg.stop();
        while let Ok(heard) = self.heard.try_recv() {
            self.later.push_back(heard);
        }
        self.later.retain(still_counts);
    }
}

/// What was heard next. A leg that ends before its call has a defect: nothing more is heard, and the silence ends the call.
async fn next(later: &mut VecDeque<Heard>, heard: &mut UnboundedReceiver<Heard>) -> Heard {
    match later.pop_front() {
        Some(heard) => heard,
        None => heard.recv().await.unwrap_or(Heard::Silent),
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

impl Media for Leg {
    fn offer(&self) -> Vec<u8> {
        Self::offer(self)
    }

    fn take_answer(&self, sdp: &[u8]) -> Result<(), String> {
        Self::take_answer(self, sdp).map_err(|refused| refused.to_string())
    }

    fn take_offer(&self, sdp: &[u8]) -> Result<Vec<u8>, String> {
        Self::take_offer(self, sdp).map_err(|refused| refused.to_string())
    }

    fn connect(&self) {
        Self::connect(self);
    }

    fn info(&self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused> {
        Self::info(self, content_type, body)
    }
}

/// The address that is told to the trunk.
fn check(settings: &SipSettings) -> Result<IpAddr, SipError> {
    let wrong = |setting, what| Err(SipError::Setting { setting, what });
    let token = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"@;,".contains(c));
    if settings.addresses.is_empty() {
        return wrong("addresses", "has none");
    }
    if settings.domain.is_empty() || !token(&settings.domain) {
        return wrong("domain", "is not a host name or address");
    }
    if !token(&settings.user) {
        return wrong("user", "has a character that cannot stand in an address");
    }
    if settings.caller.parse::<engine::number::PhoneNumber>().is_err() {
        return wrong("caller", "is not a number in E.164, as +12025550123");
    }
    if settings.register.is_some() && settings.user.is_empty() {
        return wrong("user", "is needed to register");
    }
    let advertised = settings.advertised.unwrap_or(settings.local_address.ip());
    if advertised.is_unspecified() {
        return wrong("advertised", "must be set where local_address is that of every interface");
    }
    Ok(advertised)
}

fn identity(settings: &SipSettings, at: SocketAddr) -> Identity {
    let parameter = match settings.transport {
        Carrier::Udp => "",
        Carrier::Tcp => ";transport=tcp",
        Carrier::Tls => ";transport=tls",
    };
    let user = if settings.user.is_empty() { &settings.caller } else { &settings.user };
    Identity {
        via: format!("{} {at}", settings.transport.via()),
        contact: format!("sip:{user}@{at}{parameter}"),
        user: settings.user.clone(),
        domain: settings.domain.clone(),
    }
}

fn tls(settings: &SipSettings) -> Result<Option<Dialled>, SipError> {
    match settings.transport {
        Carrier::Udp | Carrier::Tcp => Ok(None),
        Carrier::Tls => {
            let connector = crate::leg::connector(settings.ca_file.as_deref())?;
            let name = ServerName::try_from(settings.domain.clone());
            let name =
                name.map_err(|_| SipError::Setting { setting: "domain", what: "can stand in no certificate" })?;
            Ok(Some(Dialled { connector, name }))
        }
    }
}

type Bound = (Option<UdpSocket>, Option<TcpListener>, SocketAddr);

/// UDP, and TCP where the trunk may open connections to us; both on one port.
fn bind(settings: &SipSettings) -> Result<Bound, SipError> {
    let address = settings.local_address;
    let bound = || -> io::Result<Bound> {
        match settings.transport {
            Carrier::Udp => {
                let socket = UdpSocket::bind(address)?;
                socket.set_nonblocking(true)?;
                let local = socket.local_addr()?;
                let listener = settings.tcp_for_large.then(|| listen(local)).transpose()?;
                Ok((Some(socket), listener, local))
            }
            Carrier::Tcp => {
                let listener = listen(address)?;
                let local = listener.local_addr()?;
                Ok((None, Some(listener), local))
            }
            // A trunk has no certificate of ours to open a connection to: it uses the one that we opened.
            Carrier::Tls => Ok((None, None, address)),
        }
    };
    bound().map_err(|cause| SipError::Listen { address, cause })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the operating system gives random bytes, or nothing here is safe");
    seed
}
