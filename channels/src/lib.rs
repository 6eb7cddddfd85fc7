//! Reaches people: the clients of gateways.
//! Refuses rules: what to send and when is decided in `engine` and `actors`.

pub mod text;
pub mod twilio;
