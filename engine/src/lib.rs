//! The rules of verification as plain values and pure functions.
//! Refuses: IO, clocks, randomness, async and actors; time, keys and random numbers arrive as arguments.

pub mod bypass;
pub mod cache;
pub mod code;
pub mod guesses;
pub mod id;
pub mod lockout;
pub mod method;
pub mod moment;
pub mod number;
pub mod oath;
pub mod pin;
pub mod reason;
pub mod reply;
pub mod secret;
pub mod trusted_ip;
pub mod velocity;
