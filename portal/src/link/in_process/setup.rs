//! The steps of a set-up or change: each is a draft at once, before anybody is texted (portal.md §6, rules 1, 2 and 9).
//! Refuses a number that we neither text nor call, and to keep a PIN in clear.

use super::logins::Found;
use super::pin::new_pin;
use super::places::Deed;
use super::{InProcess, away};
use crate::link::{AppKey, Away, Backup, Due, Fault, Mailed, Proved, Reply, SettingUp, Step, TakenToken, TypedPhone};
use actors::seen_setting_up;
use engine::draft::{self, Draft};
use engine::method::Method;
use engine::moment::Moment;
use engine::number::{self, NumberFault};
use engine::person::{Phone, User};
use engine::pin::PinHash;
use engine::policy::Policy;
use engine::secret::Secret;
use engine::setup::{choices, may_set_up, mode_of};

impl SettingUp for InProcess {
    fn save<'a>(&'a self, handle: &'a str, step: Step) -> Reply<'a, Vec<Fault>> {
        Box::pin(self.save_step(handle, step))
    }

    fn drop_draft<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.forget_draft(handle))
    }

    fn app_key<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<AppKey>> {
        Box::pin(self.key_of_app(handle))
    }

    fn prove_app<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Proved> {
        Box::pin(self.first_code(handle, code))
    }

    fn take_token<'a>(&'a self, handle: &'a str, token: TakenToken) -> Reply<'a, Proved> {
        Box::pin(self.take(handle, token))
    }

    fn put_off<'a>(&'a self, handle: &'a str, due: Due) -> Reply<'a, ()> {
        Box::pin(self.put_step_off(handle, due))
    }

    fn send_proof<'a>(&'a self, handle: &'a str, again: bool) -> Reply<'a, Option<Mailed>> {
        Box::pin(self.mail_code(handle, again))
    }

    fn prove<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, bool> {
        Box::pin(self.check_code(handle, code))
    }

    fn undo<'a>(&'a self, handle: &'a str) -> Reply<'a, bool> {
        Box::pin(self.begin_undo(handle))
    }
}

impl Found {
    /// What was typed somewhere else and can be kept: its number, and nothing that could let somebody else in beside it.
    fn other_typist_s(&self, now: Moment) -> Option<Draft> {
        let draft = self.user.draft_at(now).filter(|_| !self.user.set_up)?;
        let kept = draft.phone.is_some() && draft.saved_by != self.typist();
        let bare = kept.then(|| Draft { backup: draft::Backup::Stays, pin: None, ..draft.clone() })?;
        // What was asked for was asked for all of it.
        Some(if bare == *draft { bare } else { Draft { proof: None, saved_at: now, ..bare } })
    }
}

impl InProcess {
    /// Whether this login may set up or change this method: before the first one the password is enough, with the proof that the
    /// company wants; from then on a login that is signed in.
    fn may_draft(&self, found: &Found, draft: &Draft, policy: &Policy) -> bool {
        let (user, method, reach) = (&found.user, draft.method, self.engine.doors().reach());
        if !user.set_up {
            return may_set_up(user, method, policy, reach);
        }
        let types = draft.phone.is_some();
        let may_type = !types || policy.portal.allow_change_phone || user.phone.is_none();
        found.strength().is_some()
            && may_type
            && ((types && user.method == method) || choices(policy, reach).contains(&method))
    }

    async fn save_step(&self, handle: &str, step: Step) -> Result<Vec<Fault>, Away> {
        let Some(found) = self.find_going_on(handle).await? else { return Ok(vec![]) };
        let (policy, now) = (self.engine.policy(), self.engine.now());
        let drafted = match step {
            Step::Method(method) => self.chosen(&found, method, &policy, now),
            Step::Phone(typed) => {
                let kept = found.other_typist_s(now).filter(|draft| draft.method == typed.method);
                match kept.filter(|_| typed.phone.trim().is_empty()) {
                    Some(draft) => {
                        let draft = Draft { once: typed.once.clone(), ..draft };
                        self.with_pin(&found, draft, &typed, &policy, now)
                    }
                    None => self.phone(&found, &typed, &policy, now),
                }
            }
        };
        let draft = match drafted {
            Ok(draft) if self.may_draft(&found, &draft, &policy) => draft,
            Ok(_) => return Ok(vec![Fault::Method]),
            Err(faults) => return Ok(faults),
        };
        let number = draft.phone.as_ref().map(|phone| phone.number);
        if let Some(fault) = self.keep(&found, draft).await? {
            return Ok(vec![fault]);
        }
        // Numbers change hands: that it was once said not to exist counts no more. A STOP of its owner still does.
        if let Some(number) = number {
            self.engine.number_enrolled(number).await.map_err(away)?;
        }
        Ok(vec![])
    }

    /// A number that was typed elsewhere, with a PIN of this login's.
    fn with_pin(
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

    /// What is out for an earlier draft is called off: a wrong number can be corrected while its text or call is on its way.
    pub(super) async fn keep(&self, found: &Found, draft: Draft) -> Result<Option<Fault>, Away> {
        let user = &found.user;
        let what = draft.phone.as_ref().map_or(draft.method.to_string(), |phone| phone.number.masked());
        let deed = Deed::of(self, &found.login.value, what);
        let (key, set_up, round) = (user.name.clone(), user.set_up, user.round());
        let pages = found.login.value.language.clone();
        let kept = self.amended(&user.name, move |person, policy, now| {
            let user = person.user.as_mut().filter(|user| user.value.set_up == set_up).ok_or("it is set up by now")?;
            if user.value.draft.as_ref().is_some_and(|before| before.returns(now)) {
                return Ok((Err(Fault::Returns), vec![]));
            }
            // The same form again: what it saved is there, and may be out for verification.
            let before = user.value.draft.as_ref();
            if before.is_some_and(|before| before.is_of_the_same_form(&draft)) {
                return Ok((Ok(None), vec![]));
            }
            // Started over meanwhile: this login has ended, and what it says counts no more.
            if user.value.round() != round {
                return Ok((Ok(None), vec![]));
            }
            let earlier = user.value.draft.as_ref().and_then(|before| before.proof);
            // A number that comes back was entered long ago.
            let number = draft.phone.as_ref().filter(|_| !draft.undoes).map(|phone| phone.number);
            if number.is_some_and(|number| !user.value.entered.note(number, now)) {
                return Ok((Err(Fault::PhoneTooOften), vec![]));
            }
            // The same method chosen again goes on with what was asked.
            let earlier = earlier.filter(|earlier| draft.proof != Some(*earlier));
            if !set_up && draft.method == Method::Voice && policy.portal.allow_select_language {
                user.value.is_called_in(pages);
            }
            user.value.draft = Some(Box::new(draft));
            let reminder = if set_up { None } else { seen_setting_up(&mut user.value, now) };
            let audit = deed.audit(policy, "portal.entered", user.value.id, now);
            let writes = [user.write(&key), audit];
            Ok((Ok(earlier), reminder.into_iter().flatten().chain(writes).collect()))
        });
        match kept.await? {
            Err(fault) => return Ok(Some(fault)),
            Ok(Some(earlier)) => self.cancel_verification(earlier).await?,
            Ok(None) => {}
        }
        Ok(None)
    }

    /// What is being changed is given up; a set-up is not.
    async fn forget_draft(&self, handle: &str) -> Result<(), Away> {
        let Some(found) = self.find(handle).await? else { return Ok(()) };
        let now = self.engine.now();
        let Some(draft) = found.drafting(now).filter(|_| found.user.set_up) else { return Ok(()) };
        let proof = draft.proof;
        if draft.returns(now) && !proof.is_none_or(|proof| found.may_steer(proof, now)) {
            return Ok(());
        }
        let (key, deed) = (found.user.name.clone(), Deed::of(self, &found.login.value, ""));
        let dropping = self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            if user.value.draft.take_if(|draft| draft.proof == proof).is_none() {
                return Ok(((), vec![]));
            }
            let audit = deed.audit(policy, "portal.given_up", user.value.id, now);
            Ok(((), vec![user.write(&key), audit]))
        });
        dropping.await?;
        match proof {
            Some(proof) => self.cancel_verification(proof).await,
            None => Ok(()),
        }
    }

    async fn begin_undo(&self, handle: &str) -> Result<bool, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(false) };
        let (mode, now) = (mode_of(&found.user, Method::Sms, &self.engine.policy()), self.engine.now());
        let Some(draft) = found.user.undo(mode, now) else { return Ok(false) };
        if !found.login.value.asked.free_at().since(now).is_zero() {
            return Ok(false);
        }
        let draft = Draft { saved_by: found.typist().to_owned(), ..draft };
        // What went to the phone that is to go would keep the other one waiting.
        self.cancel(handle).await?;
        // One that is under way is joined.
        self.keep(&found, draft).await?;
        self.change_login(handle, |found| {
            found.login.value.undoes = true;
            true
        })
        .await
    }

    fn phone(&self, found: &Found, typed: &TypedPhone, policy: &Policy, now: Moment) -> Result<Draft, Vec<Fault>> {
        let (user, mut faults) = (&found.user, Vec::new());
        let own = own_phone(typed, policy).map_err(|more| faults.extend(more)).ok();
        let backup = match &typed.backup {
            Some(backup) if !user.set_up => {
                self.backup(backup, own.as_ref(), policy).map_err(|fault| faults.push(fault)).ok()
            }
            Some(_) | None => Some(draft::Backup::Stays),
        };
        let saved_by = found.typist().to_owned();
        let before = user.draft_at(now).filter(|draft| draft.saved_by == saved_by);
        let mode = mode_of(user, typed.method, policy);
        let draft = Draft {
            phone: own,
            backup: backup.unwrap_or_default(),
            aside: before.and_then(|draft| draft.aside.clone()),
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

    /// One that is set up already only has to be shown to work.
    fn chosen(&self, found: &Found, method: Method, policy: &Policy, now: Moment) -> Result<Draft, Vec<Fault>> {
        if !choices(policy, self.engine.doors().reach()).contains(&method) {
            return Err(vec![Fault::Method]);
        }
        let user = &found.user;
        let here = |draft: &&Draft| draft.saved_by == found.typist();
        let same = user.draft_at(now).filter(|draft| draft.method == method && !draft.undoes);
        if let Some(same) =
            same.filter(here).cloned().or(found.other_typist_s(now).filter(|kept| kept.method == method))
        {
            return Ok(same);
        }
        let mode = mode_of(user, method, policy);
        let fresh = Draft { saved_by: found.typist().to_owned(), ..Draft::begin(method, mode, now) };
        let own = user.draft_at(now).filter(here).filter(|draft| !draft.undoes).cloned();
        Ok(match own.or(found.other_typist_s(now)) {
            Some(before) => before.making_room_for(fresh),
            None => fresh,
        })
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
