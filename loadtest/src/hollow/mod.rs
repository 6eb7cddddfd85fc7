//! The same exchanges with no engine between: a program that answers as the engine does and sends what it sends, without
//! rules, checks or a store. What it reaches is the limit of a run. Refuses to be used for anything else.

mod pages;

use crate::people;
use crate::stage::{NUMBER, PIPES, SID, TOKEN};
use crate::wire::{Pipe, request};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// What it is started with.
#[derive(clap::Args)]
pub struct Hollow {
    /// Where it listens
    #[arg(long)]
    listen: SocketAddr,
    /// Where the gateway is
    #[arg(long)]
    gateway: SocketAddr,
    /// Requests on a connection to the gateway at once
    #[arg(long)]
    depth: usize,
}

/// Connections to the gateway in all, where each holds one request; an engine has as many.
const LEGS: usize = 256;

/// How long an idle connection is kept, as by an engine: the gateway must not call back on one that is being closed.
const KEPT: Duration = Duration::from_secs(75);

struct State {
    hollow: Hollow,
    legs: tokio::sync::OnceCell<Vec<Pipe>>,
    next_leg: AtomicUsize,
    next: AtomicU64,
    /// By phone, who waits for its reply.
    waiting: Mutex<HashMap<String, Waiter>>,
    /// By phone, what is waited for once its person asks for the result.
    asked: Mutex<HashMap<String, oneshot::Receiver<()>>>,
    outcomes: Mutex<Vec<String>>,
}

enum Waiter {
    Request(oneshot::Sender<()>),
    Feed(String),
}

#[derive(Deserialize)]
struct Start {
    user: String,
}

#[derive(Deserialize)]
struct Batch {
    verifications: Vec<Start>,
}

#[derive(Deserialize)]
struct Feed {
    cursor: String,
    limit: usize,
}

/// Serves until it is killed.
pub fn serve(hollow: Hollow) -> anyhow::Result<()> {
    let listen = hollow.listen;
    let state = web::Data::new(State {
        hollow,
        legs: tokio::sync::OnceCell::new(),
        next_leg: AtomicUsize::new(0),
        next: AtomicU64::new(0),
        waiting: Mutex::default(),
        asked: Mutex::default(),
        outcomes: Mutex::default(),
    });
    let system = actix_web::rt::System::new();
    system.block_on(async move {
        let app = move || {
            App::new()
                .app_data(state.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .route("/v1/verifications", web::post().to(start))
                .route("/v1/verifications/batch", web::post().to(batch))
                .route("/v1/verifications/{id}/check", web::post().to(check))
                .route("/v1/outcomes", web::get().to(outcomes))
                .route("/callbacks/sms/sms", web::post().to(reply))
                .configure(pages::routes)
        };
        let server = HttpServer::new(app).workers(2).keep_alive(KEPT).bind(listen)?;
        println!("hollow serves on {listen}");
        server.run().await.context("it ended")
    })
}

impl State {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, Waiter>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Receiver<()>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self) -> String {
        format!("ver_{:026}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    async fn leg(&self) -> anyhow::Result<&Pipe> {
        let Hollow { gateway, depth, .. } = self.hollow;
        let count = if depth > 1 { PIPES } else { LEGS };
        let open = || async {
            let mut legs = Vec::new();
            for _ in 0..count {
                legs.push(Pipe::open(gateway, depth).await?);
            }
            anyhow::Ok(legs)
        };
        let legs = self.legs.get_or_try_init(open).await?;
        Ok(&legs[self.next_leg.fetch_add(1, Ordering::Relaxed) % legs.len()])
    }

    /// A text to a person's phone, as an engine sends it.
    async fn send(&self, phone: &str) -> anyhow::Result<()> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", phone)
            .append_pair("From", NUMBER)
            .append_pair("Body", "123456 is your verification code for loadtest. Reply with this code to verify.")
            .append_pair("ValidityPeriod", "60")
            .finish();
        let credentials = data_encoding::BASE64.encode(format!("{SID}:{TOKEN}").as_bytes());
        let head = format!(
            "Authorization: Basic {credentials}\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: */*\r\n"
        );
        let path = format!("/2010-04-01/Accounts/{SID}/Messages.json");
        let answer = self.leg().await?.exchange(request("POST", &path, &head, form.as_bytes())).await?;
        let taken: Value = serde_json::from_slice(&answer.body)?;
        anyhow::ensure!(taken["sid"].is_string(), "the gateway did not take a text: {taken}");
        Ok(())
    }
}

fn phone(user: &str) -> String {
    people::phone(user.trim_start_matches("person").parse().unwrap_or(0))
}

fn view(id: &str, user: &str, ended: bool) -> Value {
    let now = "2026-01-01T00:00:00.000Z";
    json!({ "id": id, "status": if ended { "verified" } else { "pending" }, "reason": ended.then_some("sms_ok"),
            "status_code": ended.then_some(19), "user": user, "application": "loadtest", "purpose": "sign_in",
            "method": "sms", "mode": "two_way_otp", "rung": 1, "attempts_left": null, "display_code": null,
            "created_at": now, "expires_at": now, "settled_at": ended.then_some(now), "metadata": {} })
}

async fn start(state: web::Data<State>, body: web::Json<Start>) -> HttpResponse {
    let (id, phone) = (state.id(), phone(&body.user));
    let (tell, told) = oneshot::channel();
    state.waiting().insert(phone.clone(), Waiter::Request(tell));
    if let Err(error) = state.send(&phone).await {
        return HttpResponse::BadGateway().json(json!({ "code": error.to_string() }));
    }
    match told.await {
        Ok(()) => HttpResponse::Created().json(view(&id, &body.user, true)),
        Err(_) => HttpResponse::BadGateway().json(json!({ "code": "another_start" })),
    }
}

async fn batch(state: web::Data<State>, body: web::Json<Batch>) -> HttpResponse {
    let mut items = Vec::new();
    for Start { user } in body.into_inner().verifications {
        let (id, phone) = (state.id(), phone(&user));
        items.push(json!({ "verification": view(&id, &user, false) }));
        let outcome = view(&id, &user, true).to_string();
        state.waiting().insert(phone.clone(), Waiter::Feed(outcome));
        let state = state.clone();
        // One that is not taken has no outcome, and so is lost in the report.
        actix_web::rt::spawn(async move { state.send(&phone).await.is_ok() });
    }
    HttpResponse::Ok().json(json!({ "items": items }))
}

async fn check(id: web::Path<String>, _body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().json(view(&id, "person", true))
}

async fn reply(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let _signature = request.headers().get("X-Twilio-Signature");
    let from = form_urlencoded::parse(&body).find(|(name, _)| name == "From").map(|(_, from)| from.into_owned());
    let waiter = from.and_then(|from| state.waiting().remove(&from));
    match waiter {
        // Who asked may have hung up.
        Some(Waiter::Request(tell)) => drop(tell.send(())),
        Some(Waiter::Feed(outcome)) => state.outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome),
        None => {}
    }
    HttpResponse::Ok().content_type("text/xml").body("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>")
}

async fn outcomes(state: web::Data<State>, query: web::Query<Feed>) -> HttpResponse {
    let after = query.cursor.parse().unwrap_or(0);
    let read = || {
        let outcomes = state.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.iter().skip(after).take(query.limit).cloned().collect::<Vec<_>>()
    };
    let mut found = read();
    for _ in 0..100 {
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        found = read();
    }
    let next = after + found.len();
    let body = format!("{{\"items\":[{}],\"next_cursor\":\"{next}\"}}", found.join(","));
    HttpResponse::Ok().content_type("application/json").body(body)
}
