//! Whole answers and what each means: taken, surely not taken, or not known.
//! Refuses to leave open whether an error may be tried again: each row says it.

use crate::gateway::{Act, Gateway, NUMBER, TOKEN, answer, json, send_to};
use channels::text::{Accepted, SendError};
use std::time::Duration;

async fn sent(answer: Vec<u8>) -> Result<Accepted, SendError> {
    let gateway = Gateway::playing(vec![Act::Answer(answer)]).await;
    let sent = send_to(&gateway.base_url()).await;
    assert_eq!((gateway.connections(), gateway.asked().len()), (1, 1), "it was asked once");
    if let Err(error) = &sent {
        let shown = format!("{error} {error:?}");
        for secret in ["246810", TOKEN, "+12025550123"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    sent
}

/// Not known: no second text may follow.
async fn ambiguous(answer: Vec<u8>, says: &str) {
    let error = sent(answer).await.unwrap_err();
    assert!(matches!(&error, SendError::Ambiguous { cause } if cause.contains(says)), "{says}: {error:?}");
    assert!(!error.surely_not_taken() && !error.is_retryable());
}

#[tokio::test]
async fn created_is_taken() {
    let from = Some(NUMBER.to_owned());
    let taken = sent(json(201, r#"{"sid":"SM1","from":"+12025550100","status":"accepted"}"#)).await;
    assert_eq!(taken, Ok(Accepted { provider_id: "SM1".into(), from }));
}

#[tokio::test]
async fn every_row_of_the_error_map_is_sorted_by_who_must_act() {
    type Sorted = fn(u16, u32) -> SendError;
    let rows: [(u16, &[u32], Sorted); 6] = [
        (400, &[21211, 21614, 30005, 30006], |_, code| SendError::NumberInvalid { code }),
        (400, &[21610], |_, code| SendError::OptedOut { code }),
        (400, &[30003, 30008, 30410], |_, code| SendError::Unreachable { code }),
        (400, &[30007, 30034, 21606], |status, code| SendError::GatewayRefused { status, code }),
        (401, &[20003], |status, code| SendError::GatewayRefused { status, code }),
        (403, &[30450, 21408, 60410], |_, code| SendError::FraudGuard { code }),
    ];
    for (status, codes, expected) in rows {
        for &code in codes {
            let fault = format!(r#"{{"code":{code},"message":"to +12025550123","more_info":"","status":{status}}}"#);
            let error = sent(json(status, &fault)).await.unwrap_err();
            assert_eq!(error, expected(status, code));
            assert!(error.surely_not_taken() && !error.is_retryable(), "{code}: refused, and would be again");
        }
    }
}

#[tokio::test]
async fn a_refusal_without_a_number_is_the_accounts() {
    for body in ["", "<html>no</html>", "[]", r#"{"code":"21211"}"#, r#"{"code":4294967296}"#, r#"{"status":403}"#] {
        let error = sent(json(403, body)).await.unwrap_err();
        assert_eq!(error, SendError::GatewayRefused { status: 403, code: 0 }, "{body}");
        assert_eq!(error.code(), None);
    }
}

#[tokio::test]
async fn slow_down_is_sure_whatever_its_body_and_says_when() {
    let now = "Date: Tue, 24 Nov 2026 19:00:00 GMT\r\n";
    for (headers, seconds) in [
        (String::new(), None),
        ("Retry-After: 7\r\n".into(), Some(7)),
        ("Retry-After: 0\r\n".into(), Some(0)),
        ("Retry-After: 99999999999999999999\r\n".into(), None),
        ("Retry-After: 86400\r\n".into(), Some(3600)),
        (format!("{now}Retry-After: Tue, 24 Nov 2026 19:01:30 GMT\r\n"), Some(90)),
        (format!("{now}Retry-After: Tue, 24 Nov 2026 18:59:00 GMT\r\n"), None),
        ("Retry-After: Tue, 24 Nov 2026 19:01:30 GMT\r\n".into(), None),
        ("Retry-After: \u{fc}\r\n".into(), None),
    ] {
        for body in [r#"{"code":20429,"status":429}"#, "<html>", ""] {
            let error = sent(answer(429, &headers, body)).await.unwrap_err();
            let expected = SendError::Throttled { retry_after: seconds.map(Duration::from_secs) };
            assert_eq!(error, expected, "{headers}");
            assert!(error.surely_not_taken() && error.is_retryable());
        }
    }
}

#[tokio::test]
async fn slow_down_is_sure_even_if_the_rest_is_cut_off() {
    let cut = b"HTTP/1.1 429 X\r\nRetry-After: 3\r\nContent-Length: 100\r\n\r\n{\"code\"".to_vec();
    let error = sent(cut).await.unwrap_err();
    assert_eq!(error, SendError::Throttled { retry_after: Some(Duration::from_secs(3)) });
}

#[tokio::test]
async fn faults_of_the_gateway_are_ambiguous() {
    ambiguous(json(500, r#"{"code":20500,"status":500}"#), "HTTP 500").await;
    ambiguous(json(503, r#"{"code":20429}"#), "HTTP 503").await;
    ambiguous(answer(503, "Retry-After: 7\r\n", ""), "HTTP 503").await;
    ambiguous(answer(500, "Content-Type: text/html\r\n", "<html>oops</html>"), "HTTP 500").await;
    ambiguous(answer(502, "", ""), "HTTP 502").await;
    ambiguous(answer(504, "", ""), "HTTP 504").await;
    ambiguous(answer(408, "", ""), "HTTP 408").await;
}

#[tokio::test]
async fn a_success_that_names_no_message_is_ambiguous() {
    ambiguous(answer(200, "Content-Type: text/html\r\n", "<html>sign in</html>"), "HTTP 200").await;
    ambiguous(json(202, r#"{"sid":"SM1"}"#), "HTTP 202").await;
    ambiguous(answer(201, "", ""), "HTTP 201").await;
    let long = format!(r#"{{"sid":"{}"}}"#, "S".repeat(129));
    for body in [
        r#"{"sid":"SM1""#,
        r#"{"sid":"SM1"}}"#,
        "{'sid':'SM1'}",
        "\u{feff}{\"sid\":\"SM1\"}",
        r#"{"sid":42}"#,
        r#"{"sid":["SM1"]}"#,
        r#"{"sid":null}"#,
        r#"{"sid":"SM1","sid":"SM2"}"#,
        r#"{"sid":"SM1","from":7}"#,
        r#"{"status":"queued"}"#,
        r#"{"sid":""}"#,
        r#"{"sid":" "}"#,
        r#"{"sid":"SM1\u0000"}"#,
        r#""SM1""#,
        "null",
        "[]",
        &"[".repeat(10_000),
        &long,
    ] {
        ambiguous(json(201, body), "HTTP 201").await;
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Gateway::playing(vec![Act::Answer(json(201, r#"{"sid":"SM1"}"#))]).await;
        let location = format!("Location: {}/2010-04-01/Accounts/AC1/Messages.json\r\n", elsewhere.base_url());
        ambiguous(answer(status, &location, ""), "redirects are not followed").await;
        ambiguous(answer(status, "Location: /elsewhere\r\n", ""), "redirects are not followed").await;
        assert_eq!(elsewhere.connections(), 0, "{status}");
    }
}
