//! The owner of phone numbers: how often each is texted, which codes are open at it, and whose reply a text is.
//! Refuses two open codes at one number that a reply could not tell apart.

mod number;
mod reply;
mod taken;

pub use number::{NumberNews, OpenCode};
pub use reply::{Match, WhoseReply};
pub use taken::{Taken, WasTaken, digest};

use crate::desk::Recall;
use crate::house::Shared;
use crate::keeper::{Build, Guard};
use crate::ledger::NotWritten;
use crate::people::{self, Versioned};
use crate::records::NumberRecord;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseActFuture, WrapFuture};
use engine::code;
use engine::id::{AttemptId, VerificationId};
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::reason::Reason;
use number::{Number, note};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Expect, Operation, ReadError, Receipt};
use tokio::sync::oneshot;

/// Numbers that are kept in memory without an open code.
const KEPT: usize = 100_000;
/// How long a number stays in memory after its last write, so that the write is durable before it is read again.
const SETTLING: Duration = Duration::from_secs(60);
/// Codes that are tried at a number before it counts as busy.
const CODES_TRIED: u16 = 64;

/// The owner of the numbers of some shards.
pub struct Switchboard {
    shared: Arc<Shared>,
    /// In boxes, so that the free places of the map are small.
    numbers: HashMap<PhoneNumber, Box<Number>>,
    _guard: Guard,
}

/// The answer to a write that waits; `None` where there was nothing to write.
type Written = Option<oneshot::Receiver<Result<Receipt, NotWritten>>>;

/// How the owner of the numbers of this place is built: with every code that is open.
pub fn keep(shared: &Arc<Shared>, index: usize) -> Build {
    let shared = Arc::clone(shared);
    Box::new(move |guard| {
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            let mut board = Switchboard { shared: Arc::clone(&shared), numbers: HashMap::new(), _guard: guard };
            let mine = |found: &Restore| shared.switchboard_index(found.number) == index;
            // What its last life wrote must be there before it is read.
            shared.ledger.barrier().await.map_err(|cause| cause.to_string())?;
            for desk in &*shared.desks {
                // A Desk that is being built itself tells its codes when it takes up what is in flight.
                let found = desk.send(Recall).await.unwrap_or_default();
                found.into_iter().filter(mine).for_each(|found| board.restore(found));
            }
            shared.switchboards[index].fill(board.start());
            Ok(())
        })
    })
}

impl Switchboard {
    /// The number's record is read when it is first needed: there may be very many of them.
    fn restore(&mut self, Restore { number, code }: Restore) {
        let number = self.numbers.entry(number).or_insert_with(Number::unread);
        number.open.retain(|open| open.verification != code.verification);
        number.open.reserve_exact(1);
        number.open.push(code);
    }

    fn code(&self, open: &OpenCode) -> code::Code {
        code::derive(&self.shared.code_key, open.verification, open.rung, open.code, open.digits)
    }

    fn loaded<T: 'static>(
        &self,
        number: PhoneNumber,
        then: impl FnOnce(&mut Self, Result<(), ReadError>) -> T + 'static,
    ) -> ResponseActFuture<Self, T> {
        if self.numbers.get(&number).is_some_and(|known| !known.unread) {
            return Box::pin(std::future::ready(()).into_actor(self).map(|(), actor, _| then(actor, Ok(()))));
        }
        let shared = Arc::clone(&self.shared);
        let read =
            async move { shared.read(move |store| people::read::<NumberRecord>(store, &number.to_string())).await };
        Box::pin(read.into_actor(self).map(move |read, actor, _| match read {
            Ok(record) => {
                actor.take_record(number, record);
                then(actor, Ok(()))
            }
            Err(cause) => then(actor, Err(cause)),
        }))
    }

    /// The messages that were taken from a number that is loaded.
    fn taken(&self, number: PhoneNumber) -> ResponseActFuture<Self, Result<Taken, ReadError>> {
        if let Some(known) = self.numbers.get(&number).and_then(|known| known.taken.as_deref()) {
            return Box::pin(std::future::ready(Ok(known.clone())).into_actor(self));
        }
        let shared = Arc::clone(&self.shared);
        let read = async move { shared.read(move |store| people::read(store, &number.to_string())).await };
        Box::pin(read.into_actor(self).map(|read, _, _| Ok(read?.unwrap_or_else(Taken::nothing))))
    }

    fn take_record(&mut self, number: PhoneNumber, record: Option<Versioned<NumberRecord>>) {
        let known = self.numbers.entry(number).or_insert_with(Number::unread);
        if known.unread {
            // A number that was never texted has hardly ever sent anything; where it has, the next write conflicts.
            known.taken = record.is_none().then(|| Box::new(Taken::nothing()));
            known.record = record.map(|found| found.value).unwrap_or_default();
            known.unread = false;
        }
    }

    fn reserve(&mut self, wish: &Reserve) -> Result<u16, Reason> {
        let now = self.shared.clock.now();
        let number = self.numbers.entry(wish.number).or_default();
        let again = number.record.last == Some(wish.attempt);
        if !again {
            self.may_be_reached(wish, now)?;
        }
        let open = self.free_code(wish).ok_or(Reason::RateLimited)?;
        let written = self.change(wish.number, false, |number| {
            number.open.retain(|open| open.verification != wish.attempt.verification);
            number.open.reserve_exact(1);
            number.open.push(open);
            if !again {
                number.record.sends.sent(now);
                number.record.last = Some(wish.attempt);
            }
        });
        written.map(|_| open.code).map_err(|_| Reason::InternalError)
    }

    fn may_be_reached(&self, wish: &Reserve, now: Moment) -> Result<(), Reason> {
        let Some(number) = self.numbers.get(&wish.number) else { return Ok(()) };
        let record = &number.record;
        if wish.code.call {
            may_be_called(number, wish, now)?;
        } else if record.bad {
            return Err(Reason::NumberInvalid);
        } else if record.opted_out {
            return Err(Reason::SmsNotSent);
        }
        let limits = &self.shared.policy().velocity.number;
        let asked = match wish.resend {
            Some(gap) => record.sends.ask_again(limits, gap, now),
            None => record.sends.ask(limits, now),
        };
        asked.map_err(|_| Reason::RateLimited)
    }

    fn free_code(&self, wish: &Reserve) -> Option<OpenCode> {
        let others = self.numbers.get(&wish.number)?.open.iter();
        let others = others.filter(|open| open.verification != wish.attempt.verification);
        let taken: Vec<_> = others.map(|open| self.code(open)).collect();
        let first = wish.code.code;
        (first..first.saturating_add(CODES_TRIED)).map(|code| OpenCode { code, ..wish.code }).find(|open| {
            let code = self.code(open);
            !taken.iter().any(|other| code::clash(other, &code))
        })
    }

    /// Changes a number in memory and writes it: the order of calls is the order of writes, and nobody else writes it.
    fn change(
        &mut self,
        id: PhoneNumber,
        always: bool,
        change: impl FnOnce(&mut Number),
    ) -> Result<Written, NotWritten> {
        let now = self.shared.clock.now();
        let number = self.numbers.entry(id).or_default();
        let before = number.record.clone();
        change(number);
        number.touched = now;
        if number.record == before && !always {
            return Ok(None);
        }
        let write = Operation::put(id.to_string(), &number.record, Expect::Any);
        let written = self.shared.ledger.enqueue(vec![write].into());
        written.map(Some).inspect_err(|cause| tracing::warn!(%cause, "a number's record could not be written"))
    }

    fn forget_quiet_ones(&mut self) {
        if self.numbers.len() > KEPT {
            let now = self.shared.clock.now();
            self.numbers.retain(|_, number| !number.open.is_empty() || now.since(number.touched) < SETTLING);
        }
    }
}

impl Actor for Switchboard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
        ctx.run_interval(SETTLING, |actor, _| actor.forget_quiet_ones());
    }
}

/// A verification wants to text or call a number.
#[derive(Message)]
#[rtype(result = "Result<u16, Reason>")]
pub struct Reserve {
    /// Which number.
    pub number: PhoneNumber,
    /// For which send; asked for twice it counts once.
    pub attempt: AttemptId,
    /// The first code to try.
    pub code: OpenCode,
    /// The least time since the text before, if the person asked for it once more.
    pub resend: Option<Duration>,
}

impl Handler<Reserve> for Switchboard {
    type Result = ResponseActFuture<Self, Result<u16, Reason>>;

    fn handle(&mut self, wish: Reserve, _: &mut Self::Context) -> Self::Result {
        self.loaded(wish.number, move |actor, read| match read {
            Ok(()) => actor.reserve(&wish),
            Err(cause) => {
                tracing::error!(%cause, "a number's record could not be read");
                Err(Reason::InternalError)
            }
        })
    }
}

/// A verification has a code open.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Restore {
    /// At which number.
    pub number: PhoneNumber,
    /// Which.
    pub code: OpenCode,
}

impl Handler<Restore> for Switchboard {
    type Result = ();

    fn handle(&mut self, found: Restore, _: &mut Self::Context) {
        self.restore(found);
    }
}

/// One of our numbers has texted a number.
#[derive(Message)]
#[rtype(result = "()")]
pub struct SentFrom {
    /// Which number.
    pub number: PhoneNumber,
    /// Whose code went.
    pub verification: VerificationId,
    /// Our number.
    pub from: PhoneNumber,
}

impl Handler<SentFrom> for Switchboard {
    type Result = ();

    fn handle(&mut self, sent: SentFrom, _: &mut Self::Context) {
        let open = self.numbers.get_mut(&sent.number).map(|number| number.open.iter_mut());
        for open in open.into_iter().flatten().filter(|open| open.verification == sent.verification) {
            open.from = Some(sent.from);
        }
    }
}

/// A verification has nothing open at a number any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Release {
    /// Which number.
    pub number: PhoneNumber,
    /// Whose code.
    pub verification: VerificationId,
}

impl Handler<Release> for Switchboard {
    type Result = ();

    fn handle(&mut self, done: Release, _: &mut Self::Context) {
        let now = self.shared.clock.now();
        if let Some(number) = self.numbers.get_mut(&done.number) {
            number.open.retain(|open| open.verification != done.verification);
            number.touched = now;
        }
    }
}

/// Something became known of a number. The answer comes once it is durable.
#[derive(Message)]
#[rtype(result = "Result<(), NotWritten>")]
pub struct Heard {
    /// Which number.
    pub number: PhoneNumber,
    /// What.
    pub news: NumberNews,
}

impl Handler<Heard> for Switchboard {
    type Result = ResponseActFuture<Self, Result<(), NotWritten>>;

    fn handle(&mut self, heard: Heard, _: &mut Self::Context) -> Self::Result {
        let noted = self.loaded(heard.number, move |actor, read| {
            // A record that could not be read must not be written anew from nothing.
            if let Err(cause) = read {
                tracing::error!(%cause, "a number's record could not be read");
                return Err(NotWritten::Unavailable);
            }
            // A word that changes nothing in memory may have failed to be written before: it is written again.
            let always = !matches!(heard.news, NumberNews::Answered);
            actor.change(heard.number, always, |number| note(&mut number.record, heard.news))
        });
        Box::pin(noted.then(|written, actor, _| durable(written).into_actor(actor)))
    }
}

/// One call at a time at one number. A landline is bad for texts and good for calls, and a STOP is about texts.
fn may_be_called(number: &Number, wish: &Reserve, now: Moment) -> Result<(), Reason> {
    let mut others = number.open.iter().filter(|open| open.verification != wish.attempt.verification);
    let uncallable = number.record.uncallable_until.is_some_and(|until| now < until);
    match (uncallable, others.any(|open| open.call)) {
        (true, _) => Err(Reason::NumberInvalid),
        (false, true) => Err(Reason::NumberBusy),
        (false, false) => Ok(()),
    }
}

async fn durable(written: Result<Written, NotWritten>) -> Result<(), NotWritten> {
    match written? {
        Some(answer) => answer.await.unwrap_or(Err(NotWritten::Unavailable)).map(|_| ()),
        None => Ok(()),
    }
}
