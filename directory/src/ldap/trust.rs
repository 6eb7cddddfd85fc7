//! Whose certificates are taken: those that the system's authorities or the one in the settings vouch for.
//! Refuses all others.

use crate::settings::SettingsFault;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// How TLS is begun, with the authorities in `ca_file` beside the system's.
pub fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, SettingsFault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let extra = ca_file.map(authorities).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(|cause| match ca_file {
        Some(file) if matches!(cause, rustls::Error::InvalidCertificate(_)) => {
            SettingsFault::CaFile(format!("{} holds a broken certificate", file.display()))
        }
        Some(_) | None => SettingsFault::Authorities(cause.to_string()),
    })?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| SettingsFault::Authorities(cause.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, SettingsFault> {
    let wrong = |what: String| SettingsFault::CaFile(format!("{} {what}", file.display()));
    let pem = std::fs::read(file).map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) | Err(_) => Err(wrong("holds no certificate in PEM".into())),
    }
}
