//! What is durable in the journal and not in the tables yet: it stands before them for every read.
//! Refuses to be ahead of the journal: it learns of a batch when that is committed.

use crate::{Key, Kind, OutcomeRow, Record, TimelineRow};
use engine::id::VerificationId;
use engine::moment::Moment;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;

/// One thing that a batch wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Put { key: Key, state: State },
    Delete { key: Key },
    Line { verification: VerificationId, sequence: u32, at: Moment, body: Vec<u8> },
    Outcome(OutcomeRow),
}

impl Entry {
    /// The record that it is about.
    pub const fn key(&self) -> Option<&Key> {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => Some(key),
            Self::Line { .. } | Self::Outcome(_) => None,
        }
    }

    /// When the record expires that it writes.
    pub fn expires(&self) -> i64 {
        match self {
            Self::Put { state, .. } => state.expires.unwrap_or(i64::MAX),
            Self::Delete { .. } | Self::Line { .. } | Self::Outcome(_) => i64::MAX,
        }
    }
}

/// A record as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub version: u64,
    pub parent: Option<String>,
    pub format: u16,
    pub body: Vec<u8>,
    /// As it is stored.
    pub expires: Option<i64>,
}

impl State {
    fn record(&self, key: &Key) -> Record {
        let Self { version, parent, format, body, .. } = self.clone();
        Record { key: key.clone(), version, parent, format, body }
    }
}

/// What stands before the row of a record in its table.
#[derive(Debug)]
pub(super) struct Slot {
    /// The batch with which it came; its turn to go to the table is by this.
    first: u64,
    /// Whether there is a row in the table.
    pub in_table: bool,
    /// `None` if it was removed.
    pub state: Option<State>,
}

impl Slot {
    /// By how many the records are more than the rows of the table.
    pub const fn adds(&self) -> i64 {
        match (&self.state, self.in_table) {
            (Some(_), false) => 1,
            (None, true) => -1,
            (Some(_), true) | (None, false) => 0,
        }
    }
}

/// What goes to the tables, in the order of its first batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Record(Key),
    Lines(VerificationId),
    Outcome(u64),
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Pending {
    records: HashMap<Key, Slot>,
    /// Records of a kind under a parent.
    under: BTreeMap<(Kind, String), BTreeSet<String>>,
    lines: HashMap<VerificationId, (u64, Vec<TimelineRow>)>,
    outcomes: BTreeMap<u64, OutcomeRow>,
    positions: HashMap<VerificationId, u64>,
    queue: VecDeque<(u64, Item)>,
    /// The last position in the feed of the writer.
    pub last: u64,
}

impl Pending {
    /// Nothing waits; the feed ends at `last`.
    pub fn new(last: u64) -> Self {
        Self { last, ..Self::default() }
    }

    /// How many things wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// The batch of the first that waits behind `skipped` others.
    pub fn first(&self, skipped: usize) -> Option<u64> {
        self.queue.get(skipped).map(|(first, _)| *first)
    }

    /// Up to `count` of those that wait longest, without those that are gone since; sorted, so that neighbours in a table
    /// are written together.
    pub fn oldest(&self, count: usize) -> Vec<&Item> {
        let here = |(first, item): &&(u64, Item)| match item {
            Item::Record(key) => self.records.get(key).is_some_and(|slot| slot.first == *first),
            Item::Lines(id) => self.lines.contains_key(id),
            Item::Outcome(position) => self.outcomes.contains_key(position),
        };
        let mut items: Vec<_> = self.queue.iter().take(count).filter(here).map(|(_, item)| item).collect();
        items.sort_unstable();
        items
    }

    /// Those that waited longest are in the tables; of the records among them whether there is a row now.
    pub fn let_go(&mut self, count: usize) -> HashMap<Key, bool> {
        let mut rows = HashMap::new();
        for (first, item) in self.queue.drain(..count.min(self.queue.len())) {
            match item {
                Item::Record(key) => {
                    if self.records.get(&key).is_some_and(|slot| slot.first == first) {
                        let state = self.records.remove(&key).and_then(|slot| slot.state);
                        let row = state.is_some();
                        leave_parent(&mut self.under, &key, state);
                        rows.insert(key, row);
                    }
                }
                Item::Lines(id) => {
                    self.lines.remove(&id);
                }
                Item::Outcome(position) => {
                    if let Some(outcome) = self.outcomes.remove(&position) {
                        self.positions.remove(&outcome.verification);
                    }
                }
            }
        }
        rows
    }

    /// Takes an entry of batch `sequence` in. `in_table` says whether a record that was not here has a row in its table.
    pub fn take(&mut self, sequence: u64, entry: Entry, in_table: bool) {
        match entry {
            Entry::Put { key, state } => self.record(sequence, key, Some(state), in_table),
            Entry::Delete { key } => self.record(sequence, key, None, in_table),
            Entry::Line { verification, sequence: place, at, body } => {
                let (_, rows) = self.lines.entry(verification).or_insert_with(|| {
                    self.queue.push_back((sequence, Item::Lines(verification)));
                    (sequence, Vec::new())
                });
                rows.push(TimelineRow { sequence: place, at, body });
            }
            Entry::Outcome(outcome) => {
                let position = outcome.position;
                self.queue.push_back((sequence, Item::Outcome(position)));
                self.positions.insert(outcome.verification, position);
                self.outcomes.insert(position, outcome);
                self.last = self.last.max(position);
            }
        }
    }

    fn record(&mut self, sequence: u64, key: Key, state: Option<State>, in_table: bool) {
        if let Some(parent) = state.as_ref().and_then(|state| state.parent.clone()) {
            self.under.entry((key.kind, parent)).or_default().insert(key.id.clone());
        }
        if let Some(slot) = self.records.get_mut(&key) {
            let before = std::mem::replace(&mut slot.state, state);
            let (parent, gone) = (slot.state.as_ref().map(|state| state.parent.clone()), slot.state.is_none());
            let born_here = !slot.in_table;
            if before.as_ref().map(|state| state.parent.clone()) != parent {
                leave_parent(&mut self.under, &key, before);
            }
            if gone && born_here {
                self.records.remove(&key);
            }
            return;
        }
        if state.is_some() || in_table {
            self.queue.push_back((sequence, Item::Record(key.clone())));
            self.records.insert(key, Slot { first: sequence, in_table, state });
        }
    }

    /// What stands before a record's row.
    pub fn slot(&self, key: &Key) -> Option<&Slot> {
        self.records.get(key)
    }

    /// A record; `None` if its table must be asked.
    pub fn get(&self, key: &Key) -> Option<Option<Record>> {
        let slot = self.records.get(key)?;
        Some(slot.state.as_ref().map(|state| state.record(key)))
    }

    /// Records under a parent, by key.
    pub fn children(&self, kind: Kind, parent: &str) -> Vec<Record> {
        let ids = self.under.get(&(kind, parent.to_owned())).into_iter().flatten();
        ids.filter_map(|id| self.get(&Key::new(kind, id.as_str())).flatten()).collect()
    }

    /// What stands before the rows of a kind between two keys, `after` left out and `until` taken in; in no order.
    pub fn slots(&self, kind: Kind, after: Option<&str>, until: Option<&str>) -> impl Iterator<Item = (&Key, &Slot)> {
        let (after, until) = (after.map(str::to_owned), until.map(str::to_owned));
        self.records.iter().filter(move |(key, _)| {
            key.kind == kind
                && after.as_deref().is_none_or(|after| key.id.as_str() > after)
                && until.as_deref().is_none_or(|until| key.id.as_str() <= until)
        })
    }

    /// All slots.
    pub fn all_slots(&self) -> impl Iterator<Item = (&Key, &Slot)> {
        self.records.iter()
    }

    /// The rows of a timeline that are not in its table.
    pub fn lines(&self, verification: VerificationId) -> &[TimelineRow] {
        self.lines.get(&verification).map(|(_, rows)| rows.as_slice()).unwrap_or_default()
    }

    /// The timelines of which something waits.
    pub fn timelines(&self) -> impl Iterator<Item = &VerificationId> {
        self.lines.keys()
    }

    /// The outcome of a verification, if it waits here.
    pub fn outcome_of(&self, verification: VerificationId) -> Option<&OutcomeRow> {
        self.outcomes.get(self.positions.get(&verification)?)
    }

    /// The outcome at a position.
    pub fn outcome(&self, position: u64) -> Option<&OutcomeRow> {
        self.outcomes.get(&position)
    }

    /// Outcomes after a position, in order.
    pub fn outcomes(&self, after: u64) -> impl Iterator<Item = &OutcomeRow> {
        self.outcomes.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, outcome)| outcome)
    }
}

fn leave_parent(under: &mut BTreeMap<(Kind, String), BTreeSet<String>>, key: &Key, state: Option<State>) {
    let Some(parent) = state.and_then(|state| state.parent) else { return };
    let place = (key.kind, parent);
    if let Some(ids) = under.get_mut(&place) {
        ids.remove(&key.id);
        if ids.is_empty() {
            under.remove(&place);
        }
    }
}
