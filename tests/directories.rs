//! The portal over directories as they are found: slapd, a Samba domain controller, FreeRADIUS.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "stage/browser.rs"]
mod chromium;
#[path = "../directory/tests/peers/server/mod.rs"]
#[allow(dead_code, reason = "the directory's own tests use the rest")]
mod server;
mod stage;

use chromium::{Browser, SIZES};
use engine::secret::Secret;
use serde_json::{Value, json};
use server::freeradius::{FREERADIUS, SECRET};
use server::samba::SAMBA;
use server::slapd::SLAPD;
use stage::Stage;
use stage::visitor::Visitor;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// People whom each of the servers knows.
mod conformance {
    pub struct Person {
        pub name: &'static str,
        pub password: &'static str,
    }

    pub const PEOPLE: [Person; 2] =
        [Person { name: "bob", password: "Gelbe-Ente-7" }, Person { name: "山田", password: "パスワード🦆Ab1" }];
}

/// An engine over a directory, with these settings of the portal beside.
async fn stage(kind: &str, section: &str, portal: Value) -> Stage {
    let files = tempfile::tempdir().unwrap().keep();
    let write = |name: &str, text: &str| {
        std::fs::write(files.join(name), text).unwrap();
        files.join(name).display().to_string()
    };
    let section = section
        .replace("LDAP_PASSWORD", &write("ldap", server::slapd::PASSWORD))
        .replace("WINDOWS_PASSWORD", &write("windows", server::samba::PASSWORD))
        .replace("RADIUS_SECRET", &write("radius", SECRET));
    let stage = Stage::with(&section).await;
    stage.offers(portal).await;
    stage.offers(json!({ "primary_authentication": kind })).await;
    stage
}

fn ldap() -> String {
    format!(
        "[directory.ldap]\nservers = [\"ldap://127.0.0.1:1\", \"{}\"]\nca_file = \"{}\"\nbind_dn = \"{}\"\n\
         bind_password_file = \"LDAP_PASSWORD\"\nbase_dn = \"ou=people,{}\"\n",
        SLAPD.encrypted,
        SLAPD.authority.display(),
        server::slapd::SEARCH,
        server::slapd::BASE
    )
}

fn windows() -> String {
    let settings = SAMBA.settings();
    format!(
        "[directory.windows]\ndomain = \"{}\"\nservers = [\"{}\"]\nca_file = \"{}\"\nbind_name = \"{}\"\n\
         bind_password_file = \"WINDOWS_PASSWORD\"\nallow_password_change = true\ntimeout_seconds = 20\n",
        settings.domain,
        SAMBA.encrypted,
        SAMBA.authority.display(),
        settings.bind_name
    )
}

fn radius() -> String {
    format!("[directory.radius]\nservers = [\"{}\"]\nsecret_file = \"RADIUS_SECRET\"\n", FREERADIUS.signs)
}

async fn signs_in(stage: &Stage, name: &str, password: &str) -> Visitor {
    let mut visitor = Visitor::new(stage);
    visitor.get("/").await;
    visitor.post("/", &[("name", name), ("password", password)]).await;
    visitor
}

async fn enrols(stage: &Stage, visitor: &mut Visitor, phone: &str) {
    visitor.is_at("/setup", "Set up your account");
    visitor.get("/setup/text").await;
    visitor.post("/setup/text", &[("country", "1"), ("phone", phone)]).await;
    let code = stage.code(phone, 0).await;
    stage.reply(phone, &code).await;
    visitor.post("/verify", &[("do", "check")]).await;
    visitor.is_at("/setup/done", "You are set up");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_the_ldap_servers_is_made_at_the_first_sign_in_and_enrols() {
    let stage = stage("ldap", &ldap(), json!({ "allow_enrollment": true })).await;
    for (name, password) in
        [("山田", "wrong"), ("nobody", "パスワード🦆Ab1"), ("山田", ""), ("*", "x"), ("*)(uid=*", "x")]
    {
        signs_in(&stage, name, password).await.is_at("/", "User name or password is wrong");
    }
    assert_eq!(stage.get("/v1/users").await["items"], json!([]), "nobody is made by a wrong password");
    let mut yamada = signs_in(&stage, "山田", "パスワード🦆Ab1").await;
    enrols(&stage, &mut yamada, "+12025550141").await;
    let person = stage.get("/v1/users").await["items"][0].clone();
    assert_eq!((&person["name"], &person["email"]), (&json!("山田"), &json!("mail@example.com")));
    yamada.get("/account").await;
    yamada.is_at("/account", "Hello Given");
    let letters = stage.letters("mail@example.com", 1).await;
    assert_eq!(letters[0]["subject"], "Your account is set up");

    stage.offers(json!({ "allow_enrollment": false, "primary_authentication": "ldap" })).await;
    signs_in(&stage, "bob", "Gelbe-Ente-7").await.is_at("/", "not set up for this yet");
    assert_eq!(stage.get("/v1/users").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_must_be_changed_is_changed_and_the_way_goes_on() {
    let stage = stage("ldap", &ldap(), json!({ "allow_enrollment": true })).await;
    stage.post("/v1/users", json!({ "name": "reset", "email": "reset@example.com", "set_up": false })).await;
    let mut reset = signs_in(&stage, "reset", server::slapd::PASSWORD).await;
    reset.is_at("/", "Your password has expired");
    let typed = |new: &'static str, again: &'static str| {
        [("name", "reset"), ("password", server::slapd::PASSWORD), ("new", new), ("again", again)]
    };
    reset.post("/password", &typed("Neue-Ente-8", "Neue-Ente-9")).await;
    reset.is_at("/password", "The two new passwords differ");
    reset.post("/password", &typed("short", "short")).await;
    reset.is_at("/password", "rules refuse this password");
    reset.post("/password", &typed("Neue-Ente-8", "Neue-Ente-8")).await;
    reset.is_at("/setup", "Set up your account");
    assert_eq!(stage.letters("reset@example.com", 1).await[0]["subject"], "Your password was changed");
    // Who knows a password that has not expired changes nothing here: it is changed where somebody is verified.
    let mut thief = Visitor::new(&stage);
    thief.get("/password").await;
    let typed = [("name", "reset"), ("password", "Neue-Ente-8"), ("new", "Meine-Ente-9"), ("again", "Meine-Ente-9")];
    thief.post("/password", &typed).await;
    thief.is_at("/password", "Passwords cannot be changed here");
    signs_in(&stage, "reset", "Neue-Ente-8").await.is_at("/setup", "Set up your account");
    signs_in(&stage, "reset", server::slapd::PASSWORD).await.is_at("/", "User name or password is wrong");
    let gone = signs_in(&stage, "expired", server::slapd::PASSWORD).await;
    gone.is_at("/", "Change it where you sign in at work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_in_a_browser_on_a_phone_and_a_desk() {
    let stage = stage("ldap", &ldap(), json!({ "allow_enrollment": true })).await;
    for (name, size, scripts) in [("reset-phone", SIZES[0], false), ("reset-desk", SIZES[1], true)] {
        let browser = Browser::open(name, size, scripts).await;
        browser.go(&format!("{}/", stage.url)).await;
        browser.fill("name", name).await;
        browser.fill("password", server::slapd::PASSWORD).await;
        browser.press("Sign In").await;
        browser.reads("Your password has expired").await;
        browser.keep("expired").await;
        for (again, says) in [("Neue-Ente-9", "The two new passwords differ"), ("Neue-Ente-8", "Set up your account")] {
            for (field, typed) in [("password", server::slapd::PASSWORD), ("new", "Neue-Ente-8"), ("again", again)] {
                browser.fill(field, typed).await;
            }
            browser.press("Change Password").await;
            browser.reads(says).await;
        }
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_a_windows_name_is_one_person() {
    let stage = stage("windows", &windows(), json!({ "allow_enrollment": true })).await;
    let mut bob = signs_in(&stage, "bob", "Gelbe-Ente-7").await;
    enrols(&stage, &mut bob, "+12025550142").await;
    for (texts, name) in (1..).zip(["BOB@example.com", "EXAMPLE\\bob"]) {
        let mut again = signs_in(&stage, name, "Gelbe-Ente-7").await;
        again.is_at("/verify", "ending in 42");
        let code = stage.code("+12025550142", texts).await;
        stage.reply("+12025550142", &code).await;
        again.post("/verify", &[("do", "check")]).await;
        again.is_at("/account", "Hello");
    }
    let mut must = signs_in(&stage, "must", server::samba::PASSWORD).await;
    must.is_at("/", "Your password has expired");
    let typed =
        [("name", "must"), ("password", server::samba::PASSWORD), ("new", "Neue-Ente-8"), ("again", "Neue-Ente-8")];
    must.post("/password", &typed).await;
    must.is_at("/setup", "Set up your account");
    let names: Vec<_> =
        stage.get("/v1/users").await["items"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["bob", "must"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_a_radius_server_signs_in() {
    let stage = stage("radius", &radius(), json!({ "allow_enrollment": true })).await;
    signs_in(&stage, "bob", "wrong").await.is_at("/", "User name or password is wrong");
    let mut bob = signs_in(&stage, "bob", "Gelbe-Ente-7").await;
    enrols(&stage, &mut bob, "+12025550143").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_down_or_not_set_up_lets_nobody_in_and_counts_against_nobody() {
    let down =
        "[directory.ldap]\nservers = [\"ldap://127.0.0.1:1\"]\nbase_dn = \"dc=example,dc=com\"\ntimeout_seconds = 1\n";
    let mut stage = stage("ldap", down, json!({ "allow_enrollment": true })).await;
    stage.expects_errors = true;
    for _ in 0..7 {
        let visitor = signs_in(&stage, "bob", "Gelbe-Ente-7").await;
        assert_eq!((visitor.status, visitor.headers["retry-after"].as_str()), (503, "60"));
        assert!(visitor.page.contains("cannot be reached at the moment"), "{}", visitor.page);
    }
    stage.offers(json!({ "primary_authentication": "windows" })).await;
    assert_eq!(signs_in(&stage, "bob", "Gelbe-Ente-7").await.status, 503);
    assert!(stage.log().contains("[directory.windows] is not set up"));
    assert_eq!(stage.get("/v1/users").await["items"], json!([]));
}
