//! A person's own verifications, what happened in one, and the word that one was not them (portal.md §8).
//! Refuses what belongs to somebody else: an id that is not among the person's own is as if it were not there.

use super::logins::Found;
use super::places::Deed;
use super::{InProcess, away};
use crate::link::{Away, Line, Past};
use actors::{BLOCKED, NOT_BLOCKED, fraud_block};
use engine::bypass::BypassUse;
use engine::id::VerificationId;
use engine::moment::Moment;
use engine::reason::Reason;
use engine::timeline::Entry;
use engine::verification::Verification;
use std::time::Duration;

/// What the timeline says of a report.
const REPORTED: &str = "fraud_reported_after_the_end";
const SHOWN: Duration = Duration::from_secs(30 * 86_400);

impl InProcess {
    pub(super) async fn past(&self, handle: &str) -> Result<Vec<Past>, Away> {
        let policy = self.engine.policy();
        let found = self.find(handle).await?.filter(|found| found.strength().is_some() && policy.portal.show_history);
        let Some(found) = found else { return Ok(vec![]) };
        let recent = self.belongings(&found.user.name).await?.standing.recent;
        let (user, now) = (found.user.id, self.engine.now());
        let settled = self.engine.read(move |store| {
            let rows = recent.newest().map(|id| store.outcome(id));
            rows.collect::<Result<Vec<_>, _>>()
        });
        let settled = settled.await.map_err(away)?.into_iter().flatten();
        let verifications = settled.filter_map(|row| serde_json::from_slice::<Verification>(&row.body).ok());
        let own = verifications.filter(|of| of.user_id == Some(user) && now.since(of.created_at) < SHOWN);
        Ok(own.map(|of| past(&of, policy.application_name(&of.application))).collect())
    }

    pub(super) async fn tell_story(&self, handle: &str, of: Option<VerificationId>) -> Result<Vec<Line>, Away> {
        let Some(found) = self.find_going_on(handle).await? else { return Ok(vec![]) };
        let id = match of {
            Some(id) if self.is_own(&found, id).await? => Some(id),
            Some(_) => None,
            None => found.proof(self.engine.now()),
        };
        let Some(id) = id else { return Ok(vec![]) };
        let entries = self.timeline(id).await?.into_iter();
        Ok(entries.map(|(at, entry)| Line { at, what: entry.what.into_owned() }).collect())
    }

    /// What happened in a verification, whosesoever it is.
    pub(super) async fn timeline(&self, id: VerificationId) -> Result<Vec<(Moment, Entry)>, Away> {
        let rows = self.engine.read(move |store| store.timeline(id)).await.map_err(away)?;
        let lines = rows.into_iter().flat_map(|row| {
            let entries: Vec<Entry> = serde_json::from_slice(&row.body).unwrap_or_default();
            entries.into_iter().map(move |entry| (row.at, entry))
        });
        Ok(lines.collect())
    }

    async fn is_own(&self, found: &Found, id: VerificationId) -> Result<bool, Away> {
        let shown = self.engine.policy().portal.show_history && found.strength().is_some();
        Ok(shown && self.belongings(&found.user.name).await?.standing.recent.holds(id))
    }

    pub(super) async fn report(&self, handle: &str, which: VerificationId, stop: bool) -> Result<bool, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(false) };
        // Who blocks the account locks its person out; that is for somebody who was verified.
        if !self.is_own(&found, which).await? || (stop && !found.is_strong()) {
            return Ok(false);
        }
        let story = self.tell_story(handle, Some(which)).await?;
        if !stop && story.iter().any(|line| line.what == REPORTED) {
            return Ok(true);
        }
        let detail = if stop { BLOCKED } else { NOT_BLOCKED };
        let (key, deed) = (found.user.name.clone(), Deed::of(self, &found.login.value, detail));
        self.amended(&found.user.name, move |person, policy, now| {
            let standing = &mut person.standing.value;
            standing.fraud_at = Some(now);
            standing.cache.clear();
            standing.end_bypass(now, BypassUse::Lost);
            let mut operations = vec![person.standing.write(&key)];
            let user = person.user.as_mut().ok_or("nobody is there")?;
            if stop {
                user.value.begin_block(fraud_block(policy, now));
                operations.push(user.write(&key));
            }
            let act = if stop { "portal.fraud_blocked" } else { "portal.fraud_reported" };
            operations.push(deed.audit(policy, act, user.value.id, now));
            operations.push(note(which, now));
            operations.extend(deed.doors.fraud(&user.value, policy, &deed.told, now));
            Ok(((), operations))
        })
        .await?;
        self.engine.end_all(&found.user.name, Reason::FraudElsewhere).await.map_err(away)?;
        // Whoever was let in by it is out.
        self.end_others(&found, stop).await?;
        Ok(true)
    }
}

fn note(verification: VerificationId, at: Moment) -> store::Operation {
    let entries = [Entry::new(REPORTED)];
    let body = serde_json::to_vec(&entries).expect("entries are plain structs");
    store::Operation::Append { verification, at, body }
}

fn past(of: &Verification, application: &str) -> Past {
    Past {
        id: of.id,
        at: of.created_at,
        application: application.to_owned(),
        method: of.rung().map(|rung| (rung.method, rung.mode)),
        status: of.status(),
        reason: of.reason(),
    }
}
