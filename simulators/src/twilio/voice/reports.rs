//! The status callbacks of one call: numbered, one after another, as its fate wants them doubled, lost or late.
//! It never holds up the call itself.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::book::Placed;
use super::parameters::{self, Event};
use crate::delivery::Exchange;
use crate::dice::Fate;
use crate::gateway::{Gateway, InFlight};
use crate::twilio::webhook::Parameters;

/// Where a call tells how far it is.
pub(super) struct Reports {
    call: Arc<Placed>,
    gateway: Arc<Gateway>,
    sequence: u32,
    to_post: UnboundedSender<(Event, Parameters)>,
}

impl Reports {
    /// Callbacks are posted as long as this lives, and those under way after it; `place` is held until then.
    pub(super) fn new(
        exchange: &Exchange,
        gateway: &Arc<Gateway>,
        call: &Arc<Placed>,
        fate: &Fate,
        place: InFlight,
    ) -> Self {
        let (to_post, queue) = unbounded_channel();
        let posts = Posts {
            exchange: exchange.clone(),
            gateway: Arc::clone(gateway),
            url: call.draft.status_callback.clone(),
            fate: fate.clone(),
            epoch: exchange.world.epoch(),
            _place: place,
        };
        tokio::spawn(posts.run(queue));
        Self { call: Arc::clone(call), gateway: Arc::clone(gateway), sequence: 0, to_post }
    }

    /// The call came so far. It has a number, whether or not anybody wants to hear of it.
    pub(super) fn tell(&mut self, event: Event) {
        let wanted = self.call.draft.wanted;
        let is_wanted = match event {
            Event::Initiated => wanted.initiated,
            Event::Ringing => wanted.ringing,
            Event::Answered => wanted.answered,
            Event::Completed => wanted.completed,
        };
        if is_wanted {
            let word = parameters::word(event, self.call.look().status);
            let parameters = parameters::of_status(&self.gateway, &self.call, word, self.sequence);
            // An error says that the posts ended with a reset.
            let _ = self.to_post.send((event, parameters));
        }
        self.sequence += 1;
    }
}

struct Posts {
    exchange: Exchange,
    gateway: Arc<Gateway>,
    url: Option<String>,
    fate: Fate,
    epoch: u64,
    _place: InFlight,
}

impl Posts {
    async fn run(self, mut queue: UnboundedReceiver<(Event, Parameters)>) {
        let mut late = Vec::new();
        while let Some((event, parameters)) = queue.recv().await {
            match event {
                // Only what came on the way can come after the end.
                Event::Initiated | Event::Ringing | Event::Answered if self.fate.late_callbacks => {
                    late.push(parameters)
                }
                Event::Initiated | Event::Ringing | Event::Answered | Event::Completed => self.post(&parameters).await,
            }
        }
        for parameters in late {
            self.post(&parameters).await;
        }
    }

    async fn post(&self, parameters: &Parameters) {
        let Some(url) = self.url.as_deref().filter(|_| self.exchange.world.epoch() == self.epoch) else { return };
        if self.fate.lost_receipts {
            return self.gateway.counters.receipts_lost.add();
        }
        let posted = self.exchange.webhooks.post(&self.gateway, url, parameters, self.fate.duplicate_callbacks);
        if let Err(error) = Box::pin(posted).await {
            tracing::debug!(%error, "a status callback was given up");
        }
    }
}
