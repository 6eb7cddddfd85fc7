//! Where sealed secrets are opened for the moment of their use.
//! Refuses to hand a key out to anybody but the rule that needs it.

use engine::secret::Secret;

/// Seals and opens secrets; `context` names what and whose it is, and must be the same both times.
pub trait Vault: Send + Sync + 'static {
    /// Seals.
    fn seal(&self, context: &str, plain: &[u8]) -> String;
    /// Opens; the error says what to do.
    fn open(&self, context: &str, sealed: &str) -> Result<Secret<Vec<u8>>, String>;
}
