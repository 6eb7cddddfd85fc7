//! What the final answer to an INVITE says of the call (RFC 3261 §21), refined by a cause of Q.850 where one came with it
//! (RFC 3326).
//! Refuses to call a call "surely not placed" once the phone was heard ringing.

use super::message::{Message, list, parameter};
use crate::call::CallEnd;
use std::time::Duration;

/// How a call ended that was answered by a final response of 300 and more. `rang`: the phone was heard ringing, or
/// may have rung.
pub fn end(response: &Message, rang: bool) -> CallEnd {
    let status = response.status().unwrap_or_default();
    let cause = cause(response);
    let retry_after = response.seconds("Retry-After").map(|seconds| Duration::from_secs(seconds.into()));
    let said = said(response, cause);
    let cause = cause.filter(|cause| is_refined(status) && (is_of_the_network(status) || !is_congestion(*cause)));
    let by_cause = cause.and_then(|cause| of_cause(cause, &said, retry_after));
    let end = by_cause.unwrap_or_else(|| of_status(status, said.clone(), retry_after));
    let unavailable = matches!(end, CallEnd::Unavailable { .. });
    if unavailable && rang { CallEnd::Unreachable { cause: said } } else { end }
}

/// The trunk's refusal of ourselves, and what our own CANCEL brought, is what it is whatever stands beside it.
const fn is_refined(status: u16) -> bool {
    !matches!(status, 401 | 403 | 407 | 415 | 487 | 488 | 606 | 608)
}

/// Whether the network may say it: a phone that was busy, or declined, was reached.
const fn is_of_the_network(status: u16) -> bool {
    matches!(status, 480 | 500..=599)
}

/// No line, or no equipment, was free (Q.850 §2.2.7.2).
const fn is_congestion(cause: u16) -> bool {
    matches!(cause, 34 | 38 | 41 | 42 | 44 | 47)
}

fn of_status(status: u16, said: String, retry_after: Option<Duration>) -> CallEnd {
    match status {
        486 | 600 => CallEnd::Busy,
        408 | 480 | 487 => CallEnd::NoAnswer,
        603 | 607 => CallEnd::Declined,
        404 | 410 | 484 | 485 | 604 => CallEnd::NumberInvalid { cause: said },
        // 608: something on the way rejected it (RFC 8688); another 6xx is the far side's own.
        300..400 | 601..700 if status != 606 => CallEnd::Unreachable { cause: said },
        482 | 483 | 500..600 => CallEnd::Unavailable { cause: said, retry_after },
        _ => CallEnd::GatewayRefused { cause: said },
    }
}

fn of_cause(cause: u16, said: &str, retry_after: Option<Duration>) -> Option<CallEnd> {
    let said = said.to_owned();
    match cause {
        1 | 22 | 28 => Some(CallEnd::NumberInvalid { cause: said }),
        17 => Some(CallEnd::Busy),
        18 | 19 => Some(CallEnd::NoAnswer),
        20 | 27 => Some(CallEnd::Unreachable { cause: said }),
        21 => Some(CallEnd::Declined),
        congestion if is_congestion(congestion) => Some(CallEnd::Unavailable { cause: said, retry_after }),
        _ => None,
    }
}

/// How a session ended that the far side ended: cleared normally (Q.850 up to 31), or cut by the network.
pub fn ended(bye: &Message) -> CallEnd {
    match cause(bye) {
        Some(cause) if cause > 31 => CallEnd::Cut { cause: format!("BYE with Q.850 cause {cause}") },
        Some(_) | None => CallEnd::HungUp,
    }
}

/// The cause of Q.850, if there is one.
pub fn cause(message: &Message) -> Option<u16> {
    let of_q850 =
        |reason: &&str| reason.split(';').next().is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("Q.850"));
    let cause = message.all("Reason").flat_map(list).find(of_q850)?;
    parameter(cause, "cause")?.parse().ok()
}

fn said(response: &Message, cause: Option<u16>) -> String {
    let status = response.status().unwrap_or_default();
    match cause {
        Some(cause) => format!("SIP {status}, Q.850 cause {cause}"),
        None => format!("SIP {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Method;
    use super::*;

    fn check(status: u16, reason: &str, rang: bool) -> &'static str {
        let request = Message::request(Method::Invite, "sip:a");
        let response = Message::response(&request, status, "t").with("Reason", reason);
        match end(&response, rang) {
            CallEnd::Busy => "busy",
            CallEnd::NoAnswer => "no answer",
            CallEnd::Declined => "declined",
            CallEnd::NumberInvalid { .. } => "number invalid",
            CallEnd::GatewayRefused { .. } => "refused",
            CallEnd::Unreachable { .. } => "unreachable",
            CallEnd::Unavailable { .. } => "unavailable",
            CallEnd::Done
            | CallEnd::HungUp
            | CallEnd::Cut { .. }
            | CallEnd::TooLong
            | CallEnd::Voicemail
            | CallEnd::FraudGuard { .. }
            | CallEnd::Ambiguous { .. } => "not of a status",
        }
    }

    #[test]
    fn a_status_says_who_must_act() {
        let table: [(&str, &[u16]); 7] = [
            ("busy", &[486, 600]),
            ("no answer", &[408, 480, 487]),
            ("declined", &[603, 607]),
            ("number invalid", &[404, 410, 484, 604]),
            ("refused", &[403, 401, 407, 488, 606, 415, 400, 420]),
            ("unreachable", &[302, 608]),
            ("unavailable", &[500, 502, 503, 504, 483]),
        ];
        for (expected, statuses) in table {
            statuses.iter().for_each(|&status| assert_eq!(check(status, "", false), expected, "{status}"));
        }
    }

    #[test]
    fn a_cause_refines_it_but_not_a_refusal_of_ourselves() {
        let q850 = |cause: u16| format!("SIP;cause=200, Q.850;cause={cause};text=\"x, y\"");
        for (cause, expected) in [
            (1, "number invalid"),
            (17, "busy"),
            (18, "no answer"),
            (19, "no answer"),
            (21, "declined"),
            (34, "unavailable"),
            (16, "no answer"),
        ] {
            assert_eq!(check(480, &q850(cause), false), expected, "{cause}");
        }
        for (status, expected) in [(486, "busy"), (600, "busy"), (603, "declined"), (404, "number invalid")] {
            assert_eq!(check(status, &q850(41), false), expected, "the phone was reached");
        }
        assert_eq!(check(500, &q850(34), false), "unavailable");
        assert_eq!(check(403, &q850(21), false), "refused");
        assert_eq!(check(503, &q850(17), false), "busy");
    }

    #[test]
    fn a_phone_that_rang_was_called() {
        assert_eq!(check(503, "", true), "unreachable");
        assert_eq!(check(480, "Q.850;cause=34", true), "unreachable");
    }

    #[test]
    fn a_bye_tells_hanging_up_from_a_cut() {
        let bye = |reason| ended(&Message::request(Method::Bye, "sip:a").with("Reason", reason));
        assert_eq!(bye("Q.850;cause=16"), CallEnd::HungUp);
        assert_eq!(bye(""), CallEnd::HungUp);
        assert!(matches!(bye("Q.850;cause=41"), CallEnd::Cut { .. }));
    }
}
