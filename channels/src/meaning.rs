//! What a gateway's error means for us, whichever gateway it is; sorted by who must act.
//! Refuses numbers: each gateway has its own and maps them here.

/// The meaning of an error of a gateway, of a refused text as of one that did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The number is bad: the person must give another.
    NumberInvalid,
    /// The person texted STOP: nothing is sent until they text START.
    OptedOut,
    /// The phone cannot be reached now: the next rung, not a second text.
    Unreachable,
    /// The gateway refuses us: another line may do it, an administrator must look.
    GatewayRefused,
    /// The gateway suspects abuse or does not allow the destination.
    FraudGuard,
    /// Too many: later.
    Throttled,
    /// The text itself is wrong: its template must be mended.
    BodyInvalid,
}
