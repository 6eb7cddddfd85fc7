//! The sound of calls: what is agreed about it, what is played, and the keys that are heard (sip.md §§5, 6, 8).
//! Refuses signalling, and words: sounds come as samples, and which keys are right is decided elsewhere.

mod candidate;
mod clock;
mod g711;
mod hearing;
mod keys;
mod leg;
mod pacer;
mod player;
mod ports;
mod rtp;
mod sdp;
mod speaking;
mod srtp;
mod talk;
mod window;

pub use keys::info::{InfoRefused, read as read_info};
pub use leg::Leg;
pub use sdp::SdpRefused;

use clock::Clock;
use pacer::{Line, Pacer};
use ports::Ports;
use sdp::Local;
use speaking::Speaking;
use srtp::Outbound;
use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{io, thread};
use talk::Talk;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Where sound comes and goes.
#[derive(Debug, Clone)]
pub struct MediaSettings {
    /// The address that is listened on; one that all calls share.
    pub address: IpAddr,
    /// The address that peers are told, another one behind an address translator. Of the same family.
    pub advertised: IpAddr,
    /// UDP ports; each call takes an even one and the next.
    pub ports: RangeInclusive<u16>,
    /// Whether sound is taken only from the address and port in the peer's SDP. If not, five packets in a row from
    /// elsewhere say where the peer is, until one comes from there.
    pub strict_source: bool,
}

/// What is played.
#[derive(Clone)]
pub enum Sound {
    /// µ-law, 8,000 samples a second.
    Audio(Arc<[u8]>),
    /// No sound for so long.
    Silence(Duration),
    /// Keys of an extension: `0-9 * # A-D`, and a comma is one second of silence. They go as RFC 4733 if the peer takes it,
    /// else as tones.
    Keys(String),
}

/// Keys stay out of logs.
impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audio(audio) => write!(f, "Audio({} samples)", audio.len()),
            Self::Silence(time) => write!(f, "Silence({time:?})"),
            Self::Keys(_) => f.write_str("Keys"),
        }
    }
}

/// What happens in a call's sound.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The person pressed it: `0-9 * # A-D`. At most 1,000 in a call.
    Key(char),
    /// Everything that was to be played has been sent.
    Played,
    /// For 30 s nothing came, though the peer is not on hold. Told once, and again only after something came.
    Silent,
    /// The peer put us on hold: what is played waits.
    Held,
    /// The hold is over, and what is played goes on.
    Resumed,
}

/// Keys stay out of logs.
impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key",
            Self::Played => "Played",
            Self::Silent => "Silent",
            Self::Held => "Held",
            Self::Resumed => "Resumed",
        })
    }
}

/// What became of the packets of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets that went out.
    pub sent: u64,
    /// Packets that the system did not take from us.
    pub unsent: u64,
    /// Packets of the peer, duplicates among them.
    pub received: u64,
    /// Packets of the peer that did not come, or not in time.
    pub lost: u64,
    /// Packets that came again.
    pub duplicates: u64,
    /// Packets that came too late, or out of their count.
    pub late: u64,
    /// Datagrams from elsewhere.
    pub strangers: u64,
    /// Datagrams that were no packets of sound, or were changed on the way.
    pub broken: u64,
    /// Times of 20 ms in which nothing went out, as the machine was too busy for more than 200 ms.
    pub skipped: u64,
    /// How long after its time the latest packet went out.
    pub worst_lateness: Duration,
}

/// The sound of all calls: a few threads, each of which sends and receives for its share of them.
#[derive(Debug)]
pub struct Sounds {
    settings: MediaSettings,
    ports: Ports,
    clock: Clock,
    pacers: Vec<Arc<Pacer>>,
}

impl Sounds {
    /// Starts one thread for each core; those without calls sleep.
    ///
    /// # Errors
    /// The settings cannot work, or a thread cannot be started.
    pub fn start(settings: MediaSettings) -> io::Result<Arc<Self>> {
        if settings.address.is_ipv4() != settings.advertised.is_ipv4() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "calls cannot be listened for on IPv4 and told IPv6",
            ));
        }
        let (clock, ports) = (Clock::start(), Ports::new(settings.ports.clone()));
        ports.take(settings.address)?;
        let count = thread::available_parallelism()?.get();
        let pacers = (0..count).map(|_| Pacer::start(clock)).collect::<io::Result<_>>()?;
        Ok(Arc::new(Self { settings, ports, clock, pacers }))
    }

    /// Opens the media of a call, with secure sound (SRTP by SDES) or without. What is heard ends with the leg; should it
    /// end before, then by a defect, and the call must end too.
    ///
    /// # Errors
    /// No pair of ports is free in the range, or no socket can be had.
    pub fn open(self: &Arc<Self>, secure: bool) -> io::Result<(Leg, UnboundedReceiver<Heard>)> {
        let pair = self.ports.take(self.settings.address)?;
        let key = secure.then(sdp::fresh_key);
        let speaking = self.speaking(key.as_ref().map(Outbound::new));
        let local = Local::new(self.settings.advertised, pair.sound.local_addr()?.port(), random(), key);
        let (heard, hears) = unbounded_channel();
        let talk = Mutex::new(Talk::new(local, speaking, self.settings.strict_source, heard));
        let line = Arc::new(Line { talk, pair, is_closed: AtomicBool::new(false) });
        if let Some(pacer) = self.pacers.iter().min_by_key(|pacer| pacer.calls()) {
            pacer.add(Arc::clone(&line));
        }
        Ok((Leg { line, sounds: Arc::clone(self) }, hears))
    }

    fn speaking(&self, secure: Option<Outbound>) -> Speaking {
        let [ssrc, timestamp, sequence] = [random(), random(), random()];
        Speaking::new(ssrc as u32, sequence as u16, timestamp as u32, secure)
    }
}

impl Drop for Sounds {
    fn drop(&mut self) {
        self.pacers.iter().for_each(|pacer| pacer.stop());
    }
}

fn random() -> u64 {
    getrandom::u64().expect("the operating system gives random numbers, or nothing here is safe")
}

#[cfg(test)]
mod tests;
