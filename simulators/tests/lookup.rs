//! Stories of asking the provider what it has: one message, and lists with filters and pages.
//! They hold what a sender relies on after a timeout: what was taken can be found.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::{Answer, OURS, PHONE, Stage};

fn bodies(page: &Value) -> Vec<String> {
    page["messages"].as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_message_is_found_by_its_sid() {
    let stage = Stage::start().await;
    let sent = stage.text(PHONE, "hello").await;
    stage.settled().await;
    let found = stage.look(&sent["sid"]).await;
    let message = found.json();
    assert_eq!((found.status, &message["status"], &message["body"]), (200, &json!("delivered"), &json!("hello")));
    assert!(jiff::fmt::rfc2822::parse(message["date_sent"].as_str().unwrap()).is_ok());
}

#[tokio::test]
async fn a_sid_that_nobody_has_is_20404() {
    let stage = Stage::start().await;
    for sid in [format!("SM{}", "0".repeat(32)), "SM".to_owned(), "nonsense".to_owned(), "SMü".to_owned()] {
        let answer = stage.look(&json!(sid)).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(20_404)), "{sid}");
    }
}

#[tokio::test]
async fn inbound_texts_are_listed_newest_first() {
    let stage = Stage::start().await;
    stage.text(PHONE, "first").await;
    stage.reply(PHONE, "answer").await;
    let page = stage.list(&[("To", OURS)]).await.json();
    assert_eq!(bodies(&page), ["answer"]);
    assert_eq!((&page["messages"][0]["direction"], &page["messages"][0]["from"]), (&json!("inbound"), &json!(PHONE)));
    assert_eq!(page["messages"][0]["status"], "received");
    assert_eq!(bodies(&stage.list(&[]).await.json()), ["answer", "first"]);
    let alone = stage.look(&page["messages"][0]["sid"]).await;
    assert_eq!(alone.json()["body"], "answer");
}

#[tokio::test]
async fn pages_follow_one_another_without_gaps() {
    let stage = Stage::start().await;
    for turn in 0..5 {
        stage.text(PHONE, &format!("{turn}")).await;
    }
    let mut page = stage.list(&[("From", OURS), ("PageSize", "2")]).await.json();
    let mut read = Vec::new();
    for number in 0..3 {
        assert_eq!((&page["page"], &page["page_size"]), (&json!(number), &json!(2)));
        // A text that comes between doesn't shift the pages.
        stage.text(PHONE, "between").await;
        read.push(bodies(&page));
        if let Some(next) = page["next_page_uri"].as_str() {
            let next = stage.client.get(stage.url(next)).basic_auth(stage::SID, Some(stage::TOKEN));
            page = Answer::of(next).await.json();
        }
    }
    assert_eq!(read, [vec!["4", "3"], vec!["2", "1"], vec!["0"]]);
    assert_eq!(page["next_page_uri"], Value::Null);
}

#[tokio::test]
async fn numbers_filter() {
    let stage = Stage::start().await;
    stage.text(PHONE, "one").await;
    stage.text("+12025550124", "other").await;
    assert_eq!(bodies(&stage.list(&[("To", PHONE)]).await.json()), ["one"]);
    assert_eq!(bodies(&stage.list(&[("To", PHONE), ("From", PHONE)]).await.json()), [""; 0]);
    assert_eq!(bodies(&stage.list(&[("To", "nonsense")]).await.json()), [""; 0]);
}

#[tokio::test]
async fn days_and_times_filter() {
    let stage = Stage::start().await;
    let sent = stage.text(PHONE, "x").await;
    let created = jiff::fmt::rfc2822::parse(sent["date_created"].as_str().unwrap()).unwrap();
    let moved = |hours: i64| {
        let at = created.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap();
        (at.timestamp().to_string(), at.strftime("%Y-%m-%d").to_string())
    };
    let (hour_ago, _) = moved(-1);
    let (in_an_hour, _) = moved(1);
    let (_, today) = moved(0);
    let (_, two_days_ago) = moved(-48);
    let cases: [(&[(&str, &str)], usize); 7] = [
        (&[("DateSent>", &hour_ago)], 1),
        (&[("DateSent>", &in_an_hour)], 0),
        (&[("DateSent<", &in_an_hour)], 1),
        (&[("DateSent<", &two_days_ago)], 0),
        (&[("DateSent", &today)], 1),
        (&[("DateSent", &two_days_ago)], 0),
        (&[("DateSent>", &hour_ago), ("DateSent<", &in_an_hour)], 1),
    ];
    for (filters, count) in cases {
        assert_eq!(bodies(&stage.list(filters).await.json()).len(), count, "{filters:?}");
    }
}

#[tokio::test]
async fn broken_filters_are_refused() {
    let stage = Stage::start().await;
    for (name, value) in
        [("DateSent", "yesterday"), ("DateSent>", "x"), ("PageSize", "many"), ("Page", "-1"), ("PageToken", "PAx")]
    {
        let answer = stage.list(&[(name, value)]).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(20_001)), "{name}={value}");
    }
}

#[tokio::test]
async fn lists_are_for_the_account_alone() {
    let stage = Stage::start().await;
    let url = stage.url(&format!("/2010-04-01/Accounts/{}/Messages.json", stage::SID));
    let answer = Answer::of(stage.client.request(Method::GET, url)).await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!(20_003)));
}

#[tokio::test]
async fn what_is_forgotten_is_not_made_up() {
    let stage = Stage::with(|settings| settings.ledger_entries = 2).await;
    let first = stage.text(PHONE, "1").await;
    stage.text(PHONE, "2").await;
    stage.text(PHONE, "3").await;
    assert_eq!(stage.look(&first["sid"]).await.status, 404);
    assert_eq!(bodies(&stage.list(&[]).await.json()), ["3", "2"]);
    let ledger = stage.get(&format!("{}/messages", stage::GATEWAY)).await;
    assert_eq!((&ledger["first_position"], &ledger["last_position"]), (&json!(2), &json!(3)));
}
