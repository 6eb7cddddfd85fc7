//! The verification while it runs, and its end: of a sign-in, or of what is being set up.
//! Refuses to change anything by being looked at: what follows from an end is posted.

use super::answer::{self, HEADERS, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::{Pages, account, methods, setup};
use crate::link::{Conclusion, Progress, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::reason::{Reason, Status};
use std::time::Duration;

/// How long an answer is held for who has no script (portal.md §15).
const HELD: Duration = Duration::from_secs(20);
/// How long the stream of news is silent at most.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What the page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Waiting,
    Verified,
    Ended,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    f: Frame<'a>,
    stage: Stage,
    says: String,
    does: String,
    left: String,
    again: bool,
    again_in: Option<String>,
    sets_up: bool,
    step: &'static str,
    may_choose: bool,
}

/// `GET /verify`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = unverified(&guest).await?;
        let progress = pages.link.progress(&guest.handle, None).await?;
        if progress.as_ref().is_some_and(awaits_input) {
            return Ok(answer::see(&pages, "/verify/code"));
        }
        let f = Frame::of(&guest, true, "verify");
        answer::page(&guest, StatusCode::OK, &drawn(f, &visit, progress.as_ref()))
    })
    .await
}

/// The visit of somebody who has something to verify; others are led to where they belong.
pub async fn unverified(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let visit = guest.visit().await?;
    let signed_in = visit.signed_in.is_some() && visit.person.set_up;
    let nothing = !visit.person.set_up && visit.person.draft.is_none();
    if signed_in || nothing { Err(Stop::see(guest.pages, setup::place(&visit))) } else { Ok(visit) }
}

/// Whether a code is to be typed here.
pub fn awaits_input(progress: &Progress) -> bool {
    progress.status == Status::Pending && progress.mode.needs_input()
}

fn drawn<'a>(f: Frame<'a>, visit: &Visit, progress: Option<&Progress>) -> VerifyPage<'a> {
    let stage = match progress.map(|progress| progress.status) {
        None => Stage::Fresh,
        Some(Status::Pending) => Stage::Waiting,
        Some(Status::Verified) => Stage::Verified,
        Some(Status::Denied | Status::Failed | Status::Cancelled) => Stage::Ended,
    };
    let ending = account::ending(progress.and_then(|progress| progress.to.as_deref()));
    let reason = progress.and_then(|progress| progress.reason);
    let says = match stage {
        Stage::Fresh => String::new(),
        Stage::Waiting => f.with("verify-calling-text", "ending", ending),
        Stage::Verified => f.t("verify-done"),
        Stage::Ended => f.t(why(reason)),
    };
    let with_pin = progress.is_some_and(|progress| progress.mode.needs_pin());
    VerifyPage {
        stage,
        says,
        does: f.t(if with_pin { "verify-do-reply-pin" } else { "verify-do-reply" }),
        left: progress.map(|progress| left(&f, progress)).unwrap_or_default(),
        again: match stage {
            Stage::Waiting => progress.is_some_and(may_send_again),
            Stage::Fresh | Stage::Verified => false,
            Stage::Ended => may_try_again(reason),
        },
        again_in: progress.and_then(|progress| again_in(&f, progress)),
        sets_up: !visit.person.set_up,
        step: methods::of(&visit.person).page(),
        may_choose: !visit.person.choices.is_empty(),
        f,
    }
}

/// The time that is left, in words.
pub fn left(f: &Frame<'_>, progress: &Progress) -> String {
    f.count("verify-left", "minutes", progress.left.as_secs() / 60)
}

/// Whether the text may be sent once more now.
pub fn may_send_again(progress: &Progress) -> bool {
    progress.again_in == Some(Duration::ZERO)
}

/// When it may, in words.
pub fn again_in(f: &Frame<'_>, progress: &Progress) -> Option<String> {
    let wait = progress.again_in.filter(|wait| !wait.is_zero())?;
    Some(f.count("verify-resend-in", "seconds", wait.as_secs() + 1))
}

/// Who said no is not asked again (portal.md §4.2).
const fn may_try_again(reason: Option<Reason>) -> bool {
    !matches!(
        reason,
        Some(
            Reason::FraudReported
                | Reason::FraudElsewhere
                | Reason::Blocked
                | Reason::Locked
                | Reason::PinChangeRequired
                | Reason::PinExpired
        )
    )
}

/// Why it did not succeed, in words.
fn why(reason: Option<Reason>) -> &'static str {
    use Reason::*;
    let Some(reason) = reason else { return "reason-other" };
    match reason {
        SmsNoReply | OathTimeout | Timeout => "reason-no-answer",
        SmsNotSent | GatewayBusy | CallNotPlaced | AppPushFailed => "reason-not-sent",
        NumberInvalid | NumberUnreachable | NumberFormat => "reason-number",
        CountryNotAllowed => "reason-country",
        RateLimited => "reason-rate",
        SmsCodeWrong | SmsCodePinWrong | OathWrong | OathOutOfDate => "reason-wrong",
        OathReplayed => "reason-replayed",
        Locked => "reason-locked",
        Blocked | UserUnknown | UserDisabled | SetupUnfinished => "reason-blocked",
        FraudReported | FraudElsewhere => "reason-fraud",
        SmsModeNotAllowed | OathNotAllowed | PinModeNotAllowed | AppModeNotAllowed => "reason-method",
        PinChangeRequired | PinExpired => "reason-pin",
        CancelledByCaller | Superseded | BypassStarted => "reason-cancelled",
        Cached | SmsOk | OathOk | OathFallbackOk | TrustedIp | Bypass | NotEnrolled | InternalError => "reason-other",
    }
}

/// `POST /verify`
pub async fn act(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        unverified(&guest).await?;
        let link = &pages.link;
        match form.field("do") {
            "again" => {
                let progress = link.progress(&guest.handle, None).await?;
                if progress.is_none_or(|progress| progress.status != Status::Pending && may_try_again(progress.reason))
                {
                    link.ask(&guest.handle, &form.once()).await?;
                }
            }
            "resend" => link.send_again(&guest.handle).await?,
            "cancel" => link.call_off(&guest.handle).await?,
            _ => {
                link.progress(&guest.handle, Some(HELD)).await?;
                return concluded(&pages, &guest).await;
            }
        }
        Ok(answer::see(&pages, "/verify"))
    })
    .await
}

/// What follows from the end: signed in, or back to the page that says why not.
pub async fn concluded(pages: &Pages, guest: &Guest<'_>) -> Result<HttpResponse, Stop> {
    Ok(match pages.link.conclude(&guest.handle).await? {
        Conclusion::SignedIn { handle, set_up: true } => answer::see_as(pages, "/setup/done", &handle),
        Conclusion::SignedIn { handle, set_up: false } => answer::see_as(pages, "/account", &handle),
        Conclusion::Pending | Conclusion::SetUpElsewhere | Conclusion::NotVerified => answer::see(pages, "/verify"),
    })
}

/// `GET /verify/events`: `ended` once it has ended, `moved` where a code is to be typed now; comments until then.
pub async fn events(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        unverified(&guest).await?;
        let (pages, handle) = (pages.clone(), guest.handle.clone());
        let stream = futures_util::stream::unfold(Some((pages, handle)), |state| async {
            let (pages, handle) = state?;
            let news = pages.link.progress(&handle, Some(HEARTBEAT)).await;
            let pending = matches!(&news, Ok(Some(progress)) if progress.status == Status::Pending);
            // Another rung may ask for a code that is typed here.
            let moved = matches!(&news, Ok(Some(progress)) if awaits_input(progress));
            let text = match (pending, moved) {
                (true, false) => ": still here\n\n",
                (true, true) => "event: moved\ndata: moved\n\n",
                (false, _) => "event: ended\ndata: ended\n\n",
            };
            let pending = pending && !moved;
            Some((
                Ok::<_, actix_web::Error>(web::Bytes::from_static(text.as_bytes())),
                pending.then_some((pages, handle)),
            ))
        });
        let mut answer = HttpResponse::Ok();
        for header in HEADERS {
            answer.insert_header(header);
        }
        Ok(answer
            .content_type("text/event-stream")
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(stream))
    })
    .await
}
