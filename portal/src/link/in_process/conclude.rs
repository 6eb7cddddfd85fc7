//! What follows from the end of a verification: a login that is signed in, or a draft that counts.
//! Refuses to sign anybody in on anything but an end that says *verified*.

use super::app::drop_pending;
use super::logins::Found;
use super::places::Deed;
use super::{InProcess, away, link};
use crate::link::{Away, Conclusion};
use actors::{AnswersRecord, NotWritten, Person, Refused, SpentRecord};
use engine::draft::Adopted;
use engine::id::VerificationId;
use engine::login::{Asked, Login, LoginStage, Strength};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::User;
use engine::pin::PinStanding;
use engine::policy::Policy;
use engine::reason::{Reason, Status};
use std::time::Duration;
use store::{Expect, Operation};

/// How long it is known that a verification was spent: longer than any login may refer to it.
const SPENT: Duration = Duration::from_secs(86_400);

impl InProcess {
    pub(super) async fn draw_conclusion(&self, handle: &str) -> Result<Conclusion, Away> {
        let now = self.engine.now();
        let Some(found) = self.find(handle).await? else { return Ok(Conclusion::NotVerified) };
        let Some(proof) = found.proof(now) else { return Ok(Conclusion::NotVerified) };
        let ended = match self.engine.look(proof, None).await {
            Ok(ended) => ended,
            Err(Refused::NotFound) => return Ok(Conclusion::NotVerified),
            Err(why) => return Err(away(why)),
        };
        let reason = match (ended.status(), ended.reason()) {
            (Status::Verified, Some(reason)) if &*ended.user == found.user.name.as_str() => reason,
            (Status::Pending, _) => return Ok(Conclusion::Pending),
            (Status::Verified | Status::Denied | Status::Failed | Status::Cancelled, _) => {
                return Ok(Conclusion::NotVerified);
            }
        };
        match found.drafting(now) {
            Some(_) => self.conclude_draft(&found, proof).await,
            None => self.signed_in(&found, proof, Strength::of(reason), false, Some(reason)).await,
        }
    }

    async fn conclude_draft(&self, found: &Found, proof: VerificationId) -> Result<Conclusion, Away> {
        let set_up = !found.user.set_up;
        let Some(adopted) = self.adopt(found, proof).await? else { return Ok(Conclusion::NotVerified) };
        if !set_up && found.strength().is_some() {
            if adopted.undid {
                self.end_others(found, false).await?;
            }
            return Ok(Conclusion::Changed);
        }
        if found.asked() != Some(proof) {
            return Ok(Conclusion::SetUpElsewhere);
        }
        if adopted.undid {
            self.end_others(found, false).await?;
        }
        self.signed_in(found, proof, Strength::Strong, set_up, None).await
    }

    async fn signed_in(
        &self,
        found: &Found,
        proof: VerificationId,
        strength: Strength,
        set_up: bool,
        reason: Option<Reason>,
    ) -> Result<Conclusion, Away> {
        let (policy, now) = (self.engine.policy(), self.engine.now());
        let login = Login {
            stage: LoginStage::SignedIn(strength),
            pin_due: strength == Strength::Strong && !set_up && pin_is_due(&found.user, &policy, now),
            asked: Asked::default(),
            undoes: false,
            ..found.login.value.clone()
        };
        let (handle, mut operations) = self.rotate(found, login);
        operations.push(link(&policy, now, "portal.sign_in", found.user.id));
        if reason == Some(Reason::QuestionsOk) {
            let deed = Deed::of(self, &found.login.value, "");
            operations.extend(deed.done(&found.user, &policy, ("portal.questions_used", Notice::QuestionsUsed), now));
        }
        // One verification signs one browser in, once.
        operations.push(Operation::put(proof.to_string(), &SpentRecord {}, Expect::Absent).until(now + SPENT));
        match self.engine.commit(operations).await {
            Ok(()) => {}
            // The same page was posted twice, or two logins joined one verification: the first one signed in.
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => return Ok(Conclusion::NotVerified),
            Err(why) => return Err(away(why)),
        }
        if strength == Strength::Strong {
            self.forgive_answers(&found.user).await?;
        }
        self.note_place(found).await?;
        self.engine.tell();
        Ok(Conclusion::SignedIn { handle, set_up })
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

    /// What was drafted counts from now on, if it is still what was proved.
    async fn adopt(&self, found: &Found, proof: VerificationId) -> Result<Option<Adopted>, Away> {
        let key = found.user.name.clone();
        let deed = Deed::of(self, &found.login.value, "");
        self.amended(&found.user.name, move |person, policy, now| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let Some(adopted) = user.value.adopt(proof, &policy.pin, now) else { return Ok((None, vec![])) };
            let mut operations = vec![user.write(&key)];
            person.standing.value.cache.clear();
            operations.push(person.standing.write(&key));
            operations.extend(told(person, &adopted, deed, policy, now));
            if adopted.first {
                operations.extend(drop_pending(person));
            }
            Ok((Some(adopted), operations))
        })
        .await
    }
}

/// The person is told of each thing that changed; the old phone too, because whoever changed it may be somebody else.
fn told(person: &Person, adopted: &Adopted, mut deed: Deed, policy: &Policy, now: Moment) -> Vec<Operation> {
    let Some(user) = person.user.as_ref().map(|user| &user.value) else { return vec![] };
    if adopted.first {
        return deed.done(user, policy, ("portal.set_up", Notice::SetUp), now);
    }
    let mut operations = vec![];
    if adopted.undid {
        operations.extend(deed.done(user, policy, ("portal.phone_restored", Notice::PhoneRestored), now));
    } else if let Some(old) = &adopted.old_phone {
        deed.told.detail = user.phone.as_ref().map(|phone| phone.number.masked()).unwrap_or_default();
        operations.push(link(policy, now, "portal.phone", user.id));
        if policy.portal.phone_change_notice {
            operations.extend(deed.doors.mail(user, policy, Notice::PhoneChanged, &deed.told, now));
            operations.extend(deed.doors.text(old.number, user, policy, Notice::PhoneChanged, &deed.told, now));
        }
    }
    if adopted.method_changed && !adopted.undid {
        deed.told.detail = user.method.to_string();
        operations.extend(deed.done(user, policy, ("portal.method", Notice::MethodChanged), now));
    }
    if adopted.pin_changed {
        deed.told.detail.clear();
        operations.extend(deed.done(user, policy, ("portal.pin", Notice::PinChanged), now));
    }
    operations
}

/// Whether the PIN that was right just now must be changed before anything else (mfa-server.md §5.3).
fn pin_is_due(user: &User, policy: &Policy, now: Moment) -> bool {
    let may = policy.portal.allow_change_pin && user.may_change_pin(&policy.pin);
    let due = matches!(user.pin.standing(&policy.pin, now), PinStanding::ChangeRequired | PinStanding::Expired);
    user.mode.needs_pin() && may && due
}
