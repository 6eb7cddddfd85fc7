//! A certificate authority and what it vouches for, as files for a server and for `ca_file`.
//! Refuses certificates from a file: each is made for its test.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

/// A server's certificate and key, PEM.
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "made for a test");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server of `name` whose certificate ends with the year `until`.
    pub fn identity(&self, name: &str, until: i32) -> Identity {
        let mut params = CertificateParams::new(vec![name.into()]).unwrap();
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let at = |ending: &str| self.folder.path().join(format!("{name}-{until}.{ending}"));
        let identity = Identity { certificate: at("pem"), key: at("key") };
        write(&identity.certificate, &certificate.pem());
        write(&identity.key, &key.serialize_pem());
        identity
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}
