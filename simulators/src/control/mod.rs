//! The control API under `/sim/v1`, for testers' scripts and the page.
//! It has no password, so it refuses what another site's page might send from a tester's browser.

mod calls;
mod gateways;
mod mail;
mod origin;
mod phones;
mod problem;

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::delivery::Exchange;
use crate::world::World;
use problem::Problem;

const BODY_BYTES: usize = 64 * 1024;
const CALLS: &str = "GET phones, GET phones/{number}, POST phones/{number}/reply, \
                     POST phones/{number}/answer|decline|hang_up|keys, GET calls/{id}, GET calls/{id}/prompts/{n}.wav, PUT|DELETE phones/{number}/behaviour, \
                     GET|PUT behaviour, GET gateways, GET gateways/{name}, GET|PUT gateways/{name}/faults, \
                     GET gateways/{name}/certificate, PUT gateways/{name}/sms_url, GET gateways/{name}/messages, GET|DELETE mail, GET mail/certificate, POST reset";

/// The control API's routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/sim/v1")
            .route("/phones", web::get().to(phones::list))
            .route("/phones/{number}", web::get().to(phones::one))
            .route("/phones/{number}/reply", web::post().to(phones::reply))
            .route("/phones/{number}/behaviour", web::put().to(phones::set_behaviour))
            .route("/phones/{number}/behaviour", web::delete().to(phones::unset_behaviour))
            .route("/phones/{number}/keys", web::post().to(calls::keys))
            .route("/phones/{number}/{act:answer|decline|hang_up}", web::post().to(calls::act))
            .route("/calls/{id}", web::get().to(calls::one))
            .route("/calls/{id}/prompts/{file}", web::get().to(calls::prompt))
            .route("/behaviour", web::get().to(phones::default_behaviour))
            .route("/behaviour", web::put().to(phones::set_default_behaviour))
            .route("/gateways", web::get().to(gateways::list))
            .route("/gateways/{name}", web::get().to(gateways::one))
            .route("/gateways/{name}/faults", web::get().to(gateways::faults))
            .route("/gateways/{name}/faults", web::put().to(gateways::set_faults))
            .route("/gateways/{name}/certificate", web::get().to(gateways::certificate))
            .route("/gateways/{name}/sms_url", web::put().to(gateways::set_sms_url))
            .route("/gateways/{name}/messages", web::get().to(gateways::messages))
            .route("/mail", web::get().to(mail::list))
            .route("/mail", web::delete().to(mail::forget))
            .route("/mail/certificate", web::get().to(mail::certificate))
            .route("/reset", web::post().to(reset))
            .default_service(web::to(unknown)),
    );
}

type Answer = Result<HttpResponse, Problem>;

async fn reset(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    let allowed = origin::check(&exchange.world, &request);
    answer(match allowed {
        Ok(()) => reset_all(&exchange.world).await,
        Err(problem) => Err(problem),
    })
}

async fn reset_all(world: &World) -> Answer {
    world.reset();
    let doors = world.gateways.iter().map(|gateway| &gateway.door);
    for door in doors.chain(world.office.iter().map(|office| &office.door)) {
        door.look().await.map_err(Problem::address_lost)?;
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn unknown(request: HttpRequest) -> HttpResponse {
    let call = format!("{} {}", request.method(), request.path());
    Problem::not_found(format!("there is no {call}; there are: {CALLS}")).answer()
}

fn answer(done: Answer) -> HttpResponse {
    done.unwrap_or_else(|problem| problem.answer())
}

fn json(shape: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(shape)
}

/// The JSON body of a request that may change something.
async fn body<T: DeserializeOwned>(exchange: &Exchange, request: &HttpRequest, payload: Payload) -> Result<T, Problem> {
    origin::check(&exchange.world, request)?;
    if request.content_type() != "application/json" {
        return Err(Problem::media_type());
    }
    let bytes = match payload.to_bytes_limited(BODY_BYTES).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Problem::invalid("the body ended early")),
        Err(_) => return Err(Problem::too_large(format!("the body is at most {BODY_BYTES} bytes"))),
    };
    // An array would be taken for the fields in their order, and an empty one for all defaults.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::invalid("the body is a JSON object"));
    }
    serde_json::from_slice(&bytes).map_err(|error| Problem::invalid(error.to_string()))
}

/// Named whole numbers of a query; others are refused by name.
fn numbers<const N: usize>(request: &HttpRequest, names: [&str; N]) -> Result<[Option<u64>; N], Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string())
        .map_err(|_| Problem::invalid("the query is not form-encoded"))?;
    let mut numbers = [None; N];
    for (name, value) in pairs {
        let Some(at) = names.iter().position(|known| *known == name) else {
            let known = names.join(", ");
            return Err(Problem::invalid(format!("unknown query parameter {name}; known are: {known}")));
        };
        let number = value.parse().map_err(|_| Problem::invalid(format!("{name} is a whole number")))?;
        numbers[at] = Some(number);
    }
    Ok(numbers)
}
