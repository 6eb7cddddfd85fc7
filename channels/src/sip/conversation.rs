//! What is said and listened for in a call, as a machine: orders, keys and time go in, what is to be done comes out.
//! Refuses to judge keys, and to say anything before the answer.

use crate::call::{CallEnd, Keys, Listen, News, ORDER_WAIT, Order, Part, Turn};
use crate::media::{Heard, Sound};
use engine::secret::Secret;
use std::collections::VecDeque;
use std::time::Duration;

/// What happens.
#[derive(Debug)]
pub(super) enum Event {
    /// The phone was picked up.
    Answered,
    /// What to do next.
    Order(Order),
    /// In the sound of the call.
    Heard(Heard),
    /// The time of [`Conversation::deadline`] is come.
    Tick,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Act {
    /// Play this instead of what is being played.
    Play(Vec<Sound>),
    /// Play nothing any more.
    Hush,
    /// Play nothing any more, and forget the keys that were pressed until now.
    Forget,
    /// Tell this.
    Tell(News),
    /// End the call so.
    HangUp(CallEnd),
}

/// The far side may send keys back that we dialled, for so long after the last one.
const ECHO: Duration = Duration::from_secs(1);

/// What plays without a break: words are stopped by a key, what is dialled is not.
#[derive(Debug)]
enum Segment {
    Words(Vec<Sound>),
    Dialled(Secret<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It rings.
    Before,
    /// An order is waited for.
    Waiting { until: Duration },
    /// Words are said.
    Saying,
    /// Keys of an attendant are dialled.
    Dialling,
    /// Everything is said; keys are waited for.
    Listening { until: Duration },
    /// As before, on hold: so much of the time was left.
    Held { left: Duration },
    /// It was hung up.
    Over,
}

/// The conversation of one call.
pub(super) struct Conversation {
    phase: Phase,
    longest: Duration,
    ends: Option<Duration>,
    /// A turn that was ordered before the answer.
    early: Option<Turn>,
    segments: VecDeque<Segment>,
    listen: Option<Listen>,
    digits: Secret<String>,
    count: u8,
    pound: bool,
    on_hold: bool,
    /// What was dialled last.
    dialled: Secret<String>,
    /// Until when it may come back.
    echoes: Duration,
    acts: Vec<Act>,
}

impl Conversation {
    /// Before the answer. It may last so long from then on.
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            phase: Phase::Before,
            longest,
            ends: None,
            early: None,
            segments: VecDeque::new(),
            listen: None,
            digits: Secret::default(),
            count: 0,
            pound: false,
            on_hold: false,
            dialled: Secret::default(),
            echoes: Duration::ZERO,
            acts: Vec::new(),
        }
    }

    /// Takes an event in; what is to be done, in order.
    pub(super) fn step(&mut self, event: Event, now: Duration) -> Vec<Act> {
        match event {
            Event::Answered => self.answered(now),
            Event::Order(Order::HangUp) => self.hang_up(CallEnd::Done),
            Event::Order(Order::Say(turn)) => self.ordered(turn, now),
            Event::Heard(heard) => self.heard(heard, now),
            Event::Tick => self.tick(now),
        }
        std::mem::take(&mut self.acts)
    }

    /// When [`Event::Tick`] is due.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let phase = match self.phase {
            Phase::Waiting { until } | Phase::Listening { until } => Some(until),
            Phase::Before | Phase::Saying | Phase::Dialling | Phase::Held { .. } => None,
            Phase::Over => return None,
        };
        phase.into_iter().chain(self.ends).min()
    }

    fn answered(&mut self, now: Duration) {
        if self.phase != Phase::Before {
            return;
        }
        self.ends = Some(now + self.longest);
        self.phase = Phase::Waiting { until: now + ORDER_WAIT };
        self.acts.push(Act::Tell(News::Answered));
        if let Some(turn) = self.early.take() {
            self.say(turn, now);
        }
    }

    fn ordered(&mut self, turn: Turn, now: Duration) {
        match self.phase {
            Phase::Before => self.early = Some(turn),
            Phase::Waiting { .. } | Phase::Saying | Phase::Dialling | Phase::Listening { .. } | Phase::Held { .. } => {
                self.say(turn, now);
            }
            Phase::Over => {}
        }
    }

    fn say(&mut self, turn: Turn, now: Duration) {
        (self.digits, self.count, self.pound) = (Secret::default(), 0, false);
        self.listen = turn.listen;
        self.segments = segments(turn.parts);
        self.acts.push(Act::Forget);
        self.go_on(now);
    }

    /// Plays the next segment; words are passed over once a key was pressed.
    fn go_on(&mut self, now: Duration) {
        let pressed = self.count > 0 || self.pound;
        while let Some(segment) = self.segments.pop_front() {
            let (phase, sounds) = match segment {
                Segment::Words(_) if pressed => continue,
                Segment::Words(sounds) => (Phase::Saying, sounds),
                Segment::Dialled(keys) => {
                    self.dialled = keys;
                    (Phase::Dialling, vec![Sound::Keys(self.dialled.expose().clone())])
                }
            };
            self.phase = phase;
            return self.acts.push(Act::Play(sounds));
        }
        self.said(now);
    }

    /// Everything is said.
    fn said(&mut self, now: Duration) {
        match self.listen {
            None => self.hang_up(CallEnd::Done),
            Some(listen) if self.pound || self.count >= listen.most => self.keyed(now),
            Some(listen) if self.on_hold => self.phase = Phase::Held { left: listen.wait },
            Some(listen) => self.phase = Phase::Listening { until: now + listen.wait },
        }
    }

    fn keyed(&mut self, now: Duration) {
        let keys = Keys { digits: std::mem::take(&mut self.digits), pound: self.pound };
        self.phase = Phase::Waiting { until: now + ORDER_WAIT };
        self.acts.push(Act::Tell(News::Keyed(keys)));
    }

    fn heard(&mut self, heard: Heard, now: Duration) {
        match heard {
            Heard::Key(key) => self.key(key, now),
            Heard::Played => match self.phase {
                Phase::Saying => self.go_on(now),
                Phase::Dialling => {
                    self.echoes = now + ECHO;
                    self.go_on(now);
                }
                Phase::Before | Phase::Waiting { .. } | Phase::Listening { .. } | Phase::Held { .. } | Phase::Over => {}
            },
            Heard::Silent => self.hang_up(CallEnd::Cut { cause: "no sound came for 30 seconds".into() }),
            Heard::Held => self.hold(now),
            Heard::Resumed => self.resume(now),
        }
    }

    fn key(&mut self, key: char, now: Duration) {
        if now < self.echoes && self.dialled.expose().contains(key) {
            return;
        }
        match self.phase {
            Phase::Saying | Phase::Listening { .. } | Phase::Held { .. } => {
                self.press(key);
                if self.phase == Phase::Saying {
                    self.acts.push(Act::Hush);
                }
                self.go_on(now);
            }
            // Nobody asked for it; while we dial the person is not there yet, and it is our own.
            Phase::Dialling | Phase::Before | Phase::Waiting { .. } | Phase::Over => {}
        }
    }

    /// What comes after `#`, or after as many as there may be, is not of this turn.
    fn press(&mut self, key: char) {
        let full = self.pound || self.listen.is_none_or(|listen| self.count >= listen.most);
        match key {
            _ if full && self.listen.is_some() => {}
            '#' => self.pound = true,
            key => {
                // Room for all of them at once: growing would leave copies behind that nobody wipes.
                let mut digits = String::with_capacity(usize::from(u8::MAX));
                digits.push_str(self.digits.expose());
                digits.push(key);
                self.digits = Secret::new(digits);
                self.count = self.count.saturating_add(1);
            }
        }
    }

    fn hold(&mut self, now: Duration) {
        self.on_hold = true;
        if let Phase::Listening { until } = self.phase {
            self.phase = Phase::Held { left: until.saturating_sub(now) };
        }
    }

    fn resume(&mut self, now: Duration) {
        self.on_hold = false;
        if let Phase::Held { left } = self.phase {
            self.phase = Phase::Listening { until: now + left };
        }
    }

    fn tick(&mut self, now: Duration) {
        if self.phase != Phase::Over && self.ends.is_some_and(|ends| now >= ends) {
            return self.hang_up(CallEnd::TooLong);
        }
        match self.phase {
            Phase::Waiting { until } if now >= until => self.hang_up(CallEnd::Done),
            Phase::Listening { until } if now >= until => self.keyed(now),
            Phase::Waiting { .. } | Phase::Listening { .. } => {}
            Phase::Before | Phase::Saying | Phase::Dialling | Phase::Held { .. } | Phase::Over => {}
        }
    }

    fn hang_up(&mut self, end: CallEnd) {
        if self.phase != Phase::Over {
            self.phase = Phase::Over;
            self.acts.push(Act::HangUp(end));
        }
    }
}

fn segments(parts: Vec<Part>) -> VecDeque<Segment> {
    let mut segments = VecDeque::new();
    for part in parts {
        let sound = match part {
            Part::Say(words) => Sound::Audio(words.audio),
            Part::Dial(extension) => {
                segments.push_back(Segment::Dialled(Secret::new(extension.as_str().to_owned())));
                continue;
            }
        };
        match segments.back_mut() {
            Some(Segment::Words(sounds)) => sounds.push(sound),
            Some(Segment::Dialled(_)) | None => segments.push_back(Segment::Words(vec![sound])),
        }
    }
    segments
}

#[cfg(test)]
mod tests;
