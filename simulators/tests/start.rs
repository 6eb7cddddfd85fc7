//! Stories of starting and stopping: what settings are refused with which reason, and that nothing outlives a stop.
//! They never listen where another machine could reach them.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use std::io::ErrorKind;
use std::net::TcpListener;

use simulators::{Account, Settings, SipGateway, StartError, start};
use stage::{Stage, wire};

async fn refusal(settings: Settings) -> String {
    match start(settings).await {
        Ok(running) => panic!("started at {}", running.url()),
        Err(error) => error.to_string(),
    }
}

fn with_sip(change: impl FnOnce(&mut SipGateway)) -> Settings {
    let mut gateway = SipGateway::default();
    change(&mut gateway);
    Settings { sip: vec![gateway], ..Settings::default() }
}

fn with_account(change: impl FnOnce(&mut Account)) -> Settings {
    let mut account = Account::default();
    change(&mut account);
    Settings { accounts: vec![account], ..Settings::default() }
}

#[tokio::test]
async fn mistakes_are_named() {
    let twice = || Settings { accounts: vec![Account::default(), Account::default()], ..Settings::default() };
    let cases = [
        (Settings { listen: "0.0.0.0:0".parse().unwrap(), ..Settings::default() }, "loopback"),
        (with_account(|account| account.listen = "0.0.0.0:0".parse().unwrap()), "loopback"),
        (Settings { accounts: vec![], ..Settings::default() }, "accounts is empty"),
        (Settings { ledger_entries: 0, ..Settings::default() }, "ledger_entries"),
        (Settings { phones: 0, ..Settings::default() }, "phones"),
        (Settings { calls: 0, ..Settings::default() }, "calls"),
        (Settings { in_flight: 0, ..Settings::default() }, "in_flight"),
        (with_account(|account| account.name = "a b".to_owned()), "name must be"),
        (with_account(|account| account.sid = "A/C".to_owned()), "sid must be"),
        (with_account(|account| account.auth_token = String::new()), "auth_token is empty"),
        (with_account(|account| account.numbers = vec!["555".to_owned()]), "E.164"),
        (with_account(|account| account.sms_url = Some("/relative".to_owned())), "sms_url"),
        (twice(), "used twice"),
        (with_sip(|sip| sip.listen = "0.0.0.0:0".parse().unwrap()), "loopback"),
        (with_sip(|sip| sip.tls_listen = "0.0.0.0:0".parse().unwrap()), "loopback"),
        (with_sip(|sip| sip.name = "sms".to_owned()), "used twice"),
        (with_sip(|sip| sip.name = "a b".to_owned()), "name must be"),
        (with_sip(|sip| sip.transports.clear()), "transports is empty"),
        (with_sip(|sip| sip.password.clear()), "challenge is none"),
        (with_sip(|sip| sip.realm = "a\"b".to_owned()), "no quotes"),
        (with_sip(|sip| sip.caller_ids = vec!["555".to_owned()]), "E.164"),
        (with_sip(|sip| sip.event_payload = Some(5)), "event_payload"),
    ];
    for (settings, word) in cases {
        let said = refusal(settings).await;
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let both = [Settings { listen: address, ..Settings::default() }, with_account(|account| account.listen = address)];
    for settings in both {
        match start(settings).await.err() {
            Some(StartError::Bind { address: named, cause }) => {
                assert_eq!((named, cause.kind()), (address, ErrorKind::AddrInUse));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_token_is_never_shown() {
    let account = Account { auth_token: "never-shown".to_owned(), ..Account::default() };
    let settings = Settings { accounts: vec![account], ..Settings::default() };
    assert!(!format!("{settings:?}").contains("never-shown"));
}

#[tokio::test]
async fn nothing_outlives_a_stop() {
    let stage = Stage::start().await;
    let (shared, own) = (stage.simulators.url().to_owned(), stage.simulators.gateway_url("sms").unwrap());
    let held = wire::exchange(&own, &wire::send(stage::PHONE, "x", true)).await.unwrap();
    assert!(held.starts_with("HTTP/1.1 201 "));
    stage.simulators.stop().await;
    for url in [shared, own] {
        let refused = tokio::net::TcpStream::connect(wire::authority(&url)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{url}");
    }
}

#[tokio::test]
async fn two_run_side_by_side() {
    let (one, other) = (Stage::start().await, Stage::start().await);
    one.text(stage::PHONE, "x").await;
    assert_eq!((one.accepted().await, other.accepted().await), (1, 0));
}
