//! What a gateway tells us: replies and receipts, each taken once and answered only when it is durable.
//! Refuses to trust: the caller has checked the signature before.

use crate::desk::Deliver;
use crate::handle::Engine;
use crate::in_flight::{Answered, Happened, What};
use crate::ledger::NotWritten;
use crate::line::Carries;
use crate::refused::Refused;
use crate::switchboard::{Heard, Match, NumberNews, Taken, WasTaken, WhoseReply, digest};
use channels::text::{InboundText, Meaning, OptOut, Receipt, ReceiptStatus, TextGateway};
use engine::id::VerificationId;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::reason::Reason;
use engine::reply::{self, Reply};
use engine::secret::Secret;
use engine::timeline::Entry;
use engine::verification::{Door, Event, Mark, ReceiptState, Refusal};
use engine::wording;
use metrics::counter;
use std::time::Duration;
use store::Operation;
use tokio::sync::oneshot;

/// How often a message is tried when others from its number are taken at the same time.
const TRIES: usize = 5;

/// Seconds that the gateway's clock may be behind ours, for texts that were listed later.
const CLOCKS_APART: u64 = 5;

/// How far back texts are looked for that came while we were down; no verification lives longer.
const MISSED: Duration = Duration::from_secs(3600);

/// What to answer to an inbound text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboundAnswer {
    /// A text that invites another try, or says what is to be done first.
    pub say: Option<String>,
}

impl Engine {
    /// Takes an inbound text. `Ok` means that all it does is durable; the same message id again does nothing. One that
    /// could not be taken is asked for at the gateway later, because not every gateway brings it again.
    pub async fn reply(&self, gateway: &str, text: InboundText) -> Result<InboundAnswer, Refused> {
        self.take_reply(gateway, text).await.inspect_err(|_| self.owe(gateway))
    }

    /// The mark that it was taken is written in one change with the first thing that it does, and only where no other was
    /// written since the last was read; so one that comes twice at once is known by the conflict.
    async fn take_reply(&self, gateway: &str, text: InboundText) -> Result<InboundAnswer, Refused> {
        let Ok(from) = text.from.parse::<PhoneNumber>() else {
            tracing::warn!("a text came from something that is not a phone number");
            return Ok(InboundAnswer::default());
        };
        let message = digest(gateway, &text.message_id);
        for _ in 1..TRIES {
            match self.take_new(from, &message, &text).await {
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => self.was_taken(from, None),
                done => return done,
            }
        }
        self.take_new(from, &message, &text).await
    }

    async fn take_new(&self, from: PhoneNumber, message: &str, text: &InboundText) -> Result<InboundAnswer, Refused> {
        let read = match text.opt_out {
            Some(OptOut::Stop) => Reply::Stop,
            Some(OptOut::Start) => Reply::Start,
            Some(OptOut::Help) => Reply::Help,
            None => reply::read(text.body.expose(), &self.fraud_code()),
        };
        // Unreadable is a wrong try like any other: an empty run of digits fits no code.
        let digits = match &read {
            Reply::Digits(digits) => Some(digits.clone()),
            Reply::Unreadable => Some(Secret::default()),
            Reply::Fraud | Reply::Stop | Reply::Start | Reply::Help => None,
        };
        let to = text.to.parse::<PhoneNumber>().ok();
        let found = self.whose(from, to, digits.clone()).await?;
        if found.taken.has(message) {
            counter!("countersign_inbound_total", "kind" => "duplicate").increment(1);
            return Ok(InboundAnswer::default());
        }
        let mut taken = found.taken.clone();
        let mark = taken.take(from, message);
        let at = text.at.unwrap_or_else(|| self.now());
        let answer = match read {
            Reply::Digits(_) | Reply::Unreadable => {
                self.digits(found, digits.unwrap_or_default(), text.at, mark).await?
            }
            Reply::Fraud => self.fraud(found, mark).await?,
            Reply::Stop => self.opt(from, found, NumberNews::OptedOut(at), mark).await?,
            Reply::Start => self.opt(from, found, NumberNews::OptedIn(at), mark).await?,
            Reply::Help => self.only_mark(mark, "help").await?,
        };
        self.was_taken(from, Some(taken));
        Ok(answer)
    }

    fn was_taken(&self, number: PhoneNumber, taken: Option<Taken>) {
        self.shared().switchboard(number).do_send(WasTaken { number, taken });
    }

    async fn digits(
        &self,
        mut found: Match,
        digits: Secret<String>,
        listed: Option<Moment>,
        mark: Operation,
    ) -> Result<InboundAnswer, Refused> {
        if let Some(at) = listed {
            found.open = self.that_could_be_meant(found.open, at).await?;
        }
        if found.open.is_empty() {
            return self.late(found.last, "reply_with_nothing_open", mark).await;
        }
        let mut answer = InboundAnswer::default();
        // The mark is written with the first try that counts. A fault between the first and the last of several that
        // share a phone spares the later ones a wrong try, which is better than to count it twice for the first.
        let mut mark = Some(mark);
        for id in found.open {
            let what = What::Code(Door::Reply, digits.clone());
            match self.bring(id, what, mark.clone().into_iter().collect()).await? {
                Some(Answered::Taken { verification, invite }) => {
                    mark = None;
                    if invite {
                        answer.say = verification.rung().map(|rung| wording::invitation(rung.mode).to_owned());
                    } else if verification.reason() == Some(Reason::PinChangeRequired) {
                        answer.say = Some(wording::change_first(&self.policy().portal.url));
                    }
                }
                Some(Answered::NotWritten(why)) => return Err(why.into()),
                Some(Answered::Paused(_)) => {
                    self.note(id, "reply_while_paused", mark.take()).await?;
                }
                Some(Answered::Ended) | None => {
                    self.note(id, "answer_after_the_end", mark.take()).await?;
                }
            }
        }
        counter!("countersign_inbound_total", "kind" => "reply").increment(1);
        Ok(answer)
    }

    /// Those of the verifications that had begun when a text was sent: one that was listed later may be older than they are.
    async fn that_could_be_meant(&self, open: Vec<VerificationId>, at: Moment) -> Result<Vec<VerificationId>, Refused> {
        let mut meant = Vec::new();
        for id in open {
            match self.look(id, None).await {
                Ok(found) if found.created_at.seconds() > at.seconds() + CLOCKS_APART => {}
                Ok(_) | Err(Refused::NotFound) => meant.push(id),
                Err(why) => return Err(why),
            }
        }
        Ok(meant)
    }

    /// Writes into a timeline, and that the message was taken.
    async fn note(
        &self,
        verification: VerificationId,
        what: &'static str,
        mark: Option<Operation>,
    ) -> Result<(), Refused> {
        let body = serde_json::to_vec(&[Entry::new(what)]).expect("entries are plain structs");
        let mut operations = vec![Operation::Append { verification, at: self.now(), body }];
        operations.extend(mark);
        self.shared().ledger.commit(operations.into()).await?;
        Ok(())
    }

    /// A report counts for all that are open at the number, and late for the last one.
    async fn fraud(&self, found: Match, mark: Operation) -> Result<InboundAnswer, Refused> {
        let targets = if found.open.is_empty() { found.last.into_iter().collect() } else { found.open };
        for id in targets {
            match self.bring(id, What::Event(Event::FraudReported), vec![]).await? {
                Some(Answered::NotWritten(why)) => return Err(why.into()),
                Some(Answered::Taken { .. } | Answered::Paused(_)) => {}
                Some(Answered::Ended) | None => self.fraud_after_the_end(id).await?,
            }
        }
        // Marked as taken only now: a report that got half-way comes again, and to report twice does no harm.
        self.only_mark(mark, "fraud").await
    }

    async fn fraud_after_the_end(&self, id: VerificationId) -> Result<(), Refused> {
        let Some(settled) = self.settled(id).await? else { return Ok(()) };
        let now = self.now();
        let name = settled.user.to_string();
        let doors = self.doors();
        let entry =
            serde_json::to_vec(&[Entry::new("fraud_reported_after_the_end")]).expect("entries are plain structs");
        let amendment = move |person: &mut crate::people::Person, policy: &engine::policy::Policy, _| {
            let mut operations = person.mark(&name, &[Mark::Fraud], policy, doors, now);
            operations.push(Operation::Append { verification: id, at: now, body: entry });
            Ok(operations)
        };
        self.amend(&settled.user, Box::new(amendment)).await?;
        self.tell();
        self.end_all(&settled.user, Reason::FraudElsewhere).await
    }

    /// The number's record first: a STOP that got half-way comes again, and to stop twice does no harm.
    async fn opt(
        &self,
        from: PhoneNumber,
        found: Match,
        news: NumberNews,
        mark: Operation,
    ) -> Result<InboundAnswer, Refused> {
        self.tell_number(from, news).await?;
        let what = if matches!(news, NumberNews::OptedOut(_)) { "opted_out" } else { "opted_in" };
        for id in found.open {
            self.note(id, what, None).await?;
        }
        self.only_mark(mark, what).await
    }

    /// Something became known of a number; `Ok` once it is durable.
    pub(crate) async fn tell_number(&self, number: PhoneNumber, news: NumberNews) -> Result<(), Refused> {
        let told = self.shared().switchboard(number).send(Heard { number, news }).await;
        told.map_err(|_| Refused::Unavailable)?.map_err(Refused::from)
    }

    /// A number came with a new person: a gateway's word that it is bad counts no more.
    pub async fn number_enrolled(&self, number: PhoneNumber) -> Result<(), Refused> {
        self.tell_number(number, NumberNews::Enrolled).await
    }

    /// A number was entered for a person at their wish: neither that word nor a STOP counts any more.
    pub async fn number_entered(&self, number: PhoneNumber) -> Result<(), Refused> {
        self.tell_number(number, NumberNews::EnteredAnew(self.now())).await
    }

    async fn late(
        &self,
        last: Option<VerificationId>,
        what: &'static str,
        mark: Operation,
    ) -> Result<InboundAnswer, Refused> {
        tracing::info!("a text came with nothing open at its number");
        match last {
            Some(verification) => self.note(verification, what, Some(mark)).await?,
            None => self.shared().ledger.commit(vec![mark].into()).await.map(|_| ())?,
        }
        counter!("countersign_inbound_total", "kind" => "late").increment(1);
        Ok(InboundAnswer::default())
    }

    async fn only_mark(&self, mark: Operation, kind: &'static str) -> Result<InboundAnswer, Refused> {
        self.shared().ledger.commit(vec![mark].into()).await?;
        counter!("countersign_inbound_total", "kind" => kind).increment(1);
        Ok(InboundAnswer::default())
    }

    /// Takes the texts that came to a gateway while nobody answered its callbacks; those taken before do nothing.
    pub async fn take_missed(&self, name: &str, gateway: &dyn TextGateway) -> Result<usize, String> {
        let texts = gateway.missed(self.now() - MISSED).await.map_err(|error| error.to_string())?;
        let count = texts.len();
        let mut failed = None;
        for text in texts {
            // One that cannot be taken now must not keep the others waiting.
            if let Err(refused) = self.take_reply(name, text).await {
                failed = Some(refused.to_string());
            }
        }
        failed.map_or(Ok(count), Err)
    }

    /// Takes a delivery receipt of a gateway.
    pub async fn receipt(&self, gateway: &str, receipt: Receipt) -> Result<(), Refused> {
        let Some(attempt) = receipt.attempt else { return Ok(()) };
        let state = match receipt.state {
            ReceiptStatus::Queued | ReceiptStatus::Sent => ReceiptState::Underway,
            ReceiptStatus::Delivered => ReceiptState::Delivered,
            ReceiptStatus::Undelivered | ReceiptStatus::Failed => ReceiptState::Undelivered,
        };
        if receipt.meaning == Some(Meaning::GatewayRefused) {
            tracing::warn!(%gateway, code = receipt.error_code, "the gateway does not carry our texts; look at the account, its numbers and their registration");
            counter!("countersign_gateway_alarms_total", "line" => gateway.to_owned()).increment(1);
        }
        let refusal = receipt.meaning.and_then(|meaning| self.refusal(gateway, meaning));
        let event = Event::Receipt { attempt, state, error: receipt.error_code, refusal };
        match self.bring(attempt.verification, What::Event(event), vec![]).await? {
            Some(Answered::NotWritten(why)) => Err(why.into()),
            Some(Answered::Taken { .. } | Answered::Paused(_) | Answered::Ended) | None => Ok(()),
        }
    }

    /// What an error of a gateway says of a text that surely did not arrive.
    fn refusal(&self, gateway: &str, meaning: Meaning) -> Option<Refusal> {
        Some(match meaning {
            Meaning::NumberInvalid => Refusal::NumberInvalid,
            Meaning::OptedOut => Refusal::OptedOut,
            Meaning::Unreachable => Refusal::Unreachable,
            Meaning::FraudGuard => Refusal::FraudGuard,
            Meaning::GatewayRefused | Meaning::Throttled | Meaning::BodyInvalid => {
                let (line, _) = self.shared().router.named(Carries::Texts, gateway)?;
                Refusal::Provider { line }
            }
        })
    }

    /// Brings something to a verification in flight; `None` if it ended meanwhile.
    pub(crate) async fn bring(
        &self,
        id: VerificationId,
        what: What,
        operations: Vec<Operation>,
    ) -> Result<Option<Answered>, Refused> {
        let (answer, answered) = oneshot::channel();
        let happened = Happened { what, operations, answer: Some(answer) };
        self.shared().desk(id.shard()).do_send(Deliver { id, happened });
        match answered.await {
            Ok(answered) => Ok(Some(answered)),
            // Its actor has just ended or died, or its Desk has.
            Err(_) => match self.settled(id).await? {
                Some(_) => Ok(None),
                None => Err(Refused::Unavailable),
            },
        }
    }

    async fn whose(
        &self,
        from: PhoneNumber,
        to: Option<PhoneNumber>,
        digits: Option<Secret<String>>,
    ) -> Result<Match, Refused> {
        let asked = self.shared().switchboard(from).send(WhoseReply { from, to, digits }).await;
        Ok(asked.map_err(|_| Refused::Unavailable)??)
    }
}
