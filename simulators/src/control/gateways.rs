//! Gateways in the control API: their counts, faults and the ledger of accepted texts.
//! Tokens are never shown.

use std::sync::Arc;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::problem::Problem;
use super::{Answer, answer, body, json, numbers, origin};
use crate::clock::rfc3339;
use crate::counters::Snapshot;
use crate::delivery::Exchange;
use crate::faults::Faults;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::mail::{self, OfficeShape, PostOffice};
use crate::message::Message;
use crate::number::Number;
use crate::settings::check_url;
use crate::sip::{SipFaults, Trunk, TrunkShape};
use crate::world::World;

const LIMIT: u64 = 1_000;
const LARGEST_LIMIT: u64 = 10_000;

/// `GET /sim/v1/gateways/{name}`.
#[derive(Serialize)]
struct GatewayShape<'a> {
    name: &'a str,
    kind: &'static str,
    /// The gateway's own address, which `refuse_connections` closes.
    url: String,
    account_sid: &'a str,
    numbers: &'a [Number],
    sms_url: Option<Arc<str>>,
    #[serde(flatten)]
    counters: Snapshot,
    /// Texts and replies still under way.
    in_flight: usize,
    faults: Arc<Faults>,
}

/// `GET /sim/v1/gateways/{name}/messages?after=&limit=`: every text accepted, in order, none twice.
#[derive(Serialize)]
struct LedgerShape {
    items: Vec<EntryShape>,
    /// Position of the last text accepted; pass the last position seen as `after` to go on.
    last_position: u64,
    /// Earlier ones are forgotten.
    first_position: u64,
}

#[derive(Serialize)]
struct EntryShape {
    position: u64,
    sid: String,
    to: Number,
    from: Number,
    body: String,
    status_callback: Option<String>,
    at: String,
    status: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmsUrl {
    url: Option<String>,
}

fn called<'a>(world: &'a World, name: &str) -> Result<&'a Arc<Gateway>, Problem> {
    world.gateway_called(name).ok_or_else(|| {
        let gateways = world.gateways.iter().map(|gateway| gateway.name.as_str());
        let trunks = world.trunks.iter().map(|trunk| trunk.name.as_str());
        let names: Vec<&str> = gateways.chain(trunks).chain(world.office.iter().map(|_| mail::NAME)).collect();
        Problem::not_found(format!("there is no gateway {name:?}; there are: {}", names.join(", ")))
    })
}

fn shape(gateway: &Gateway) -> GatewayShape<'_> {
    GatewayShape {
        name: &gateway.name,
        kind: "twilio",
        url: gateway.url(),
        account_sid: &gateway.sid,
        numbers: &gateway.numbers,
        sms_url: gateway.sms_url(),
        counters: gateway.counters.snapshot(),
        in_flight: gateway.in_flight(),
        faults: gateway.faults(),
    }
}

/// A gateway of any kind.
enum Any<'a> {
    Texts(&'a Arc<Gateway>),
    Calls(&'a Arc<Trunk>),
    Mail(&'a Arc<PostOffice>),
}

fn any<'a>(world: &'a World, name: &str) -> Result<Any<'a>, Problem> {
    let calls = world.trunk_called(name).map(Any::Calls);
    let found = calls.or_else(|| world.office_called(name).map(Any::Mail));
    found.map_or_else(|| called(world, name).map(Any::Texts), Ok)
}

/// What a gateway shows, by its kind.
#[derive(Serialize)]
#[serde(untagged)]
enum Shape<'a> {
    Texts(GatewayShape<'a>),
    Calls(TrunkShape<'a>),
    Mail(OfficeShape),
}

fn show<'a>(gateway: &Any<'a>) -> Shape<'a> {
    match gateway {
        Any::Texts(gateway) => Shape::Texts(shape(gateway)),
        Any::Calls(trunk) => Shape::Calls(trunk.shape()),
        Any::Mail(office) => Shape::Mail(office.shape()),
    }
}

fn show_faults(gateway: &Any<'_>) -> HttpResponse {
    match gateway {
        Any::Texts(gateway) => json(&gateway.faults()),
        Any::Calls(trunk) => json(&trunk.faults()),
        Any::Mail(office) => json(&office.faults()),
    }
}

pub(crate) async fn list(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    answer(origin::check(&exchange.world, &request).map(|()| {
        let world = &exchange.world;
        let texts = world.gateways.iter().map(Any::Texts);
        let calls = world.trunks.iter().map(Any::Calls);
        let mail = world.office.iter().map(Any::Mail);
        let items: Vec<_> = texts.chain(calls).chain(mail).map(|any| show(&any)).collect();
        json(&serde_json::json!({ "items": items }))
    }))
}

pub(crate) async fn one(exchange: Data<Exchange>, name: Path<String>, request: HttpRequest) -> HttpResponse {
    let checked = origin::check(&exchange.world, &request);
    answer(checked.and_then(|()| Ok(json(&show(&any(&exchange.world, &name)?)))))
}

/// `GET /sim/v1/gateways/{name}/certificate`: what a client of a SIP gateway can trust.
pub(crate) async fn certificate(exchange: Data<Exchange>, name: Path<String>, request: HttpRequest) -> HttpResponse {
    answer(origin::check(&exchange.world, &request).and_then(|()| {
        match any(&exchange.world, &name)? {
            Any::Calls(trunk) => match &trunk.certificate {
                Some(pem) => Ok(HttpResponse::Ok()
                    .content_type("application/x-pem-file")
                    .insert_header(("Cache-Control", "no-store"))
                    .body(pem.clone())),
                None => Err(Problem::not_found("this gateway speaks no TLS")),
            },
            Any::Mail(_) => Err(Problem::not_found("that of mail is at /sim/v1/mail/certificate")),
            Any::Texts(_) => Err(Problem::not_found("this gateway speaks plain HTTP")),
        }
    }))
}

pub(crate) async fn faults(exchange: Data<Exchange>, name: Path<String>, request: HttpRequest) -> HttpResponse {
    let checked = origin::check(&exchange.world, &request);
    answer(checked.and_then(|()| Ok(show_faults(&any(&exchange.world, &name)?))))
}

pub(crate) async fn set_faults(
    exchange: Data<Exchange>,
    name: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let faults: Result<Value, Problem> = body(&exchange, &request, payload).await;
    answer(match faults {
        Ok(faults) => put_faults(&exchange.world, &name, faults).await,
        Err(problem) => Err(problem),
    })
}

async fn put_faults(world: &World, name: &str, faults: Value) -> Answer {
    let gateway = any(world, name)?;
    match &gateway {
        Any::Texts(texts) => put_text_faults(texts, read(faults)?).await?,
        Any::Calls(trunk) => put_call_faults(trunk, read(faults)?)?,
        Any::Mail(office) => put_mail_faults(office, read(faults)?).await?,
    }
    Ok(show_faults(&gateway))
}

fn read<T: DeserializeOwned>(faults: Value) -> Result<T, Problem> {
    serde_json::from_value(faults).map_err(|error| Problem::invalid(error.to_string()))
}

async fn put_text_faults(gateway: &Gateway, faults: Faults) -> Result<(), Problem> {
    faults.check().map_err(Problem::invalid)?;
    gateway.set_faults(faults);
    gateway.door.look().await.map_err(Problem::address_lost)
}

fn put_call_faults(trunk: &Trunk, faults: SipFaults) -> Result<(), Problem> {
    faults.check().map_err(Problem::invalid)?;
    trunk.set_faults(faults);
    Ok(())
}

async fn put_mail_faults(office: &PostOffice, faults: Faults) -> Result<(), Problem> {
    faults.check_for_mail().map_err(Problem::invalid)?;
    office.set_faults(faults);
    office.door.look().await.map_err(Problem::address_lost)
}

pub(crate) async fn set_sms_url(
    exchange: Data<Exchange>,
    name: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let url: Result<SmsUrl, Problem> = body(&exchange, &request, payload).await;
    answer(url.and_then(|SmsUrl { url }| {
        let gateway = called(&exchange.world, &name)?;
        if let Some(url) = &url {
            check_url(url).map_err(|problem| Problem::invalid(format!("url {problem}")))?;
        }
        gateway.set_sms_url(url.as_deref());
        Ok(json(&shape(gateway)))
    }))
}

pub(crate) async fn messages(exchange: Data<Exchange>, name: Path<String>, request: HttpRequest) -> HttpResponse {
    answer(ledger(&exchange.world, &name, &request))
}

fn ledger(world: &World, name: &str, request: &HttpRequest) -> Answer {
    origin::check(world, request)?;
    let gateway = called(world, name)?;
    let [after, limit] = numbers(request, ["after", "limit"])?;
    let limit = usize::try_from(limit.unwrap_or(LIMIT).clamp(1, LARGEST_LIMIT)).unwrap_or(usize::MAX);
    let (entries, (last_position, first_position)) = {
        let ledger = lock(&gateway.ledger);
        (ledger.after(after.unwrap_or_default(), limit), ledger.positions())
    };
    let items = entries.iter().map(|(position, message)| entry(*position, message)).collect();
    Ok(json(&LedgerShape { items, last_position, first_position }))
}

fn entry(position: u64, message: &Message) -> EntryShape {
    EntryShape {
        position,
        sid: message.sid.text(),
        to: message.to,
        from: message.from,
        body: message.body.to_string(),
        status_callback: message.status_callback.as_deref().map(str::to_owned),
        at: rfc3339(message.created_ms),
        status: message.status().word(),
    }
}
