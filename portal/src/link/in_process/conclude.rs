//! What follows from the end of a verification: a login that is signed in, or a draft that counts.
//! Refuses to sign anybody in on anything but an end that says *verified*.

use super::logins::{Found, TRIES};
use super::places::Deed;
use super::{InProcess, away};
use crate::link::{Away, Conclusion};
use actors::{AnswersRecord, NotWritten, Refused, SpentRecord};
use engine::id::VerificationId;
use engine::login::{Asked, Login, LoginStage, Strength};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::User;
use engine::pin::PinStanding;
use engine::policy::Policy;
use engine::reason::{Reason, Status};
use engine::verification::Purpose;
use std::time::Duration;
use store::{Expect, Operation};

/// How a login gets in.
struct SignedIn {
    strength: Strength,
    set_up: bool,
    reason: Option<Reason>,
}

/// How long it is known that a verification was spent: longer than any login may refer to it.
const SPENT: Duration = Duration::from_secs(86_400);

impl InProcess {
    pub(super) async fn draw_conclusion(&self, handle: &str) -> Result<Conclusion, Away> {
        for _ in 0..TRIES {
            if let Some(conclusion) = self.try_conclusion(handle).await? {
                return Ok(conclusion);
            }
        }
        Err(Away("the login is changed again and again".into()))
    }

    /// `None` if the login was written by another page at the same moment.
    async fn try_conclusion(&self, handle: &str) -> Result<Option<Conclusion>, Away> {
        let now = self.engine.now();
        let Some(found) = self.find_going_on(handle).await? else { return Ok(Some(Conclusion::NotVerified)) };
        let Some(proof) = found.proof(now) else { return Ok(Some(Conclusion::NotVerified)) };
        let ended = match self.engine.look(proof, None).await {
            Ok(ended) => ended,
            Err(Refused::NotFound) => return Ok(Some(Conclusion::NotVerified)),
            Err(why) => return Err(away(why)),
        };
        // As the verification left it: a PIN that was right may have to be changed since.
        let Some(found) = self.find_going_on(handle).await?.filter(|found| found.proof(now) == Some(proof)) else {
            return Ok(None);
        };
        let reason = match (ended.status(), ended.reason()) {
            (Status::Verified, Some(reason)) if &*ended.user == found.user.name.as_str() => reason,
            (Status::Pending, _) => return Ok(Some(Conclusion::Pending)),
            (Status::Verified | Status::Denied | Status::Failed | Status::Cancelled, _) => {
                return Ok(Some(Conclusion::NotVerified));
            }
        };
        if found.drafting(now).is_some() {
            return self.conclude_draft(handle, &found, proof, ended.purpose).await;
        }
        let adopted = found.user.adopted.as_deref().filter(|adopted| adopted.proof == proof);
        match (ended.purpose, adopted) {
            (Purpose::SignIn, _) => {
                let how = SignedIn { strength: Strength::of(reason), set_up: false, reason: Some(reason) };
                self.signed_in(handle, &found, proof, how).await
            }
            (purpose, Some(adopted)) => self.adopted(handle, &found, (proof, &adopted.saved_by), purpose).await,
            (_, None) => self.elsewhere(handle, Conclusion::NotVerified).await,
        }
    }

    async fn conclude_draft(
        &self,
        handle: &str,
        found: &Found,
        proof: VerificationId,
        purpose: Purpose,
    ) -> Result<Option<Conclusion>, Away> {
        let saved_by = found.user.draft.as_ref().map(|draft| draft.saved_by.clone()).unwrap_or_default();
        let Some(adopted) = self.adopt(found, proof).await? else { return Ok(Some(Conclusion::NotVerified)) };
        if found.user.set_up && found.strength().is_some() {
            if adopted.undid {
                // Whoever began it stays; who came upon it may be the one whom it is to put out.
                self.end_others(found, saved_by != found.typist()).await?;
            }
            // What has succeeded is no round of tries.
            self.change_login(handle, |found| {
                found.login.value.asked = Asked::default();
                true
            })
            .await?;
            return Ok(Some(Conclusion::Changed));
        }
        self.adopted(handle, found, (proof, &saved_by), purpose).await
    }

    /// What was proved counts. It signs in the login that asked for the proof, where the draft was typed: whoever else has the
    /// password must not come in on the answer of the phone's owner.
    async fn adopted(
        &self,
        handle: &str,
        found: &Found,
        (proof, saved_by): (VerificationId, &str),
        purpose: Purpose,
    ) -> Result<Option<Conclusion>, Away> {
        // Without a sign-in a change is nothing but a return: every other login ends, this time and when it is tried again.
        if purpose == Purpose::Change {
            self.end_others(found, false).await?;
        }
        if found.asked() != Some(proof) || saved_by != found.typist() {
            return self.elsewhere(handle, Conclusion::SetUpElsewhere).await;
        }
        let how = SignedIn { strength: Strength::Strong, set_up: purpose == Purpose::Activation, reason: None };
        self.signed_in(handle, found, proof, how).await
    }

    /// Nothing follows for this login: it verifies itself by what counts now.
    async fn elsewhere(&self, handle: &str, conclusion: Conclusion) -> Result<Option<Conclusion>, Away> {
        self.change_login(handle, |found| {
            let login = &mut found.login.value;
            let waits = matches!(login.stage, LoginStage::Password { proof: Some(_) });
            if waits {
                login.stage = LoginStage::Password { proof: None };
            }
            waits
        })
        .await?;
        Ok(Some(conclusion))
    }

    async fn signed_in(
        &self,
        handle: &str,
        found: &Found,
        proof: VerificationId,
        SignedIn { strength, set_up, reason }: SignedIn,
    ) -> Result<Option<Conclusion>, Away> {
        let (policy, now) = (self.engine.policy(), self.engine.now());
        let login = Login {
            stage: LoginStage::SignedIn(strength),
            pin_due: strength == Strength::Strong && !set_up && pin_is_due(&found.user, &policy, now),
            asked: Asked::default(),
            undoes: false,
            ..found.login.value.clone()
        };
        let (new_handle, mut operations) = self.rotate(found, login);
        let deed = Deed::of(self, &found.login.value, proof.to_string());
        operations.push(deed.audit(&policy, "portal.sign_in", found.user.id, now));
        if reason == Some(Reason::QuestionsOk) {
            let deed = Deed::of(self, &found.login.value, "");
            operations.extend(deed.done(&found.user, &policy, ("portal.questions_used", Notice::QuestionsUsed), now));
        }
        // One verification signs one browser in, once.
        operations.push(Operation::put(proof.to_string(), &SpentRecord {}, Expect::Absent).until(now + SPENT));
        match self.engine.commit(operations).await {
            Ok(()) => {}
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => {
                let spent = self.engine.document::<SpentRecord>(&proof.to_string()).await.map_err(away)?.is_some();
                // The same page was posted twice, or two logins joined one verification: the first one signed in.
                return if spent { self.elsewhere(handle, Conclusion::NotVerified).await } else { Ok(None) };
            }
            Err(why) => return Err(away(why)),
        }
        if reason == Some(Reason::QuestionsOk) {
            self.engine.tell();
        }
        self.after_signing_in(found, strength).await;
        Ok(Some(Conclusion::SignedIn { handle: new_handle, set_up }))
    }

    /// The login is there already: what fails now is logged where it failed, and takes nothing from it.
    pub(super) async fn after_signing_in(&self, found: &Found, strength: Strength) {
        if strength == Strength::Strong {
            let _ = self.forgive_answers(&found.user).await;
        }
        let _ = self.note_place(found).await;
    }

    /// A good verification opens the way by security questions again (mfa-server.md §17).
    async fn forgive_answers(&self, user: &User) -> Result<(), Away> {
        let found = self.engine.document::<AnswersRecord>(&user.name).await.map_err(away)?;
        let Some(mut answers) = found.filter(|found| found.value.rounds != Default::default()) else { return Ok(()) };
        answers.value.rounds = Default::default();
        match self.engine.commit(vec![answers.write(&user.name)]).await {
            Ok(()) | Err(Refused::NotWritten(NotWritten::Conflict(_))) => Ok(()),
            Err(why) => Err(away(why)),
        }
    }
}

/// Whether the PIN that was right just now must be changed before anything else (mfa-server.md §5.3).
fn pin_is_due(user: &User, policy: &Policy, now: Moment) -> bool {
    let may = policy.portal.allow_change_pin && user.may_change_pin(&policy.pin);
    let due = matches!(user.pin.standing(&policy.pin, now), PinStanding::ChangeRequired | PinStanding::Expired);
    user.mode.needs_pin() && may && due
}
