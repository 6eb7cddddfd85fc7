//! `POST /Messages.json`: checks a text, accepts it, sends it on its way (gateways.md §1.1).
//! What isn't answered with 201 was not accepted, but for a connection that falls silent.

use std::sync::Arc;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::delivery::{Exchange, dispatch};
use crate::dice::Fate;
use crate::faults::Faults;
use crate::gateway::Gateway;
use crate::message::{Direction, Draft, Message};
use crate::number::Number;
use crate::phones::Phones;
use crate::settings::check_url;
use crate::twilio::refusal::{Refusal, fault_answer};
use crate::twilio::shape::Shape;
use crate::twilio::{delay, enter, hang_up};
use crate::world::World;

const BODY_BYTES: usize = 64 * 1024;
const BODY_CHARACTERS: usize = 1_600;
/// Seconds a text stays valid where the sender doesn't say, and at most.
const LONGEST_VALIDITY: u16 = 36_000;

pub(crate) async fn send(
    exchange: Data<Exchange>,
    account: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let gateway = match enter(&exchange, &request, &account) {
        Ok(gateway) => gateway,
        Err(answer) => return answer,
    };
    let answer = match payload.to_bytes_limited(BODY_BYTES).await {
        Ok(Ok(body)) => take(&exchange, gateway, &body).await,
        Ok(Err(_)) => return hang_up(),
        Err(_) => refuse(gateway, &Refusal::too_large()),
    };
    delay(gateway).await;
    answer
}

async fn take(exchange: &Exchange, gateway: &Arc<Gateway>, body: &[u8]) -> HttpResponse {
    let faults = gateway.faults();
    let fate = gateway.draw(&faults);
    if let Some(answer) = go_wrong(exchange, gateway, &faults, &fate).await {
        return answer;
    }
    let silent = fate.accept_then_silence;
    match accept(exchange, gateway, body, fate) {
        Ok(_) if silent => fall_silent(&exchange.world, gateway).await,
        Ok(message) => HttpResponse::Created().json(Shape::of(gateway, &message)),
        Err(refusal) => refuse(gateway, &refusal),
    }
}

/// The answer of a send that isn't looked at.
pub(super) async fn go_wrong(
    exchange: &Exchange,
    gateway: &Gateway,
    faults: &Faults,
    fate: &Fate,
) -> Option<HttpResponse> {
    if !gateway.admits(faults) {
        return Some(refuse(gateway, &Refusal::too_many()));
    }
    if fate.silence {
        return Some(fall_silent(&exchange.world, gateway).await);
    }
    let fault = fate.error.as_ref()?;
    gateway.counters.refuse(fault.code);
    Some(fault_answer(fault))
}

pub(super) async fn fall_silent(world: &World, gateway: &Gateway) -> HttpResponse {
    gateway.counters.silenced.add();
    tokio::time::sleep(world.silence).await;
    hang_up()
}

pub(super) fn refuse(gateway: &Gateway, refusal: &Refusal) -> HttpResponse {
    gateway.counters.refuse(refusal.code);
    refusal.answer()
}

fn accept(exchange: &Exchange, gateway: &Arc<Gateway>, body: &[u8], fate: Fate) -> Result<Arc<Message>, Refusal> {
    let draft = Form::read(body).check(gateway, &exchange.world.phones)?;
    let place = gateway.enter().ok_or_else(Refusal::queue_full)?;
    let message = gateway.write(draft);
    gateway.counters.accepted.add();
    dispatch(exchange, gateway, Arc::clone(&message), fate, place);
    Ok(message)
}

/// The parameters that are understood; others are taken and ignored, as the provider does.
#[derive(Default)]
struct Form {
    to: Option<String>,
    from: Option<String>,
    service: Option<String>,
    body: Option<String>,
    status_callback: Option<String>,
    validity: Option<String>,
}

impl Form {
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
        for (name, value) in pairs {
            let field = match name.as_str() {
                "To" => &mut form.to,
                "From" => &mut form.from,
                "MessagingServiceSid" => &mut form.service,
                "Body" => &mut form.body,
                "StatusCallback" => &mut form.status_callback,
                "ValidityPeriod" => &mut form.validity,
                _ => continue,
            };
            *field = Some(value).filter(|value| !value.is_empty());
        }
        form
    }

    fn check(self, gateway: &Gateway, phones: &Phones) -> Result<Draft, Refusal> {
        let to = recipient(self.to)?;
        let from = sender(self.from, self.service.as_deref(), gateway)?;
        let body = text(self.body)?;
        let status_callback = callback(self.status_callback)?;
        let validity = validity(self.validity.as_deref())?;
        if phones.opted_out(to, from) {
            return Err(Refusal::bad(21_610, "Attempt to send to unsubscribed recipient"));
        }
        Ok(Draft {
            direction: Direction::OutboundApi,
            to,
            from,
            body,
            status_callback,
            service: self.service,
            validity,
        })
    }
}

fn recipient(to: Option<String>) -> Result<Number, Refusal> {
    let to = to.ok_or_else(|| Refusal::bad(21_604, "A 'To' phone number is required"))?;
    Number::parse(&to).ok_or_else(|| Refusal::bad(21_211, format!("Invalid 'To' Phone Number: {to}")))
}

fn sender(from: Option<String>, service: Option<&str>, gateway: &Gateway) -> Result<Number, Refusal> {
    match (from, service) {
        (Some(from), _) => {
            let Some(number) = Number::parse(&from) else {
                return Err(Refusal::bad(21_212, format!("The 'From' number {from} is not a valid phone number")));
            };
            let ours = gateway.numbers.contains(&number);
            ours.then_some(number).ok_or_else(|| {
                Refusal::bad(21_606, format!("The 'From' phone number {number} can't send messages from this account"))
            })
        }
        (None, Some(service)) if service.starts_with("MG") => {
            let first = gateway.numbers.first().copied();
            first.ok_or_else(|| Refusal::bad(21_703, "The Messaging Service has no phone numbers"))
        }
        (None, Some(_)) => Err(Refusal::bad(21_701, "The Messaging Service does not exist")),
        (None, None) => Err(Refusal::bad(21_603, "A 'From' phone number is required")),
    }
}

fn text(body: Option<String>) -> Result<String, Refusal> {
    let body = body.ok_or_else(|| Refusal::bad(21_602, "Message body is required"))?;
    if body.chars().count() > BODY_CHARACTERS {
        return Err(Refusal::bad(21_617, "The message body exceeds the 1600 character limit"));
    }
    Ok(body)
}

fn callback(url: Option<String>) -> Result<Option<String>, Refusal> {
    if let Some(url) = &url {
        check_url(url).map_err(|problem| Refusal::bad(21_609, format!("The 'StatusCallback' URL {problem}")))?;
    }
    Ok(url)
}

fn validity(seconds: Option<&str>) -> Result<u16, Refusal> {
    let Some(seconds) = seconds else {
        return Ok(LONGEST_VALIDITY);
    };
    let within = seconds.parse().ok().filter(|seconds| (1..=LONGEST_VALIDITY).contains(seconds));
    within.ok_or_else(|| Refusal::bad(20_001, "ValidityPeriod is 1 to 36000 seconds"))
}
