//! TLS for the signalling and SRTP for the sound, with baresip at the other end.
//! Refuses certificates from a file: each is made for its test.

use crate::call::{listen, place, settings};
use crate::phone::Phone;
use channels::call::CallEnd;
use channels::sip::{Carrier, Sip, SipSettings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// An authority in a file, and a certificate of `localhost` with its key.
fn vouched() -> (TempDir, PathBuf, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&own, &issuer).unwrap();
    (folder, file, format!("{}{}", certificate.pem(), own.serialize_pem()))
}

fn secure(phone: &Phone, domain: &str, ca_file: PathBuf) -> SipSettings {
    SipSettings {
        transport: Carrier::Tls,
        domain: domain.into(),
        ca_file: Some(ca_file),
        srtp: true,
        ..settings(phone.port + 1)
    }
}

#[tokio::test]
async fn a_call_goes_over_tls_with_encrypted_sound() {
    let (_folder, ca_file, identity) = vouched();
    let mut phone = Phone::secure(&identity).await;
    let sip = Sip::start(secure(&phone, "localhost", ca_file)).unwrap();
    let mut call = place(&sip, Duration::from_secs(20));
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.say(3000, listen(5000));
    phone.press("31#").await;
    assert_eq!(call.keys().await, ("31".into(), true));
    phone.command("hangup", "").await;
    assert_eq!(call.end().await, CallEnd::HungUp);
}

#[tokio::test]
async fn a_certificate_of_another_name_is_not_trusted() {
    let (_folder, ca_file, identity) = vouched();
    let phone = Phone::secure(&identity).await;
    let sip = Sip::start(secure(&phone, "elsewhere.example", ca_file)).unwrap();
    let end = place(&sip, Duration::from_secs(20)).end().await;
    assert!(matches!(end, CallEnd::Unavailable { .. }), "{end:?}");
}
