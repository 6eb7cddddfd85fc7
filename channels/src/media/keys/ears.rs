//! Which source of keys counts: RFC 4733, INFO or tones (sip.md §6.3).
//! Refuses a second source once one has given a key, and more keys than a person presses.

use std::collections::VecDeque;
use std::time::Duration;

/// A key that was heard as a tone waits so long for the same press to come in a better way.
const HELD_BACK: Duration = Duration::from_millis(100);
/// Keys of one call. Whoever sends more is no person, and would fill the memory.
const MOST: u32 = 1000;

/// Tones take longer than they wait, so that hardly two can wait at once.
const MOST_WAITING: usize = 8;

/// How a key comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::media) enum Source {
    Event,
    Info,
    Tone,
}

/// What a call has heard.
#[derive(Debug, Default)]
pub(in crate::media) struct Ears {
    source: Option<Source>,
    /// Tones that wait, and when each counts.
    tones: VecDeque<(char, Duration)>,
    count: u32,
}

impl Ears {
    /// A key in a way that is sure; it is given back if it counts.
    pub fn heard(&mut self, source: Source, key: char) -> Option<char> {
        self.expects_better();
        (*self.source.get_or_insert(source) == source).then(|| self.counted(key)).flatten()
    }

    /// A key as a tone, which counts once it is [`Self::waited`] for.
    pub fn tone(&mut self, key: char, now: Duration) {
        let due = match self.source {
            Some(Source::Event | Source::Info) => return,
            Some(Source::Tone) => now,
            None => now + HELD_BACK,
        };
        if self.tones.len() < MOST_WAITING {
            self.tones.push_back((key, due));
        }
    }

    /// A better one is on its way: tones that wait are the same press.
    pub fn expects_better(&mut self) {
        if self.source != Some(Source::Tone) {
            self.tones.clear();
        }
    }

    /// A tone that has waited for long enough. Ask until there is none.
    pub fn waited(&mut self, now: Duration) -> Option<char> {
        let is_over = |due: Duration| due <= now || self.source == Some(Source::Tone);
        let &(key, _) = self.tones.front().filter(|(_, due)| is_over(*due))?;
        self.tones.pop_front();
        self.source = Some(Source::Tone);
        self.counted(key)
    }

    fn counted(&mut self, key: char) -> Option<char> {
        self.count = self.count.saturating_add(1);
        (self.count <= MOST).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn first_source_is_the_calls_source() {
        for (first, other) in [(Source::Event, Source::Info), (Source::Info, Source::Event)] {
            let mut ears = Ears::default();
            assert_eq!(ears.heard(first, '1'), Some('1'));
            assert_eq!(ears.heard(other, '1'), None);
            ears.tone('1', at(0));
            assert_eq!(ears.waited(at(9000)), None);
            assert_eq!(ears.heard(first, '2'), Some('2'));
        }
    }

    #[test]
    fn a_tone_waits_for_the_same_press() {
        let mut ears = Ears::default();
        ears.tone('1', at(0));
        assert_eq!(ears.waited(at(99)), None);
        assert_eq!(ears.heard(Source::Event, '1'), Some('1'));
        assert_eq!(ears.waited(at(100)), None);
        ears.tone('2', at(200));
        assert_eq!(ears.waited(at(900)), None);
    }

    #[test]
    fn tones_alone_count_and_only_the_first_of_them_waits() {
        let mut ears = Ears::default();
        ears.tone('1', at(0));
        assert_eq!(ears.waited(at(100)), Some('1'));
        assert_eq!(ears.waited(at(200)), None);
        ears.tone('2', at(300));
        assert_eq!(ears.waited(at(300)), Some('2'));
        assert_eq!(ears.heard(Source::Event, '2'), None);
        assert_eq!(ears.heard(Source::Info, '2'), None);
    }

    #[test]
    fn two_quick_tones_wait_in_order() {
        let mut ears = Ears::default();
        ears.tone('1', at(0));
        ears.tone('2', at(80));
        assert_eq!(ears.waited(at(99)), None);
        assert_eq!(ears.waited(at(100)), Some('1'));
        assert_eq!(ears.waited(at(100)), Some('2'));
    }

    #[test]
    fn keys_have_an_end() {
        let mut ears = Ears::default();
        let counted = (0..2000).filter_map(|_| ears.heard(Source::Event, '1')).count();
        assert_eq!(counted, 1000);
    }
}
