//! Changes that need no verification: the backup phone, and languages; and steps that are put off.
//! Refuses a backup phone to a login that is not strong.

use super::InProcess;
use super::logins::Found;
use super::places::Deed;
use crate::link::{Away, Backup, Change, Due, Fault};
use engine::draft;
use engine::notice::Notice;
use engine::person::Phone;
use engine::portal::LANGUAGES;

impl InProcess {
    pub(super) async fn change_something(&self, handle: &str, change: Change) -> Result<Vec<Fault>, Away> {
        match change {
            Change::Backup(typed) => self.change_backup(handle, &typed).await,
            Change::Language { page, text } => self.change_language(handle, page, text).await,
        }
    }

    async fn change_backup(&self, handle: &str, typed: &Backup) -> Result<Vec<Fault>, Away> {
        let policy = self.engine.policy();
        let found = self.find(handle).await?.filter(|found| found.is_strong() && policy.portal.prompt_backup_phone);
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
            user.value.backup_phone = backup;
            let mut operations = vec![user.write(&key)];
            let act = ("portal.backup_phone", Notice::BackupPhoneChanged);
            operations.extend(deed.done(&user.value, policy, act, now));
            Ok((vec![], operations))
        })
        .await
    }

    async fn change_language(&self, handle: &str, page: String, text: String) -> Result<Vec<Fault>, Away> {
        let policy = self.engine.policy();
        let found = self.find(handle).await?.filter(|_| policy.portal.allow_select_language);
        let known = |own: &str| LANGUAGES.contains(&text.as_str()) || text == own;
        let offered = policy.portal.languages.contains(&page);
        let may = |found: &Found| offered && known(&found.user.language) && found.strength().is_some();
        let Some(found) = found.filter(may) else {
            return Ok(vec![Fault::Method]);
        };
        let (key, deed) = (found.user.name.clone(), Deed::of(self, &found.login.value, format!("{page} {text}")));
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            (user.value.page_language, user.value.language) = (Some(page), text);
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
