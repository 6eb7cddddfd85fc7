//! Digest authentication (RFC 3261 §22, RFC 8760): what answers a 401 and a 407.
//! Refuses to tell a password twice to somebody who did not take it, and schemes that are not Digest.

mod challenge;
mod hash;

use super::message::Message;
use super::tokens::Tokens;
use challenge::Challenge;
use engine::secret::Secret;

/// Attempts of one request at most.
const MOST_ATTEMPTS: usize = 3;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// A 401: the far end.
    Server,
    /// A 407: a proxy on the way.
    Proxy,
}

impl Asks {
    const fn challenge(self) -> &'static str {
        match self {
            Self::Server => "WWW-Authenticate",
            Self::Proxy => "Proxy-Authenticate",
        }
    }

    const fn credentials(self) -> &'static str {
        match self {
            Self::Server => "Authorization",
            Self::Proxy => "Proxy-Authorization",
        }
    }
}

/// Why a challenge is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthFault {
    /// The same realm asks again after it had our answer.
    #[error("wrong user or password for the realm {realm}")]
    WrongPassword {
        /// Whose.
        realm: String,
    },
    /// No challenge that we can answer.
    #[error("it asks for an authentication that is not Digest with MD5, SHA-256 or SHA-512-256")]
    NoCommonScheme,
    /// The settings have no user.
    #[error("it asks for a user and a password, and the settings have none")]
    NoUser,
    /// A call that stands is not asked for the password by somebody else than who let it be placed.
    #[error("it asks for the password of the realm {realm}, which nobody asked for when the call was placed")]
    UnknownRealm {
        /// Whose.
        realm: String,
    },
    /// It goes on asking.
    #[error("it asked for the password {MOST_ATTEMPTS} times")]
    TooOften,
}

/// User and password, and the challenges that were answered so far.
#[derive(Clone)]
pub struct Wallet {
    user: String,
    password: Secret<String>,
    kept: Vec<(Asks, Challenge)>,
    /// Realms that are the trunk's.
    realms: Vec<String>,
}

/// What was asked during the attempts of one request.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    /// A proxy and a registrar may share one, and each has the right to one answer.
    realms: Vec<(Asks, String)>,
    count: usize,
}

impl Wallet {
    /// Without challenges. Without a user nothing is answered.
    pub const fn new(user: String, password: Secret<String>) -> Self {
        Self { user, password, kept: Vec::new(), realms: Vec::new() }
    }

    /// Without challenges, for the same user in the same realms.
    pub fn fresh(&self) -> Self {
        Self { user: self.user.clone(), password: self.password.clone(), kept: Vec::new(), realms: self.realms.clone() }
    }

    /// As [`Self::take`], but only from realms that asked before: whoever was called may ask too, and would have a hash of
    /// our password to guess at.
    pub fn take_known(&mut self, response: &Message, attempts: &mut Attempts) -> Result<(), AuthFault> {
        let asked = [Asks::Server, Asks::Proxy].into_iter().flat_map(|asks| best(response, asks));
        match asked.map(|challenge| challenge.realm).find(|realm| !self.realms.contains(realm)) {
            Some(realm) => Err(AuthFault::UnknownRealm { realm }),
            None => self.take(response, attempts),
        }
    }

    /// Takes the challenges of a 401 or 407 in; afterwards the request can be signed and sent again.
    pub fn take(&mut self, response: &Message, attempts: &mut Attempts) -> Result<(), AuthFault> {
        if self.user.is_empty() {
            return Err(AuthFault::NoUser);
        }
        attempts.count += 1;
        let (asks, other) = match response.status() {
            Some(407) => (Asks::Proxy, Asks::Server),
            Some(_) | None => (Asks::Server, Asks::Proxy),
        };
        let mut chosen = best(response, asks);
        if chosen.is_empty() {
            return Err(AuthFault::NoCommonScheme);
        }
        // A proxy may add its own challenges to those of the far end (RFC 3261 §22.3).
        let more = best(response, other);
        for (asks, challenge) in chosen.drain(..).map(|one| (asks, one)).chain(more.into_iter().map(|one| (other, one)))
        {
            self.keep(asks, challenge, attempts)?;
        }
        if attempts.count >= MOST_ATTEMPTS { Err(AuthFault::TooOften) } else { Ok(()) }
    }

    fn keep(&mut self, asks: Asks, challenge: Challenge, attempts: &mut Attempts) -> Result<(), AuthFault> {
        let known = attempts.realms.iter().any(|known| *known == (asks, challenge.realm.clone()));
        if known && !challenge.stale {
            return Err(AuthFault::WrongPassword { realm: challenge.realm });
        }
        if !known {
            attempts.realms.push((asks, challenge.realm.clone()));
        }
        if !self.realms.contains(&challenge.realm) {
            self.realms.push(challenge.realm.clone());
        }
        self.kept.retain(|(whose, kept)| (*whose, &kept.realm) != (asks, &challenge.realm));
        self.kept.push((asks, challenge));
        Ok(())
    }

    /// Puts credentials for every realm that asked so far into a request, in place of those it has.
    pub fn sign(&mut self, request: &mut Message, tokens: &mut Tokens) {
        request.remove("Authorization");
        request.remove("Proxy-Authorization");
        let (Some(method), Some(uri)) = (request.method().map(ToString::to_string), request.uri().map(str::to_owned))
        else {
            return;
        };
        for (asks, challenge) in &mut self.kept {
            let value = challenge.answer(&self.user, &self.password, (&method, &uri), &tokens.word());
            request.push(asks.credentials(), &value);
        }
    }
}

/// The topmost challenge that we can answer, of each realm (RFC 8760 §2.4).
fn best(response: &Message, asks: Asks) -> Vec<Challenge> {
    let mut chosen: Vec<Challenge> = Vec::new();
    for challenge in response.all(asks.challenge()).filter_map(Challenge::read) {
        if chosen.iter().all(|known| known.realm != challenge.realm) {
            chosen.push(challenge);
        }
    }
    chosen
}

#[cfg(test)]
mod tests;
