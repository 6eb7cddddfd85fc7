//! The steps of a set-up or change: each is a draft at once, before anybody is texted (portal.md §6, rules 1, 2 and 9).
//! Refuses what this login may not set up, and to let an older form win over a newer one.

use super::logins::Found;
use super::places::Deed;
use super::{InProcess, away};
use crate::link::{AppKey, Away, Due, Fault, Mailed, Proved, Reply, SettingUp, Step, TakenToken};
use actors::seen_setting_up;
use engine::draft::{self, Draft};
use engine::method::Method;
use engine::moment::Moment;
use engine::policy::Policy;
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
