//! What the first set-up needs beside the password: a code by mail, or one of an administrator (portal.md §3.2).
//! Refuses to keep the code: its hash is with the person, and it counts for the login that showed it.

use super::InProcess;
use super::logins::Found;
use super::places::Deed;
use crate::link::{Away, Mailed};
use actors::{ENROLLMENT_CODE, Told};
use engine::enrollment::{EnrollmentCode, Shown};
use engine::portal::EnrollmentProof;
use engine::secret::Secret;

impl InProcess {
    /// Whether nothing more is needed beside the password.
    pub(super) fn is_proved(&self, found: &Found) -> bool {
        self.engine.policy().portal.enrollment_proof == EnrollmentProof::None || found.login.value.proved
    }

    pub(super) async fn mail_code(&self, handle: &str, again: bool) -> Result<Option<Mailed>, Away> {
        let by_mail = self.engine.policy().portal.enrollment_proof == EnrollmentProof::MailCode;
        let Some(found) = self.find(handle).await?.filter(|found| by_mail && !found.user.set_up) else {
            return Ok(None);
        };
        let Some(mailbox) = found.user.mailbox().map(masked) else { return Ok(None) };
        let code = EnrollmentCode::digits(|| u64::from_be_bytes(actors::random::bytes()));
        let Some(pin_key) = self.engine.pin_keys().first().cloned() else { return Ok(None) };
        let sealed = self.engine.vault().seal(ENROLLMENT_CODE, code.expose().as_bytes());
        let (key, doors) = (found.user.name.clone(), self.engine.doors());
        let deed = Deed::of(self, &found.login.value, "");
        let sent = self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let earlier = user.value.enrollment_code.clone();
            let stays = |earlier: &EnrollmentCode| !earlier.may_be_replaced(now) || (!again && earlier.is_live(now));
            if earlier.as_ref().is_some_and(stays) {
                let dead = earlier.filter(|earlier| !earlier.is_live(now));
                return Ok((Some(dead.map(|dead| dead.free_at(now))), vec![]));
            }
            let told = Told { detail: sealed, ..Told::default() };
            let Some(letter) = doors.code(&user.value, policy, &told, now) else {
                return Ok((None, vec![]));
            };
            let (salt, id) = (actors::random::bytes(), user.value.id);
            user.value.enrollment_code =
                Some(EnrollmentCode::by_mail(&pin_key, salt, id, &code, earlier.as_ref(), now));
            Ok((Some(None), vec![user.write(&key), letter, deed.audit(policy, "portal.enrollment_code", id, now)]))
        });
        Ok(sent.await?.map(|not_before| Mailed { mailbox, not_before }))
    }

    pub(super) async fn check_code(&self, handle: &str, typed: &str) -> Result<bool, Away> {
        let Some(found) = self.find(handle).await?.filter(|found| !found.user.set_up) else { return Ok(false) };
        let (key, keys) = (found.user.name.clone(), self.engine.pin_keys().to_vec());
        let deed = Deed::of(self, &found.login.value, "");
        let typed = Secret::new(typed.chars().filter(char::is_ascii_digit).collect::<String>());
        let shown = self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let id = user.value.id;
            let Some(code) = user.value.enrollment_code.as_mut() else { return Ok((Shown::Wrong, vec![])) };
            let shown = code.show(&keys, id, typed.expose(), now);
            if shown == Shown::Right {
                user.value.enrollment_code = None;
            }
            let act = if shown == Shown::Right { "portal.proof" } else { "portal.proof_wrong" };
            Ok((shown, vec![user.write(&key), deed.audit(policy, act, id, now)]))
        });
        if shown.await? != Shown::Right {
            return Ok(false);
        }
        self.change_login(handle, |found| {
            found.login.value.proved = true;
            true
        })
        .await
    }
}

/// A mailbox to its first letter and domain (portal.md §14).
fn masked(mailbox: &str) -> String {
    let (local, domain) = mailbox.rsplit_once('@').unwrap_or((mailbox, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}
