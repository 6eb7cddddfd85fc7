//! The provider's own side, at the paths its client libraries call.
//! It knows texts and calls, no media or subaccounts, and says so with the provider's 404; calls are told of in `voice`.
//!
//! | call | does |
//! |---|---|
//! | `POST /2010-04-01/Accounts/{sid}/Messages.json` | `To`, `From` or `MessagingServiceSid` (any `MG…` sends from the account's first number), `Body`, `StatusCallback`, `ValidityPeriod`; 201 |
//! | `GET …/Messages/{Sid}.json` | one message, also an inbound one |
//! | `GET …/Messages.json` | newest first; `To`, `From`, `DateSent`, `DateSent>`, `DateSent<`, `PageSize`, `Page` with `PageToken` |
//!
//! Every text goes queued → sent → delivered, or undelivered; `sent` and what follows are posted to `StatusCallback`, in that order.
//! Webhooks carry `X-Twilio-Signature` and `I-Twilio-Idempotency-Token`, wait 15 seconds for an answer and are tried again as the
//! account's `webhook_retries` says.

mod lookup;
pub(crate) mod receipt;
mod refusal;
pub(crate) mod segments;
mod send;
mod shape;
pub(crate) mod signature;
pub(crate) mod twiml;
pub(crate) mod voice;
pub(crate) mod webhook;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;

use crate::delivery::Exchange;
use crate::gateway::Gateway;
use refusal::Refusal;

pub(crate) const API_VERSION: &str = "2010-04-01";

/// The gateway's routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/2010-04-01")
            .service(
                web::resource("/Accounts/{account}/Messages.json")
                    .route(web::post().to(send::send))
                    .route(web::get().to(lookup::list))
                    .default_service(web::to(unknown)),
            )
            .route("/Accounts/{account}/Messages/{message}.json", web::get().to(lookup::one))
            .configure(voice::routes)
            .default_service(web::to(unknown)),
    );
}

async fn unknown(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    let account = request.path().split('/').nth(3).unwrap_or_default();
    match enter(&exchange, &request, account) {
        Ok(_) => Refusal::not_found(request.path()).answer(),
        Err(answer) => answer,
    }
}

/// The account that a request speaks for, or what the request gets instead.
#[expect(clippy::result_large_err, reason = "the refusal is the answer itself and is made once a request")]
fn enter<'a>(exchange: &'a Exchange, request: &HttpRequest, account: &str) -> Result<&'a Arc<Gateway>, HttpResponse> {
    let gateway = exchange.world.gateway_of_sid(account);
    // Only the shared address comes here while the fault is on: the gateway's own one is closed.
    if gateway.is_some_and(|gateway| gateway.faults().refuse_connections) {
        return Err(hang_up());
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let known = gateway.filter(|gateway| header.is_some_and(|header| gateway.is_authorized(header)));
    let Some(gateway) = known else {
        let refusal = Refusal::unauthenticated();
        if let Some(gateway) = gateway {
            gateway.counters.refuse(refusal.code);
        }
        return Err(refusal.answer());
    };
    Ok(gateway)
}

/// Waits as long as the faults ask every answer to.
async fn delay(gateway: &Gateway) {
    let delay = gateway.faults().delay_ms;
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
}

/// Ends the connection without a single byte of an answer: the body fails before its head was written out.
fn hang_up() -> HttpResponse {
    let failing = stream::iter([Err::<web::Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted))]);
    HttpResponse::Ok().force_close().streaming(failing)
}
