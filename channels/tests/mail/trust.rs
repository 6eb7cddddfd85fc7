//! Which certificates of a mail server are trusted.
//! Refuses a letter to any other.

use crate::authority::Authority;
use crate::server::{Server, assert_not_now, to};
use channels::mail::{Mail, MailSettings};

#[tokio::test]
async fn a_stranger_another_name_and_an_old_certificate_get_no_letter() {
    let cases =
        [("localhost", 2100, "UnknownIssuer"), ("mail.example.com", 2100, "name"), ("localhost", 2020, "xpired")];
    for options in [&[][..], &["--implicit"]] {
        for (name, until, says) in cases {
            let authority = Authority::new();
            let identity = authority.identity(name, until);
            let mut server = Server::with(authority, &identity, options).await;
            let ours = MailSettings { implicit_tls: !options.is_empty(), ..server.settings() };
            let settings = if says == "UnknownIssuer" { MailSettings { ca_file: None, ..ours } } else { ours };
            let sent = Mail::new(settings).unwrap().send(&to("alice@example.com")).await;
            assert!(format!("{sent:?}").contains("ca_file"), "{sent:?}");
            assert_not_now(sent, says);
            assert!(server.has_nothing());
        }
    }
}

#[tokio::test]
async fn an_address_may_stand_for_a_name() {
    let authority = Authority::new();
    let identity = authority.identity("127.0.0.1", 2100);
    let mut server = Server::with(authority, &identity, &[]).await;
    let settings = MailSettings { host: "127.0.0.1".into(), ..server.settings() };
    Mail::new(settings).unwrap().send(&to("alice@example.com")).await.unwrap();
    assert_eq!(server.letter().await["tls"], true);
}
