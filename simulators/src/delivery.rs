//! The life of an accepted text: on its way, at the phone, its receipts, and what the phone replies.
//! It ends quietly after a reset, and never changes a text that has come to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::behaviour::Behaviour;
use crate::clock;
use crate::dice::Fate;
use crate::gateway::{Gateway, InFlight};
use crate::inbound::{self, Inbound};
use crate::message::{Message, Status};
use crate::number::Number;
use crate::phone::Waiting;
use crate::twilio::receipt;
use crate::twilio::webhook::Webhooks;
use crate::world::World;

/// From acceptance to `sent`.
const UNTIL_SENT: Duration = Duration::from_millis(10);
/// From `sent` to `delivered`.
const UNTIL_DELIVERED: Duration = Duration::from_millis(20);
/// What a text to a phone that stayed off ends with: unreachable handset.
const UNREACHABLE: u32 = 30_003;

/// A worker's hold on the simulated world and its own connections out of it.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) world: Arc<World>,
    pub(crate) webhooks: Webhooks,
}

/// A text on its way.
struct Delivery {
    exchange: Exchange,
    gateway: Arc<Gateway>,
    message: Arc<Message>,
    fate: Fate,
    epoch: u64,
    _place: InFlight,
}

/// What became of a text at the phone.
enum Arrival {
    Arrived,
    Failed(u32),
    /// The text waits there; told when it was taken.
    SwitchedOff(Arc<Notify>),
}

/// Sends an accepted text on its way. The phone has it when this returns, unless it is switched off or told to fail.
pub(crate) fn dispatch(
    exchange: &Exchange,
    gateway: &Arc<Gateway>,
    message: Arc<Message>,
    fate: Fate,
    place: InFlight,
) {
    let (arrival, behaviour) = arrive(&exchange.world, gateway, &message, &fate);
    let delivery = Arc::new(Delivery::new(exchange, gateway, message, fate, place));
    if matches!(arrival, Arrival::Arrived) {
        delivery.spawn_replies(&behaviour);
    }
    tokio::spawn(async move { delivery.run(arrival).await });
}

fn arrive(world: &World, gateway: &Gateway, message: &Message, fate: &Fate) -> (Arrival, Arc<Behaviour>) {
    let text = gateway.text_ref(message);
    world.phones.with(message.to, |phone, behaviour| {
        let arrival = match (behaviour.receive, behaviour.delivery_error) {
            (false, _) => {
                let fate = fate.clone();
                let taken = Arc::<Notify>::default();
                phone.wait(Waiting { text, fate, taken: Arc::clone(&taken) });
                Arrival::SwitchedOff(taken)
            }
            (true, Some(code)) => Arrival::Failed(code),
            (true, None) => {
                phone.receive(text, message.from);
                Arrival::Arrived
            }
        };
        (arrival, Arc::clone(behaviour))
    })
}

/// Gives a phone that may be switched on again what waited for it.
pub(crate) fn deliver_waiting(exchange: &Exchange, number: Number) {
    let world = &exchange.world;
    let (waiting, behaviour) = world.phones.with(number, |phone, behaviour| {
        let waiting = if behaviour.receive { phone.take_waiting() } else { Default::default() };
        (waiting, Arc::clone(behaviour))
    });
    for Waiting { text, fate, taken } in waiting {
        taken.notify_one();
        let Some(message) = world.text(text) else { continue };
        let Some(gateway) = world.gateways.get(usize::from(text.gateway)) else { continue };
        deliver_late(exchange, gateway, message, fate, &behaviour);
    }
}

fn deliver_late(exchange: &Exchange, gateway: &Arc<Gateway>, message: Arc<Message>, fate: Fate, behaviour: &Behaviour) {
    let (status, error) = match behaviour.delivery_error {
        Some(code) => (Status::Undelivered, Some(code)),
        None => (Status::Delivered, None),
    };
    if !message.advance(status, error, clock::wall_ms()) {
        return;
    }
    let text = gateway.text_ref(&message);
    // The text was counted in flight when it was accepted; waiting must not make it fail now.
    let place = gateway.enter_anyway();
    let delivery = Arc::new(Delivery::new(exchange, gateway, message, fate, place));
    if status == Status::Delivered {
        let message = &delivery.message;
        exchange.world.phones.with(message.to, |phone, _| phone.receive(text, message.from));
        delivery.spawn_replies(behaviour);
    }
    tokio::spawn(async move { delivery.post(status).await });
}

impl Delivery {
    fn new(exchange: &Exchange, gateway: &Arc<Gateway>, message: Arc<Message>, fate: Fate, place: InFlight) -> Self {
        Self {
            exchange: exchange.clone(),
            gateway: Arc::clone(gateway),
            message,
            fate,
            epoch: exchange.world.epoch(),
            _place: place,
        }
    }

    async fn run(&self, arrival: Arrival) {
        self.step(UNTIL_SENT, Status::Sent, None).await;
        match arrival {
            Arrival::Arrived => self.step(UNTIL_DELIVERED, Status::Delivered, None).await,
            Arrival::Failed(code) => self.step(UNTIL_DELIVERED, Status::Undelivered, Some(code)).await,
            Arrival::SwitchedOff(taken) => self.wait(&taken).await,
        }
    }

    /// Ends the text with its validity. One that was taken or reset away gives up its place at once.
    async fn wait(&self, taken: &Notify) {
        let validity = Duration::from_secs(self.message.validity.into()).saturating_sub(UNTIL_SENT);
        tokio::select! {
            () = tokio::time::sleep(validity) => self.step(Duration::ZERO, Status::Undelivered, Some(UNREACHABLE)).await,
            () = taken.notified() => {}
            () = self.exchange.world.reset_after(self.epoch) => {}
        }
    }

    async fn step(&self, wait: Duration, next: Status, error: Option<u32>) {
        tokio::time::sleep(wait).await;
        if self.is_current() && self.message.advance(next, error, clock::wall_ms()) {
            self.post(next).await;
        }
    }

    /// Posts the status callback, unless nobody asked for one or it is to be lost.
    async fn post(&self, status: Status) {
        let Some(url) = &self.message.status_callback else {
            return;
        };
        if self.fate.lost_receipts {
            self.gateway.counters.receipts_lost.add();
            return;
        }
        let parameters = receipt::parameters(&self.gateway, &self.message, status);
        let posted = self.exchange.webhooks.post(&self.gateway, url, &parameters, self.fate.duplicate_callbacks);
        if let Err(error) = Box::pin(posted).await {
            tracing::debug!(%error, "a status callback was given up");
        }
    }

    fn spawn_replies(self: &Arc<Self>, behaviour: &Behaviour) {
        let replies = behaviour.replies(&self.message.body, self.fate.whim);
        if replies.is_empty() {
            return;
        }
        let delivery = Arc::clone(self);
        tokio::spawn(async move {
            for reply in replies {
                tokio::time::sleep(reply.wait).await;
                if !delivery.is_current() {
                    return;
                }
                delivery.spawn_reply(reply.body);
            }
        });
    }

    /// Each reply goes out by itself, so a slow webhook doesn't hold up the next.
    fn spawn_reply(&self, body: String) {
        let exchange = self.exchange.clone();
        let inbound =
            Inbound { from: self.message.to, to: self.message.from, body, twice: self.fate.duplicate_callbacks };
        let gateway = Arc::clone(&self.gateway);
        let written = inbound::write(&exchange.world, &gateway, inbound);
        let place = gateway.enter_anyway();
        tokio::spawn(async move {
            // The outcome is in the counters.
            let _ = Box::pin(inbound::post(&exchange, &gateway, &written)).await;
            drop(place);
        });
    }

    fn is_current(&self) -> bool {
        self.exchange.world.epoch() == self.epoch
    }
}
