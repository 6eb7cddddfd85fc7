//! Each scenario for a moment, for what it finds and not for its speed.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Command, Output};

fn loadtest(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign-loadtest")).args(arguments).output().unwrap()
}

#[test]
fn texts_settle_once_each_and_for_the_right_reason() {
    let engine = Path::new(env!("CARGO_BIN_EXE_countersign-loadtest")).with_file_name("countersign");
    assert!(engine.exists(), "build the program first: cargo build --bin countersign");
    let dir = tempfile::tempdir().unwrap();
    let json = dir.path().join("report.json");
    let ran = loadtest(&[
        "texts",
        "--rate",
        "40",
        "--seconds",
        "2",
        "--warm-up",
        "1",
        "--people",
        "60",
        "--json",
        json.to_str().unwrap(),
    ]);
    assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    for (name, expected) in [("started", 80), ("settled", 80), ("lost", 0), ("settled_twice", 0), ("unexpected", 0)] {
        assert_eq!(report[name], expected, "{name} in {report}");
    }
    assert!(report["p99_ms"].as_f64().unwrap() >= report["p50_ms"].as_f64().unwrap());
    assert!(report["engine_rss_bytes"].as_u64().unwrap() > 0 && report["rate"].as_f64().unwrap() > 0.0);
}

#[test]
fn what_cannot_be_run_is_told() {
    let without_engine = loadtest(&["texts", "--program", "/nowhere/countersign"]);
    assert_eq!(without_engine.status.code(), Some(1));
    assert!(String::from_utf8(without_engine.stderr).unwrap().contains("--program"));
    let nobody = loadtest(&["texts", "--people", "0"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("--people must be 1 to 100000"));
    assert_eq!(loadtest(&["txts"]).status.code(), Some(2));
}
