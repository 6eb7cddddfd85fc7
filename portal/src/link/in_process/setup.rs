//! The steps of the set-up: each is a draft at once, before anybody is texted (portal.md §6, rules 1 and 2).
//! Refuses a number that we do not text, and to keep a PIN in clear.

use super::{InProcess, away};
use crate::link::{Away, Fault, Step};
use actors::Person;
use engine::draft::Draft;
use engine::id::VerificationId;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::number::{self, PhoneNumber};
use engine::person::{Phone, User};
use engine::pin::{self, PinHash};
use engine::policy::Policy;
use engine::secret::Secret;

/// Methods that can be set up by the person now.
const OFFERED: &[Method] = &[Method::Sms, Method::Oath];

/// The methods that a person may choose from.
pub fn selectable(policy: &Policy) -> Vec<Method> {
    let usable = |method: &&Method| match method {
        Method::Oath => policy.portal.allow_software_totp && policy.oath.enabled,
        Method::Sms => policy.sms.two_way || policy.sms.one_way,
        Method::Voice | Method::App => false,
    };
    OFFERED.iter().filter(|method| policy.portal.selectable_methods.contains(method)).filter(usable).copied().collect()
}

impl InProcess {
    pub(super) async fn save_step(&self, handle: &str, step: Step) -> Result<Vec<Fault>, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(vec![]) };
        if found.user.set_up {
            return Ok(vec![]);
        }
        let policy = self.engine.policy();
        let now = self.engine.now();
        let draft = match step {
            Step::Method(method) => chosen(&found.user, method, &policy, now),
            Step::Text { country, phone, pin, confirm } => {
                let (phone, new_pin) = (self.phone(&phone, &country, &policy), (pin, confirm));
                self.text(&found.user, phone, &new_pin, &policy, now)
            }
        };
        match draft {
            Ok(draft) => self.keep(&found.user, draft).await.map(|()| vec![]),
            Err(faults) => Ok(faults),
        }
    }

    /// What is out for an earlier draft is called off: a wrong number can be corrected while its text is on its way.
    async fn keep(&self, user: &User, draft: Draft) -> Result<(), Away> {
        let earlier: Option<VerificationId> = user.draft.as_ref().and_then(|draft| draft.proof);
        let key = user.name.clone();
        let amendment = move |person: &mut Person, _: &Policy, _: Moment| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            user.value.draft = Some(Box::new(draft));
            Ok(vec![user.write(&key)])
        };
        self.engine.amend(&user.name, Box::new(amendment)).await.map_err(away)?;
        if let Some(earlier) = earlier {
            match self.engine.cancel(earlier).await {
                Ok(_) | Err(actors::Refused::NotFound) => {}
                Err(why) => return Err(away(why)),
            }
        }
        Ok(())
    }

    fn phone(&self, typed: &str, country: &str, policy: &Policy) -> Result<PhoneNumber, Fault> {
        if typed.trim().is_empty() {
            return Err(Fault::PhoneMissing);
        }
        let (number, extension) = number::parse(typed, country).map_err(Fault::Phone)?;
        if extension.is_some() {
            return Err(Fault::Phone(number::NumberFault::Format));
        }
        number::sms_allowed(&number, &policy.numbers).map_err(|refusal| Fault::PhoneRefused(refusal.reason()))?;
        Ok(number)
    }

    fn text(
        &self,
        user: &User,
        phone: Result<PhoneNumber, Fault>,
        (pin, confirm): &(Secret<String>, Secret<String>),
        policy: &Policy,
        now: Moment,
    ) -> Result<Draft, Vec<Fault>> {
        let mut faults = Vec::new();
        let number = phone.map_err(|fault| faults.push(fault)).ok();
        let mode = text_mode(user, policy);
        let stored = user.draft.as_ref().and_then(|draft| draft.pin.clone());
        let pin = if mode.needs_pin() {
            match self.pin(user, number, pin, confirm, stored, policy) {
                Ok(pin) => pin,
                Err(more) => {
                    faults.extend(more);
                    None
                }
            }
        } else {
            None
        };
        let (Some(number), true) = (number, faults.is_empty()) else { return Err(faults) };
        let phone = Some(Phone { number, extension: None });
        let draft = Draft { method: Method::Sms, mode, phone, pin, proof: None, saved_at: now, numbers: vec![] };
        draft.after(user.draft.as_deref(), now).ok_or_else(|| vec![Fault::PhoneTooOften])
    }

    fn pin(
        &self,
        user: &User,
        number: Option<PhoneNumber>,
        pin: &Secret<String>,
        confirm: &Secret<String>,
        stored: Option<PinHash>,
        policy: &Policy,
    ) -> Result<Option<PinHash>, Vec<Fault>> {
        let (pin, confirm) = (pin.expose(), confirm.expose());
        if pin.is_empty() && confirm.is_empty() {
            let kept = stored.or_else(|| user.pin.hash.clone());
            return if kept.is_some() { Ok(kept) } else { Err(vec![Fault::PinMissing]) };
        }
        let keys = self.engine.pin_keys();
        let digits = number.map(|number| number.to_string());
        let phones: Vec<_> = digits.iter().map(String::as_str).collect();
        let used = |pin: &str| user.pin.used(keys, user.id, pin);
        let checked = pin::check_new(pin, &policy.pin, user.pin_min_length, &phones, used);
        let mut faults: Vec<_> = checked.err().unwrap_or_default().into_iter().map(Fault::Pin).collect();
        if pin != confirm {
            faults.push(Fault::PinMismatch);
        }
        match keys.first() {
            Some(key) if faults.is_empty() => Ok(Some(PinHash::make(key, actors::random::bytes(), user.id, pin))),
            _ => Err(faults),
        }
    }
}

/// The person's own mode where it is one of texts, else what the company's settings allow.
fn text_mode(user: &User, policy: &Policy) -> Mode {
    if user.method == Method::Sms {
        user.mode
    } else if policy.sms.two_way {
        Mode::TwoWayOtp
    } else {
        Mode::OneWayOtp
    }
}

/// Another method keeps nothing of the draft before but how often its number was changed.
fn chosen(user: &User, method: Method, policy: &Policy, now: Moment) -> Result<Draft, Vec<Fault>> {
    if !policy.portal.allow_select_method || !selectable(policy).contains(&method) {
        return Err(vec![Fault::Method]);
    }
    if let Some(same) = user.draft.as_deref().filter(|draft| draft.method == method) {
        return Ok(same.clone());
    }
    let mode = if method == Method::Oath { Mode::Code } else { text_mode(user, policy) };
    let numbers = user.draft.as_ref().map(|draft| draft.numbers.clone()).unwrap_or_default();
    Ok(Draft { method, mode, phone: None, pin: None, proof: None, saved_at: now, numbers })
}
