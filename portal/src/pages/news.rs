//! News of a verification for the page that waits for it, as server-sent events.
//! Refuses to carry more than the words of the page: whoever has no script reads the same by looking again.

use super::answer::HEADERS;
use super::guest::Guest;
use super::verify::{awaits_input, standing};
use super::{Pages, texts::Language};
use crate::link::{Away, Progress};
use actix_web::{HttpResponse, web};
use engine::reason::Status;
use std::time::Duration;

/// How long the stream is silent at most.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is said of one look, and whether there is more to come.
fn said(language: Option<&Language>, seen: Option<&Progress>, now: &Progress) -> (String, bool) {
    let event = |name: &str, data: &str| format!("event: {name}\ndata: {data}\n\n");
    let other = seen.is_some_and(|seen| (seen.method, seen.mode) != (now.method, now.mode));
    // Another rung may ask for a code that is typed here, or for something else to be done.
    if now.status != Status::Pending {
        (event("ended", "ended"), false)
    } else if awaits_input(now) || other {
        (event("moved", "moved"), false)
    } else if let Some(language) = language.filter(|_| now.call.is_some() && !seen.is_some_and(|seen| now.is_as(seen)))
    {
        (event("state", &standing(language, now)), true)
    } else {
        (": still here\n\n".into(), true)
    }
}

/// The stream; `look` gives how it stands once that is otherwise than it was seen, or the time of silence is over.
pub fn stream<F>(
    guest: &Guest<'_>,
    pages: web::Data<Pages>,
    look: impl Fn(Option<Progress>) -> F + 'static,
) -> HttpResponse
where
    F: Future<Output = Result<Option<Progress>, Away>> + 'static,
{
    let tag = guest.language.tag;
    let first = Some((look, pages, None::<Progress>));
    let stream = futures_util::stream::unfold(first, move |state| async move {
        let (look, pages, seen) = state?;
        let now = look(seen.clone()).await.ok().flatten();
        let (text, more) = match &now {
            Some(now) => said(pages.language(tag), seen.as_ref(), now),
            None => ("event: ended\ndata: ended\n\n".to_owned(), false),
        };
        Some((Ok::<_, actix_web::Error>(web::Bytes::from(text)), more.then_some((look, pages, now))))
    });
    let mut answer = HttpResponse::Ok();
    for header in HEADERS {
        answer.insert_header(header);
    }
    answer
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream)
}
