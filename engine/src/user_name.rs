//! The canonical form of a user name: `DOMAIN\name`, `name@suffix` and `name` are one person.
//! Refuses names that are empty, overlong or hold control characters.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// The canonical form: trimmed, lower case, without a domain that is listed in `domains`.
pub fn canonical(name: &str, domains: &[Domain]) -> Result<String, NotAName> {
    let name = name.trim();
    if name.is_empty() {
        return Err(NotAName::Empty);
    }
    if name.len() > 256 {
        return Err(NotAName::TooLong);
    }
    if name.chars().any(char::is_control) {
        return Err(NotAName::ControlCharacter);
    }
    let lower = name.to_lowercase();
    let bare = domains.iter().find_map(|domain| without(&lower, domain)).filter(|bare| !bare.is_empty());
    Ok(bare.map_or_else(|| lower.clone(), str::to_owned))
}

fn without<'a>(name: &'a str, domain: &Domain) -> Option<&'a str> {
    let short = format!("{}\\", domain.short.to_lowercase());
    let suffix = format!("@{}", domain.suffix.to_lowercase());
    name.strip_prefix(&short).or_else(|| name.strip_suffix(&suffix))
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
        assert_eq!(canonical("alice@example.org", &domains).as_deref(), Ok("alice@example.org"));
        assert_eq!(canonical("@example.com", &domains).as_deref(), Ok("@example.com"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!(canonical("  ", &[]), Err(NotAName::Empty));
        assert_eq!(canonical(&"x".repeat(257), &[]), Err(NotAName::TooLong));
        assert_eq!(canonical("a\u{0}b", &[]), Err(NotAName::ControlCharacter));
    }
}
