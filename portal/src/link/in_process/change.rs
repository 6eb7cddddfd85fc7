//! Changes that need no verification: the backup phone, and languages; and steps that are put off.
//! Refuses a backup phone to a login that is not strong.

use super::InProcess;
use super::logins::Found;
use super::places::Deed;
use crate::calls::languages;
use crate::link::{Away, Backup, Change, Due, Fault};
use engine::draft;
use engine::method::Method;
use engine::notice::Notice;
use engine::person::{Phone, User};
use engine::portal::LANGUAGES;

/// Whether calls speak this language.
pub fn is_spoken(tag: &str) -> bool {
    languages().iter().any(|language| language.tag == tag)
}

impl InProcess {
    pub(super) async fn change_something(&self, handle: &str, change: Change) -> Result<Vec<Fault>, Away> {
        match change {
            Change::Backup(typed) => self.change_backup(handle, &typed).await,
            Change::Language { page, text, call } => self.change_language(handle, page, (text, call)).await,
        }
    }

    async fn change_backup(&self, handle: &str, typed: &Backup) -> Result<Vec<Fault>, Away> {
        let policy = self.engine.policy();
        let may_have_one = policy.portal.prompt_backup_phone && policy.voice.allow_backup;
        let found = self.find(handle).await?.filter(|found| found.is_strong() && may_have_one);
        let Some(found) = found else { return Ok(vec![Fault::Method]) };
        let backup = match self.backup(typed, found.user.phone.as_ref(), &policy) {
            Ok(draft::Backup::Is(phone)) => Some(phone),
            Ok(draft::Backup::Gone | draft::Backup::Stays) => None,
            Err(fault) => return Ok(vec![fault]),
        };
        let masked = |phone: Option<&Phone>| phone.map_or_else(|| "-".to_owned(), |phone| phone.number.masked());
        let detail = format!("{} {}", masked(found.user.backup_phone.as_ref()), masked(backup.as_ref()));
        let (key, deed) = (found.user.name.clone(), Deed::of(self, &found.login.value, detail));
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            if user.value.backup_phone == backup {
                return Ok((vec![], vec![]));
            }
            user.value.set_backup(backup);
            let mut operations = vec![user.write(&key)];
            let act = ("portal.backup_phone", Notice::BackupPhoneChanged);
            operations.extend(deed.done(&user.value, policy, act, now));
            Ok((vec![], operations))
        })
        .await
    }

    async fn change_language(
        &self,
        handle: &str,
        page: String,
        (text, call): (String, Option<String>),
    ) -> Result<Vec<Fault>, Away> {
        let policy = self.engine.policy();
        let found = self.find(handle).await?.filter(|_| policy.portal.allow_select_language);
        let written = |user: &User| LANGUAGES.contains(&text.as_str()) || text == user.language_of(Method::Sms);
        let said =
            |user: &User| call.as_ref().is_none_or(|call| is_spoken(call) || call == user.language_of(Method::Voice));
        let offered = policy.portal.languages.contains(&page);
        let may = |found: &Found| offered && written(&found.user) && said(&found.user) && found.strength().is_some();
        let Some(found) = found.filter(may) else {
            return Ok(vec![Fault::Method]);
        };
        let detail = format!("{page} {text} {}", call.as_deref().unwrap_or("-"));
        let (key, deed) = (found.user.name.clone(), Deed::of(self, &found.login.value, detail));
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            (user.value.page_language, user.value.languages.sms) = (Some(page), Some(text));
            if call.is_some() {
                user.value.languages.voice = call;
            }
            Ok((vec![], vec![user.write(&key), deed.audit(policy, "portal.language", user.value.id, now)]))
        })
        .await
    }

    pub(super) async fn put_step_off(&self, handle: &str, due: Due) -> Result<(), Away> {
        let Some(found) = self.find(handle).await?.filter(|found| found.strength().is_some()) else { return Ok(()) };
        let what = if due == Due::Token { "token" } else { "questions" };
        let (key, deed) = (found.user.name.clone(), Deed::of(self, &found.login.value, what));
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let put_off = &mut user.value.put_off;
            match due {
                Due::Token => put_off.token = put_off.token.saturating_add(1),
                Due::Questions => put_off.questions = put_off.questions.saturating_add(1),
                Due::Proof(_) | Due::Pin => return Ok(((), vec![])),
            }
            Ok(((), vec![user.write(&key), deed.audit(policy, "portal.put_off", user.value.id, now)]))
        })
        .await
    }
}
