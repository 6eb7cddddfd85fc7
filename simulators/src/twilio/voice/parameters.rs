//! The parameters of the provider's webhooks about calls (gateways.md §2).
//! It leaves out none that are documented as always there, even where they are empty.

use super::book::{Placed, Status};
use crate::gateway::Gateway;
use crate::twilio::API_VERSION;
use crate::twilio::webhook::Parameters;

/// Those of every webhook about a call, whose status is called `word`.
pub(super) fn of_call(gateway: &Gateway, call: &Placed, word: &str) -> Parameters {
    let (to, from) = (call.draft.to, call.draft.from);
    let mut parameters = vec![
        ("CallSid", call.sid.clone()),
        ("AccountSid", gateway.sid.clone()),
        ("From", from.to_string()),
        ("To", to.to_string()),
        ("Caller", from.to_string()),
        ("Called", to.to_string()),
        ("CallStatus", word.to_owned()),
        ("ApiVersion", API_VERSION.to_owned()),
        ("Direction", "outbound-api".to_owned()),
        ("FromCountry", from.country().to_owned()),
        ("ToCountry", to.country().to_owned()),
        ("FromCity", String::new()),
        ("ToCity", String::new()),
    ];
    parameters.extend(call.look().answered_by.map(|by| ("AnsweredBy", by.to_owned())));
    parameters
}

/// Those of a status callback, the `sequence`th of its call.
pub(super) fn of_status(gateway: &Gateway, call: &Placed, word: &str, sequence: u32) -> Parameters {
    let stage = call.look();
    let mut parameters = of_call(gateway, call, word);
    parameters.push(("CallbackSource", "call-progress-events".to_owned()));
    parameters.push(("SequenceNumber", sequence.to_string()));
    parameters.push(("Timestamp", crate::clock::rfc2822(stage.updated_ms)));
    if stage.status.is_final() {
        parameters.push(("CallDuration", stage.seconds().to_string()));
        // In minutes, begun ones counted.
        parameters.push(("Duration", stage.seconds().saturating_add(59).div_euclid(60).to_string()));
        parameters.extend(stage.sip.map(|sip| ("SipResponseCode", sip.to_string())));
    }
    parameters
}

/// The word of a callback for an event of a call that stands so.
pub(super) fn word(event: Event, status: Status) -> &'static str {
    match event {
        Event::Initiated => "initiated",
        Event::Ringing => "ringing",
        Event::Answered => "in-progress",
        Event::Completed => status.word(),
    }
}

/// What status callbacks can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Initiated,
    Ringing,
    Answered,
    Completed,
}
