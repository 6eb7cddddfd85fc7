//! Which line a text or a call takes: by destination, health and price.
//! Refuses to send: it only picks.

use crate::keeper::Post;
use crate::line::{Carries, Enqueue, Go, Job, Line as LineActor, LineShared, Out, Outgoing, PlaceFree};
use engine::moment::Moment;
use engine::number::PhoneNumber;
use std::sync::Arc;

/// A line as the router sees it.
#[derive(Clone)]
pub struct Line {
    /// Where the actor is reached.
    pub post: Arc<Post<LineActor>>,
    /// What is known of it from outside.
    pub shared: Arc<LineShared>,
}

/// The lines, in the order of the settings.
#[derive(Clone, Default)]
pub struct Router {
    lines: Arc<[Line]>,
}

/// A text found no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoute {
    /// No line is left that may take it.
    NoLine,
    /// The line's queue is full.
    Busy,
    /// The line is being built anew.
    Vacant,
}

impl Router {
    /// Routes over these lines; at most 32.
    pub fn new(lines: Vec<Line>) -> Self {
        Self { lines: lines.into() }
    }

    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether there is a line for this at all.
    pub fn carries(&self, what: Carries) -> bool {
        self.lines.iter().any(|line| line.shared.carries() == what)
    }

    fn best(&self, what: Carries, to: PhoneNumber, tried: u32, now: Moment) -> Option<&Line> {
        let facts: Vec<_> = self.lines.iter().map(|line| line.shared.facts(now)).collect();
        pick(&facts, what, &to.to_string(), tried).map(|index| &self.lines[index])
    }

    /// A free place at the gateway of the best line that is not in `tried`, if nothing has to wait there.
    pub fn enter(&self, what: Carries, to: PhoneNumber, tried: u32, now: Moment) -> Option<Entry> {
        let line = self.best(what, to, tried, now)?;
        let place = Some(line.shared.enter(to)?);
        Some(Entry { post: Arc::clone(&line.post), line: line.shared.name().into(), place })
    }

    /// Puts a job into the queue of the best line that is not in `tried`.
    pub fn send(&self, what: Carries, to: PhoneNumber, tried: u32, job: Job, now: Moment) -> Result<(), NoRoute> {
        let Some(line) = self.best(what, to, tried, now) else {
            job.forget();
            return Err(NoRoute::NoLine);
        };
        line.shared.picked(now);
        let Some(place) = line.shared.queue_place() else {
            job.forget();
            return Err(NoRoute::Busy);
        };
        line.post.try_send(Enqueue(job.at(place))).map_err(|Enqueue(job)| {
            job.forget();
            NoRoute::Vacant
        })
    }

    /// The line of this name that carries this, and its place.
    pub fn named(&self, what: Carries, name: &str) -> Option<(u8, &Line)> {
        let is_it = |line: &Line| line.shared.carries() == what && line.shared.is_named(name);
        (0_u8..).zip(self.lines.iter()).find(|(_, line)| is_it(line))
    }
}

/// A place at a gateway that waits for what goes there. If it is dropped before, the line hears that it is free.
pub struct Entry {
    post: Arc<Post<LineActor>>,
    /// The line's name.
    pub line: Box<str>,
    place: Option<Out>,
}

impl Entry {
    /// Gives it to the line. Where that is being built anew, the job says so to its owner.
    pub fn go(mut self, job: Job, outgoing: Outgoing) {
        if let Some(out) = self.place.take() {
            self.post.do_send(Go { job, outgoing, out });
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.place.take().is_some() {
            self.post.do_send(PlaceFree);
        }
    }
}

/// What the choice depends on.
#[derive(Debug, Clone)]
pub struct LineFacts {
    /// What it carries.
    pub carries: Carries,
    /// Whether its circuit is closed, or has been open for so long that one text may try it.
    pub healthy: bool,
    /// Destinations it serves, as beginnings of E.164; empty serves all.
    pub prefixes: Arc<[String]>,
    /// Price of a text, in any one unit.
    pub price: u32,
}

/// The line for `to`: healthy before unhealthy, the longest matching prefix, then the lowest price, then the first.
pub fn pick(lines: &[LineFacts], what: Carries, to: &str, tried: u32) -> Option<usize> {
    let serves = |line: &LineFacts| {
        let longest = line.prefixes.iter().filter(|prefix| to.starts_with(prefix.as_str())).map(String::len).max();
        if line.prefixes.is_empty() { Some(0) } else { longest }
    };
    lines
        .iter()
        .enumerate()
        .take(32)
        .filter(|(index, line)| line.carries == what && tried & (1 << index) == 0)
        .filter_map(|(index, line)| Some((index, line, serves(line)?)))
        .min_by_key(|(index, line, prefix)| (!line.healthy, std::cmp::Reverse(*prefix), line.price, *index))
        .map(|(index, ..)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(healthy: bool, prefixes: &[&str], price: u32) -> LineFacts {
        LineFacts {
            carries: Carries::Texts,
            healthy,
            prefixes: prefixes.iter().map(|p| (*p).to_owned()).collect(),
            price,
        }
    }

    #[test]
    fn health_comes_before_prefix_and_prefix_before_price() {
        let lines = [line(true, &[], 1), line(true, &["+1"], 5), line(true, &["+1202"], 9), line(true, &["+1"], 4)];
        assert_eq!(pick(&lines, Carries::Texts, "+12025550123", 0), Some(2));
        assert_eq!(pick(&lines, Carries::Texts, "+13035550123", 0), Some(3));
        assert_eq!(pick(&lines, Carries::Texts, "+4915123456789", 0), Some(0));
        assert_eq!(pick(&lines, Carries::Texts, "+12025550123", 0b100), Some(3));
        assert_eq!(pick(&lines, Carries::Texts, "+12025550123", 0b1111), None);
        let sick = [line(false, &["+1202"], 1), line(true, &[], 9)];
        assert_eq!(pick(&sick, Carries::Texts, "+12025550123", 0), Some(1));
        assert_eq!(pick(&[line(true, &["+49"], 1)], Carries::Texts, "+12025550123", 0), None);
    }
}
