//! The parameters of the provider's webhooks (gateways.md §2).
//! It leaves out none that are documented as always there, even where they are empty.

use crate::clock;
use crate::gateway::Gateway;
use crate::message::{Message, Status};
use crate::opt_out::OptOut;
use crate::twilio::API_VERSION;
use crate::twilio::webhook::Parameters;

/// The status callback of a text that came to `status`.
pub(crate) fn parameters(gateway: &Gateway, message: &Message, status: Status) -> Parameters {
    let sid = message.sid.text();
    let mut parameters = vec![
        ("MessageSid", sid.clone()),
        ("SmsSid", sid),
        ("MessageStatus", status.word().to_owned()),
        ("SmsStatus", status.word().to_owned()),
        ("To", message.to.to_string()),
        ("From", message.from.to_string()),
        ("AccountSid", gateway.sid.clone()),
        ("ApiVersion", API_VERSION.to_owned()),
    ];
    if let Some(service) = &message.service {
        parameters.push(("MessagingServiceSid", service.to_string()));
    }
    if matches!(status, Status::Delivered | Status::Undelivered) {
        parameters.push(("RawDlrDoneDate", clock::done_date(message.updated_ms())));
    }
    if let Some(code) = message.error() {
        parameters.push(("ErrorCode", code.to_string()));
        parameters.push(("ErrorMessage", delivery_error(code).to_owned()));
    }
    parameters
}

/// The webhook for a text to one of the account's numbers.
pub(crate) fn inbound_parameters(gateway: &Gateway, message: &Message, opt_out: Option<OptOut>) -> Parameters {
    let sid = message.sid.text();
    let mut parameters = vec![
        ("ToCountry", message.to.country().to_owned()),
        ("ToState", String::new()),
        ("SmsMessageSid", sid.clone()),
        ("NumMedia", "0".to_owned()),
        ("ToCity", String::new()),
        ("FromZip", String::new()),
        ("SmsSid", sid.clone()),
        ("FromState", String::new()),
        ("SmsStatus", "received".to_owned()),
        ("FromCity", String::new()),
        ("Body", message.body.to_string()),
        ("FromCountry", message.from.country().to_owned()),
        ("To", message.to.to_string()),
        ("ToZip", String::new()),
        ("NumSegments", message.segments.to_string()),
        ("MessageSid", sid),
        ("AccountSid", gateway.sid.clone()),
        ("From", message.from.to_string()),
        ("ApiVersion", API_VERSION.to_owned()),
    ];
    if let Some(word) = opt_out.filter(|_| gateway.advanced_opt_out) {
        parameters.push(("OptOutType", word.word().to_owned()));
    }
    parameters
}

/// What the provider says to a delivery error (gateways.md §1.3).
pub(crate) fn delivery_error(code: u32) -> &'static str {
    match code {
        30001 => "Queue overflow",
        30002 => "Account suspended",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30008 => "Unknown error",
        30032 => "Toll-free number is not verified",
        30034 => "Message from an unregistered number",
        30410 => "Provider timeout",
        30450 => "Message delivery blocked",
        _ => "Delivery failed",
    }
}
