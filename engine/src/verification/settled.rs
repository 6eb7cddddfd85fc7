//! What still counts after the end: a late answer is written down and ignored, a late fraud report counts.
//! Refuses to change the outcome.

use super::{Effect, Event, Keyed, Mark, ReceiptState};
use crate::timeline::Entry;

pub(super) fn after_the_end(event: &Event) -> Vec<Effect> {
    let late = |what| vec![Effect::Note(Entry::new(what))];
    match event {
        Event::Entered { .. } => late("answer_after_the_end"),
        Event::FraudReported => {
            vec![Effect::Note(Entry::new("fraud_reported_after_the_end")), Effect::Mark(Mark::Fraud)]
        }
        Event::Receipt { state: ReceiptState::Delivered, .. } => late("delivered_after_the_end"),
        Event::Receipt { state: ReceiptState::Undelivered, .. } => late("undelivered_after_the_end"),
        Event::Dispatched { attempt, .. } => vec![Effect::Hold { attempt: *attempt }],
        // A call that was about to be placed, or whose goodbye was being said.
        Event::Keyed { attempt, keyed: Keyed::FraudCode } => vec![
            Effect::Note(Entry::new("fraud_reported_after_the_end")),
            Effect::Mark(Mark::FraudTold),
            Effect::HangUp { attempt: *attempt },
        ],
        Event::PickedUp { attempt } | Event::Keyed { attempt, .. } => vec![Effect::HangUp { attempt: *attempt }],
        Event::Receipt { state: ReceiptState::Underway, .. }
        | Event::TurnCame
        | Event::Reserved { .. }
        | Event::Limited { .. }
        | Event::Accepted { .. }
        | Event::Refused { .. }
        | Event::Uncertain { .. }
        | Event::LineLost { .. }
        | Event::Rang { .. }
        | Event::CallEnded { .. }
        | Event::ResendAsked
        | Event::Cancelled { .. }
        | Event::Recovered
        | Event::Tick
        | Event::Broken => vec![],
    }
}
