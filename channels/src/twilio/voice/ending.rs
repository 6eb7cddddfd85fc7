//! How a call ended, from what the provider says: an error of the request, or the last status (gateways.md §1.2, §1.3).
//! Refuses to call a call not placed unless that is sure.

use super::webhook::Ended;
use crate::call::CallEnd;
use crate::meaning::Meaning;
use crate::text::SendError;

/// The end of a call that was not placed, or of which that is not known.
pub(super) fn of_error(error: SendError) -> CallEnd {
    let cause = error.code().map_or_else(|| error.to_string(), |code| format!("error {code}"));
    match error {
        SendError::NumberInvalid { .. } => CallEnd::NumberInvalid { cause },
        SendError::Unreachable { .. } => CallEnd::Unreachable { cause },
        SendError::FraudGuard { .. } => CallEnd::FraudGuard { cause },
        SendError::GatewayRefused { status, code: 0 } => CallEnd::GatewayRefused { cause: format!("HTTP {status}") },
        // The last two are answers to texts; to a call they say that we ask for what cannot be.
        SendError::GatewayRefused { .. } | SendError::OptedOut { .. } | SendError::BodyInvalid { .. } => {
            CallEnd::GatewayRefused { cause }
        }
        SendError::Throttled { retry_after } => {
            CallEnd::Unavailable { cause: "it asks to slow down".into(), retry_after }
        }
        SendError::NoConnection { cause } => {
            CallEnd::Unavailable { cause: format!("no connection: {cause}"), retry_after: None }
        }
        SendError::Ambiguous { cause } => CallEnd::Ambiguous { cause },
    }
}

/// The end of a call that the provider did not bring to a conversation, by its last word of it; `None` for `completed`,
/// which says nothing of who hung up. `sip` is the carrier's last response (RFC 3261 §21), `code` the provider's error.
pub(super) fn of_status(ended: Ended, sip: Option<u16>, code: Option<u32>) -> Option<CallEnd> {
    // Pressed away (RFC 3261 §21.6.2, RFC 8197 §4), whichever word the provider has for it.
    if matches!(sip, Some(603 | 607)) && ended != Ended::Completed {
        return Some(CallEnd::Declined);
    }
    Some(match ended {
        Ended::Completed => return None,
        Ended::Busy => CallEnd::Busy,
        Ended::NoAnswer => CallEnd::NoAnswer,
        Ended::Canceled => CallEnd::Cut { cause: "it was canceled at the gateway".into() },
        Ended::Failed => code.and_then(of_code).unwrap_or_else(|| of_sip(sip)),
    })
}

fn of_code(code: u32) -> Option<CallEnd> {
    let cause = format!("error {code}");
    Some(match crate::twilio::meaning(code)? {
        Meaning::NumberInvalid => CallEnd::NumberInvalid { cause },
        Meaning::Unreachable => CallEnd::Unreachable { cause },
        Meaning::FraudGuard => CallEnd::FraudGuard { cause },
        Meaning::Throttled => CallEnd::Unavailable { cause, retry_after: None },
        Meaning::GatewayRefused | Meaning::OptedOut | Meaning::BodyInvalid => CallEnd::GatewayRefused { cause },
    })
}

/// A call that failed, by the response that the carrier ended it with.
fn of_sip(sip: Option<u16>) -> CallEnd {
    let Some(sip) = sip else { return CallEnd::Unreachable { cause: "the call failed".into() } };
    let cause = format!("SIP {sip}");
    match sip {
        // No such user, gone, not enough digits, nobody there at all.
        404 | 410 | 484 | 485 | 604 => CallEnd::NumberInvalid { cause },
        486 | 600 => CallEnd::Busy,
        487 => CallEnd::NoAnswer,
        // Not for us: credentials, money, caller id, codecs.
        401 | 402 | 407 | 428 | 436..=438 | 488 | 606 => CallEnd::GatewayRefused { cause },
        403 | 608 => CallEnd::FraudGuard { cause },
        500 | 502..=504 | 580 => CallEnd::Unavailable { cause, retry_after: None },
        _ => CallEnd::Unreachable { cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn refused(code: u32) -> CallEnd {
        let answer = crate::twilio::read_answer(400, format!(r#"{{"code":{code}}}"#).as_bytes());
        of_error(answer.unwrap_err())
    }

    #[test]
    fn every_number_of_the_voice_column_has_its_end() {
        let cause = |code: u32| format!("error {code}");
        for code in [21211, 21217, 13224] {
            assert_eq!(refused(code), CallEnd::NumberInvalid { cause: cause(code) });
        }
        for code in [20003, 20404, 21212, 21219, 21210, 99_999] {
            assert_eq!(refused(code), CallEnd::GatewayRefused { cause: cause(code) });
        }
        for code in [21215, 21216, 13225, 13227] {
            assert_eq!(refused(code), CallEnd::FraudGuard { cause: cause(code) });
        }
        assert_eq!(refused(21214), CallEnd::Unreachable { cause: cause(21214) });
        assert!(matches!(refused(20429), CallEnd::Unavailable { .. }));
    }

    #[test]
    fn what_is_no_number_is_sorted_by_who_must_act() {
        let later = SendError::Throttled { retry_after: Some(Duration::from_secs(7)) };
        let CallEnd::Unavailable { retry_after, .. } = of_error(later) else { panic!("not unavailable") };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
        let away = of_error(SendError::NoConnection { cause: "refused".into() });
        assert_eq!(away, CallEnd::Unavailable { cause: "no connection: refused".into(), retry_after: None });
        let doubt = of_error(SendError::Ambiguous { cause: "too long".into() });
        assert_eq!(doubt, CallEnd::Ambiguous { cause: "too long".into() });
        let closed = of_error(SendError::GatewayRefused { status: 403, code: 0 });
        assert_eq!(closed, CallEnd::GatewayRefused { cause: "HTTP 403".into() });
    }

    #[test]
    fn a_last_status_is_told_apart_by_the_carriers_response() {
        assert_eq!(of_status(Ended::Completed, Some(200), None), None);
        assert_eq!(of_status(Ended::Completed, Some(603), None), None);
        assert_eq!(of_status(Ended::Busy, None, None), Some(CallEnd::Busy));
        assert_eq!(of_status(Ended::Busy, Some(486), None), Some(CallEnd::Busy));
        assert_eq!(of_status(Ended::NoAnswer, Some(487), None), Some(CallEnd::NoAnswer));
        for ended in [Ended::Busy, Ended::NoAnswer, Ended::Failed] {
            assert_eq!(of_status(ended, Some(603), None), Some(CallEnd::Declined));
        }
        assert!(matches!(of_status(Ended::Canceled, None, None), Some(CallEnd::Cut { .. })));
    }

    #[test]
    fn a_failure_has_its_reason() {
        let failed = |sip, code| of_status(Ended::Failed, sip, code).unwrap();
        let cause = |sip: u16| format!("SIP {sip}");
        assert_eq!(failed(Some(404), None), CallEnd::NumberInvalid { cause: cause(404) });
        assert_eq!(failed(Some(480), None), CallEnd::Unreachable { cause: cause(480) });
        assert_eq!(failed(Some(487), None), CallEnd::NoAnswer);
        assert_eq!(failed(Some(486), None), CallEnd::Busy);
        assert_eq!(failed(Some(488), None), CallEnd::GatewayRefused { cause: cause(488) });
        assert_eq!(failed(Some(403), None), CallEnd::FraudGuard { cause: cause(403) });
        assert_eq!(failed(Some(503), None), CallEnd::Unavailable { cause: cause(503), retry_after: None });
        assert_eq!(failed(Some(481), None), CallEnd::Unreachable { cause: cause(481) });
        assert_eq!(failed(None, None), CallEnd::Unreachable { cause: "the call failed".into() });
        assert_eq!(failed(Some(503), Some(13227)), CallEnd::FraudGuard { cause: "error 13227".into() });
        assert_eq!(failed(Some(404), Some(1)), CallEnd::NumberInvalid { cause: cause(404) }, "an error we do not know");
    }
}
