//! Letters in the control API: what came, and how to trust the server that took it.
//! Passwords are never shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::problem::Problem;
use super::{Answer, answer, json, origin};
use crate::clock::rfc3339;
use crate::delivery::Exchange;
use crate::mail::{Letter, PostOffice};
use crate::world::World;

const LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 1_000;

/// `GET /sim/v1/mail?to=&limit=`: the last letters, newest last.
#[derive(Serialize)]
struct MailShape {
    items: Vec<LetterShape>,
    /// Letters kept that are asked for, also those beyond the limit.
    total: usize,
    /// Grows whenever a letter comes or all are forgotten.
    version: u64,
}

#[derive(Serialize)]
struct LetterShape {
    id: String,
    /// Of the envelope; empty where nobody is to be answered.
    from: String,
    /// Of the envelope.
    to: Vec<String>,
    subject: Option<String>,
    /// What a reader without HTML sees.
    text: Option<String>,
    html: Option<String>,
    /// As they were written, on one line each.
    headers: BTreeMap<&'static str, String>,
    at: String,
}

#[derive(Default)]
struct Query {
    to: Option<String>,
    limit: Option<usize>,
}

pub(crate) async fn list(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    answer(last(&exchange.world, &request))
}

fn last(world: &World, request: &HttpRequest) -> Answer {
    let office = office(world, request)?;
    let query = query(request)?;
    let limit = query.limit.unwrap_or(LIMIT).min(LARGEST_LIMIT);
    let (letters, total, version) = office.last(query.to.as_deref(), limit);
    let items = letters.iter().map(|letter| shape(letter)).collect();
    Ok(json(&MailShape { items, total, version }))
}

pub(crate) async fn forget(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    answer(office(&exchange.world, &request).map(|office| {
        office.forget();
        HttpResponse::NoContent().finish()
    }))
}

pub(crate) async fn certificate(exchange: Data<Exchange>, request: HttpRequest) -> HttpResponse {
    answer(office(&exchange.world, &request).map(|office| {
        HttpResponse::Ok()
            .content_type("application/x-pem-file")
            .insert_header(("Cache-Control", "no-store"))
            .body(office.certificate.clone())
    }))
}

fn office<'a>(world: &'a World, request: &HttpRequest) -> Result<&'a Arc<PostOffice>, Problem> {
    origin::check(world, request)?;
    let off = "there is no mail server; set mail.enabled = true in the simulators' settings";
    world.office.as_ref().ok_or_else(|| Problem::not_found(off))
}

fn query(request: &HttpRequest) -> Result<Query, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string())
        .map_err(|_| Problem::invalid("the query is not form-encoded"))?;
    pairs.into_iter().try_fold(Query::default(), |query, (name, value)| match name.as_str() {
        "to" => Ok(Query { to: Some(value), ..query }),
        "limit" => {
            let limit = value.parse().map_err(|_| Problem::invalid("limit is a whole number"))?;
            Ok(Query { limit: Some(limit), ..query })
        }
        _ => Err(Problem::invalid(format!("unknown query parameter {name}; known are: to, limit"))),
    })
}

fn shape(letter: &Letter) -> LetterShape {
    LetterShape {
        id: format!("mail_{}", letter.number),
        from: letter.from.clone(),
        to: letter.to.clone(),
        subject: letter.subject.clone(),
        text: letter.text.clone(),
        html: letter.html.clone(),
        headers: letter.headers.clone(),
        at: rfc3339(letter.at_ms),
    }
}
