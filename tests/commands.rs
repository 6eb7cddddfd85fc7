//! The commands that work on the store itself, run as an administrator runs them.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::Command;

/// Runs the program in `dir`; what it printed, or what it complained of.
fn run(dir: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign")).args(arguments).current_dir(dir).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn init() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), &["init", "."]).unwrap();
    dir
}

const CONFIG: [&str; 2] = ["--config", "countersign.toml"];

#[test]
fn a_backup_is_verified_with_the_public_key_alone() {
    let dir = init();
    let run = |arguments: &[&str]| run(dir.path(), arguments);
    let keep = |name: &str, arguments: &[&str]| {
        std::fs::write(dir.path().join(name), run(&[arguments, &CONFIG].concat()).unwrap()).unwrap();
    };
    keep("checkpoint", &["audit", "checkpoint"]);
    keep("public.key", &["audit", "public-key"]);
    run(&["store", "backup", CONFIG[0], CONFIG[1], "copy.db"]).unwrap();
    std::fs::remove_file(dir.path().join("master.key")).unwrap();
    let verify = ["audit", "verify", "--store", "copy.db", "--against", "checkpoint", "--public-key", "public.key"];
    assert!(run(&verify).unwrap().contains("agree with the checkpoint at 1"));
    let told = run(&verify[..6]).unwrap_err();
    assert!(told.contains("--public-key"), "{told}");
    std::fs::write(dir.path().join("other.key"), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        .unwrap();
    let told = run(&[&verify[..7], &["other.key"]].concat()).unwrap_err();
    assert!(told.contains("not signed with this key"), "{told}");
    let line = std::fs::read_to_string(dir.path().join("checkpoint")).unwrap();
    std::fs::write(dir.path().join("checkpoint"), format!("{line}countersign-checkpoint-1 n1 2 17")).unwrap();
    assert!(run(&verify).unwrap().contains("checkpoint at 1"), "a line that was cut short is passed over");
}

#[test]
fn keys_are_rotated_and_the_store_is_checked() {
    let dir = init();
    let run = |arguments: &[&str]| run(dir.path(), &[arguments, &CONFIG].concat()).unwrap();
    assert!(run(&["keys", "rotate"]).contains("data key 2 seals;"));
    assert!(run(&["keys", "reseal"]).contains("0 secrets were"));
    assert!(run(&["store", "check"]).contains("2 audit links"));
    assert!(run(&["audit", "verify"]).contains("2 links are whole"));
}

#[test]
fn with_json_every_command_prints_one_document() {
    let dir = init();
    let json = |arguments: &[&str]| -> serde_json::Value {
        let printed = run(dir.path(), &[arguments, &["--json"]].concat());
        serde_json::from_str(&printed.unwrap_or_else(|told| panic!("{arguments:?}: {told}"))).unwrap()
    };
    assert_eq!(json(&["check-config", "countersign.toml"])["mistakes"], serde_json::json!([]));
    assert_eq!(json(&["store", "count", CONFIG[0], CONFIG[1]])["api_key"], 1);
    assert_eq!(json(&["store", "check", CONFIG[0], CONFIG[1]])["audit_links"], 1);
    assert_eq!(json(&["audit", "verify", CONFIG[0], CONFIG[1]])["links"], 1);
    assert_eq!(json(&["store", "backup", CONFIG[0], CONFIG[1], "copy.db"])["backup"], "copy.db");
    assert_eq!(json(&["keys", "rotate", CONFIG[0], CONFIG[1]])["data_key"], 2);
    std::fs::write(dir.path().join("bad.toml"), "[stor]\n").unwrap();
    let mut check = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let ended = check.args(["check-config", "bad.toml", "--json"]).current_dir(dir.path()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert!(told["mistakes"][0].as_str().unwrap().starts_with("[stor]"), "{told}");
}

#[test]
fn wrong_usage_and_a_failed_action_have_their_exit_codes() {
    let dir = init();
    let code = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(arguments).current_dir(dir.path()).output().unwrap().status.code()
    };
    assert_eq!(code(&["store", "count", CONFIG[0], CONFIG[1]]), Some(0));
    assert_eq!(code(&["store", "count", CONFIG[0], "nowhere.toml"]), Some(1));
    assert_eq!(code(&["store", "cuont"]), Some(2));
}

#[test]
fn a_chain_that_was_cut_off_is_not_signed_again_and_any_older_line_shows_it() {
    let dir = init();
    let run = |arguments: &[&str]| run(dir.path(), &[arguments, &CONFIG].concat());
    for _ in 0..3 {
        run(&["keys", "rotate"]).unwrap();
    }
    let kept = dir.path().join("checkpoints");
    std::fs::write(&kept, run(&["audit", "checkpoint"]).unwrap()).unwrap();
    rusqlite::Connection::open(dir.path().join("countersign.db"))
        .unwrap()
        .execute("DELETE FROM audit WHERE position > 2", [])
        .unwrap();
    let settings = "[server]\nlisten = \"127.0.0.1:0\"\n[audit]\ncheckpoint_file = \"checkpoints\"\n";
    std::fs::write(dir.path().join("countersign.toml"), settings).unwrap();
    let told = run(&["serve"]).unwrap_err();
    assert!(told.contains("does not go through the checkpoint at 4"), "{told}");
    let shorter = run(&["audit", "checkpoint"]).unwrap();
    std::fs::write(&kept, std::fs::read_to_string(&kept).unwrap() + &shorter).unwrap();
    let told = run(&["audit", "verify", "--against", "checkpoints"]).unwrap_err();
    assert!(told.contains("4") && told.contains("cut"), "{told}");
}
