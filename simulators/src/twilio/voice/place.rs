//! `POST /Calls.json`: checks a call, accepts it, has it carried out.
//! What isn't answered with 201 was not accepted, but for a connection that falls silent.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::book::{Draft, Placed, Source, Wanted};
use super::life;
use super::shape::Shape;
use crate::delivery::Exchange;
use crate::dice::Fate;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::number::Number;
use crate::settings::check_url;
use crate::twilio::refusal::Refusal;
use crate::twilio::send::{fall_silent, go_wrong, refuse};
use crate::twilio::{delay, enter, hang_up};

pub(super) const BODY_BYTES: usize = 64 * 1024;
/// The longest document that comes with a request.
const TWIML_CHARACTERS: usize = 4_000;
/// Seconds that it rings where nobody says, and at most.
const RING: u64 = 60;
const LONGEST_RING: u64 = 600;
/// Seconds that it may be asked to last.
const LONGEST: u64 = 86_400;
const MOST_DIGITS: usize = 32;

pub(super) async fn place(
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
        Ok(call) => HttpResponse::Created().json(Shape::of(gateway, &call)),
        Err(refusal) => refuse(gateway, &refusal),
    }
}

fn accept(exchange: &Exchange, gateway: &Arc<Gateway>, body: &[u8], fate: Fate) -> Result<Arc<Placed>, Refusal> {
    let draft = Form::read(body).check(gateway)?;
    let place = gateway.enter().ok_or_else(Refusal::too_many)?;
    let (call, changes) = lock(&gateway.calls).write(draft);
    gateway.counters.calls.add();
    life::begin(exchange, gateway, Arc::clone(&call), changes, fate, place);
    Ok(call)
}

/// The parameters that are understood; others are taken and ignored, as the provider does.
#[derive(Default)]
struct Form {
    to: Option<String>,
    from: Option<String>,
    url: Option<String>,
    twiml: Option<String>,
    method: Option<String>,
    status_callback: Option<String>,
    status_callback_method: Option<String>,
    events: Vec<String>,
    ring: Option<String>,
    limit: Option<String>,
    machine_detection: Option<String>,
    digits: Option<String>,
}

impl Form {
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            let field = match name.as_str() {
                "To" => &mut form.to,
                "From" => &mut form.from,
                "Url" => &mut form.url,
                "Twiml" => &mut form.twiml,
                "Method" => &mut form.method,
                "StatusCallback" => &mut form.status_callback,
                "StatusCallbackMethod" => &mut form.status_callback_method,
                "StatusCallbackEvent" => {
                    form.events.push(value);
                    continue;
                }
                "Timeout" => &mut form.ring,
                "TimeLimit" => &mut form.limit,
                "MachineDetection" => &mut form.machine_detection,
                "SendDigits" => &mut form.digits,
                _ => continue,
            };
            *field = Some(value);
        }
        form
    }

    fn check(self, gateway: &Gateway) -> Result<Draft, Refusal> {
        let wanted = wanted(&self.events)?;
        post_only("Method", self.method.as_deref())?;
        post_only("StatusCallbackMethod", self.status_callback_method.as_deref())?;
        Ok(Draft {
            to: recipient(self.to)?,
            from: caller(self.from, gateway)?,
            source: source(self.url, self.twiml)?.ok_or_else(|| Refusal::bad(21_205, "Url parameter is required"))?,
            status_callback: callback(self.status_callback)?,
            wanted,
            ring: Duration::from_secs(seconds("Timeout", self.ring.as_deref(), LONGEST_RING)?.unwrap_or(RING)),
            limit: seconds("TimeLimit", self.limit.as_deref(), LONGEST)?.map(Duration::from_secs),
            machine_detection: machine_detection(self.machine_detection.as_deref())?,
            digits: digits(self.digits)?,
        })
    }
}

fn recipient(to: Option<String>) -> Result<Number, Refusal> {
    let to = to.ok_or_else(|| Refusal::bad(21_201, "No 'To' number is specified"))?;
    Number::parse(&to).ok_or_else(|| Refusal::bad(21_211, format!("Invalid 'To' Phone Number: {to}")))
}

fn caller(from: Option<String>, gateway: &Gateway) -> Result<Number, Refusal> {
    let from = from.ok_or_else(|| Refusal::bad(21_213, "No 'From' number is specified"))?;
    let number = Number::parse(&from).ok_or_else(|| Refusal::bad(21_212, format!("Invalid 'From' number: {from}")))?;
    let unverified = || Refusal::bad(21_210, format!("'From' phone number {number} is not verified for this account"));
    gateway.numbers.contains(&number).then_some(number).ok_or_else(unverified)
}

/// Where the document comes from, if the request says so.
pub(super) fn source(url: Option<String>, twiml: Option<String>) -> Result<Option<Source>, Refusal> {
    match (url, twiml) {
        (_, Some(twiml)) if twiml.chars().count() > TWIML_CHARACTERS => {
            Err(Refusal::bad(21_218, format!("Twiml has at most {TWIML_CHARACTERS} characters")))
        }
        (_, Some(twiml)) => Ok(Some(Source::Twiml(twiml))),
        (Some(url), None) => {
            check_url(&url).map_err(|problem| Refusal::bad(21_205, format!("The Url {problem}")))?;
            Ok(Some(Source::Url(url)))
        }
        (None, None) => Ok(None),
    }
}

pub(super) fn post_only(name: &str, method: Option<&str>) -> Result<(), Refusal> {
    match method {
        None | Some("POST") => Ok(()),
        Some(_) => Err(Refusal::bad(20_001, format!("{name} is POST here"))),
    }
}

fn callback(url: Option<String>) -> Result<Option<String>, Refusal> {
    if let Some(url) = &url {
        check_url(url).map_err(|problem| Refusal::bad(21_609, format!("The 'StatusCallback' URL {problem}")))?;
    }
    Ok(url)
}

fn wanted(events: &[String]) -> Result<Wanted, Refusal> {
    let mut wanted = Wanted { completed: events.is_empty(), ..Wanted::default() };
    // One parameter may hold several, apart by blanks.
    for event in events.iter().flat_map(|events| events.split_whitespace()) {
        match event {
            "initiated" => wanted.initiated = true,
            "ringing" => wanted.ringing = true,
            "answered" => wanted.answered = true,
            "completed" => wanted.completed = true,
            _ => return Err(Refusal::bad(21_626, format!("Invalid StatusCallbackEvent: {event}"))),
        }
    }
    Ok(wanted)
}

fn seconds(name: &str, seconds: Option<&str>, most: u64) -> Result<Option<u64>, Refusal> {
    let Some(seconds) = seconds else { return Ok(None) };
    let within = seconds.parse().ok().filter(|seconds| (1..=most).contains(seconds));
    within.map(Some).ok_or_else(|| Refusal::bad(20_001, format!("{name} is 1 to {most} seconds")))
}

fn machine_detection(word: Option<&str>) -> Result<bool, Refusal> {
    match word {
        None => Ok(false),
        Some("Enable" | "DetectMessageEnd") => Ok(true),
        Some(_) => Err(Refusal::bad(20_001, "MachineDetection is Enable or DetectMessageEnd")),
    }
}

fn digits(digits: Option<String>) -> Result<Option<String>, Refusal> {
    let key = |key: char| matches!(key, '0'..='9' | 'A'..='D' | '#' | '*' | 'w' | 'W');
    match digits {
        Some(digits) if digits.len() > MOST_DIGITS || !digits.chars().all(key) => {
            Err(Refusal::bad(21_202, "SendDigits is at most 32 of 0-9, A-D, #, *, w and W"))
        }
        digits => Ok(digits),
    }
}
