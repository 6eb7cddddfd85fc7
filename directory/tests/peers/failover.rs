//! Servers that are down, silent, closing or talking something else: the time that they may take, and the next one.
//! Refuses to wait longer than was said.

use crate::secret;
use crate::server::scripted::{Answer, BIND, EXTENDED, MODIFY, SEARCH, Scripted, element, entries, result};
use crate::server::slapd::{PASSWORD, SLAPD};
use crate::server::{free_port, slapd};
use directory::{Directory, Ldap, LdapSettings, NotAuthenticated, NotChanged, Windows, WindowsSettings};
use std::time::Duration;
use tokio::time::Instant;

const TIMEOUT: Duration = Duration::from_millis(300);
/// What a busy machine may add to it.
const BUSY: Duration = Duration::from_secs(2);

fn anonymous(servers: Vec<String>, timeout: Duration) -> LdapSettings {
    LdapSettings { servers, base_dn: slapd::BASE.into(), timeout, ..LdapSettings::default() }
}

async fn asked(settings: LdapSettings) -> Result<Option<String>, NotAuthenticated> {
    let ldap = Ldap::new(settings).unwrap();
    ldap.authenticate("bob", &secret(PASSWORD)).await.map(|entry| entry.name)
}

fn bytes(bytes: &[u8]) -> Option<Answer> {
    Some(Answer::Bytes(bytes.to_vec()))
}

/// Elements in elements, deeper than any parser that calls itself can go.
fn bottomless() -> Vec<u8> {
    let head = |inside: u32| {
        let length = (5 * inside).to_be_bytes();
        [0x30, 0x83, length[1], length[2], length[3]]
    };
    (0..100_000).rev().flat_map(head).collect()
}

async fn bad_servers() -> Vec<(&'static str, String)> {
    let broken_result = element(0x30, &[&[0x02, 0x01, 0x01], &element(SEARCH, &[&[0x04, 0x00]])]);
    let bad = [
        ("silent", None, vec![]),
        ("closes when asked", None, vec![Answer::Close]),
        ("closes at once", Some(Answer::Close), vec![]),
        ("speaks HTTP", bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"), vec![]),
        ("speaks SSH", bytes(b"SSH-2.0-x\r\n"), vec![]),
        ("sends zeros", bytes(&[0; 4096]), vec![]),
        ("announces too much", bytes(b"\x30\x84\x7f\xff\xff\xff"), vec![]),
        ("stops in a message", bytes(b"\x30\x20\x02\x01"), vec![]),
        ("has no bottom", bytes(&bottomless()), vec![]),
        ("is busy", None, vec![result(1, SEARCH, 51, "")]),
        ("is going away", None, vec![result(1, SEARCH, 52, "")]),
        ("refers", None, vec![result(1, SEARCH, 10, "")]),
        ("is unwilling", None, vec![entries(1, &["uid=bob"]), result(2, BIND, 53, "")]),
        ("is busy later", None, vec![entries(1, &["uid=bob"]), result(2, BIND, 51, "")]),
        ("refers later", None, vec![entries(1, &["uid=bob"]), result(2, BIND, 10, "")]),
        ("is silent later", None, vec![entries(1, &["uid=bob"]), Answer::Silence]),
        ("finds a nameless entry", None, vec![entries(1, &[""]), result(2, BIND, 0, "")]),
        ("finds two", None, vec![entries(1, &["uid=bob", "uid=bob2"]), result(2, BIND, 0, "")]),
        ("answers what cannot be read", None, vec![Answer::Bytes(broken_result)]),
    ];
    let mut servers = vec![("down", format!("ldap://127.0.0.1:{}", free_port()))];
    for (how, greeting, answers) in bad {
        servers.push((how, Scripted::start(greeting, answers).await.url));
    }
    servers
}

#[tokio::test]
async fn a_bad_server_is_unavailable_in_time_and_the_next_one_is_asked() {
    for (how, bad) in bad_servers().await {
        for start_tls in [false, true] {
            let started = Instant::now();
            let told = asked(LdapSettings { start_tls, ..anonymous(vec![bad.clone()], TIMEOUT) }).await;
            assert!(
                matches!(&told, Err(NotAuthenticated::Unavailable(cause)) if cause.contains(&bad)),
                "{how}: {told:?}"
            );
            assert!(started.elapsed() < TIMEOUT + BUSY, "{how}: {:?}", started.elapsed());
        }
        let both = LdapSettings { servers: vec![bad, SLAPD.clear.clone()], timeout: 4 * TIMEOUT, ..SLAPD.settings() };
        assert_eq!(asked(both).await, Ok(Some("bob".into())), "{how}");
    }
}

#[tokio::test]
async fn a_bad_controller_is_unavailable_in_time() {
    for (how, bad) in bad_servers().await {
        let settings = WindowsSettings {
            domain: "example.com".into(),
            servers: vec![bad.clone()],
            timeout: TIMEOUT,
            ..WindowsSettings::default()
        };
        let started = Instant::now();
        let told = Windows::new(settings).unwrap().authenticate("bob", &secret(PASSWORD)).await;
        assert!(matches!(&told, Err(NotAuthenticated::Unavailable(cause)) if cause.contains(&bad)), "{how}: {told:?}");
        assert!(started.elapsed() < TIMEOUT + BUSY, "{how}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_asked_of_the_next_server() {
    let next = Scripted::start(None, vec![entries(1, &["uid=bob"]), result(2, BIND, 0, "")]).await;
    let ldap = |servers| Ldap::new(anonymous(servers, BUSY)).unwrap();
    let both = ldap(vec![SLAPD.clear.clone(), next.url.clone()]);
    for name in ["bob", "nobody"] {
        assert_eq!(both.authenticate(name, &secret("wrong")).await, Err(NotAuthenticated::Wrong));
    }
    assert_eq!(both.change_password("bob", &secret("wrong"), &secret("x")).await, Err(NotChanged::Wrong));
    assert_eq!(next.connections(), 0);
    assert!(
        ldap(vec![next.url.clone()]).authenticate("bob", &secret("wrong")).await.is_ok(),
        "it would have been taken"
    );
    assert_eq!(next.connections(), 1);
}

#[tokio::test]
async fn nothing_without_a_name_or_a_password_reaches_a_server() {
    let server = Scripted::start(None, vec![]).await;
    let ldap = Ldap::new(anonymous(vec![server.url.clone()], TIMEOUT)).unwrap();
    let windows = windows(vec![server.url.clone()]);
    let directories: [&dyn Directory; 2] = [&ldap, &windows];
    for directory in directories {
        for (name, password) in [("bob", ""), ("", PASSWORD), ("b\0b", PASSWORD), ("b\u{7f}b", PASSWORD)] {
            let told = directory.authenticate(name, &secret(password)).await;
            assert_eq!(told, Err(NotAuthenticated::Wrong), "{name:?} {password:?}");
            let told = directory.change_password(name, &secret(password), &secret("new")).await;
            assert_eq!(told, Err(NotChanged::Wrong), "{name:?} {password:?}");
        }
        let told = directory.change_password("bob", &secret(PASSWORD), &secret("")).await;
        assert_eq!(told, Err(NotChanged::Refused));
    }
    assert_eq!(server.connections(), 0);
}

/// Windows with the service account, at these servers.
fn windows(servers: Vec<String>) -> Windows {
    let settings = WindowsSettings {
        domain: "example.com".into(),
        servers,
        bind_name: "service@example.com".into(),
        bind_password: secret(PASSWORD),
        allow_password_change: true,
        timeout: TIMEOUT,
        ..WindowsSettings::default()
    };
    Windows::new(settings).unwrap()
}

#[tokio::test]
async fn a_change_that_is_not_answered_is_not_asked_of_the_next_server() {
    let next = Scripted::start(None, vec![]).await;
    for answer in [Answer::Silence, Answer::Close] {
        let first = Scripted::start(None, vec![entries(1, &["uid=bob"]), result(2, BIND, 0, ""), answer.clone()]).await;
        let ldap = Ldap::new(anonymous(vec![first.url.clone(), next.url.clone()], TIMEOUT)).unwrap();
        let told = ldap.change_password("bob", &secret("old"), &secret("new")).await;
        assert!(matches!(&told, Err(NotChanged::Unavailable(cause)) if cause.contains(&first.url)), "{told:?}");
        let first = Scripted::start(None, vec![result(1, BIND, 0, ""), entries(2, &["cn=bob"]), answer]).await;
        let windows = windows(vec![first.url.clone(), next.url.clone()]);
        let told = windows.change_password("bob", &secret("old"), &secret("new")).await;
        assert!(matches!(&told, Err(NotChanged::Unavailable(cause)) if cause.contains(&first.url)), "{told:?}");
    }
    assert_eq!(next.connections(), 0);
}

/// A copy that takes no writes refers to the one that does, and is not followed: the next one in the settings is asked.
#[tokio::test]
async fn a_change_that_a_server_does_not_make_is_asked_of_the_next_one() {
    for code in [10, 51, 52, 53] {
        let ldap = |code| vec![entries(1, &["uid=bob"]), result(2, BIND, 0, ""), result(3, EXTENDED, code, "")];
        let controller = |code| vec![result(1, BIND, 0, ""), entries(2, &["cn=bob"]), result(3, MODIFY, code, "")];
        let (copy, original) = (Scripted::start(None, ldap(code)).await.url, Scripted::start(None, ldap(0)).await.url);
        let ldap = Ldap::new(anonymous(vec![copy, original], TIMEOUT)).unwrap();
        let (copy, original) =
            (Scripted::start(None, controller(code)).await.url, Scripted::start(None, controller(0)).await.url);
        let windows = windows(vec![copy, original]);
        let directories: [&dyn Directory; 2] = [&ldap, &windows];
        for directory in directories {
            assert_eq!(directory.change_password("bob", &secret("old"), &secret("new")).await, Ok(()), "{code}");
        }
    }
}

#[tokio::test]
async fn an_unknown_name_takes_as_many_round_trips_at_a_controller_as_a_wrong_password() {
    for data in ["525", "52e"] {
        let text =
            format!("80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {data}, v4563");
        let server = Scripted::start(None, vec![result(1, BIND, 49, &text)]).await;
        let told = windows(vec![server.url.clone()]).authenticate("bob", &secret("wrong")).await;
        assert_eq!((told, server.requests()), (Err(NotAuthenticated::Wrong), 1), "{data}");
    }
}
