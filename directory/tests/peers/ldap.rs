//! What slapd has of its own: groups, rules for passwords, certificates, names of all kinds.
//! Refuses to assume how slapd answers: what a test relies on is asked of it first.

use crate::secret;
use crate::server::authority::Authority;
use crate::server::slapd::{BASE, PASSWORD, SEARCH, SLAPD, dn};
use directory::{Directory, Entry, Ldap, LdapSettings, NotAuthenticated, NotChanged};
use std::time::Duration;

const WRONG: Result<Entry, NotAuthenticated> = Err(NotAuthenticated::Wrong);

fn ldap() -> Ldap {
    Ldap::new(SLAPD.settings()).unwrap()
}

async fn asked(settings: LdapSettings, name: &str) -> Result<Entry, NotAuthenticated> {
    Ldap::new(settings).unwrap().authenticate(name, &secret(PASSWORD)).await
}

async fn changed(name: &str, old: &str, new: &str) -> Result<(), NotChanged> {
    ldap().change_password(name, &secret(old), &secret(new)).await
}

async fn is_password(name: &str, password: &str) -> bool {
    ldap().authenticate(name, &secret(password)).await.is_ok()
}

const fn expired(may_change: bool) -> Result<Entry, NotAuthenticated> {
    Err(NotAuthenticated::PasswordExpired { may_change })
}

#[tokio::test]
async fn an_entry_is_read_with_its_groups() {
    let mut entry = asked(SLAPD.settings(), "member").await.unwrap();
    entry.groups.sort();
    let expected = Entry {
        name: Some("member".into()),
        first_name: "Given".into(),
        last_name: "Surname".into(),
        email: "mail@example.com".into(),
        groups: vec!["Lab, second floor".into(), "Staff".into()],
    };
    assert_eq!(entry, expected);
    let without = LdapSettings { group_attribute: String::new(), ..SLAPD.settings() };
    assert_eq!(asked(without, "member").await, Ok(Entry { groups: Vec::new(), ..expected }));
}

#[tokio::test]
async fn the_required_group_is_compared_without_case() {
    for (group, member, outsider) in [
        ("cn=Staff,ou=groups,dc=example,dc=com", true, false),
        ("CN=STAFF, ou=Groups, DC=example, DC=com", true, false),
        (r"cn=lab\, second floor,ou=groups,dc=example,dc=com", true, true),
        ("cn=none,ou=groups,dc=example,dc=com", false, false),
        ("Staff", false, false),
    ] {
        for (name, belongs) in [("member", member), ("outsider", outsider), ("bob", false)] {
            let settings = LdapSettings { required_group: group.into(), ..SLAPD.settings() };
            let told = asked(settings, name).await;
            assert!(if belongs { told.is_ok() } else { told == WRONG }, "{group} {name}: {told:?}");
        }
    }
    // Nobody outside is told that their password was right, nor may change it.
    let settings = LdapSettings { required_group: "cn=Staff,ou=groups,dc=example,dc=com".into(), ..SLAPD.settings() };
    assert_eq!(asked(settings.clone(), "expired").await, WRONG);
    let told =
        Ldap::new(settings).unwrap().change_password("outsider", &secret(PASSWORD), &secret("Neue-Ente-8")).await;
    assert_eq!(told, Err(NotChanged::Wrong));
}

#[tokio::test]
async fn the_search_is_anonymous_or_of_an_account() {
    let anonymous = LdapSettings { bind_dn: String::new(), bind_password: secret(""), ..SLAPD.settings() };
    assert!(asked(anonymous.clone(), "bob").await.is_ok());
    assert_eq!(asked(anonymous, "hidden").await, WRONG);
    assert!(asked(SLAPD.settings(), "hidden").await.is_ok());
    let wrong = LdapSettings { bind_password: secret("wrong"), ..SLAPD.settings() };
    let told = asked(wrong, "bob").await;
    assert!(
        matches!(&told, Err(NotAuthenticated::Unavailable(cause)) if cause.contains("service account")),
        "{told:?}"
    );
    assert!(!format!("{told:?}").contains("wrong"), "no password is told");
}

#[tokio::test]
async fn slapd_takes_an_empty_password_and_we_do_not() {
    let bob = dn("people", "bob");
    assert!(SLAPD.takes(&bob, ""), "an anonymous connection that looks like success");
    assert!(!SLAPD.takes(&bob, "wrong"));
    assert_eq!(ldap().authenticate("bob", &secret("")).await, WRONG);
}

#[tokio::test]
async fn names_are_taken_as_they_are() {
    for name in ["dom\\user", "user@example.com", "comma,plus+\"quote\""] {
        assert_eq!(asked(SLAPD.settings(), name).await.unwrap().name.as_deref(), Some(name));
    }
    assert!(is_password("*)(uid=*", "*)(uid=*").await);
    assert!(!is_password("*)(uid=*", PASSWORD).await);
    let by_mail = LdapSettings { user_filter: "(&(uid={name})(mail=*))".into(), ..SLAPD.settings() };
    assert!(asked(by_mail, "bob").await.is_ok());
}

#[tokio::test]
async fn a_filter_or_a_base_that_does_not_fit_is_not_the_persons_fault() {
    let twice = asked(SLAPD.settings(), "twin").await;
    assert!(
        matches!(&twice, Err(NotAuthenticated::Unavailable(cause)) if cause.contains("more than one")),
        "{twice:?}"
    );
    let broad = LdapSettings { user_filter: "(|(uid={name})(uid=*))".into(), ..SLAPD.settings() };
    let many = asked(broad, "bob").await;
    assert!(matches!(&many, Err(NotAuthenticated::Unavailable(cause)) if cause.contains("more than one")), "{many:?}");
    let one_of_them = LdapSettings { base_dn: format!("ou=twice,{BASE}"), ..SLAPD.settings() };
    assert!(asked(one_of_them, "twin").await.is_ok());
    for base in ["ou=none,dc=example,dc=com", "dc=other", "not a name", "ou=elsewhere,dc=example,dc=com"] {
        let told = asked(LdapSettings { base_dn: base.into(), ..SLAPD.settings() }, "bob").await;
        assert!(matches!(told, Err(NotAuthenticated::Unavailable(_))), "{base}: {told:?}");
    }
}

#[tokio::test]
async fn accounts_that_are_locked_or_have_no_password_are_wrong() {
    assert_eq!(asked(SLAPD.settings(), "locked").await, WRONG);
    assert_eq!(asked(SLAPD.settings(), "without").await, WRONG);
    assert!(is_password("locks", PASSWORD).await);
    for _ in 0..2 {
        assert!(!is_password("locks", "wrong").await);
    }
    assert_eq!(asked(SLAPD.settings(), "locks").await, WRONG, "it is locked though the password is right");
}

#[tokio::test]
async fn a_password_that_was_reset_must_be_changed_first() {
    assert_eq!(asked(SLAPD.settings(), "reset").await, expired(true));
    assert!(!is_password("reset", "wrong").await);
    assert_eq!(changed("reset", "wrong", "Neue-Ente-8").await, Err(NotChanged::Wrong));
    assert_eq!(changed("reset", PASSWORD, "kurz").await, Err(NotChanged::Refused));
    assert_eq!(asked(SLAPD.settings(), "reset").await, expired(true));
    assert_eq!(changed("reset", PASSWORD, "Neue-Ente-8").await, Ok(()));
    assert!(is_password("reset", "Neue-Ente-8").await);
}

#[tokio::test]
async fn a_password_that_is_too_old_can_be_changed_while_slapd_lets_them_in() {
    assert_eq!(asked(SLAPD.settings(), "expired").await, expired(false));
    assert_eq!(ldap().authenticate("expired", &secret("wrong")).await, WRONG);
    assert_eq!(changed("expired", PASSWORD, "Neue-Ente-8").await, Err(NotChanged::NotAllowed));
    assert_eq!(changed("expired", "wrong", "Neue-Ente-8").await, Err(NotChanged::Wrong));
    assert_eq!(asked(SLAPD.settings(), "graced").await, expired(true));
    assert_eq!(changed("graced", PASSWORD, "Neue-Ente-8").await, Ok(()));
    assert!(is_password("graced", "Neue-Ente-8").await);
}

#[tokio::test]
async fn passwords_are_changed_by_the_rules_of_slapd() {
    let special = "Ünïcode *)(\"' 日本語";
    assert_eq!(changed("changes", PASSWORD, special).await, Ok(()));
    assert!(is_password("changes", special).await);
    assert!(!is_password("changes", PASSWORD).await);
    assert_eq!(changed("changes", PASSWORD, "Neue-Ente-8").await, Err(NotChanged::Wrong));
    for new in ["kurz", PASSWORD] {
        assert_eq!(changed("refused", PASSWORD, new).await, Err(NotChanged::Refused), "{new}");
    }
    assert_eq!(changed("fixed", PASSWORD, "Neue-Ente-8").await, Err(NotChanged::NotAllowed));
    assert_eq!(changed("locked", PASSWORD, "Neue-Ente-8").await, Err(NotChanged::Wrong));
    for name in ["refused", "fixed"] {
        assert!(is_password(name, PASSWORD).await, "{name}");
    }
}

#[tokio::test]
async fn only_a_certificate_for_the_server_from_a_known_authority_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let other = Authority::new().write_for(&["localhost"], folder.path());
    let port = SLAPD.encrypted.rsplit_once(':').unwrap().1;
    let by_name = format!("ldaps://localhost:{port}");
    let wrong_name = format!("ldaps://127.0.0.2:{port}");
    for (server, start_tls, ca_file, right) in [
        (&SLAPD.encrypted, false, Some(&SLAPD.authority), true),
        (&by_name, false, Some(&SLAPD.authority), true),
        (&SLAPD.clear, true, Some(&SLAPD.authority), true),
        (&SLAPD.encrypted, false, Some(&other), false),
        (&SLAPD.encrypted, false, None, false),
        (&SLAPD.clear, true, Some(&other), false),
        (&SLAPD.clear, true, None, false),
        (&wrong_name, false, Some(&SLAPD.authority), false),
    ] {
        let servers = vec![server.clone()];
        let settings = LdapSettings { servers, start_tls, ca_file: ca_file.cloned(), ..SLAPD.settings() };
        let told = asked(settings, "bob").await;
        let unavailable = matches!(told, Err(NotAuthenticated::Unavailable(_)));
        assert!(if right { told.is_ok() } else { unavailable }, "{server} {ca_file:?}: {told:?}");
    }
}

/// The directory has no clock of ours, so this only tells that neither answer skips a step.
#[tokio::test]
async fn an_unknown_name_takes_as_many_round_trips_as_a_wrong_password() {
    use crate::server::scripted::{BIND, Scripted, entries, result};
    let mut asked = Vec::new();
    for found in [vec!["uid=bob"], vec![]] {
        let answers = vec![result(1, BIND, 0, ""), entries(2, &found), result(3, BIND, 49, "")];
        let server = Scripted::start(None, answers).await;
        let settings = LdapSettings {
            servers: vec![server.url.clone()],
            bind_dn: SEARCH.into(),
            bind_password: secret(PASSWORD),
            base_dn: BASE.into(),
            timeout: Duration::from_secs(2),
            ..LdapSettings::default()
        };
        let ldap = Ldap::new(settings).unwrap();
        assert_eq!(ldap.authenticate("bob", &secret("wrong")).await, WRONG, "it has answered the last bind");
        asked.push(server.requests());
    }
    assert_eq!(asked, [3, 3]);
}
