//! Callbacks as forms: inbound texts and receipts.
//! Refuses forms without end: at most 256 parameters; unknown ones are tolerated.

use crate::text::{CallbackError, InboundText, RawCallback, Receipt, ReceiptStatus};
use engine::secret::Secret;

const MOST: usize = 256;

/// Reads a form; names and values are un-encoded.
pub fn parse_form(body: &[u8]) -> Result<Vec<(String, String)>, CallbackError> {
    let text = std::str::from_utf8(body).map_err(|_| CallbackError::NotAForm("it is not UTF-8"))?;
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(text).map_err(|_| CallbackError::NotAForm("its encoding is broken"))?;
    if pairs.len() > MOST { Err(CallbackError::NotAForm("it has more than 256 parameters")) } else { Ok(pairs) }
}

pub(super) fn inbound(callback: &RawCallback<'_>) -> Result<InboundText, CallbackError> {
    let form = parse_form(callback.body)?;
    Ok(InboundText {
        message_id: required(&form, "MessageSid")?,
        from: required(&form, "From")?,
        to: required(&form, "To")?,
        body: Secret::new(required(&form, "Body")?),
    })
}

pub(super) fn receipt(callback: &RawCallback<'_>) -> Result<Receipt, CallbackError> {
    let form = parse_form(callback.body)?;
    let query = callback.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let query = parse_form(query.as_bytes())?;
    let state = match required(&form, "MessageStatus")?.as_str() {
        "sent" => ReceiptStatus::Sent,
        "delivered" | "read" => ReceiptStatus::Delivered,
        "undelivered" => ReceiptStatus::Undelivered,
        "failed" | "canceled" => ReceiptStatus::Failed,
        _ => ReceiptStatus::Queued,
    };
    Ok(Receipt {
        attempt: value(&query, "attempt").and_then(|attempt| attempt.parse().ok()),
        message_id: required(&form, "MessageSid")?,
        state,
        error_code: value(&form, "ErrorCode").and_then(|code| code.parse().ok()),
    })
}

fn value<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn required(form: &[(String, String)], name: &'static str) -> Result<String, CallbackError> {
    value(form, name).map(str::to_owned).ok_or(CallbackError::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw<'a>(path_and_query: &'a str, body: &'a str) -> RawCallback<'a> {
        RawCallback { path_and_query, signature: None, body: body.as_bytes() }
    }

    #[test]
    fn an_inbound_text_is_read() {
        let form = "MessageSid=SM1&From=%2B12025550123&To=%2B12025550100&Body=123456+2468&NewThing=1";
        let text = inbound(&raw("/callbacks/sms/sms", form)).expect("a text");
        assert_eq!((text.message_id.as_str(), text.from.as_str()), ("SM1", "+12025550123"));
        assert_eq!(text.body.expose(), "123456 2468");
        assert_eq!(inbound(&raw("/", "From=1")).err(), Some(CallbackError::Missing("MessageSid")));
    }

    #[test]
    fn a_receipt_carries_its_attempt() {
        let attempt =
            engine::id::AttemptId { verification: engine::id::VerificationId::from_bits(7), rung: 0, send: 1 };
        let path = format!("/callbacks/sms/sms/status?attempt={attempt}");
        let read = receipt(&raw(&path, "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003")).expect("a receipt");
        assert_eq!(read.attempt, Some(attempt));
        assert_eq!((read.state, read.error_code), (ReceiptStatus::Undelivered, Some(30003)));
        let foreign = receipt(&raw("/x", "MessageSid=SM1&MessageStatus=delivered")).expect("a receipt");
        assert_eq!(foreign.attempt, None);
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_reader(body in prop::collection::vec(any::<u8>(), 0..400), query in "\\PC{0,60}") {
            let callback = RawCallback { path_and_query: &query, signature: None, body: &body };
            let _ = inbound(&callback);
            let _ = receipt(&callback);
        }
    }
}
