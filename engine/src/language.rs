//! Tags of languages (BCP 47, RFC 5646 §2.1), as far as their form goes.
//! Refuses to know languages: an unknown one gets the standard texts.

use crate::method::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest tag (RFC 5646 §4.4.1 asks for room for 35 characters).
const LONGEST: usize = 35;

/// Whether it has the form of a tag: parts of 1 to 8 letters and digits between dashes, of which the first has letters only.
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let sized = |part: &str| (1..=8).contains(&part.len());
    text.len() <= LONGEST
        && first.len() >= 2
        && sized(first)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| sized(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// One language for each method (mfa-server.md §4); where there is none, the person's own counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Languages {
    /// Of calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// Of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<String>,
    /// Of the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Of prompts for token codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oath: Option<String>,
}

impl Languages {
    /// Of this method.
    pub fn of(&self, method: Method) -> Option<&str> {
        match method {
            Method::Voice => self.voice.as_deref(),
            Method::Sms => self.sms.as_deref(),
            Method::App => self.app.as_deref(),
            Method::Oath => self.oath.as_deref(),
        }
    }

    /// Whether no method has one.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether each has the form of a tag.
    pub fn are_tags(&self) -> bool {
        [&self.voice, &self.sms, &self.app, &self.oath].into_iter().flatten().all(|tag| is_tag(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_without_a_language_of_its_own_has_the_persons() {
        let old = serde_json::json!({
            "id": crate::id::UserId::from_bits(1), "name": "ann", "enabled": true, "set_up": true, "created_at": 0,
            "method": "sms", "mode": "two_way_otp", "language": "de",
        });
        let Ok(mut ann) = serde_json::from_value::<crate::person::User>(old) else { panic!("an earlier record") };
        assert_eq!((ann.language_of(Method::Voice), ann.language_of(Method::Sms)), ("de", "de"));
        ann.languages.voice = Some("pl".into());
        assert_eq!((ann.language_of(Method::Voice), ann.language_of(Method::Sms)), ("pl", "de"));
        assert!(ann.languages.are_tags());
        ann.is_called_in("fr".into());
        assert_eq!(ann.language_of(Method::Voice), "pl", "what was chosen stays");
        ann.languages.voice = None;
        ann.is_called_in("fr".into());
        assert_eq!(ann.language_of(Method::Voice), "de", "so does what an administrator has set");
        ann.language = "en".into();
        ann.is_called_in("fr".into());
        assert_eq!(ann.language_of(Method::Voice), "fr");
        ann.languages.oath = Some("d".into());
        assert!(!ann.languages.are_tags());
    }

    #[test]
    fn tags_have_their_form() {
        for tag in ["en", "en-GB", "zh-Hant-TW", "de-1996", "sl-rozaj-biske-1994"] {
            assert!(is_tag(tag), "{tag}");
        }
        for text in ["", "e", "-en", "en-", "en--GB", "en_GB", "1n", "abcdefghi", "en-abcdefghi", "en GB", "ü-de"] {
            assert!(!is_tag(text), "{text}");
        }
        assert!(!is_tag(&"en-abcdefgh".repeat(4)));
    }
}
