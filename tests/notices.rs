//! What people are told of their account: by mail, from a durable outbox, and never with a secret in it.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::Visitor;

const PHONE: &str = "+12025550191";
const MAILBOX: &str = "pia@example.com";

/// Pia, with a PIN and a mailbox.
async fn stage(portal: Value) -> Stage {
    let stage = Stage::start().await;
    let mut body = json!({ "name": "pia", "first_name": "Pia", "email": MAILBOX, "phone": PHONE, "method": "sms" });
    body["mode"] = json!("two_way_otp_pin");
    body["pin"] = json!("2580");
    body["pin_change_required"] = json!(false);
    stage.post("/v1/users", body).await;
    stage.password("pia").await;
    stage.offers(json!({ "url": "https://mfa.example.com", "languages": ["en", "de"] })).await;
    stage.offers(portal).await;
    stage
}

fn subjects(letters: &[Value]) -> Vec<String> {
    letters.iter().map(|letter| letter["subject"].as_str().unwrap().to_owned()).collect()
}

async fn mail_faults(stage: &Stage, faults: Value) {
    let url = format!("{}/sim/v1/gateways/mail/faults", stage.simulators.url());
    let answer = stage.client.put(url).json(&faults).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

async fn new_pin(visitor: &mut Visitor, from: &str, to: &str) {
    visitor.get("/account/pin").await;
    visitor.post("/account/pin", &[("current", from), ("pin", to), ("confirm", to)]).await;
    visitor.is_at("/account", "My account");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_of_what_changes_and_of_new_browsers_in_their_language() {
    let stage = stage(json!({ "allow_bypass": true })).await;
    let mut pia = stage.signed_in("pia", PHONE, "2580").await;
    // The first browser is no news; the next one is, and the same one again is not.
    let other = stage.signed_in("pia", PHONE, "2580").await;
    let letters = stage.letters(MAILBOX, 1).await;
    assert_eq!(subjects(&letters), ["New sign-in to your account"]);
    let mut known = other;
    known.post("/sign-out", &[]).await;
    let texts = stage.texts(PHONE).await.len();
    known.post("/", &[("name", "pia"), ("password", stage::visitor::PASSWORD)]).await;
    let code = stage.code(PHONE, texts).await;
    stage.reply(PHONE, &format!("{code}2580")).await;
    known.post("/verify", &[("do", "check")]).await;
    known.is_at("/account", "Hello Pia");
    new_pin(&mut pia, "2580", "4071").await;
    pia.get("/account/bypass").await;
    pia.post("/account/bypass", &[("do", "start")]).await;
    pia.get("/account/bypass").await;
    pia.post("/account/bypass", &[("do", "cancel")]).await;
    pia.get("/account/language").await;
    pia.post("/account/language", &[("page", "de"), ("text", "de")]).await;
    new_pin_de(&mut pia).await;
    let letters = stage.letters(MAILBOX, 4).await;
    let expected = ["New sign-in to your account", "Your PIN was changed", "A one-time bypass was started"];
    assert_eq!(subjects(&letters)[..3], expected);
    assert!(subjects(&letters)[3].contains("PIN"), "{letters:?}");
    for letter in &letters {
        let (text, html) = (letter["text"].as_str().unwrap(), letter["html"].as_str().unwrap());
        assert!(text.contains("Pia") && text.contains("https://mfa.example.com") && html.contains("<h1>"), "{letter}");
        for secret in ["2580", "4071", "8264", "5550191"] {
            assert!(!letter.to_string().contains(secret), "{secret} in {letter}");
        }
    }
    assert!(letters[3]["html"].as_str().unwrap().contains("lang=\"de\""));
}

async fn new_pin_de(visitor: &mut Visitor) {
    visitor.get("/account/pin").await;
    visitor.post("/account/pin", &[("current", "4071"), ("pin", "8264"), ("confirm", "8264")]).await;
    assert_eq!(visitor.path, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_where_the_setting_says_so() {
    let stage = stage(json!({})).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["mail"]["send_to_users"] = json!(false);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings.clone())).await.0, 200);
    let mut pia = stage.signed_in("pia", PHONE, "2580").await;
    new_pin(&mut pia, "2580", "4071").await;
    settings["mail"]["send_to_users"] = json!(true);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    pia.get("/account/phone").await;
    pia.post("/account/phone", &[("country", "1"), ("phone", "+12025550192")]).await;
    let code = stage.code("+12025550192", 0).await;
    stage.reply("+12025550192", &format!("{code}4071")).await;
    pia.post("/verify", &[("do", "check")]).await;
    pia.is_at("/account", "ending in 92");
    let letters = stage.letters(MAILBOX, 1).await;
    assert_eq!(subjects(&letters), ["Your phone was changed"], "the change of the PIN was told to nobody");
    assert!(letters[0]["text"].as_str().unwrap().contains("ending in 92"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_outlives_a_mail_server_that_is_down_and_an_engine_that_is_killed() {
    let mut stage = stage(json!({})).await;
    let mut pia = stage.signed_in("pia", PHONE, "2580").await;
    mail_faults(&stage, json!({ "errors": [{ "probability": 1.0, "status": 451 }] })).await;
    new_pin(&mut pia, "2580", "4071").await;
    for _ in 0..250 {
        if stage.log().contains("a notice was not taken and is tried again") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(stage.log().contains("a notice was not taken and is tried again"), "{}", stage.log());
    stage.kill();
    mail_faults(&stage, json!({})).await;
    stage.serve().await;
    let letters = stage.letters(MAILBOX, 1).await;
    assert_eq!(subjects(&letters), ["Your PIN was changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fraud_is_told_to_the_person_and_to_those_who_look_after_the_company() {
    let stage = stage(json!({})).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["fraud"]["notify"] = json!(["soc@example.com"]);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings.clone())).await.0, 200);
    settings["fraud"]["notify"] = json!(["not a mailbox"]);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 422);
    stage.begin("pia").await;
    stage.code(PHONE, 0).await;
    stage.reply(PHONE, "FRAUD").await;
    let own = stage.letters(MAILBOX, 1).await;
    let staff = stage.letters("soc@example.com", 1).await;
    for letter in [&own[0], &staff[0]] {
        assert!(letter["text"].as_str().unwrap().contains("The account is blocked"), "{letter}");
    }
    assert!(staff[0]["text"].as_str().unwrap().contains("(pia)") && !own[0].to_string().contains("(pia)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_by_mail_opens_the_first_set_up() {
    let stage = stage(json!({ "allow_enrollment": true, "enrollment_proof": "mail_code" })).await;
    stage.post("/v1/users", json!({ "name": "nina", "email": "nina@example.com", "set_up": false })).await;
    stage.post("/v1/users", json!({ "name": "otto", "set_up": false })).await;
    for name in ["nina", "otto"] {
        stage.password(name).await;
    }
    let mut otto = Visitor::signing_in(&stage, "otto").await;
    otto.get("/setup/text").await;
    otto.is_at("/setup/proof", "We have no mail address of yours");
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/method").await;
    nina.is_at("/setup/proof", "n…@example.com");
    nina.get("/setup/proof").await;
    let letters = stage.letters("nina@example.com", 1).await;
    let text = letters[0]["text"].as_str().unwrap();
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 8).unwrap().to_owned();
    nina.post("/setup/proof", &[("code", "12345678")]).await;
    nina.is_at("/setup/proof", "wrong or too old");
    nina.post("/setup/proof", &[("code", &code)]).await;
    nina.is_at("/setup", "Set up your account");
    assert_eq!(stage.letters("nina@example.com", 1).await.len(), 1, "one at a time");
    let database = std::fs::read(stage.home().join("countersign.db")).unwrap_or_default();
    let found = |bytes: &[u8]| bytes.windows(code.len()).any(|part| part == code.as_bytes());
    assert!(!found(&database) && !stage.log().contains(&code), "the code is nowhere in clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_an_account_is_told_and_written_down_with_what_and_from_where() {
    let stage =
        stage(json!({ "allow_enrollment": true, "allow_select_method": true, "prompt_backup_phone": true })).await;
    for number in 1..=4 {
        let question = json!({ "language": "en", "text": format!("Question {number}?"), "active": true });
        stage.post("/v1/security_questions", question).await;
    }
    stage.offers(json!({ "questions_fallback": true, "languages": ["en"] })).await;
    let ids = stage.get("/v1/security_questions").await["items"].clone();
    let mut pia = stage.signed_in("pia", PHONE, "2580").await;
    let mut answers = vec![];
    for (number, word) in (1..).zip(["alpha", "bravo", "charlie", "delta"]) {
        answers.push((format!("question{number}"), ids[number - 1]["id"].as_str().unwrap().to_owned()));
        answers.push((format!("answer{number}"), word.to_owned()));
    }
    let answers: Vec<_> = answers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pia.post("/setup/questions", &answers).await;
    pia.get("/account/backup").await;
    pia.post("/account/backup", &[("backup-country", "1"), ("backup-phone", "202 555 0139")]).await;
    pia.get("/account/token").await;
    let key = pia.page.split("<p class=\"key\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
    let secret = engine::oath::base32::parse(&key).unwrap();
    let code = |steps: u64| {
        let at = actors::Clock::start().now() - std::time::Duration::from_secs(30 * steps);
        engine::oath::totp::code(secret.expose(), at, 30, 6, engine::oath::Algorithm::Sha1)
    };
    pia.post("/account/token", &[("do", "app"), ("code", &code(1))]).await;
    pia.is_at("/account/token?added", "It was added");
    pia.get("/account/method").await;
    pia.post("/account/method", &[("method", "oath")]).await;
    pia.post("/verify/code", &[("code", &code(0))]).await;
    pia.is_at("/account", "Hello Pia");
    pia.get("/account/phone").await;
    let mut owner = Visitor::signing_in(&stage, "pia").await;
    let texts = stage.texts(PHONE).await.len();
    owner.post("/verify", &[("do", "undo")]).await;
    let code = stage.code(PHONE, texts).await;
    stage.reply(PHONE, &format!("{code}2580")).await;
    owner.post("/verify", &[("do", "check")]).await;
    let mut questioned = Visitor::signing_in(&stage, "pia").await;
    assert!(!questioned.page.contains("Answer Questions"), "the answers went with what was taken back");
    questioned.post("/verify", &[("do", "cancel")]).await;
    let told = [
        "Your security questions were changed",
        "Your backup phone was changed",
        "A token was added",
        "Your method was changed",
        "Your old phone is back",
    ];
    let letters = subjects(&stage.letters(MAILBOX, told.len() + 1).await);
    for subject in told {
        assert!(letters.iter().any(|letter| letter == subject), "{subject} in {letters:?}");
    }
    let chain = stage.get("/v1/audit?limit=1000").await;
    let links: Vec<_> = chain["items"].as_array().unwrap().iter().map(|link| link["record"].clone()).collect();
    let find = |act: &str| links.iter().find(|link| link["act"] == act).unwrap_or_else(|| panic!("{act} in {links:?}"));
    for act in
        ["portal.password", "portal.sign_in", "portal.questions", "portal.token_begun", "portal.token", "portal.method"]
    {
        assert!(find(act)["from"].as_str().unwrap().contains("127.0.0.1"), "{act}");
    }
    assert_eq!(find("portal.backup_phone")["what"], "- ••••••39");
    let said = format!("{links:?}");
    assert!(!said.contains("5550139") && !said.contains("\"2580\"") && !said.contains("5550191"), "{said}");
}
