//! Logins in the store: found by the hash of their handle, rotated, ended.
//! Refuses to keep a handle: whoever reads the store cannot sign in with it.

use super::{InProcess, away};
use crate::link::{Away, DraftView, Person, Visit};
use actors::{TokenRecord, Versioned};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use engine::draft::Draft;
use engine::login::{LONGEST, Login, LoginStage};
use engine::person::User;
use engine::secret::Secret;
use engine::setup::{choices, may_set_up};
use sha2::{Digest, Sha256};
use store::{Document, Expect, Kind, Operation};

/// A login that was found, with the person.
pub struct Found {
    /// The key of its record.
    pub key: String,
    /// The login.
    pub login: Versioned<Login>,
    /// The person.
    pub user: User,
}

/// 256 random bits, and the key that a login has under them.
pub fn new_handle() -> (Secret<String>, String) {
    let handle = BASE64URL_NOPAD.encode(&actors::random::bytes::<32>());
    let key = key(&handle);
    (Secret::new(handle), key)
}

fn key(handle: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(handle.as_bytes()))
}

/// Ends the login of a handle, if there is one.
pub fn forget(handle: &str) -> Operation {
    Operation::delete(Kind::Login, key(handle), Expect::Any)
}

/// Writes a login that is new under this key.
pub fn write_new(key: &str, login: &Login) -> Operation {
    Operation::put(key, login, Expect::Absent).under(Some(login.user.clone())).until(login.created_at + LONGEST)
}

impl InProcess {
    /// The login of a handle, unless it has ended or its person is gone, off, or another one by now.
    pub(super) async fn find(&self, handle: &str) -> Result<Option<Found>, Away> {
        let key = key(handle);
        let Some(login) = self.engine.document::<Login>(&key).await.map_err(away)? else { return Ok(None) };
        if self.engine.now() >= login.value.ends_at(self.engine.policy().portal.idle()) {
            return Ok(None);
        }
        let user = self.engine.document::<User>(&login.value.user).await.map_err(away)?.map(|user| user.value);
        let now = self.engine.now();
        let same = user.filter(|user| user.enabled && !user.blocked(now) && user.id == login.value.user_id);
        Ok(same.map(|user| Found { key, login, user }))
    }

    pub(super) async fn find_visit(&self, handle: &str) -> Result<Option<Visit>, Away> {
        let Some(mut found) = self.find(handle).await? else { return Ok(None) };
        let now = self.engine.now();
        if found.login.value.seen(now) {
            self.rewrite(&mut found).await?;
        }
        let login = &found.login.value;
        let signed_in = match login.stage {
            LoginStage::SignedIn(strength) => Some(strength),
            LoginStage::Password { .. } => None,
        };
        Ok(Some(Visit { signed_in, person: self.person(&found.user).await? }))
    }

    /// Writes a login that has changed; `false` if another page did so at the same moment.
    pub(super) async fn rewrite(&self, found: &mut Found) -> Result<bool, Away> {
        let user = found.login.value.user.clone();
        let until = found.login.value.created_at + LONGEST;
        let write = found.login.write(&found.key).under(Some(user)).until(until);
        match self.engine.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(actors::Refused::NotWritten(actors::NotWritten::Conflict(_))) => Ok(false),
            Err(why) => Err(away(why)),
        }
    }

    /// The login goes on under a new handle: whoever knew the old one knows nothing.
    pub(super) fn rotate(&self, found: &Found, stage: LoginStage) -> (Secret<String>, Vec<Operation>) {
        let (handle, key) = new_handle();
        let now = self.engine.now();
        let login = Login { stage, created_at: now, seen_at: now, ..found.login.value.clone() };
        let old = Operation::delete(Kind::Login, found.key.clone(), Expect::Version(found.login.version));
        (handle, vec![old, write_new(&key, &login)])
    }

    pub(super) async fn end_login(&self, handle: &str) -> Result<(), Away> {
        self.engine.commit(vec![forget(handle)]).await.map_err(away)
    }

    async fn person(&self, user: &User) -> Result<Person, Away> {
        let policy = self.engine.policy();
        Ok(Person {
            name: user.name.clone(),
            first_name: user.first_name.clone(),
            set_up: user.set_up,
            method: user.method,
            mode: user.mode,
            phone: user.phone.as_ref().map(|phone| phone.number.masked()),
            tokens: self.tokens(&user.name).await?.iter().filter(|token| token.activated).count(),
            draft: user.draft.as_deref().map(shown),
            shortest_pin: policy.pin.shortest_for(user.pin_min_length),
            choices: choices(&policy),
            usable: may_set_up(user, user.draft.as_ref().map_or(user.method, |draft| draft.method), &policy),
        })
    }

    pub(super) async fn tokens(&self, name: &str) -> Result<Vec<TokenRecord>, Away> {
        let name = name.to_owned();
        let found = self.engine.read(move |store| store.children(Kind::Token, &name)).await.map_err(away)?;
        let tokens = found.iter().map(TokenRecord::from_record).collect::<Result<_, _>>();
        tokens.map_err(|cause| away(cause.into()))
    }
}

fn shown(draft: &Draft) -> DraftView {
    DraftView {
        method: draft.method,
        mode: draft.mode,
        phone: draft.phone.as_ref().map(|phone| phone.number.to_string()),
        has_pin: draft.pin.is_some(),
        asked: draft.proof.is_some(),
    }
}
