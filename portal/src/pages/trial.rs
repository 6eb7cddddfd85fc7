//! A call that tries the backup phone or a language: how far it is, and its end.
//! Refuses to start one by being looked at.

use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::{Pages, account, news, verify};
use crate::link::{Progress, Try};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::login::Tried;
use engine::reason::{Reason, Status};
use std::time::Duration;

/// How long an answer is held for who has no script (portal.md §15).
const HELD: Duration = Duration::from_secs(20);

#[derive(Template)]
#[template(path = "trial.html")]
struct TrialPage<'a> {
    f: Frame<'a>,
    title: &'static str,
    waiting: bool,
    good: bool,
    says: String,
    does: &'static str,
    left: String,
    again: bool,
    said: Option<&'static str>,
    back: (&'static str, &'static str),
}

/// To the page of a call that was asked for, or that says that it has to wait.
pub fn begun(pages: &Pages, wait: Option<Duration>) -> HttpResponse {
    answer::see(pages, if wait.is_some() { "/account/call?pause" } else { "/account/call" })
}

/// Whether the person has heard what a sample is for, whatever they did then.
fn was_heard(progress: &Progress) -> bool {
    use Reason::{HungUp, VoiceBadInput, VoiceNoHash, VoiceNoInput};
    let heard = |reason| matches!(reason, HungUp | VoiceBadInput | VoiceNoHash | VoiceNoInput);
    progress.status == Status::Verified || progress.reason.is_some_and(heard)
}

fn drawn<'a>(f: Frame<'a>, of: Tried, progress: &Progress) -> TrialPage<'a> {
    let waiting = progress.status == Status::Pending;
    let (title, good, ok, back) = match of {
        Tried::Backup => {
            let back = ("trial-back-backup", "/account/backup");
            ("trial-backup-title", progress.status == Status::Verified, "trial-backup-ok", back)
        }
        Tried::Sample => {
            ("trial-sample-title", was_heard(progress), "trial-sample-ok", ("trial-back-language", "/account/language"))
        }
    };
    let says = match (waiting, good) {
        // It is not called because another phone did not answer.
        (true, _) => verify::standing(f.language, &Progress { backup: false, ..progress.clone() }),
        (false, true) => f.t(ok),
        (false, false) => f.t(verify::why(progress.reason, Some(progress.method))),
    };
    let does = match (of, progress.mode.needs_pin()) {
        (Tried::Sample, _) => "trial-sample-do",
        (Tried::Backup, false) => "verify-do-pound",
        (Tried::Backup, true) => "verify-do-pin",
    };
    let left = verify::left(&f, progress);
    TrialPage { f, title, waiting, good, says, does, left, again: of == Tried::Backup, said: None, back }
}

async fn last(guest: &Guest<'_>, wait: Duration, seen: Option<Progress>) -> Result<(Tried, Progress), Stop> {
    account::visit(guest).await?;
    let trial = guest.pages.link.trial(&guest.handle, seen, wait).await?;
    trial.ok_or_else(|| Stop::see(guest.pages, "/account"))
}

/// `GET /account/call`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (of, progress) = last(&guest, Duration::ZERO, None).await?;
        let page = TrialPage { said: verify::said(&request), ..drawn(Frame::of(&guest, true), of, &progress) };
        answer::page(&guest, StatusCode::OK, &page)
    })
    .await
}

/// `POST /account/call`
pub async fn act(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let (of, progress) = last(&guest, Duration::ZERO, None).await?;
        match form.field("do") {
            "cancel" => pages.link.end_trial(&guest.handle).await?,
            "again" if of == Tried::Backup && progress.status != Status::Pending => {
                let wait = pages.link.try_call(&guest.handle, &form.once(), Try::Backup).await?;
                return Ok(begun(&pages, wait));
            }
            _ if progress.status == Status::Pending => drop(last(&guest, HELD, Some(progress)).await?),
            _ => {}
        }
        Ok(answer::see(&pages, "/account/call"))
    })
    .await
}

/// `GET /account/call/events`: as those of a verification.
pub async fn events(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        last(&guest, Duration::ZERO, None).await?;
        let (link, handle) = (pages.clone(), guest.handle.clone());
        Ok(news::stream(&guest, pages.clone(), move |seen| {
            let (link, handle) = (link.clone(), handle.clone());
            async move {
                let trial = link.link.trial(&handle, seen, news::HEARTBEAT).await?;
                Ok(trial.map(|(_, progress)| Progress { backup: false, ..progress }))
            }
        }))
    })
    .await
}
