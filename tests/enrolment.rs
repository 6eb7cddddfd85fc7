//! Who may set up, what is asked of them, and what the pages show: each setting on and off.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::oath::{Algorithm, base32, totp};
use serde_json::json;
use stage::Stage;
use stage::visitor::Visitor;
use std::time::Duration;

const NINA: &str = "+12025550171";

async fn stage(portal: serde_json::Value) -> Stage {
    let stage = Stage::start().await;
    stage.post("/v1/users", json!({ "name": "nina", "first_name": "Nina", "set_up": false })).await;
    stage.password("nina").await;
    stage.offers(json!({ "allow_enrollment": true })).await;
    stage.offers(portal).await;
    stage
}

/// Nina enters her number and answers its text.
async fn enrols(stage: &Stage, nina: &mut Visitor) {
    nina.get("/setup/text").await;
    nina.post("/setup/text", &[("country", "1"), ("phone", NINA)]).await;
    nina.is_at("/verify", "ending in 71");
    let code = stage.code(NINA, stage.texts(NINA).await.len().saturating_sub(1)).await;
    stage.reply(NINA, &code).await;
    nina.post("/verify", &[("do", "check")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_beside_the_method_is_offered_and_may_be_put_off_three_times() {
    let stage = stage(json!({ "prompt_oath_token": true })).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.is_at("/setup", "Add a token");
    enrols(&stage, &mut nina).await;
    nina.is_at("/setup/token", "lets you in when your phone has no network");
    nina.post("/setup/token", &[("do", "skip")]).await;
    nina.is_at("/setup/done", "You are set up");
    for _ in 0..2 {
        let mut again = stage.signed_in("nina", NINA, "").await;
        again.is_at("/setup/token", "Skip for Now");
        again.get("/account").await;
        again.is_at("/account", "Hello Nina");
        again.get("/setup/token").await;
        again.post("/setup/token", &[("do", "skip")]).await;
    }
    let last = stage.signed_in("nina", NINA, "").await;
    last.is_at("/account", "Tokens and Authenticator Apps");

    let stage = self::stage(json!({ "prompt_oath_token": true })).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    enrols(&stage, &mut nina).await;
    let key = nina.page.split("<p class=\"key\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
    let now = actors::Clock::start().now();
    let code = totp::code(base32::parse(&key).unwrap().expose(), now, 30, 6, Algorithm::Sha1);
    nina.post("/setup/token", &[("do", "app"), ("code", &code)]).await;
    nina.is_at("/setup/done", "ending in 71");
    assert_eq!(stage.get("/v1/users/name:nina").await["method"], "sms");
    let again = stage.signed_in("nina", NINA, "").await;
    again.is_at("/account", "Hello Nina");

    let stage = self::stage(json!({})).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    assert!(!nina.page.contains("Add a token"));
    enrols(&stage, &mut nina).await;
    nina.is_at("/setup/done", "ending in 71");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_code_opens_the_first_set_up_for_the_login_that_shows_it() {
    let stage = stage(json!({ "enrollment_proof": "admin_code" })).await;
    let code = stage.post("/v1/users/name:nina/enrollment_code", json!({})).await["code"].as_str().unwrap().to_owned();
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.is_at("/setup", "Show that this account is yours");
    nina.get("/setup/text").await;
    nina.is_at("/setup/proof", "your administrator gave you");
    nina.post("/setup/proof", &[("code", "00000000")]).await;
    nina.is_at("/setup/proof", "wrong or too old");
    let mut other = Visitor::signing_in(&stage, "nina").await;
    nina.post("/setup/proof", &[("code", &format!("{} {}", &code[..4], &code[4..]))]).await;
    nina.is_at("/setup", "Enter your mobile number");
    other.get("/setup/text").await;
    other.is_at("/setup/proof", "your administrator gave you");
    other.post("/setup/proof", &[("code", &code)]).await;
    other.is_at("/setup/proof", "wrong or too old");
    enrols(&stage, &mut nina).await;
    nina.is_at("/setup/done", "ending in 71");
    let (status, _) = stage.call(reqwest::Method::POST, "/v1/users/name:nina/enrollment_code", None).await;
    assert_eq!(status, 422, "who is set up needs none");
    // Five wrong ones, and the right one is worth nothing.
    stage.post("/v1/users", json!({ "name": "otto", "set_up": false })).await;
    stage.password("otto").await;
    let code = stage.post("/v1/users/name:otto/enrollment_code", json!({})).await["code"].as_str().unwrap().to_owned();
    let mut otto = Visitor::signing_in(&stage, "otto").await;
    otto.get("/setup/proof").await;
    for _ in 0..5 {
        otto.post("/setup/proof", &[("code", "00000000")]).await;
    }
    otto.post("/setup/proof", &[("code", &code)]).await;
    otto.is_at("/setup/proof", "wrong or too old");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_set_up_may_be_for_trusted_addresses_only() {
    let stage = stage(json!({ "enrollment_trusted_only": true })).await;
    let nina = Visitor::signing_in(&stage, "nina").await;
    nina.is_at("/", "from inside the company");
    stage.post("/v1/trusted_ips", json!({ "application": "User Portal", "entry": "127.0.0.1" })).await;
    let nina = Visitor::signing_in(&stage, "nina").await;
    nina.is_at("/setup", "Set up your account");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_carry_what_the_company_says_and_shows() {
    let picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
    let stage = stage(json!({})).await;
    let mut nina = Visitor::new(&stage);
    nina.get("/").await;
    assert!(nina.page.contains("<span class=\"mark\">Countersign</span>") && !nina.page.contains("class=\"legal\""));
    nina.get("/assets/logo").await;
    assert_eq!(nina.status, 404);
    let legal = "Imprint: <b>Example</b>\nExample Street 1";
    stage.offers(json!({ "logo": picture, "legal_text": legal, "help_contact": "help@example.com" })).await;
    nina.get("/").await;
    assert!(nina.page.contains("&#60;b&#62;Example") && nina.page.contains("/assets/logo"), "{}", nina.page);
    nina.is_at("/", "Contact: help@example.com");
    nina.get("/assets/logo").await;
    assert_eq!((nina.status, nina.headers["content-type"].as_str()), (200, "image/png"));
    let (status, answer) = stage.offer(json!({ "logo": "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+" })).await;
    assert!(status == 422 && answer.to_string().contains("portal.logo"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portals_own_log_is_written_while_it_is_on_and_names_nobody() {
    let stage = stage(json!({})).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    enrols(&stage, &mut nina).await;
    let lines = |stage: &Stage| {
        let log = stage.log();
        log.lines().filter(|line| line.contains("countersign::portal")).map(str::to_owned).collect::<Vec<_>>()
    };
    let on = lines(&stage);
    for act in ["portal.password", "portal.set_up", "portal.sign_in"] {
        assert!(on.iter().any(|line| line.contains(act)), "{act}: {on:?}");
    }
    assert!(on.iter().all(|line| !line.contains("nina") && !line.contains("5550171")), "{on:?}");
    stage.offers(json!({ "logging": false })).await;
    stage.signed_in("nina", NINA, "").await.is_at("/account", "Hello Nina");
    assert_eq!(lines(&stage).len(), on.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_visits_ends_and_says_when() {
    let stage = stage(json!({ "session_timeout_minutes": 1440 })).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    enrols(&stage, &mut nina).await;
    nina.get("/account").await;
    let left = |page: &str| -> u64 {
        let left = page.split("data-left=\"").nth(1).unwrap().split('"').next().unwrap();
        Duration::from_millis(left.parse().unwrap()).as_secs()
    };
    // Twelve hours are the most, however long the setting.
    assert_eq!(left(&nina.page).div_ceil(3600), 12);
    stage.offers(json!({ "session_timeout_minutes": 1 })).await;
    nina.get("/account").await;
    assert!(left(&nina.page) <= 60, "the setting counts at once");
    nina.is_at("/account", "Without a click you are signed out at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_set_for_somebody_is_taken_by_its_serial_number() {
    let stage = stage(json!({ "allow_software_totp": false })).await;
    let token =
        json!({ "serial": "T-7", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": { "kind": "hotp" } });
    stage.post("/v1/tokens", token.clone()).await;
    assert_eq!(
        stage.call(reqwest::Method::POST, "/v1/tokens", Some(token)).await.0,
        409,
        "one key for one serial number"
    );
    let tina = json!({ "name": "tina", "set_up": false, "method": "oath", "mode": "code" });
    stage.post("/v1/users", tina).await;
    stage.password("tina").await;
    Visitor::signing_in(&stage, "tina").await.is_at("/setup", "Your method cannot be used");
    stage.offers(json!({ "allow_oath_association": true })).await;
    let mut tina = Visitor::signing_in(&stage, "tina").await;
    tina.get("/setup/token").await;
    tina.is_at("/setup/token", "Your token");
    assert!(!tina.page.contains("class=\"key\""), "no app is on offer");
    let code = |counter| engine::oath::hotp::code(b"12345678901234567890", counter, 6, Algorithm::Sha1);
    let first = code(3);
    let before = tina.cookies.clone();
    tina.post("/setup/token", &[("do", "serial"), ("serial", "t-7"), ("serial-code", &first)]).await;
    tina.is_at("/setup/done", "codes of your authenticator app");
    assert_ne!(before, tina.cookies, "the login goes on under a new handle");
    let mut again = Visitor::signing_in(&stage, "tina").await;
    let next = code(4);
    again.post("/verify/code", &[("code", &next)]).await;
    again.is_at("/account", "My account");
}
