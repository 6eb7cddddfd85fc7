//! The messages of one account in order, and the ledger of those accepted through the API.
//! It keeps a bounded number of each and refuses to tell about what it has forgotten.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::message::{Direction, Draft, Message, Sid};

/// Places handed out per look, so that a long search doesn't stand in the way of sends.
const LOOK: usize = 512;

/// Messages by sequence and accepted texts by position, both counted from 1.
pub(crate) struct Ledger {
    salt: u64,
    capacity: usize,
    first: u64,
    messages: VecDeque<Arc<Message>>,
    first_position: u64,
    accepted: VecDeque<Arc<Message>>,
}

impl Ledger {
    pub(crate) fn new(capacity: usize, salt: u64) -> Self {
        Self { salt, capacity, first: 1, messages: VecDeque::new(), first_position: 1, accepted: VecDeque::new() }
    }

    /// Writes a message down; one sent through the API gets the next position too.
    pub(crate) fn write(&mut self, draft: Draft, now: i64) -> Arc<Message> {
        if self.messages.len() == self.capacity {
            self.messages.pop_front();
            self.first += 1;
        }
        let sequence = self.first + self.messages.len() as u64;
        let message = Arc::new(Message::new(draft, self.salt, sequence, now));
        self.messages.push_back(Arc::clone(&message));
        if message.direction == Direction::OutboundApi {
            self.accept(Arc::clone(&message));
        }
        message
    }

    fn accept(&mut self, message: Arc<Message>) {
        if self.accepted.len() == self.capacity {
            self.accepted.pop_front();
            self.first_position += 1;
        }
        self.accepted.push_back(message);
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<Arc<Message>> {
        let index = usize::try_from(sequence.checked_sub(self.first)?).ok()?;
        self.messages.get(index).cloned()
    }

    /// The place a sid names here, whether or not it is still kept.
    pub(crate) fn sequence(&self, sid: &str) -> Option<u64> {
        Sid::sequence(sid, self.salt)
    }

    pub(crate) fn find(&self, sid: &str) -> Option<Arc<Message>> {
        self.get(self.sequence(sid)?)
    }

    /// Some messages before place `before`, newest first; empty when there are no more.
    pub(crate) fn older_than(&self, before: u64) -> Vec<Arc<Message>> {
        let end = usize::try_from(before.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let end = end.min(self.messages.len());
        let start = end.saturating_sub(LOOK);
        self.messages.range(start..end).rev().cloned().collect()
    }

    /// Accepted texts with a position above `after`, at most `limit`, in order.
    pub(crate) fn after(&self, after: u64, limit: usize) -> Vec<(u64, Arc<Message>)> {
        let start = (after + 1).max(self.first_position);
        let skip = usize::try_from(start - self.first_position).unwrap_or(usize::MAX).min(self.accepted.len());
        let entries = self.accepted.range(skip..).take(limit).cloned();
        (start..).zip(entries).collect()
    }

    /// The position of the last accepted text, and the first still kept.
    pub(crate) fn positions(&self) -> (u64, u64) {
        (self.first_position + self.accepted.len() as u64 - 1, self.first_position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;

    fn draft(direction: Direction) -> Draft {
        let number = Number::parse("+12025550123").expect("valid");
        Draft {
            direction,
            to: number,
            from: number,
            body: String::new(),
            status_callback: None,
            service: None,
            validity: 1,
        }
    }

    #[test]
    fn forgets_the_oldest_and_keeps_positions() {
        let mut ledger = Ledger::new(3, 9);
        let first = ledger.write(draft(Direction::OutboundApi), 0);
        for _ in 0..4 {
            ledger.write(draft(Direction::OutboundApi), 0);
        }
        assert!(ledger.find(&first.sid.text()).is_none());
        let positions: Vec<u64> = ledger.after(0, 10).iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, [3, 4, 5]);
        assert_eq!(ledger.after(4, 10).len(), 1);
        assert!(ledger.after(99, 10).is_empty());
        assert_eq!(ledger.positions(), (5, 3));
    }

    #[test]
    fn inbound_texts_have_no_position() {
        let mut ledger = Ledger::new(10, 9);
        ledger.write(draft(Direction::OutboundApi), 0);
        let inbound = ledger.write(draft(Direction::Inbound), 0);
        assert_eq!(ledger.after(0, 10).len(), 1);
        assert_eq!(ledger.older_than(u64::MAX).len(), 2);
        assert_eq!(ledger.older_than(inbound.sequence).len(), 1);
        assert!(ledger.older_than(1).is_empty());
    }
}
