//! A text from a phone to one of the gateway's numbers.
//! It is in the provider's list before the webhook hears of it, so a receiver that was down can still find it.

use std::sync::Arc;

use serde::Serialize;

use crate::clock;
use crate::delivery::Exchange;
use crate::gateway::Gateway;
use crate::message::{Direction, Draft, Message, Status};
use crate::number::Number;
use crate::opt_out::OptOut;
use crate::twilio::receipt;
use crate::twilio::twiml;
use crate::world::World;

/// What a phone sends.
pub(crate) struct Inbound {
    pub(crate) from: Number,
    pub(crate) to: Number,
    pub(crate) body: String,
    /// Whether its webhook is posted twice.
    pub(crate) twice: bool,
}

/// A text that is written down and not yet posted.
pub(crate) struct Written {
    pub(crate) message: Arc<Message>,
    opt_out: Option<OptOut>,
    twice: bool,
}

/// What came of the webhook.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It answered with this HTTP status.
    Status(u16),
    /// It could not be reached, or there is none.
    Error(String),
}

/// Writes the text down at the provider and at the phone, and obeys the words about opting out.
pub(crate) fn write(world: &World, gateway: &Gateway, inbound: Inbound) -> Written {
    let opt_out = OptOut::of(&inbound.body);
    let message = gateway.write(draft(Direction::Inbound, inbound.from, inbound.to, inbound.body));
    gateway.counters.replies.add();
    let text = gateway.text_ref(&message);
    world.phones.with(message.from, |phone, _| {
        phone.keep(text);
        match opt_out {
            Some(OptOut::Stop) => phone.stop(message.to),
            Some(OptOut::Start) => phone.start(message.to),
            Some(OptOut::Help) | None => {}
        }
    });
    if let Some(word) = opt_out {
        text_back(world, gateway, message.to, message.from, word.answer().to_owned());
    }
    Written { message, opt_out, twice: inbound.twice }
}

/// Posts the account's webhook and delivers the texts of its TwiML answer.
pub(crate) async fn post(exchange: &Exchange, gateway: &Gateway, written: &Written) -> Outcome {
    let Some(url) = gateway.sms_url() else {
        return Outcome::Error("the account has no sms_url; the text is only listed".to_owned());
    };
    let message = &written.message;
    let parameters = receipt::inbound_parameters(gateway, message, written.opt_out);
    let epoch = exchange.world.epoch();
    match exchange.webhooks.post(gateway, &url, &parameters, written.twice).await {
        Ok(answer) => {
            if answer.status < 300 && epoch == exchange.world.epoch() {
                answer_texts(&exchange.world, gateway, message, &answer.body);
            }
            Outcome::Status(answer.status)
        }
        Err(error) => Outcome::Error(error),
    }
}

fn answer_texts(world: &World, gateway: &Gateway, message: &Message, twiml: &str) {
    for said in twiml::messages(twiml) {
        let to = match said.to {
            Some(to) => Number::parse(&to),
            None => Some(message.from),
        };
        // A carrier drops texts to whoever said STOP; nobody is told.
        if let Some(to) = to.filter(|to| !world.phones.opted_out(*to, message.to)) {
            text_back(world, gateway, message.to, to, said.body);
        }
    }
}

/// A text that answers another: it is listed and reaches the phone, but no behaviour replies to it, or two could go on for ever.
fn text_back(world: &World, gateway: &Gateway, from: Number, to: Number, body: String) {
    let message = gateway.write(draft(Direction::OutboundReply, from, to, body));
    let text = gateway.text_ref(&message);
    let received = world.phones.with(to, |phone, behaviour| {
        let received = behaviour.receive && behaviour.delivery_error.is_none();
        if received {
            phone.receive(text, from);
        }
        received
    });
    let now = clock::wall_ms();
    message.advance(Status::Sent, None, now);
    match received {
        true => message.advance(Status::Delivered, None, now),
        false => message.advance(Status::Undelivered, Some(30_003), now),
    };
}

fn draft(direction: Direction, from: Number, to: Number, body: String) -> Draft {
    Draft { direction, to, from, body, status_callback: None, service: None, validity: 0 }
}
