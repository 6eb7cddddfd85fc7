//! How a connection to a gateway is opened: name, TCP, TLS.
//! Refuses a certificate that neither the system's authorities nor the one in the settings vouch for.

use super::connection::{Connection, Stream};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// A connection that takes longer does not come.
const LONGEST: Duration = Duration::from_secs(5);

/// It cannot be known how to reach the gateway.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The address has no host, or one that no certificate can name.
    #[error("the address has no host")]
    NoHost,
    /// The certificate authority's file cannot be used.
    #[error("{0}")]
    CaFile(String),
    /// There are no authorities to trust.
    #[error("the certificate authorities of this system cannot be used: {0}")]
    Authorities(#[from] rustls::Error),
}

/// Where a gateway is and how it is trusted.
pub struct Dial {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Dial {
    /// To the host of an address; `https` is TLS. The authorities in `ca_file` count beside the system's.
    pub fn to(url: &Url, ca_file: Option<&Path>) -> Result<Self, DialError> {
        let host = url.host_str().ok_or(DialError::NoHost)?.trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().ok_or(DialError::NoHost)?;
        let tls = match url.scheme() {
            "https" => {
                let name = ServerName::try_from(host.clone()).map_err(|_| DialError::NoHost)?;
                Some((connector(ca_file)?, name))
            }
            _ => None,
        };
        Ok(Self { host, port, tls })
    }

    /// Opens a connection, within the connect timeout and in less than the whole time of a request, so that what surely was
    /// not sent is told apart from what was not answered.
    pub async fn connect(&self, timeout: Duration) -> Result<Connection, String> {
        match tokio::time::timeout(LONGEST.min(timeout / 2), self.open()).await {
            Ok(opened) => opened.map_err(|cause| cause.to_string()),
            Err(_) => Err("it took too long".into()),
        }
    }

    async fn open(&self) -> std::io::Result<Connection> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await?;
        socket.set_nodelay(true)?;
        let stream = match &self.tls {
            Some((connector, name)) => Stream::Tls(Box::new(connector.connect(name.clone(), socket).await?)),
            None => Stream::Clear(socket),
        };
        Ok(Connection::new(stream))
    }
}

pub(crate) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, DialError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let extra = ca_file.map(authorities).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(|cause| match ca_file {
        Some(file) if matches!(cause, rustls::Error::InvalidCertificate(_)) => {
            DialError::CaFile(format!("{} holds a broken certificate", file.display()))
        }
        Some(_) | None => DialError::Authorities(cause),
    })?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The certificates in a file, at least one.
pub(crate) fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, DialError> {
    let wrong = |what: String| DialError::CaFile(format!("{} {what}", file.display()));
    let pem = std::fs::read(file).map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) | Err(_) => Err(wrong("holds no certificate in PEM".into())),
    }
}
