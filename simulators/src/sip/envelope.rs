//! What every request has to have, and the answers that follow from it.
//! It refuses requests without it (RFC 3261 §8.1.1).

use super::path::Path;
use super::text::field::{Via, cseq, tag};
use super::text::message::{Message, Start};
use super::transactions::Key;

/// The fields that say which transaction and dialog a request belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub(crate) via: Via,
    pub(crate) call_id: String,
    pub(crate) number: u32,
    pub(crate) to_tag: Option<String>,
}

impl Envelope {
    pub(crate) fn read(request: &Message) -> Option<Self> {
        let via = Via::read(request.list("Via").first()?)?;
        let (number, method) = cseq(request.first("CSeq")?)?;
        let from = request.first("From")?;
        let to = request.first("To")?;
        let call_id = request.first("Call-ID").filter(|id| !id.is_empty())?.to_owned();
        if method != request.method() || tag(from).is_none() || via.branch.is_empty() {
            return None;
        }
        Some(Self { via, call_id, number, to_tag: tag(to).map(str::to_owned) })
    }

    /// The transaction that the request belongs to (RFC 3261 §17.2.3).
    pub(crate) fn key(&self, method: &str) -> Key {
        Key { branch: self.via.branch.clone(), sent_by: self.via.sent_by.clone(), method: method.to_owned() }
    }
}

/// An answer with what is copied from the request (RFC 3261 §8.2.6.2).
pub(crate) fn answer(request: &Message, code: u16, our_tag: &str, path: &Path) -> Message {
    let mut answer = Message {
        start: Start::Status { code, reason: reason(code).to_owned() },
        fields: Vec::new(),
        body: Vec::new(),
    };
    for (place, via) in request.list("Via").into_iter().enumerate() {
        answer.add("Via", if place == 0 { received(via, path) } else { via.to_owned() });
    }
    let to = request.first("To").unwrap_or_default();
    let tagged = tag(to).is_some() || code == 100;
    answer.add("From", request.first("From").unwrap_or_default());
    answer.add("To", if tagged { to.to_owned() } else { format!("{to};tag={our_tag}") });
    answer.add("Call-ID", request.first("Call-ID").unwrap_or_default());
    answer.add("CSeq", request.first("CSeq").unwrap_or_default());
    answer
}

/// The first hop with where it was seen (RFC 3261 §18.2.1, RFC 3581 §4).
fn received(via: &str, path: &Path) -> String {
    let peer = path.peer();
    let parts: Vec<String> = super::text::field::split_list(via, ';')
        .into_iter()
        .map(|part| if part.eq_ignore_ascii_case("rport") { format!("rport={}", peer.port()) } else { part.to_owned() })
        .collect();
    format!("{};received={}", parts.join(";"), peer.ip())
}

/// The usual words of a status (RFC 3261 §21).
pub(crate) fn reason(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        415 => "Unsupported Media Type",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        _ => "As Told",
    }
}
