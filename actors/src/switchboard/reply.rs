//! Whose reply an inbound text is.
//! Refuses to tell codes apart that were not kept apart when they were given out.

use super::{OpenCode, Switchboard, Taken};
use actix::{ActorFutureExt, Handler, Message, ResponseActFuture, WrapFuture};
use engine::id::VerificationId;
use engine::number::PhoneNumber;
use engine::reply;
use store::ReadError;

/// Whose is this text?
#[derive(Message)]
#[rtype(result = "Result<Match, ReadError>")]
pub struct WhoseReply {
    /// Who sent it.
    pub from: PhoneNumber,
    /// Our number that it was sent to.
    pub to: Option<PhoneNumber>,
    /// Its digits; `None` asks for all that are open.
    pub digits: Option<engine::secret::Secret<String>>,
}

/// The verifications that a text belongs to.
#[derive(Debug)]
pub struct Match {
    /// Open ones.
    pub open: Vec<VerificationId>,
    /// Where none is open: the one that reached this number last.
    pub last: Option<VerificationId>,
    /// What was taken from the number before.
    pub taken: Taken,
}

impl Handler<WhoseReply> for Switchboard {
    type Result = ResponseActFuture<Self, Result<Match, ReadError>>;

    fn handle(&mut self, asked: WhoseReply, _: &mut Self::Context) -> Self::Result {
        let number = asked.from;
        let taken = self.loaded(number, |_, read| read).then(move |read, actor, _| match read {
            Ok(()) => actor.taken(number),
            Err(cause) => Box::pin(std::future::ready(Err(cause)).into_actor(actor)),
        });
        Box::pin(taken.map(move |taken, actor, _| Ok(actor.matched(&asked, taken?))))
    }
}

impl Switchboard {
    fn matched(&self, asked: &WhoseReply, taken: Taken) -> Match {
        let number = self.numbers.get(&asked.from);
        let open = match &asked.digits {
            Some(digits) => self.match_digits(asked.from, asked.to, digits.expose()),
            None => number.into_iter().flat_map(|number| &number.open).map(|open| open.verification).collect(),
        };
        let last = number.and_then(|number| number.record.last).map(|attempt| attempt.verification);
        Match { open, last, taken }
    }

    /// Whose reply a run of digits is, among those that our number `to` texted: the one verification whose code it begins
    /// with, or all that are open.
    fn match_digits(&self, from: PhoneNumber, to: Option<PhoneNumber>, digits: &str) -> Vec<VerificationId> {
        let Some(number) = self.numbers.get(&from) else { return vec![] };
        let texted_from = |open: &OpenCode| to.is_none() || open.from.is_none() || open.from == to;
        let two_way = || number.open.iter().filter(|open| open.two_way && texted_from(open));
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
