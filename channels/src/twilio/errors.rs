//! What the gateway's error numbers mean for us (error map of the provider's documentation).
//! Refuses to guess at a number it does not know: by its HTTP status it is refused or unknown.

use crate::text::SendError;

/// The meaning of an answer of HTTP 4xx with the gateway's error number, 0 if it gave none.
pub(super) const fn refusal(status: u16, code: u32) -> SendError {
    match code {
        21211 | 21401 | 21421 | 21614 | 21217 | 30005 | 30006 => SendError::NumberInvalid { code },
        21610 => SendError::OptedOut { code },
        21214 | 21612 | 30003 | 30008 | 30410 => SendError::Unreachable { code },
        21408 | 21215 | 30450 | 60410 | 60605 => SendError::FraudGuard { code },
        21602 | 21617 => SendError::BodyInvalid { code },
        20429 | 21611 => SendError::Throttled { retry_after: None },
        _ => SendError::GatewayRefused { status, code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_the_map_has_its_action() {
        let word = |code| match refusal(400, code) {
            SendError::NumberInvalid { .. } => "number",
            SendError::OptedOut { .. } => "opted_out",
            SendError::Unreachable { .. } => "next_rung",
            SendError::GatewayRefused { .. } => "fail_over",
            SendError::FraudGuard { .. } => "fraud_guard",
            SendError::BodyInvalid { .. } => "body",
            SendError::Throttled { .. } => "slow_down",
            SendError::NoConnection { .. } | SendError::Ambiguous { .. } => "unknown",
        };
        for (codes, action) in [
            (&[21211, 21614, 30005, 30006][..], "number"),
            (&[21610], "opted_out"),
            (&[30003, 30008, 30410], "next_rung"),
            (&[30007, 30034, 21606, 20003, 0, 99999], "fail_over"),
            (&[30450, 21408, 60410], "fraud_guard"),
            (&[20429], "slow_down"),
            (&[21602, 21617], "body"),
        ] {
            for code in codes {
                assert_eq!(word(*code), action, "{code}");
            }
        }
    }
}
