//! The portal in Chromium, at the size of a phone and of a desk, with scripts and without.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "stage/browser.rs"]
mod chromium;
mod stage;

use chromium::{Browser, SIZES};
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;
use stage::Stage;
use stage::visitor::PASSWORD;

async fn stage() -> Stage {
    let stage = Stage::start().await;
    let languages = engine::portal::LANGUAGES;
    stage.offers(json!({ "allow_enrollment": true, "allow_select_method": true, "languages": languages })).await;
    stage
}

/// With everything on offer that there is, calls too.
async fn everything() -> Stage {
    let stage = Stage::calling().await;
    let languages = engine::portal::LANGUAGES;
    stage.offers(json!({ "allow_enrollment": true, "allow_select_method": true, "languages": languages })).await;
    for language in engine::portal::LANGUAGES {
        for number in 1..=4 {
            let question = json!({ "language": language, "text": format!("{language} {number}?"), "active": true });
            stage.post("/v1/security_questions", question).await;
        }
    }
    stage
        .offers(json!({
            "prompt_backup_phone": true, "allow_bypass": true, "prompt_bypass_seconds": true, "questions_fallback": true,
            "allow_oath_association": true, "oath_fallback": true, "legal_text": "Imprint", "help_contact": "help@example.com",
        }))
        .await;
    stage
}

async fn newcomer(stage: &Stage, name: &str) {
    stage.post("/v1/users", json!({ "name": name, "first_name": "Nina", "set_up": false })).await;
    stage.password(name).await;
}

/// Somebody with a PIN, signed in by a reply.
async fn signed_in(browser: &Browser, stage: &Stage, name: &str, phone: &str) {
    stage.person(name, phone, "two_way_otp_pin").await;
    stage.password(name).await;
    browser.sign_in(stage, name).await;
    browser.reads("Reply to it with the code").await;
    let code = stage.code(phone, 0).await;
    stage.reply(phone, &format!("{code}2580")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrols_by_text_and_signs_in_again() {
    let stage = stage().await;
    for (place, size) in SIZES.into_iter().enumerate() {
        for scripts in [true, false] {
            let phone = format!("+1202555017{}", 2 * place + usize::from(scripts));
            let name = format!("nina{}", phone.chars().last().unwrap());
            newcomer(&stage, &name).await;
            let kind = if scripts { "with" } else { "without" };
            let browser = Browser::open(&format!("text-{}-{kind}", size.0), size, scripts).await;
            browser.go(&format!("{}/", stage.url)).await;
            browser.keep("sign-in").await;
            browser.sign_in(&stage, &name).await;
            browser.reads("Set up your account").await;
            browser.keep("setup").await;
            browser.press("Continue").await;
            browser.choose("sms").await;
            browser.keep("method").await;
            browser.press("Continue").await;
            browser.fill("phone", "12").await;
            browser.press("Text Me Now to Authenticate").await;
            browser.reads("Some entries need your attention").await;
            browser.keep("fault").await;
            browser.fill("phone", &phone).await;
            browser.press("Text Me Now to Authenticate").await;
            browser.reads("Reply to it with the code").await;
            browser.keep("verify").await;
            let code = stage.code(&phone, 0).await;
            stage.reply(&phone, &code).await;
            // With scripts the page goes on by itself.
            browser.goes_on().await;
            browser.reads("You are set up").await;
            browser.keep("done").await;
            // The browser's own way back leads to where the person belongs now.
            browser.client.back().await.unwrap();
            browser.reads("Nina").await;
            browser.go(&format!("{}/account", stage.url)).await;
            browser.reads("Hello Nina").await;
            browser.keep("account").await;
            browser.press("Sign Out").await;
            browser.reads("You are signed out").await;
            browser.sign_in(&stage, &name).await;
            browser.reads("Reply to it with the code").await;
            let code = stage.code(&phone, 1).await;
            stage.reply(&phone, &code).await;
            browser.goes_on().await;
            browser.reads("Hello Nina").await;
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrols_by_an_authenticator_app() {
    let stage = stage().await;
    newcomer(&stage, "nina").await;
    let browser = Browser::open("app-360", SIZES[0], true).await;
    browser.sign_in(&stage, "nina").await;
    browser.press("Continue").await;
    browser.choose("oath").await;
    browser.press("Continue").await;
    browser.reads("Connect your authenticator app").await;
    browser.keep("token").await;
    let key = browser.client.find(Locator::Css(".key")).await.unwrap().text().await.unwrap();
    let secret = engine::oath::base32::parse(&key).unwrap();
    let now = actors::Clock::start().now();
    browser.fill("code", &engine::oath::totp::code(secret.expose(), now, 30, 6, engine::oath::Algorithm::Sha1)).await;
    browser.press("Verify").await;
    browser.reads("You are set up").await;
    browser.close().await;
}

const PAGES: [&str; 12] = [
    "account",
    "account/method",
    "account/phone",
    "account/backup",
    "account/pin",
    "account/language",
    "account/questions",
    "account/token",
    "account/bypass",
    "account/sessions",
    "account/history",
    "help/account",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_account_is_sound_in_light_and_dark_on_a_phone_and_a_desk() {
    let stage = everything().await;
    for (place, size) in SIZES.into_iter().enumerate() {
        let browser = Browser::open(&format!("account-{}", size.0), size, place == 0).await;
        signed_in(&browser, &stage, &format!("rosa{place}"), &format!("+1202555018{place}")).await;
        browser.goes_on().await;
        browser.reads("Security questions").await;
        browser.keep("questions").await;
        if place == 0 {
            browser.fill("answer1", "Rex").await;
            let kind =
                async || browser.client.find(Locator::Css("#answer1")).await.unwrap().attr("type").await.unwrap();
            browser.press("Hide Answers").await;
            assert_eq!(kind().await.as_deref(), Some("password"));
            browser.press("Show Answers").await;
            assert_eq!(kind().await.as_deref(), Some("text"));
        }
        browser.press("Save Answers").await;
        browser.reads("Choose a question").await;
        browser.keep("questions-faults").await;
        browser.press("Skip for Now").await;
        browser.reads("You are set up").await;
        for page in PAGES {
            browser.go(&format!("{}/{page}", stage.url)).await;
            browser.keep(&page.replace('/', "-")).await;
        }
        browser.go(&format!("{}/account/token", stage.url)).await;
        browser.fill("code", "123456").await;
        browser.press("Verify").await;
        browser.reads("not one of this key").await;
        browser.keep("token-fault").await;
        browser.dark().await;
        for page in PAGES {
            browser.go(&format!("{}/{page}", stage.url)).await;
            browser.keep(&format!("dark-{}", page.replace('/', "-"))).await;
        }
        browser.go(&format!("{}/account/history", stage.url)).await;
        browser.press("Why?").await;
        browser.reads("This was not you?").await;
        browser.keep("past").await;
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_sound_in_every_language_and_from_right_to_left() {
    let stage = everything().await;
    let browser = Browser::open("languages", SIZES[0], true).await;
    signed_in(&browser, &stage, "rosa", "+12025550184").await;
    browser.reads("Security questions").await;
    for language in engine::portal::LANGUAGES {
        browser.go(&format!("{}/account/language", stage.url)).await;
        browser.choose_option("page", language).await;
        browser.submit("/account/language").await;
        for page in PAGES {
            browser.go(&format!("{}/{page}", stage.url)).await;
            browser.look(&format!("{language} {page}")).await;
            browser.client.execute("document.documentElement.dir = 'rtl'", vec![]).await.unwrap();
            browser.look(&format!("{language} {page} from right to left")).await;
        }
    }
    browser.keep("right-to-left").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_changed_and_a_code_stands_in_with_and_without_scripts() {
    let stage = everything().await;
    for scripts in [true, false] {
        let (name, old, new) =
            if scripts { ("rosa", "+12025550185", "+12025550186") } else { ("rudi", "+12025550187", "+12025550188") };
        let browser = Browser::open(&format!("change-{scripts}"), SIZES[0], scripts).await;
        signed_in(&browser, &stage, name, old).await;
        browser.goes_on().await;
        browser.reads("Security questions").await;
        browser.go(&format!("{}/account/phone", stage.url)).await;
        browser.fill("phone", new).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads(&format!("ending in {}", &new[10..])).await;
        browser.keep("change").await;
        let code = stage.code(new, 0).await;
        stage.reply(new, &format!("{code}2580")).await;
        browser.goes_on().await;
        browser.reads("My account").await;
        browser.reads(&format!("ending in {}", &new[10..])).await;
        browser.press("Sign Out").await;

        let key = b"12345678901234567890";
        let code = |counter| engine::oath::hotp::code(key, counter, 6, engine::oath::Algorithm::Sha1);
        let token = json!({ "serial": name, "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": { "kind": "hotp" },
            "code": code(0) });
        stage.post(&format!("/v1/users/name:{name}/tokens"), token).await;
        browser.sign_in(&stage, name).await;
        browser.reads("Another way").await;
        browser.keep("another-way").await;
        browser.press("Use a Code").await;
        browser.reads("Type the code that your token").await;
        browser.fill("code", &code(1)).await;
        browser.press("Verify").await;
        browser.reads("Security questions").await;
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_page_is_found() {
    let stage = stage().await;
    let browser = Browser::open("spoiled", SIZES[0], true).await;
    browser.go(&format!("{}/", stage.url)).await;
    browser.look("sign-in").await;
    let spoil =
        "document.querySelector('label').style.color = '#bbb'; document.body.append(document.createElement('img'))";
    browser.client.execute(spoil, vec![]).await.unwrap();
    let faults = browser.faults().await.to_string();
    assert!(faults.contains("color-contrast") && faults.contains("image-alt"), "{faults}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrols_with_the_keyboard_alone() {
    let stage = stage().await;
    newcomer(&stage, "nina").await;
    let browser = Browser::open("keyboard", SIZES[1], true).await;
    browser.go(&format!("{}/", stage.url)).await;
    for (field, text) in [("name", "nina"), ("password", PASSWORD)] {
        browser.tab_to(field).await;
        browser.types(text).await;
    }
    browser.key(Key::Enter).await;
    browser.reads("Set up your account").await;
    browser.tab_to("Continue").await;
    browser.key(Key::Enter).await;
    browser.reads("How shall we check").await;
    browser.tab_to("method").await;
    browser.types(" ").await;
    browser.tab_to("Continue").await;
    browser.key(Key::Enter).await;
    browser.reads("Your mobile number").await;
    browser.tab_to("phone").await;
    browser.types("+12025550189").await;
    browser.key(Key::Enter).await;
    browser.reads("Reply to it with the code").await;
    let code = stage.code("+12025550189", 0).await;
    stage.reply("+12025550189", &code).await;
    browser.reads("You are set up").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_same_over_tls_and_http_2_below_a_base_path() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = format!("tls_cert_file = \"{}\"\ntls_key_file = \"{}\"\n", cert.display(), key.display());
    let stage = Stage::with_server(&tls, "[portal]\nbase_path = \"/mfa\"\n").await;
    stage.offers(json!({})).await;
    stage.person("rosa", "+12025550190", "one_way_otp").await;
    stage.password("rosa").await;
    let browser = Browser::open("tls", SIZES[0], true).await;
    browser.go(&format!("{}/mfa/", stage.url)).await;
    let spoken = "return performance.getEntriesByType('navigation')[0].nextHopProtocol";
    assert_eq!(browser.client.execute(spoken, vec![]).await.unwrap(), "h2");
    browser.fill("name", "rosa").await;
    browser.fill("password", PASSWORD).await;
    browser.press("Sign In").await;
    browser.reads("Type the code that it holds").await;
    let code = stage.code("+12025550190", 0).await;
    browser.fill("code", &code).await;
    browser.press("Verify").await;
    browser.reads("Hello rosa").await;
    let cookies = browser.client.get_all_cookies().await.unwrap();
    assert!(cookies.iter().all(|cookie| cookie.name().starts_with("__Host-") && cookie.secure() == Some(true)));
    browser.close().await;
}

/// To the page it is so much later.
async fn later(browser: &Browser, milliseconds: u32) {
    let later = format!("const now = Date.now; Date.now = () => now() + {milliseconds};");
    browser.client.execute(&later, vec![]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_ends_soon_is_prolonged_without_losing_what_is_typed() {
    let stage = stage().await;
    stage.offers(json!({ "prompt_backup_phone": true })).await;
    let browser = Browser::open("stay", SIZES[0], true).await;
    signed_in(&browser, &stage, "alice", "+12025550185").await;
    browser.reads("Hello alice").await;
    browser.go(&format!("{}/account/backup", stage.url)).await;
    browser.fill("backup-phone", "202 555 0139").await;
    later(&browser, 810_000).await;
    browser.reads("You will be signed out soon").await;
    browser.keep("soon").await;
    browser.press("Stay Signed In").await;
    browser.no_longer_reads("You will be signed out soon").await;
    let typed = async || {
        let typed = "return document.querySelector('[name=backup-phone]').value";
        browser.client.execute(typed, vec![]).await.unwrap()
    };
    assert_eq!(typed().await, "202 555 0139");
    // Where nothing can be prolonged any more, it says so.
    stage.password("alice").await;
    later(&browser, 810_000).await;
    browser.press("Stay Signed In").await;
    browser.reads("You are signed out, or the service cannot be reached").await;
    browser.keep("over").await;
    browser.press("Close").await;
    assert_eq!(typed().await, "202 555 0139");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_types_stays_signed_in() {
    let mut stage = stage().await;
    stage.offers(json!({ "prompt_backup_phone": true })).await;
    let browser = Browser::open("types", SIZES[1], true).await;
    signed_in(&browser, &stage, "alice", "+12025550184").await;
    browser.reads("Hello alice").await;
    browser.go(&format!("{}/account/backup", stage.url)).await;
    let ends = browser.text_of("[data-left]").await;
    // Ten of the fifteen minutes are over, here and there.
    stage.serve_in("+10m").await;
    later(&browser, 600_000).await;
    browser.fill("backup-phone", "202 555 0139").await;
    browser.no_longer_reads(&ends).await;
    stage.serve_in("+20m").await;
    browser.press("Save Backup Phone").await;
    browser.reads("ending in 39").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_sent_again_later_has_its_button_then() {
    let stage = stage().await;
    stage.person("bob", "+12025550183", "two_way_otp").await;
    stage.password("bob").await;
    let browser = Browser::open("again", SIZES[0], true).await;
    browser.sign_in(&stage, "bob").await;
    for _ in 0..100 {
        browser.go(&format!("{}/verify", stage.url)).await;
        if browser.client.find(Locator::Css("[data-after]")).await.is_ok() {
            break;
        }
    }
    browser.reads("You can have it sent again in").await;
    let shown = "return document.querySelector('button[value=resend]').offsetParent !== null";
    assert_eq!(browser.client.execute(shown, vec![]).await.unwrap(), false);
    browser.reads("Send Again").await;
    assert_eq!(browser.client.execute(shown, vec![]).await.unwrap(), true);
    browser.close().await;
}
