//! What the user portal offers (portal.md §3): each key is one switch of the original's page, or one of ours.
//! Refuses combinations that nobody could use.

use crate::method::Method;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// Languages that the pages are written in.
pub const LANGUAGES: &[&str] = &["en", "de", "fr", "es", "ja"];

/// `[portal]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PortalRules {
    /// Its address, which texts name to those who must change something there; at most 200 characters, empty: none is named.
    pub url: String,
    /// Whether people may sign in.
    pub allow_log_in: bool,
    /// Whether somebody without set-up is led through it; needs `allow_log_in`.
    pub allow_enrollment: bool,
    /// Whether people choose their method themselves.
    pub allow_select_method: bool,
    /// Which methods they may choose from.
    pub selectable_methods: Vec<Method>,
    /// Whether people may set up an authenticator app of their own by its OATH key.
    pub allow_software_totp: bool,
    /// Whether people may choose the language of the pages.
    pub allow_select_language: bool,
    /// Languages on offer, of en, de, fr, es and ja; the first is for those who ask for none of them.
    pub languages: Vec<String>,
    /// Minutes without a visit after which a login ends, 1 to 1440. Twelve hours are the longest in any case.
    pub session_timeout_minutes: u32,
    /// Whom to ask, shown wherever something is refused; at most 200 characters.
    pub help_contact: String,
}

impl Default for PortalRules {
    fn default() -> Self {
        Self {
            url: String::new(),
            allow_log_in: true,
            allow_enrollment: false,
            allow_select_method: false,
            selectable_methods: vec![Method::Voice, Method::Sms, Method::App, Method::Oath],
            allow_software_totp: true,
            allow_select_language: true,
            languages: vec!["en".into()],
            session_timeout_minutes: 15,
            help_contact: String::new(),
        }
    }
}

impl PortalRules {
    /// Every value out of its range: its path and what would be right.
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let url = &self.url;
        let named = url.is_empty() || url.starts_with("https://") || url.starts_with("http://");
        let plain = url.chars().count() <= 200 && !url.chars().any(|c| c.is_whitespace() || c.is_control());
        let known = |tag: &String| LANGUAGES.contains(&tag.as_str());
        let contact = self.help_contact.chars();
        let rules = [
            (named && plain, "portal.url", "must be an address of at most 200 characters"),
            (
                self.allow_log_in || !self.allow_enrollment,
                "portal.allow_enrollment",
                "needs portal.allow_log_in: nobody can set up who cannot sign in",
            ),
            (!self.selectable_methods.is_empty(), "portal.selectable_methods", "must name one method at least"),
            (
                !self.languages.is_empty() && self.languages.iter().all(known),
                "portal.languages",
                "must name one at least of en, de, fr, es and ja",
            ),
            ((1..=1440).contains(&self.session_timeout_minutes), "portal.session_timeout_minutes", "must be 1 to 1440"),
            (
                contact.clone().count() <= 200 && !contact.clone().any(char::is_control),
                "portal.help_contact",
                "must have at most 200 characters in one line",
            ),
        ];
        rules.into_iter().filter_map(|(good, path, right)| (!good).then_some((path, right))).collect()
    }

    /// How long a login may be idle.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_timeout_minutes) * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_could_use_is_named() {
        assert_eq!(PortalRules::default().problems(), []);
        let wrong = PortalRules {
            url: "portal".into(),
            allow_log_in: false,
            allow_enrollment: true,
            selectable_methods: vec![],
            languages: vec!["tlh".into()],
            session_timeout_minutes: 0,
            help_contact: "a\nb".into(),
            ..PortalRules::default()
        };
        let paths: Vec<_> = wrong.problems().into_iter().map(|(path, _)| path).collect();
        assert_eq!(
            paths,
            [
                "portal.url",
                "portal.allow_enrollment",
                "portal.selectable_methods",
                "portal.languages",
                "portal.session_timeout_minutes",
                "portal.help_contact"
            ]
        );
    }
}
