//! One call carried from its placing to its end: what signalling tells, what is ordered and what is heard go into the
//! conversation, and what that wants is done.
//! Refuses rules: those are in the conversation.

use super::conversation::{Act, Conversation, Event};
use super::machine::{Media, Signal};
use super::trunk::Command;
use crate::call::{CallEnd, Hears, News, Order};
use crate::media::{Heard, InfoRefused, Leg};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

/// Hangs up when it goes: nobody carries the call any more then. A call that is over takes no notice.
pub(super) struct HangingUp {
    pub(super) commands: UnboundedSender<Command>,
    pub(super) call_id: String,
}

impl HangingUp {
    fn say(&self, why: CallEnd) {
        // A trunk that is gone has no calls.
        let _ = self.commands.send(Command::HangUp(self.call_id.clone(), why));
    }
}

impl Drop for HangingUp {
    fn drop(&mut self) {
        self.say(CallEnd::Done);
    }
}

/// A call while it is carried.
pub(super) struct Carried {
    pub(super) conversation: Conversation,
    pub(super) leg: Arc<Leg>,
    pub(super) heard: UnboundedReceiver<Heard>,
    /// Heard before something was stopped, and still to be told.
    pub(super) later: VecDeque<Heard>,
    pub(super) hears: Hears,
    pub(super) hanging_up: HangingUp,
}

impl Carried {
    pub(super) async fn run(
        mut self,
        mut signals: UnboundedReceiver<Signal>,
        mut orders: UnboundedReceiver<Order>,
    ) -> CallEnd {
        let (epoch, mut ordered) = (Instant::now(), true);
        loop {
            let due = self.conversation.deadline().map(|at| epoch + at);
            let event = tokio::select! {
                biased;
                signal = signals.recv() => match self.signalled(signal) {
                    Ok(None) => continue,
                    Ok(Some(event)) => event,
                    Err(end) => return end,
                },
                order = orders.recv(), if ordered => {
                    ordered = order.is_some();
                    Event::Order(order.unwrap_or(Order::HangUp))
                }
                heard = next(&mut self.later, &mut self.heard) => Event::Heard(heard),
                () = until(due) => Event::Tick,
            };
            for act in self.conversation.step(event, epoch.elapsed()) {
                self.act(act);
            }
        }
    }

    fn signalled(&self, signal: Option<Signal>) -> Result<Option<Event>, CallEnd> {
        match signal {
            Some(Signal::Placed(provider_id)) => (self.hears)(News::Placed { provider_id }),
            Some(Signal::Ringing) => (self.hears)(News::Ringing),
            Some(Signal::Answered) => return Ok(Some(Event::Answered)),
            Some(Signal::Ended(end)) => return Err(end),
            None => return Err(CallEnd::Ambiguous { cause: "the trunk's task ended".into() }),
        }
        Ok(None)
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Play(sounds) => self.leg.play(sounds),
            Act::Hush => self.stop(|heard| !matches!(heard, Heard::Played)),
            Act::Forget => self.stop(|heard| !matches!(heard, Heard::Played | Heard::Key(_))),
            Act::Tell(news) => (self.hears)(news),
            Act::HangUp(why) => self.hanging_up.say(why),
        }
    }

    /// What was heard of the sound that is stopped would be taken for the next one's.
    fn stop(&mut self, still_counts: fn(&Heard) -> bool) {
        self.leg.stop();
        while let Ok(heard) = self.heard.try_recv() {
            self.later.push_back(heard);
        }
        self.later.retain(still_counts);
    }
}

/// What was heard next. A leg that ends before its call has a defect: nothing more is heard, and the silence ends the call.
async fn next(later: &mut VecDeque<Heard>, heard: &mut UnboundedReceiver<Heard>) -> Heard {
    match later.pop_front() {
        Some(heard) => heard,
        None => heard.recv().await.unwrap_or(Heard::Silent),
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

impl Media for Leg {
    fn offer(&self) -> Vec<u8> {
        Self::offer(self)
    }

    fn take_answer(&self, sdp: &[u8]) -> Result<(), String> {
        Self::take_answer(self, sdp).map_err(|refused| refused.to_string())
    }

    fn take_offer(&self, sdp: &[u8]) -> Result<Vec<u8>, String> {
        Self::take_offer(self, sdp).map_err(|refused| refused.to_string())
    }

    fn connect(&self) {
        Self::connect(self);
    }

    fn info(&self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused> {
        Self::info(self, content_type, body)
    }
}
