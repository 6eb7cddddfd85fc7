//! What is played in a call, cut into ticks of 20 ms.
//! Refuses to know how it is sent: a key is named here, and becomes packets or tones elsewhere.

use super::Sound;
use super::g711::{SILENCE, TICK_SAMPLES};
use super::keys;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// One tick of sound, as µ-law.
pub(super) type Tick = [u8; TICK_SAMPLES];

/// A comma in keys.
const PAUSE: Duration = Duration::from_secs(1);
/// A key and the gap behind it, in ticks: 100 ms each (sip.md §8).
const KEY_TICKS: u8 = 10;

/// What a tick holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// Nothing is played: silence.
    Idle,
    /// What is in the tick.
    Sound,
    /// A key, and the how manieth tick of it; the gap behind it is a part of it.
    Key {
        /// The key's number in RFC 4733.
        number: u8,
        /// 0–9.
        tick: u8,
    },
}

#[derive(Debug)]
enum Part {
    Audio(Arc<[u8]>),
    Silence(usize),
    Key(u8),
}

/// What is being played.
#[derive(Debug, Default)]
pub(super) struct Player {
    parts: VecDeque<Part>,
    /// How much of the first part is over: samples, or ticks of a key.
    at: usize,
    is_playing: bool,
}

impl Player {
    /// Plays these from now on, and nothing else.
    pub fn play(&mut self, sounds: Vec<Sound>) {
        self.parts = sounds.into_iter().flat_map(parts).collect();
        (self.at, self.is_playing) = (0, true);
    }

    /// Plays nothing.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// Fills the next tick. Keys begin with a tick of their own; other sounds follow each other without a gap.
    pub fn next(&mut self, tick: &mut Tick) -> Slot {
        tick.fill(SILENCE);
        if let Some(Part::Key(number)) = self.parts.front() {
            return self.key(*number);
        }
        let mut filled = 0;
        while filled < tick.len() {
            match self.fill(&mut tick[filled..]) {
                Some(count) => filled += count,
                None => break,
            }
        }
        if filled == 0 { Slot::Idle } else { Slot::Sound }
    }

    /// Whether all was played, told once.
    pub fn is_over(&mut self) -> bool {
        self.parts.is_empty() && std::mem::take(&mut self.is_playing)
    }

    fn key(&mut self, number: u8) -> Slot {
        let tick = u8::try_from(self.at).unwrap_or(KEY_TICKS);
        self.at += 1;
        if tick + 1 >= KEY_TICKS {
            self.step();
        }
        Slot::Key { number, tick }
    }

    /// Puts in what there is of the first part, `None` if it has no samples.
    fn fill(&mut self, room: &mut [u8]) -> Option<usize> {
        let length = match self.parts.front()? {
            Part::Audio(audio) => audio.len(),
            Part::Silence(samples) => *samples,
            Part::Key(_) => return None,
        };
        let count = room.len().min(length - self.at);
        if let Some(Part::Audio(audio)) = self.parts.front() {
            room[..count].copy_from_slice(&audio[self.at..self.at + count]);
        }
        self.at += count;
        if self.at == length {
            self.step();
        }
        Some(count)
    }

    fn step(&mut self) {
        self.parts.pop_front();
        self.at = 0;
    }
}

fn parts(sound: Sound) -> Vec<Part> {
    match sound {
        Sound::Audio(audio) => vec![Part::Audio(audio)],
        Sound::Silence(time) => vec![silence(time)],
        Sound::Keys(keys) => keys.chars().filter_map(dialled).collect(),
    }
}

/// What is neither a key nor a pause was refused when the extension was entered (sip.md §8).
fn dialled(key: char) -> Option<Part> {
    if key == ',' { Some(silence(PAUSE)) } else { keys::number(key).map(Part::Key) }
}

fn silence(time: Duration) -> Part {
    Part::Silence(usize::try_from(time.as_millis()).unwrap_or(usize::MAX).saturating_mul(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(sounds: Vec<Sound>) -> Player {
        let mut player = Player::default();
        player.play(sounds);
        player
    }

    fn audio(byte: u8, samples: usize) -> Sound {
        Sound::Audio(vec![byte; samples].into())
    }

    /// Every tick until all was played: what it was, and how much of it was no silence.
    fn played(mut player: Player) -> Vec<(Slot, usize)> {
        let mut ticks = Vec::new();
        while !player.is_over() {
            let mut tick = [0; TICK_SAMPLES];
            let slot = player.next(&mut tick);
            ticks.push((slot, tick.iter().filter(|byte| **byte != SILENCE).count()));
        }
        ticks
    }

    #[test]
    fn sounds_follow_each_other_without_a_gap() {
        let sounds = vec![audio(1, 200), audio(2, 0), Sound::Silence(Duration::from_millis(5)), audio(3, 90)];
        assert_eq!(played(player(sounds)), [(Slot::Sound, 160), (Slot::Sound, 120), (Slot::Sound, 10)]);
    }

    #[test]
    fn keys_have_their_own_ticks_and_a_comma_is_a_second() {
        let ticks = played(player(vec![audio(1, 10), Sound::Keys("4,#x".into())]));
        let key = |number| (0..10).map(move |tick| (Slot::Key { number, tick }, 0));
        let expected: Vec<_> =
            [(Slot::Sound, 10)].into_iter().chain(key(4)).chain([(Slot::Sound, 0); 50]).chain(key(11)).collect();
        assert_eq!(ticks, expected);
    }

    #[test]
    fn nothing_is_over_at_once_and_once_only() {
        let mut player = player(vec![]);
        assert!(player.is_over());
        assert!(!player.is_over());
        assert_eq!(player.next(&mut [0; TICK_SAMPLES]), Slot::Idle);
    }

    #[test]
    fn what_is_stopped_is_never_over_and_what_is_replaced_is_gone() {
        let mut player = player(vec![audio(1, 9999)]);
        player.next(&mut [0; TICK_SAMPLES]);
        player.play(vec![audio(2, 1)]);
        let mut tick = [0; TICK_SAMPLES];
        player.next(&mut tick);
        assert_eq!(tick[..2], [2, SILENCE]);
        assert!(player.is_over());
        player.play(vec![audio(1, 9999)]);
        player.stop();
        assert!(!player.is_over());
    }
}
