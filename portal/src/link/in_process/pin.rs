//! Another PIN, by somebody who knows the one before (portal.md §8, mfa-server.md §5).
//! Refuses to be guessed at: a wrong current PIN counts for the lockout.

use super::InProcess;
use super::places::Deed;
use crate::link::{Away, PinFaults};
use actors::Person;
use engine::bypass::BypassUse;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::pin::{PinHash, PinKey};
use engine::policy::Policy;
use engine::secret::Secret;
use store::Operation;

/// What came of the current PIN.
enum Current {
    Right,
    Wrong,
    Locked(Moment),
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
        let hash = match self.new_pin(&found.user, (&pin, &confirm), &found.user.phone_digits(), &policy) {
            Ok(hash) => hash,
            Err(new) => return Ok(PinFaults { new, ..PinFaults::default() }),
        };
        // Whoever was verified by it a moment ago need not type it again.
        let current = (!found.login.value.pin_due).then_some(current);
        let (key, keys) = (found.user.name.clone(), self.engine.pin_keys().to_vec());
        let deed = Deed::of(self, &found.login.value, "");
        let known = self.amended(&found.user.name, move |person, policy, now| {
            exchange(person, &key, (current, hash), &keys, &deed, policy, now)
        });
        match known.await? {
            Current::Wrong => return Ok(PinFaults { current: true, ..PinFaults::default() }),
            Current::Locked(until) => return Ok(PinFaults { locked_until: Some(until), ..PinFaults::default() }),
            Current::Right => {}
        }
        self.change_login(handle, |found| std::mem::take(&mut found.login.value.pin_due)).await?;
        Ok(PinFaults::default())
    }
}

fn exchange(
    person: &mut Person,
    key: &str,
    (current, hash): (Option<Secret<String>>, PinHash),
    keys: &[PinKey],
    deed: &Deed,
    policy: &Policy,
    now: Moment,
) -> Result<(Current, Vec<Operation>), String> {
    let standing = &mut person.standing.value;
    if let Some(until) = standing.lockout.locked_until(now) {
        return Ok((Current::Locked(until), vec![]));
    }
    let user = person.user.as_mut().ok_or("nobody is there")?;
    let right = current.is_none_or(|current| user.value.pin.matches(keys, user.value.id, current.expose().trim()));
    if !right {
        standing.lockout.denied(&policy.lockout, now);
        if standing.lockout.locked_until(now).is_some() {
            standing.end_bypass(now, BypassUse::Lost);
        }
        return Ok((Current::Wrong, vec![person.standing.write(key)]));
    }
    user.value.pin.set(hash, &policy.pin, now, false);
    standing.cache.clear();
    let mut operations = vec![user.write(key), person.standing.write(key)];
    operations.extend(deed.done(&user.value, policy, ("portal.pin", Notice::PinChanged), now));
    Ok((Current::Right, operations))
}
