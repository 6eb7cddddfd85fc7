//! The list of texts that came while we were down: pages in order, bounded, and of this gateway only.
//! Refuses half a list: a page that cannot be read makes the whole of it an error.

use crate::gateway::{Act, Asked, Gateway, NUMBER, TOKEN, answer, client, json, settings};
use channels::text::{InboundText, SendError, TextGateway};
use channels::twilio::TwilioSettings;
use data_encoding::BASE64;
use engine::moment::Moment;
use serde_json::{Value, json};

const SECOND: &str = "+12025550101";
/// Tue, 24 Nov 2026 12:00:00 UTC, in milliseconds.
const NOON: u64 = 1_795_521_600_000;

fn message(sid: &str, date: &str) -> Value {
    json!({
        "sid": sid, "from": "+12025550123", "to": NUMBER, "body": format!("body of {sid}"),
        "direction": "inbound", "date_sent": date, "status": "received", "num_media": "0",
    })
}

/// At so many seconds after noon.
fn at(sid: &str, seconds: u8) -> Value {
    message(sid, &format!("Tue, 24 Nov 2026 12:00:{seconds:02} +0000"))
}

fn page(messages: &[Value], next: Option<&str>) -> Act {
    Act::Answer(json(200, &json!({ "messages": messages, "next_page_uri": next, "page": 0 }).to_string()))
}

async fn listed(gateway: &Gateway) -> Result<Vec<InboundText>, SendError> {
    client(settings(&gateway.base_url())).missed(Moment::from_millis(NOON)).await
}

fn sids(texts: &[InboundText]) -> Vec<&str> {
    texts.iter().map(|text| text.message_id.as_str()).collect()
}

async fn sids_of(acts: Vec<Act>) -> Vec<String> {
    let gateway = Gateway::playing(acts).await;
    sids(&listed(&gateway).await.unwrap()).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn pages_are_followed_and_the_newest_text_comes_last() {
    let next = "/2010-04-01/Accounts/AC1/Messages.json?PageSize=50&Page=1&PageToken=PASM3";
    let gateway = Gateway::playing(vec![
        page(&[at("SM5", 50), at("SM4", 40)], Some(next)),
        page(&[at("SM3", 30)], Some("/2010-04-01/Accounts/AC1/Messages.json?Page=2")),
        page(&[at("SM2", 20), at("SM1", 10)], None),
    ])
    .await;
    let texts = listed(&gateway).await.unwrap();
    assert_eq!(sids(&texts), ["SM1", "SM2", "SM3", "SM4", "SM5"]);
    assert_eq!((texts[0].from.as_str(), texts[0].to.as_str()), ("+12025550123", NUMBER));
    assert_eq!(texts[0].body.expose(), "body of SM1");

    let asked = gateway.asked();
    let query = [("DateSent>", "2026-11-24"), ("PageSize", "50"), ("To", NUMBER)];
    assert!(asked[0].line.starts_with("GET /2010-04-01/Accounts/AC1/Messages.json?"), "{}", asked[0].line);
    assert_eq!(asked[0].query(), query.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(asked[1].line, format!("GET {next} HTTP/1.1"));
    let credentials = format!("Basic {}", BASE64.encode(format!("AC1:{TOKEN}").as_bytes()));
    assert!(asked.iter().all(|asked| asked.header("authorization") == Some(credentials.as_str())));
}

#[tokio::test]
async fn the_lists_of_our_numbers_are_merged_by_time() {
    let gateway = Gateway::playing(vec![
        page(&[at("SM4", 40), at("SM2", 20)], None),
        page(&[at("SM3", 30), at("SM1", 10)], None),
    ])
    .await;
    let settings = TwilioSettings { from: vec![NUMBER.into(), SECOND.into()], ..settings(&gateway.base_url()) };
    let texts = client(settings).missed(Moment::from_millis(NOON)).await.unwrap();
    assert_eq!(sids(&texts), ["SM1", "SM2", "SM3", "SM4"]);
    let to = |asked: &Asked| asked.query().into_iter().find(|(name, _)| name == "To").unwrap().1;
    assert_eq!(gateway.asked().iter().map(to).collect::<Vec<_>>(), [NUMBER, SECOND]);
}

#[tokio::test]
async fn texts_of_one_second_stay_as_the_gateway_has_them() {
    let acts = vec![page(&[at("SM3", 10), at("SM2", 10)], Some("/next")), page(&[at("SM1", 10)], None)];
    assert_eq!(sids_of(acts).await, ["SM1", "SM2", "SM3"]);
}

#[tokio::test]
async fn what_is_older_or_ours_is_left_out_and_ends_the_paging() {
    let old = message("SM0", "Tue, 24 Nov 2026 11:59:59 +0000");
    let mut ours = at("SM2", 20);
    ours["direction"] = "outbound-api".into();
    let gateway = Gateway::playing(vec![
        page(&[at("SM3", 30), ours, at("SM1", 0), old.clone()], Some("/next")),
        page(&[old], Some("/never")),
    ])
    .await;
    assert_eq!(sids(&listed(&gateway).await.unwrap()), ["SM1", "SM3"]);
    assert_eq!(gateway.asked().len(), 2);
}

#[tokio::test]
async fn what_has_no_date_is_not_lost_and_what_has_no_sender_is_no_text() {
    let mut nobody = at("SM3", 30);
    nobody["from"] = Value::Null;
    let messages = [at("SM2", 20), message("SM1", "soon"), nobody, json!({ "direction": "inbound" })];
    assert_eq!(sids_of(vec![page(&messages, None)]).await, ["SM1", "SM2"]);
    assert_eq!(sids_of(vec![page(&[], Some("/next")), page(&[at("SM1", 0)], None)]).await, ["SM1"]);
}

#[tokio::test]
async fn credentials_do_not_follow_a_next_page_to_another_host() {
    let elsewhere = Gateway::playing(vec![]).await;
    let absolute = format!("{}/next", elsewhere.base_url());
    let user = format!("@{}/next", elsewhere.address);
    for next in [absolute.as_str(), &user, "next", "", ":1/next", "\\\\example.org\\next"] {
        let gateway = Gateway::playing(vec![page(&[at("SM1", 10)], Some(next))]).await;
        let error = listed(&gateway).await.unwrap_err();
        assert!(matches!(&error, SendError::Ambiguous { cause } if cause.contains("next page")), "{next}: {error:?}");
        assert_eq!(gateway.asked().len(), 1, "{next}");
    }
    // Two slashes in front of a host make a path on this gateway.
    let slashes = format!("//{}/next", elsewhere.address);
    let gateway = Gateway::playing(vec![page(&[], Some(&slashes)), page(&[], None)]).await;
    assert!(listed(&gateway).await.unwrap().is_empty());
    assert_eq!(gateway.asked()[1].line, format!("GET {slashes} HTTP/1.1"));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_redirect_to_another_page_is_not_followed() {
    let elsewhere = Gateway::playing(vec![page(&[], None)]).await;
    let location = format!("Location: {}/\r\n", elsewhere.base_url());
    let gateway = Gateway::playing(vec![Act::Answer(answer(302, &location, ""))]).await;
    assert!(matches!(listed(&gateway).await, Err(SendError::Ambiguous { .. })));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn paging_without_end_is_left_after_forty_pages() {
    let acts = vec![page(&[at("SM1", 10)], Some("/again")); 100];
    let gateway = Gateway::playing(acts).await;
    assert_eq!(listed(&gateway).await.unwrap().len(), 40);
    assert_eq!(gateway.asked().len(), 40);
}

#[tokio::test]
async fn a_broken_page_makes_the_list_unknown() {
    let first = || page(&[at("SM1", 10)], Some("/next"));
    let long = format!(r#"{{"messages":[],"x":"{}"}}"#, "x".repeat(1024 * 1024));
    for body in
        ["", "<html>", "{}", "[]", r#"{"messages":{}}"#, r#"{"messages":[{"sid":1}]}"#, "{\"messages\":[", &long]
    {
        let gateway = Gateway::playing(vec![first(), Act::Answer(json(200, body))]).await;
        let error = listed(&gateway).await.unwrap_err();
        assert!(matches!(error, SendError::Ambiguous { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains("body of"));
    }
    for (act, is) in [
        (Act::Close, "not known"),
        (Act::Answer(json(401, r#"{"code":20003}"#)), "HTTP 401, error 20003"),
        (Act::Answer(json(429, "")), "slow down"),
        (Act::Answer(json(500, "")), "HTTP 500"),
    ] {
        let gateway = Gateway::playing(vec![first(), act]).await;
        let error = listed(&gateway).await.unwrap_err().to_string();
        assert!(error.contains(is), "{error}");
    }
}
