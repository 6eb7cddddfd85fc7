//! As many verifications as wanted open at once, nobody answers, and they expire over some seconds; in between the engine
//! may be killed and started anew. Refuses to call them open at once when some expired before the last was there.

use super::batch::Book;
use crate::run::Run;
use serde_json::json;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Verifications a second that are opened at least; the first expires when all should be open.
const LEAST_RATE: f64 = 2500.0;
/// The most seconds that a verification lives.
const LONGEST: u32 = 600;
/// Batches on their way at once.
const AT_ONCE: usize = 8;

/// Plays.
pub async fn play(run: &Rc<Run>, restart: bool) -> anyhow::Result<()> {
    run.stage
        .put("/v1/settings", &json!({ "sms": { "otp_seconds": LONGEST }, "verification": { "max_seconds": LONGEST } }))
        .await?;
    let book = Book::new(run, String::new());
    let first = Instant::now() + Duration::from_secs_f64((f64::from(run.scenario.open) / LEAST_RATE + 5.0).min(530.0));
    run.count_from_now();
    submit_all(run, &book, first).await?;
    if Instant::now() >= first {
        run.give_up("some had expired before the last one was open; the engine takes them too slowly");
    }
    rest(run).await;
    let rss = run.rss();
    run.opened.set(Some((book.open() as u64, rss)));
    if restart {
        run.restarted.set(Some(run.stage.restart().await?));
    }
    let reader = tokio::task::spawn_local(Rc::clone(&book).read());
    let left = first.saturating_duration_since(Instant::now()) + Duration::from_secs(run.scenario.expire.into());
    book.close(left + Duration::from_secs(60)).await;
    run.count_until_now();
    reader.await?
}

/// Waits until the engine has nothing more to do for those that are open.
async fn rest(run: &Run) {
    for _ in 0..40 {
        let before = run.cpu_us();
        tokio::time::sleep(Duration::from_millis(500)).await;
        if run.cpu_us() - before < 50_000 {
            return;
        }
    }
}

async fn submit_all(run: &Rc<Run>, book: &Rc<Book>, first: Instant) -> anyhow::Result<()> {
    let (open, size) = (u64::from(run.scenario.open), u64::from(run.scenario.batch));
    let each = f64::from(run.scenario.expire) / open as f64;
    let mut out = tokio::task::JoinSet::new();
    let mut number = 0;
    while number < open && !run.is_over() {
        if out.len() >= AT_ONCE
            && let Some(ended) = out.join_next().await
        {
            ended??;
        }
        let (book, last) = (Rc::clone(book), (number + size).min(open));
        out.spawn_local(async move {
            let begin = Instant::now();
            let ttl = |number: u64| {
                let until = first.saturating_duration_since(begin).as_secs_f64() + number as f64 * each;
                until.ceil().clamp(1.0, f64::from(LONGEST)) as u32
            };
            book.submit(number..last, begin, true, ttl).await
        });
        number = last;
    }
    super::join_all(out).await
}
