//! Stories of status callbacks: their order, their signature, what ends a text, and how often a callback is tried.
//! The signature is judged by the test's own computation of the provider's documented rule.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::{Value, json};
use stage::receiver::{Receiver, signature};
use stage::{GATEWAY, OURS, PHONE, SID, Stage, TOKEN};
use tokio::net::{TcpListener, TcpSocket};

#[test]
fn our_judge_agrees_with_the_published_example() {
    let form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let signed = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form);
    assert_eq!(signed, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}

#[tokio::test]
async fn sent_then_delivered_each_signed() {
    let stage = Stage::start().await;
    let callback = stage.receiver.url("/st?attempt=a%20b");
    let sent = stage.text_and(PHONE, "Grüße", &[("StatusCallback", &callback)]).await;
    for status in ["sent", "delivered"] {
        let post = stage.receiver.next().await;
        assert_eq!((post.method.as_str(), post.target.as_str()), ("POST", "/st?attempt=a%20b"));
        assert!(post.headers["content-type"].starts_with("application/x-www-form-urlencoded"));
        let expected = [
            ("MessageSid", sent["sid"].as_str().unwrap()),
            ("SmsSid", sent["sid"].as_str().unwrap()),
            ("MessageStatus", status),
            ("SmsStatus", status),
            ("To", PHONE),
            ("From", OURS),
            ("AccountSid", SID),
            ("ApiVersion", "2010-04-01"),
            ("ErrorCode", ""),
        ];
        for (name, value) in expected {
            assert_eq!(post.get(name), value, "{name}");
        }
        let done = post.get("RawDlrDoneDate");
        let final_date = done.len() == 10 && done.bytes().all(|b| b.is_ascii_digit());
        assert_eq!(final_date, status == "delivered", "{done:?}");
        assert!(post.is_signed_with(TOKEN) && !post.is_signed_with("other"));
    }
    stage.settled().await;
    assert!(stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn nobody_is_told_who_did_not_ask() {
    let stage = Stage::start().await;
    stage.text(PHONE, "x").await;
    let gateway = stage.settled().await;
    assert_eq!(gateway["callbacks"], json!({ "sent": 0, "failed": 0, "lost": 0 }));
    assert!(stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn a_phone_that_fails_texts_ends_them_by_its_code() {
    let stage = Stage::start().await;
    for (code, words) in
        [(30_003, "Unreachable destination handset"), (30_007, "Message filtered"), (39_999, "Delivery failed")]
    {
        stage.behave(PHONE, json!({ "delivery_error": code })).await;
        let sent = stage.text_with_receipts(PHONE, "x").await;
        let posts = stage.receiver.next_few(2).await;
        assert_eq!(posts[0].get("MessageStatus"), "sent");
        assert_eq!(posts[1].get("MessageStatus"), "undelivered");
        assert_eq!((posts[1].get("ErrorCode"), posts[1].get("ErrorMessage")), (code.to_string().as_str(), words));
        assert!(posts.iter().all(|post| post.is_signed_with(TOKEN)));
        let message = stage.look(&sent["sid"]).await.json();
        assert_eq!((&message["status"], &message["error_code"]), (&json!("undelivered"), &json!(code)));
    }
    assert!(stage.texts(PHONE).await.is_empty());
}

#[tokio::test]
async fn a_text_to_a_phone_that_is_off_ends_with_its_validity() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "receive": false })).await;
    let callback = stage.receiver.url("/status");
    stage.text_and(PHONE, "off", &[("ValidityPeriod", "1"), ("StatusCallback", &callback)]).await;
    let posts = stage.receiver.next_few(2).await;
    let came: Vec<_> = posts.iter().map(|post| (post.get("MessageStatus"), post.get("ErrorCode"))).collect();
    assert_eq!(came, [("sent", ""), ("undelivered", "30003")]);
    assert!(stage.texts(PHONE).await.is_empty());
    // Too late: what has ended doesn't arrive when the phone is switched on.
    stage.behave(PHONE, json!({})).await;
    stage.settled().await;
    assert!(stage.texts(PHONE).await.is_empty());
    assert!(stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn phones_that_follow_the_default_are_switched_on_with_it() {
    let stage = Stage::start().await;
    stage.put("/sim/v1/behaviour", json!({ "receive": false })).await;
    stage.text(PHONE, "waits").await;
    assert!(stage.texts(PHONE).await.is_empty());
    stage.put("/sim/v1/behaviour", json!({})).await;
    stage.settled().await;
    assert_eq!(stage.texts(PHONE).await.len(), 1);
}

#[tokio::test]
async fn a_phone_switched_on_gets_what_waited() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "receive": false })).await;
    stage.text_with_receipts(PHONE, "code 123456").await;
    assert_eq!(stage.receiver.next().await.get("MessageStatus"), "sent");
    assert!(stage.texts(PHONE).await.is_empty());
    stage.behave(PHONE, json!({ "reply": "{otp}", "after_ms": 0 })).await;
    let mut came = Vec::new();
    for post in stage.receiver.next_few(2).await {
        came.push((post.target.clone(), post.get("MessageStatus").to_owned(), post.get("Body").to_owned()));
    }
    came.sort();
    let expected = [("/sms", "", "123456"), ("/status", "delivered", "")];
    assert_eq!(came, expected.map(|(path, status, body)| (path.to_owned(), status.to_owned(), body.to_owned())));
    assert_eq!(stage.texts(PHONE).await[0], ("in".to_owned(), "code 123456".to_owned()));
    // Nothing holds its place until the validity ends.
    stage.settled().await;
}

#[tokio::test]
async fn a_reset_ends_what_waits() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "receive": false })).await;
    stage.text_with_receipts(PHONE, "x").await;
    assert_eq!(stage.receiver.next().await.get("MessageStatus"), "sent");
    stage.reset().await;
    let gateway = stage.settled().await;
    assert_eq!(gateway["accepted"], 0);
    assert!(stage.texts(PHONE).await.is_empty());
    assert!(stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn a_callback_that_got_5xx_is_tried_again() {
    let stage = Stage::with(|settings| settings.accounts[0].webhook_retries = 2).await;
    stage.receiver.answer_once(500, "");
    stage.receiver.answer_once(503, "");
    stage.text_with_receipts(PHONE, "x").await;
    let posts = stage.receiver.next_few(4).await;
    let statuses: Vec<_> = posts.iter().map(|post| post.get("MessageStatus")).collect();
    assert_eq!(statuses, ["sent", "sent", "sent", "delivered"]);
    // The token is how a receiver knows a retry from news.
    let tokens: Vec<_> = posts.iter().map(|post| post.idempotency_token()).collect();
    assert!(tokens[0] == tokens[1] && tokens[1] == tokens[2] && tokens[2] != tokens[3], "{tokens:?}");
    assert_eq!(stage.settled().await["callbacks"], json!({ "sent": 2, "failed": 0, "lost": 0 }));
}

#[tokio::test]
async fn a_callback_is_given_up_after_its_tries() {
    let stage = Stage::with(|settings| settings.accounts[0].webhook_retries = 1).await;
    stage.receiver.answer_once(500, "");
    stage.receiver.answer_once(500, "");
    stage.text_with_receipts(PHONE, "x").await;
    let statuses: Vec<String> =
        stage.receiver.next_few(3).await.iter().map(|post| post.get("MessageStatus").to_owned()).collect();
    assert_eq!(statuses, ["sent", "sent", "delivered"]);
    assert_eq!(stage.settled().await["callbacks"], json!({ "sent": 1, "failed": 1, "lost": 0 }));
}

#[tokio::test]
async fn a_callback_that_was_refused_by_4xx_is_not_tried_again() {
    let stage = Stage::with(|settings| settings.accounts[0].webhook_retries = 5).await;
    stage.receiver.answer_once(403, "");
    stage.text_with_receipts(PHONE, "x").await;
    let gateway = stage.settled().await;
    assert_eq!(gateway["callbacks"], json!({ "sent": 1, "failed": 1, "lost": 0 }));
    assert_eq!(stage.receiver.next_few(2).await.len(), 2);
    assert!(stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn a_receiver_that_comes_up_late_still_hears() {
    let stage = Stage::with(|settings| settings.accounts[0].webhook_retries = 6).await;
    // Bound and not listening: the port is ours, and who connects is refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/late", socket.local_addr().unwrap());
    stage.text_and(PHONE, "x", &[("StatusCallback", &url)]).await;
    stage.until("/sim/v1/phones?limit=1", |list| list["total"] == 1).await;
    let listener: TcpListener = socket.listen(16).unwrap();
    let late = Receiver::on(listener);
    let posts = late.next_few(2).await;
    assert_eq!(posts[0].get("MessageStatus"), "sent");
    assert!(posts[0].is_signed_with(TOKEN));
    assert_eq!(stage.settled().await["callbacks"]["sent"], 2);
}

#[tokio::test]
async fn a_receiver_that_is_never_there_is_given_up() {
    let stage = Stage::with(|settings| settings.accounts[0].webhook_retries = 0).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/never", socket.local_addr().unwrap());
    let sent = stage.text_and(PHONE, "x", &[("StatusCallback", &url)]).await;
    let gateway = stage.settled().await;
    assert_eq!(gateway["callbacks"], json!({ "sent": 0, "failed": 2, "lost": 0 }));
    let message: Value = stage.look(&sent["sid"]).await.json();
    assert_eq!(message["status"], "delivered");
    assert_eq!(stage.get(GATEWAY).await["accepted"], 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let stage = Stage::start().await;
    stage.receiver.answer_once(302, "");
    stage.text_with_receipts(PHONE, "x").await;
    assert_eq!(stage.settled().await["callbacks"], json!({ "sent": 1, "failed": 1, "lost": 0 }));
}
