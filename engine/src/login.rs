//! A login at the portal: from the password to the sign-out (portal.md §4, §14).
//! Refuses the handle that the browser has: only its hash is known here, as the key of the record.

use crate::id::{UserId, VerificationId};
use crate::moment::Moment;
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
    /// By a rule that let the person pass.
    Weak,
}

impl Strength {
    /// What a verification that ended so is worth.
    pub const fn of(reason: Reason) -> Self {
        let by_a_rule = matches!(reason, Reason::TrustedIp | Reason::Bypass | Reason::NotEnrolled | Reason::Cached);
        if by_a_rule { Self::Weak } else { Self::Strong }
    }
}

impl Login {
    /// When it ends if it is not used any more. `idle` is the portal's setting.
    pub fn ends_at(&self, idle: Duration) -> Moment {
        match self.stage {
            LoginStage::Password { .. } => self.created_at + PASSWORD_ALONE,
            LoginStage::SignedIn(_) => (self.seen_at + idle).min(self.created_at + LONGEST),
        }
    }

    /// It is used now; `true` if that is to be written down.
    pub fn seen(&mut self, now: Moment) -> bool {
        let written = now.since(self.seen_at) >= WRITTEN_EVERY;
        if written {
            self.seen_at = now;
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment::from_millis(1_700_000_000_000);
    const IDLE: Duration = Duration::from_secs(900);

    fn login(stage: LoginStage) -> Login {
        let user_id = UserId::from_bits(1);
        let (address, agent) = (None, String::new());
        Login { user: "ann".into(), user_id, stage, address, agent, created_at: START, seen_at: START }
    }

    #[test]
    fn a_login_ends_when_it_is_idle_and_at_twelve_hours_at_the_latest() {
        let mut login = login(LoginStage::SignedIn(Strength::Strong));
        assert_eq!(login.ends_at(IDLE), START + IDLE);
        assert!(!login.seen(START + Duration::from_secs(59)));
        assert!(login.seen(START + Duration::from_secs(60)));
        assert_eq!(login.ends_at(IDLE), START + IDLE + Duration::from_secs(60));
        login.seen(START + LONGEST);
        assert_eq!(login.ends_at(IDLE), START + LONGEST);
    }

    #[test]
    fn a_password_alone_is_not_prolonged() {
        let mut login = login(LoginStage::Password { proof: None });
        login.seen(START + Duration::from_secs(600));
        assert_eq!(login.ends_at(IDLE), START + PASSWORD_ALONE);
    }
}
