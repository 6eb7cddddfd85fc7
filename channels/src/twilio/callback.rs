//! The provider's callbacks: inbound texts and receipts (gateways.md §2).
//! Refuses a parameter that comes with two values; tolerates parameters it does not know.

use super::errors::meaning;
use super::form::parse_form;
use crate::callback::{CallbackError, InboundText, OptOut, RawCallback, Receipt, ReceiptStatus};
use engine::secret::Secret;

pub(super) type Form = [(String, String)];

pub(super) fn inbound(callback: &RawCallback<'_>) -> Result<InboundText, CallbackError> {
    let form = parse_form(callback.body)?;
    Ok(InboundText {
        message_id: filled(&form, "MessageSid")?.to_owned(),
        from: filled(&form, "From")?.to_owned(),
        to: filled(&form, "To")?.to_owned(),
        // A text may be empty, for example a picture alone.
        body: Secret::new(value(&form, "Body")?.ok_or(CallbackError::Missing("Body"))?.to_owned()),
        at: None,
        opt_out: value(&form, "OptOutType")?.and_then(opt_out),
    })
}

pub(super) fn receipt(callback: &RawCallback<'_>) -> Result<Receipt, CallbackError> {
    let form = parse_form(callback.body)?;
    let query = callback.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let query = parse_form(query.as_bytes())?;
    let error_code = value(&form, "ErrorCode")?.and_then(|code| code.parse().ok()).filter(|code| *code != 0);
    Ok(Receipt {
        attempt: value(&query, "attempt")?.and_then(|attempt| attempt.parse().ok()),
        message_id: filled(&form, "MessageSid")?.to_owned(),
        state: state(filled(&form, "MessageStatus")?),
        error_code,
        meaning: error_code.and_then(meaning),
    })
}

fn opt_out(word: &str) -> Option<OptOut> {
    match word {
        "STOP" => Some(OptOut::Stop),
        "START" => Some(OptOut::Start),
        "HELP" => Some(OptOut::Help),
        _ => None,
    }
}

fn state(word: &str) -> ReceiptStatus {
    match word {
        "sent" | "partially_delivered" => ReceiptStatus::Sent,
        "delivered" | "read" => ReceiptStatus::Delivered,
        "undelivered" => ReceiptStatus::Undelivered,
        "failed" | "canceled" => ReceiptStatus::Failed,
        // accepted, scheduled, queued, sending, and words that are not invented yet.
        _ => ReceiptStatus::Queued,
    }
}

/// The signature does not tell the order of repeated values, so none of them may be picked.
pub(super) fn value<'a>(form: &'a Form, name: &'static str) -> Result<Option<&'a str>, CallbackError> {
    let mut found = form.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let first = found.next();
    if found.any(|other| Some(other) != first) { Err(CallbackError::Repeated(name)) } else { Ok(first) }
}

pub(super) fn filled<'a>(form: &'a Form, name: &'static str) -> Result<&'a str, CallbackError> {
    value(form, name)?.filter(|value| !value.is_empty()).ok_or(CallbackError::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::Meaning;
    use engine::id::{AttemptId, VerificationId};
    use proptest::prelude::*;

    const TEXT: &str = "MessageSid=SM1&From=%2B12025550123&To=%2B12025550100&Body=123456+2468&NewThing=1";

    fn raw<'a>(path_and_query: &'a str, body: &'a str) -> RawCallback<'a> {
        RawCallback { path_and_query, signature: None, body: body.as_bytes() }
    }

    fn text(body: &str) -> Result<InboundText, CallbackError> {
        inbound(&raw("/callbacks/sms/sms", body))
    }

    #[test]
    fn an_inbound_text_is_read_and_its_body_is_not_shown() {
        let text = text(TEXT).unwrap();
        assert_eq!((&*text.message_id, &*text.from, &*text.to), ("SM1", "+12025550123", "+12025550100"));
        assert_eq!(text.body.expose(), "123456 2468");
        assert_eq!(text.opt_out, None);
        assert!(!format!("{text:?}").contains("123456"));
    }

    #[test]
    fn the_gateways_own_opt_out_is_told() {
        for (word, expected) in [
            ("STOP", Some(OptOut::Stop)),
            ("START", Some(OptOut::Start)),
            ("HELP", Some(OptOut::Help)),
            ("NEW", None),
            ("", None),
        ] {
            assert_eq!(text(&format!("{TEXT}&OptOutType={word}")).unwrap().opt_out, expected, "{word}");
        }
    }

    #[test]
    fn what_is_missing_or_double_is_named() {
        for name in ["MessageSid", "From", "To", "Body"] {
            let without: Vec<_> = TEXT.split('&').filter(|part| !part.starts_with(name)).collect();
            assert_eq!(text(&without.join("&")).err(), Some(CallbackError::Missing(name)));
            assert_eq!(text(&format!("{TEXT}&{name}=other")).err(), Some(CallbackError::Repeated(name)));
        }
        assert_eq!(text("MessageSid=").err(), Some(CallbackError::Missing("MessageSid")));
        assert!(text(&format!("{TEXT}&MessageSid=SM1")).is_ok(), "the same value twice is no riddle");
        assert!(text("MessageSid=MM1&From=1&To=2&Body=").is_ok(), "a picture alone");
        assert!(matches!(text("Body=%zz").err(), Some(CallbackError::NotAForm(_))));
    }

    #[test]
    fn a_receipt_carries_its_attempt_and_its_meaning() {
        let attempt = AttemptId { verification: VerificationId::from_bits(7), rung: 0, send: 1 };
        let path = format!("/callbacks/sms/sms/status?attempt={attempt}");
        let read = receipt(&raw(&path, "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003")).unwrap();
        let expected = Receipt {
            attempt: Some(attempt),
            message_id: "SM1".into(),
            state: ReceiptStatus::Undelivered,
            error_code: Some(30003),
            meaning: Some(Meaning::Unreachable),
        };
        assert_eq!(read, expected);
        let foreign = receipt(&raw("/x?attempt=none", "MessageSid=SM1&MessageStatus=failed&ErrorCode=1")).unwrap();
        assert_eq!((foreign.attempt, foreign.error_code, foreign.meaning), (None, Some(1), None));
    }

    #[test]
    fn every_status_word_has_its_state() {
        for (words, expected) in [
            ("accepted scheduled queued sending receiving received unheard-of", ReceiptStatus::Queued),
            ("sent partially_delivered", ReceiptStatus::Sent),
            ("delivered read", ReceiptStatus::Delivered),
            ("undelivered", ReceiptStatus::Undelivered),
            ("failed canceled", ReceiptStatus::Failed),
        ] {
            for word in words.split(' ') {
                let body = format!("MessageSid=SM1&MessageStatus={word}&ErrorCode=");
                assert_eq!(receipt(&raw("/", &body)).unwrap().state, expected, "{word}");
            }
        }
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
