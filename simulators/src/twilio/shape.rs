//! A message and a page of messages as the provider's JSON has them (gateways.md §1.1).
//! Numbers that the provider writes as strings are strings here.

use serde::Serialize;

use crate::clock::rfc2822;
use crate::gateway::Gateway;
use crate::message::{Direction, Message};
use crate::number::Number;
use crate::twilio::API_VERSION;
use crate::twilio::receipt::delivery_error;

/// One message resource.
#[derive(Serialize)]
pub(crate) struct Shape<'a> {
    account_sid: &'a str,
    api_version: &'static str,
    body: &'a str,
    date_created: String,
    date_sent: Option<String>,
    date_updated: String,
    direction: &'static str,
    error_code: Option<u32>,
    error_message: Option<&'static str>,
    from: Number,
    messaging_service_sid: Option<&'a str>,
    num_media: &'static str,
    num_segments: String,
    price: Option<&'static str>,
    price_unit: &'static str,
    sid: String,
    status: &'static str,
    subresource_uris: Subresources,
    tags: Option<()>,
    to: Number,
    uri: String,
}

#[derive(Serialize)]
struct Subresources {
    media: String,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(gateway: &'a Gateway, message: &'a Message) -> Self {
        let sid = message.sid.text();
        let resource = format!("{}/{sid}", resource(gateway));
        let error_code = message.error();
        Self {
            account_sid: &gateway.sid,
            api_version: API_VERSION,
            body: &message.body,
            date_created: rfc2822(message.created_ms),
            date_sent: message.sent_ms().map(rfc2822),
            date_updated: rfc2822(message.updated_ms()),
            direction: message.direction.word(),
            error_code,
            error_message: error_code.map(delivery_error),
            from: message.from,
            messaging_service_sid: message.service.as_deref(),
            num_media: "0",
            num_segments: message.segments.to_string(),
            price: None,
            price_unit: "USD",
            sid,
            status: message.status().word(),
            subresource_uris: Subresources { media: format!("{resource}/Media.json") },
            tags: None,
            to: message.to,
            uri: format!("{resource}.json"),
        }
    }
}

/// The path of an account's messages, without `.json`.
pub(crate) fn resource(gateway: &Gateway) -> String {
    format!("/{API_VERSION}/Accounts/{}/Messages", gateway.sid)
}

/// One page of a list.
#[derive(Serialize)]
pub(crate) struct Page<'a> {
    pub(crate) end: usize,
    pub(crate) first_page_uri: String,
    pub(crate) messages: Vec<Shape<'a>>,
    pub(crate) next_page_uri: Option<String>,
    pub(crate) page: usize,
    pub(crate) page_size: usize,
    pub(crate) previous_page_uri: Option<String>,
    pub(crate) start: usize,
    pub(crate) uri: String,
}

/// When the provider counts a message as sent, for its date filters.
pub(crate) fn date_of(message: &Message) -> i64 {
    match message.direction {
        Direction::Inbound => message.created_ms,
        Direction::OutboundApi | Direction::OutboundReply => message.sent_ms().unwrap_or(message.created_ms),
    }
}
