//! Gateways behind a certificate of a private authority, and what is not one that we trust.
//! Refuses a certificate from a file: each is made for its test.

use crate::gateway::{client, json, settings, text};
use channels::text::{Accepted, SendError, TextGateway};
use channels::twilio::{BuildError, Twilio, TwilioSettings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::io::Write;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A certificate authority and its file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let file = file(&params.self_signed(&key).unwrap().pem());
        Self { issuer: Issuer::new(params, key), file }
    }

    /// A server of `name`, whose certificate ends with `until`.
    fn server(&self, name: &str, until: i32) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.into()]).unwrap();
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        versions.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
    }

    fn settings(&self, base_url: &str) -> TwilioSettings {
        TwilioSettings { ca_file: Some(self.file.path().into()), ..settings(base_url) }
    }
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// Listens, and answers each request that comes through TLS as taken.
async fn serve(config: ServerConfig) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(acceptor.clone(), stream));
        }
    });
    port
}

/// A handshake that the client breaks off is what most tests here want.
async fn answer(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    if stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
        let _ = stream.write_all(&json(201, r#"{"sid":"SM1"}"#)).await;
        let _ = stream.shutdown().await;
    }
}

async fn sent(settings: TwilioSettings) -> Result<Accepted, SendError> {
    client(settings).send(&text()).await
}

/// The handshake failed, so nothing was sent; the error says why in words that lead to `ca_file`.
async fn refused(settings: TwilioSettings, says: &str) {
    let error = sent(settings).await.unwrap_err();
    assert!(matches!(&error, SendError::NoConnection { cause } if cause.contains(says)), "{error:?}");
    assert!(error.surely_not_taken() && error.is_retryable());
    assert!(error.to_string().contains("ca_file"), "{error}");
}

#[tokio::test]
async fn a_private_authority_counts_if_it_is_set() {
    let authority = Authority::named("ours");
    for (name, host) in [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1")] {
        let base_url = format!("https://{host}:{}", serve(authority.server(name, 2100)).await);
        assert_eq!(sent(authority.settings(&base_url)).await.unwrap().provider_id, "SM1", "{host}");
        refused(settings(&base_url), "UnknownIssuer").await;
        refused(Authority::named("a stranger").settings(&base_url), "UnknownIssuer").await;
    }
}

#[tokio::test]
async fn several_authorities_may_stand_in_one_file() {
    let [one, other] = ["one", "other"].map(Authority::named);
    let read = |authority: &Authority| std::fs::read_to_string(authority.file.path()).unwrap();
    let both = file(&format!("# ours\n{}\n{}", read(&one), read(&other)));
    for authority in [one, other] {
        let base_url = format!("https://localhost:{}", serve(authority.server("localhost", 2100)).await);
        let settings = TwilioSettings { ca_file: Some(both.path().into()), ..settings(&base_url) };
        assert_eq!(sent(settings).await.unwrap().provider_id, "SM1");
    }
}

#[tokio::test]
async fn another_name_and_an_old_certificate_are_refused() {
    let authority = Authority::named("ours");
    let other = serve(authority.server("gateway.example.com", 2100)).await;
    refused(authority.settings(&format!("https://localhost:{other}")), "not valid for name").await;
    let old = serve(authority.server("localhost", 2020)).await;
    refused(authority.settings(&format!("https://localhost:{old}")), "expired").await;
}

#[tokio::test]
async fn a_gateway_that_speaks_no_tls_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&json(201, r#"{"sid":"SM1"}"#)).await;
        }
    });
    refused(settings(&base_url), "").await;
}

#[tokio::test]
async fn a_handshake_that_nobody_answers_is_surely_not_a_text() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    refused(TwilioSettings { timeout_seconds: 1, ..settings(&base_url) }, "too long").await;
    drop(listener);
}

#[test]
fn a_file_without_certificates_builds_no_client() {
    let build = |ca_file: &std::path::Path| {
        let settings = TwilioSettings { ca_file: Some(ca_file.into()), ..settings("https://localhost") };
        Twilio::new("sms", settings, "https://mfa.example.com").err()
    };
    let authority = Authority::named("ours");
    let key = file(&authority.issuer.key().serialize_pem());
    let cut = std::fs::read_to_string(authority.file.path()).unwrap();
    let cut = file(&cut[..cut.len() / 2]);
    let garbled = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let missing = std::path::Path::new("/nonexistent/ca.pem");
    for path in [file("").path(), file("\u{0}\u{1}").path(), key.path(), cut.path(), garbled.path(), missing] {
        let error = build(path);
        assert!(matches!(error, Some(BuildError::CaFile(_))), "{}: {error:?}", path.display());
    }
    assert!(build(authority.file.path()).is_none());
}
