//! The limit of a run: the hollow engine under the same load, as much as it takes, on simulators of its own.
//! Refuses to stand beside an engine: that has ended, or rests.

use crate::people::People;
use crate::play;
use crate::run::Run;
use crate::scenario::{Legs, Scenario, Shape};
use crate::stage::{DEPTH, Place, Stage, free_port, start_simulators, started};
use serde_json::json;
use std::process::Command;
use std::rc::Rc;

/// Seconds that it is measured.
const SECONDS: f64 = 5.0;
/// Verifications in flight, where the scenario has no number of its own.
const AT_ONCE: u32 = 256;

/// Verifications a second; `None` for a shape that has no exchange to measure.
pub async fn measure(place: &Place, scenario: &Scenario) -> anyhow::Result<Option<f64>> {
    if matches!(scenario.shape, Shape::InFlight | Shape::Restart) || place.engine.is_some() {
        return Ok(None);
    }
    let home = tempfile::tempdir()?;
    let listen = free_port()?;
    let (simulators, gateway) = start_simulators(&place.program()?, home.path(), listen)?;
    let depth = if scenario.legs == Legs::Pipelined { DEPTH } else { 1 };
    let mut command = Command::new(std::env::current_exe()?);
    let command = command.args(["hollow", "--listen", &listen.to_string(), "--gateway", &gateway.to_string()]);
    let (hollow, _) = started(command.args(["--depth", &depth.to_string()]), "hollow serves on ")?;
    let scenario = plain(scenario);
    let people = People::of(&scenario, scenario.people);
    let stage = Stage::hollow(listen, gateway);
    stage.behave("/sim/v1/behaviour", &json!({ "reply": "{otp}", "after_ms": 0 })).await?;
    let run = Run::new(scenario, stage, people, 0)?;
    run.say("the limit is measured");
    play::play(&Rc::clone(&run)).await?;
    run.finish();
    drop((hollow, simulators));
    let counted = run.counted();
    Ok(Some(counted.settled as f64 / counted.seconds))
}

/// The same exchanges without people: everybody answers at once, and as many are in flight as it takes.
fn plain(scenario: &Scenario) -> Scenario {
    let at_once = if scenario.at_once > 0 { scenario.at_once } else { AT_ONCE };
    Scenario {
        at_once,
        rate: 0.0,
        count: 0,
        warm_up: 1.0,
        duration: SECONDS.min(scenario.duration),
        people: scenario.people.max(at_once),
        repeat: 1,
        mix: Scenario::usual_mix(),
        human: crate::human::Human::default(),
        faults: vec![],
        receipts: false,
        ..scenario.clone()
    }
}
