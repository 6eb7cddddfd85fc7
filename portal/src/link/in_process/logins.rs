//! Logins in the store: found by the hash of their handle, rotated, ended.
//! Refuses to keep a handle: whoever reads the store cannot sign in with it.

use super::{InProcess, away};
use crate::link::{Away, End, Visit};
use crate::questions::are_answered;
use actors::{AnswersRecord, NotWritten, Refused, TokenRecord, Versioned};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use engine::login::{Login, LoginStage, Strength};
use engine::person::{Standing, User};
use engine::secret::Secret;
use sha2::{Digest, Sha256};
use store::{Document, Expect, Key, Kind, Operation, ReadError, Store};

/// A login that was found, with the person.
pub struct Found {
    /// The key of its record.
    pub key: String,
    /// The login.
    pub login: Versioned<Login>,
    /// The person.
    pub user: User,
}

impl Found {
    /// How it got in; `None` while only the password was right.
    pub const fn strength(&self) -> Option<Strength> {
        match self.login.value.stage {
            LoginStage::SignedIn(strength) => Some(strength),
            LoginStage::Password { .. } => None,
        }
    }

    /// Whether it may do what could lock the person out, or let another one in.
    pub fn is_strong(&self) -> bool {
        self.user.set_up && self.strength() == Some(Strength::Strong) && !self.login.value.pin_due
    }
}

/// What belongs to a person beside the profile.
pub struct Belongings {
    /// The standing.
    pub standing: Standing,
    /// Tokens, those that wait for their first code too.
    pub tokens: Vec<TokenRecord>,
    /// Answers to security questions.
    pub answers: AnswersRecord,
    /// Whether enough questions are answered that are still used.
    pub answered: bool,
}

/// Reads them together: one page is one look at the store. Blocking.
fn belongings(store: &dyn Store, name: &str) -> Result<Belongings, ReadError> {
    let answers = get::<AnswersRecord>(store, name)?.unwrap_or_default();
    Ok(Belongings {
        standing: get::<Standing>(store, name)?.unwrap_or_default(),
        tokens: store.children(Kind::Token, name)?.iter().map(TokenRecord::from_record).collect::<Result<_, _>>()?,
        answered: are_answered(store, &answers)?,
        answers,
    })
}

fn get<D: Document>(store: &dyn Store, id: &str) -> Result<Option<D>, ReadError> {
    store.get(&Key::new(D::KIND, id))?.as_ref().map(D::from_record).transpose()
}

/// 256 random bits, and the key that a login has under them.
pub fn new_handle() -> (Secret<String>, String) {
    let handle = BASE64URL_NOPAD.encode(&actors::random::bytes::<32>());
    let key = key(&handle);
    (Secret::new(handle), key)
}

/// The key of the login of a handle.
pub fn key(handle: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(handle.as_bytes()))
}

/// Ends the login of a handle, if there is one.
pub fn forget(handle: &str) -> Operation {
    Operation::delete(Kind::Login, key(handle), Expect::Any)
}

/// Writes a login that is new under this key.
pub fn write_new(key: &str, login: &Login) -> Operation {
    Operation::put(key, login, Expect::Absent).under(Some(login.user.clone())).until(login.kept_until())
}

/// How often a login is written when another page writes it at the same moment.
pub const TRIES: usize = 5;

impl InProcess {
    /// The login of a handle, unless it has ended or its person is gone, off, or another one by now.
    pub(super) async fn find(&self, handle: &str) -> Result<Option<Found>, Away> {
        let key = key(handle);
        let blocked = |found: &Found| found.user.blocked(self.engine.now());
        Ok(self.find_blocked_too(key).await?.filter(|found| !blocked(found)))
    }

    async fn find_blocked_too(&self, key: String) -> Result<Option<Found>, Away> {
        let Some(login) = self.engine.document::<Login>(&key).await.map_err(away)? else { return Ok(None) };
        let user = self.engine.document::<User>(&login.value.user).await.map_err(away)?.map(|user| user.value);
        let (now, idle) = (self.engine.now(), self.engine.policy().portal.idle());
        let same =
            user.filter(|user| user.enabled && user.id == login.value.user_id && now < login.value.ends_at(idle));
        Ok(same.map(|user| Found { key, login, user }))
    }

    /// Whether nothing but a block of the person has ended the login.
    pub(super) async fn blocked(&self, handle: &str) -> Result<bool, Away> {
        let found = self.find_blocked_too(key(handle)).await?;
        Ok(found.is_some_and(|found| found.user.blocked(self.engine.now())))
    }

    pub(super) async fn find_visit(&self, handle: &str) -> Result<Option<Visit>, Away> {
        let Some(mut found) = self.find(handle).await? else { return Ok(None) };
        let (now, idle) = (self.engine.now(), self.engine.policy().portal.idle());
        if found.login.value.seen(now, idle) {
            self.rewrite(&mut found).await?;
        }
        // A password alone is good for the verification that follows it, and no page is left open for it.
        let waits = found.user.set_up && found.strength().is_none();
        let at = found.login.value.ends_at(idle);
        let ends = (!waits).then(|| End { at, left: at.since(now) });
        let belongings = self.belongings(&found.user.name).await?;
        let (person, dues) = (self.person(&found, &belongings), self.dues(&found, &belongings));
        let steps = if found.user.set_up {
            vec![]
        } else {
            let proof = self.progress_of(&found).await?.map(|progress| progress.status);
            self.steps(&found, &belongings, proof)
        };
        let typed = found.login.value.typed_at(now).map(|typed| typed.path.clone());
        Ok(Some(Visit { signed_in: found.strength(), ends, dues, steps, typed, person }))
    }

    pub(super) async fn belongings(&self, name: &str) -> Result<Belongings, Away> {
        let name = name.to_owned();
        self.engine.read(move |store| belongings(store, &name)).await.map_err(away)
    }

    /// Writes a login that has changed; `false` if another page did so at the same moment.
    pub(super) async fn rewrite(&self, found: &mut Found) -> Result<bool, Away> {
        let user = found.login.value.user.clone();
        let until = found.login.value.kept_until();
        let write = found.login.write(&found.key).under(Some(user)).until(until);
        match self.engine.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(Refused::NotWritten(NotWritten::Conflict(_))) => Ok(false),
            Err(why) => Err(away(why)),
        }
    }

    /// Changes a login. A visit may be noted at the same moment, so it is tried again.
    pub(super) async fn change_login(&self, handle: &str, change: impl Fn(&mut Found) -> bool) -> Result<bool, Away> {
        for _ in 0..TRIES {
            let Some(mut found) = self.find(handle).await? else { return Ok(false) };
            if !change(&mut found) {
                return Ok(false);
            }
            if self.rewrite(&mut found).await? {
                return Ok(true);
            }
        }
        Err(Away("the login is changed again and again".into()))
    }

    /// Whether a form of this login is posted for the first time.
    pub(super) async fn note_posted(&self, handle: &str, once: &str) -> Result<bool, Away> {
        self.change_login(handle, |found| found.login.value.posts(once)).await
    }

    /// The login goes on under a new handle: whoever knew the old one knows nothing.
    pub(super) fn rotate(&self, found: &Found, login: Login) -> (Secret<String>, Vec<Operation>) {
        let (handle, key) = new_handle();
        let now = self.engine.now();
        let login = Login { created_at: now, seen_at: now, ..login };
        let old = Operation::delete(Kind::Login, found.key.clone(), Expect::Version(found.login.version));
        (handle, vec![old, write_new(&key, &login)])
    }

    pub(super) async fn end_login(&self, handle: &str) -> Result<(), Away> {
        self.engine.commit(vec![forget(handle)]).await.map_err(away)
    }
}
