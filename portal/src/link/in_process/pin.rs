//! Another PIN, by somebody who knows the one before (portal.md §8, mfa-server.md §5).
//! Refuses to be guessed at: a wrong current PIN counts for the lockout.

use super::InProcess;
use super::places::Deed;
use crate::link::{Away, Fault, PinFaults};
use actors::Person;
use engine::bypass::BypassUse;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::User;
use engine::pin::{self, PinHash, PinKey};
use engine::policy::Policy;
use engine::secret::Secret;
use store::Operation;

/// A new PIN, and the same again.
type Twice<'a> = (&'a Secret<String>, &'a Secret<String>);

/// What came of it.
enum Exchanged {
    Done,
    /// The current PIN was wrong.
    Wrong,
    Locked(Moment),
    /// The new one fails these rules.
    Refused(Vec<Fault>),
}

impl InProcess {
    pub(super) async fn replace_pin(
        &self,
        handle: &str,
        current: Secret<String>,
        (pin, confirm): (Secret<String>, Secret<String>),
    ) -> Result<PinFaults, Away> {
        let not_allowed = PinFaults { not_allowed: true, ..PinFaults::default() };
        let Some(found) = self.find(handle).await? else { return Ok(not_allowed) };
        let policy = self.engine.policy();
        let may = policy.portal.allow_change_pin && found.user.may_change_pin(&policy.pin);
        if !may || !found.user.set_up || found.strength().is_none() || found.user.pin.hash.is_none() {
            return Ok(not_allowed);
        }
        // Whoever was verified by it a moment ago need not type it again.
        let current = (!found.login.value.pin_due).then_some(current);
        let (key, keys) = (found.user.name.clone(), self.engine.pin_keys().to_vec());
        let deed = Deed::of(self, &found.login.value, "");
        let exchanged = self.amended(&found.user.name, move |person, policy, now| {
            exchange(person, &key, (current, (&pin, &confirm)), &keys, &deed, policy, now)
        });
        match exchanged.await? {
            Exchanged::Wrong => return Ok(PinFaults { current: true, ..PinFaults::default() }),
            Exchanged::Locked(until) => return Ok(PinFaults { locked_until: Some(until), ..PinFaults::default() }),
            Exchanged::Refused(new) => return Ok(PinFaults { new, ..PinFaults::default() }),
            Exchanged::Done => {}
        }
        self.change_login(handle, |found| std::mem::take(&mut found.login.value.pin_due)).await?;
        Ok(PinFaults::default())
    }
}

fn exchange(
    person: &mut Person,
    key: &str,
    (current, new): (Option<Secret<String>>, Twice<'_>),
    keys: &[PinKey],
    deed: &Deed,
    policy: &Policy,
    now: Moment,
) -> Result<(Exchanged, Vec<Operation>), String> {
    let standing = &mut person.standing.value;
    if let Some(until) = standing.lockout.locked_until(now) {
        return Ok((Exchanged::Locked(until), vec![]));
    }
    let user = person.user.as_mut().ok_or("nobody is there")?;
    let right = current.is_none_or(|current| user.value.pin.matches(keys, user.value.id, current.expose().trim()));
    if !right {
        standing.lockout.denied(&policy.lockout, now);
        if standing.lockout.locked_until(now).is_some() {
            standing.end_bypass(now, BypassUse::Lost);
        }
        return Ok((Exchanged::Wrong, vec![person.standing.write(key)]));
    }
    // Not before: what the rules say of a new PIN tells what the present one is.
    let hash = match new_pin(keys, &user.value, new, &user.value.phone_digits(), policy) {
        Ok(hash) => hash,
        Err(faults) => return Ok((Exchanged::Refused(faults), vec![])),
    };
    user.value.pin.set(hash, &policy.pin, now, false);
    standing.cache.clear();
    let mut operations = vec![user.write(key), person.standing.write(key)];
    operations.extend(deed.done(&user.value, policy, ("portal.pin", Notice::PinChanged), now));
    Ok((Exchanged::Done, operations))
}

/// A new PIN that passes every rule; all that it fails at once.
pub fn new_pin(
    keys: &[PinKey],
    user: &User,
    (pin, confirm): Twice<'_>,
    phones: &[String],
    policy: &Policy,
) -> Result<PinHash, Vec<Fault>> {
    let (pin, confirm) = (pin.expose(), confirm.expose());
    let phones: Vec<_> = phones.iter().map(String::as_str).collect();
    let used = |pin: &str| user.pin.used(keys, user.id, pin);
    let checked = pin::check_new(pin, &policy.pin, user.pin_min_length, &phones, used);
    let mut faults: Vec<_> = checked.err().unwrap_or_default().into_iter().map(Fault::Pin).collect();
    if pin != confirm {
        faults.push(Fault::PinMismatch);
    }
    match keys.first() {
        Some(key) if faults.is_empty() => Ok(PinHash::make(key, actors::random::bytes(), user.id, pin)),
        _ => Err(faults),
    }
}
