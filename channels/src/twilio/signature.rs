//! The signature of callbacks: base64(HMAC(token, URL ‖ each name ‖ value in byte order of the names)) (gateways.md §2.1).
//! Refuses to stop at the first difference: all that could be right is compared, each in constant time.

use super::form::parse_form;
use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use subtle::{Choice, ConstantTimeEq};

/// Names a JSON body's hash in the query.
const BODY_HASH: &str = "bodySHA256";
/// The length of a SHA-256 signature in base64.
const LONG: usize = 44;

/// Signs `url` (exactly as the gateway calls it, with its query) and the parameters of the body with SHA-1.
pub fn sign(token: &str, url: &str, parameters: &[(String, String)]) -> String {
    signed::<Hmac<Sha1>>(token, url, parameters)
}

/// The same with SHA-256, as for webhooks under a shared key.
pub fn sign_sha256(token: &str, url: &str, parameters: &[(String, String)]) -> String {
    signed::<Hmac<Sha256>>(token, url, parameters)
}

/// Whether `signature` is that of one of `tokens` over `url` and `body`.
///
/// The URL counts with and without its port: the provider is not of one mind there. A body is a form, or, where the
/// query names its SHA-256, anything with that hash. The length of a signature says which HMAC made it, so the header
/// that names the algorithm is not needed. Empty tokens sign nothing.
pub fn verify(tokens: &[&str], url: &str, body: &[u8], signature: &str) -> bool {
    let Some(parameters) = signed_parameters(url, body) else { return false };
    let sign = if signature.len() == LONG { sign_sha256 } else { sign };
    let urls = [url.to_owned(), with_other_port(url)];
    let mut good = Choice::from(0);
    for token in tokens.iter().filter(|token| !token.is_empty()) {
        for url in &urls {
            good |= sign(token, url, &parameters).as_bytes().ct_eq(signature.as_bytes());
        }
    }
    good.into()
}

fn signed<M: Mac + KeyInit>(token: &str, url: &str, parameters: &[(String, String)]) -> String {
    let mut mac = <M as KeyInit>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    for (name, value) in parameters.iter().collect::<BTreeSet<_>>() {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64.encode(&mac.finalize().into_bytes())
}

/// What of the body goes into the signature; `None` if the body cannot be what was signed.
fn signed_parameters(url: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let hashes: Vec<_> = query.split('&').filter_map(|part| part.strip_prefix(BODY_HASH)?.strip_prefix('=')).collect();
    match hashes[..] {
        [] => parse_form(body).ok(),
        [hash] => bool::from(HEXLOWER.encode(&Sha256::digest(body)).as_bytes().ct_eq(hash.as_bytes())).then(Vec::new),
        // Two hashes cannot both be the body's.
        [_, _, ..] => None,
    }
}

/// Without its port, if it has one; with the scheme's port, if it has none.
fn with_other_port(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    match host.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => format!("{scheme}://{bare}{path}"),
        _ => format!("{scheme}://{host}:{}{path}", if scheme == "https" { 443 } else { 80 }),
    }
}

#[cfg(test)]
#[path = "signature/tests.rs"]
mod tests;
