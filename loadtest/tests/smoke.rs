//! Each scenario for a moment, for what it finds and not for its speed.
#![allow(clippy::unwrap_used, reason = "a test")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign-loadtest");

fn loadtest(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

/// Plays and reads the report, which must be good.
fn good(arguments: &[&str]) -> Value {
    let engine = Path::new(PROGRAM).with_file_name("countersign");
    assert!(engine.exists(), "build the program first: cargo build --bin countersign");
    let dir = tempfile::tempdir().unwrap();
    let (json, html) = (dir.path().join("report.json"), dir.path().join("report.html"));
    let files = ["--json", json.to_str().unwrap(), "--html", html.to_str().unwrap()];
    let ran = loadtest(&[arguments, &files].concat());
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{arguments:?}: {said}");
    let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert!(report["settled"].as_u64().unwrap() > 0, "{report}");
    for name in ["lost", "settled_twice", "unexpected"] {
        assert_eq!(report[name], 0, "{name} in {report}");
    }
    assert!(report["p99_ms"].as_f64().unwrap() >= report["p50_ms"].as_f64().unwrap());
    assert!(report["engine_rss_bytes"].as_u64().unwrap() > 0 && report["rate"].as_f64().unwrap() > 0.0);
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("<polyline") && !page.contains("src=") && !page.contains("http"), "it stands alone");
    report
}

#[test]
fn texts_at_a_rate_and_as_many_as_may_be_in_flight() {
    let few = ["--people", "60", "--warm-up", "1"];
    let report = good(&[&["texts", "--rate", "40", "--duration", "2", "--ramp", "1", "--no-limit"], &few[..]].concat());
    assert_eq!((&report["started"], &report["settled"]), (&80.into(), &80.into()));
    let report = good(&[&["texts", "--at-once", "8", "--duration", "1"], &few[..]].concat());
    assert!(report["limit"].as_f64().unwrap() > 0.0 && report["ratio"].as_f64().unwrap() > 0.0);
}

#[test]
fn people_of_every_habit_and_method() {
    let report = good(&[
        "people",
        "--rate",
        "30",
        "--duration",
        "6",
        "--people",
        "900",
        "--warm-up",
        "0",
        "--ramp",
        "0",
        "--no-limit",
    ]);
    for reason in ["sms_ok", "oath_ok"] {
        assert!(report["reasons"][reason].as_u64().unwrap() > 0, "{report}");
    }
}

#[test]
fn a_campaign_with_pipelined_legs() {
    let report =
        good(&["campaign", "--at-once", "200", "--count", "400", "--people", "600", "--duration", "30", "--no-limit"]);
    assert!(report["settled"].as_u64().unwrap() >= 400);
}

#[test]
fn many_in_flight_until_they_expire() {
    let report = good(&["in-flight", "400", "--expire", "3", "--no-limit"]);
    assert_eq!((&report["open_at_once"], &report["reasons"]["sms_no_reply"]), (&400.into(), &400.into()));
    assert!(report["bytes_each"].as_f64().unwrap() > 0.0 && report["timer_late_p99_ms"].is_number());
}

#[test]
fn a_restart_with_many_open() {
    let report = good(&["restart", "300", "--expire", "3", "--no-limit"]);
    assert!(report["restart_seconds"].as_f64().unwrap() > 0.0 && report["settled"] == 300);
}

#[test]
fn codes_of_tokens() {
    let report = good(&["oath", "--at-once", "8", "--count", "200", "--people", "100", "--warm-up", "0", "--no-limit"]);
    assert!(report["reasons"]["oath_ok"].as_u64().unwrap() >= 200);
}

#[test]
fn a_storm_of_replays_settles_each_once() {
    let report = good(&["replay-storm", "--rate", "20", "--duration", "2", "--people", "200", "--no-limit"]);
    assert_eq!(report["settled"], 40);
}

#[test]
fn a_gateway_that_browns_out_loses_nothing() {
    let report = good(&["gateway-brownout", "--rate", "20", "--duration", "32", "--people", "900", "--no-limit"]);
    assert_eq!(report["settled"], 640);
}

#[test]
fn a_soak_looks_at_memory() {
    let report = good(&["soak", "--rate", "30", "--duration", "4", "--people", "300", "--warm-up", "1", "--no-limit"]);
    assert!(report["rss_growth_percent"].is_number());
}

#[test]
fn people_enrol_themselves_through_the_pages() {
    let report =
        good(&["enrolment", "--rate", "10", "--duration", "3", "--warm-up", "1", "--stored", "40", "--no-limit"]);
    assert_eq!((&report["settled"], &report["reasons"]), (&30.into(), &serde_json::json!({ "sms_ok": 30 })));
    for path in ["/", "/setup", "/setup/text", "/verify", "/setup/done"] {
        assert!(report["pages"][path]["p50_ms"].as_f64().unwrap() > 0.0, "{path} in {report}");
    }
    for path in ["/", "/setup/text", "/verify"] {
        assert!(report["forms"][path]["p99_ms"].as_f64().unwrap() > 0.0, "{path} in {report}");
    }
    let report = good(&["enrolment", "--at-once", "4", "--count", "12", "--duration", "30", "--warm-up", "1"]);
    assert!(report["limit"].as_f64().unwrap() > 0.0 && report["ratio"].as_f64().unwrap() > 0.0);
}

#[test]
fn an_engine_that_dies_ends_the_run_with_what_was_measured() {
    let dir = tempfile::tempdir().unwrap();
    let json = dir.path().join("report.json");
    let arguments = ["texts", "--rate", "20", "--duration", "60", "--people", "100", "--warm-up", "0", "--no-limit"];
    let mut run = Command::new(PROGRAM);
    let mut run = run.args(arguments).args(["--json", json.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap();
    let engine = (0..600).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        serving(run.id())
    });
    // It is killed in the middle of the run, which is still going on then.
    std::thread::sleep(std::time::Duration::from_secs(4));
    let killed = Command::new("kill").args(["-9", &engine.expect("the engine serves").to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(run.wait().unwrap().code(), Some(1));
    let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(report["given_up"], "the engine ended in the middle of the run");
    assert_eq!(report["good"], false);
}

/// The engine that a run has started.
fn serving(run: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{run}/task/{run}/children")).ok()?;
    children.split_whitespace().find_map(|child| {
        let command = std::fs::read_to_string(format!("/proc/{child}/cmdline")).ok()?;
        command.split('\0').any(|word| word == "serve").then(|| child.parse().ok())?
    })
}

#[test]
fn what_cannot_be_run_is_told() {
    let failed = |arguments: &[&str]| {
        let ran = loadtest(arguments);
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    let (code, said) = failed(&["texts", "--program", "/nowhere/countersign", "--no-limit"]);
    assert!(code == Some(1) && said.contains("--program"), "{said}");
    let (code, said) = failed(&["texts", "--people", "0", "--duration", "0"]);
    assert!(code == Some(1) && said.contains("people must be") && said.contains("duration_seconds must be"), "{said}");
    let (code, said) = failed(&["txts"]);
    assert!(code == Some(1) && said.contains("replay-storm"), "{said}");
    let (code, said) = failed(&["enrolment", "--rate", "100", "--duration", "9", "--people", "900", "--finished", "1"]);
    assert!(code == Some(1) && said.contains("people nobody enrols twice") && said.contains("finished"), "{said}");
    assert_eq!(failed(&["texts", "--loud"]).0, Some(2));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    std::fs::write(&file, "rate = -1\nmethods = 3\n[human]\nsilent = 7\n").unwrap();
    let (code, said) = failed(&[file.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    for path in ["rate:", "methods:", "human.silent:"] {
        assert!(said.contains(path), "{path} in {said}");
    }
}
