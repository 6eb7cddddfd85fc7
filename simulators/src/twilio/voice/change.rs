//! `POST /Calls/{Sid}.json`: hangs up or cancels, or says something else.
//! A call that has ended is changed no more.

use std::sync::Arc;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::book::{Change, Placed, Status};
use super::place::{BODY_BYTES, post_only, source};
use super::shape::Shape;
use crate::delivery::Exchange;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::twilio::refusal::Refusal;
use crate::twilio::send::refuse;
use crate::twilio::{delay, enter, hang_up};

pub(super) async fn change(
    exchange: Data<Exchange>,
    path: Path<(String, String)>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let (account, sid) = path.into_inner();
    let gateway = match enter(&exchange, &request, &account) {
        Ok(gateway) => gateway,
        Err(answer) => return answer,
    };
    let answer = match payload.to_bytes_limited(BODY_BYTES).await {
        Ok(Ok(body)) => match changed(gateway, &sid, request.path(), &body) {
            Ok(call) => HttpResponse::Ok().json(Shape::of(gateway, &call)),
            Err(refusal) => refuse(gateway, &refusal),
        },
        Ok(Err(_)) => return hang_up(),
        Err(_) => refuse(gateway, &Refusal::too_large()),
    };
    delay(gateway).await;
    answer
}

fn changed(gateway: &Gateway, sid: &str, path: &str, body: &[u8]) -> Result<Arc<Placed>, Refusal> {
    let found = lock(&gateway.calls).find(sid);
    let call = found.ok_or_else(|| Refusal::not_found(path))?;
    let Some(change) = asked(body)? else { return Ok(call) };
    let status = call.look().status;
    let fits = match change {
        // One that was answered meanwhile takes no notice, and the request is none the worse for it.
        Change::Cancel if status == Status::InProgress => return Ok(call),
        Change::Cancel | Change::HangUp => true,
        Change::Say(_) => status == Status::InProgress,
    };
    let refused = || Refusal::bad(21_220, "Call is not in-progress. Cannot redirect.");
    if fits && call.change(change) { Ok(call) } else { Err(refused()) }
}

fn asked(body: &[u8]) -> Result<Option<Change>, Refusal> {
    let (mut status, mut url, mut twiml, mut method) = (None, None, None, None);
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "Status" => status = Some(value),
            "Url" => url = Some(value),
            "Twiml" => twiml = Some(value),
            "Method" => method = Some(value),
            _ => {}
        }
    }
    post_only("Method", method.as_deref())?;
    match status.as_deref() {
        Some("canceled") => Ok(Some(Change::Cancel)),
        Some("completed") => Ok(Some(Change::HangUp)),
        Some(other) => Err(Refusal::bad(20_001, format!("Status is canceled or completed, not {other}"))),
        None => Ok(source(url, twiml)?.map(Change::Say)),
    }
}
