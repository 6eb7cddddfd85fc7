//! Calls that were answered: what the gateway asks, and what it is answered with.
//! Refuses to look inside: only documents, requests, news and ends are seen.

use crate::call::{Story, attempt, said, spoken, turn};
use crate::gateway::{CALL, CALLS, CREATED, Gateway};
use channels::call::{CallEnd, Order};

fn placed(gateway: &Gateway) {
    gateway.plan(format!("POST {CALLS}"), 201, CREATED);
}

async fn begin() -> Story {
    let mut story = Story::begin(placed).await;
    story.gateway.asked(&format!("POST {CALLS}")).await;
    story.hears("placed CA1").await;
    story
}

async fn change(story: &mut Story) -> Vec<(String, String)> {
    story.gateway.asked(&format!("POST {CALL}")).await.form
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_conversation() {
    let mut story = begin().await;
    story.status("initiated", "&SequenceNumber=0").await;
    story.status("ringing", "&SequenceNumber=1").await;
    story.hears("ringing").await;
    let document = story.answered("&AnsweredBy=human");
    story.hears("answered").await;
    story.say("Press pound");
    assert_eq!(said(document).await, spoken("Press pound", 1));
    let document = story.gathered(1, "&Digits=12&FinishedOnKey=%23");
    story.hears("keys 12#").await;
    story.say("Once more");
    assert_eq!(said(document).await, spoken("Once more", 2));
    let document = story.gathered(2, "&Digits=");
    story.hears("keys ").await;
    story.order(Order::Say(turn("Goodbye", false)));
    assert_eq!(said(document).await, r#"<Say language="en-US">Goodbye</Say><Hangup/>"#);
    story.status("completed", "&CallDuration=9&SequenceNumber=3").await;
    let (end, mut gateway) = story.ends().await;
    assert_eq!(end, CallEnd::Done);
    assert!(gateway.is_quiet());
}

#[tokio::test]
async fn an_order_before_the_answer_is_there_at_once() {
    let mut story = begin().await;
    story.say("Press pound");
    let document = story.answered("");
    assert_eq!(said(document).await, spoken("Press pound", 1));
    story.hears("answered").await;
    story.status("completed", "&CallDuration=3").await;
    assert_eq!(story.ends().await.0, CallEnd::HungUp);
}

#[tokio::test]
async fn doubled_questions_are_answered_alike_and_told_once() {
    let mut story = begin().await;
    let twins = (story.answered(""), story.answered(""));
    story.hears("answered").await;
    story.say("Press pound");
    assert_eq!(said(twins.0).await, spoken("Press pound", 1));
    assert_eq!(said(twins.1).await, spoken("Press pound", 1));
    // The answer was lost; the gateway asks again.
    assert_eq!(said(story.answered("")).await, spoken("Press pound", 1));
    story.say("ignored by nobody");
    story.gateway.asked(&format!("POST {CALL}")).await;
    story.status("completed", "&CallDuration=3").await;
    assert_eq!(story.ends().await.0, CallEnd::HungUp);
}

#[tokio::test]
async fn an_order_while_something_is_said_redirects_the_call() {
    let mut story = begin().await;
    story.gateway.plan(format!("POST {CALL}"), 200, CREATED);
    story.say("First");
    assert_eq!(said(story.answered("")).await, spoken("First", 1));
    story.hears("answered").await;
    story.say("Second");
    let asked = change(&mut story).await;
    let url = &asked.iter().find(|(name, _)| name == "Url").unwrap().1;
    assert!(url.ends_with(&format!("/callbacks/calls/voice/gather?attempt={}&turn=1", attempt())), "{url}");
    assert_eq!(said(story.gathered(1, "")).await, spoken("Second", 2));
    story.status("completed", "&CallDuration=60").await;
    assert_eq!(story.ends().await.0, CallEnd::TooLong);
}

#[tokio::test]
async fn a_hang_up_while_something_is_said_ends_the_call() {
    let mut story = begin().await;
    story.gateway.plan(format!("POST {CALL}"), 200, CREATED);
    story.say("First");
    said(story.answered("")).await;
    story.hears("answered").await;
    story.order(Order::HangUp);
    assert_eq!(change(&mut story).await, pairs(&[("Status", "completed")]));
    story.status("completed", "").await;
    assert_eq!(story.ends().await.0, CallEnd::Done);
}

#[tokio::test]
async fn a_hang_up_is_the_answer_to_whoever_asks() {
    let mut story = begin().await;
    let document = story.answered("");
    story.hears("answered").await;
    // Nobody orders any more, which is a hang-up too.
    story.orders = None;
    assert_eq!(said(document).await, "<Hangup/>");
    story.status("completed", "").await;
    let (end, mut gateway) = story.ends().await;
    assert_eq!(end, CallEnd::Done);
    assert!(gateway.is_quiet());
}

#[tokio::test]
async fn a_machine_hears_nothing() {
    for by in ["machine_start", "fax"] {
        let story = begin().await;
        story.say("Press pound");
        assert_eq!(said(story.answered(&format!("&AnsweredBy={by}"))).await, "<Hangup/>");
        story.status("completed", "&CallDuration=2").await;
        assert_eq!(story.ends().await.0, CallEnd::Voicemail, "{by}");
    }
}
