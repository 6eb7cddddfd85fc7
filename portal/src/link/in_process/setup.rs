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
use engine::setup::{choices, may_set_up, text_mode};

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
        let draft = match draft {
            Ok(draft) if may_set_up(&found.user, draft.method, &policy) => draft,
            Ok(_) => return Ok(vec![Fault::Method]),
            Err(faults) => return Ok(faults),
        };
        let number = draft.phone.as_ref().map(|phone| phone.number);
        if !self.keep(&found.user, draft).await? {
            return Ok(vec![Fault::PhoneTooOften]);
        }
        // Numbers change hands: that it was once said not to exist counts no more. A STOP of its owner still does.
        if let Some(number) = number {
            self.engine.number_enrolled(number).await.map_err(away)?;
        }
        Ok(vec![])
    }

    /// What is out for an earlier draft is called off: a wrong number can be corrected while its text is on its way. `false`
    /// if the number was changed too often.
    async fn keep(&self, user: &User, draft: Draft) -> Result<bool, Away> {
        let key = user.name.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let amendment = move |person: &mut Person, _: &Policy, now: Moment| {
            let user = person.user.as_mut().filter(|user| !user.value.set_up).ok_or("nobody is to be set up")?;
            let before = user.value.draft.take();
            let earlier = before.as_ref().and_then(|before| before.proof);
            let Some(draft) = draft.after(before.as_deref(), now) else {
                user.value.draft = before;
                return Ok(vec![]);
            };
            // The same method chosen again goes on with what was asked.
            let earlier = earlier.filter(|earlier| draft.proof != Some(*earlier));
            user.value.draft = Some(Box::new(draft));
            // Whoever asked waits for the amendment, so the other end is there.
            let _ = tell.send(earlier);
            Ok(vec![user.write(&key)])
        };
        self.engine.amend(&user.name, Box::new(amendment)).await.map_err(away)?;
        let Ok(earlier): Result<Option<VerificationId>, _> = told.try_recv() else { return Ok(false) };
        if let Some(earlier) = earlier {
            match self.engine.cancel(earlier).await {
                Ok(_) | Err(actors::Refused::NotFound) => {}
                Err(why) => return Err(away(why)),
            }
        }
        Ok(true)
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
        Ok(Draft { method: Method::Sms, mode, phone, pin, proof: None, saved_at: now, entered: None, numbers: vec![] })
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
            // The present one stays as it is, with what must become of it.
            let has_one = stored.is_some() || user.pin.hash.is_some();
            return if has_one { Ok(stored) } else { Err(vec![Fault::PinMissing]) };
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

/// Another method keeps nothing of the draft before.
fn chosen(user: &User, method: Method, policy: &Policy, now: Moment) -> Result<Draft, Vec<Fault>> {
    if !choices(policy).contains(&method) {
        return Err(vec![Fault::Method]);
    }
    if let Some(same) = user.draft.as_deref().filter(|draft| draft.method == method) {
        return Ok(same.clone());
    }
    let mode = if method == Method::Oath { Mode::Code } else { text_mode(user, policy) };
    Ok(Draft { method, mode, phone: None, pin: None, proof: None, saved_at: now, entered: None, numbers: vec![] })
}
