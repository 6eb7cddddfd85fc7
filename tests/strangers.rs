//! Strangers at the portal: forms from elsewhere, guesses, sprayed passwords, and text that is more than text.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::json;
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};
use tokio::time::Instant;

async fn stage() -> Stage {
    Stage::with_alice_and_nina("+12025550151", json!({ "languages": ["en", "de", "ja"] })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_count_only_from_our_own_page_of_this_login_and_once() {
    let stage = stage().await;
    let mut victim = Visitor::new(&stage);
    victim.get("/").await;
    let ours = victim.hidden("/");
    let fields = |form: &str| {
        vec![
            ("form".to_owned(), form.to_owned()),
            ("name".into(), "alice".into()),
            ("password".into(), PASSWORD.into()),
        ]
    };
    let form = ours.iter().find(|(name, _)| name == "form").unwrap().1.clone();
    let mut other = Visitor::new(&stage);
    other.get("/").await;
    let foreign = other.hidden("/").iter().find(|(name, _)| name == "form").unwrap().1.clone();
    let for_another = victim.hidden("/language").iter().find(|(name, _)| name == "form").unwrap().1.clone();
    for (form, headers) in [
        ("", vec![]),
        (foreign.as_str(), vec![]),
        (for_another.as_str(), vec![]),
        (form.as_str(), vec![("Origin", "https://evil.example")]),
        (form.as_str(), vec![("Sec-Fetch-Site", "cross-site")]),
        (form.as_str(), vec![("Sec-Fetch-Site", "same-site")]),
    ] {
        let fields = fields(form);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        victim.send("/", &fields, &headers).await;
        assert_eq!(victim.status, 403, "{form} {headers:?}");
    }
    let unsigned = victim.cookies.clone();
    // A double click on Sign In, from two requests of one page: one text.
    let all = [ours, fields(&form)].concat();
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut again = Visitor::new(&stage);
    again.cookies.clone_from(&victim.cookies);
    for visitor in [&mut victim, &mut again] {
        visitor.send("/", &all, &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")]).await;
        visitor.is_at("/verify", "ending in 51");
    }
    // A handle that somebody put into the browser before the password opens nothing after it.
    let handle = "__Host-countersign";
    assert_ne!(unsigned[handle], victim.cookies[handle], "a new handle after the password");
    let mut fixed = Visitor::new(&stage);
    fixed.cookies = unsigned;
    fixed.get("/verify").await;
    fixed.is_at("/?ended", "You were signed out");
    let before = victim.cookies.clone();
    let hidden = victim.hidden("/verify");
    let code = stage.code("+12025550151", 0).await;
    stage.reply("+12025550151", &code).await;
    victim.post("/verify", &[("do", "check")]).await;
    victim.is_at("/account", "Hello alice");
    assert_eq!(stage.texts("+12025550151").await.len(), 1);
    assert_ne!(before, victim.cookies, "a new handle after the verification");
    // The handle and the form from before open nothing.
    let mut thief = Visitor::new(&stage);
    thief.cookies = before;
    thief.get("/account").await;
    thief.is_at("/?ended", "You were signed out");
    let hidden: Vec<_> =
        hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([("do", "check")]).collect();
    thief.send("/verify", &hidden, &[]).await;
    thief.is_at("/?ended", "You were signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_which_names_there_are_and_guessing_is_slowed_down() {
    let stage = stage().await;
    stage.post("/v1/users", json!({ "name": "off", "enabled": false })).await;
    stage.password("off").await;
    let mut answers = vec![];
    let same = [("alice", "wrong"), ("nobody", "wrong")];
    let others = [("off", PASSWORD), ("bad\u{7}name", "wrong"), ("", "")];
    // The shortest of three counts: a busy machine makes the others longer.
    for (name, password) in same.into_iter().cycle().take(6).chain(others) {
        let mut visitor = Visitor::new(&stage);
        visitor.get("/").await;
        let begin = Instant::now();
        visitor.post("/", &[("name", name), ("password", password)]).await;
        visitor.is_at("/", "User name or password is wrong");
        assert_eq!(visitor.status, 422);
        answers.push((name, begin.elapsed()));
    }
    let took = |wanted: &str| answers.iter().filter(|(name, _)| *name == wanted).map(|(_, took)| *took).min().unwrap();
    assert!(took("nobody") * 4 > took("alice"), "an unknown name is hashed too: {answers:?}");
    for _ in 0..2 {
        let mut visitor = Visitor::new(&stage);
        visitor.get("/").await;
        visitor.post("/", &[("name", "alice"), ("password", "wrong")]).await;
    }
    let slowed = Visitor::signing_in(&stage, "alice").await;
    slowed.is_at("/", "Try again in");
    let other = Visitor::signing_in(&stage, "nina").await;
    other.is_at("/setup", "Set up your account");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_type_is_text_and_pages_are_kept_by_nobody() {
    let stage = stage().await;
    let mut visitor = Visitor::new(&stage);
    visitor.get("/").await;
    let name = "\"><script>alert(1)</script>{{ 7*7 }}";
    visitor.post("/", &[("name", name), ("password", "x")]).await;
    assert!(!visitor.page.contains("<script>alert") && visitor.page.contains("{{ 7*7 }}"), "{}", visitor.page);
    for (header, value) in
        [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")]
    {
        assert_eq!(visitor.headers[header], value);
    }
    let policy = &visitor.headers["content-security-policy"];
    assert!(
        policy.contains("default-src 'self'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe")
    );
    visitor.get("/?ended&next=//evil.example").await;
    assert!(!visitor.page.contains("evil.example"));
    for back in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        visitor.get("/").await;
        let hidden = visitor.hidden("/language");
        let token = hidden.iter().find(|(name, _)| name == "form").unwrap().1.clone();
        visitor.send("/language", &[("form", &token), ("back", back), ("language", "de")], &[]).await;
        assert_eq!(visitor.path, "/", "{back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sprays_passwords_waits_and_keeps_nobody_else_waiting() {
    let stage = Stage::with_server("trusted_proxies = [\"127.0.0.1\"]\n", "").await;
    stage.person("alice", "+12025550151", "two_way_otp").await;
    stage.password("alice").await;
    stage.offers(json!({})).await;
    let tries = async |address: &str, name: &str, password: &str| {
        let mut visitor = Visitor::new(&stage);
        visitor.address = Some(address.to_owned());
        visitor.get("/").await;
        visitor.post("/", &[("name", name), ("password", password)]).await;
        visitor
    };
    // One password for many names, from one address.
    let mut waits = 0;
    for number in 0..24 {
        let visitor = tries("192.0.2.7", &format!("user{number}"), "Summer2026!").await;
        waits += usize::from(visitor.page.contains("Try again in"));
    }
    assert!(waits >= 2, "the address is slowed down");
    tries("192.0.2.7", "alice", PASSWORD).await.is_at("/", "Try again in");
    tries("192.0.2.8", "alice", PASSWORD).await.is_at("/verify", "ending in 51");
    // One name from one address: its owner is let in from elsewhere all the while.
    for _ in 0..8 {
        tries("192.0.2.9", "alice", "wrong").await;
    }
    tries("192.0.2.9", "alice", PASSWORD).await.is_at("/", "Try again in");
    tries("2001:db8:1::1", "alice", PASSWORD).await;
    let owner = tries("192.0.2.10", "alice", PASSWORD).await;
    assert!(owner.path.starts_with("/verify"), "{}", owner.page);
    // A /64 is one address.
    for number in 0..22 {
        tries(&format!("2001:db8:2::{number:x}"), &format!("user{number}"), "Summer2026!").await;
    }
    tries("2001:db8:2::ffff", "somebody", "x").await.is_at("/", "Try again in");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_text_wherever_they_stand_and_cookies_are_for_our_pages_alone() {
    let stage = stage().await;
    let markup = "<b onclick=x>{{7*7}}\" & '</b>";
    let change = json!({ "first_name": markup, "last_name": markup, "email": "a'b\"<c@example.com", "group": markup });
    assert_eq!(stage.call(reqwest::Method::PATCH, "/v1/users/name:alice", Some(change)).await.0, 200);
    let mut alice = Visitor::new(&stage);
    alice.get("/").await;
    let set = alice.headers["set-cookie"].to_lowercase();
    for rule in ["__host-countersign=", "httponly", "samesite=lax", "secure", "path=/"] {
        assert!(set.contains(rule), "{rule} in {set}");
    }
    assert!(alice.headers["strict-transport-security"].starts_with("max-age="));
    alice.post("/", &[("name", "alice"), ("password", PASSWORD)]).await;
    let code = stage.code("+12025550151", 0).await;
    stage.reply("+12025550151", &code).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "&#60;b onclick=x&#62;{{7*7}}");
    assert!(!alice.page.contains("<b onclick"), "{}", alice.page);
}
