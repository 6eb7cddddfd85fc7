//! A draft that counts from now on: what is written with it, and whom it is told.
//! Refuses to leave another way in behind when an old phone comes back.

use super::InProcess;
use super::logins::Found;
use super::places::Deed;
use super::token::let_go;
use crate::link::Away;
use crate::own_app::{drop_pending, is_pending};
use actors::{Person, TokenRecord, Told};
use engine::bypass::BypassUse;
use engine::draft::Adopted;
use engine::id::VerificationId;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::Phone;
use engine::policy::Policy;
use engine::setup::takes_texts;
use std::time::Duration;
use store::{Expect, Kind, Operation};

/// Apps and tokens that were added so long before the phone was changed go with the change.
const DAY_BEFORE: Duration = Duration::from_secs(86_400);

impl InProcess {
    /// What was drafted counts from now on, if it is still what was proved.
    pub(super) async fn adopt(&self, found: &Found, proof: VerificationId) -> Result<Option<Adopted>, Away> {
        let key = found.user.name.clone();
        let deed = Deed::of(self, &found.login.value, "");
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let Some(adopted) = user.value.adopt(proof, &policy.pin, now) else { return Ok((None, vec![])) };
            let mut operations = vec![user.write(&key)];
            person.standing.value.cache.clear();
            if let Some(changed_at) = adopted.changed_at {
                operations.extend(take_back(person, &key, changed_at, now));
            }
            operations.push(person.standing.write(&key));
            operations.extend(told(person, &adopted, deed, policy, now));
            if adopted.first {
                operations.extend(drop_pending(person, 0));
            }
            Ok((Some(adopted), operations))
        })
        .await
    }
}

/// With the old phone goes what may have been left behind as another way in: a bypass, answers, and apps and tokens that were added
/// since the day before.
fn take_back(person: &mut Person, key: &str, changed_at: Moment, now: Moment) -> Vec<Operation> {
    person.standing.value.end_bypass(now, BypassUse::Lost);
    let mut operations = vec![Operation::delete(Kind::Answers, key, Expect::Any)];
    let added_at = |token: &TokenRecord| token.taken_at.or(is_pending(token).then_some(token.created_at));
    let since = |token: &TokenRecord| added_at(token).is_some_and(|at| at + DAY_BEFORE >= changed_at);
    let (planted, stay): (Vec<_>, Vec<_>) =
        std::mem::take(&mut person.tokens).into_iter().partition(|token| since(&token.value));
    person.tokens = stay;
    operations.extend(planted.iter().flat_map(let_go));
    operations
}

/// The person is told of each thing that changed; the old phone too, because whoever changed it may be somebody else.
fn told(person: &Person, adopted: &Adopted, mut deed: Deed, policy: &Policy, now: Moment) -> Vec<Operation> {
    let Some(user) = person.user.as_ref().map(|user| &user.value) else { return vec![] };
    if adopted.first {
        return deed.done(user, policy, ("portal.set_up", Notice::SetUp), now);
    }
    let mut operations = vec![];
    if adopted.undid {
        deed.told.detail = user.phone.as_ref().map(|phone| phone.number.masked()).unwrap_or_default();
        operations.extend(deed.done(user, policy, ("portal.phone_restored", Notice::PhoneRestored), now));
    } else if let Some(old) = &adopted.old_phone {
        deed.told.detail = user.phone.as_ref().map(|phone| phone.number.masked()).unwrap_or_default();
        let both = format!("{} {}", old.number.masked(), deed.told.detail);
        let changed = Deed { told: Told { detail: both, ..deed.told.clone() }, doors: deed.doors };
        operations.push(changed.audit(policy, "portal.phone", user.id, now));
        if policy.portal.phone_change_notice {
            operations.extend(deed.doors.mail(user, policy, Notice::PhoneChanged, &deed.told, now));
            let by_text =
                |old: &Phone| deed.doors.text(old.number, user, policy, Notice::PhoneChanged, &deed.told, now);
            operations.extend(Some(old).filter(|old| takes_texts(old, policy)).and_then(by_text));
        }
    }
    if adopted.method_changed && !adopted.undid {
        let told = |left: &&Phone| policy.portal.phone_change_notice && takes_texts(left, policy);
        let left = adopted.left_phone.as_ref().filter(told);
        let by_text = |left: &Phone| deed.doors.text(left.number, user, policy, Notice::MethodChanged, &deed.told, now);
        operations.extend(left.and_then(by_text));
        deed.told.detail = format!("{} {}", adopted.method_before, user.method);
        operations.extend(deed.done(user, policy, ("portal.method", Notice::MethodChanged), now));
    }
    if adopted.pin_changed {
        deed.told.detail.clear();
        operations.extend(deed.done(user, policy, ("portal.pin", Notice::PinChanged), now));
    }
    operations
}
