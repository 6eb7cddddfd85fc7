//! Calls in the control API: what a phone shows of them, what was heard, and a tester's hand at the phone.
//! It places no call, and gives a call no answer that its state does not allow.

use std::sync::Arc;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::phones::number;
use super::problem::Problem;
use super::{Answer, answer, body, json, origin};
use crate::calls::{Call, Hand, Prompt, State, is_key};
use crate::clock::rfc3339;
use crate::delivery::Exchange;
use crate::sound::wav;
use crate::world::World;

const MOST_KEYS: usize = 64;

/// A call, as a phone shows it and as `GET /sim/v1/calls/{id}` does.
#[derive(Serialize)]
pub(super) struct CallShape {
    id: String,
    gateway: String,
    /// The caller's number; empty where it is withheld.
    from: String,
    to: String,
    /// `ringing`, `answered` or `ended`.
    state: &'static str,
    /// Why it ended: `caller_hung_up`, `cancelled`, `hung_up`, `declined`, `busy`, `unreachable`, `unallocated`, `not_answered`, `cut`.
    end: Option<&'static str>,
    prompts: Vec<PromptShape>,
    /// What the phone pressed.
    keys: String,
    at: String,
    answered_at: Option<String>,
    ended_at: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PromptShape {
    Text {
        text: String,
        language: Option<String>,
    },
    Sound {
        /// Where the recording is; `null` once it was forgotten to make room.
        wav: Option<String>,
        milliseconds: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeysBody {
    keys: String,
}

impl CallShape {
    pub(super) fn of(call: &Call) -> Self {
        let stage = call.look();
        let end = match stage.state {
            State::Ended(end) => Some(end.word()),
            State::Ringing | State::Answered => None,
        };
        Self {
            id: call.id.clone(),
            gateway: call.gateway.clone(),
            from: call.from.clone(),
            to: call.to.to_string(),
            state: stage.state.word(),
            end,
            prompts: stage
                .prompts
                .into_iter()
                .enumerate()
                .map(|(place, prompt)| shape(&call.id, place, prompt))
                .collect(),
            keys: stage.keys,
            at: rfc3339(call.at_ms),
            answered_at: stage.answered_ms.map(rfc3339),
            ended_at: stage.ended_ms.map(rfc3339),
        }
    }
}

fn shape(id: &str, place: usize, prompt: Prompt) -> PromptShape {
    match prompt {
        Prompt::Text { language, text } => PromptShape::Text { text, language },
        Prompt::Sound { milliseconds, law } => {
            let wav = law.map(|_| format!("/sim/v1/calls/{id}/prompts/{place}.wav"));
            PromptShape::Sound { wav, milliseconds }
        }
    }
}

pub(super) async fn one(exchange: Data<Exchange>, id: Path<String>, request: HttpRequest) -> HttpResponse {
    answer(find(&exchange.world, &id, &request).map(|call| json(&CallShape::of(&call))))
}

fn find(world: &World, id: &str, request: &HttpRequest) -> Result<Arc<Call>, Problem> {
    origin::check(world, request)?;
    world.calls.find(id).ok_or_else(|| Problem::not_found(format!("there is no call {id:?}, or it was forgotten")))
}

/// `GET /sim/v1/calls/{id}/prompts/{n}.wav`, counted from 0.
pub(super) async fn prompt(
    exchange: Data<Exchange>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> HttpResponse {
    let (id, file) = path.into_inner();
    answer(find(&exchange.world, &id, &request).and_then(|call| recording(&call, &file)))
}

fn recording(call: &Call, file: &str) -> Answer {
    let place = file.strip_suffix(".wav").and_then(|place| place.parse::<usize>().ok());
    let prompts = call.look().prompts;
    match place.and_then(|place| prompts.get(place)) {
        Some(Prompt::Sound { law: Some(law), .. }) => Ok(HttpResponse::Ok()
            .content_type("audio/wav")
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .body(wav::of_mu_law(law))),
        Some(Prompt::Sound { law: None, .. }) => Err(Problem::not_found("this recording was forgotten to make room")),
        Some(Prompt::Text { .. }) => Err(Problem::not_found("this prompt was said as text; look at the call")),
        None => Err(Problem::not_found(format!("the call has {} prompts; the first is 0.wav", prompts.len()))),
    }
}

/// `POST /sim/v1/phones/{number}/answer`, `…/decline` and `…/hang_up`.
pub(super) async fn act(exchange: Data<Exchange>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (phone, act) = path.into_inner();
    let hand = match act.as_str() {
        "answer" => Hand::Answer,
        "decline" => Hand::Decline,
        _ => Hand::HangUp,
    };
    answer(origin::check(&exchange.world, &request).and_then(|()| by_hand(&exchange.world, &phone, hand)))
}

/// `POST /sim/v1/phones/{number}/keys`.
pub(super) async fn keys(
    exchange: Data<Exchange>,
    phone: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let keys: Result<KeysBody, Problem> = body(&exchange, &request, payload).await;
    answer(keys.and_then(|KeysBody { keys }| {
        let fits = (1..=MOST_KEYS).contains(&keys.len()) && keys.chars().all(|key| is_key(key) || key == ',');
        if !fits {
            return Err(Problem::invalid("keys is 1 to 64 of 0-9, *, #, A-D, and a comma for a pause of a second"));
        }
        by_hand(&exchange.world, &phone, Hand::Press(keys))
    }))
}

/// The newest call that is under way is meant.
fn by_hand(world: &World, phone: &str, hand: Hand) -> Answer {
    let number = number(phone)?;
    let calls = world.phones.look(number).calls();
    let live = calls.iter().rev().find(|call| call.is_live());
    let call = live.ok_or_else(|| Problem::no_call(format!("{number} has no call")))?;
    call.by_hand(hand).map_err(Problem::no_call)?;
    Ok(HttpResponse::Accepted().insert_header(("Cache-Control", "no-store")).json(CallShape::of(call)))
}
