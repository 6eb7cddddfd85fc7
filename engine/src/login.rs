//! A login at the portal: from the password to the sign-out (portal.md §4, §14).
//! Refuses the handle that the browser has: only its hash is known here, as the key of the record.

use crate::id::{QuestionId, UserId, VerificationId};
use crate::moment::Moment;
use crate::person::User;
use crate::reason::Reason;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// No login is longer, however busy (portal.md §3.1).
pub const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// How long a password alone is good for.
const PASSWORD_ALONE: Duration = Duration::from_secs(15 * 60);
/// A visit is written down when the last one that was is so long ago.
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// One login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The canonical user name.
    pub user: String,
    /// The person: a new one of the same name does not inherit it.
    pub user_id: UserId,
    /// How far it got.
    pub stage: LoginStage,
    /// From which address.
    pub address: Option<IpAddr>,
    /// What the browser calls itself, cut.
    pub agent: String,
    /// When the password was right.
    pub created_at: Moment,
    /// When it was used last, to a minute.
    pub seen_at: Moment,
    /// The browser, as the hash of what it holds to be known again.
    #[serde(default)]
    pub place: String,
    /// What the browser had before, hashed: two clicks on one button are two logins of one origin.
    #[serde(default)]
    pub origin: String,
    /// The verification that is to prove a change, where it is signed in.
    #[serde(default)]
    pub change: Option<VerificationId>,
    /// A call that only tries something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// Whether it takes a change of the phone back before it is signed in.
    #[serde(default)]
    pub undoes: bool,
    /// Whether its person was not set up when it began.
    #[serde(default)]
    pub sets_up: bool,
    /// Language of the pages, BCP 47.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Whether what the first set-up needs beside the password was shown.
    #[serde(default)]
    pub proved: bool,
    /// Whether the PIN must be changed before anything else: the one that was right is good for that alone.
    #[serde(default)]
    pub pin_due: bool,
    /// The security questions that were drawn for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<QuestionId>,
    /// Verifications that it asked for, and when the last one was.
    #[serde(default)]
    pub asked: Asked,
    /// The last forms that count once, by their keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posted: Vec<String>,
    /// What is to be shown again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<Typed>,
}

/// A call that tries a phone or a language, and proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The verification that calls.
    pub call: VerificationId,
    /// What it tries.
    pub of: Tried,
}

/// What a call tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tried {
    /// The backup phone.
    Backup,
    /// How calls sound in a language.
    Sample,
}

/// What was posted when the login had ended by itself; the next one of the person in this browser shows it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The page that it was posted to.
    pub path: String,
    /// The fields, sealed.
    pub sealed: String,
    /// When.
    pub at: Moment,
}

/// Forms of a login that are remembered.
const POSTED: usize = 8;
/// How long that is kept.
const TYPED: Duration = Duration::from_secs(30 * 60);

/// How often a login has asked for a verification, and when it did so last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    times: u8,
    last: Moment,
}

/// Verifications of one login before the next one has to wait, and the first and the longest wait.
const FREE_ROUND: u8 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

impl Asked {
    /// Another one.
    pub fn note(&mut self, now: Moment) {
        (self.times, self.last) = (self.times.saturating_add(1), now);
    }

    /// Not before this is the next one started (portal.md §4.2): three are free, then the pause grows.
    pub fn free_at(&self) -> Moment {
        let Some(over) = self.times.checked_sub(FREE_ROUND) else { return Moment::default() };
        self.last + FIRST_PAUSE.saturating_mul(1 << over.min(8)).min(LONGEST_PAUSE)
    }
}

/// How far a login got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginStage {
    /// The password was right; a verification may be under way.
    Password {
        /// Which.
        proof: Option<VerificationId>,
    },
    /// Signed in.
    SignedIn(Strength),
}

/// What a login may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// By a verification of the person.
    Strong,
    /// By a rule that let the person pass, or by security questions.
    Weak,
}

impl Strength {
    /// What a verification that ended so is worth.
    pub const fn of(reason: Reason) -> Self {
        use Reason::*;
        let weak = matches!(reason, TrustedIp | Bypass | NotEnrolled | Cached | QuestionsOk);
        if weak { Self::Weak } else { Self::Strong }
    }
}

impl Login {
    /// A login that begins now, with nothing but a password.
    pub fn begin(user: &User, address: Option<IpAddr>, agent: String, now: Moment) -> Self {
        Self {
            user: user.name.clone(),
            user_id: user.id,
            stage: LoginStage::Password { proof: None },
            address,
            agent,
            created_at: now,
            seen_at: now,
            place: String::new(),
            origin: String::new(),
            change: None,
            trial: None,
            undoes: false,
            sets_up: !user.set_up,
            language: String::new(),
            proved: false,
            pin_due: false,
            drawn: vec![],
            asked: Asked::default(),
            posted: vec![],
            typed: None,
        }
    }

    /// A form with this key is posted; `false` if it was before.
    pub fn posts(&mut self, once: &str) -> bool {
        if self.posted.iter().any(|own| own == once) {
            return false;
        }
        self.posted.push(once.to_owned());
        self.posted.drain(..self.posted.len().saturating_sub(POSTED));
        true
    }

    /// Until when its record stays: as long as the login, and what was typed.
    pub fn kept_until(&self) -> Moment {
        let typed = self.typed.as_ref().map(|typed| typed.at + TYPED);
        typed.unwrap_or_default().max(self.created_at + LONGEST)
    }

    /// What was typed and is to be shown again, while it is kept.
    pub fn typed_at(&self, now: Moment) -> Option<&Typed> {
        self.typed.as_ref().filter(|typed| now.since(typed.at) < TYPED)
    }

    /// What an ended login of the same person in this browser left.
    pub fn inherit(&mut self, before: &Self, now: Moment) {
        if before.user_id == self.user_id {
            self.typed = before.typed_at(now).cloned();
        }
    }

    /// When it ends if it is not used any more. `idle` is the portal's setting. A password alone is good for a while, unless
    /// nothing more was needed when it began because its person set up.
    pub fn ends_at(&self, idle: Duration) -> Moment {
        match self.stage {
            LoginStage::Password { .. } if !self.sets_up => self.created_at + PASSWORD_ALONE,
            LoginStage::Password { .. } | LoginStage::SignedIn(_) => {
                (self.seen_at + idle).min(self.created_at + LONGEST)
            }
        }
    }

    /// It is used now; `true` if that is to be written down.
    pub fn seen(&mut self, now: Moment, idle: Duration) -> bool {
        let written = now.since(self.seen_at) >= WRITTEN_EVERY.min(idle / 4);
        if written {
            self.seen_at = now;
        }
        written
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const START: Moment = Moment::from_millis(1_700_000_000_000);
    const IDLE: Duration = Duration::from_secs(900);

    fn login(stage: LoginStage) -> Login {
        let user = serde_json::json!({
            "id": UserId::from_bits(1), "name": "ann", "enabled": true, "set_up": true, "created_at": 0, "method": "sms",
            "mode": "two_way_otp",
        });
        let user: User = serde_json::from_value(user).unwrap();
        Login { stage, ..Login::begin(&user, None, String::new(), START) }
    }

    #[test]
    fn three_verifications_are_free_and_then_the_pause_grows() {
        let mut asked = Asked::default();
        let mut pauses = vec![];
        for _ in 0..9 {
            pauses.push(asked.free_at().since(START).as_secs());
            asked.note(START);
        }
        assert_eq!(pauses, [0, 0, 0, 30, 60, 120, 240, 300, 300]);
    }

    #[test]
    fn a_login_ends_when_it_is_idle_and_at_twelve_hours_at_the_latest() {
        let mut login = login(LoginStage::SignedIn(Strength::Strong));
        assert_eq!(login.ends_at(IDLE), START + IDLE);
        assert!(!login.seen(START + Duration::from_secs(59), IDLE));
        assert!(login.seen(START + Duration::from_secs(60), IDLE));
        assert_eq!(login.ends_at(IDLE), START + IDLE + Duration::from_secs(60));
        login.seen(START + LONGEST, IDLE);
        assert_eq!(login.ends_at(IDLE), START + LONGEST);
        // Of a minute a quarter is enough to be prolonged.
        assert!(login.seen(START + LONGEST + Duration::from_secs(15), Duration::from_secs(60)));
    }

    #[test]
    fn a_form_counts_once() {
        let mut login = login(LoginStage::SignedIn(Strength::Strong));
        assert!(login.posts("a") && !login.posts("a") && login.posts("b"));
        assert!((0..20).all(|form| login.posts(&form.to_string())) && login.posted.len() == POSTED);
    }

    #[test]
    fn what_was_typed_is_kept_for_its_person_and_half_an_hour() {
        let typed = Typed { path: "/account/phone".into(), sealed: "1:AAAA".into(), at: START };
        let before = Login { typed: Some(typed), ..login(LoginStage::SignedIn(Strength::Strong)) };
        let after = |user_id, at| {
            let mut after = Login { user_id, ..login(LoginStage::Password { proof: None }) };
            after.inherit(&before, at);
            after.typed.is_some()
        };
        assert!(after(before.user_id, START) && !after(UserId::from_bits(2), START));
        assert!(!after(before.user_id, START + TYPED));
    }

    #[test]
    fn a_password_alone_is_not_prolonged() {
        let mut login = login(LoginStage::Password { proof: None });
        login.seen(START + Duration::from_secs(600), IDLE);
        assert_eq!(login.ends_at(IDLE), START + PASSWORD_ALONE);
        login.sets_up = true;
        assert_eq!(login.ends_at(IDLE), START + Duration::from_secs(600) + IDLE, "but in a set-up it is");
    }
}
