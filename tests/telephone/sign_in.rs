//! Signing in by a call (portal.md §4, §9).

use super::*;

const PAUL: &str = "+12025550141";
const BACKUP: &str = "+12025550142";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_by_a_call_and_reads_why_it_did_not_succeed() {
    let stage = Stage::with_calls(json!({})).await;
    called(&stage, "paul", PAUL, "pin").await;
    for (keys, says) in [
        (vec!["9999#", "8888#", "7777#"], "The wrong keys were pressed too often"),
        (vec!["2580,,,,,,,,,,,,", "2580,,,,,,,,,,,,", "2580,,,,,,,,,,,,"], "was missing"),
    ] {
        stage.set("voice", json!({ "input_seconds": 3 })).await;
        stage.presses(PAUL, &keys).await;
        let mut paul = Visitor::signing_in(&stage, "paul").await;
        paul.is_at("/verify", "key in your PIN, then press the pound or hash key (#)");
        for _ in 0..3 {
            checks(&mut paul).await;
            if paul.page.contains("role=\"status\" aria-live=\"polite\">\n<p class=\"error\">") {
                break;
            }
        }
        paul.is_at("/verify", says);
        paul.is_at("/verify", "The call was answered");
        paul.get("/account").await;
        assert_eq!(paul.path, "/verify");
    }
    let paul = signed_in(&stage, "paul", PAUL, "2580#").await;
    paul.is_at("/account", "ending in 41");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backup_phone_is_called_next_and_its_first_answer_verifies_it() {
    let stage = Stage::with_calls(json!({ "prompt_backup_phone": true })).await;
    let paul = json!({ "name": "paul", "phone": PAUL, "backup_phone": BACKUP, "method": "voice", "mode": "standard" });
    assert_eq!(stage.post("/v1/users", paul).await["backup_verified"], false);
    stage.password("paul").await;
    stage.behave(PAUL, json!({ "on_call": "busy" })).await;
    let mut paul = Visitor::signing_in(&stage, "paul").await;
    stage.rings(BACKUP, 0).await;
    reads(&mut paul, "/verify", "Your first phone did not answer, so we call your backup phone").await;
    paul.is_at("/verify", "ending in 42");
    stage.hand(BACKUP, "answer").await;
    stage.keys(BACKUP, "#").await;
    checks(&mut paul).await;
    paul.is_at("/account", "ending in 42");
    assert!(!paul.page.contains("not verified yet"), "{}", paul.page);
    assert_eq!(person(&stage, "paul").await["backup_verified"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_ended_for_another_way() {
    let stage = Stage::with_calls(json!({ "oath_fallback": true })).await;
    called(&stage, "paul", PAUL, "standard").await;
    let key = b"12345678901234567890";
    let code = |counter| engine::oath::hotp::code(key, counter, 6, engine::oath::Algorithm::Sha1);
    let token = json!({ "serial": "A-1", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": { "kind": "hotp" },
        "code": code(0) });
    stage.post("/v1/users/name:paul/tokens", token).await;
    let mut paul = Visitor::signing_in(&stage, "paul").await;
    stage.rings(PAUL, 0).await;
    paul.is_at("/verify", "Use a Code");
    paul.post("/verify", &[("do", "code")]).await;
    assert_eq!(stage.call_end(PAUL, 0).await, "cancelled");
    paul.is_at("/verify/code", "Type the code that your token");
    paul.post("/verify/code", &[("code", &code(1))]).await;
    paul.is_at("/account", "My account");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_with_its_script_hears_how_far_the_call_is() {
    let stage = Stage::with_calls(json!({})).await;
    called(&stage, "paul", PAUL, "standard").await;
    let paul = Visitor::signing_in(&stage, "paul").await;
    let cookies: Vec<_> = paul.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = stage.client.get(format!("{}/verify/events", stage.url)).header("Cookie", cookies.join("; "));
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    let mut until = async |words: &str| {
        while !heard.contains(words) {
            let next = tokio::time::timeout(Duration::from_secs(20), answer.chunk()).await;
            let next = next.unwrap_or_else(|_| panic!("{words} is not heard: {heard}"));
            heard.push_str(&String::from_utf8_lossy(&next.unwrap().expect("the stream goes on")));
        }
    };
    until("event: state\ndata: ").await;
    stage.rings(PAUL, 0).await;
    until("data: The phone with the number ending in 41 is ringing.\n").await;
    stage.hand(PAUL, "answer").await;
    until("data: The call to the number ending in 41 was answered.\n").await;
    stage.keys(PAUL, "#").await;
    until("event: ended\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_a_call_in_words() {
    let stage = Stage::with_calls(json!({})).await;
    called(&stage, "paul", PAUL, "standard").await;
    stage.presses(PAUL, &["5#", "#"]).await;
    let mut paul = Visitor::signing_in(&stage, "paul").await;
    checks(&mut paul).await;
    paul.is_at("/account", "Phone call: it was you");
    let path = paul.page.split("href=\"/account/history/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/account/history/{path}");
    paul.get(&path).await;
    for says in [
        "The call was handed to the network",
        "The phone rang",
        "The call was answered",
        "Wrong keys were pressed",
        "The right answer came",
        "It ended",
    ] {
        paul.is_at(&path, says);
    }
}
