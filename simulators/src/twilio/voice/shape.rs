//! A call and a page of calls as the provider's JSON has them (gateways.md §1.2).
//! Numbers that the provider writes as strings are strings here.

use serde::Serialize;

use super::book::Placed;
use crate::clock::rfc2822;
use crate::gateway::Gateway;
use crate::number::Number;
use crate::twilio::API_VERSION;

/// One call resource.
#[derive(Serialize)]
pub(super) struct Shape<'a> {
    account_sid: &'a str,
    annotation: Option<()>,
    answered_by: Option<&'static str>,
    api_version: &'static str,
    caller_name: Option<()>,
    date_created: String,
    date_updated: String,
    direction: &'static str,
    duration: Option<String>,
    end_time: Option<String>,
    forwarded_from: Option<()>,
    from: Number,
    from_formatted: Number,
    group_sid: Option<()>,
    parent_call_sid: Option<()>,
    phone_number_sid: Option<()>,
    price: Option<()>,
    price_unit: &'static str,
    queue_time: &'static str,
    sid: &'a str,
    start_time: Option<String>,
    status: &'static str,
    subresource_uris: Subresources,
    to: Number,
    to_formatted: Number,
    trunk_sid: Option<()>,
    uri: String,
}

#[derive(Serialize)]
struct Subresources {
    recordings: String,
}

impl<'a> Shape<'a> {
    pub(super) fn of(gateway: &'a Gateway, call: &'a Placed) -> Self {
        let stage = call.look();
        let resource = format!("{}/{}", resource(gateway), call.sid);
        Self {
            account_sid: &gateway.sid,
            annotation: None,
            answered_by: stage.answered_by,
            api_version: API_VERSION,
            caller_name: None,
            date_created: rfc2822(call.created_ms),
            date_updated: rfc2822(stage.updated_ms),
            direction: "outbound-api",
            duration: stage.end_ms.map(|_| stage.seconds().to_string()),
            end_time: stage.end_ms.map(rfc2822),
            forwarded_from: None,
            from: call.draft.from,
            from_formatted: call.draft.from,
            group_sid: None,
            parent_call_sid: None,
            phone_number_sid: None,
            price: None,
            price_unit: "USD",
            queue_time: "0",
            sid: &call.sid,
            start_time: stage.start_ms.map(rfc2822),
            status: stage.status.word(),
            subresource_uris: Subresources { recordings: format!("{resource}/Recordings.json") },
            to: call.draft.to,
            to_formatted: call.draft.to,
            trunk_sid: None,
            uri: format!("{resource}.json"),
        }
    }
}

/// The path of an account's calls, without `.json`.
pub(super) fn resource(gateway: &Gateway) -> String {
    format!("/{API_VERSION}/Accounts/{}/Calls", gateway.sid)
}

/// One page of a list.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    pub(super) calls: Vec<Shape<'a>>,
    pub(super) end: usize,
    pub(super) first_page_uri: String,
    pub(super) next_page_uri: Option<String>,
    pub(super) page: usize,
    pub(super) page_size: usize,
    pub(super) previous_page_uri: Option<String>,
    pub(super) start: usize,
    pub(super) uri: String,
}
