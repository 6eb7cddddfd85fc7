//! What a person may do at the portal, and what comes next.
//! Refuses to show what is not on offer: pages ask here, and each act asks again.

use super::InProcess;
use super::logins::{Belongings, Found};
use crate::link::{DraftView, Due, May, Person, Proof};
use engine::draft::{Backup, Draft};
use engine::login::Strength;
use engine::method::Method;
use engine::person::{Phone, REMINDERS};
use engine::policy::Policy;
use engine::portal::EnrollmentProof;
use engine::progress::{self, Has, State, Step};
use engine::question::CHOSEN;
use engine::reason::Status;
use engine::setup::{calls, choices, is_ready, may_set_up, mode_of, takes_calls, trial_mode};

impl InProcess {
    pub(super) fn person(&self, found: &Found, belongings: &Belongings) -> Person {
        let policy = self.engine.policy();
        let (user, reach) = (&found.user, self.engine.doors().reach());
        let tokens = belongings.tokens.iter().filter(|token| token.activated).count();
        let draft = found.drafting(self.engine.now()).filter(|_| !user.set_up || found.strength().is_some());
        Person {
            name: user.name.clone(),
            first_name: user.first_name.clone(),
            language: user.page_language.clone(),
            set_up: user.set_up,
            method: user.method,
            phone: user.phone.as_ref().map(|phone| phone.number.masked()),
            tokens,
            draft: draft.map(|draft| shown(draft, found.typist())),
            shortest_pin: policy.pin.shortest_for(user.pin_min_length),
            no_weak_pin: policy.pin.prevent_weak,
            has_pin: user.pin.hash.is_some(),
            voice_mode: mode_of(user, Method::Voice, &policy),
            text_mode: mode_of(user, Method::Sms, &policy),
            has_backup: user.backup_phone.is_some(),
            answered: belongings.answered,
            choices: choices(&policy, reach),
            ready: [Method::Voice, Method::Sms, Method::Oath]
                .into_iter()
                .filter(|method| is_ready(user, *method, tokens, &policy))
                .collect(),
            usable: may_set_up(user, draft.map_or(user.method, |draft| draft.method), &policy, reach),
            may: self.may(found, belongings, &policy),
        }
    }

    fn may(&self, found: &Found, belongings: &Belongings, policy: &Policy) -> May {
        let now = self.engine.now();
        let (portal, user) = (&policy.portal, &found.user);
        let strong = found.is_strong();
        let tokens = belongings.tokens.iter().any(|token| token.activated);
        let oath = policy.oath.enabled;
        // A set-up whose extra step is a token, or whose method is one, takes tokens by their serial number too.
        let sets_up_token = portal.prompt_oath_token;
        let chosen = belongings.answers.chosen.len();
        let called = calls(policy, self.engine.doors().reach());
        let tries = called && user.set_up && found.strength().is_some() && trial_mode(user, policy).is_some();
        let answers = belongings.answers.chosen.len() >= CHOSEN && belongings.answers.rounds.open(now);
        May {
            change_phone: portal.allow_change_phone || user.phone.is_none(),
            change_backup: portal.prompt_backup_phone && policy.voice.allow_backup,
            change_pin: portal.allow_change_pin && user.may_change_pin(&policy.pin) && user.pin.hash.is_some(),
            change_language: portal.allow_select_language,
            calls: called,
            test_backup: tries && policy.voice.allow_backup && user.backup_phone.is_some(),
            hear: tries && user.phone.as_ref().is_some_and(|phone| takes_calls(phone, policy)),
            change_questions: portal.questions_fallback && (portal.allow_change_questions || chosen == 0) && strong,
            tokens: oath && (portal.allow_oath_association || portal.allow_software_totp || tokens),
            own_app: oath && portal.allow_software_totp,
            take_token: oath && (portal.allow_oath_association || sets_up_token),
            bypass: portal.allow_bypass && strong,
            history: portal.show_history,
            undo: user.before_at(now).is_some(),
            use_code: oath && portal.oath_fallback && tokens && user.method != Method::Oath,
            use_questions: portal.questions_fallback && answers,
        }
    }

    /// How far the first set-up is.
    pub(super) fn steps(&self, found: &Found, belongings: &Belongings, proof: Option<Status>) -> Vec<(Step, State)> {
        let has = Has {
            proved: Some(found.login.value.proved),
            proof,
            token: belongings.tokens.iter().any(|token| token.activated),
            answers: belongings.answered,
        };
        progress::steps(&found.user, has, &self.engine.policy(), self.engine.doors().reach(), self.engine.now())
    }

    /// What comes before anything else, or is offered after a sign-in.
    pub(super) fn dues(&self, found: &Found, belongings: &Belongings) -> Vec<Due> {
        let policy = self.engine.policy();
        let (portal, user) = (&policy.portal, &found.user);
        if !user.set_up {
            let proof = match portal.enrollment_proof {
                EnrollmentProof::None => None,
                EnrollmentProof::MailCode => Some(Proof::Mail),
                EnrollmentProof::AdminCode => Some(Proof::Administrator),
            };
            return proof.filter(|_| !found.login.value.proved).map(Due::Proof).into_iter().collect();
        }
        if found.login.value.pin_due {
            return vec![Due::Pin];
        }
        if found.strength() != Some(Strength::Strong) {
            return vec![];
        }
        let has_token = belongings.tokens.iter().any(|token| token.activated);
        let token = portal.prompt_oath_token && policy.oath.enabled && !has_token;
        let chooses = belongings.answers.chosen.is_empty() || portal.allow_change_questions;
        let questions = portal.questions_fallback && chooses && !belongings.answered;
        let offered = [
            (token && user.put_off.token < REMINDERS, Due::Token),
            (questions && user.put_off.questions < REMINDERS, Due::Questions),
        ];
        offered.into_iter().filter(|(due, _)| *due).map(|(_, what)| what).collect()
    }
}

fn as_typed(phone: &Phone) -> (String, String) {
    let extension = phone.extension.as_ref().map(ToString::to_string);
    (phone.number.to_string(), extension.unwrap_or_default())
}

fn shown(draft: &Draft, typist: &str) -> DraftView {
    let phone = draft.phone.as_ref().filter(|_| !draft.undoes);
    // What was typed for another method is not asked for again.
    let aside = draft.aside.as_deref().filter(|aside| aside.saved_by == typist);
    let typed = if draft.saved_by == typist { phone } else { None };
    let typed = typed.or(aside.and_then(|aside| aside.phone.as_ref()).filter(|_| phone.is_none()));
    let backup = match (&draft.backup, aside.map(|aside| &aside.backup)) {
        (Backup::Is(phone), _) if draft.saved_by == typist => Some(as_typed(phone)),
        (Backup::Stays, Some(Backup::Is(phone))) => Some(as_typed(phone)),
        (Backup::Is(_) | Backup::Gone | Backup::Stays, _) => None,
    };
    DraftView {
        backup,
        method: draft.method,
        phone: typed.map(as_typed),
        has_phone: phone.is_some(),
        has_pin: draft.pin.is_some() && draft.saved_by == typist,
        asked: draft.proof.is_some(),
        version: draft.saved_at.millis(),
    }
}
