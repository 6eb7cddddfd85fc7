//! Where a chain stood, signed, as one line that leaves the machine; and the public key that shows who signed it.
//! Refuses lines of a format that it does not know.

use crate::keys::MasterKey;
use crate::{ReadError, Store};
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use engine::moment::Moment;

/// The first word of a line. Another format gets another word.
const FORMAT: &str = "countersign-checkpoint-1";

/// Where the chain stood, signed. Its text form is one line: format, node, position, time, hash, signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The node whose chain it is.
    pub node: String,
    /// Position of the last link.
    pub position: u64,
    /// When it was signed, milliseconds since the epoch.
    pub at: u64,
    /// Hash of the last link.
    pub hash: [u8; 32],
    signature: [u8; 64],
}

/// A checkpoint's text is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    /// Not such a line.
    #[error("not a checkpoint: it must be one line as `countersign audit checkpoint` writes it")]
    Form,
    /// A format of another version of this program.
    #[error("a checkpoint of another format than {FORMAT}; use the program that wrote it")]
    Format,
}

impl Checkpoint {
    /// Signs where the chain stands; `None` if it is empty.
    pub fn take(store: &dyn Store, master: &MasterKey, now: Moment) -> Result<Option<Self>, ReadError> {
        let Some(head) = store.audit_head()? else { return Ok(None) };
        let (node, position, at, hash) = (store.node().to_owned(), head.position, now.millis(), head.hash);
        let signature = signing_key(master).sign(&signed(&node, position, at, &hash)).to_bytes();
        Ok(Some(Self { node, position, at, hash, signature }))
    }

    /// Whether it was signed with the private part of `key`.
    pub fn is_signed(&self, key: &PublicKey) -> bool {
        let message = signed(&self.node, self.position, self.at, &self.hash);
        key.0.verify(&message, &Signature::from_bytes(&self.signature)).is_ok()
    }

    /// One line, without its end.
    pub fn to_line(&self) -> String {
        let (hash, signature) = (HEXLOWER.encode(&self.hash), HEXLOWER.encode(&self.signature));
        format!("{FORMAT} {} {} {} {hash} {signature}", self.node, self.position, self.at)
    }

    /// Reads the line.
    pub fn from_line(line: &str) -> Result<Self, NotACheckpoint> {
        let parts: Vec<_> = line.split_whitespace().collect();
        let (format, rest) = parts.split_first().ok_or(NotACheckpoint::Form)?;
        if *format != FORMAT {
            let ours = format.starts_with("countersign-checkpoint-");
            return Err(if ours { NotACheckpoint::Format } else { NotACheckpoint::Form });
        }
        let [node, position, at, hash, signature] = rest else { return Err(NotACheckpoint::Form) };
        let number = |text: &str| text.parse().map_err(|_| NotACheckpoint::Form);
        Ok(Self {
            node: (*node).to_owned(),
            position: number(position)?,
            at: number(at)?,
            hash: bytes(hash).ok_or(NotACheckpoint::Form)?,
            signature: bytes(signature).ok_or(NotACheckpoint::Form)?,
        })
    }
}

/// The public half of the key that signs checkpoints (Ed25519, RFC 8032); who has it can verify without the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A public key's text is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public key: it must be one line of 64 hexadecimal digits, as `countersign audit public-key` prints it")]
pub struct NotAKey;

impl PublicKey {
    /// The key that belongs to a master key.
    pub fn of(master: &MasterKey) -> Self {
        Self(signing_key(master).verifying_key())
    }

    /// One line, without its end.
    pub fn to_line(&self) -> String {
        HEXLOWER.encode(self.0.as_bytes())
    }

    /// Reads the line.
    pub fn from_line(line: &str) -> Result<Self, NotAKey> {
        let key = bytes(line.trim()).and_then(|key| VerifyingKey::from_bytes(&key).ok());
        // A weak key would accept one signature for many messages.
        key.filter(|key| !key.is_weak()).map(Self).ok_or(NotAKey)
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn signing_key(master: &MasterKey) -> SigningKey {
    SigningKey::from_bytes(master.derive("audit-signature").expose())
}

fn signed(node: &str, position: u64, at: u64, hash: &[u8; 32]) -> Vec<u8> {
    let mut message = FORMAT.as_bytes().to_vec();
    message.extend((node.len() as u64).to_be_bytes());
    message.extend(node.as_bytes());
    message.extend(position.to_be_bytes());
    message.extend(at.to_be_bytes());
    message.extend(hash);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_line_is_signed() {
        let master = MasterKey::new([7; 32]);
        let (key, hash) = (PublicKey::of(&master), [2; 32]);
        let signature = signing_key(&master).sign(&signed("n1", 3, 9, &hash)).to_bytes();
        let line = Checkpoint { node: "n1".into(), position: 3, at: 9, hash, signature }.to_line();
        assert!(Checkpoint::from_line(&line).unwrap().is_signed(&PublicKey::from_line(&key.to_line()).unwrap()));
        for (from, to) in [(" n1 ", " n2 "), (" 3 ", " 4 "), (" 9 ", " 8 "), (" 0202", " 0302")] {
            assert!(!Checkpoint::from_line(&line.replacen(from, to, 1)).unwrap().is_signed(&key), "{from}");
        }
        assert!(!Checkpoint::from_line(&line).unwrap().is_signed(&PublicKey::of(&MasterKey::new([8; 32]))));
    }

    #[test]
    fn other_lines_are_refused() {
        let later = "countersign-checkpoint-2 n1 3 9 sha3 x";
        assert_eq!(Checkpoint::from_line(later), Err(NotACheckpoint::Format));
        for line in ["", "3 9 00 00", "countersign-checkpoint-1 n1 3 9 00", "countersign-checkpoint-1 n1 x 9 00 00"] {
            assert_eq!(Checkpoint::from_line(line), Err(NotACheckpoint::Form), "{line}");
        }
        for line in ["", "00", &"00".repeat(32), &format!("02{}", "00".repeat(31))] {
            assert_eq!(PublicKey::from_line(line), Err(NotAKey), "{line}");
        }
    }
}
