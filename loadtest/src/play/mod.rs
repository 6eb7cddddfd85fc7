//! How a scenario is played, by its shape.
//! Refuses to send anything twice by itself: what fails is counted.

mod batch;
mod check;
mod enrol;
mod open;
mod single;
mod typed;
mod visitor;

use crate::run::Run;
use crate::scenario::Shape;
use serde::Deserialize;
use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinSet;

/// What this program reads of a verification.
#[derive(Debug, Deserialize)]
pub struct View<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whose it is.
    #[serde(borrow)]
    pub user: Cow<'a, str>,
    /// Why it ended; none while it is pending.
    #[serde(borrow)]
    pub reason: Option<Cow<'a, str>>,
    /// When it ends by itself.
    pub expires_at: &'a str,
    /// When it ended.
    pub settled_at: Option<&'a str>,
}

/// Plays it to its end.
pub async fn play(run: &Rc<Run>) -> anyhow::Result<()> {
    let faults = tokio::task::spawn_local(fault(Rc::clone(run)));
    let played = match run.scenario.shape {
        Shape::Single | Shape::Enrol => single::play(run).await,
        Shape::Batch => batch::play(run).await,
        Shape::InFlight => open::play(run, false).await,
        Shape::Restart => open::play(run, true).await,
        Shape::Check => check::play(run).await,
    };
    faults.abort();
    run.count_until_now();
    played
}

/// Compares what the answers said with what the feed tells; where outcomes came from the feed itself it was done on the way.
pub async fn compare(run: &Rc<Run>) -> anyhow::Result<()> {
    let by_answers = matches!(run.scenario.shape, Shape::Single | Shape::Check | Shape::Enrol);
    if by_answers && !run.is_over() { batch::compare(run).await } else { Ok(()) }
}

/// Plays as many to their end as the scenario wants in the store before, as fast as it goes.
pub async fn finish_some(run: &Rc<Run>) -> anyhow::Result<()> {
    batch::finish(run, run.scenario.finished).await
}

/// What goes wrong at the gateway, when it is its time. Receipts are lost where the scenario wants none.
async fn fault(run: Rc<Run>) -> anyhow::Result<()> {
    let mut moments: Vec<_> = run.scenario.faults.iter().flat_map(|fault| [fault.from, fault.until]).collect();
    moments.push(0.0);
    moments.sort_by(f64::total_cmp);
    let begin = tokio::time::Instant::now();
    for moment in moments {
        tokio::time::sleep_until(begin + Duration::from_secs_f64(moment)).await;
        let now = run.scenario.faults.iter().find(|fault| fault.from <= moment && moment < fault.until);
        let mut faults = now.map_or_else(|| serde_json::json!({}), |fault| fault.faults.clone());
        if !run.scenario.receipts {
            faults["lost_receipts"] = 1.0.into();
        }
        run.stage.fault(&faults).await.inspect_err(|error| run.give_up(&format!("a fault was refused: {error:#}")))?;
    }
    Ok(())
}

/// Waits for those that are left, one after another.
async fn join_all(mut tasks: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}
