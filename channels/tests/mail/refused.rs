//! Letters that do not arrive, and who must act then.
//! Refuses to call a letter taken that the server did not answer for.

use crate::server::{Server, assert_not_now, to};
use channels::mail::{Mail, MailError, MailSettings};
use engine::secret::Secret;
use std::time::Duration;

#[tokio::test]
async fn refusals_for_good_are_told_apart_from_those_for_now() {
    let mut server = Server::start(&[]).await;
    let client = server.client();
    for stage in ["code", "data"] {
        for code in [550, 554] {
            let sent = client.send(&to(&format!("{stage}-{code}@example.com"))).await;
            let text = format!("told to refuse {code}");
            assert_eq!(sent, Err(MailError::Refused { code, text }));
        }
        for code in [421, 450, 451, 452] {
            let sent = client.send(&to(&format!("{stage}-{code}@example.com"))).await;
            assert_not_now(sent, &format!("told to refuse {code}"));
        }
    }
    client.send(&to("alice@example.com")).await.unwrap();
    assert_eq!(server.letter().await["to"][0], "alice@example.com");
}

#[tokio::test]
async fn an_address_that_is_none_reaches_no_server() {
    let mut server = Server::start(&[]).await;
    for wrong in ["", "alice", "alice@", "alice@example.com\r\nDATA", "Alice <alice@example.com>", "a@b@example.com"] {
        let sent = server.client().send(&to(wrong)).await;
        assert!(matches!(&sent, Err(MailError::AddressInvalid(why)) if !why.is_empty()), "{wrong:?}: {sent:?}");
    }
    assert!(server.has_nothing());
}

#[tokio::test]
async fn a_wrong_password_says_nothing_about_the_letter_and_is_not_shown() {
    let mut server = Server::start(&[]).await;
    let settings = MailSettings { password: Secret::new("wrong-s3cret".into()), ..server.settings() };
    let sent = Mail::new(settings).unwrap().send(&to("alice@example.com")).await;
    assert!(!format!("{sent:?}").contains("wrong-s3cret"));
    assert_not_now(sent, "username and password");
    assert!(server.has_nothing());
}

#[tokio::test]
async fn a_server_without_accounts_is_not_sent_to_with_one() {
    let mut server = Server::start(&["--no-auth", "--no-starttls"]).await;
    assert_not_now(server.client().send(&to("alice@example.com")).await, "STARTTLS");
    assert!(server.has_nothing());
}

#[tokio::test]
async fn silence_ends_with_the_time_and_its_connection_with_it() {
    let mut server = Server::start(&[]).await;
    let client = Mail::new(MailSettings { timeout: Duration::from_secs(2), ..server.settings() }).unwrap();
    assert_not_now(client.send(&to("silent@example.com")).await, "2 s");
    client.send(&to("alice@example.com")).await.unwrap();
    assert_eq!(server.letter().await["connection"], 2);
}

#[tokio::test]
async fn a_connection_that_ends_is_for_later() {
    let mut server = Server::start(&[]).await;
    let client = server.client();
    assert_not_now(client.send(&to("closing@example.com")).await, "");
    client.send(&to("alice@example.com")).await.unwrap();
    assert_eq!(server.letter().await["connection"], 2);
}

#[tokio::test]
async fn a_server_that_went_away_meanwhile_is_found_again() {
    let server = Server::start(&[]).await;
    let client = server.client();
    client.send(&to("alice@example.com")).await.unwrap();
    drop(server);
    assert_not_now(client.send(&to("alice@example.com")).await, "no connection");
}
