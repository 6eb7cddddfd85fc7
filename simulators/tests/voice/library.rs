//! The provider's own library for Python as a judge of calls: of the API, of documents that it makes, of signatures.

use crate::call::Calling;
use crate::stage::{OURS, PHONE, SID, TOKEN};
use serde_json::json;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_official_library_places_calls_and_has_its_documents_carried_out() {
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("run script/test, which installs the library and says where it is in COUNTERSIGN_TEST_PYTHON");
    let calling = Calling::answering(&["1234#", "#"]).await;
    calling.stage.behave("+12025550124", json!({ "on_call": "ring" })).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/voice/library.py");
    let arguments = [calling.stage.simulators.url(), SID, TOKEN, OURS, PHONE, "+12025550124"];
    let ran = tokio::task::block_in_place(|| Command::new(python).arg(script).args(arguments).output().unwrap());
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("all agreed"), "{said}");
    let heard = calling.heard().await;
    assert_eq!(heard, ["Your PIN & the pound key, please", "Now only the pound key", "Goodbye"]);
}
