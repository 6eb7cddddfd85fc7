//! HTTP/1.1 as cheap as it can be, for the one peer that is measured: the load shares its machine with what it measures.
//! Refuses what no peer of a run sends: chunked answers, redirects, names to be looked up.

mod connection;
mod pipe;
mod pool;

pub use connection::{Answer, request};
pub use pipe::Pipe;
pub use pool::Pool;

/// Bytes of an answer at most.
const LONGEST: usize = 64 << 20;
