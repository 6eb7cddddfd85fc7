//! One call from the API to the durable outcome, answered by a phone that is not ours.
//! Refuses a carrier in between: the trunk is the phone itself.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../channels/tests/sip/peer.rs"]
#[allow(dead_code, reason = "this story uses a part of it")]
mod peer;
#[path = "../channels/tests/sip/phone.rs"]
#[allow(dead_code, reason = "this story uses a part of it")]
mod phone;
mod stage;

use data_encoding::BASE64;
use phone::Phone;
use serde_json::json;
use stage::Stage;

/// The number that the phone knows as its own.
const PHONE: &str = "+12025550123";

#[actix_web::test]
async fn a_person_picks_up_hears_the_prompt_keys_the_pin_and_is_verified() {
    let mut phone = Phone::start("udp").await;
    let trunk = format!(
        "[[gateway]]\nkind = \"sip\"\nname = \"trunk\"\nfrom = [\"{}\"]\n[gateway.sip]\naddresses = [\"127.0.0.1:{}\"]\n\
         domain = \"127.0.0.1\"\nlocal_address = \"127.0.0.1:0\"\nrtp_first_port = 40000\nrtp_last_port = 60000\n",
        stage::OURS,
        phone.port
    );
    let stage = Stage::with(&trunk).await;
    stage.called("alice", PHONE, "pin").await;
    let started = stage.begin("alice").await;
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    stage.until(&started, "answered").await;
    // Long enough to hear the beginning of what is said; a person does not wait for its end.
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    phone.press("2580#").await;
    let ended = stage.end(&started, 30).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("verified"), &json!("voice_pin_ok")), "{}", phone.log());
    phone.event("CALL_CLOSED").await;
    let shown = stage.get("/v1/prompts/en/fraud_greeting_pin").await;
    let meant = sound(&BASE64.decode(shown["wav"].as_str().unwrap().as_bytes()).unwrap());
    let heard = phone.recorded().concat();
    let second = &meant[4000..12_000];
    assert!(found(&sound(&heard), second), "the first words are heard as they are meant");
    let outcome = stage.get("/v1/outcomes").await;
    assert_eq!(outcome["items"][0]["id"], started["id"], "it is in the feed");
}

/// The samples of a WAV file, as µ-law.
fn sound(wav: &[u8]) -> Vec<u8> {
    portal::calls::recording(wav).expect("a WAV file that we read").to_vec()
}

/// Whether `all` has `part`, allowing for one sample of twenty that differs: the phone's clock is not ours.
fn found(all: &[u8], part: &[u8]) -> bool {
    let same = |window: &[u8], part: &[u8]| window.iter().zip(part).filter(|(one, other)| one == other).count();
    all.windows(part.len())
        .any(|window| same(&window[..200], &part[..200]) > 180 && same(window, part) * 20 > part.len() * 19)
}
