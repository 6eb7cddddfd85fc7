//! The provider's own client library for Python as a judge: of the simulator's answers, and of signatures both ways.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use stage::Stage;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_official_library_works_with_the_simulator_and_agrees_on_signatures() {
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("run script/test, which installs the library and says where it is in COUNTERSIGN_TEST_PYTHON");
    let stage = Stage::start().await;
    stage.person("alice", "+12025550161", "two_way_otp").await;
    stage.begin("alice").await;
    let code = stage.code("+12025550161", 0).await;
    let arguments =
        [stage.simulators.url(), &simulators::Account::default().sid, stage::TOKEN, stage::OURS, &stage.url, &code];
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/twilio_library.py");
    let ran = tokio::task::block_in_place(|| Command::new(python).arg(script).args(arguments).output().unwrap());
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("all agreed"), "{said}");
}
