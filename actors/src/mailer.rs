//! Tells people what happened to their account, from a durable outbox, until each notice is taken or its day is over.
//! Refuses to hold anything back for one that cannot be delivered, and to put a secret in clear into the outbox.

use crate::house::Shared;
use crate::keeper::{Build, Guard};
use crate::letters::URGENT;
use crate::line::Carries;
use crate::records::LetterRecord;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use channels::mail::{Mail, MailError};
use channels::text::{SendError, Text};
use engine::enrollment::BY_MAIL;
use engine::id::{AttemptId, LetterId, VerificationId};
use engine::moment::Moment;
use engine::notice::{Address, Letter, Notice};
use engine::number::PhoneNumber;
use engine::portal::PortalRules;
use engine::secret::Secret;
use engine::webhook::next_try;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use metrics::counter;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::{Document, Expect, Kind, Operation, ReadError, Record, Store};

/// Notices that are on their way at once, and that are read at once.
const AT_ONCE: usize = 8;
const PAGE: usize = 100;
/// How long it looks at nothing new unless told to.
const PAUSE: Duration = Duration::from_secs(30);
/// How long a text to a number that was somebody's is of use.
const VALID: Duration = Duration::from_secs(3600);
/// Behind every key that begins so.
const URGENT_END: &str = "\"";
/// What a code for the set-up is sealed for.
pub const ENROLLMENT_CODE: &str = "enrollment code";

/// A notice in words.
#[derive(Debug)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// Plain text; all that a phone is sent.
    pub text: Secret<String>,
    /// The same as a page.
    pub html: Secret<String>,
}

/// What notices are told with.
pub struct Notices {
    /// The mail server, if there is one.
    pub mail: Option<Mail>,
    /// Finds the words.
    pub words: fn(&Letter, &PortalRules) -> Words,
}

/// The actor.
pub struct Mailer {
    shared: Arc<Shared>,
    busy: bool,
    again: bool,
    _guard: Guard,
}

/// How the mailer is built.
pub fn keep(shared: &Arc<Shared>) -> Build {
    let shared = Arc::clone(shared);
    Box::new(move |guard| {
        let mailer = Mailer { shared: Arc::clone(&shared), busy: false, again: false, _guard: guard };
        shared.mailer.fill(mailer.start());
        Box::pin(std::future::ready(Ok(())))
    })
}

impl Actor for Mailer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.notify(Look);
        ctx.run_interval(PAUSE, |_, ctx| ctx.notify(Look));
    }
}

/// Something may be due.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Look;

impl Handler<Look> for Mailer {
    type Result = ();

    fn handle(&mut self, _: Look, ctx: &mut Self::Context) {
        if std::mem::replace(&mut self.busy, true) {
            self.again = true;
            return;
        }
        let shared = Arc::clone(&self.shared);
        ctx.spawn(async move { round(&shared).await }.into_actor(self).map(|next, mailer, ctx| {
            mailer.busy = false;
            if std::mem::take(&mut mailer.again) {
                ctx.notify(Look);
            } else if let Some(wait) = next.filter(|wait| *wait < PAUSE) {
                ctx.notify_later(Look, wait);
            }
        }));
    }
}

/// Delivers all that is due; how long until the next one is.
async fn round(shared: &Shared) -> Option<Duration> {
    let mut after = URGENT_END.to_owned();
    let mut done = HashSet::new();
    let mut next: Option<Moment> = None;
    let (mut down, mut lines_down) = (Down::default(), Down::default());
    loop {
        let from = after.clone();
        let (urgent, page) = match shared.read(move |store| pages(store, &from)).await {
            Ok(pages) => pages,
            Err(cause) => {
                tracing::error!(%cause, "notices cannot be read; they are looked at again");
                return None;
            }
        };
        let last = page.last().map(|last| last.key.id.clone());
        let fresh = urgent.into_iter().filter(|record| done.insert(record.key.id.clone()));
        let page: Vec<_> = fresh.chain(page).collect();
        let now = shared.clock.now();
        let readable = page.into_iter().filter_map(waiting);
        let (due, later): (Vec<_>, Vec<_>) = readable.partition(|one| one.record.letter.next_at <= now);
        let (mails, texts): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|one| matches!(one.record.letter.to, Address::Mail(_)));
        // Neither waits for the other.
        let (of_mails, of_texts) =
            futures_util::join!(deliver_all(shared, mails, &mut down), deliver_all(shared, texts, &mut lines_down));
        let times = later.iter().map(|one| one.record.letter.next_at).chain(of_mails).chain(of_texts);
        next = times.chain(next).min();
        let Some(last) = last else { return next.map(|at| at.since(shared.clock.now())) };
        after = last;
    }
}

/// What somebody waits for goes before each page of the others, once in a round. There are few: codes end soon.
fn pages(store: &dyn Store, after: &str) -> Result<(Vec<Record>, Vec<Record>), ReadError> {
    let mut urgent: Vec<Record> = vec![];
    loop {
        let from = urgent.last().map(|last| last.key.id.clone());
        let page = store.list(Kind::Letter, from.as_deref(), PAGE)?;
        let whole = page.len() == PAGE && page.iter().all(|record| record.key.id.starts_with(URGENT));
        urgent.extend(page.into_iter().filter(|record| record.key.id.starts_with(URGENT)));
        if !whole {
            return Ok((urgent, store.list(Kind::Letter, Some(after), PAGE)?));
        }
    }
}

/// A notice with its place in the outbox.
struct Waiting {
    key: String,
    version: u64,
    record: LetterRecord,
}

/// One that cannot be read holds nothing else back.
fn waiting(record: Record) -> Option<Waiting> {
    match LetterRecord::from_record(&record) {
        Ok(letter) => Some(Waiting { key: record.key.id, version: record.version, record: letter }),
        Err(cause) => {
            tracing::error!(letter = %record.key.id, %cause, "a notice cannot be read; it is left where it is");
            None
        }
    }
}

/// How many in a row were not taken: a server that is down is left alone for the rest of the round.
#[derive(Default)]
struct Down(usize);

impl Down {
    const fn is(&self) -> bool {
        self.0 >= AT_ONCE
    }

    const fn note(&mut self, taken: bool) {
        self.0 = if taken { 0 } else { self.0 + 1 };
    }
}

async fn deliver_all(shared: &Shared, due: Vec<Waiting>, down: &mut Down) -> Vec<Moment> {
    let mut due = due.into_iter();
    let at_once = if down.is() { 0 } else { AT_ONCE };
    let mut out: FuturesUnordered<_> = due.by_ref().take(at_once).map(|one| deliver(shared, one)).collect();
    let mut times = vec![];
    while let Some(next) = out.next().await {
        down.note(next.is_none());
        times.extend(next);
        if !down.is() {
            out.extend(due.next().map(|one| deliver(shared, one)));
        }
    }
    times.extend(due.next().map(|_| shared.clock.now() + PAUSE));
    times
}

/// A notice was not taken.
enum Undelivered {
    Never(String),
    Later(String),
}

/// One notice; when it is tried again.
async fn deliver(shared: &Shared, Waiting { key, version, mut record }: Waiting) -> Option<Moment> {
    let sent = send(shared, &key, &record.letter).await;
    let now = shared.clock.now();
    let expect = Expect::Version(version);
    let leave = Operation::delete(Kind::Letter, key.clone(), expect);
    let notice = record.letter.notice.as_str();
    let (change, next) = match sent {
        Ok(()) => {
            counter!("countersign_notices_total", "notice" => notice, "result" => "sent").increment(1);
            (leave, None)
        }
        Err(Undelivered::Later(cause)) => {
            record.letter.tries = record.letter.tries.saturating_add(1);
            match next_try(record.created_at, record.letter.tries, now, crate::random::fraction()) {
                Some(next) => {
                    tracing::info!(letter = %key, notice, %cause, "a notice was not taken and is tried again");
                    record.letter.next_at = next;
                    (Operation::put(key.clone(), &record, expect), Some(next))
                }
                None => (given_up(leave, &key, notice, &cause), None),
            }
        }
        Err(Undelivered::Never(cause)) => (given_up(leave, &key, notice, &cause), None),
    };
    match shared.ledger.commit(vec![change].into()).await {
        Ok(_) => next,
        Err(cause) => {
            tracing::warn!(letter = %key, %cause, "what became of a notice could not be written; it is sent again");
            Some(now + PAUSE)
        }
    }
}

fn given_up(leave: Operation, key: &str, notice: &'static str, cause: &str) -> Operation {
    counter!("countersign_notices_total", "notice" => notice, "result" => "given_up").increment(1);
    tracing::warn!(letter = %key, notice, %cause, "a notice is given up");
    leave
}

async fn send(shared: &Shared, key: &str, letter: &Letter) -> Result<(), Undelivered> {
    if letter.notice == Notice::EnrollmentCode && shared.clock.now().since(letter.at) >= BY_MAIL {
        return Err(Undelivered::Never("the code that it holds is over".into()));
    }
    let words = (shared.notices.words)(&opened(shared, letter)?, &shared.policy().portal);
    match &letter.to {
        Address::Mail(to) => mail(shared, key, to, letter, &words).await,
        Address::Phone(to) => text(shared, key, *to, words.text).await,
    }
}

/// A code is sealed as long as it waits.
fn opened(shared: &Shared, letter: &Letter) -> Result<Letter, Undelivered> {
    let mut letter = letter.clone();
    if letter.notice == Notice::EnrollmentCode {
        let code = shared.vault.open(ENROLLMENT_CODE, &letter.detail).map_err(Undelivered::Never)?;
        letter.detail = String::from_utf8_lossy(code.expose()).into_owned();
    }
    Ok(letter)
}

async fn mail(shared: &Shared, key: &str, to: &str, of: &Letter, words: &Words) -> Result<(), Undelivered> {
    let Some(server) = &shared.notices.mail else {
        return Err(Undelivered::Later("there is no gateway for mail".into()));
    };
    let letter = channels::mail::Letter {
        id: key,
        to,
        subject: &words.subject,
        text: words.text.expose(),
        html: words.html.expose(),
        language: &of.language,
    };
    server.send(&letter).await.map_err(|error| match error {
        MailError::NotNow(cause) => Undelivered::Later(cause),
        MailError::AddressInvalid(_) | MailError::Refused { .. } => Undelivered::Never(error.to_string()),
    })
}

/// A text outside any verification: it takes a free place of the best line, so it goes at the line's pace, and after those
/// that wait there.
async fn text(shared: &Shared, key: &str, to: PhoneNumber, body: Secret<String>) -> Result<(), Undelivered> {
    let busy = || Undelivered::Later("no line has a free place now".into());
    let entry = shared.router.enter(Carries::Texts, to, 0, shared.clock.now()).ok_or_else(busy)?;
    let gateway = shared.gateways.get(&*entry.line).ok_or_else(busy)?;
    let id: LetterId = key.parse().map_err(|_| Undelivered::Never("its key is no id".into()))?;
    let attempt = AttemptId { verification: VerificationId::from_bits(id.bits()), rung: 0, send: 0 };
    let text = Text { attempt, to: to.to_string(), body, valid_for: VALID };
    let sent = gateway.send(&text).await;
    drop(entry);
    match sent {
        // What may have gone out is not sent again.
        Ok(_) | Err(SendError::Ambiguous { .. }) => Ok(()),
        Err(error) if error.is_retryable() => Err(Undelivered::Later(error.to_string())),
        Err(error) => Err(Undelivered::Never(error.to_string())),
    }
}
