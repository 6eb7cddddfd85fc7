//! The provider's error numbers and what they mean for us (gateways.md §1.3).
//! Refuses to guess at a number it does not know.

use crate::meaning::Meaning;
use crate::text::SendError;
use std::time::Duration;

/// What an error number means, of a refused request as of a receipt; `None` for one that is not in the map.
pub const fn meaning(code: u32) -> Option<Meaning> {
    Some(match code {
        // The number: no such number, not a mobile, a landline.
        13224 | 21211 | 21217 | 21401 | 21421 | 21614 | 30005 | 30006 => Meaning::NumberInvalid,
        21610 => Meaning::OptedOut,
        // The phone or the way to it, now; a Verify product's limits count here: another method is not held by them.
        21214 | 21612 | 30003 | 30004 | 30008 | 30410 | 60202 | 60203 => Meaning::Unreachable,
        // Us: credentials, account, sender, registration, a parameter that we forgot.
        20003 | 20404 | 21212 | 21219 | 21603 | 21604 | 21606 | 21608 | 21703 => Meaning::GatewayRefused,
        30001 | 30002 | 30007 | 30032 | 30034 => Meaning::GatewayRefused,
        // The destination: geographic permission, blocked, pumping.
        13225 | 13227 | 21215 | 21216 | 21408 | 30450 | 60410 | 60605 => Meaning::FraudGuard,
        20429 | 21611 => Meaning::Throttled,
        21602 | 21617 => Meaning::BodyInvalid,
        _ => return None,
    })
}

/// The error of an answer of HTTP 4xx with the provider's error number, 0 if it gave none.
pub(super) fn refusal(status: u16, code: u32, retry_after: Option<Duration>) -> SendError {
    match meaning(code) {
        Some(Meaning::NumberInvalid) => SendError::NumberInvalid { code },
        Some(Meaning::OptedOut) => SendError::OptedOut { code },
        Some(Meaning::Unreachable) => SendError::Unreachable { code },
        Some(Meaning::FraudGuard) => SendError::FraudGuard { code },
        Some(Meaning::BodyInvalid) => SendError::BodyInvalid { code },
        Some(Meaning::Throttled) => SendError::Throttled { retry_after },
        Some(Meaning::GatewayRefused) | None => SendError::GatewayRefused { status, code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_specification_has_its_meaning() {
        // The action table and the groups above it, row by row.
        let rows: [(Meaning, &[u32]); 7] = [
            (Meaning::NumberInvalid, &[21211, 21614, 30005, 30006, 21401, 21421, 21217, 13224]),
            (Meaning::OptedOut, &[21610]),
            (Meaning::Unreachable, &[30003, 30008, 30410, 21214, 21612, 30004, 60202, 60203]),
            (
                Meaning::GatewayRefused,
                &[30007, 30034, 21606, 20003, 20404, 21212, 21219, 21603, 21604, 21608, 21703, 30001, 30002, 30032],
            ),
            (Meaning::FraudGuard, &[30450, 21408, 60410, 60605, 21215, 21216, 13225, 13227]),
            (Meaning::Throttled, &[20429, 21611]),
            (Meaning::BodyInvalid, &[21602, 21617]),
        ];
        for (expected, codes) in rows {
            for code in codes {
                assert_eq!(meaning(*code), Some(expected), "{code}");
            }
        }
        assert_eq!(rows.iter().map(|(_, codes)| codes.len()).sum::<usize>(), 43);
    }

    #[test]
    fn a_refusal_keeps_its_number_and_an_unknown_one_is_the_providers() {
        let refusal = |status, code| refusal(status, code, Some(Duration::from_secs(3)));
        assert_eq!(refusal(400, 21211), SendError::NumberInvalid { code: 21211 });
        assert_eq!(refusal(400, 21610), SendError::OptedOut { code: 21610 });
        assert_eq!(refusal(400, 21612), SendError::Unreachable { code: 21612 });
        assert_eq!(refusal(403, 60605), SendError::FraudGuard { code: 60605 });
        assert_eq!(refusal(400, 21617), SendError::BodyInvalid { code: 21617 });
        assert_eq!(refusal(400, 21611), SendError::Throttled { retry_after: Some(Duration::from_secs(3)) });
        assert_eq!(refusal(401, 20003), SendError::GatewayRefused { status: 401, code: 20003 });
        assert_eq!(meaning(99_999), None);
        assert_eq!(refusal(400, 99_999), SendError::GatewayRefused { status: 400, code: 99_999 });
    }
}
