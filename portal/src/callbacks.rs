//! What gateways tell us; the signature is checked before anything else is read.
//! Refuses to answer 200 before it is durable.

use crate::body;
use crate::problem::Problem;
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use channels::text::{CallbackError, RawCallback, SignatureRefused, TextGateway};
use channels::twilio::voice::{TwilioVoice, Twiml};
use std::sync::Arc;

type Answer = Result<HttpResponse, Problem>;

/// `POST /callbacks/{gateway}/sms`: an inbound text.
pub async fn inbound(
    request: HttpRequest,
    state: web::Data<State>,
    name: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let text = read(&request, &state, &name, &mut payload, |gateway, callback| gateway.inbound(callback)).await?;
    let engine = state.engine.clone();
    // In a task of its own: a gateway that hangs up meanwhile must not end it half-way.
    let taken = actix_web::rt::spawn(async move { (engine.reply(&name, text).await, engine.now()) }).await;
    let (answer, now) = taken.map_err(|_| Problem::broken())?;
    let answer = answer.map_err(|why| Problem::refused(why, now))?;
    let message = answer.say.map(|say| format!("<Message>{}</Message>", escaped(&say))).unwrap_or_default();
    let xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{message}</Response>");
    Ok(HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(xml))
}

/// Text in an XML element (XML 1.0 §2.4).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `POST /callbacks/{gateway}/sms/status`: a receipt.
pub async fn status(
    request: HttpRequest,
    state: web::Data<State>,
    name: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let receipt = read(&request, &state, &name, &mut payload, |gateway, callback| gateway.receipt(callback)).await?;
    let engine = &state.engine;
    engine.receipt(&name, receipt).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /callbacks/{gateway}/voice/answer`: somebody, or something, picked up.
pub async fn answered(
    request: HttpRequest,
    state: web::Data<State>,
    name: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let (caller, raw) = of_call(&state, &name, &mut payload).await?;
    let callback = checked(&request, &raw, |callback| caller.verify(callback))?;
    caller.answered(&callback).await.map(document).map_err(malformed)
}

/// `POST /callbacks/{gateway}/voice/gather`: keys were pressed, or none were in time.
pub async fn gathered(
    request: HttpRequest,
    state: web::Data<State>,
    name: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let (caller, raw) = of_call(&state, &name, &mut payload).await?;
    let callback = checked(&request, &raw, |callback| caller.verify(callback))?;
    caller.gathered(&callback).await.map(document).map_err(malformed)
}

/// `POST /callbacks/{gateway}/voice/status`: how far a call is.
pub async fn call_status(
    request: HttpRequest,
    state: web::Data<State>,
    name: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let (caller, raw) = of_call(&state, &name, &mut payload).await?;
    let callback = checked(&request, &raw, |callback| caller.verify(callback))?;
    caller.status(&callback).await.map_err(malformed)?;
    Ok(HttpResponse::NoContent().finish())
}

async fn of_call(
    state: &State,
    name: &str,
    payload: &mut web::Payload,
) -> Result<(Arc<TwilioVoice>, Vec<u8>), Problem> {
    let caller = state.gateways.calls.get(name).cloned().ok_or_else(|| Problem::not_found("gateway"))?;
    Ok((caller, body::read(payload, body::ORDINARY).await?))
}

fn document(says: Twiml) -> HttpResponse {
    HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(says.into_string())
}

/// What a callback of this gateway says, once its signature is checked.
async fn read<T>(
    request: &HttpRequest,
    state: &State,
    name: &str,
    payload: &mut web::Payload,
    parse: impl FnOnce(&dyn TextGateway, &RawCallback<'_>) -> Result<T, CallbackError>,
) -> Result<T, Problem> {
    let gateway = gateway(state, name)?;
    // Whatever it was, it may have been a reply that does not come again.
    let raw = body::read(payload, body::ORDINARY).await.inspect_err(|_| state.engine.owe(name))?;
    let callback = checked(request, &raw, |callback| gateway.verify(callback))?;
    parse(&*gateway, &callback).map_err(malformed)
}

fn gateway(state: &State, name: &str) -> Result<Arc<dyn TextGateway>, Problem> {
    state.gateways.texts.get(name).cloned().ok_or_else(|| Problem::not_found("gateway"))
}

fn checked<'a>(
    request: &'a HttpRequest,
    raw: &'a [u8],
    verify: impl FnOnce(&RawCallback<'_>) -> Result<(), SignatureRefused>,
) -> Result<RawCallback<'a>, Problem> {
    let path_and_query = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let signature = request.headers().get("X-Twilio-Signature").and_then(|value| value.to_str().ok());
    let callback = RawCallback { path_and_query, signature, body: raw };
    verify(&callback).map_err(|refused| {
        tracing::warn!(path = request.path(), "a callback with a missing or wrong signature was refused");
        metrics::counter!("countersign_callbacks_refused_total").increment(1);
        Problem::new(StatusCode::FORBIDDEN, "signature_wrong", refused.to_string())
    })?;
    Ok(callback)
}

fn malformed(error: CallbackError) -> Problem {
    Problem::bad("callback_malformed", error.to_string())
}
