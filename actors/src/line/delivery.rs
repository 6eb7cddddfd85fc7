//! One text or call on its way to the gateway: leave to send, tries, and the news of it.
//! Refuses to send twice: only what the gateway surely did not take is tried again, and a call never.

use super::Line;
use super::carry::{Gateway, Outgoing};
use super::facts::{Out, Queued};
use crate::clock::Clock;
use crate::in_flight::{Happened, InFlight, MayISend};
use actix::Addr;
use channels::text::{SendError, Text, TextGateway};
use engine::id::AttemptId;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::verification::{Event, Refusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// Tries of one send that the gateway surely did not take.
const TRIES: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// A text that waits for its turn. If it is dropped before its end was told, the verification hears that its line is lost.
pub struct Job {
    /// Which send.
    pub attempt: AttemptId,
    /// Where to.
    pub to: PhoneNumber,
    /// After this it is no use.
    pub until: Moment,
    pub(super) owner: Addr<InFlight>,
    wanted: Arc<AtomicBool>,
    told: bool,
    place: Option<Queued>,
}

impl Job {
    /// A text of `owner`, who clears `wanted` when it is no use any more.
    pub fn new(
        attempt: AttemptId,
        to: PhoneNumber,
        until: Moment,
        owner: Addr<InFlight>,
        wanted: Arc<AtomicBool>,
    ) -> Self {
        Self { attempt, to, until, owner, wanted, told: false, place: None }
    }

    /// With its place in the queue.
    #[must_use]
    pub fn at(mut self, place: Queued) -> Self {
        self.place = Some(place);
        self
    }

    /// Whether it is still wanted.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// It waits no more.
    pub fn leave_queue(&mut self) {
        self.place = None;
    }

    /// Tells its end.
    pub fn tell(mut self, event: Event) {
        self.told = true;
        self.owner.do_send(Happened::from(event));
    }

    /// Its end is known to the verification.
    pub fn forget(mut self) {
        self.told = true;
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.told {
            self.owner.do_send(Happened::from(Event::LineLost { attempt: self.attempt }));
        }
    }
}

/// How a text fared, as far as the line is concerned.
pub(super) enum Delivered {
    /// The gateway took it.
    Taken,
    /// Not taken, for a reason that is not the gateway's fault.
    Answered,
    /// Not taken, or it is not known, and the gateway is at fault.
    Fault,
    /// Nothing was given to the gateway.
    NotAsked,
}

/// What sends one text, or places one call.
pub(super) struct Delivery {
    pub gateway: Gateway,
    pub line: Box<str>,
    /// The line's own address.
    pub address: Addr<Line>,
    pub index: u8,
    pub clock: Clock,
    pub job: Job,
    /// What goes, where it has leave already.
    pub outgoing: Option<Outgoing>,
    pub out: Out,
}

impl Delivery {
    pub async fn run(mut self) -> Delivered {
        let outgoing = match self.outgoing.take() {
            Some(outgoing) => Some(outgoing),
            None => self.leave_to_send().await,
        };
        let (event, delivered) = match (outgoing, self.gateway.clone()) {
            (Some(Outgoing::Text(text)), Gateway::Text(gateway)) => {
                let result = self.send(&*gateway, &text).await;
                self.news(result)
            }
            (Some(Outgoing::Call(call, orders)), Gateway::Voice(gateway)) => self.carry(&*gateway, call, orders).await,
            (Some(Outgoing::Text(_)), Gateway::Voice(_)) | (Some(Outgoing::Call(..)), Gateway::Text(_)) | (None, _) => {
                self.job.forget();
                return Delivered::NotAsked;
            }
        };
        drop(self.out);
        self.job.tell(event);
        delivered
    }

    /// The verification may have ended meanwhile, and what it sends must be durable before it is sent.
    async fn leave_to_send(&self) -> Option<Outgoing> {
        let (answer, answered) = oneshot::channel();
        let ask = MayISend { attempt: self.job.attempt, line: self.line.clone(), answer };
        self.job.owner.try_send(ask).ok()?;
        answered.await.ok().flatten()
    }

    async fn send(&self, gateway: &dyn TextGateway, text: &Text) -> Result<channels::text::Accepted, SendError> {
        let mut backoff = FIRST_BACKOFF;
        for tries in 1.. {
            let error = match gateway.send(text).await {
                Ok(accepted) => return Ok(accepted),
                Err(error) => error,
            };
            let wait = wait_before_retry(&error, backoff);
            let late = self.clock.now() + wait >= self.job.until;
            if tries >= TRIES || !error.is_retryable() || late || wait > LONGEST_BACKOFF {
                return Err(error);
            }
            tracing::info!(line = %self.line, attempt = %self.job.attempt, %error, "the text was not taken and is tried again");
            tokio::time::sleep(wait).await;
            if !self.job.is_wanted() {
                return Err(error);
            }
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
        }
        unreachable!("the loop ends by its own count")
    }

    fn news(&self, result: Result<channels::text::Accepted, SendError>) -> (Event, Delivered) {
        let attempt = self.job.attempt;
        let error = match result {
            Ok(accepted) => {
                let from = accepted.from.as_deref().and_then(|from| from.parse().ok());
                let event = Event::Accepted { attempt, provider_id: accepted.provider_id.into(), from };
                return (event, Delivered::Taken);
            }
            Err(error) => error,
        };
        let detail: Box<str> = format!("{}: {error}", self.line).into();
        let (refusal, delivered) = match error {
            SendError::Ambiguous { .. } => return (Event::Uncertain { attempt, detail }, Delivered::Fault),
            SendError::NumberInvalid { .. } => (Refusal::NumberInvalid, Delivered::Answered),
            SendError::OptedOut { .. } => (Refusal::OptedOut, Delivered::Answered),
            SendError::Unreachable { .. } => (Refusal::Unreachable, Delivered::Answered),
            SendError::FraudGuard { .. } => (Refusal::FraudGuard, Delivered::Answered),
            SendError::BodyInvalid { .. } => (Refusal::Provider { line: self.index }, Delivered::Answered),
            SendError::GatewayRefused { .. } | SendError::Throttled { .. } | SendError::NoConnection { .. } => {
                (Refusal::Provider { line: self.index }, Delivered::Fault)
            }
        };
        (Event::Refused { attempt, refusal, detail }, delivered)
    }
}

/// Half of the backoff is certain, half is drawn, so that those who failed together do not come back together. A gateway
/// that asks for more than the longest backoff is not waited for: another line may be free.
fn wait_before_retry(error: &SendError, backoff: Duration) -> Duration {
    let jitter = backoff.mul_f64(0.5 + crate::random::fraction() / 2.0);
    match error {
        SendError::Throttled { retry_after: Some(after), .. } => (*after).max(jitter),
        SendError::Throttled { retry_after: None, .. }
        | SendError::NumberInvalid { .. }
        | SendError::OptedOut { .. }
        | SendError::Unreachable { .. }
        | SendError::GatewayRefused { .. }
        | SendError::FraudGuard { .. }
        | SendError::NoConnection { .. }
        | SendError::Ambiguous { .. }
        | SendError::BodyInvalid { .. } => jitter,
    }
}
