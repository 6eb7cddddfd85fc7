//! The canonical form of a user name: `DOMAIN\name`, `name@suffix` and `name` are one person.
//! Refuses names that are empty, overlong or hold control characters.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most bytes of a name.
const LONGEST: usize = 256;

/// A domain whose names fold to the bare name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The short name before the backslash, for example `EXAMPLE`.
    pub short: String,
    /// The suffix after the at sign, for example `example.com`.
    pub suffix: String,
}

/// Why a text is not a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAName {
    /// Nothing in it.
    #[error("the user name is empty")]
    Empty,
    /// Longer than 256 bytes.
    #[error("the user name is longer than 256 bytes")]
    TooLong,
    /// A control character.
    #[error("the user name holds a control character")]
    ControlCharacter,
}

/// The canonical form: trimmed, lower case, without a domain that is listed in `domains`. It is its own canonical form, so that
/// a name that we gave out names the same person when it comes back.
pub fn canonical(name: &str, domains: &[Domain]) -> Result<String, NotAName> {
    let name = name.trim();
    if name.is_empty() {
        return Err(NotAName::Empty);
    }
    // Lower case may be longer, and a name without end is not worth folding.
    let lower = if name.len() > LONGEST { String::new() } else { name.to_lowercase() };
    if lower.is_empty() || lower.len() > LONGEST {
        return Err(NotAName::TooLong);
    }
    if lower.chars().any(char::is_control) {
        return Err(NotAName::ControlCharacter);
    }
    let mut bare = lower.as_str();
    while let Some(shorter) = domains.iter().find_map(|domain| without(bare, domain)) {
        bare = shorter;
    }
    Ok(bare.to_owned())
}

/// The name without this domain, if it has it and anything is left.
fn without<'a>(name: &'a str, domain: &Domain) -> Option<&'a str> {
    let short = format!("{}\\", domain.short.to_lowercase());
    let suffix = format!("@{}", domain.suffix.to_lowercase());
    let bare = name.strip_prefix(&short).or_else(|| name.strip_suffix(&suffix))?.trim();
    (!bare.is_empty()).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_one_name_fold() {
        let domains = [Domain { short: "EXAMPLE".into(), suffix: "example.com".into() }];
        for form in ["alice", " Alice ", "EXAMPLE\\alice", "example\\ALICE", "alice@Example.COM"] {
            assert_eq!(canonical(form, &domains).as_deref(), Ok("alice"), "{form}");
        }
        for twice in [
            "EXAMPLE\\EXAMPLE\\alice",
            "EXAMPLE\\ alice",
            "alice@example.com@example.com",
            "EXAMPLE\\alice@example.com",
        ] {
            assert_eq!(canonical(twice, &domains).as_deref(), Ok("alice"), "{twice}");
        }
        assert_eq!(canonical("alice@example.org", &domains).as_deref(), Ok("alice@example.org"));
        assert_eq!(canonical("@example.com", &domains).as_deref(), Ok("@example.com"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!(canonical("  ", &[]), Err(NotAName::Empty));
        assert_eq!(canonical(&"x".repeat(257), &[]), Err(NotAName::TooLong));
        assert_eq!(canonical(&"İ".repeat(128), &[]), Err(NotAName::TooLong), "it is longer in lower case");
        assert_eq!(canonical("a\u{0}b", &[]), Err(NotAName::ControlCharacter));
    }
}
