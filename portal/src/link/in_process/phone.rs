//! Phones as they are typed: the one that is to be texted or called, the one behind it, and the PIN that goes with them.
//! Refuses a number that we neither text nor call, and to keep a PIN in clear.

use super::InProcess;
use super::logins::Found;
use super::pin::new_pin;
use crate::link::{Backup, Fault, TypedPhone};
use engine::draft::{self, Draft};
use engine::method::Method;
use engine::moment::Moment;
use engine::number::{self, NumberFault};
use engine::person::{Phone, User};
use engine::pin::PinHash;
use engine::policy::Policy;
use engine::secret::Secret;
use engine::setup::mode_of;

impl InProcess {
    /// A phone that was typed here, as a draft; all that is wrong with it.
    pub(super) fn phone(
        &self,
        found: &Found,
        typed: &TypedPhone,
        policy: &Policy,
        now: Moment,
    ) -> Result<Draft, Vec<Fault>> {
        let (user, mut faults) = (&found.user, Vec::new());
        let own = own_phone(typed, policy).map_err(|more| faults.extend(more)).ok();
        let backup = match &typed.backup {
            Some(backup) if !user.set_up => {
                self.backup(backup, own.as_ref(), policy).map_err(|fault| faults.push(fault)).ok()
            }
            Some(_) | None => Some(draft::Backup::Stays),
        };
        let saved_by = found.typist().to_owned();
        let before = user.draft_at(now).filter(|draft| draft.saved_by == saved_by && !draft.undoes);
        let aside = before.and_then(|before| match before.method == typed.method {
            true => before.aside.clone(),
            false => Some(Box::new(before.set_aside())),
        });
        let mode = mode_of(user, typed.method, policy);
        let draft = Draft {
            phone: own,
            backup: backup.unwrap_or_default(),
            aside,
            once: typed.once.clone(),
            saved_by,
            ..Draft::begin(typed.method, mode, now)
        };
        // Both have pages of their own once the account is set up; a first PIN is chosen here.
        let pin = if mode.needs_pin() && (!user.set_up || user.pin.hash.is_none()) {
            let stored = before.and_then(|draft| draft.pin.clone());
            let new = self.pin(user, &digits(&draft, user), (&typed.pin, &typed.confirm), stored, policy);
            new.map_err(|more| faults.extend(more)).unwrap_or_default()
        } else {
            None
        };
        if faults.is_empty() { Ok(Draft { pin, ..draft }) } else { Err(faults) }
    }

    /// A backup phone is for calls alone, and so it may have an extension. It is not called: it stays unverified until it
    /// answers for the first time (portal.md §5.2).
    pub(super) fn backup(&self, typed: &Backup, own: Option<&Phone>, policy: &Policy) -> Result<draft::Backup, Fault> {
        if typed.phone.trim().is_empty() {
            return Ok(draft::Backup::Gone);
        }
        let (number, inside) = number::parse(&typed.phone, &typed.country).map_err(Fault::Backup)?;
        let extension = match typed.extension.trim() {
            "" => inside,
            own => Some(own.parse().map_err(|_| Fault::Backup(NumberFault::Extension))?),
        };
        if extension.is_some() && !policy.voice.allow_extensions {
            return Err(Fault::BackupExtensionRefused);
        }
        number::voice_allowed(&number, &policy.numbers).map_err(|refusal| Fault::BackupRefused(refusal.reason()))?;
        let phone = Phone { number, extension };
        if own == Some(&phone) { Err(Fault::BackupSame) } else { Ok(draft::Backup::Is(phone)) }
    }

    fn pin(
        &self,
        user: &User,
        phones: &[String],
        (pin, confirm): (&Secret<String>, &Secret<String>),
        stored: Option<PinHash>,
        policy: &Policy,
    ) -> Result<Option<PinHash>, Vec<Fault>> {
        if pin.expose().is_empty() && confirm.expose().is_empty() {
            // The present one stays as it is, with what must become of it.
            let has_one = stored.is_some() || user.pin.hash.is_some();
            return if has_one { Ok(stored) } else { Err(vec![Fault::PinMissing]) };
        }
        new_pin(self.engine.pin_keys(), user, (pin, confirm), phones, policy).map(Some)
    }

    /// A number that was typed elsewhere, with a PIN of this login's.
    pub(super) fn with_pin(
        &self,
        found: &Found,
        draft: Draft,
        typed: &TypedPhone,
        policy: &Policy,
        now: Moment,
    ) -> Result<Draft, Vec<Fault>> {
        if !draft.mode.needs_pin() {
            return Ok(draft);
        }
        let pin = self.pin(&found.user, &digits(&draft, &found.user), (&typed.pin, &typed.confirm), None, policy)?;
        Ok(Draft { pin, proof: None, saved_at: now, ..draft })
    }
}

/// Numbers that a PIN must not be a part of, once the draft counts.
fn digits(draft: &Draft, user: &User) -> Vec<String> {
    let backup = match &draft.backup {
        draft::Backup::Stays => user.backup_phone.as_ref(),
        draft::Backup::Gone => None,
        draft::Backup::Is(phone) => Some(phone),
    };
    draft.phone.iter().chain(backup).map(|phone| phone.number.to_string()).collect()
}

/// The phone that is to be texted or called; all that is wrong with it.
fn own_phone(typed: &TypedPhone, policy: &Policy) -> Result<Phone, Vec<Fault>> {
    let mut faults = vec![];
    let called = typed.method == Method::Voice;
    let own = match typed.extension.trim() {
        "" => None,
        own if called => own.parse().map_err(|_| faults.push(Fault::Extension)).ok(),
        _ => None,
    };
    let parsed = match typed.phone.trim() {
        "" => Err(Fault::PhoneMissing),
        phone => number::parse(phone, &typed.country).map_err(|fault| match fault {
            NumberFault::Extension if called => Fault::Extension,
            fault @ (NumberFault::Format | NumberFault::CountryCode | NumberFault::Length | NumberFault::Extension) => {
                Fault::Phone(fault)
            }
        }),
    };
    let Ok((number, inside)) = parsed.map_err(|fault| faults.push(fault)) else { return Err(faults) };
    let extension = own.or(inside);
    let allowed = if called {
        number::voice_allowed(&number, &policy.numbers)
    } else {
        number::sms_allowed(&number, &policy.numbers)
    };
    faults.extend(allowed.err().map(|refusal| Fault::PhoneRefused(refusal.reason())));
    match extension {
        Some(_) if !called => faults.push(Fault::Phone(NumberFault::Format)),
        Some(_) if !policy.voice.allow_extensions => faults.push(Fault::ExtensionRefused),
        Some(_) | None => {}
    }
    if faults.is_empty() { Ok(Phone { number, extension }) } else { Err(faults) }
}
