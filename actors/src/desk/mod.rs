//! The home of the people of some shards: it decides what becomes of a request, and knows who is in flight.
//! Refuses to do work for a verification: that is the verification's own actor's.

mod amend;
mod begin;
mod open;
mod recover;
mod start;

pub use amend::{Amend, AmendError};
pub use recover::{Lost, Recall, keep, open_code};
pub use start::{Start, StartError, Started};

use crate::house::House;
use crate::in_flight::{Answered, Happened, Look, Seen};
use crate::keeper::Guard;
use actix::{Actor, AsyncContext, Context, Handler, Message, ResponseFuture};
use engine::id::VerificationId;
use engine::reason::Reason;
use engine::verification::Event;
use open::Open;
use start::Starting;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// How long a person stays in memory at least after their last write, so that it is durable before it is read again.
const ROUND: Duration = Duration::from_secs(10);

/// The actor.
pub struct Desk {
    house: Rc<House>,
    open: Rc<RefCell<Open>>,
    _guard: Guard,
}

impl Desk {
    /// A Desk with nobody in flight.
    pub fn new(house: Rc<House>, guard: Guard) -> Self {
        Self { house, open: Rc::default(), _guard: guard }
    }

    /// The actor of a verification, for tests that kill it.
    #[cfg(test)]
    pub fn addr_of(&self, id: VerificationId) -> Option<actix::Addr<crate::in_flight::InFlight>> {
        self.open.borrow().addr(id).cloned()
    }

    fn starting(&self) -> Starting {
        Starting { house: Rc::clone(&self.house), open: Rc::clone(&self.open) }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.house.closed.set(true);
    }
}

impl Actor for Desk {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
        self.house.belongs_to(ctx.address());
        ctx.run_interval(ROUND, |desk, _| desk.house.people.borrow_mut().next_round());
    }
}

/// Something for a verification. Who waits for an answer hears [`Answered::Ended`] where it is not in flight, and nothing
/// where it has just ended, or died and is being taken up again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Deliver {
    /// Which.
    pub id: VerificationId,
    /// What.
    pub happened: Happened,
}

impl Handler<Deliver> for Desk {
    type Result = ();

    fn handle(&mut self, deliver: Deliver, _: &mut Self::Context) {
        match self.open.borrow().addr(deliver.id) {
            Some(addr) if addr.connected() => addr.do_send(deliver.happened),
            Some(_) => {}
            None => {
                if let Some(answer) = deliver.happened.answer {
                    let _ = answer.send(Answered::Ended);
                }
            }
        }
    }
}

/// How does a verification in flight stand?
#[derive(Message)]
#[rtype(result = "Option<Seen>")]
pub struct LookAt {
    /// Which.
    pub id: VerificationId,
    /// Whether its end is waited for.
    pub wait: bool,
}

impl Handler<LookAt> for Desk {
    type Result = ResponseFuture<Option<Seen>>;

    fn handle(&mut self, look: LookAt, _: &mut Self::Context) -> Self::Result {
        let addr = self.open.borrow().addr(look.id).cloned();
        Box::pin(async move { addr?.send(Look { wait: look.wait }).await.ok() })
    }
}

/// A verification left.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Ended {
    /// Which.
    pub id: VerificationId,
    /// Whose.
    pub user: Box<str>,
    /// How it ended; `None` if it was never born.
    pub reason: Option<Reason>,
}

impl Handler<Ended> for Desk {
    type Result = ();

    fn handle(&mut self, ended: Ended, _: &mut Self::Context) {
        self.starting().let_go(&ended);
    }
}

/// A verification has ended and is told, but its call goes on for a goodbye: nobody joins it, and the next prompt waits.
#[derive(Message)]
#[rtype(result = "()")]
pub struct OnlyItsCall(pub Ended);

impl Handler<OnlyItsCall> for Desk {
    type Result = ();

    fn handle(&mut self, OnlyItsCall(ended): OnlyItsCall, _: &mut Self::Context) {
        let starting = self.starting();
        let others = starting.open.borrow_mut().only_its_call(ended.id, &ended.user);
        starting.end_others(&ended, others);
    }
}

/// All of a person's verifications end.
#[derive(Message)]
#[rtype(result = "()")]
pub struct EndAll {
    /// The canonical name.
    pub user: String,
    /// Why.
    pub reason: Reason,
}

impl Handler<EndAll> for Desk {
    type Result = ();

    fn handle(&mut self, EndAll { user, reason }: EndAll, _: &mut Self::Context) {
        let open: Vec<_> = self.open.borrow().of(&user).iter().map(|one| one.id).collect();
        let starting = self.starting();
        open.into_iter().for_each(|id| starting.tell(id, Event::Cancelled { reason }));
    }
}

impl Starting {
    fn let_go(&self, ended: &Ended) {
        let Some(left) = self.open.borrow_mut().let_go(ended.id, &ended.user) else { return };
        if left.others.is_empty() {
            self.house.people.borrow_mut().leave(&ended.user);
        }
        self.end_others(ended, left.others);
        if let Some(id) = left.next {
            self.tell(id, Event::TurnCame);
        }
    }

    /// Who reports fraud in one wants none of the others.
    fn end_others(&self, ended: &Ended, others: Vec<VerificationId>) {
        if matches!(ended.reason, Some(Reason::FraudReported | Reason::FraudVoice)) {
            for id in others {
                self.tell(id, Event::Cancelled { reason: Reason::FraudElsewhere });
            }
        }
    }

    fn tell(&self, id: VerificationId, event: Event) {
        if let Some(addr) = self.open.borrow().addr(id) {
            addr.do_send(Happened::from(event));
        }
    }
}
