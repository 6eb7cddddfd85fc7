//! Successes that still count: later requests inside the window pass without contact (mfa-server.md §11.1).
//! Refuses to decide what may be remembered: trusted addresses and security questions never come here.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;
use utoipa::ToSchema;

/// The most successes remembered of one person.
pub const MOST: usize = 32;
/// The longest window, in seconds.
pub const LONGEST: u32 = 86_400;

/// What a request must share with an earlier success, beside the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheType {
    /// Nothing. A stranger with the password rides on the person's success: off unless a rule says so.
    User,
    /// The application. The same warning.
    UserApplication,
    /// The client. The same warning.
    UserClient,
    /// The client and the true client address.
    UserAddress,
}

/// A cache rule of the company; the first that fits a request is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheRule {
    /// What must be the same.
    #[serde(rename = "type")]
    pub kind: CacheType,
    /// How long a success counts, 1 to 86400 seconds.
    #[serde(default = "five_minutes")]
    pub seconds: u32,
    /// Only for this class of client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication_type: Option<String>,
    /// Only for this application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

const fn five_minutes() -> u32 {
    300
}

impl CacheRule {
    /// What the seconds must be, if they are out of range.
    pub fn problem(&self) -> Option<String> {
        let inside = (1..=LONGEST).contains(&self.seconds);
        (!inside).then(|| format!("must be 1 to {LONGEST}, not {}", self.seconds))
    }

    fn fits(&self, request: &CacheRequest) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        same(&self.authentication_type, &request.authentication_type) && same(&self.application, &request.application)
    }

    fn window(&self) -> Duration {
        Duration::from_secs(u64::from(self.seconds.min(LONGEST)))
    }

    /// What a success of `request` would be remembered as; nothing if the key needs an address and none is known.
    fn mark(&self, request: &CacheRequest, at: Moment) -> Option<CacheMark> {
        let mark = CacheMark { at, kind: self.kind, client: None, application: None, address: None };
        let client = || Some(request.client.clone());
        match self.kind {
            CacheType::User => Some(mark),
            CacheType::UserApplication => Some(CacheMark { application: Some(request.application.clone()), ..mark }),
            CacheType::UserClient => Some(CacheMark { client: client(), ..mark }),
            CacheType::UserAddress => {
                let address = Some(request.address?.to_canonical());
                Some(CacheMark { client: client(), address, ..mark })
            }
        }
    }
}

/// What a request is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheRequest {
    /// The client that asks.
    pub client: String,
    /// The application whose name the person sees.
    pub application: String,
    /// The class of the client.
    pub authentication_type: String,
    /// The true client address, if it is known.
    pub address: Option<IpAddr>,
}

/// A remembered success. It holds only what its rule compares, and counts only for rules of the same type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheMark {
    /// When it was.
    at: Moment,
    /// The type of the rule that remembered it.
    #[serde(rename = "type")]
    kind: CacheType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

impl CacheMark {
    fn same_key(&self, other: &Self) -> bool {
        (self.kind, &self.client, &self.application, self.address)
            == (other.kind, &other.client, &other.application, other.address)
    }
}

/// Whether a remembered success lets `request` pass. The rules are those of now, so a window that was shortened is short at
/// once.
pub fn hit(rules: &[CacheRule], marks: &[CacheMark], request: &CacheRequest, now: Moment) -> bool {
    let Some(rule) = rules.iter().find(|rule| rule.fits(request)) else { return false };
    let Some(wanted) = rule.mark(request, now) else { return false };
    marks.iter().any(|mark| mark.same_key(&wanted) && mark.at <= now && now < mark.at + rule.window())
}

/// Remembers a success, if a rule fits it. What no rule of now could use any more is dropped, and the oldest where there are
/// more than [`MOST`].
pub fn remember(rules: &[CacheRule], marks: &mut Vec<CacheMark>, request: &CacheRequest, now: Moment) {
    let longest = rules.iter().map(CacheRule::window).max().unwrap_or_default();
    marks.retain(|mark| now < mark.at + longest);
    let Some(mark) = rules.iter().find(|rule| rule.fits(request)).and_then(|rule| rule.mark(request, now)) else {
        return;
    };
    marks.retain(|old| !old.same_key(&mark));
    marks.push(mark);
    let surplus = marks.len().saturating_sub(MOST);
    marks.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn rule(kind: CacheType) -> CacheRule {
        CacheRule { kind, seconds: 300, authentication_type: None, application: None }
    }

    fn key(client: &str, application: &str, address: &str) -> CacheRequest {
        CacheRequest {
            client: client.to_owned(),
            application: application.to_owned(),
            authentication_type: "sdk".to_owned(),
            address: address.parse().ok(),
        }
    }

    fn remembered(rules: &[CacheRule], request: &CacheRequest) -> Vec<CacheMark> {
        let mut marks = Vec::new();
        remember(rules, &mut marks, request, at(0));
        marks
    }

    #[test]
    fn each_type_compares_its_own_key() {
        let first = key("vpn1", "VPN", "192.0.2.1");
        let others = [
            first.clone(),
            key("vpn1", "VPN", "192.0.2.2"),
            key("vpn1", "Mail", "192.0.2.1"),
            key("vpn2", "VPN", "192.0.2.1"),
        ];
        let table = [
            (CacheType::User, [true, true, true, true]),
            (CacheType::UserApplication, [true, true, false, true]),
            (CacheType::UserClient, [true, true, true, false]),
            (CacheType::UserAddress, [true, false, true, false]),
        ];
        for (kind, expected) in table {
            let rules = [rule(kind)];
            let marks = remembered(&rules, &first);
            let hits: Vec<_> = others.iter().map(|other| hit(&rules, &marks, other, at(1))).collect();
            assert_eq!(hits, expected, "{kind:?}");
        }
    }

    #[test]
    fn a_success_counts_for_its_window() {
        let rules = [rule(CacheType::User)];
        let request = key("a", "A", "");
        let marks = remembered(&rules, &request);
        assert!(hit(&rules, &marks, &request, at(299)));
        assert!(!hit(&rules, &marks, &request, at(300)));
        let shortened = [CacheRule { seconds: 10, ..rule(CacheType::User) }];
        assert!(!hit(&shortened, &marks, &request, at(10)));
    }

    #[test]
    fn without_rules_or_address_nothing_is_remembered() {
        let request = key("a", "A", "unknown");
        assert!(remembered(&[], &request).is_empty());
        assert!(remembered(&[rule(CacheType::UserAddress)], &request).is_empty());
        let marks = remembered(&[rule(CacheType::User)], &request);
        assert!(!hit(&[], &marks, &request, at(0)));
        assert!(
            !hit(&[rule(CacheType::UserAddress)], &marks, &request, at(0)),
            "a change of rules never widens a success"
        );
    }

    #[test]
    fn the_first_rule_that_fits_is_used() {
        let only_mail = CacheRule { application: Some("Mail".into()), ..rule(CacheType::User) };
        let only_radius = CacheRule { authentication_type: Some("radius".into()), ..rule(CacheType::User) };
        assert!(remembered(&[only_mail.clone(), only_radius], &key("a", "VPN", "")).is_empty());
        let rules = [only_mail, rule(CacheType::UserClient)];
        let marks = remembered(&rules, &key("a", "VPN", ""));
        assert!(hit(&rules, &marks, &key("a", "VPN", ""), at(1)));
        assert!(!hit(&rules, &marks, &key("a", "Mail", ""), at(1)));
    }

    #[test]
    fn a_mapped_address_is_the_same_address() {
        let rules = [rule(CacheType::UserAddress)];
        let marks = remembered(&rules, &key("a", "A", "::ffff:192.0.2.1"));
        assert!(hit(&rules, &marks, &key("a", "A", "192.0.2.1"), at(1)));
    }

    #[test]
    fn marks_are_bounded_and_renewed() {
        let rules = [rule(CacheType::UserClient)];
        let mut marks = Vec::new();
        for n in 0..100 {
            remember(&rules, &mut marks, &key(&n.to_string(), "A", ""), at(n));
        }
        assert_eq!(marks.len(), MOST);
        remember(&rules, &mut marks, &key("99", "A", ""), at(200));
        assert_eq!(marks.len(), MOST);
        assert!(hit(&rules, &marks, &key("99", "A", ""), at(499)));
        remember(&rules, &mut marks, &key("x", "A", ""), at(450));
        assert_eq!(marks.len(), 2, "what expired is gone");
    }

    #[test]
    fn a_rule_reads_as_documented() {
        let rule: CacheRule = serde_json::from_str(r#"{"type":"user_address"}"#).unwrap();
        assert_eq!(rule, super::CacheRule { ..self::rule(CacheType::UserAddress) });
        assert_eq!(rule.problem(), None);
        assert!(CacheRule { seconds: 0, ..rule.clone() }.problem().is_some());
        assert!(CacheRule { seconds: 86_401, ..rule }.problem().is_some());
        assert!(serde_json::from_str::<CacheRule>(r#"{"type":"user","second":1}"#).is_err());
    }
}
