//! The life of one verification as server-sent events, read from its stored timeline.
//! Refuses to keep anything for a reader: a slow one reads less often, one that left frees its seat.

use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{TimelineEntry, View};
use crate::state::State;
use crate::verifications::{entries, look, visible};
use actix_web::{HttpRequest, HttpResponse, web};
use actors::Seat;
use engine::verification::Verification;
use serde::Serialize;
use std::time::Duration;

/// A comment goes out after so long a silence: it keeps proxies from closing, and shows who has left.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// One reader. The id of an event is the number of the timeline's entries up to it; the end has one more.
struct Reader {
    caller: Caller,
    state: web::Data<State>,
    seat: Seat,
    verification: Verification,
    shown: Option<View>,
    sent: usize,
    ended: bool,
}

/// `GET /v1/verifications/{id}/events`
pub async fn events(
    request: HttpRequest,
    caller: Caller,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let verification = visible(&state, &caller, &id, None).await?;
    let sent = last_event(&request)?;
    let seat = state.engine.watch(verification.id);
    let mut reader = Reader { caller, state, seat, verification, shown: None, sent, ended: false };
    // Who has seen the end comes back only because its library always does; 204 makes it stop.
    let first = reader.news().await?;
    if first.is_empty() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let first =
        futures_util::stream::iter([Ok::<_, actix_web::Error>(web::Bytes::from(format!("retry: 1000\n\n{first}")))]);
    let rest = futures_util::stream::try_unfold(reader, |mut reader| async move {
        let news = reader.next().await?;
        Ok(news.map(|news| (web::Bytes::from(news), reader)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(futures_util::StreamExt::chain(first, rest)))
}

fn last_event(request: &HttpRequest) -> Result<usize, Problem> {
    let Some(id) = body::header(request, "Last-Event-ID")? else { return Ok(0) };
    id.parse().map_err(|_| Problem::bad("invalid_header", "Last-Event-ID must be the id of an event of this stream"))
}

impl Reader {
    /// What is to be sent next: news, or a comment where there are none; nothing after the end.
    async fn next(&mut self) -> Result<Option<String>, Problem> {
        if self.ended {
            return Ok(None);
        }
        loop {
            match tokio::time::timeout(HEARTBEAT, self.seat.news()).await {
                Ok(()) => {
                    let news = self.news().await?;
                    if !news.is_empty() {
                        return Ok(Some(news));
                    }
                }
                Err(_) if self.state.engine.is_stopping() => return Ok(None),
                Err(_) => return Ok(Some(": still here\n\n".into())),
            }
        }
    }

    /// The entries that were not sent yet, the state where it has changed, and the end. The state is read first: so the
    /// timeline that is read after it is never behind it.
    async fn news(&mut self) -> Result<String, Problem> {
        self.verification = look(&self.state, self.verification.id, None).await?;
        let id = self.verification.id;
        let engine = &self.state.engine;
        let rows = engine.read(move |store| store.timeline(id)).await;
        let entries = until_the_end(entries(rows.map_err(|why| Problem::refused(why, engine.now()))?, &self.caller)?);
        let settled = self.verification.stage.is_settled();
        if settled && self.sent > entries.len() {
            self.ended = true;
            return Ok(String::new());
        }
        let mut out = String::new();
        for (index, entry) in entries.iter().enumerate().skip(self.sent) {
            out += &event("timeline", Some(index + 1), entry);
        }
        self.sent = self.sent.max(entries.len());
        out += &self.standing(settled);
        Ok(out)
    }

    fn standing(&mut self, settled: bool) -> String {
        let view = View::from(&self.verification);
        if settled {
            self.ended = true;
            return event("settled", Some(self.sent + 1), &view);
        }
        if self.shown.as_ref() == Some(&view) {
            return String::new();
        }
        let out = event("state", None, &view);
        self.shown = Some(view);
        out
    }
}

/// What comes in after the end is in the timeline, but no event: the stream is over then.
fn until_the_end(mut entries: Vec<TimelineEntry>) -> Vec<TimelineEntry> {
    if let Some(end) = entries.iter().position(|entry| entry.what == "settled") {
        entries.truncate(end + 1);
    }
    entries
}

fn event(name: &str, id: Option<usize>, data: &impl Serialize) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).expect("shapes are plain structs");
    format!("event: {name}\n{id}data: {data}\n\n")
}
