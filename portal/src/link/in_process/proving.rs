//! What a login has to prove, and what of a verification it may repeat or end.
//! Refuses to let one login get in another one's way.

use super::InProcess;
use super::logins::Found;
use crate::link::Away;
use engine::draft::Draft;
use engine::id::VerificationId;
use engine::login::LoginStage;
use engine::moment::Moment;
use engine::verification::Purpose;

impl Found {
    /// What this login is about to prove: a set-up, a change of somebody who is signed in, or the phone that is to come back.
    pub(super) fn drafting(&self, now: Moment) -> Option<&Draft> {
        let draft = self.user.draft_at(now)?;
        // A return is the business of those who asked for it: who holds a login must not get in its way.
        let may = if draft.undoes { self.login.value.undoes } else { !self.user.set_up || self.strength().is_some() };
        may.then_some(draft)
    }

    /// Where somebody types: the browser, or this login alone where the browser is not known.
    pub(super) fn typist(&self) -> &str {
        let place = self.login.value.place.as_str();
        if place.is_empty() { &self.key } else { place }
    }

    /// Whether this login may repeat or end what is out: a password alone must not disturb the set-up of somebody else, and
    /// nobody the return of an old phone.
    pub(super) fn may_steer(&self, id: VerificationId, now: Moment) -> bool {
        let draft = self.drafting(now);
        let returns = draft.is_some_and(|draft| draft.undoes);
        let typed_here = draft.is_some_and(|draft| draft.saved_by == self.typist());
        let asked = self.asked().or(self.login.value.change);
        asked == Some(id) || (!returns && (self.user.set_up || typed_here))
    }

    /// What two clicks on one button have in common, and no other login.
    pub(super) fn origin(&self) -> String {
        let login = &self.login.value;
        if login.origin.is_empty() { self.key.clone() } else { format!("{}:{}", login.user_id, login.origin) }
    }

    /// The verification that this login asked for.
    pub(super) const fn asked(&self) -> Option<VerificationId> {
        match self.login.value.stage {
            LoginStage::Password { proof } => proof,
            LoginStage::SignedIn(_) => None,
        }
    }

    /// The verification that is looked at: of a draft it may be one that another login asked for.
    pub(super) fn proof(&self, now: Moment) -> Option<VerificationId> {
        match self.drafting(now) {
            Some(draft) => draft.proof,
            None if self.user.set_up => self.asked(),
            None => None,
        }
    }

    /// What a verification that starts now is for; `None` where there is nothing to verify.
    pub(super) fn purpose(&self, now: Moment) -> Option<Purpose> {
        match (self.drafting(now), self.user.set_up) {
            (Some(_), true) => Some(Purpose::Change),
            (Some(_), false) => Some(Purpose::Activation),
            (None, true) => self.strength().is_none().then_some(Purpose::SignIn),
            (None, false) => None,
        }
    }
}

impl InProcess {
    /// The login, unless it is one of a set-up that may not go on: closed by now, or something is needed beside the password.
    pub(super) async fn find_going_on(&self, handle: &str) -> Result<Option<Found>, Away> {
        let policy = self.engine.policy();
        let may = |found: &Found| self.refusal(&found.user, found.login.value.address, &policy).is_none();
        Ok(self.find(handle).await?.filter(|found| found.user.set_up || (self.is_proved(found) && may(found))))
    }
}
