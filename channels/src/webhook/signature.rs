//! Signatures as Standard Webhooks describes them: HMAC-SHA256 over id, timestamp and body.
//! Refuses to keep the secret.

use data_encoding::BASE64;
use engine::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `webhook-signature` header: `v1,` and base64.
pub fn sign(secret: &Secret<Vec<u8>>, id: &str, timestamp: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose()).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

/// The secret as it is given to the receiver: `whsec_` and base64.
pub fn encode_secret(secret: &Secret<Vec<u8>>) -> Secret<String> {
    Secret::new(format!("whsec_{}", BASE64.encode(secret.expose())))
}
