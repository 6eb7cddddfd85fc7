//! The verification that a login needs, or that proves a draft: started, looked at, answered.
//! Refuses to prove by one draft what is saved as another.

use super::logins::Found;
use super::{APPLICATION, InProcess, away};
use crate::link::{Away, CallState, Conclusion, Entered, Line, Progress, Reply, Verifying, Way};
use actors::{Idempotency, Refused, StartError};
use engine::draft::{Backup, Draft};
use engine::id::{ApiKeyId, VerificationId};
use engine::login::LoginStage;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::reason::{Reason, Status};
use engine::request::{Request, Wish};
use engine::verification::{Purpose, ResendRefusal, Stage, Talk, Verification};
use std::time::Duration;

impl Verifying for InProcess {
    fn ask<'a>(&'a self, handle: &'a str, once: &'a str, way: Way) -> Reply<'a, Option<Duration>> {
        Box::pin(self.start(handle, once, way))
    }

    fn progress<'a>(&'a self, handle: &'a str, wait: Option<Duration>) -> Reply<'a, Option<Progress>> {
        Box::pin(self.look(handle, wait))
    }

    fn moved<'a>(&'a self, handle: &'a str, seen: Option<Progress>, wait: Duration) -> Reply<'a, Option<Progress>> {
        Box::pin(self.look_again(handle, seen, wait))
    }

    fn enter<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Entered> {
        Box::pin(self.type_code(handle, code))
    }

    fn send_again<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.resend(handle))
    }

    fn call_off<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.cancel(handle))
    }

    fn conclude<'a>(&'a self, handle: &'a str) -> Reply<'a, Conclusion> {
        Box::pin(self.draw_conclusion(handle))
    }

    fn story<'a>(&'a self, handle: &'a str, of: Option<VerificationId>) -> Reply<'a, Vec<Line>> {
        Box::pin(self.tell_story(handle, of))
    }
}

impl InProcess {
    async fn start(&self, handle: &str, once: &str, way: Way) -> Result<Option<Duration>, Away> {
        let now = self.engine.now();
        if way == Way::Code {
            self.give_return_up(handle).await?;
        }
        let Some(found) = self.find_going_on(handle).await? else { return Ok(None) };
        let Some(purpose) = found.purpose(now) else { return Ok(None) };
        if self.is_somebody_else_s(handle, &found, now).await? {
            return Ok(None);
        }
        let wait = found.login.value.asked.free_at().since(now);
        if !wait.is_zero() {
            return Ok(Some(wait));
        }
        let plan = match way {
            Way::Own => vec![],
            Way::Code if self.may_use_code(handle, &found, purpose).await? => {
                // One way at a time: what was asked before is called off first, or the new one would join it.
                self.cancel(handle).await?;
                vec![Wish::new(Method::Oath, Mode::Code)]
            }
            Way::Code => return Ok(None),
        };
        self.begin(handle, &found, purpose, (once, plan)).await
    }

    /// Another way to sign in is chosen than the old phone.
    pub(super) async fn give_return_up(&self, handle: &str) -> Result<(), Away> {
        self.change_login(handle, |found| found.strength().is_none() && std::mem::take(&mut found.login.value.undoes))
            .await?;
        Ok(())
    }

    /// Whether what is out is another login's, which is left alone until it has ended.
    async fn is_somebody_else_s(&self, handle: &str, found: &Found, now: Moment) -> Result<bool, Away> {
        match found.proof(now).filter(|id| !found.may_steer(*id, now)) {
            Some(_) => Ok(self.look(handle, None).await?.is_some_and(|one| one.status == Status::Pending)),
            None => Ok(false),
        }
    }

    /// Not where a code is awaited already, or where nothing else may follow (portal.md §4.2).
    async fn may_use_code(&self, handle: &str, found: &Found, purpose: Purpose) -> Result<bool, Away> {
        let on = self.engine.policy().portal.oath_fallback && found.user.method != Method::Oath;
        if !on || purpose != Purpose::SignIn {
            return Ok(false);
        }
        let running = self.look(handle, None).await?;
        let asked = |one: &Progress| one.status == Status::Pending && one.method == Method::Oath;
        Ok(running.is_none_or(|one| !asked(&one) && one.reason.is_none_or(Reason::may_fall_back)))
    }

    /// Whether security questions may follow what runs or has ended.
    pub(super) async fn may_answer(&self, handle: &str) -> Result<bool, Away> {
        Ok(self.look(handle, None).await?.is_none_or(|one| one.reason.is_none_or(Reason::may_fall_back)))
    }

    async fn begin(
        &self,
        handle: &str,
        found: &Found,
        purpose: Purpose,
        (once, plan): (&str, Vec<Wish>),
    ) -> Result<Option<Duration>, Away> {
        // Of this login and this draft alone: what was asked for another proves nothing here.
        let draft = found.drafting(self.engine.now()).map(|draft| draft.saved_at);
        let key = format!("{}:{}:{}:{once}", found.origin(), draft.unwrap_or_default().millis(), plan.len());
        let idempotency = Idempotency::new(ApiKeyId::PORTAL, &key, String::new());
        let request = Request { plan, ..request(found, purpose, key) };
        let started = self.engine.start_verification(request, Some(idempotency), false).await;
        let started = started.map_err(|why: StartError| {
            tracing::warn!(cause = %why, "a verification of the portal could not be started");
            Away(why.to_string())
        })?;
        let verification = started.verification;
        if draft.is_some() && !self.note_proof(found, draft, &verification).await? {
            self.cancel_verification(verification.id).await?;
            return Ok(None);
        }
        self.note_asked(handle, verification.id).await?;
        Ok(None)
    }

    /// The login knows what it asked for; one that is signed in stays so while a change is proved.
    async fn note_asked(&self, handle: &str, proof: VerificationId) -> Result<(), Away> {
        let now = self.engine.now();
        self.change_login(handle, |found| {
            let login = &mut found.login.value;
            login.asked.note(now);
            if found.user.set_up && matches!(login.stage, LoginStage::SignedIn(_)) {
                login.change = Some(proof);
            } else {
                login.stage = LoginStage::Password { proof: Some(proof) };
            }
            true
        })
        .await?;
        Ok(())
    }

    /// The draft as it was when the verification was started is what it proves; `false` if it is another by now.
    async fn note_proof(
        &self,
        found: &Found,
        saved_at: Option<Moment>,
        verification: &Verification,
    ) -> Result<bool, Away> {
        let (key, proof, started_at) = (found.user.name.clone(), verification.id, verification.created_at);
        let typist = found.typist().to_owned();
        self.amended(&found.user.name, move |person, _, _| {
            let user = person.user.as_mut().ok_or("nobody is there")?;
            let set_up = user.value.set_up;
            let same = |draft: &&mut Box<Draft>| Some(draft.saved_at) == saved_at && draft.saved_at <= started_at;
            let Some(draft) = user.value.draft.as_mut().filter(same) else { return Ok((false, vec![])) };
            draft.proof = Some(proof);
            if !set_up && draft.saved_by != typist {
                // Typed by whom? It gets no call before its owner typed it too.
                draft.backup = Backup::Stays;
            }
            Ok((true, vec![user.write(&key)]))
        })
        .await
    }

    async fn looked_at(&self, handle: &str) -> Result<Option<(Found, VerificationId)>, Away> {
        let found = self.find_going_on(handle).await?;
        let now = self.engine.now();
        Ok(found.and_then(|found| found.proof(now).map(|id| (found, id))))
    }

    async fn steered(&self, handle: &str) -> Result<Option<VerificationId>, Away> {
        let now = self.engine.now();
        let looked_at = self.looked_at(handle).await?;
        Ok(looked_at.filter(|(found, id)| found.may_steer(*id, now)).map(|(_, id)| id))
    }

    async fn look(&self, handle: &str, wait: Option<Duration>) -> Result<Option<Progress>, Away> {
        match self.looked_at(handle).await? {
            Some((found, id)) => self.seen(&found, id, wait).await,
            None => Ok(None),
        }
    }

    /// How what is to prove the set-up of this login's person stands.
    pub(super) async fn progress_of(&self, found: &Found) -> Result<Option<Progress>, Away> {
        match found.proof(self.engine.now()) {
            Some(id) => self.seen(found, id, None).await,
            None => Ok(None),
        }
    }

    async fn seen(&self, found: &Found, id: VerificationId, wait: Option<Duration>) -> Result<Option<Progress>, Away> {
        let verification = match self.engine.look(id, wait).await {
            Ok(verification) => verification,
            // Its outcome was removed at the end of its retention.
            Err(Refused::NotFound) => return Ok(None),
            Err(why) => return Err(away(why)),
        };
        let own = found.drafting(self.engine.now()).map(|draft| (draft.method, draft.mode));
        let mut progress = self.shown(&verification, own.unwrap_or((found.user.method, found.user.mode))).await?;
        progress.steers = found.may_steer(id, self.engine.now());
        if progress.reason == Some(Reason::Locked) {
            let standing = self.belongings(&found.user.name).await?.standing;
            progress.locked_until = standing.lockout.locked_until(self.engine.now());
        }
        Ok(Some(progress))
    }

    async fn look_again(&self, handle: &str, seen: Option<Progress>, wait: Duration) -> Result<Option<Progress>, Away> {
        let Some((found, id)) = self.looked_at(handle).await? else { return Ok(None) };
        self.until_moved(id, seen.as_ref(), wait, || self.seen(&found, id, None)).await
    }

    /// How a verification stands once it stands otherwise than it was seen, or time is over.
    pub(super) async fn until_moved<F: Future<Output = Result<Option<Progress>, Away>>>(
        &self,
        id: VerificationId,
        seen: Option<&Progress>,
        wait: Duration,
        look: impl Fn() -> F,
    ) -> Result<Option<Progress>, Away> {
        if wait.is_zero() {
            return look().await;
        }
        // Watched before the first look: nothing that happens after it is missed.
        let mut seat = self.engine.watch(id);
        let moved = async {
            loop {
                let progress = look().await?;
                let same = progress.as_ref().is_some_and(|now| seen.is_some_and(|seen| now.is_as(seen)));
                if !same {
                    return Ok(progress);
                }
                seat.news().await;
            }
        };
        match tokio::time::timeout(wait, moved).await {
            Ok(moved) => moved,
            Err(_) => look().await,
        }
    }

    /// How it stands; `own` where nobody was contacted.
    pub(super) async fn shown(&self, verification: &Verification, own: (Method, Mode)) -> Result<Progress, Away> {
        let now = self.engine.now();
        let rung = verification.rung();
        Ok(Progress {
            status: verification.status(),
            reason: verification.reason(),
            method: rung.map_or(own.0, |rung| rung.method),
            mode: rung.map_or(own.1, |rung| rung.mode),
            backup: rung.and_then(|rung| rung.dialling.as_ref()).is_some_and(|dialling| dialling.backup),
            call: Self::call_of(verification),
            to: rung.and_then(|rung| rung.to).map(|number| number.masked()),
            attempts_left: verification.attempts_left(),
            left: verification.deadline().map_or(Duration::ZERO, |deadline| deadline.since(now)),
            again_in: match verification.may_resend(now) {
                Ok(()) => Some(Duration::ZERO),
                Err(ResendRefusal::TooSoon(free)) => Some(free.since(now)),
                Err(ResendRefusal::NothingSent | ResendRefusal::TooOften) => None,
            },
            locked_until: None,
            steers: false,
        })
    }

    /// How far a call is, where one is under way.
    fn call_of(of: &Verification) -> Option<CallState> {
        of.rung().filter(|rung| rung.method == Method::Voice)?;
        match of.stage {
            Stage::Settled { .. } => None,
            Stage::Calling(_, Talk::PutThrough) => Some(CallState::PutThrough),
            Stage::Calling(_, Talk::Ringing { rang: true }) => Some(CallState::Ringing),
            Stage::Waiting
            | Stage::Reserving(_)
            | Stage::Queued(_)
            | Stage::Sending(_)
            | Stage::Awaiting(_)
            | Stage::Calling(_, Talk::Ringing { rang: false }) => Some(CallState::Calling),
            Stage::Calling(
                _,
                Talk::Asked { .. } | Talk::ReportingFraud | Talk::NewPin { .. } | Talk::PinAgain { .. },
            ) => Some(CallState::Answered),
        }
    }

    async fn type_code(&self, handle: &str, code: &str) -> Result<Entered, Away> {
        let Some(id) = self.steered(handle).await? else { return Ok(Entered::Ended) };
        match self.engine.check(id, code).await {
            Ok(_) => Ok(Entered::Judged),
            Err(Refused::NotACode) => Ok(Entered::NotACode),
            Err(Refused::Paused(until)) => Ok(Entered::Wait(until.since(self.engine.now()))),
            Err(Refused::NotFound | Refused::Settled(_) | Refused::NoCodeAwaited) => Ok(Entered::Ended),
            Err(why) => Err(away(why)),
        }
    }

    /// Whether it may go yet is on the page already; here it is simply not sent.
    async fn resend(&self, handle: &str) -> Result<(), Away> {
        let Some(id) = self.steered(handle).await? else { return Ok(()) };
        match self.engine.resend(id).await {
            Ok(_) | Err(Refused::NotFound | Refused::Settled(_) | Refused::Resend(_)) => Ok(()),
            Err(why) => Err(away(why)),
        }
    }

    pub(super) async fn cancel(&self, handle: &str) -> Result<(), Away> {
        let Some(id) = self.steered(handle).await? else { return Ok(()) };
        self.cancel_verification(id).await
    }

    pub(super) async fn cancel_verification(&self, id: VerificationId) -> Result<(), Away> {
        match self.engine.cancel(id).await {
            Ok(_) | Err(Refused::NotFound) => Ok(()),
            Err(why) => Err(away(why)),
        }
    }
}

/// A verification of the portal for the person of a login.
pub fn request(found: &Found, purpose: Purpose, key: String) -> Request {
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
        answered: false,
    }
}
