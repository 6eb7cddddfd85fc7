//! The verification that a login needs: started, looked at, answered, and what follows from its end.
//! Refuses to sign anybody in on anything but an end that says *verified*.

use super::logins::Found;
use super::sign_in::link;
use super::{APPLICATION, CALLER, InProcess, away};
use crate::link::{Away, Conclusion, Entered, Progress};
use actors::{Idempotency, NotWritten, Person, Refused, StartError};
use engine::id::VerificationId;
use engine::login::{LoginStage, Strength};
use engine::moment::Moment;
use engine::policy::Policy;
use engine::reason::Status;
use engine::request::Request;
use engine::verification::{Purpose, ResendRefusal, Verification};
use std::time::Duration;

impl Found {
    /// Whether it is a set-up that is to be proved, and not a method that counts.
    pub(super) const fn sets_up(&self) -> bool {
        !self.user.set_up
    }

    fn proof(&self) -> Option<VerificationId> {
        if self.sets_up() {
            return self.user.draft.as_ref().and_then(|draft| draft.proof);
        }
        match self.login.value.stage {
            LoginStage::Password { proof } => proof,
            LoginStage::SignedIn(_) => None,
        }
    }
}

impl InProcess {
    pub(super) async fn start(&self, handle: &str, once: &str) -> Result<(), Away> {
        let Some(mut found) = self.find(handle).await? else { return Ok(()) };
        let sets_up = found.sets_up();
        if matches!(found.login.value.stage, LoginStage::SignedIn(_)) || (sets_up && found.user.draft.is_none()) {
            return Ok(());
        }
        let purpose = if sets_up { Purpose::Activation } else { Purpose::SignIn };
        let key = format!("{}:{once}", found.user.id);
        let idempotency = Idempotency::new(CALLER, &key, purpose_word(purpose).into());
        let request = request(&found, purpose, key);
        let started = match self.engine.start_verification(request, Some(idempotency), false).await {
            Ok(started) => started.verification,
            Err(StartError::OtherBody) => return Ok(()),
            Err(why) => {
                tracing::warn!(cause = %why, "a verification of the portal could not be started");
                return Err(Away(why.to_string()));
            }
        };
        if sets_up {
            return self.note_proof(&found, started.id).await;
        }
        found.login.value.stage = LoginStage::Password { proof: Some(started.id) };
        self.rewrite(&mut found).await
    }

    /// The draft as it was when the verification was started is what it proves.
    async fn note_proof(&self, found: &Found, proof: VerificationId) -> Result<(), Away> {
        let key = found.user.name.clone();
        let saved_at = found.user.draft.as_ref().map(|draft| draft.saved_at);
        let amendment = move |person: &mut Person, _: &Policy, _: Moment| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let Some(draft) = user.value.draft.as_mut().filter(|draft| Some(draft.saved_at) == saved_at) else {
                return Ok(vec![]);
            };
            draft.proof = Some(proof);
            Ok(vec![user.write(&key)])
        };
        self.engine.amend(&found.user.name, Box::new(amendment)).await.map_err(away)
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
        let own = engine::method::Method::Sms;
        Progress {
            status: verification.status(),
            reason: verification.reason(),
            method: rung.map_or(own, |rung| rung.method),
            mode: rung.map_or(engine::method::Mode::TwoWayOtp, |rung| rung.mode),
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
        let strength = if set_up { Strength::Strong } else { Strength::of(reason) };
        let (handle, mut operations) = self.rotate(&found, LoginStage::SignedIn(strength));
        operations.push(link(self.engine.now(), "portal.sign_in", found.user.id));
        match self.engine.commit(operations).await {
            Ok(()) => Ok(Conclusion::SignedIn { handle, set_up }),
            // The same page was posted twice: the first one signed in.
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
            Ok(vec![user.write(&key), person.standing.write(&key), link(now, "portal.set_up", whom)])
        };
        self.engine.amend(&found.user.name, Box::new(amendment)).await.map_err(away)?;
        let user = self.engine.document::<engine::person::User>(&found.user.name).await.map_err(away)?;
        let user = user.map(|user| user.value);
        if let Some(number) = user.as_ref().and_then(|user| user.phone.as_ref()).map(|phone| phone.number) {
            self.engine.number_enrolled(number).await.map_err(away)?;
        }
        Ok(user.is_some_and(|user| user.set_up))
    }
}

const fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Activation => "activation",
        Purpose::SignIn => "sign_in",
        Purpose::Change => "change",
        Purpose::CallerCheck => "caller_check",
        Purpose::Test => "test",
    }
}

fn request(found: &Found, purpose: Purpose, key: String) -> Request {
    Request {
        user: found.user.name.clone(),
        application: APPLICATION.into(),
        caller: CALLER,
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
