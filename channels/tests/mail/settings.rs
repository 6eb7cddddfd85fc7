//! Settings that build no client, each named by its key, and what is shown of those that do.
//! Refuses to connect.

use crate::authority::Authority;
use crate::server::{PASSWORD, settings};
use channels::mail::{Mail, MailSettings};
use engine::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

fn refused(key: &str, change: impl FnOnce(&mut MailSettings)) {
    let mut settings = settings(587);
    change(&mut settings);
    let said = Mail::new(settings).err().unwrap_or_else(|| panic!("{key}: it was built"));
    assert!(said.starts_with(&format!("{key}: ")) || said.starts_with(&format!("{key} and ")), "{key}: {said}");
    assert!(!said.contains(PASSWORD), "{said}");
}

#[test]
fn mistakes_are_named_by_their_key() {
    for host in ["", "smtp.example.com:587", "smtp://smtp.example.com", "smtp example", "bücher.example"] {
        refused("host", |settings| settings.host = host.into());
    }
    refused("port", |settings| settings.port = 0);
    for from in ["", "mfa", "a\r\nb <mfa@example.com>", "mfa@example.com, b@example.com", "prüfung@example.com"] {
        refused("from", |settings| settings.from = from.into());
    }
    refused("timeout", |settings| settings.timeout = Duration::ZERO);
    refused("username", |settings| settings.username = String::new());
    refused("username", |settings| settings.username = "a\0b".into());
    refused("password", |settings| settings.password = Secret::default());
}

#[test]
fn a_file_without_usable_certificates_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let authority = Authority::new();
    let whole = std::fs::read_to_string(authority.file()).unwrap();
    let garbled = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let unusable = [
        file("empty", ""),
        file("cut", &whole[..whole.len() / 2]),
        file("garbled", garbled),
        folder.path().join("missing"),
    ];
    for path in unusable {
        refused("ca_file", |settings| settings.ca_file = Some(path));
    }
    let ours = MailSettings { ca_file: Some(authority.file()), ..settings(587) };
    assert_eq!(Mail::new(ours).unwrap().name(), "mail");
}

#[test]
fn a_password_is_never_shown() {
    assert!(!format!("{:?}", settings(587)).contains(PASSWORD));
}
