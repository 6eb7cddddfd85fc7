//! Codes of OATH tokens: verifications are started in batches, then their codes are checked, one request each; only the
//! checks are timed. Refuses to check a code twice.

use super::join_all;
use super::single::{taken, why};
use super::typed::check;
use crate::people;
use crate::run::Run;
use crate::wire::request;
use serde::Deserialize;
use serde_json::json;
use std::cell::RefCell;
use std::rc::Rc;
use tokio::task::JoinSet;
use tokio::time::Instant;

#[derive(Deserialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    verification: Option<Id>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// Plays: a round for everybody, again and again.
pub async fn play(run: &Rc<Run>) -> anyhow::Result<()> {
    let mut warmed = Instant::now();
    while warmed.elapsed().as_secs_f64() < run.scenario.warm_up && !run.is_over() {
        round(run, false).await?;
    }
    warmed = Instant::now();
    let enough = |run: &Run| match run.scenario.count {
        0 => run.counted().seconds >= run.scenario.duration,
        count => run.tally.borrow().started >= count,
    };
    // Rounds without a check would never be enough.
    while !enough(run) && !run.is_over() && warmed.elapsed().as_secs_f64() < run.scenario.duration * 20.0 + 60.0 {
        round(run, true).await?;
    }
    Ok(())
}

async fn round(run: &Rc<Run>, counts: bool) -> anyhow::Result<()> {
    let open = start_all(run).await?;
    run.say("codes are checked");
    let open = Rc::new(RefCell::new(open));
    if counts {
        run.count_from_now();
    }
    let mut tasks = JoinSet::new();
    for _ in 0..run.scenario.at_once {
        let (run, open) = (Rc::clone(run), Rc::clone(&open));
        tasks.spawn_local(async move {
            loop {
                let next = open.borrow_mut().pop();
                let Some((person, id)) = next else { return Ok(()) };
                one(&run, person, &id, counts).await;
            }
        });
    }
    join_all(tasks).await?;
    run.count_until_now();
    Ok(())
}

async fn one(run: &Run, person: u32, id: &str, counts: bool) {
    run.begun(counts);
    let due = Instant::now();
    let ended = check(run, id, &run.people.next_code(person)).await;
    run.over();
    if counts {
        let mut tally = run.tally.borrow_mut();
        match ended {
            Ok(reason) => {
                let reason = reason.as_deref().unwrap_or("pending");
                tally.settle(id, reason, run.expects(person, reason));
                tally.took(due.elapsed(), std::time::Duration::ZERO);
            }
            Err(error) => tally.fail(&why(&error)),
        }
    }
}

/// Starts a verification of everybody.
async fn start_all(run: &Run) -> anyhow::Result<Vec<(u32, String)>> {
    let mut open = Vec::new();
    let everybody: Vec<u32> = (0..run.people.count()).collect();
    for some in everybody.chunks(run.scenario.batch as usize) {
        let items: Vec<_> = some
            .iter()
            .map(|person| json!({ "user": people::name(*person), "application": "loadtest", "ttl_seconds": 300 }))
            .collect();
        let body = json!({ "verifications": items }).to_string();
        let batch = request("POST", "/v1/verifications/batch", &run.stage.head(""), body.as_bytes());
        let body = taken(run.stage.exchange(&batch).await?)?;
        let answer: Items = serde_json::from_slice(&body)?;
        for (person, item) in some.iter().zip(answer.items) {
            let started = item.verification.ok_or_else(|| anyhow::anyhow!("a verification was refused"))?;
            open.push((*person, started.id));
        }
    }
    Ok(open)
}
