//! What is in flight at one Desk: by id, by person, and who decides about a person now.
//! Refuses to know why: it is an index.

use crate::house::Place;
use crate::in_flight::InFlight;
use actix::Addr;
use engine::id::VerificationId;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The index.
#[derive(Default)]
pub struct Open {
    by_id: HashMap<VerificationId, (Addr<InFlight>, Place)>,
    by_person: HashMap<Box<str>, Vec<OpenOne>>,
    gates: HashMap<Box<str>, Rc<Mutex<()>>>,
}

/// One verification of a person.
pub struct OpenOne {
    /// Its id.
    pub id: VerificationId,
    /// What requests of the same sign-in have in common.
    pub joins: Option<Arc<str>>,
    /// Whether somebody is contacted by it.
    pub prompts: bool,
}

/// What is left of a person's after one ended.
#[derive(Debug, Default)]
pub struct Left {
    /// Those that go on.
    pub others: Vec<VerificationId>,
    /// Whose turn it is to contact the person.
    pub next: Option<VerificationId>,
}

impl Open {
    /// Takes one in.
    pub fn take_in(&mut self, user: &str, one: OpenOne, addr: Addr<InFlight>, place: Place) {
        self.by_id.insert(one.id, (addr, place));
        self.by_person.entry(user.into()).or_insert_with(|| Vec::with_capacity(1)).push(one);
    }

    /// Lets one go; `None` if it is not here.
    pub fn let_go(&mut self, id: VerificationId, user: &str) -> Option<Left> {
        self.by_id.remove(&id)?;
        let Some(ones) = self.by_person.get_mut(user) else { return Some(Left::default()) };
        ones.retain(|one| one.id != id);
        let left = Left { others: ones.iter().map(|one| one.id).collect(), next: first_prompt(ones) };
        if ones.is_empty() {
            self.by_person.remove(user);
        }
        Some(left)
    }

    /// One has ended and stays for its call: nobody joins it any more. The person's others.
    pub fn only_its_call(&mut self, id: VerificationId, user: &str) -> Vec<VerificationId> {
        let Some(ones) = self.by_person.get_mut(user) else { return vec![] };
        ones.iter_mut().filter(|one| one.id == id).for_each(|one| one.joins = None);
        ones.iter().map(|one| one.id).filter(|other| *other != id).collect()
    }

    /// The actor of a verification.
    pub fn addr(&self, id: VerificationId) -> Option<&Addr<InFlight>> {
        self.by_id.get(&id).map(|(addr, _)| addr)
    }

    /// All actors.
    pub fn addrs(&self) -> Vec<Addr<InFlight>> {
        self.by_id.values().map(|(addr, _)| addr.clone()).collect()
    }

    /// The verifications of a person.
    pub fn of(&self, user: &str) -> &[OpenOne] {
        self.by_person.get(user).map(Vec::as_slice).unwrap_or_default()
    }

    /// Of each person the first that contacts them: it has its turn.
    pub fn first_prompts(&self) -> Vec<VerificationId> {
        self.by_person.values().filter_map(|ones| first_prompt(ones)).collect()
    }

    /// The gate of a person: whoever holds it decides alone.
    pub fn gate(&mut self, user: &str) -> Rc<Mutex<()>> {
        Rc::clone(self.gates.entry(user.into()).or_default())
    }

    /// Removes a gate that nobody holds; whether it did.
    pub fn close_gate(&mut self, user: &str) -> bool {
        let unheld = self.gates.get(user).is_some_and(|gate| Rc::strong_count(gate) == 1);
        if unheld {
            self.gates.remove(user);
        }
        unheld
    }
}

fn first_prompt(ones: &[OpenOne]) -> Option<VerificationId> {
    ones.iter().find(|one| one.prompts).map(|one| one.id)
}
