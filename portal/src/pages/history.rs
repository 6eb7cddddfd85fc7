//! A person's verifications, what happened in one of them, and the word that one was not them.
//! Refuses the gateway's own words: each happening is said in words that help.

use super::Pages;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Named;
use super::{account, verify};
use crate::link::{Line, Past};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::id::VerificationId;
use engine::login::Strength;
use engine::reason::Status;

/// A verification in a list.
pub struct Row {
    /// In the address of its page.
    pub id: String,
    /// When.
    pub at: String,
    /// For what.
    pub application: String,
    /// How, and how it ended.
    pub how: String,
}

/// Something that happened.
pub struct Happening {
    /// When.
    pub at: String,
    /// What.
    pub says: String,
}

/// The last verifications of the person.
pub async fn rows(guest: &Guest<'_>, f: &Frame<'_>, most: usize) -> Result<Vec<Row>, Stop> {
    let past = guest.pages.link.history(&guest.handle).await?;
    Ok(past.into_iter().take(most).map(|past| row(f, past)).collect())
}

fn row(f: &Frame<'_>, past: Past) -> Row {
    let ended = match past.status {
        Status::Verified => f.t("history-verified"),
        Status::Pending => f.t("history-pending"),
        Status::Denied | Status::Failed | Status::Cancelled => {
            f.t(verify::why(past.reason, past.method.map(|(method, _)| method)))
        }
    };
    let how = match past.method {
        Some((method, _)) => format!("{}: {ended}", f.t(Named(method).name())),
        None => ended,
    };
    Row { id: past.id.to_string(), at: f.clock(past.at), application: past.application, how }
}

/// What happened, in words; what helps nobody is left out.
pub fn happenings(f: &Frame<'_>, lines: &[Line]) -> Vec<Happening> {
    let told = lines.iter().filter_map(|line| Some((line.at, in_words(&line.what)?)));
    told.map(|(at, key)| Happening { at: f.clock_to_the_second(at), says: f.t(key) }).collect()
}

fn in_words(what: &str) -> Option<&'static str> {
    Some(match what {
        "started" => "story-started",
        "waits_for_other_prompt" => "story-waits",
        "sent" => "story-sent",
        "send_uncertain" => "story-uncertain",
        "not_sent" | "send_refused" => "story-not-sent",
        "delivered" | "delivered_after_the_end" => "story-delivered",
        "undelivered" | "undelivered_after_the_end" => "story-undelivered",
        "called" => "story-called",
        "ringing" => "story-ringing",
        "answered" => "story-answered",
        "put_through" => "story-put-through",
        "nothing_pressed" => "story-no-key",
        "no_pound" => "story-no-pound",
        "keys_wrong" => "story-keys",
        "pin_change_due" => "story-pin-due",
        "pin_changed" => "story-pin-changed",
        "call_ended" => "story-call-ended",
        "not_called" => "story-not-called",
        "call_uncertain" => "story-call-uncertain",
        "call_lost_with_its_line" | "call_lost_at_restart" => "story-cut",
        "code_wrong" | "pin_wrong" => "story-wrong",
        "code_right" | "pound_pressed" | "pin_right" => "story-right",
        "no_answer" => "story-no-answer",
        "rung_left" => "story-next",
        "answer_after_the_end" => "story-late",
        "fraud_code" | "fraud_reported" | "fraud_reported_after_the_end" => "story-fraud",
        "decided" => "story-decided",
        "settled" => "story-ended",
        "bypass_used" => "story-bypass",
        "source_limited" | "limited" | "resend_limited" => "story-limited",
        _ => return None,
    })
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    f: Frame<'a>,
    rows: Vec<Row>,
    reported: bool,
}

/// `GET /account/history`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        if !visit.person.may.history {
            return Ok(answer::see(&pages, "/account"));
        }
        let f = Frame::of(&guest, true);
        let rows = rows(&guest, &f, usize::MAX).await?;
        let reported = request.query_string() == "reported";
        answer::page(&guest, StatusCode::OK, &HistoryPage { f, rows, reported })
    })
    .await
}

#[derive(Template)]
#[template(path = "past.html")]
struct PastPage<'a> {
    f: Frame<'a>,
    row: Row,
    happenings: Vec<Happening>,
    may_stop: bool,
}

async fn find(guest: &Guest<'_>, id: &str) -> Result<Option<(Past, Strength)>, Stop> {
    let (_, strength) = account::visit(guest).await?;
    let Ok(id) = id.parse::<VerificationId>() else { return Ok(None) };
    let past = guest.pages.link.history(&guest.handle).await?;
    Ok(past.into_iter().find(|past| past.id == id).map(|past| (past, strength)))
}

/// `GET /account/history/{id}`
pub async fn show_one(request: HttpRequest, pages: web::Data<Pages>, id: web::Path<String>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let Some((past, strength)) = find(&guest, &id).await? else {
            return answer::error(&guest, StatusCode::NOT_FOUND, "error-not-found");
        };
        let lines = pages.link.story(&guest.handle, Some(past.id)).await?;
        let f = Frame::of(&guest, true);
        let happenings = happenings(&f, &lines);
        let row = row(&f, past);
        answer::page(&guest, StatusCode::OK, &PastPage { f, row, happenings, may_stop: strength == Strength::Strong })
    })
    .await
}

/// `POST /account/history/{id}`: it was not the person.
pub async fn report(
    request: HttpRequest,
    pages: web::Data<Pages>,
    id: web::Path<String>,
    mut payload: web::Payload,
) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let Some((past, _)) = find(&guest, &id).await? else {
            return answer::error(&guest, StatusCode::NOT_FOUND, "error-not-found");
        };
        let stop = form.field("do") == "stop";
        if !pages.link.not_me(&guest.handle, past.id, stop).await? {
            return Ok(answer::see(&pages, &format!("/account/history/{id}")));
        }
        Ok(answer::see(&pages, if stop { "/?stopped" } else { "/account/history?reported" }))
    })
    .await
}
