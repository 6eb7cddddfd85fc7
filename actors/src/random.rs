//! Random bits from the operating system: the one home of randomness.
//! Refuses seeds: ids, salts and keys must not be guessed.

/// So many random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes, or nothing here is safe");
    bytes
}

/// 128 random bits.
pub fn bits() -> u128 {
    u128::from_be_bytes(bytes())
}

/// From 0 to below 1, evenly.
pub(crate) fn fraction() -> f64 {
    f64::from(u32::from_be_bytes(bytes())) / (f64::from(u32::MAX) + 1.0)
}
