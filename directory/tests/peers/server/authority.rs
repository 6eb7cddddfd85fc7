//! A certificate authority of the tests' own, and what it vouches for.
//! Refuses certificates from files: each is made for its test.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};

/// The authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes `authority.pem`, and `certificate.pem` and `key.pem` of a server with these names and addresses; the first.
    pub fn write_for(&self, names: &[&str], folder: &Path) -> PathBuf {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        super::write(folder, "certificate.pem", &certificate.pem());
        super::write(folder, "key.pem", &key.serialize_pem());
        super::write(folder, "authority.pem", &self.pem)
    }
}
