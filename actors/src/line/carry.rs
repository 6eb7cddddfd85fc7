//! What lines carry, texts or calls; and one call from its placing to its end.
//! Refuses to call twice: a call that may have rung is never placed again.

use super::CallPlaced;
use super::delivery::{Delivered, Delivery};
use crate::in_flight::{Happened, What};
use channels::call::{Call, CallEnd, Hears, News, Order, VoiceGateway};
use channels::text::{Text, TextGateway};
use engine::id::AttemptId;
use engine::method::Method;
use engine::verification::{CallEnded, Event, Refusal};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

/// What a line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    /// Texts.
    Texts,
    /// Calls.
    Calls,
}

impl Carries {
    /// The word outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Texts => "texts",
            Self::Calls => "calls",
        }
    }

    /// What a rung of this method needs.
    pub const fn of(method: Method) -> Self {
        match method {
            Method::Voice => Self::Calls,
            Method::Sms | Method::App | Method::Oath => Self::Texts,
        }
    }
}

/// The client of a gateway.
#[derive(Clone)]
pub enum Gateway {
    /// For texts.
    Text(Arc<dyn TextGateway>),
    /// For calls.
    Voice(Arc<dyn VoiceGateway>),
}

impl Gateway {
    /// What it carries.
    pub const fn carries(&self) -> Carries {
        match self {
            Self::Text(_) => Carries::Texts,
            Self::Voice(_) => Carries::Calls,
        }
    }

    /// The client, if it is one for texts.
    pub fn for_texts(&self) -> Option<Arc<dyn TextGateway>> {
        match self {
            Self::Text(gateway) => Some(Arc::clone(gateway)),
            Self::Voice(_) => None,
        }
    }

    /// Why it cannot be used just now, where it knows.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Text(_) => None,
            Self::Voice(gateway) => gateway.trouble(),
        }
    }
}

/// What is given to a gateway.
pub enum Outgoing {
    /// A text.
    Text(Text),
    /// A call, and what is said in it.
    Call(Call, UnboundedReceiver<Order>),
}

impl Delivery {
    /// Carries a call to its end; its place at the gateway is taken as long.
    pub(super) async fn carry(
        &self,
        gateway: &dyn VoiceGateway,
        call: Call,
        orders: UnboundedReceiver<Order>,
    ) -> (Event, Delivered) {
        let attempt = call.attempt;
        let owner = self.job.owner.clone();
        let line = self.address.clone();
        let hears: Hears = Box::new(move |news| {
            // The gateway works; nobody waits for the end of a conversation to know that.
            if matches!(news, News::Placed { .. }) {
                line.do_send(CallPlaced);
            }
            owner.do_send(happened(attempt, news));
        });
        let end = gateway.call(call, orders, hears).await;
        self.ended(attempt, end)
    }

    fn ended(&self, attempt: AttemptId, end: CallEnd) -> (Event, Delivered) {
        let detail: Box<str> = format!("{}: {end}", self.line).into();
        let over = |how| (Event::CallEnded { attempt, how }, Delivered::Answered);
        let refused = |refusal, delivered| (Event::Refused { attempt, refusal, detail: detail.clone() }, delivered);
        match end {
            CallEnd::Done => over(CallEnded::Over),
            CallEnd::NoAnswer => over(CallEnded::NoAnswer),
            CallEnd::Busy => over(CallEnded::Busy),
            CallEnd::Declined => over(CallEnded::Declined),
            CallEnd::HungUp => over(CallEnded::HungUp),
            CallEnd::TooLong => over(CallEnded::TooLong),
            CallEnd::Voicemail => over(CallEnded::Voicemail),
            CallEnd::Cut { .. } => over(CallEnded::Cut),
            CallEnd::NumberInvalid { .. } => refused(Refusal::NumberInvalid, Delivered::Answered),
            CallEnd::Unreachable { .. } => refused(Refusal::Unreachable, Delivered::Answered),
            CallEnd::FraudGuard { .. } => refused(Refusal::FraudGuard, Delivered::Answered),
            CallEnd::GatewayRefused { .. } | CallEnd::Unavailable { .. } => {
                refused(Refusal::Provider { line: self.index }, Delivered::Fault)
            }
            CallEnd::Ambiguous { .. } => (Event::Uncertain { attempt, detail }, Delivered::Fault),
        }
    }
}

fn happened(attempt: AttemptId, news: News) -> Happened {
    match news {
        News::Placed { provider_id } => Event::Accepted { attempt, provider_id: provider_id.into(), from: None }.into(),
        News::Ringing => Event::Rang { attempt }.into(),
        News::Answered => Event::PickedUp { attempt }.into(),
        News::Keyed(keys) => Happened { what: What::Keys(attempt, keys), operations: vec![], answer: None },
    }
}
