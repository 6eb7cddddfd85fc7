//! The order of decisions before anybody is contacted: the first rule that matches ends the walk.
//! Refuses to look anything up: the facts arrive together, so that the answer is about one moment.

use crate::cache;
use crate::id::{ApiKeyId, VerificationId};
use crate::ladder;
use crate::moment::Moment;
use crate::person::{Standing, User};
use crate::policy::{ApplicationRules, Policy};
use crate::reason::Reason;
use crate::request::Request;
use crate::timeline::Entry;
use crate::trusted_ip::TrustedIp;
use crate::verification::Rung;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// All that the decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The wish.
    pub request: &'a Request,
    /// The person, if there is one of this name.
    pub user: Option<&'a User>,
    /// Their standing.
    pub standing: &'a Standing,
    /// Whether they have an OATH token that counts.
    pub has_token: bool,
    /// Company settings.
    pub policy: &'a Policy,
    /// Whether there is a gateway for texts at all.
    pub text_gateway: bool,
    /// Whether there is a gateway for calls at all.
    pub voice_gateway: bool,
    /// What requests of this sign-in have in common; `None` never joins.
    pub joins: Option<&'a str>,
    /// Open verifications of the person: id and what their sign-in has in common.
    pub open: &'a [(VerificationId, Option<Arc<str>>)],
    /// Now.
    pub now: Moment,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It ends at once; nobody is contacted.
    End(Reason),
    /// As `End(Bypass)`, and the bypass is used up.
    UseBypass {
        /// An open verification of the same sign-in that ends with it.
        cancels: Option<VerificationId>,
    },
    /// The same sign-in is open already.
    Join(VerificationId),
    /// Somebody is to be contacted.
    Begin(Vec<Rung>),
}

/// Decides, and says why, step by step. The order is part of the contract.
pub fn decide(facts: &Facts<'_>) -> (Decision, Vec<Entry>) {
    let mut notes = Vec::new();
    let decision = walk(facts, &mut notes);
    (decision, notes)
}

fn walk(facts: &Facts<'_>, notes: &mut Vec<Entry>) -> Decision {
    let rules = application_rules(facts);
    let absent = |reason| if rules.require_user_match { reason } else { Reason::NotEnrolled };
    let Some(user) = facts.user else { return end(absent(Reason::UserUnknown), notes) };
    let proves = facts.request.proves_a_draft();
    let drafted = if proves { user.drafted() } else { None };
    let user = drafted.as_ref().unwrap_or(user);
    if user.blocked(facts.now) {
        return end(Reason::Blocked, notes);
    }
    if !user.enabled {
        return end(absent(Reason::UserDisabled), notes);
    }
    let asked = ladder::asked(facts.request, user);
    if asked.iter().any(|wish| wish.mode.needs_pin()) && facts.standing.lockout.locked_until(facts.now).is_some() {
        return end(Reason::Locked, notes);
    }
    // What is to count from now on is verified live, whatever would let its owner pass (portal.md §11).
    if proves {
        return begin(facts, user, &asked, notes);
    }
    if let Some(reason) = unfinished(facts, user) {
        return end(reason, notes);
    }
    if facts.request.is_a_trial() {
        return begin(facts, user, &asked, notes);
    }
    if facts.request.answered && facts.request.caller == ApiKeyId::PORTAL {
        return end(Reason::QuestionsOk, notes);
    }
    if trusted(&rules, facts.request) {
        return end(Reason::TrustedIp, notes);
    }
    if cached(facts) {
        return end(Reason::Cached, notes);
    }
    let same = facts.joins.and_then(|key| facts.open.iter().find(|(_, joins)| joins.as_deref() == Some(key)));
    if facts.standing.bypass.as_ref().is_some_and(|bypass| bypass.usable(facts.now)) {
        notes.push(Entry::new("bypass_used"));
        return Decision::UseBypass { cancels: same.map(|(id, _)| *id) };
    }
    if let Some((id, _)) = same {
        return Decision::Join(*id);
    }
    begin(facts, user, &asked, notes)
}

fn begin(facts: &Facts<'_>, user: &User, asked: &[crate::request::Wish], notes: &mut Vec<Entry>) -> Decision {
    let limited = |sends| sends && facts.standing.sends.ask(&facts.policy.velocity.user, facts.now).is_err();
    match ladder::build(facts, user, asked, notes) {
        Ok(rungs) => {
            if limited(rungs.iter().any(|rung| rung.method.prompts())) {
                return end(Reason::RateLimited, notes);
            }
            Decision::Begin(rungs)
        }
        // A limit comes before what is not possible, although nothing would be sent.
        Err(_) if limited(asked.iter().any(|wish| wish.method.prompts())) => end(Reason::RateLimited, notes),
        Err(reason) => end(reason, notes),
    }
}

fn end(reason: Reason, notes: &mut Vec<Entry>) -> Decision {
    notes.push(Entry::new("decided").saying(reason.as_str()));
    Decision::End(reason)
}

/// The rules of the application that asks; the defaults if it has none of its own.
pub fn application_rules(facts: &Facts<'_>) -> ApplicationRules {
    facts.policy.applications.get(&facts.request.application).cloned().unwrap_or_default()
}

fn unfinished(facts: &Facts<'_>, user: &User) -> Option<Reason> {
    if user.set_up {
        return None;
    }
    let days = u64::from(facts.policy.enrollment.allow_unfinished_days);
    let passes_until = user.created_at + Duration::from_secs(days * 86_400);
    Some(if facts.now < passes_until { Reason::NotEnrolled } else { Reason::SetupUnfinished })
}

fn trusted(rules: &ApplicationRules, request: &Request) -> bool {
    let Some(ip) = request.client_ip else { return false };
    rules.trusted_ips.iter().filter_map(|text| TrustedIp::parse(text).ok()).any(|trusted| trusted.contains(ip))
}

fn cached(facts: &Facts<'_>) -> bool {
    let request = facts.request;
    let key = cache_request(&request.application, &request.caller.to_string(), request.client_ip, facts.policy);
    cache::hit(&facts.policy.cache, &facts.standing.cache, &key, facts.now)
}

/// What a cache rule compares.
pub fn cache_request(application: &str, caller: &str, address: Option<IpAddr>, policy: &Policy) -> cache::CacheRequest {
    let rules = policy.applications.get(application);
    cache::CacheRequest {
        client: caller.to_owned(),
        application: application.to_owned(),
        authentication_type: rules.map_or("sdk", |rules| &rules.authentication_type).to_owned(),
        address,
    }
}
