//! A trunk as a voice gateway: the settings taken in use, and each call carried to its end.
//! Refuses to place a call twice: what becomes of it is told, and others decide what is next.

use super::carried::{Carried, HangingUp};
use super::conversation::Conversation;
use super::ground::{bind, check, identity, tls};
use super::machine::Media;
use super::settings::SipSettings;
use super::transport::{Counts, Sockets, Sources};
use super::trunk::{Command, Placing, Shared, Trunk};
use crate::call::{Call, CallEnd, Hears, Order, VoiceGateway};
use crate::leg::DialError;
use crate::media::{MediaSettings, Sounds};
use futures_util::future::BoxFuture;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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
        let (udp, listener, local) = bind(&settings)?;
        let tls = tls(&settings, local)?;
        let sounds = Sounds::start(MediaSettings {
            address: settings.local_address.ip(),
            advertised,
            ports: settings.rtp_ports.clone(),
            strict_source: settings.strict_source,
        });
        let (shared, sources) = (Arc::new(Shared::default()), Arc::new(Sources::default()));
        sources.are(super::ground::sources(&settings));
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
        if self.commands.is_closed() {
            return Some("the trunk's task ended, which is a defect; calls can be placed after a restart".into());
        }
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the operating system gives random bytes, or nothing here is safe");
    seed
}
