//! The people who are at home on this Desk, as they are in memory: loaded once, written through, dropped when stale or
//! when too many are there. Refuses rules: what a mark or an amendment means is in `engine`.

use crate::letters::{Doors, Told};
use crate::records::TokenRecord;
use engine::bypass::BypassUse;
use engine::cache::{self, CacheRequest};
use engine::moment::Moment;
use engine::oath::TokenState;
use engine::person::{Block, Standing, User};
use engine::policy::Policy;
use engine::verification::Mark;
use std::collections::HashMap;
use std::time::Duration;
use store::{Document, Expect, Key, Kind, Operation, ReadError, Store};

/// A document with the version that it has in the store; 0 if it is not there yet.
#[derive(Debug, Clone)]
pub struct Versioned<D> {
    /// 0 if absent.
    pub version: u64,
    /// The document.
    pub value: D,
}

impl<D: Document> Versioned<D> {
    /// Writes the value; the version in memory moves on at once, and the write fails if the store has another.
    pub fn write(&mut self, id: &str) -> Operation {
        let expect = if self.version == 0 { Expect::Absent } else { Expect::Version(self.version) };
        self.version += 1;
        Operation::put(id, &self.value, expect)
    }
}

/// A person in memory.
#[derive(Debug, Clone)]
pub struct Person {
    /// The profile; `None` if nobody of this name exists.
    pub user: Option<Versioned<User>>,
    /// The standing.
    pub standing: Versioned<Standing>,
    /// Tokens assigned to the person.
    pub tokens: Vec<Versioned<TokenRecord>>,
}

/// A change of a person that an administrator or the person wants: it works on a copy, and says which operations beside
/// the profile and standing belong to it.
pub type Amendment = Box<dyn FnOnce(&mut Person, &Policy, Moment) -> Result<Vec<Operation>, String> + Send>;

/// People that stay in memory on one Desk when nothing of theirs is happening.
const KEPT: usize = 16_384;

/// Everybody in memory on one Desk.
#[derive(Default)]
pub struct People {
    by_name: HashMap<Box<str>, Known>,
    round: u32,
    doors: Doors,
}

struct Known {
    person: Box<Person>,
    /// The round in which somebody last had to do with the person.
    round: u32,
}

/// Reads a person. Blocking.
pub fn load(store: &dyn Store, name: &str) -> Result<Person, ReadError> {
    let user = read::<User>(store, name)?;
    let standing = read::<Standing>(store, name)?.unwrap_or(Versioned { version: 0, value: Standing::default() });
    let tokens = store
        .children(Kind::Token, name)?
        .iter()
        .map(|record| Ok(Versioned { version: record.version, value: TokenRecord::from_record(record)? }))
        .collect::<Result<_, ReadError>>()?;
    Ok(Person { user, standing, tokens })
}

/// Reads a document with its version. Blocking.
pub fn read<D: Document>(store: &dyn Store, id: &str) -> Result<Option<Versioned<D>>, ReadError> {
    let Some(record) = store.get(&Key::new(D::KIND, id))? else { return Ok(None) };
    Ok(Some(Versioned { version: record.version, value: D::from_record(&record)? }))
}

impl Person {
    /// What marks write, in memory already.
    pub fn mark(&mut self, name: &str, marks: &[Mark], policy: &Policy, doors: Doors, now: Moment) -> Vec<Operation> {
        let mut operations = Vec::new();
        let mut moved = false;
        for mark in marks {
            moved |= mark_standing(&mut self.standing.value, *mark, policy, now);
        }
        if moved {
            operations.push(self.standing.write(name));
        }
        operations.extend(marks.iter().filter_map(|mark| self.backup_answered(name, *mark, now)));
        let (fraud, told_only) = (marks.contains(&Mark::Fraud), marks.contains(&Mark::FraudTold));
        if (fraud || told_only)
            && let Some(user) = self.user.as_mut()
        {
            let blocks = fraud && policy.fraud.auto_block;
            if blocks {
                user.value.begin_block(fraud_block(policy, now));
                operations.push(user.write(name));
            }
            let detail = if blocks { BLOCKED } else { NOT_BLOCKED };
            let told = Told { detail: detail.into(), ..Told::default() };
            operations.extend(doors.fraud(&user.value, policy, &told, now));
        }
        operations
    }

    /// The first answer of the backup phone verifies it.
    fn backup_answered(&mut self, name: &str, mark: Mark, now: Moment) -> Option<Operation> {
        let Mark::BackupAnswered(number) = mark else { return None };
        let user = self.user.as_mut()?;
        user.value.backup_answered(number, now).then(|| user.write(name))
    }
}

impl People {
    /// Nobody yet; people can be told by these.
    pub fn new(doors: Doors) -> Self {
        Self { doors, ..Self::default() }
    }

    /// The person in memory.
    pub fn get(&self, name: &str) -> Option<&Person> {
        self.by_name.get(name).map(|known| &*known.person)
    }

    /// The person in memory, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Person> {
        let known = self.by_name.get_mut(name)?;
        known.round = self.round;
        Some(&mut known.person)
    }

    /// Takes a person in.
    pub fn put(&mut self, name: &str, person: Person) {
        self.by_name.insert(name.into(), Known { person: Box::new(person), round: self.round });
    }

    /// Forgets a person: the next use reads the store.
    pub fn forget(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// A person's turn is over, and what was written in it is durable. Those who exist stay as long as there is room.
    pub fn leave(&mut self, name: &str) {
        let stays = self.by_name.len() <= 2 * KEPT && self.get(name).is_some_and(|person| person.user.is_some());
        if !stays {
            self.forget(name);
        }
    }

    /// A round is over: where too many are there, those leave with whom nobody had to do in it.
    pub fn next_round(&mut self) {
        if self.by_name.len() > KEPT {
            let round = self.round;
            self.by_name.retain(|_, known| known.round == round);
        }
        self.round = self.round.wrapping_add(1);
    }

    /// What a verification's marks write, in memory already.
    pub fn mark(
        &mut self,
        name: &str,
        marks: &[Mark],
        policy: &Policy,
        request: &CacheRequest,
        now: Moment,
    ) -> Vec<Operation> {
        let doors = self.doors;
        let Some(person) = self.get_mut(name) else { return vec![] };
        if marks.contains(&Mark::Success) && !policy.cache.is_empty() {
            cache::remember(&policy.cache, &mut person.standing.value.cache, request, now);
        }
        person.mark(name, marks, policy, doors, now)
    }

    /// The PIN that was right must be changed before it is used again.
    pub fn require_pin_change(&mut self, name: &str) -> Option<Operation> {
        let user = self.get_mut(name)?.user.as_mut()?;
        user.value.pin.change_required = true;
        Some(user.write(name))
    }

    /// What an accepted code writes: the token moves on.
    pub fn move_token(&mut self, name: &str, index: usize, state: TokenState) -> Option<Operation> {
        let token = self.get_mut(name)?.tokens.get_mut(index)?;
        token.value.state = state;
        token.value.activated = true;
        let id = token.value.id.to_string();
        Some(token.write(&id).under(token.value.user.clone()))
    }
}

fn mark_standing(standing: &mut Standing, mark: Mark, policy: &Policy, now: Moment) -> bool {
    match mark {
        Mark::WrongCode => standing.guesses.failed(now),
        Mark::PinDenied => {
            standing.lockout.denied(&policy.lockout, now);
            if standing.lockout.locked_until(now).is_some() {
                standing.end_bypass(now, BypassUse::Lost);
                standing.cache.clear();
            }
        }
        Mark::Success => {
            standing.guesses.succeeded();
            standing.lockout.succeeded(now);
            standing.sends.answered();
        }
        Mark::Fraud | Mark::FraudTold => {
            standing.fraud_at = Some(now);
            standing.cache.clear();
            standing.end_bypass(now, BypassUse::Lost);
        }
        Mark::PinChanged => standing.cache.clear(),
        Mark::AnotherText => standing.sends.sent(now),
        Mark::NumberAnswered
        | Mark::BackupAnswered(_)
        | Mark::NumberBad
        | Mark::NumberUncallable
        | Mark::NumberOptedOut => return false,
    }
    true
}

/// What a fraud report did, for those who are told of it.
pub const BLOCKED: &str = "blocked";
/// The other way it can end.
pub const NOT_BLOCKED: &str = "not-blocked";

/// The block that a fraud report begins.
pub fn fraud_block(policy: &Policy, now: Moment) -> Block {
    let days = Duration::from_secs(u64::from(policy.fraud.block_days) * 86_400);
    Block { since: now, until: now + days, by: "the person".into(), reason: "fraud reported".into(), ended: None }
}
