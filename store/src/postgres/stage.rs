//! What a batch comes to: one state for each record, and the rows to add. Where a record is not known it is taken to be as
//! the change expects, and the server is made to say so if that is wrong.
//! Refuses to ask the server: what it must know exactly it is given.

use crate::{Change, Conflict, Expect, Key, Operation, OutcomeRow, Receipt, audit};
use engine::id::VerificationId;
use engine::moment::Moment;
use std::collections::{HashMap, HashSet};

/// What the database holds of a record before the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// This version, or nothing.
    Is(Option<u64>),
    /// Whatever it is.
    Any,
}

/// What is to be there.
#[derive(Debug, Clone)]
pub struct State {
    pub parent: Option<String>,
    pub format: i32,
    pub body: Vec<u8>,
    pub expires: Option<i64>,
}

/// What becomes of a record.
#[derive(Debug, Clone)]
pub struct Fate {
    pub base: Base,
    /// Its version; above an unknown base, how often it was written.
    pub version: u64,
    /// `None` if it is removed.
    pub state: Option<State>,
}

/// A row of a timeline.
#[derive(Debug, Clone)]
pub struct Line {
    pub verification: VerificationId,
    pub place: i64,
    pub at: Moment,
    pub body: Vec<u8>,
}

/// A link of the audit chain.
#[derive(Debug, Clone)]
pub struct Link {
    pub position: u64,
    pub at: Moment,
    pub body: Vec<u8>,
    pub hash: [u8; 32],
}

/// Where the writer's counters stand.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    /// The last position in the feed.
    pub last: u64,
    /// The last link of the audit chain and its hash.
    pub link: (u64, [u8; 32]),
    /// The place of the last row of a timeline.
    pub place: i64,
}

/// What is known exactly.
#[derive(Debug, Default)]
pub struct Exact {
    pub versions: HashMap<Key, u64>,
    pub settled: HashSet<VerificationId>,
}

/// The change cannot be judged without knowing what is there.
#[derive(Debug)]
pub struct NotKnown;

type Answer = Result<Receipt, Conflict>;

/// What a batch comes to.
pub struct Stage<'a> {
    exact: Option<&'a Exact>,
    pub heads: Heads,
    pub records: HashMap<Key, Fate>,
    pub lines: Vec<Line>,
    pub outcomes: Vec<OutcomeRow>,
    pub links: Vec<Link>,
    /// Numbers of receipts that only the server can give: change, operation, record, and how often it was written by then.
    pub counted: Vec<(usize, usize, Key, u64)>,
    settled: HashSet<VerificationId>,
}

impl<'a> Stage<'a> {
    /// An empty one; without `exact` it goes by what the changes expect.
    pub fn new(heads: Heads, exact: Option<&'a Exact>) -> Self {
        Self {
            exact,
            heads,
            records: HashMap::new(),
            lines: Vec::new(),
            outcomes: Vec::new(),
            links: Vec::new(),
            counted: Vec::new(),
            settled: HashSet::new(),
        }
    }

    /// Takes a change in, or leaves it out whole.
    pub fn change(&mut self, index: usize, change: &Change) -> Result<Answer, NotKnown> {
        let (heads, lines, outcomes) = (self.heads, self.lines.len(), self.outcomes.len());
        let (links, counted) = (self.links.len(), self.counted.len());
        let mut own = HashMap::new();
        let mut numbers = Vec::with_capacity(change.operations.len());
        for (place, operation) in change.operations.iter().enumerate() {
            match self.operation((index, place), operation, &mut own)? {
                Ok(number) => numbers.push(number),
                Err(found) => {
                    self.heads = heads;
                    self.lines.truncate(lines);
                    for row in self.outcomes.drain(outcomes..) {
                        self.settled.remove(&row.verification);
                    }
                    self.links.truncate(links);
                    self.counted.truncate(counted);
                    return Ok(Err(Conflict { operation: place, found }));
                }
            }
        }
        self.records.extend(own);
        Ok(Ok(Receipt { numbers }))
    }

    fn operation(
        &mut self,
        at: (usize, usize),
        operation: &Operation,
        own: &mut HashMap<Key, Fate>,
    ) -> Result<Result<u64, Option<u64>>, NotKnown> {
        match operation {
            Operation::Put { key, expect, parent, format, body, expires } => {
                let fate = own.get(key).or_else(|| self.records.get(key)).cloned();
                let (base, found) = self.found(key, *expect, fate)?;
                let version = match found {
                    Found::Version(found) if !holds(*expect, found) => return Ok(Err(found)),
                    Found::Version(found) => found.unwrap_or(0) + 1,
                    Found::Above(times) => {
                        self.counted.push((at.0, at.1, key.clone(), times + 1));
                        times + 1
                    }
                };
                let expires = expires.map(|at| i64::try_from(at.millis()).unwrap_or(i64::MAX));
                let state = State { parent: parent.clone(), format: (*format).into(), body: body.clone(), expires };
                own.insert(key.clone(), Fate { base, version, state: Some(state) });
                Ok(Ok(version))
            }
            Operation::Delete { key, expect } => {
                let fate = own.get(key).or_else(|| self.records.get(key)).cloned();
                let (base, found) = self.found(key, *expect, fate)?;
                match found {
                    Found::Version(found) if !holds(*expect, found) => return Ok(Err(found)),
                    Found::Version(_) | Found::Above(_) => {}
                }
                own.insert(key.clone(), Fate { base, version: 0, state: None });
                Ok(Ok(0))
            }
            Operation::Append { verification, at, body } => {
                self.heads.place += 1;
                let (verification, at, place) = (*verification, *at, self.heads.place);
                self.lines.push(Line { verification, place, at, body: body.clone() });
                Ok(Ok(0))
            }
            Operation::Settle { verification, at, caller, application, body } => {
                let before = self.exact.is_some_and(|exact| exact.settled.contains(verification));
                if before || !self.settled.insert(*verification) {
                    return Ok(Err(Some(1)));
                }
                self.heads.last += 1;
                self.outcomes.push(OutcomeRow {
                    position: self.heads.last,
                    verification: *verification,
                    at: *at,
                    caller: caller.clone(),
                    application: application.clone(),
                    body: body.clone(),
                });
                Ok(Ok(self.heads.last))
            }
            Operation::Audit { at, body } => {
                let position = self.heads.link.0 + 1;
                let hash = audit::link(&self.heads.link.1, position, *at, body);
                self.heads.link = (position, hash);
                self.links.push(Link { position, at: *at, body: body.clone(), hash });
                Ok(Ok(position))
            }
            // They are about what lies in the tables, and are done there.
            Operation::Prune { .. } | Operation::Retire { .. } => Err(NotKnown),
        }
    }

    /// What is there, and what the database must hold for it.
    fn found(&self, key: &Key, expect: Expect, fate: Option<Fate>) -> Result<(Base, Found), NotKnown> {
        match fate {
            Some(Fate { base, state: None, .. }) => Ok((base, Found::Version(None))),
            Some(Fate { base: base @ Base::Is(_), version, .. }) => Ok((base, Found::Version(Some(version)))),
            Some(Fate { base: Base::Any, version, .. }) if expect == Expect::Any => {
                Ok((Base::Any, Found::Above(version)))
            }
            Some(Fate { base: Base::Any, .. }) => Err(NotKnown),
            None => Ok(self.before(key, expect)),
        }
    }

    fn before(&self, key: &Key, expect: Expect) -> (Base, Found) {
        let is = |version| (Base::Is(version), Found::Version(version));
        match (self.exact, expect) {
            (Some(exact), _) => is(exact.versions.get(key).copied()),
            (None, Expect::Absent) => is(None),
            (None, Expect::Version(version)) => is(Some(version)),
            (None, Expect::Any) => (Base::Any, Found::Above(0)),
        }
    }
}

/// What is there before an operation.
#[derive(Clone, Copy)]
enum Found {
    /// This version, or nothing.
    Version(Option<u64>),
    /// Written so often since a base that is not known.
    Above(u64),
}

const fn holds(expect: Expect, found: Option<u64>) -> bool {
    match (expect, found) {
        (Expect::Any, _) | (Expect::Absent, None) => true,
        (Expect::Version(wanted), Some(found)) => wanted == found,
        (Expect::Absent, Some(_)) | (Expect::Version(_), None) => false,
    }
}
