//! The sound of one call: a socket, an ear, a mouth, and the network between them and the caller.
//! It hears from nobody but the address that the caller named.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use super::ear::{Ear, Noticed};
use super::mouth::Mouth;
use super::network::Network;
use super::rtp::Packet;
use crate::lock::lock;
use crate::message::mix;
use crate::sip::faults::OneWay;
use crate::sip::trunk::Trunk;
use crate::sound::law::Law;

/// Packets taken in one tick: what is more waits in the system's queue.
const MOST_AT_ONCE: usize = 64;
const LARGEST: usize = 1_500;
/// Tries for an even port (RFC 3550 §11).
const TRIES: usize = 16;

pub(crate) use super::ear::Noticed as Heard;

/// The other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Far {
    pub(crate) address: SocketAddr,
    pub(crate) law: Law,
    /// Payload type of keys that are sent to it.
    pub(crate) event: Option<u8>,
    /// Whether it wants to hear.
    pub(crate) hears: bool,
}

pub(crate) struct Line {
    socket: UdpSocket,
    trunk: Arc<Trunk>,
    told: mpsc::UnboundedSender<Heard>,
    inside: Mutex<Inside>,
}

struct Inside {
    far: Option<Far>,
    /// Payload types that the caller may send its keys with.
    events: Vec<u8>,
    ear: Ear,
    mouth: Mouth,
    from_caller: Network,
    to_caller: Network,
    /// Whether the phone listens: not before the answer.
    listens: bool,
    tick: u64,
}

impl Line {
    /// A socket at `ip`; `seed` decides everything random.
    pub(crate) fn open(
        ip: IpAddr,
        trunk: &Arc<Trunk>,
        seed: u64,
    ) -> std::io::Result<(Arc<Self>, mpsc::UnboundedReceiver<Heard>)> {
        let socket = even_socket(ip)?;
        socket.set_nonblocking(true)?;
        let (told, heard) = mpsc::unbounded_channel();
        let inside = Inside {
            far: None,
            events: Vec::new(),
            ear: Ear::new(trunk.settings.pause_ms),
            mouth: Mouth::new(mix(seed)),
            from_caller: Network::new(seed),
            to_caller: Network::new(!seed),
            listens: false,
            tick: 0,
        };
        let line = Self { socket, trunk: Arc::clone(trunk), told, inside: Mutex::new(inside) };
        Ok((Arc::new(line), heard))
    }

    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The other end is there, or has moved; `event` is the payload type that was answered to it.
    pub(crate) fn connect(&self, far: Far, event: Option<u8>) {
        let mut inside = lock(&self.inside);
        let events = far.event.into_iter().chain(event);
        inside.events = events.collect();
        inside.far = Some(far);
    }

    /// The call is answered: from now on the phone hears.
    pub(crate) fn listen(&self, for_tones: bool) {
        let mut inside = lock(&self.inside);
        inside.listens = true;
        if for_tones {
            inside.ear.find_tones();
        }
    }

    pub(crate) fn say(&self, sound: &[i16]) {
        lock(&self.inside).mouth.say(sound);
    }

    pub(crate) fn repeat(&self, sound: Vec<i16>) {
        lock(&self.inside).mouth.repeat(sound);
    }

    pub(crate) fn fall_silent(&self) {
        lock(&self.inside).mouth.fall_silent();
    }

    /// A key is pressed; where events are not spoken it is tones. `None`: it travels by other ways.
    pub(crate) fn press(&self, key: char, style: Option<crate::calls::KeyStyle>) {
        use crate::calls::KeyStyle;
        let mut inside = lock(&self.inside);
        let tick = inside.tick;
        let stretch = inside.ear.press(tick);
        let speaks_events = inside.far.is_some_and(|far| far.event.is_some());
        match (style, speaks_events) {
            (Some(KeyStyle::Event), true) => inside.mouth.press_event(key),
            (Some(KeyStyle::Event), false) | (Some(KeyStyle::Tone), _) => inside.mouth.press_tone(key),
            (Some(KeyStyle::Info) | None, _) => {}
        }
        drop(inside);
        self.tell(stretch);
    }

    /// What was heard last, at the end of the call.
    pub(crate) fn finish(&self) -> Option<Heard> {
        lock(&self.inside).ear.finish()
    }

    /// 20 ms of the call.
    pub(super) fn tick(&self, tick: u64) {
        let faults = self.trunk.faults();
        let network = &faults.network;
        let mut inside = lock(&self.inside);
        inside.tick = tick;
        let Some(far) = inside.far else { return };
        let mut noticed = Vec::new();
        self.receive(
            |bytes| {
                if network.only != Some(OneWay::ToCaller) {
                    inside.from_caller.send(bytes, tick, network);
                }
            },
            far.address.ip(),
        );
        for bytes in inside.from_caller.receive(tick) {
            noticed.extend(inside.hear(&bytes, far, tick));
        }
        noticed.extend(inside.ear.tick(far.law, tick));
        for packet in inside.speak(far) {
            if network.only != Some(OneWay::ToPhone) {
                inside.to_caller.send(packet, tick, network);
            }
        }
        for bytes in inside.to_caller.receive(tick) {
            // What the system refuses to send is lost, as on any network.
            let _ = self.socket.send_to(&bytes, far.address);
        }
        drop(inside);
        self.tell(noticed);
    }

    fn receive(&self, mut take: impl FnMut(Vec<u8>), from: IpAddr) {
        let mut buffer = [0; LARGEST];
        for _ in 0..MOST_AT_ONCE {
            // An error is mostly that nothing more waits; any other comes again or not.
            let Ok((length, sender)) = self.socket.recv_from(&mut buffer) else { return };
            if sender.ip() == from {
                take(buffer[..length].to_vec());
            }
        }
    }

    fn tell(&self, noticed: impl IntoIterator<Item = Noticed>) {
        for noticed in noticed {
            // Whoever listened may have hung up.
            let _ = self.told.send(noticed);
        }
    }
}

impl Inside {
    fn hear(&mut self, bytes: &[u8], far: Far, tick: u64) -> Vec<Noticed> {
        let Some(packet) = Packet::read(bytes).filter(|_| self.listens) else { return Vec::new() };
        let sound = match far.law {
            Law::Mu => 0,
            Law::A => 8,
        };
        if packet.kind == sound {
            return self.ear.sound(packet, far.law, tick);
        }
        if self.events.contains(&packet.kind) {
            return self.ear.event(&packet).into_iter().collect();
        }
        Vec::new()
    }

    fn speak(&mut self, far: Far) -> Vec<Vec<u8>> {
        if !far.hears {
            return Vec::new();
        }
        let kind = match far.law {
            Law::Mu => 0,
            Law::A => 8,
        };
        self.mouth.next(far.law, (kind, far.event)).iter().map(Packet::bytes).collect()
    }
}

fn even_socket(ip: IpAddr) -> std::io::Result<UdpSocket> {
    let mut odd = Vec::new();
    for _ in 0..TRIES {
        let socket = UdpSocket::bind((ip, 0))?;
        if socket.local_addr()?.port() % 2 == 0 {
            return Ok(socket);
        }
        odd.push(socket);
    }
    odd.pop().ok_or_else(|| std::io::ErrorKind::AddrInUse.into())
}
