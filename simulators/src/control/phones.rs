//! Phones in the control API: what they show, what they do, what they send.
//! Looking at a phone doesn't make one.

use std::sync::Arc;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::calls::CallShape;
use super::problem::Problem;
use super::{Answer, answer, body, json, numbers, origin};
use crate::behaviour::{Behaviour, code_in};
use crate::clock::rfc3339;
use crate::delivery::{Exchange, deliver_waiting};
use crate::gateway::Gateway;
use crate::inbound::{self, Inbound, Outcome};
use crate::message::{Direction, Message};
use crate::number::Number;
use crate::phone::TEXTS_KEPT;
use crate::world::World;

const LIMIT: usize = 50;
const LARGEST_LIMIT: usize = 500;

/// `GET /sim/v1/phones/{number}`.
#[derive(Serialize)]
struct PhoneShape {
    number: Number,
    behaviour: Arc<Behaviour>,
    /// Whether the behaviour is the default of phones that nobody configured.
    default_behaviour: bool,
    /// The gateway numbers it told to stop.
    opted_out: Vec<Number>,
    texts: Vec<TextShape>,
    calls: Vec<CallShape>,
}

/// A text on a phone: `in` was received by it, `out` sent.
#[derive(Serialize)]
struct TextShape {
    id: String,
    from: Number,
    to: Number,
    body: String,
    at: String,
    direction: &'static str,
    /// The first run of 6 to 8 digits in a text received.
    code: Option<String>,
}

/// `GET /sim/v1/phones?limit=&texts=`: the phones touched last, newest first.
#[derive(Serialize)]
struct ListShape {
    items: Vec<PhoneShape>,
    total: usize,
    /// Grows whenever a phone changes.
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyBody {
    body: String,
    to: Option<String>,
}

#[derive(Serialize)]
struct ReplyShape {
    id: String,
    webhook: Outcome,
}

pub(crate) async fn list(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    answer(list_phones(&exchange.world, &request))
}

fn list_phones(world: &World, request: &HttpRequest) -> Answer {
    origin::check(world, request)?;
    let [limit, texts] = numbers(request, ["limit", "texts"])?;
    let limit = within(limit, LIMIT, LARGEST_LIMIT);
    let texts = within(texts, TEXTS_KEPT, TEXTS_KEPT);
    let version = world.phones.touches();
    let (latest, total) = world.phones.latest(limit);
    let items = latest.into_iter().map(|number| phone_shape(world, number, texts)).collect();
    Ok(json(&ListShape { items, total, version }))
}

fn within(asked: Option<u64>, usual: usize, most: usize) -> usize {
    asked.map_or(usual, |asked| usize::try_from(asked).unwrap_or(most)).min(most)
}

pub(crate) async fn one(exchange: Data<Exchange>, path: Path<String>, request: HttpRequest) -> HttpResponse {
    let shown = origin::check(&exchange.world, &request).and_then(|()| number(&path));
    answer(shown.map(|number| json(&phone_shape(&exchange.world, number, TEXTS_KEPT))))
}

pub(super) fn number(text: &str) -> Result<Number, Problem> {
    Number::parse_path(text)
        .ok_or_else(|| Problem::invalid(format!("{text:?} is not an E.164 number like +12025550123")))
}

fn phone_shape(world: &World, number: Number, texts: usize) -> PhoneShape {
    let phone = world.phones.look(number);
    let texts = phone.texts(texts);
    let calls = phone.calls();
    PhoneShape {
        number,
        default_behaviour: phone.behaviour.is_none(),
        opted_out: phone.opted_out().to_vec(),
        behaviour: phone.behaviour.unwrap_or_else(|| world.phones.default_behaviour()),
        texts: texts.into_iter().filter_map(|text| world.text(text)).map(|message| text_shape(&message)).collect(),
        calls: calls.iter().map(|call| CallShape::of(call)).collect(),
    }
}

fn text_shape(message: &Message) -> TextShape {
    let sent_by_phone = message.direction == Direction::Inbound;
    TextShape {
        id: message.sid.text(),
        from: message.from,
        to: message.to,
        body: message.body.to_string(),
        at: rfc3339(message.created_ms),
        direction: if sent_by_phone { "out" } else { "in" },
        code: code_in(&message.body).filter(|_| !sent_by_phone).map(str::to_owned),
    }
}

pub(crate) async fn set_behaviour(
    exchange: Data<Exchange>,
    path: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let behaviour = read_behaviour(&exchange, &request, payload).await;
    answer(behaviour.and_then(|behaviour| {
        let number = number(&path)?;
        let shown = json(&behaviour);
        exchange.world.phones.with(number, |phone, _| phone.behaviour = Some(Arc::new(behaviour)));
        deliver_waiting(&exchange, number);
        Ok(shown)
    }))
}

pub(crate) async fn unset_behaviour(
    exchange: Data<Exchange>,
    path: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    answer(origin::check(&exchange.world, &request).and_then(|()| {
        let number = number(&path)?;
        exchange.world.phones.with(number, |phone, _| phone.behaviour = None);
        deliver_waiting(&exchange, number);
        Ok(HttpResponse::NoContent().finish())
    }))
}

pub(crate) async fn default_behaviour(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    let world = &exchange.world;
    answer(origin::check(world, &request).map(|()| json(&world.phones.default_behaviour())))
}

pub(crate) async fn set_default_behaviour(
    exchange: Data<Exchange>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let behaviour = read_behaviour(&exchange, &request, payload).await;
    answer(behaviour.map(|behaviour| {
        let shown = json(&behaviour);
        exchange.world.phones.set_default(behaviour);
        for number in exchange.world.phones.waiting_by_default() {
            deliver_waiting(&exchange, number);
        }
        shown
    }))
}

async fn read_behaviour(exchange: &Exchange, request: &HttpRequest, payload: Payload) -> Result<Behaviour, Problem> {
    let behaviour: Behaviour = body(exchange, request, payload).await?;
    behaviour.check().map_err(Problem::invalid)?;
    Ok(behaviour)
}

pub(crate) async fn reply(
    exchange: Data<Exchange>,
    path: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let reply = body(&exchange, &request, payload).await;
    let addressed = reply.and_then(|reply| address(&exchange.world, &path, reply));
    match addressed {
        Ok((gateway, inbound)) => send(&exchange, &gateway, inbound).await,
        Err(problem) => problem.answer(),
    }
}

fn address(world: &World, path: &str, reply: ReplyBody) -> Result<(Arc<Gateway>, Inbound), Problem> {
    let from = number(path)?;
    if reply.body.is_empty() || reply.body.chars().count() > 1_600 {
        return Err(Problem::invalid("body is 1 to 1600 characters"));
    }
    let to = match &reply.to {
        Some(to) => number(to)?,
        None => world.phones.look(from).last_sender().ok_or_else(|| {
            Problem::no_sender(
                "nobody has texted this phone yet; say `to` which of the gateway's numbers the text goes",
            )
        })?,
    };
    let gateway = world
        .gateway_of_number(to)
        .ok_or_else(|| Problem::invalid(format!("{to} is not a number of any gateway here")))?;
    let inbound = Inbound { from, to, body: reply.body, twice: gateway.draw(&gateway.faults()).duplicate_callbacks };
    Ok((Arc::clone(gateway), inbound))
}

async fn send(exchange: &Exchange, gateway: &Gateway, inbound: Inbound) -> HttpResponse {
    let written = inbound::write(&exchange.world, gateway, inbound);
    let webhook = inbound::post(exchange, gateway, &written).await;
    let id = written.message.sid.text();
    HttpResponse::Accepted().json(ReplyShape { id, webhook })
}
