//! Letters that arrive, as another program reads them.
//! Refuses to judge our bytes by our own reader.

use crate::server::{Server, to};
use channels::mail::{Letter, Mail, MailError, MailSettings};
use engine::secret::Secret;
use serde_json::{Value, json};

fn header<'a>(letter: &'a Value, name: &str) -> &'a str {
    let headers = letter["headers"].as_array().unwrap();
    let mut found = headers.iter().filter(|header| header[0].as_str() == Some(name));
    let value = found.next().unwrap_or_else(|| panic!("{name} is missing: {letter}"))[1].as_str().unwrap();
    assert!(found.next().is_none(), "{name} comes twice");
    value
}

#[tokio::test]
async fn a_letter_arrives_with_both_bodies_and_its_headers() {
    let mut server = Server::start(&[]).await;
    let text = "Grüße\r\nzwei\n.\n..drei\n.vier\n".to_owned() + &"lang ".repeat(400) + "\nEnde 世界 🔑";
    let html = format!("<!doctype html><p>Grüße 世界</p>{}", "x".repeat(3_000));
    let letter = Letter {
        id: "evt_01",
        to: "alice@example.com",
        subject: "Ihre Nummer wurde geändert – 世界",
        text: &text,
        html: &html,
        language: "de",
    };
    server.client().send(&letter).await.unwrap();
    let got = server.letter().await;
    assert_eq!((&got["from"], &got["to"]), (&json!("mfa@example.com"), &json!(["alice@example.com"])));
    assert_eq!((&got["tls"], &got["defects"]), (&json!(true), &json!([])));
    assert_eq!(got["kind"], "multipart/alternative");
    assert_eq!(got["parts"], json!(["text/plain", "text/html"]));
    let lines = |text: &str| text.trim_end().replace("\r\n", "\n");
    assert_eq!(lines(got["text"].as_str().unwrap()), lines(&text));
    assert_eq!(lines(got["html"].as_str().unwrap()), html);
    assert_eq!(header(&got, "Subject"), letter.subject);
    assert_eq!(header(&got, "From"), "Countersign <mfa@example.com>");
    assert_eq!(header(&got, "To"), "alice@example.com");
    assert_eq!(header(&got, "Message-ID"), "<evt_01@example.com>");
    assert_eq!(header(&got, "Content-Language"), "de");
    assert_eq!(header(&got, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&got, "X-Auto-Response-Suppress"), "All");
    assert!(header(&got, "Date").len() > 20);
    assert!(got["raw"].as_str().unwrap().is_ascii());
}

#[tokio::test]
async fn connections_are_used_again_and_not_too_many() {
    let mut server = Server::start(&[]).await;
    let client = server.client();
    for _ in 0..3 {
        client.send(&to("alice@example.com")).await.unwrap();
        assert_eq!(server.letter().await["connection"], 1);
    }
    let letter = to("alice@example.com");
    let sent = futures_util::future::join_all((0..20).map(|_| client.send(&letter))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    for _ in 0..20 {
        assert!(server.letter().await["connection"].as_u64().unwrap() <= 4);
    }
}

#[tokio::test]
async fn a_refused_letter_leaves_nothing_for_the_next_one() {
    let mut server = Server::start(&[]).await;
    let client = server.client();
    for refused in ["code-550@example.com", "data-554@example.com"] {
        assert!(matches!(client.send(&to(refused)).await, Err(MailError::Refused { .. })), "{refused}");
        client.send(&to("alice@example.com")).await.unwrap();
        let got = server.letter().await;
        assert_eq!((&got["to"], &got["connection"]), (&json!(["alice@example.com"]), &json!(1)));
    }
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    let mut server = Server::start(&["--implicit"]).await;
    let settings = MailSettings { implicit_tls: true, ..server.settings() };
    Mail::new(settings).unwrap().send(&to("alice@example.com")).await.unwrap();
    assert_eq!(server.letter().await["tls"], true);
}

#[tokio::test]
async fn without_an_account_nobody_logs_in() {
    let mut server = Server::start(&["--no-auth"]).await;
    let settings = MailSettings { username: String::new(), password: Secret::default(), ..server.settings() };
    Mail::new(settings).unwrap().send(&to("alice@example.com")).await.unwrap();
    assert_eq!(server.letter().await["to"], json!(["alice@example.com"]));
}

#[tokio::test]
async fn a_quoted_local_part_is_an_address_too() {
    let mut server = Server::start(&[]).await;
    server.client().send(&to("\"a b\"@example.com")).await.unwrap();
    assert_eq!(server.letter().await["to"], json!(["\"a b\"@example.com"]));
}

#[tokio::test]
async fn a_domain_beyond_ascii_needs_nothing_of_the_server() {
    let mut server = Server::start(&[]).await;
    server.client().send(&to("alice@bücher.example")).await.unwrap();
    let got = server.letter().await;
    assert_eq!(got["to"], json!(["alice@xn--bcher-kva.example"]));
    assert!(got["raw"].as_str().unwrap().is_ascii());
}

#[tokio::test]
async fn a_local_part_beyond_ascii_needs_smtputf8() {
    let mut server = Server::start(&["--utf8"]).await;
    server.client().send(&to("jörg@bücher.example")).await.unwrap();
    let got = server.letter().await;
    assert_eq!(got["to"], json!(["jörg@xn--bcher-kva.example"]));
    assert_eq!(header(&got, "To"), "jörg@xn--bcher-kva.example");
    let options = got["options"].to_string();
    assert!(options.contains("SMTPUTF8") && options.contains("BODY=8BITMIME"), "{options}");
    let mut server = Server::start(&[]).await;
    let sent = server.client().send(&to("jörg@example.com")).await;
    assert!(matches!(&sent, Err(MailError::AddressInvalid(why)) if why.contains("SMTPUTF8")), "{sent:?}");
    assert!(server.has_nothing());
}

#[tokio::test]
async fn a_subject_cannot_add_headers_or_recipients() {
    let mut server = Server::start(&[]).await;
    let subject = "x\r\nBcc: mallory@example.com\r\n\r\n.\r\nMAIL FROM:<mallory@example.com>";
    let letter = Letter { id: "a>\r\nX-Evil: 1", subject, language: "en\r\nX-Evil: 1", ..to("alice@example.com") };
    server.client().send(&letter).await.unwrap();
    let got = server.letter().await;
    assert_eq!(got["to"], json!(["alice@example.com"]));
    assert_eq!(header(&got, "Subject"), "x Bcc: mallory@example.com . MAIL FROM:<mallory@example.com>");
    let names = got["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap());
    assert!(names.clone().all(|name| !["Bcc", "X-Evil", "Content-Language"].contains(&name)), "{got}");
    assert!(server.has_nothing());
}
