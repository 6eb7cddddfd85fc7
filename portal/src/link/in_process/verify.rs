//! The verification that a login needs: started, looked at, answered, and what follows from its end.
//! Refuses to sign anybody in on anything but an end that says *verified*.

use super::app::drop_pending;
use super::logins::Found;
use super::sign_in::link;
use super::{APPLICATION, InProcess, away};
use crate::link::{Away, Conclusion, Entered, Progress};
use actors::{Idempotency, NotWritten, Person, Refused, SpentRecord, StartError};
use engine::draft::Draft;
use engine::id::{ApiKeyId, VerificationId};
use engine::login::{LoginStage, Strength};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::policy::Policy;
use engine::reason::Status;
use engine::request::Request;
use engine::verification::{Purpose, ResendRefusal, Verification};
use std::time::Duration;
use store::{Expect, Operation};

/// How often a login is written when another page writes it at the same moment.
const TRIES: usize = 5;
/// How long it is known that a verification was spent: longer than any login may refer to it.
const SPENT: Duration = Duration::from_secs(86_400);

impl Found {
    /// Whether it is a set-up that is to be proved, and not a method that counts.
    pub(super) const fn sets_up(&self) -> bool {
        !self.user.set_up
    }

    /// The verification that this login asked for.
    const fn asked(&self) -> Option<VerificationId> {
        match self.login.value.stage {
            LoginStage::Password { proof } => proof,
            LoginStage::SignedIn(_) => None,
        }
    }

    /// The verification that is looked at: of a set-up it may be one that another login asked for.
    fn proof(&self) -> Option<VerificationId> {
        if self.sets_up() { self.user.draft.as_ref().and_then(|draft| draft.proof) } else { self.asked() }
    }
}

impl InProcess {
    pub(super) async fn start(&self, handle: &str, once: &str) -> Result<(), Away> {
        let Some(found) = self.find(handle).await? else { return Ok(()) };
        let sets_up = found.sets_up();
        let nothing = if sets_up {
            found.user.draft.is_none()
        } else {
            matches!(found.login.value.stage, LoginStage::SignedIn(_))
        };
        if nothing {
            return Ok(());
        }
        let purpose = if sets_up { Purpose::Activation } else { Purpose::SignIn };
        // Of this login and this draft alone: what was asked for another proves nothing here.
        let draft = found.user.draft.as_ref().filter(|_| sets_up).map(|draft| draft.saved_at.millis());
        let key = format!("{}:{}:{once}", found.key, draft.unwrap_or_default());
        let idempotency = Idempotency::new(ApiKeyId::PORTAL, &key, String::new());
        let started = self.engine.start_verification(request(&found, purpose, key), Some(idempotency), false).await;
        let started = started.map_err(|why: StartError| {
            tracing::warn!(cause = %why, "a verification of the portal could not be started");
            Away(why.to_string())
        })?;
        let verification = started.verification;
        if sets_up && !self.note_proof(&found, &verification).await? {
            return Ok(());
        }
        self.note_asked(handle, verification.id).await
    }

    /// The login knows what it asked for. A visit may be noted at the same moment, so it is tried again.
    async fn note_asked(&self, handle: &str, proof: VerificationId) -> Result<(), Away> {
        for _ in 0..TRIES {
            let Some(mut found) = self.find(handle).await? else { return Ok(()) };
            if matches!(found.login.value.stage, LoginStage::SignedIn(_)) && !found.sets_up() {
                return Ok(());
            }
            found.login.value.stage = LoginStage::Password { proof: Some(proof) };
            if self.rewrite(&mut found).await? {
                return Ok(());
            }
        }
        Err(Away("the login is changed again and again".into()))
    }

    /// The draft as it was when the verification was started is what it proves; `false` if it is another by now.
    async fn note_proof(&self, found: &Found, verification: &Verification) -> Result<bool, Away> {
        let (key, proof, started_at) = (found.user.name.clone(), verification.id, verification.created_at);
        let saved_at = found.user.draft.as_ref().map(|draft| draft.saved_at);
        let (tell, told) = std::sync::mpsc::channel();
        let amendment = move |person: &mut Person, _: &Policy, _: Moment| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let same = |draft: &&mut Box<Draft>| Some(draft.saved_at) == saved_at && draft.saved_at <= started_at;
            let Some(draft) = user.value.draft.as_mut().filter(same) else { return Ok(vec![]) };
            draft.proof = Some(proof);
            // Whoever asked waits for the amendment, so the other end is there.
            let _ = tell.send(());
            Ok(vec![user.write(&key)])
        };
        self.engine.amend(&found.user.name, Box::new(amendment)).await.map_err(away)?;
        Ok(told.try_recv().is_ok())
    }

    pub(super) async fn look(&self, handle: &str, wait: Option<Duration>) -> Result<Option<Progress>, Away> {
        let Some(id) = self.find(handle).await?.and_then(|found| found.proof()) else { return Ok(None) };
        match self.engine.look(id, wait).await {
            Ok(verification) => Ok(Some(self.shown(&verification))),
            // Its outcome was removed at the end of its retention.
            Err(Refused::NotFound) => Ok(None),
            Err(why) => Err(away(why)),
        }
    }

    fn shown(&self, verification: &Verification) -> Progress {
        let now = self.engine.now();
        let rung = verification.rung();
        Progress {
            status: verification.status(),
            reason: verification.reason(),
            method: rung.map_or(Method::Sms, |rung| rung.method),
            mode: rung.map_or(Mode::TwoWayOtp, |rung| rung.mode),
            to: rung.and_then(|rung| rung.to).map(|number| number.masked()),
            attempts_left: verification.attempts_left(),
            left: verification.deadline().map_or(Duration::ZERO, |deadline| deadline.since(now)),
            again_in: match verification.may_resend(now) {
                Ok(()) => Some(Duration::ZERO),
                Err(ResendRefusal::TooSoon(free)) => Some(free.since(now)),
                Err(ResendRefusal::NothingSent | ResendRefusal::TooOften) => None,
            },
        }
    }

    pub(super) async fn type_code(&self, handle: &str, code: &str) -> Result<Entered, Away> {
        let Some(id) = self.find(handle).await?.and_then(|found| found.proof()) else { return Ok(Entered::Ended) };
        match self.engine.check(id, code).await {
            Ok(_) => Ok(Entered::Judged),
            Err(Refused::NotACode) => Ok(Entered::NotACode),
            Err(Refused::Paused(until)) => Ok(Entered::Wait(until.since(self.engine.now()))),
            Err(Refused::NotFound | Refused::Settled(_) | Refused::NoCodeAwaited) => Ok(Entered::Ended),
            Err(why) => Err(away(why)),
        }
    }

    /// Whether it may go yet is on the page already; here it is simply not sent.
    pub(super) async fn resend(&self, handle: &str) -> Result<(), Away> {
        let Some(id) = self.find(handle).await?.and_then(|found| found.proof()) else { return Ok(()) };
        match self.engine.resend(id).await {
            Ok(_) | Err(Refused::NotFound | Refused::Settled(_) | Refused::Resend(_)) => Ok(()),
            Err(why) => Err(away(why)),
        }
    }

    pub(super) async fn cancel(&self, handle: &str) -> Result<(), Away> {
        let Some(id) = self.find(handle).await?.and_then(|found| found.proof()) else { return Ok(()) };
        match self.engine.cancel(id).await {
            Ok(_) | Err(Refused::NotFound) => Ok(()),
            Err(why) => Err(away(why)),
        }
    }

    pub(super) async fn draw_conclusion(&self, handle: &str) -> Result<Conclusion, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(Conclusion::NotVerified) };
        let Some(proof) = found.proof() else { return Ok(Conclusion::NotVerified) };
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
        let set_up = found.sets_up();
        if set_up && !self.adopt(&found, proof).await? {
            return Ok(Conclusion::NotVerified);
        }
        if found.asked() != Some(proof) {
            return Ok(Conclusion::SetUpElsewhere);
        }
        let strength = if set_up { Strength::Strong } else { Strength::of(reason) };
        let (handle, mut operations) = self.rotate(&found, LoginStage::SignedIn(strength));
        let now = self.engine.now();
        operations.push(link(now, "portal.sign_in", found.user.id));
        // One verification signs one browser in, once.
        operations.push(Operation::put(proof.to_string(), &SpentRecord {}, Expect::Absent).until(now + SPENT));
        match self.engine.commit(operations).await {
            Ok(()) => Ok(Conclusion::SignedIn { handle, set_up }),
            // The same page was posted twice, or two logins joined one verification: the first one signed in.
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => Ok(Conclusion::NotVerified),
            Err(why) => Err(away(why)),
        }
    }

    /// What was set up counts from now on, if it is still what was proved.
    async fn adopt(&self, found: &Found, proof: VerificationId) -> Result<bool, Away> {
        let key = found.user.name.clone();
        let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            if !user.value.adopt(proof, &policy.pin, now) {
                return Ok(vec![]);
            }
            person.standing.value.cache.clear();
            let whom = user.value.id;
            let mut operations = vec![user.write(&key), person.standing.write(&key), link(now, "portal.set_up", whom)];
            operations.extend(drop_pending(person));
            Ok(operations)
        };
        self.engine.amend(&found.user.name, Box::new(amendment)).await.map_err(away)?;
        let user = self.engine.document::<engine::person::User>(&found.user.name).await.map_err(away)?;
        let user = user.map(|user| user.value);
        Ok(user.is_some_and(|user| user.set_up))
    }
}

fn request(found: &Found, purpose: Purpose, key: String) -> Request {
    Request {
        user: found.user.name.clone(),
        application: APPLICATION.into(),
        caller: ApiKeyId::PORTAL,
        purpose,
        plan: vec![],
        can_input: true,
        client_ip: found.login.value.address,
        idempotency_key: Some(key),
        ttl_seconds: None,
        language: None,
        callback_url: None,
        message: vec![],
        metadata: "{}".into(),
    }
}
