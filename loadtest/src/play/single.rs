//! Single requests, each with the outcome as its answer, at a rate that does not heed how late the engine is, or as many
//! as may be in flight. Refuses to time from when a request was sent: it counts from when it was due.

use super::visitor::Astray;
use super::{View, enrol, join_all, typed};
use crate::arrivals::Arrivals;
use crate::people;
use crate::run::Run;
use crate::scenario::Shape;
use crate::wire::{Answer, request};
use futures_util::future::join_all as all;
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Seconds that a request waits for its outcome; the most that the API gives.
const WAIT: u64 = 60;
/// Requests that became due within it go out together.
const TICK: Duration = Duration::from_millis(1);

/// Plays.
pub async fn play(run: &Rc<Run>) -> anyhow::Result<()> {
    if run.scenario.at_once > 0 { closed(run).await } else { open(run).await }
}

async fn open(run: &Rc<Run>) -> anyhow::Result<()> {
    let scenario = &run.scenario;
    let arrivals = Arrivals { rate: scenario.rate, ramp: scenario.ramp, warm_up: scenario.warm_up };
    let first = arrivals.first();
    let count = if scenario.count > 0 { scenario.count } else { arrivals.in_seconds(scenario.duration) };
    let (begin, mut tasks, mut number) = (Instant::now(), JoinSet::new(), 0);
    while number < first + count && !run.is_over() {
        let due = begin + arrivals.due(number);
        if due > Instant::now() {
            tokio::time::sleep_until(due.max(Instant::now() + TICK)).await;
            while let Some(ended) = tasks.try_join_next() {
                ended??;
            }
            continue;
        }
        if number == first {
            run.count_from_now();
        }
        tasks.spawn_local(one(Rc::clone(run), number, due, number >= first));
        number += 1;
    }
    join_all(tasks).await
}

async fn closed(run: &Rc<Run>) -> anyhow::Result<()> {
    let next = Rc::new(Cell::new(0));
    let counts = Rc::new(Cell::new(false));
    let stop = Rc::new(Cell::new(false));
    let mut tasks = JoinSet::new();
    for _ in 0..run.scenario.at_once.min(run.people.count()) {
        let (run, next, counts, stop) = (Rc::clone(run), Rc::clone(&next), Rc::clone(&counts), Rc::clone(&stop));
        tasks.spawn_local(async move {
            while !stop.get() && !run.is_over() {
                let number = next.get();
                next.set(number + 1);
                one(Rc::clone(&run), number, Instant::now(), counts.get()).await?;
            }
            Ok(())
        });
    }
    tokio::time::sleep(Duration::from_secs_f64(run.scenario.warm_up)).await;
    counts.set(true);
    run.count_from_now();
    let end = Instant::now() + Duration::from_secs_f64(run.scenario.duration);
    let counted = || run.tally.borrow().started;
    while !run.is_over() && Instant::now() < end && (run.scenario.count == 0 || counted() < run.scenario.count) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.set(true);
    run.count_until_now();
    join_all(tasks).await
}

async fn one(run: Rc<Run>, number: u64, due: Instant, counts: bool) -> anyhow::Result<()> {
    run.begun(counts);
    // Whoever still has one open would have two answered by one reply.
    let Some(person) = run.people.free() else {
        run.over();
        run.tally.borrow_mut().fail("nobody_free");
        if run.scenario.shape == Shape::Enrol {
            run.give_up("everybody is enrolled; give more --people");
        }
        return Ok(());
    };
    let ended = if run.scenario.shape == Shape::Enrol {
        enrol::enrol(&run, person, counts).await
    } else if run.people.types(person) {
        typed::verify(&run, person, number).await
    } else {
        wait(&run, person, number).await
    };
    run.over();
    run.people.is_free_again(person);
    let mut tally = run.tally.borrow_mut();
    match ended {
        Ok(Ended { id, reason, differs }) => {
            let expected = run.expects(person, &reason);
            tally.settled_twice += u64::from(differs);
            if counts {
                tally.settle(&id, &reason, expected);
                tally.took(due.elapsed(), run.think(person));
            } else if !expected {
                tally.fail(&reason);
            }
        }
        Err(error) => tally.fail(&why(&error)),
    }
    Ok(())
}

/// The end of a verification.
pub struct Ended {
    /// Its id.
    pub id: String,
    /// Why it ended.
    pub reason: String,
    /// Whether the same start was answered in two ways.
    pub differs: bool,
}

/// A request that was not answered as it should be.
#[derive(Debug, thiserror::Error)]
#[error("http_{0}_{1}")]
pub struct Refused(u16, String);

/// What stands for an error among the reasons.
pub fn why(error: &anyhow::Error) -> String {
    let refused = error.downcast_ref::<Refused>().map(ToString::to_string);
    let astray = error.downcast_ref::<Astray>().map(ToString::to_string);
    refused.or(astray).unwrap_or_else(|| "no_answer".to_owned())
}

/// The answer, unless it is a refusal.
pub fn taken(answer: Answer) -> anyhow::Result<Vec<u8>> {
    if matches!(answer.status, 200 | 201) {
        return Ok(answer.body);
    }
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    Err(Refused(answer.status, problem["code"].as_str().unwrap_or("no_code").to_owned()).into())
}

/// The request that starts the verification of a person.
pub fn start(run: &Run, person: u32, number: u64, wait: bool) -> Vec<u8> {
    let body = json!({ "user": people::name(person), "application": "loadtest", "ttl_seconds": run.scenario.ttl });
    let mut more = String::new();
    if wait {
        more.push_str(&format!("Prefer: wait={WAIT}\r\n"));
    }
    if run.scenario.repeat > 1 {
        more.push_str(&format!("Idempotency-Key: load{number}\r\n"));
    }
    request("POST", "/v1/verifications", &run.stage.head(&more), body.to_string().as_bytes())
}

async fn wait(run: &Run, person: u32, number: u64) -> anyhow::Result<Ended> {
    let start = start(run, person, number, true);
    let answers = all((0..run.scenario.repeat).map(|_| run.stage.exchange(&start))).await;
    let mut ended: Option<Ended> = None;
    for answer in answers {
        let body = taken(answer?)?;
        let view: View<'_> = serde_json::from_slice(&body)?;
        let (id, reason) = match view.reason {
            Some(reason) => (view.id.to_owned(), reason.into_owned()),
            None => (view.id.to_owned(), end_of(run, view.id).await?),
        };
        match &mut ended {
            Some(first) => first.differs |= first.id != id || first.reason != reason,
            None => ended = Some(Ended { id, reason, differs: false }),
        }
    }
    ended.ok_or_else(|| anyhow::anyhow!("nothing was sent"))
}

/// Waits until a verification ends; why it did.
pub async fn end_of(run: &Run, id: &str) -> anyhow::Result<String> {
    loop {
        let head = run.stage.head(&format!("Prefer: wait={WAIT}\r\n"));
        let look = request("GET", &format!("/v1/verifications/{id}"), &head, b"");
        let body = taken(run.stage.exchange(&look).await?)?;
        if let Some(reason) = serde_json::from_slice::<View<'_>>(&body)?.reason {
            return Ok(reason.into_owned());
        }
    }
}
