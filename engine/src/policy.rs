//! What an administrator sets for the whole company while the engine runs, with the defaults of the specification.
//! Refuses to be half-valid: `problems` names every value out of its range at once.

mod voice;

pub use voice::VoiceRules;

use crate::cache::CacheRule;
use crate::lockout::LockoutRules;
use crate::notice::is_mailbox;
use crate::number::NumberPlan;
use crate::pin::PinRules;
use crate::portal::PortalRules;
use crate::source::SourceRules;
use crate::trusted_ip::TrustedIp;
use crate::user_name::Domain;
use crate::velocity::{ResendGaps, VelocityRules};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Company settings. `Default` is the only home of the defaults.
#[derive(Debug, Clone, Serialize, Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Times of a verification as a whole.
    pub verification: VerificationRules,
    /// Texts.
    pub sms: SmsRules,
    /// Calls.
    pub voice: VoiceRules,
    /// OATH codes.
    pub oath: OathRules,
    /// PINs.
    pub pin: PinRules,
    /// Lockout after denials.
    pub lockout: LockoutRules,
    /// Fraud reports.
    pub fraud: FraudRules,
    /// Which numbers may be reached.
    pub numbers: NumberPlan,
    /// How often a number or a person may be reached.
    pub velocity: VelocityLimits,
    /// Where people look after their methods.
    pub portal: PortalRules,
    /// What people are told by mail.
    pub mail: MailRules,
    /// Further rungs.
    pub fallback: FallbackRules,
    /// People whose set-up is not finished.
    pub enrollment: EnrollmentRules,
    /// Cache rules, in order; none at first.
    pub cache: Vec<CacheRule>,
    /// Domains whose names fold to the bare name.
    pub domains: Vec<Domain>,
    /// Settings of one application, by its name.
    pub applications: BTreeMap<String, ApplicationRules>,
}

/// `[verification]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VerificationRules {
    /// Longest life of a verification, all rungs together; 30 to 900 seconds.
    pub max_seconds: u32,
}

/// `[sms]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmsRules {
    /// Digits of a code, 6 to 8.
    pub otp_digits: u8,
    /// Life of a code in seconds, 60 to 600.
    pub otp_seconds: u32,
    /// The text; `<$otp$>` is obligatory, `<$application_name$>` is known too.
    pub text: String,
    /// Wrong codes until the verification is denied, 1 to 10; in PIN modes `pin.tries_per_verification` ends it first.
    pub max_tries: u8,
    /// Seconds before the first, second … fifth text that the person asks for once more, 10 to 3600 each.
    #[schema(value_type = Vec<u32>)]
    pub resend_gap_seconds: ResendGaps,
    /// Whether codes may be typed into the application.
    pub one_way: bool,
    /// Whether codes may be sent back.
    pub two_way: bool,
}

/// `[oath]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OathRules {
    /// Whether OATH codes are accepted at all.
    pub enabled: bool,
    /// TOTP steps before and after now that are accepted, 0 to 2.
    pub window_steps: u8,
    /// HOTP counters after the expected one that are accepted, 0 to 50.
    pub look_ahead: u8,
    /// Seconds to wait for a code, 30 to 600.
    pub seconds: u32,
    /// Wrong codes until the verification is denied, 1 to 10.
    pub max_tries: u8,
}

/// `[fraud]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FraudRules {
    /// Whether fraud can be reported.
    pub enabled: bool,
    /// The code that reports it, 1 to 3 digits, shorter than the shortest PIN.
    pub code: String,
    /// Whether a report blocks the person.
    pub auto_block: bool,
    /// Mailboxes that every report is told to, at most 20.
    pub notify: Vec<String>,
    /// Days of the block, 1 to 3650.
    pub block_days: u32,
}

/// `[mail]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MailRules {
    /// Whether people are told by mail what happens to their account; it needs a gateway of the kind `smtp`.
    pub send_to_users: bool,
}

/// `[velocity]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VelocityLimits {
    /// Unanswered sends to one number.
    pub number: VelocityRules,
    /// Unanswered sends to one person.
    pub user: VelocityRules,
    /// Unanswered sends from one source.
    pub source: SourceRules,
}

/// `[fallback]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FallbackRules {
    /// Seconds that a text rung waits when another rung follows, 30 to 600.
    pub text_seconds: u32,
    /// Whether an OATH code may be asked for after another method failed and the client can ask for input.
    pub oath: bool,
}

/// `[enrollment]`
#[derive(Debug, Clone, Serialize, Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EnrollmentRules {
    /// Days after creation in which people whose set-up is not finished pass, 0 to 365; 0 denies them.
    pub allow_unfinished_days: u32,
}

/// `[applications.NAME]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationRules {
    /// The name that people see; the key if empty.
    pub name: String,
    /// Class of client, for cache rules and reports.
    pub authentication_type: String,
    /// On: unknown and disabled people are denied. Off: they pass on primary authentication alone.
    pub require_user_match: bool,
    /// Addresses that pass without contact: single, range or subnet.
    pub trusted_ips: Vec<String>,
    /// Whether requests of one sign-in join.
    pub coalesce: bool,
}

impl Policy {
    /// The name of an application that people see.
    pub fn application_name<'a>(&'a self, application: &'a str) -> &'a str {
        let named = self.applications.get(application).map(|rules| rules.name.as_str());
        named.filter(|name| !name.is_empty()).unwrap_or(application)
    }

    /// Every value out of its range: its path and what would be right.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut want = |good: bool, path: &str, right: &str| {
            if !good {
                found.push((path.to_owned(), right.to_owned()));
            }
        };
        want((30..=900).contains(&self.verification.max_seconds), "verification.max_seconds", "must be 30 to 900");
        want((6..=8).contains(&self.sms.otp_digits), "sms.otp_digits", "must be 6 to 8");
        want((60..=600).contains(&self.sms.otp_seconds), "sms.otp_seconds", "must be 60 to 600");
        want(self.sms.text.contains("<$otp$>"), "sms.text", "must hold <$otp$>");
        want(self.sms.text.chars().count() <= 1000, "sms.text", "must have at most 1000 characters");
        for (path, right) in self.portal.problems() {
            want(false, path, right);
        }
        want((1..=10).contains(&self.sms.max_tries), "sms.max_tries", "must be 1 to 10");
        for (place, right) in self.sms.resend_gap_seconds.problems() {
            want(false, &format!("sms.resend_gap_seconds.{place}"), &right);
        }
        for (path, right) in self.voice.problems() {
            want(false, path, right);
        }
        want(self.oath.window_steps <= 2, "oath.window_steps", "must be 0 to 2");
        want(self.oath.look_ahead <= 50, "oath.look_ahead", "must be 0 to 50");
        want((30..=600).contains(&self.oath.seconds), "oath.seconds", "must be 30 to 600");
        want((1..=10).contains(&self.oath.max_tries), "oath.max_tries", "must be 1 to 10");
        let code = &self.fraud.code;
        let digits = (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        want(digits, "fraud.code", "must be 1 to 3 digits");
        // A block without an end is what `enabled` is for; ten years is the longest that anybody keeps records.
        want((1..=3650).contains(&self.fraud.block_days), "fraud.block_days", "must be 1 to 3650");
        let notify = &self.fraud.notify;
        let mailboxes = notify.len() <= 20 && notify.iter().all(|text| is_mailbox(text));
        want(mailboxes, "fraud.notify", "must be at most 20 mail addresses");
        // A PIN that must be changed at once and may not be would shut its owner out.
        let changeable =
            self.portal.allow_change_pin || !self.pin.change_required_on_create || !self.pin.user_can_change;
        want(changeable, "portal.allow_change_pin", "cannot be off while pin.change_required_on_create is on");
        let codes = self.oath.enabled || !self.portal.oath_fallback;
        want(codes, "portal.oath_fallback", "needs oath.enabled: nobody has a code otherwise");
        want((30..=600).contains(&self.fallback.text_seconds), "fallback.text_seconds", "must be 30 to 600");
        // Whoever is not set up passes on the password alone: a year is more than any roll-out takes.
        let days = self.enrollment.allow_unfinished_days;
        want(days <= 365, "enrollment.allow_unfinished_days", "must be 0 to 365");
        let sections = [self.pin.problems(), self.lockout.problems(), self.numbers.problems()];
        found.extend(sections.into_iter().flatten().map(|(path, right)| (path.to_owned(), right)));
        for (scope, rules) in [("number", &self.velocity.number), ("user", &self.velocity.user)] {
            let problems = rules.problems().into_iter();
            found.extend(problems.map(|(field, right)| (format!("velocity.{scope}.{field}"), right)));
        }
        let source = self.velocity.source.problems().into_iter();
        found.extend(source.map(|(field, right)| (format!("velocity.source.{field}"), right)));
        let cache = self.cache.iter().enumerate();
        found.extend(cache.filter_map(|(index, rule)| Some((format!("cache.{index}.seconds"), rule.problem()?))));
        let quiet = self.voice.quiet_hours.iter().enumerate();
        found.extend(quiet.filter_map(|(index, hours)| {
            let (key, right) = hours.problem()?;
            Some((format!("voice.quiet_hours.{index}.{key}"), right.to_owned()))
        }));
        for (name, rules) in &self.applications {
            for text in &rules.trusted_ips {
                if let Err(fault) = TrustedIp::parse(text) {
                    found.push((format!("applications.{name}.trusted_ips"), fault.to_string()));
                }
            }
        }
        found
    }
}

impl Default for VerificationRules {
    fn default() -> Self {
        Self { max_seconds: 300 }
    }
}

impl Default for SmsRules {
    fn default() -> Self {
        Self {
            otp_digits: 6,
            otp_seconds: 300,
            text: "<$otp$>".into(),
            max_tries: 5,
            resend_gap_seconds: ResendGaps::default(),
            one_way: true,
            two_way: true,
        }
    }
}

impl Default for OathRules {
    fn default() -> Self {
        Self { enabled: true, window_steps: 1, look_ahead: 10, seconds: 300, max_tries: 5 }
    }
}

impl Default for FraudRules {
    fn default() -> Self {
        Self { enabled: true, code: "0".into(), auto_block: true, block_days: 90, notify: vec![] }
    }
}

impl Default for MailRules {
    fn default() -> Self {
        Self { send_to_users: true }
    }
}

impl Default for VelocityLimits {
    fn default() -> Self {
        Self { number: VelocityRules::number(), user: VelocityRules::user(), source: SourceRules::default() }
    }
}

impl Default for FallbackRules {
    fn default() -> Self {
        Self { text_seconds: 90, oath: false }
    }
}

impl Default for ApplicationRules {
    fn default() -> Self {
        Self {
            name: String::new(),
            authentication_type: "sdk".into(),
            require_user_match: true,
            trusted_ips: Vec::new(),
            coalesce: true,
        }
    }
}

#[cfg(test)]
mod tests;
