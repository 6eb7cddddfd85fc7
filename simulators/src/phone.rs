//! One simulated phone: its texts and calls, what it does, and whom it told to stop.
//! It keeps references to texts and calls, not copies; elsewhere is decided how long one lives.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use tokio::sync::Notify;

use crate::behaviour::Behaviour;
use crate::calls::Call;
use crate::dice::Fate;
use crate::number::Number;

/// Texts a phone remembers.
pub(crate) const TEXTS_KEPT: usize = 100;
/// Calls a phone remembers.
pub(crate) const CALLS_KEPT: usize = 20;

/// Where a text is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextRef {
    pub(crate) gateway: u16,
    pub(crate) sequence: u64,
}

/// A text that waits for the phone to be switched on.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) text: TextRef,
    pub(crate) fate: Fate,
    /// Told when the phone was switched on and the text is no longer waited for.
    pub(crate) taken: Arc<Notify>,
}

/// A phone's state. An untouched one is as good as none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phone {
    pub(crate) behaviour: Option<Arc<Behaviour>>,
    texts: VecDeque<TextRef>,
    calls: VecDeque<Weak<Call>>,
    waiting: VecDeque<Waiting>,
    opted_out: Vec<Number>,
    last_sender: Option<Number>,
    /// Grows with every text; larger is newer.
    pub(crate) touched: u64,
}

impl Phone {
    /// A text from `sender` arrives.
    pub(crate) fn receive(&mut self, text: TextRef, sender: Number) {
        self.last_sender = Some(sender);
        self.keep(text);
    }

    /// The phone sent a text.
    pub(crate) fn keep(&mut self, text: TextRef) {
        if self.texts.len() == TEXTS_KEPT {
            self.texts.pop_front();
        }
        self.texts.push_back(text);
    }

    /// A call comes.
    pub(crate) fn ring(&mut self, call: &Arc<Call>) {
        if self.calls.len() == CALLS_KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(Arc::downgrade(call));
    }

    /// The last calls, newest last.
    pub(crate) fn calls(&self) -> Vec<Arc<Call>> {
        self.calls.iter().filter_map(Weak::upgrade).collect()
    }

    /// A text can't be delivered now. The oldest makes room; it ends when its validity does.
    pub(crate) fn wait(&mut self, waiting: Waiting) {
        if self.waiting.len() == TEXTS_KEPT {
            self.waiting.pop_front();
        }
        self.waiting.push_back(waiting);
    }

    pub(crate) fn is_waited_for(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(crate) fn take_waiting(&mut self) -> VecDeque<Waiting> {
        std::mem::take(&mut self.waiting)
    }

    /// The last texts, newest last.
    pub(crate) fn texts(&self, limit: usize) -> Vec<TextRef> {
        let skip = self.texts.len().saturating_sub(limit);
        self.texts.range(skip..).copied().collect()
    }

    pub(crate) fn last_sender(&self) -> Option<Number> {
        self.last_sender
    }

    pub(crate) fn opted_out(&self) -> &[Number] {
        &self.opted_out
    }

    pub(crate) fn stop(&mut self, sender: Number) {
        if !self.opted_out.contains(&sender) {
            self.opted_out.push(sender);
        }
    }

    pub(crate) fn start(&mut self, sender: Number) {
        self.opted_out.retain(|number| *number != sender);
    }

    /// Whether forgetting it would change how anything goes on.
    pub(crate) fn matters(&self) -> bool {
        self.behaviour.is_some() || !self.opted_out.is_empty() || !self.waiting.is_empty()
    }
}
