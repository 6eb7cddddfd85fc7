//! A certificate, signed by itself and made anew at each start, for the servers that speak TLS.
//! Its key is never written anywhere.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// What a client is shown, and what it can trust.
pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) acceptor: TlsAcceptor,
}

/// For the loopback names and the address that is listened on.
pub(crate) fn make(listen: IpAddr) -> Result<Certificate, String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let own = listen.to_string();
    if !listen.is_unspecified() && !names.contains(&own) {
        names.push(own);
    }
    let signed = KeyPair::generate().and_then(|key| {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "Countersign simulators");
        Ok((params.self_signed(&key)?, key))
    });
    let (certificate, key) = signed.map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(str::to_owned)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|versions| versions.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key));
    let config = config.map_err(|error| error.to_string())?;
    Ok(Certificate { pem: certificate.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
}
