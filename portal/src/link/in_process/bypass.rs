//! A one-time bypass that people start for themselves (mfa-server.md §10).
//! Refuses it to a login that was not verified itself, and more than three a day.

use super::InProcess;
use super::places::Deed;
use crate::link::{Away, BypassRefused};
use engine::bypass::{Bypass, BypassUse, LONGEST, SHORTEST};
use engine::notice::Notice;
use std::time::Duration;

const A_DAY: usize = 3;
const DAY: Duration = Duration::from_secs(86_400);
/// Characters of a reason that are kept.
const REASON: usize = 200;

impl InProcess {
    pub(super) async fn begin_bypass(
        &self,
        handle: &str,
        seconds: Option<u32>,
        reason: &str,
    ) -> Result<Result<(), BypassRefused>, Away> {
        let rules = self.engine.policy().portal.clone();
        let found = self.find(handle).await?.filter(|found| found.is_strong() && rules.allow_bypass);
        let Some(found) = found else { return Ok(Err(BypassRefused::NotAllowed)) };
        let seconds = seconds.filter(|_| rules.prompt_bypass_seconds).unwrap_or(rules.bypass_seconds);
        if !(SHORTEST..=LONGEST).contains(&seconds) {
            return Ok(Err(BypassRefused::Seconds));
        }
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON).collect();
        let reason = if reason.trim().is_empty() { "started at the portal".into() } else { reason };
        let (key, by) = (found.user.name.clone(), found.user.id.to_string());
        let deed = Deed::of(self, &found.login.value, seconds.to_string());
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_ref().ok_or("nobody is there")?.value.clone();
            let standing = &mut person.standing.value;
            let own = |bypass: &&Bypass| bypass.by == by && now.since(bypass.started_at) < DAY;
            if standing.past_bypasses.iter().chain(&standing.bypass).filter(own).count() >= A_DAY {
                return Ok((Err(BypassRefused::TooMany), vec![]));
            }
            if standing.lockout.locked_until(now).is_some() {
                return Ok((Err(BypassRefused::Locked), vec![]));
            }
            standing.begin_bypass(Bypass::start(seconds, now, &by, &reason).map_err(|fault| fault.to_string())?);
            let mut operations = vec![person.standing.write(&key)];
            operations.extend(deed.done(&user, policy, ("portal.bypass", Notice::BypassStarted), now));
            Ok((Ok(()), operations))
        })
        .await
    }

    pub(super) async fn end_bypass(&self, handle: &str) -> Result<(), Away> {
        let Some(found) = self.find(handle).await?.filter(|found| found.strength().is_some()) else { return Ok(()) };
        let (key, by) = (found.user.name.clone(), found.user.id);
        let deed = Deed::of(self, &found.login.value, "");
        self.amended(&found.user.name, move |person, policy, now| {
            if person.standing.value.bypass.is_none() {
                return Ok(((), vec![]));
            }
            person.standing.value.end_bypass(now, BypassUse::Ended { by: by.to_string() });
            Ok(((), vec![person.standing.write(&key), deed.audit(policy, "portal.bypass_end", by, now)]))
        })
        .await
    }
}
