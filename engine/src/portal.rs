//! What the user portal offers (portal.md §3): each key is one switch of the original's page, or one of ours.
//! Refuses combinations that nobody could use.

use crate::method::Method;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// Languages that the pages are written in.
pub const LANGUAGES: &[&str] = &["en", "de", "fr", "es", "ja"];

/// Where user name and password are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrimaryAuthentication {
    /// The domain controllers in `[directory.windows]`.
    Windows,
    /// The servers in `[directory.radius]`.
    Radius,
    /// The servers in `[directory.ldap]`.
    #[default]
    Ldap,
    /// Passwords in our own store, for trials and for when the directory is down.
    Local,
}

/// What somebody must show beside the password before their first set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentProof {
    /// Nothing more.
    #[default]
    None,
    /// A code that is mailed to their address.
    MailCode,
    /// A code that an administrator gives them.
    AdminCode,
}

/// `[portal]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PortalRules {
    /// Its address, which texts and mails name; at most 200 characters, empty: none is named.
    pub url: String,
    /// Where user name and password are checked.
    pub primary_authentication: PrimaryAuthentication,
    /// Whether people may sign in.
    pub allow_log_in: bool,
    /// Whether somebody without set-up is led through it; needs `allow_log_in`.
    pub allow_enrollment: bool,
    /// Whether a backup phone is asked for in the set-up and where the phone is changed; needs `allow_enrollment`.
    pub prompt_backup_phone: bool,
    /// Whether the set-up asks for an OATH token too; needs `allow_enrollment`.
    pub prompt_oath_token: bool,
    /// Whether people may start a one-time bypass for themselves.
    pub allow_bypass: bool,
    /// Whether they may choose its seconds; needs `allow_bypass`.
    pub prompt_bypass_seconds: bool,
    /// Seconds of such a bypass, 30 to 3600.
    pub bypass_seconds: u32,
    /// Whether people choose their method themselves.
    pub allow_select_method: bool,
    /// Which methods they may choose from.
    pub selectable_methods: Vec<Method>,
    /// Whether people may choose languages: of the pages and of what they are sent.
    pub allow_select_language: bool,
    /// Whether security questions may stand in for a verification that did not succeed; the set-up collects four answers then.
    pub questions_fallback: bool,
    /// How many of them must be answered, 1 to 4.
    pub questions_to_answer: u8,
    /// Whether people may take an imported OATH token for themselves by its serial number.
    pub allow_oath_association: bool,
    /// Whether an OATH code may stand in for a verification that did not succeed.
    pub oath_fallback: bool,
    /// Minutes without a visit after which a login ends, 1 to 1440. Twelve hours are the longest in any case.
    pub session_timeout_minutes: u32,
    /// Whether the portal's own log is written: each sign-in, step and change, without names or numbers.
    pub logging: bool,
    /// Whether people may change their phone after the set-up.
    pub allow_change_phone: bool,
    /// Whether people may change their PIN; their own setting counts too.
    pub allow_change_pin: bool,
    /// Whether people may change their security questions.
    pub allow_change_questions: bool,
    /// What somebody must show beside the password before their first set-up.
    pub enrollment_proof: EnrollmentProof,
    /// Days after a person was made, or their set-up was opened again, in which they may set up, 0 to 365; 0: always.
    pub enrollment_window_days: u32,
    /// Whether the first set-up is possible only from a trusted address of the portal.
    pub enrollment_trusted_only: bool,
    /// Whether people may set up an authenticator app of their own by its OATH key.
    pub allow_software_totp: bool,
    /// Whether a change of the phone is told by mail and by a text to the old number.
    pub phone_change_notice: bool,
    /// Whether people see their own verifications, and may say that one was not them.
    pub show_history: bool,
    /// Languages on offer, of en, de, fr, es and ja; the first is for those who ask for none of them.
    pub languages: Vec<String>,
    /// Whom to ask, shown wherever something is refused; at most 200 characters.
    pub help_contact: String,
    /// Shown below every page; plain text of at most 2000 characters.
    pub legal_text: String,
    /// Shown above every page: a PNG picture in base64, at most 16 kB of it; empty: the name of the product.
    pub logo: String,
}

impl Default for PortalRules {
    fn default() -> Self {
        Self {
            url: String::new(),
            primary_authentication: PrimaryAuthentication::default(),
            allow_log_in: true,
            allow_enrollment: false,
            prompt_backup_phone: false,
            prompt_oath_token: false,
            allow_bypass: false,
            prompt_bypass_seconds: false,
            bypass_seconds: crate::bypass::DEFAULT_SECONDS,
            allow_select_method: false,
            selectable_methods: vec![Method::Voice, Method::Sms, Method::App, Method::Oath],
            allow_select_language: true,
            questions_fallback: false,
            questions_to_answer: 2,
            allow_oath_association: false,
            oath_fallback: false,
            session_timeout_minutes: 15,
            logging: true,
            allow_change_phone: true,
            allow_change_pin: true,
            allow_change_questions: true,
            enrollment_proof: EnrollmentProof::default(),
            enrollment_window_days: 0,
            enrollment_trusted_only: false,
            allow_software_totp: true,
            phone_change_notice: true,
            show_history: true,
            languages: vec!["en".into()],
            help_contact: String::new(),
            legal_text: String::new(),
            logo: String::new(),
        }
    }
}

/// Characters of the longest logo.
const LONGEST_LOGO: usize = 16 * 1024;
/// How the base64 of every PNG begins.
const PNG: &str = "iVBORw0KGgo";

impl PortalRules {
    /// Every value out of its range: its path and what would be right.
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let rules = [self.values(), self.combinations()].concat();
        rules.into_iter().filter_map(|(good, path, right)| (!good).then_some((path, right))).collect()
    }

    fn values(&self) -> Vec<(bool, &'static str, &'static str)> {
        let url = &self.url;
        let named = url.is_empty() || url.starts_with("https://") || is_on_this_machine(url);
        let plain = url.chars().count() <= 200 && !url.chars().any(|c| c.is_whitespace() || c.is_control());
        let known = |tag: &String| LANGUAGES.contains(&tag.as_str());
        let line = |text: &str| text.chars().count() <= 200 && !text.chars().any(char::is_control);
        let seconds = crate::bypass::SHORTEST..=crate::bypass::LONGEST;
        let text = self.legal_text.chars();
        let logo = self.logo.is_empty() || (self.logo.starts_with(PNG) && self.logo.len() <= LONGEST_LOGO);
        vec![
            (
                named && plain,
                "portal.url",
                "must be an https address of at most 200 characters; http is for this machine alone",
            ),
            (!self.selectable_methods.is_empty(), "portal.selectable_methods", "must name one method at least"),
            (
                !self.languages.is_empty() && self.languages.iter().all(known),
                "portal.languages",
                "must name one at least of en, de, fr, es and ja",
            ),
            ((1..=1440).contains(&self.session_timeout_minutes), "portal.session_timeout_minutes", "must be 1 to 1440"),
            (line(&self.help_contact), "portal.help_contact", "must have at most 200 characters in one line"),
            (seconds.contains(&self.bypass_seconds), "portal.bypass_seconds", "must be 30 to 3600"),
            ((1..=4).contains(&self.questions_to_answer), "portal.questions_to_answer", "must be 1 to 4"),
            (self.enrollment_window_days <= 365, "portal.enrollment_window_days", "must be 0 to 365"),
            (
                text.clone().count() <= 2000 && !text.clone().any(|c| c.is_control() && c != '\n'),
                "portal.legal_text",
                "must be plain text of at most 2000 characters",
            ),
            (logo, "portal.logo", "must be a PNG picture in base64, at most 16384 characters"),
        ]
    }

    fn combinations(&self) -> Vec<(bool, &'static str, &'static str)> {
        let enrolls = |wanted: bool| self.allow_enrollment || !wanted;
        vec![
            (
                self.allow_log_in || !self.allow_enrollment,
                "portal.allow_enrollment",
                "needs portal.allow_log_in: nobody can set up who cannot sign in",
            ),
            (enrolls(self.prompt_backup_phone), "portal.prompt_backup_phone", "needs portal.allow_enrollment"),
            (enrolls(self.prompt_oath_token), "portal.prompt_oath_token", "needs portal.allow_enrollment"),
            (
                self.allow_bypass || !self.prompt_bypass_seconds,
                "portal.prompt_bypass_seconds",
                "needs portal.allow_bypass",
            ),
        ]
    }

    /// How long a login may be idle.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_timeout_minutes) * 60)
    }
}

/// Without encryption nobody signs in but for a trial.
fn is_on_this_machine(url: &str) -> bool {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(name.map_or(host, |(name, _)| name), "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portal_is_behind_tls_but_on_this_machine() {
        let url = |url: &str| PortalRules { url: url.into(), ..PortalRules::default() }.problems().is_empty();
        for good in
            ["https://mfa.example.com", "http://localhost", "http://127.0.0.1:8080/mfa", "http://[::1]:8080", ""]
        {
            assert!(url(good), "{good}");
        }
        for bad in
            ["http://mfa.example.com", "http://127.0.0.1.example.com", "http://localhost:80@example.com", "ftp://a"]
        {
            assert!(!url(bad), "{bad}");
        }
    }

    fn paths(rules: &PortalRules) -> Vec<&'static str> {
        rules.problems().into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn what_nobody_could_use_is_named() {
        assert_eq!(PortalRules::default().problems(), []);
        let wrong = PortalRules {
            url: "portal".into(),
            allow_log_in: false,
            allow_enrollment: true,
            prompt_bypass_seconds: true,
            selectable_methods: vec![],
            languages: vec!["tlh".into()],
            session_timeout_minutes: 0,
            bypass_seconds: 29,
            questions_to_answer: 5,
            enrollment_window_days: 366,
            help_contact: "a\nb".into(),
            legal_text: "a\u{7}".into(),
            logo: "PHN2Zz4=".into(),
            ..PortalRules::default()
        };
        let expected = [
            "portal.url",
            "portal.selectable_methods",
            "portal.languages",
            "portal.session_timeout_minutes",
            "portal.help_contact",
            "portal.bypass_seconds",
            "portal.questions_to_answer",
            "portal.enrollment_window_days",
            "portal.legal_text",
            "portal.logo",
            "portal.allow_enrollment",
            "portal.prompt_bypass_seconds",
        ];
        assert_eq!(paths(&wrong), expected);
        let alone = PortalRules { prompt_backup_phone: true, prompt_oath_token: true, ..PortalRules::default() };
        assert_eq!(paths(&alone), ["portal.prompt_backup_phone", "portal.prompt_oath_token"]);
    }

    #[test]
    fn both_ends_of_each_range_are_in_it() {
        for (minutes, seconds, answers, days) in [(1, 30, 1, 0), (1440, 3600, 4, 365)] {
            let rules = PortalRules {
                session_timeout_minutes: minutes,
                bypass_seconds: seconds,
                questions_to_answer: answers,
                enrollment_window_days: days,
                ..PortalRules::default()
            };
            assert_eq!(rules.problems(), []);
        }
    }
}
