//! What a phone hears: each stretch of sound between silences and keys, and the keys that the caller sends.
//! It records no silence, and nothing for longer than two minutes.

use super::order::{Next, Order};
use super::rtp::{Packet, key_of};
use super::{FRAME, ticks};
use crate::sound::law::Law;
use crate::sound::tone::KeyFinder;

/// A sample that is louder than line noise.
const LOUD: u16 = 250;
/// Ticks after a key in which the end of what was said before may still come: 300 ms.
const ECHO: u64 = 15;
const LONGEST: usize = 120 * 8_000;
/// Ticks without a packet after which nothing is waited for.
const IMPATIENCE: u64 = 4;

/// What the phone notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Noticed {
    /// Somebody begins to speak.
    Began,
    /// A stretch of sound, µ-law; `over` if silence ended it, not a key.
    Stretch { law: Vec<u8>, over: bool },
    /// The caller pressed a key.
    Key(char),
}

pub(crate) struct Ear {
    order: Order,
    stretch: Vec<u8>,
    state: State,
    /// When sound or anything at all was last heard.
    last_loud: u64,
    last_any: u64,
    /// Ticks of silence that end a stretch.
    pause: u64,
    /// Source and start of the caller's last key.
    last_key: Option<(u32, u32)>,
    finder: Option<KeyFinder>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Silence,
    Speaking,
    /// A key was pressed: what comes until this tick may be the end of what it interrupted.
    Echo(u64),
}

impl Ear {
    pub(crate) fn new(pause_ms: u64) -> Self {
        Self {
            order: Order::default(),
            stretch: Vec::new(),
            state: State::Silence,
            last_loud: 0,
            last_any: 0,
            pause: ticks(pause_ms),
            last_key: None,
            finder: None,
        }
    }

    /// Looks for keys in the sound too.
    pub(crate) fn find_tones(&mut self) {
        self.finder.get_or_insert_default();
    }

    /// A packet of sound.
    pub(crate) fn sound(&mut self, packet: Packet, law: Law, tick: u64) -> Vec<Noticed> {
        self.last_any = tick;
        let next = self.order.take(packet);
        self.listen(next, law, tick)
    }

    /// A packet of a key; it is told once, at its first packet.
    pub(crate) fn event(&mut self, packet: &Packet) -> Option<Noticed> {
        let start = (packet.source, packet.timestamp);
        let key = key_of(&packet.payload).filter(|_| self.last_key != Some(start))?;
        let newer = self
            .last_key
            .is_none_or(|(source, last)| source != packet.source || packet.timestamp.wrapping_sub(last) < 1 << 31);
        if newer {
            self.last_key = Some(start);
        }
        newer.then_some(Noticed::Key(key))
    }

    /// Time goes by.
    pub(crate) fn tick(&mut self, law: Law, tick: u64) -> Vec<Noticed> {
        let mut noticed = Vec::new();
        if tick > self.last_any + IMPATIENCE {
            let rest = self.order.flush();
            noticed = self.listen(rest, law, tick);
        }
        let quiet = tick.saturating_sub(self.last_loud);
        match self.state {
            State::Speaking if quiet >= self.pause => noticed.extend(self.end(true)),
            State::Echo(until) if tick >= until => noticed.extend(self.after_echo(quiet)),
            State::Speaking | State::Echo(_) | State::Silence => {}
        }
        noticed
    }

    /// The phone pressed a key: a stretch ends.
    pub(crate) fn press(&mut self, tick: u64) -> Option<Noticed> {
        let stretch = match self.state {
            State::Speaking => self.end(false),
            State::Silence | State::Echo(_) => None,
        };
        self.stretch.clear();
        self.state = State::Echo(tick + ECHO);
        stretch
    }

    /// The call is over: what was heard last.
    pub(crate) fn finish(&mut self) -> Option<Noticed> {
        match self.state {
            State::Speaking => self.end(false),
            State::Silence | State::Echo(_) => None,
        }
    }

    fn after_echo(&mut self, quiet: u64) -> Option<Noticed> {
        let goes_on = quiet < ECHO / 2 && !self.stretch.is_empty();
        self.state = if goes_on { State::Speaking } else { State::Silence };
        if !goes_on {
            self.stretch.clear();
        }
        goes_on.then_some(Noticed::Began)
    }

    fn end(&mut self, over: bool) -> Option<Noticed> {
        self.state = State::Silence;
        let mut law = std::mem::take(&mut self.stretch);
        let loud = law.chunks(FRAME).rposition(|frame| is_loud(frame, Law::Mu)).map_or(0, |last| (last + 1) * FRAME);
        law.truncate(loud);
        Some(Noticed::Stretch { law, over })
    }

    fn listen(&mut self, next: Vec<Next>, law: Law, tick: u64) -> Vec<Noticed> {
        let mut noticed = Vec::new();
        for next in next {
            let frame = match next {
                Next::Packet(packet) => packet.payload,
                Next::Lost => vec![law.silence(); FRAME],
            };
            if let Some(finder) = &mut self.finder {
                noticed.extend(finder.hear(frame.iter().map(|byte| law.decode(*byte))).into_iter().map(Noticed::Key));
            }
            noticed.extend(self.record(&frame, law, tick));
        }
        noticed
    }

    fn record(&mut self, frame: &[u8], law: Law, tick: u64) -> Option<Noticed> {
        let loud = is_loud(frame, law);
        if loud {
            self.last_loud = tick;
        }
        let begins = loud && self.state == State::Silence;
        if begins {
            self.state = State::Speaking;
        }
        let records = self.state != State::Silence && (loud || !self.stretch.is_empty());
        if records && self.stretch.len() < LONGEST {
            match law {
                Law::Mu => self.stretch.extend(frame),
                Law::A => self.stretch.extend(frame.iter().map(|byte| Law::Mu.encode(Law::A.decode(*byte)))),
            }
        }
        begins.then_some(Noticed::Began)
    }
}

fn is_loud(frame: &[u8], law: Law) -> bool {
    frame.iter().any(|byte| law.decode(*byte).unsigned_abs() > LOUD)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        ear: Ear,
        tick: u64,
        sequence: u16,
    }

    impl Scene {
        fn new() -> Self {
            Self { ear: Ear::new(200), tick: 100, sequence: 0 }
        }

        /// Hears the same byte for so many ticks.
        fn hear(&mut self, byte: u8, ticks: u64) -> Vec<Noticed> {
            let mut noticed = Vec::new();
            for _ in 0..ticks {
                let (sequence, payload) = (self.sequence, vec![byte; FRAME]);
                let packet = Packet { kind: 0, marker: false, sequence, timestamp: 0, source: 1, payload };
                noticed.extend(self.ear.sound(packet, Law::Mu, self.tick));
                noticed.extend(self.ear.tick(Law::Mu, self.tick));
                self.tick += 1;
                self.sequence += 1;
            }
            noticed
        }
    }

    const LOUD_BYTE: u8 = 0x80;

    fn stretch(frames: usize, over: bool) -> Noticed {
        Noticed::Stretch { law: vec![LOUD_BYTE; frames * FRAME], over }
    }

    #[test]
    fn silence_ends_a_stretch() {
        let mut scene = Scene::new();
        assert_eq!(scene.hear(0xFF, 10), []);
        assert_eq!(scene.hear(LOUD_BYTE, 50), [Noticed::Began]);
        assert_eq!(scene.hear(0xFF, 9), []);
        assert_eq!(scene.hear(0xFF, 2), [stretch(50, true)]);
        assert_eq!(scene.hear(0xFF, 50), []);
    }

    #[test]
    fn a_line_that_falls_silent_ends_a_stretch_too() {
        let mut scene = Scene::new();
        scene.hear(LOUD_BYTE, 5);
        let later: Vec<_> = (0..20).flat_map(|more| scene.ear.tick(Law::Mu, scene.tick + more)).collect();
        assert_eq!(later, [stretch(5, true)]);
    }

    #[test]
    fn a_key_ends_a_stretch_and_its_echo_is_none() {
        let mut scene = Scene::new();
        scene.hear(LOUD_BYTE, 5);
        assert_eq!(scene.ear.press(scene.tick), Some(stretch(5, false)));
        assert_eq!(scene.hear(LOUD_BYTE, 4), []);
        assert_eq!(scene.hear(0xFF, 40), []);
        // What goes on is another stretch.
        scene.ear.press(scene.tick);
        assert_eq!(scene.hear(LOUD_BYTE, 30), [Noticed::Began]);
        assert_eq!(scene.ear.finish(), Some(stretch(30, false)));
    }

    #[test]
    fn a_key_of_the_caller_is_told_once() {
        let mut ear = Ear::new(200);
        let packet = |timestamp, code| Packet {
            kind: 101,
            marker: false,
            sequence: 0,
            timestamp,
            source: 1,
            payload: vec![code, 0x8A, 0, 160],
        };
        let told = [(100, 4), (100, 4), (900, 2), (100, 4), (1_700, 2)].map(|(at, code)| ear.event(&packet(at, code)));
        let key = |key| Some(Noticed::Key(key));
        assert_eq!(told, [key('4'), None, key('2'), None, key('2')]);
    }
}
