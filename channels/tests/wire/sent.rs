//! What the client writes onto the wire.
//! Refuses to read it back with the client's own form reader.

use crate::gateway::{Act, Gateway, NUMBER, TOKEN, attempt, client, json, settings, text};
use channels::text::{Accepted, TextGateway};
use channels::twilio::{Privacy, TwilioSettings};
use data_encoding::BASE64;
use engine::secret::Secret;
use std::time::Duration;

const CREATED: &str = r#"{"sid":"SM1","status":"queued","from":"+12025550100"}"#;

async fn gateway() -> Gateway {
    Gateway::playing(vec![Act::Answer(json(201, CREATED))]).await
}

fn value(form: &[(String, String)], name: &str) -> Option<String> {
    form.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()))
}

#[tokio::test]
async fn a_text_is_one_form() {
    let gateway = gateway().await;
    let taken = client(settings(&gateway.base_url())).send(&text()).await;
    assert_eq!(taken, Ok(Accepted { provider_id: "SM1".into(), from: Some(NUMBER.into()) }));

    let asked = gateway.only();
    assert_eq!(asked.line, "POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1");
    assert_eq!(asked.header("host"), Some(gateway.address.to_string().as_str()));
    assert_eq!(asked.header("authorization"), Some(basic("AC1", TOKEN).as_str()));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    let status = format!("https://mfa.example.com/base/callbacks/sms/sms/status?attempt={}", attempt());
    let expected = [
        ("To", "+12025550123"),
        ("From", NUMBER),
        ("Body", "Your code is 246810"),
        ("StatusCallback", status.as_str()),
        ("ValidityPeriod", "120"),
        ("RiskCheck", "enable"),
    ];
    assert_eq!(asked.form(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn an_api_key_a_service_and_privacy_are_sent_as_set() {
    let gateway = gateway().await;
    let settings = TwilioSettings {
        api_key_sid: Some("SK1".into()),
        api_key_secret: Some(Secret::new("k:y".into())),
        messaging_service_sid: Some("MG1".into()),
        risk_check: false,
        privacy: Privacy { discard_content: true, obfuscate_address: true },
        ..settings(&gateway.base_url())
    };
    client(settings).send(&text()).await.unwrap();

    let asked = gateway.only();
    assert_eq!(asked.header("authorization"), Some(basic("SK1", "k:y").as_str()));
    let form = asked.form();
    assert_eq!(value(&form, "MessagingServiceSid").as_deref(), Some("MG1"));
    assert_eq!(value(&form, "From"), None);
    assert_eq!(value(&form, "RiskCheck"), None);
    assert_eq!(value(&form, "ContentRetention").as_deref(), Some("discard"));
    assert_eq!(value(&form, "AddressRetention").as_deref(), Some("obfuscate"));
}

#[tokio::test]
async fn any_body_arrives_as_it_is_and_a_life_is_within_the_providers_bounds() {
    for (body, seconds, validity) in
        [("Grüße & 50 % + \"x\"=y\r\n👍\u{0}", 0, "1"), ("&To=%2B12025550199&Body=", 36_001, "36000"), ("", 600, "600")]
    {
        let gateway = gateway().await;
        let mut text = text();
        text.body = Secret::new(body.into());
        text.valid_for = Duration::from_secs(seconds);
        client(settings(&gateway.base_url())).send(&text).await.unwrap();
        let form = gateway.only().form();
        assert_eq!(value(&form, "Body").as_deref(), Some(body));
        assert_eq!(value(&form, "ValidityPeriod").as_deref(), Some(validity));
        assert_eq!(form.iter().filter(|(name, _)| name == "To").count(), 1);
    }
}
