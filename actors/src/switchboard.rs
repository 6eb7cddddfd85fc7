//! The owner of phone numbers: how often each is texted, which codes are open at it, and whose reply a text is.
//! Refuses two open codes at one number that a reply could not tell apart.

use crate::house::Shared;
use crate::people;
use crate::records::NumberRecord;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseActFuture, WrapFuture};
use engine::code;
use engine::id::VerificationId;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::reply;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Expect, Operation, ReadError};

/// Numbers that are kept in memory without an open code.
const KEPT: usize = 100_000;
/// How long a number stays in memory after its last write, so that the write is durable before it is read again.
const SETTLING: Duration = Duration::from_secs(60);
/// Codes that are tried at a number before it counts as busy.
const CODES_TRIED: u16 = 64;

/// The owner of the numbers of some shards.
pub struct Switchboard {
    shared: Arc<Shared>,
    policy: Arc<Policy>,
    numbers: HashMap<PhoneNumber, Number>,
}

#[derive(Default)]
struct Number {
    record: NumberRecord,
    open: Vec<OpenCode>,
    touched: Moment,
}

struct OpenCode {
    verification: VerificationId,
    rung: u8,
    code: u16,
    two_way: bool,
}

impl Switchboard {
    /// Owns what `shared` spreads to it.
    pub fn new(shared: Arc<Shared>, policy: Arc<Policy>) -> Self {
        Self { shared, policy, numbers: HashMap::new() }
    }

    fn code(&self, open: &OpenCode) -> code::Code {
        code::derive(&self.shared.code_key, open.verification, open.rung, open.code, self.policy.sms.otp_digits)
    }

    fn loaded<T: 'static>(
        &self,
        number: PhoneNumber,
        then: impl FnOnce(&mut Self, Result<(), ReadError>) -> T + 'static,
    ) -> ResponseActFuture<Self, T> {
        if self.numbers.contains_key(&number) {
            return Box::pin(std::future::ready(()).into_actor(self).map(|(), actor, _| then(actor, Ok(()))));
        }
        let store = Arc::clone(&self.shared.store);
        let read = tokio::task::spawn_blocking(move || people::read::<NumberRecord>(&*store, &number.to_string()));
        Box::pin(read.into_actor(self).map(move |read, actor, _| {
            let record = match read.unwrap_or_else(|cause| Err(ReadError::Unavailable { cause: cause.to_string() })) {
                Ok(found) => found.map(|found| found.value).unwrap_or_default(),
                Err(cause) => return then(actor, Err(cause)),
            };
            actor.numbers.entry(number).or_insert_with(|| Number { record, ..Number::default() });
            then(actor, Ok(()))
        }))
    }

    fn reserve(&mut self, wish: &Reserve) -> Result<u16, Reason> {
        let now = self.shared.clock.now();
        let limits = self.policy.velocity.number.clone();
        let number = self.numbers.entry(wish.number).or_default();
        if number.record.opted_out {
            return Err(Reason::SmsNotSent);
        }
        let asked = match wish.resend {
            Some(resend) => number.record.sends.ask_again(&limits, resend, now),
            None => number.record.sends.ask(&limits, now),
        };
        asked.map_err(|_| Reason::RateLimited)?;
        number.open.retain(|open| open.verification != wish.verification);
        let open = self.free_code(wish).ok_or(Reason::RateLimited)?;
        let code = open.code;
        self.change(wish.number, |number| {
            number.open.push(open);
            number.record.sends.sent(now);
            number.record.last = Some(wish.verification);
        });
        Ok(code)
    }

    fn free_code(&self, wish: &Reserve) -> Option<OpenCode> {
        let taken: Vec<_> = self.numbers.get(&wish.number)?.open.iter().map(|open| self.code(open)).collect();
        (wish.code..wish.code.saturating_add(CODES_TRIED))
            .map(|code| OpenCode { verification: wish.verification, rung: wish.rung, code, two_way: wish.two_way })
            .find(|open| {
                let code = self.code(open);
                !taken.iter().any(|other| code::clash(other, &code))
            })
    }

    /// Changes a number in memory and writes it: the order of calls is the order of writes, and nobody else writes it.
    fn change(&mut self, id: PhoneNumber, change: impl FnOnce(&mut Number)) {
        let now = self.shared.clock.now();
        let number = self.numbers.entry(id).or_default();
        let before = number.record.clone();
        change(number);
        number.touched = now;
        if number.record == before {
            return;
        }
        let write = Operation::put(id.to_string(), &number.record, Expect::Any);
        if let Err(cause) = self.shared.ledger.enqueue(vec![write].into()) {
            tracing::warn!(%cause, "a number's record could not be written");
        }
    }

    fn forget_quiet_ones(&mut self) {
        if self.numbers.len() > KEPT {
            let now = self.shared.clock.now();
            self.numbers.retain(|_, number| !number.open.is_empty() || now.since(number.touched) < SETTLING);
        }
    }

    /// Whose reply a run of digits is: the one verification whose code it begins with, or all that are open.
    fn match_digits(&self, from: PhoneNumber, digits: &str) -> Vec<VerificationId> {
        let Some(number) = self.numbers.get(&from) else { return vec![] };
        let two_way = || number.open.iter().filter(|open| open.two_way);
        let fits = |open: &&OpenCode| {
            let code = self.code(open);
            code.matches(reply::split(digits, code.expose().len()).0)
        };
        match two_way().find(fits) {
            Some(open) => vec![open.verification],
            None => two_way().map(|open| open.verification).collect(),
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

/// A verification wants to text a number.
#[derive(Message)]
#[rtype(result = "Result<u16, Reason>")]
pub struct Reserve {
    /// Which number.
    pub number: PhoneNumber,
    /// Who.
    pub verification: VerificationId,
    /// On which rung.
    pub rung: u8,
    /// The first code to try.
    pub code: u16,
    /// The number of the resend, if the person asked for it.
    pub resend: Option<u8>,
    /// Whether a reply is awaited.
    pub two_way: bool,
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

/// A verification that was found in the store has a code open.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Restore {
    /// Which number.
    pub number: PhoneNumber,
    /// Whose code.
    pub verification: VerificationId,
    /// On which rung.
    pub rung: u8,
    /// Which code.
    pub code: u16,
    /// Whether a reply is awaited.
    pub two_way: bool,
}

impl Handler<Restore> for Switchboard {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, found: Restore, _: &mut Self::Context) -> Self::Result {
        self.loaded(found.number, move |actor, read| {
            if let Err(cause) = read {
                tracing::error!(%cause, "a number's record could not be read");
            }
            let number = actor.numbers.entry(found.number).or_default();
            let Restore { verification, rung, code, two_way, .. } = found;
            number.open.push(OpenCode { verification, rung, code, two_way });
        })
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

/// News of a number.
#[derive(Debug, Clone, Copy)]
pub enum NumberNews {
    /// Its owner answered.
    Answered,
    /// A gateway says that it does not exist.
    Bad,
    /// Its owner wants no more texts.
    OptedOut,
    /// Its owner wants texts again.
    OptedIn,
}

/// Something became known of a number.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Heard {
    /// Which number.
    pub number: PhoneNumber,
    /// What.
    pub news: NumberNews,
}

impl Handler<Heard> for Switchboard {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, heard: Heard, _: &mut Self::Context) -> Self::Result {
        self.loaded(heard.number, move |actor, read| {
            // A record that could not be read must not be written anew from nothing.
            if let Err(cause) = read {
                tracing::error!(%cause, "a number's record could not be read");
                return;
            }
            actor.change(heard.number, |number| match heard.news {
                NumberNews::Answered => {
                    number.record.sends.answered();
                    number.record.bad = false;
                }
                NumberNews::Bad => number.record.bad = true,
                NumberNews::OptedOut => number.record.opted_out = true,
                NumberNews::OptedIn => number.record.opted_out = false,
            });
        })
    }
}

/// Whose is this text?
#[derive(Message)]
#[rtype(result = "Match")]
pub struct WhoseReply {
    /// Who sent it.
    pub from: PhoneNumber,
    /// Its digits; `None` asks for all that are open.
    pub digits: Option<engine::secret::Secret<String>>,
}

/// The verifications that a text belongs to.
#[derive(Debug, Default, actix::MessageResponse)]
pub struct Match {
    /// Open ones.
    pub open: Vec<VerificationId>,
    /// Where none is open: the one that reached this number last.
    pub last: Option<VerificationId>,
}

impl Handler<WhoseReply> for Switchboard {
    type Result = ResponseActFuture<Self, Match>;

    fn handle(&mut self, asked: WhoseReply, _: &mut Self::Context) -> Self::Result {
        self.loaded(asked.from, move |actor, _| {
            let open = match &asked.digits {
                Some(digits) => actor.match_digits(asked.from, digits.expose()),
                None => {
                    actor.numbers.get(&asked.from).into_iter().flat_map(|n| &n.open).map(|o| o.verification).collect()
                }
            };
            let last = actor.numbers.get(&asked.from).and_then(|number| number.record.last);
            Match { open, last }
        })
    }
}

/// Company settings changed.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct PolicyChanged(pub Arc<Policy>);

impl Handler<PolicyChanged> for Switchboard {
    type Result = ();

    fn handle(&mut self, PolicyChanged(policy): PolicyChanged, _: &mut Self::Context) {
        self.policy = policy;
    }
}
