//! The verification while it runs, and its end: of a sign-in, or of what is being set up.
//! Refuses to change anything by being looked at: what follows from an end is posted.

use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::history::{Happening, happenings};
use super::texts::Language;
use super::{Pages, account, methods, news, setup};
use crate::link::{CallState, Conclusion, Due, Progress, Visit, Way};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::method::Method;
use engine::reason::{Reason, Status};
use std::time::Duration;

/// How long an answer is held for who has no script (portal.md §15).
const HELD: Duration = Duration::from_secs(20);

/// What the page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Waiting,
    Verified,
    Ended,
}

/// What there is beside the verification that runs or has ended.
pub struct OtherWays {
    /// The version of what is proved, so that an older page is known.
    pub seen: u64,
    /// A code of a token.
    pub use_code: bool,
    /// Security questions.
    pub use_questions: bool,
    /// The phone that was theirs before.
    pub undo: bool,
}

impl OtherWays {
    /// Another way is for signing in: what is set up or changed is proved by itself.
    pub fn of(visit: &Visit, progress: Option<&Progress>) -> Self {
        let signs_in = visit.person.set_up && visit.signed_in.is_none();
        let open = signs_in
            && progress
                .is_some_and(|one| one.status == Status::Pending || one.reason.is_none_or(Reason::may_fall_back));
        let may = visit.person.may;
        Self {
            seen: visit.person.draft.as_ref().map_or(0, |draft| draft.version),
            use_code: open && may.use_code && progress.is_none_or(|progress| progress.method != Method::Oath),
            use_questions: open && may.use_questions,
            undo: signs_in && may.undo,
        }
    }

    /// Whether there is any.
    pub const fn is_any(&self) -> bool {
        self.use_code || self.use_questions || self.undo
    }
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    f: Frame<'a>,
    title: &'static str,
    stage: Stage,
    says: String,
    does: String,
    left: String,
    again: bool,
    again_in: Option<(String, u128)>,
    steers: bool,
    sets_up: bool,
    changes: bool,
    step: &'static str,
    may_choose: bool,
    said: Option<&'static str>,
    other: OtherWays,
    happenings: Vec<Happening>,
}

/// `GET /verify`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = unverified(&guest).await?;
        let progress = pages.link.progress(&guest.handle, None).await?;
        if progress.as_ref().is_some_and(awaits_input) {
            let told = said(&request).map(|_| format!("/verify/code?{}", request.query_string()));
            return Ok(answer::see(&pages, told.as_deref().unwrap_or("/verify/code")));
        }
        let f = Frame::of(&guest, true);
        let lines = pages.link.story(&guest.handle, None).await?;
        let happenings = happenings(&f, &lines);
        let page = VerifyPage { said: said(&request), happenings, ..drawn(f, &visit, progress.as_ref()) };
        answer::page(&guest, StatusCode::OK, &page)
    })
    .await
}

/// What is to be said of what was posted before.
pub fn said(request: &HttpRequest) -> Option<&'static str> {
    match request.query_string() {
        "changed" => Some("verify-changed-elsewhere"),
        "pause" => Some("verify-pause"),
        _ => None,
    }
}

/// The visit of somebody who has something to verify; others are led to where they belong.
pub async fn unverified(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let visit = guest.visit().await?;
    if let Some(Due::Proof(_)) = visit.due() {
        return Err(Stop::see(guest.pages, "/setup/proof"));
    }
    let something = match (visit.person.set_up, visit.signed_in) {
        (false, _) => visit.person.draft.is_some(),
        (true, Some(_)) => visit.person.draft.is_some() && setup::place(&visit) == "/account",
        (true, None) => true,
    };
    if something { Ok(visit) } else { Err(Stop::see(guest.pages, setup::place(&visit))) }
}

/// Whoever signs in, and whose verification does not end it all (portal.md §4.2); others are led back.
pub async fn may_fall_back(guest: &Guest<'_>) -> Result<(), Stop> {
    let visit = unverified(guest).await?;
    let progress = guest.pages.link.progress(&guest.handle, None).await?;
    let open = visit.person.set_up
        && visit.signed_in.is_none()
        && progress.is_none_or(|one| one.reason.is_none_or(Reason::may_fall_back));
    if open { Ok(()) } else { Err(Stop::see(guest.pages, "/verify")) }
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
    let reason = progress.and_then(|progress| progress.reason);
    let says = match stage {
        Stage::Fresh => String::new(),
        Stage::Waiting => progress.map(|progress| standing(f.language, progress)).unwrap_or_default(),
        Stage::Verified => f.t("verify-done"),
        Stage::Ended => match progress.and_then(|progress| progress.locked_until) {
            Some(until) => f.with("reason-locked-until", "time", f.clock(until)),
            None => f.t(why(reason, progress.map(|progress| progress.method))),
        },
    };
    VerifyPage {
        title: match stage {
            Stage::Fresh | Stage::Waiting => "verify-title",
            Stage::Verified => "verify-title-verified",
            Stage::Ended => "verify-title-ended",
        },
        stage,
        says,
        does: progress.map(|progress| f.t(what_to_do(progress))).unwrap_or_default(),
        left: progress.map(|progress| left(&f, progress)).unwrap_or_default(),
        again: match stage {
            Stage::Waiting => progress.is_some_and(|one| one.steers && may_send_again(one)),
            Stage::Fresh | Stage::Verified => false,
            Stage::Ended => reason.is_none_or(Reason::may_try_again),
        },
        again_in: progress.filter(|one| one.steers).and_then(|progress| again_in(&f, progress)),
        steers: progress.is_none_or(|progress| progress.steers),
        sets_up: !visit.person.set_up,
        changes: visit.person.set_up && visit.signed_in.is_some(),
        step: methods::of(&visit.person).page(),
        may_choose: !visit.person.choices.is_empty(),
        said: None,
        other: OtherWays::of(visit, progress),
        happenings: vec![],
        f,
    }
}

/// How a verification stands that is under way, in words.
pub fn standing(language: &Language, progress: &Progress) -> String {
    let ending = account::ending(progress.to.as_deref());
    let key = match progress.call {
        None => "verify-calling-text",
        Some(CallState::Calling) => "verify-calling",
        Some(CallState::Ringing) => "verify-ringing",
        Some(CallState::PutThrough) => "verify-put-through",
        Some(CallState::Answered) => "verify-answered",
    };
    let says = language.with(key, "ending", ending);
    if progress.backup { format!("{} {says}", language.text("verify-backup")) } else { says }
}

/// What the person is to do.
const fn what_to_do(progress: &Progress) -> &'static str {
    match (progress.method, progress.mode.needs_pin()) {
        (Method::Voice, false) => "verify-do-pound",
        (Method::Voice, true) => "verify-do-pin",
        (Method::Sms | Method::App | Method::Oath, false) => "verify-do-reply",
        (Method::Sms | Method::App | Method::Oath, true) => "verify-do-reply-pin",
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

/// In what time it may: in words, and in milliseconds for the script.
pub fn again_in(f: &Frame<'_>, progress: &Progress) -> Option<(String, u128)> {
    let wait = progress.again_in.filter(|wait| !wait.is_zero())?;
    Some((f.count("verify-resend-in", "seconds", wait.as_secs() + 1), wait.as_millis()))
}

/// Why it did not succeed, in words.
pub fn why(reason: Option<Reason>, method: Option<Method>) -> &'static str {
    use Reason::*;
    let Some(reason) = reason else { return "reason-other" };
    let called = method == Some(Method::Voice);
    match reason {
        GatewayBusy if called => "reason-call-not-placed",
        NumberInvalid | NumberUnreachable | NumberFormat if called => "reason-call-number",
        RateLimited if called => "reason-call-rate",
        ExtensionNotAllowed => "reason-extension",
        SmsNoReply | OathTimeout | Timeout => "reason-no-answer",
        SmsNotSent | GatewayBusy | AppPushFailed => "reason-not-sent",
        CallNotPlaced => "reason-call-not-placed",
        CallNoAnswer => "reason-call-no-answer",
        NumberBusy => "reason-call-busy",
        HungUp => "reason-call-hung-up",
        VoiceNoHash => "reason-call-no-pound",
        VoiceNoInput => "reason-call-no-key",
        VoiceBadInput => "reason-call-keys",
        Voicemail => "reason-call-voicemail",
        CallCut => "reason-call-cut",
        NumberInvalid | NumberUnreachable | NumberFormat => "reason-number",
        CountryNotAllowed => "reason-country",
        QuietHours => "reason-quiet-hours",
        RateLimited => "reason-rate",
        SmsCodeWrong | SmsCodePinWrong | OathWrong | OathOutOfDate => "reason-wrong",
        OathReplayed => "reason-replayed",
        Locked => "reason-locked",
        Blocked | UserUnknown | UserDisabled | SetupUnfinished => "reason-blocked",
        FraudReported | FraudVoice | FraudElsewhere => "reason-fraud",
        SmsModeNotAllowed | OathNotAllowed | PinModeNotAllowed | AppModeNotAllowed => "reason-method",
        PinChangeRequired | PinExpired => "reason-pin",
        CancelledByCaller | Superseded | BypassStarted => "reason-cancelled",
        VoiceOk | VoicePinOk | Cached | SmsOk | OathOk | OathFallbackOk | QuestionsOk | TrustedIp | Bypass
        | NotEnrolled | InternalError => "reason-other",
    }
}

/// `POST /verify`
pub async fn act(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = unverified(&guest).await?;
        let (link, does) = (&pages.link, form.field("do"));
        if does != "undo" && is_old(&visit, &form) {
            return Ok(answer::see(&pages, "/verify?changed"));
        }
        let wait = match does {
            "again" => {
                let progress = link.progress(&guest.handle, None).await?;
                let over =
                    |one: Progress| one.status != Status::Pending && one.reason.is_none_or(Reason::may_try_again);
                if progress.is_none_or(over) { link.ask(&guest.handle, &form.once(), Way::Own).await? } else { None }
            }
            "code" => {
                may_fall_back(&guest).await?;
                link.ask(&guest.handle, &form.once(), Way::Code).await?
            }
            "undo" => {
                if link.undo(&guest.handle).await? {
                    link.ask(&guest.handle, &form.once(), Way::Own).await?
                } else if visit.person.may.undo {
                    Some(Duration::ZERO)
                } else {
                    None
                }
            }
            "resend" => link.send_again(&guest.handle).await.map(|()| None)?,
            "cancel" => link.call_off(&guest.handle).await.map(|()| None)?,
            "drop" => {
                link.drop_draft(&guest.handle).await?;
                return Ok(answer::see(&pages, "/account"));
            }
            _ => {
                link.progress(&guest.handle, Some(HELD)).await?;
                return concluded(&pages, &guest).await;
            }
        };
        Ok(asked(&pages, wait))
    })
    .await
}

/// To the page of what was asked for, or that says that it has to wait.
pub fn asked(pages: &Pages, wait: Option<Duration>) -> HttpResponse {
    answer::see(pages, if wait.is_some() { "/verify?pause" } else { "/verify" })
}

/// Whether a form is of a page that was drawn before what is proved was changed: the later page wins, and the earlier one is told
/// so (portal.md §6, rule 8).
pub fn is_old(visit: &Visit, form: &Form) -> bool {
    form.field("seen").parse() != Ok(visit.person.draft.as_ref().map_or(0, |draft| draft.version))
}

/// What follows from the end: signed in, or back to the page that says why not.
pub async fn concluded(pages: &Pages, guest: &Guest<'_>) -> Result<HttpResponse, Stop> {
    Ok(match pages.link.conclude(&guest.handle).await? {
        Conclusion::SignedIn { handle, set_up } => {
            let visit = pages.link.visit(handle.expose()).await?;
            answer::see_as(pages, visit.map_or("/", |visit| setup::next(&visit, set_up)), &handle)
        }
        Conclusion::Changed => answer::see(pages, "/account"),
        Conclusion::Pending | Conclusion::SetUpElsewhere | Conclusion::NotVerified => answer::see(pages, "/verify"),
    })
}

/// `GET /verify/events`: `ended` once it has ended, `moved` where a code is to be typed now or something else is to be done,
/// `state` with its words while a call goes on; comments until then.
pub async fn events(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        unverified(&guest).await?;
        let (link, handle) = (pages.clone(), guest.handle.clone());
        Ok(news::stream(&guest, pages.clone(), move |seen| {
            let (link, handle) = (link.clone(), handle.clone());
            async move { link.link.moved(&handle, seen, news::HEARTBEAT).await }
        }))
    })
    .await
}
