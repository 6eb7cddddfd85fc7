//! What a domain controller has of its own: forms of names, nested groups, codes, and changes of passwords.
//! Refuses to reuse an account that a test changes.

use crate::secret;
use crate::server::samba::{PASSWORD, SAMBA, dn};
use directory::{Directory, Entry, NotAuthenticated, NotChanged, SettingsFault, Windows, WindowsSettings};

const WRONG: Result<Entry, NotAuthenticated> = Err(NotAuthenticated::Wrong);

fn windows() -> Windows {
    Windows::new(SAMBA.settings()).unwrap()
}

async fn asked(settings: WindowsSettings, name: &str) -> Result<Entry, NotAuthenticated> {
    Windows::new(settings).unwrap().authenticate(name, &secret(PASSWORD)).await
}

async fn changed(name: &str, old: &str, new: &str) -> Result<(), NotChanged> {
    windows().change_password(name, &secret(old), &secret(new)).await
}

async fn is_password(name: &str, password: &str) -> bool {
    windows().authenticate(name, &secret(password)).await.is_ok()
}

const fn expired(may_change: bool) -> Result<Entry, NotAuthenticated> {
    Err(NotAuthenticated::PasswordExpired { may_change })
}

#[tokio::test]
async fn an_entry_is_read_by_every_form_of_its_name() {
    let expected = Entry {
        name: Some("member".into()),
        first_name: "Given".into(),
        last_name: "Surname".into(),
        email: "mail@example.com".into(),
        groups: vec!["Staff".into()],
    };
    for settings in [SAMBA.settings(), SAMBA.without_service()] {
        for name in ["member", "member@example.com", "example\\member"] {
            assert_eq!(asked(settings.clone(), name).await, Ok(expected.clone()), "{name}");
        }
        for name in ["member@example.org", "other\\member", "example\\", "@example.com", "example\\example\\member"] {
            assert_eq!(asked(settings.clone(), name).await, WRONG, "{name}");
        }
        let explicit = asked(settings, "someone.else@example.org").await;
        assert_eq!(explicit.unwrap().name.as_deref(), Some("explicit"));
    }
}

#[tokio::test]
async fn start_tls_and_clear_on_this_machine() {
    let start_tls = WindowsSettings { servers: vec![SAMBA.clear.clone()], start_tls: true, ..SAMBA.settings() };
    assert!(asked(start_tls, "bob").await.is_ok());
    // Controllers refuse passwords in clear, and that is no wrong password.
    let clear = WindowsSettings { servers: vec![SAMBA.clear.clone()], ..SAMBA.settings() };
    let told = asked(clear, "bob").await;
    assert!(matches!(told, Err(NotAuthenticated::Unavailable(_))), "{told:?}");
    let elsewhere = WindowsSettings { servers: vec!["ldap://dc1.example.com".into()], ..SAMBA.settings() };
    assert!(matches!(Windows::new(elsewhere), Err(SettingsFault::Clear(_))));
    let unknown = WindowsSettings { ca_file: None, ..SAMBA.settings() };
    assert!(matches!(asked(unknown, "bob").await, Err(NotAuthenticated::Unavailable(_))));
}

#[tokio::test]
async fn nobody_is_read_as_another_whose_account_name_is_their_principal_name() {
    for settings in [SAMBA.settings(), SAMBA.without_service()] {
        // Both have the same password, so whoever the controller takes is in.
        assert_eq!(asked(settings.clone(), "victim@example.org").await.unwrap().name.as_deref(), Some("thief"));
        assert_eq!(asked(settings.clone(), "victim").await.unwrap().name.as_deref(), Some("victim"));
        assert_eq!(asked(settings.clone(), "example\\victim").await.unwrap().name.as_deref(), Some("victim"));
        assert_eq!(asked(settings.clone(), "thief").await.unwrap().name.as_deref(), Some("thief"));
    }
}

#[tokio::test]
async fn the_required_group_may_hold_groups() {
    for settings in [SAMBA.settings(), SAMBA.without_service()] {
        for group in [dn("Staff"), dn("STAFF").to_lowercase()] {
            let settings = WindowsSettings { required_group: group, ..settings.clone() };
            assert!(asked(settings.clone(), "member").await.is_ok());
            let nested = asked(settings.clone(), "nested").await.unwrap();
            assert_eq!(nested.groups, ["Inner"], "through a group in it");
            assert_eq!(asked(settings.clone(), "outsider").await, WRONG);
        }
        let none = WindowsSettings { required_group: dn("None"), ..settings };
        assert_eq!(asked(none, "member").await, WRONG);
    }
    let staff = WindowsSettings { required_group: dn("Staff"), ..SAMBA.settings() };
    assert_eq!(asked(staff.clone(), "must-outside").await, WRONG, "nobody outside is told that it was right");
    let staff = Windows::new(staff).unwrap();
    let told = staff.change_password("must-outside", &secret(PASSWORD), &secret("Neue-Ente-8")).await;
    assert_eq!(told, Err(NotChanged::Wrong));
}

#[tokio::test]
async fn accounts_that_are_off_ended_or_locked_are_wrong() {
    for name in ["disabled", "ended", "never"] {
        assert_eq!(asked(SAMBA.settings(), name).await, WRONG, "{name}");
    }
    assert!(is_password("locks", PASSWORD).await);
    for _ in 0..2 {
        assert!(!is_password("locks", "wrong").await);
    }
    assert_eq!(asked(SAMBA.settings(), "locks").await, WRONG, "it is locked though the password is right");
    assert_eq!(changed("locks", PASSWORD, "Neue-Ente-8").await, Err(NotChanged::Wrong));
}

#[tokio::test]
async fn a_password_that_expired_or_must_be_changed() {
    for name in ["must", "must@example.com", "example\\must", "expired"] {
        assert_eq!(asked(SAMBA.settings(), name).await, expired(true), "{name}");
        assert_eq!(asked(SAMBA.without_service(), name).await, expired(false), "{name}");
        let kept = WindowsSettings { allow_password_change: false, ..SAMBA.settings() };
        assert_eq!(asked(kept, name).await, expired(false), "{name}");
        assert_eq!(windows().authenticate(name, &secret("wrong")).await, WRONG, "{name}");
    }
    assert_eq!(changed("must-changes", "wrong", "Neue-Ente-8").await, Err(NotChanged::Wrong));
    assert_eq!(changed("must-changes", PASSWORD, "kurz").await, Err(NotChanged::Refused));
    assert_eq!(changed("must-changes", PASSWORD, "Neue-Ente-8").await, Ok(()));
    assert!(is_password("must-changes", "Neue-Ente-8").await);
}

#[tokio::test]
async fn passwords_are_changed_by_the_rules_of_the_domain() {
    let special = "Ünïcode *)(\"' 日本語 1";
    assert_eq!(changed("changes", PASSWORD, special).await, Ok(()));
    assert!(is_password("changes", special).await);
    assert_eq!(changed("changes@example.com", special, "Neue-Ente-8").await, Ok(()));
    assert_eq!(changed("example\\changes", "Neue-Ente-8", "Neue-Ente-9").await, Ok(()));
    assert!(is_password("changes", "Neue-Ente-9").await);
    for new in ["kurz", "nurkleinebuchstaben", PASSWORD] {
        assert_eq!(changed("refused", PASSWORD, new).await, Err(NotChanged::Refused), "{new}");
    }
    assert_eq!(changed("wrong", "wrong", "Neue-Ente-8").await, Err(NotChanged::Wrong));
    for settings in [
        SAMBA.without_service(),
        WindowsSettings { allow_password_change: true, ..SAMBA.without_service() },
        WindowsSettings { allow_password_change: false, ..SAMBA.settings() },
    ] {
        let windows = Windows::new(settings).unwrap();
        let told = windows.change_password("refused", &secret(PASSWORD), &secret("Neue-Ente-8")).await;
        assert_eq!(told, Err(NotChanged::NotAllowed));
    }
    for name in ["refused", "wrong"] {
        assert!(is_password(name, PASSWORD).await, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_service_account_is_not_the_persons_fault() {
    let wrong = WindowsSettings { bind_password: secret("not this one"), ..SAMBA.settings() };
    let told = asked(wrong.clone(), "bob").await;
    assert!(
        matches!(&told, Err(NotAuthenticated::Unavailable(cause)) if cause.contains("service account")),
        "{told:?}"
    );
    assert!(!format!("{told:?}").contains("not this one"));
    assert_eq!(Windows::new(wrong).unwrap().authenticate("bob", &secret("wrong")).await, WRONG);
}
