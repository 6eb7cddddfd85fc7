//! Batches in, outcomes from the feed: what a campaign does.
//! Refuses to count an outcome that is not of a verification of this run.

use super::View;
use super::single::taken;
use crate::people;
use crate::run::Run;
use crate::scenario::Shape;
use crate::wire::request;
use serde::Deserialize;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Outcomes that are read at once.
const PAGE: u32 = 1000;
/// Their numbers begin here, so that no idempotency key is used twice. It is a multiple of most numbers of people.
const FINISHED: u64 = 1_000_000_000_000;
/// How long the last outcomes are waited for, beyond the life of a verification.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Items<'a> {
    #[serde(borrow)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    verification: Option<View<'a>>,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    items: Vec<View<'a>>,
    next_cursor: &'a str,
}

/// A verification of this run.
#[derive(Debug, Clone, Copy)]
struct Mine {
    person: u32,
    due: Instant,
    counts: bool,
}

/// What was submitted, and what the feed has told.
pub struct Book {
    run: Rc<Run>,
    open: RefCell<HashMap<String, Mine>>,
    /// Told by the feed before the batch was answered.
    early: RefCell<HashMap<String, (String, Instant, Late)>>,
    cursor: RefCell<String>,
    done: Cell<bool>,
}

impl Book {
    /// An empty one, from this place of the feed on.
    pub fn new(run: &Rc<Run>, cursor: String) -> Rc<Self> {
        Rc::new(Self {
            run: Rc::clone(run),
            open: RefCell::default(),
            early: RefCell::default(),
            cursor: RefCell::new(cursor),
            done: Cell::new(false),
        })
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.open.borrow().len()
    }

    /// Submits a batch that was due then. `ttl` gives the life of each.
    pub async fn submit(
        &self,
        numbers: std::ops::Range<u64>,
        due: Instant,
        counts: bool,
        ttl: impl Fn(u64) -> u32,
    ) -> anyhow::Result<()> {
        let count = u64::from(self.run.people.count());
        let metadata = json!({ "ticket": "x".repeat(88) });
        let person = |number: u64| u32::try_from(number % count).unwrap_or(0);
        let items: Vec<_> = numbers
            .clone()
            .map(|number| {
                let user = people::name(person(number));
                let key = format!("load{number}");
                json!({ "user": user, "application": "loadtest", "ttl_seconds": ttl(number), "metadata": metadata,
                        "idempotency_key": key })
            })
            .collect();
        numbers.clone().for_each(|_| self.run.begun(counts));
        let body = json!({ "verifications": items }).to_string();
        let batch = request("POST", "/v1/verifications/batch", &self.run.stage.head(""), body.as_bytes());
        let body = taken(self.run.stage.exchange(&batch).await?)?;
        let answer: Items<'_> = serde_json::from_slice(&body)?;
        for (number, item) in numbers.zip(answer.items) {
            let mine = Mine { person: person(number), due, counts };
            match (item.verification, item.problem) {
                (Some(view), _) => self.opened(view.id, mine),
                (None, problem) => self.refused(&problem.map_or("no_code".to_owned(), |problem| problem.code), counts),
            }
        }
        Ok(())
    }

    fn opened(&self, id: &str, mine: Mine) {
        match self.early.borrow_mut().remove(id) {
            Some((reason, at, late)) => self.settled(id, &reason, mine, at, late),
            None => {
                self.open.borrow_mut().insert(id.to_owned(), mine);
            }
        }
    }

    fn refused(&self, code: &str, counts: bool) {
        self.run.over();
        if counts {
            self.run.tally.borrow_mut().fail(&format!("refused_{code}"));
        }
    }

    fn settled(&self, id: &str, reason: &str, mine: Mine, at: Instant, late: Late) {
        self.run.over();
        if mine.counts {
            let mut tally = self.run.tally.borrow_mut();
            tally.settle(id, reason, self.run.expects(mine.person, reason));
            match late.expired {
                // Nobody answers: what counts is how soon after its time the end is known.
                Some(known) if self.run.scenario.open > 0 => tally.took(known, Duration::ZERO),
                _ => tally.took(at - mine.due, self.run.think(mine.person)),
            }
            tally.late.saturating_record(late.ended.max(1));
        }
    }

    /// Reads the feed until all is done.
    pub async fn read(self: Rc<Self>) -> anyhow::Result<()> {
        while !self.done.get() && !self.run.is_over() {
            let path = format!("/v1/outcomes?limit={PAGE}&wait=1&cursor={}", self.cursor.borrow());
            let body = self.run.stage.get(&path).await?;
            let page: Page<'_> = serde_json::from_slice(&body)?;
            let at = Instant::now();
            for view in page.items {
                let reason = view.reason.as_deref().unwrap_or("no_reason");
                let late = late(&view);
                let mine = self.open.borrow_mut().remove(view.id);
                match mine {
                    Some(mine) => self.settled(view.id, reason, mine, at, late),
                    None => {
                        let told = self.early.borrow_mut().insert(view.id.to_owned(), (reason.to_owned(), at, late));
                        self.run.tally.borrow_mut().settled_twice += u64::from(told.is_some());
                    }
                }
            }
            page.next_cursor.clone_into(&mut self.cursor.borrow_mut());
        }
        Ok(())
    }

    /// Waits until nothing is open, or nobody can expect it any more; then the feed is read no longer.
    pub async fn close(&self, patience: Duration) {
        let end = Instant::now() + patience;
        while self.open() > 0 && Instant::now() < end && !self.run.is_over() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // What the feed told and nobody has submitted was told twice.
        self.run.tally.borrow_mut().settled_twice += self.early.borrow().len() as u64;
        self.done.set(true);
    }
}

/// How a verification that expired stands to its time.
#[derive(Debug, Clone, Copy)]
struct Late {
    /// Milliseconds that it ended after it should have expired.
    ended: u64,
    /// How long after that its end was known here.
    expired: Option<Duration>,
}

fn late(view: &View<'_>) -> Late {
    let millis = |time: &str| time.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).ok();
    let (ended, expires) = (view.settled_at.and_then(millis), millis(view.expires_at));
    let since = |later: Option<i64>| Some(u64::try_from(later? - expires?).unwrap_or(0));
    let now = Some(jiff::Timestamp::now().as_millisecond());
    Late { ended: since(ended).unwrap_or(0), expired: since(now).map(Duration::from_millis) }
}

/// The place where the feed ends now.
async fn end_of_feed(run: &Run) -> anyhow::Result<String> {
    walk(run, |_| ()).await
}

/// Reads the whole feed; the place where it ends.
async fn walk(run: &Run, mut each: impl FnMut(&View<'_>)) -> anyhow::Result<String> {
    let mut cursor = String::new();
    loop {
        let body = run.stage.get(&format!("/v1/outcomes?limit={PAGE}&wait=0&cursor={cursor}")).await?;
        let page: Page<'_> = serde_json::from_slice(&body)?;
        page.next_cursor.clone_into(&mut cursor);
        if page.items.is_empty() {
            return Ok(cursor);
        }
        page.items.iter().for_each(&mut each);
    }
}

/// Compares all that ended with the feed.
pub async fn compare(run: &Run) -> anyhow::Result<()> {
    // The pages of the portal show nobody the id of a verification, but each who enrols has one alone.
    let by_person = run.scenario.shape == Shape::Enrol;
    let told = |view: &View<'_>| {
        let id = if by_person { &view.user } else { view.id };
        run.tally.borrow_mut().told(id, view.reason.as_deref().unwrap_or("no_reason"));
    };
    walk(run, told).await?;
    run.tally.borrow_mut().all_told();
    Ok(())
}

/// Plays.
pub async fn play(run: &Rc<Run>) -> anyhow::Result<()> {
    let book = Book::new(run, end_of_feed(run).await?);
    let reader = tokio::task::spawn_local(Rc::clone(&book).read());
    let submitted = submit_all(run, &book).await;
    run.count_until_now();
    book.close(Duration::from_secs(run.scenario.ttl.into()) + PATIENCE).await;
    submitted?;
    reader.await?
}

/// Verifications of those that are to be finished that are open at once.
const FINISHING: usize = 4000;

/// Plays `count` to their end, which do not count.
pub async fn finish(run: &Rc<Run>, count: u64) -> anyhow::Result<()> {
    run.stage.fault(&json!({ "lost_receipts": 1.0 })).await?;
    let book = Book::new(run, String::new());
    let reader = tokio::task::spawn_local(Rc::clone(&book).read());
    let (mut number, size) = (0, u64::from(run.scenario.batch));
    while number < count && !run.is_over() {
        while book.open() > FINISHING {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        book.submit(FINISHED + number..FINISHED + number + size, Instant::now(), false, |_| run.scenario.ttl).await?;
        number += size;
    }
    book.close(Duration::from_secs(run.scenario.ttl.into())).await;
    reader.await?
}

async fn submit_all(run: &Rc<Run>, book: &Rc<Book>) -> anyhow::Result<()> {
    let scenario = &run.scenario;
    let most = if scenario.at_once > 0 { scenario.at_once } else { scenario.batch };
    let (begin, size) = (Instant::now(), u64::from(scenario.batch.min(most)));
    let warm = begin + Duration::from_secs_f64(scenario.warm_up);
    let end = warm + Duration::from_secs_f64(scenario.duration);
    let (mut number, mut counts, mut out) = (0, false, tokio::task::JoinSet::new());
    // What was due before the end is sent, however late it is.
    let goes_on =
        |number| if scenario.at_once > 0 { Instant::now() < end } else { due(begin, scenario.rate, number) < end };
    while !run.is_over() && goes_on(number) {
        if !counts && Instant::now() >= warm {
            counts = true;
            run.count_from_now();
        }
        if counts && scenario.count > 0 && run.tally.borrow().started >= scenario.count {
            break;
        }
        while let Some(ended) = out.try_join_next() {
            ended??;
        }
        if !is_due(run, begin, number, size) {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let (book, ttl) = (Rc::clone(book), scenario.ttl);
        let due = if scenario.at_once > 0 { Instant::now() } else { due(begin, scenario.rate, number) };
        out.spawn_local(async move { book.submit(number..number + size, due, counts, |_| ttl).await });
        number += size;
        tokio::task::yield_now().await;
    }
    super::join_all(out).await
}

fn is_due(run: &Run, begin: Instant, number: u64, size: u64) -> bool {
    if run.scenario.at_once > 0 {
        return run.in_flight.get() + size <= u64::from(run.scenario.at_once);
    }
    due(begin, run.scenario.rate, number) <= Instant::now()
}

/// When a batch is due that begins with this number.
fn due(begin: Instant, rate: f64, number: u64) -> Instant {
    begin + Duration::from_secs_f64(number as f64 / rate)
}
