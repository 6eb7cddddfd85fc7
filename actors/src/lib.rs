//! Runs the rules: one actor per verification in flight, a Desk per core, a Line per gateway account, one Ledger.
//! Refuses rules of its own: what is decided is decided in `engine`; what is kept is kept by `store`.

mod clock;
mod desk;
mod handle;
mod house;
mod housekeeping;
mod idempotency;
mod in_flight;
mod inbound;
mod judge;
mod keeper;
mod keys;
mod ledger;
mod letters;
mod line;
mod mailer;
mod monitored;
mod opening;
mod people;
mod postman;
pub mod random;
mod readers;
mod recordings;
mod records;
mod refused;
mod reminders;
mod router;
mod sources;
mod spectators;
mod speech;
mod switchboard;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
mod vault;

pub use clock::Clock;
pub use desk::{StartError, Started};
pub use handle::{Engine, EngineSettings};
pub use idempotency::Idempotency;
pub use in_flight::Answered;
pub use inbound::InboundAnswer;
pub use keeper::KeptState;
pub use ledger::{Ledger, LedgerState, NotWritten};
pub use letters::{Doors, Told};
pub use line::{Carries, Gateway, LineSettings, LineState};
pub use mailer::{ENROLLMENT_CODE, Notices, Words};
pub use people::{Amendment, BLOCKED, NOT_BLOCKED, Person, Versioned, fraud_block};
pub use postman::Webhooks;
pub use recordings::{Recording, Recordings};
pub use records::{
    AnswersRecord, ApiKeyRecord, IdempotencyRecord, NumberRecord, PasswordRecord, QuestionRecord, SpentRecord,
    TokenRecord, TokenSerialRecord, UserNameRecord,
};
pub use refused::Refused;
pub use reminders::{ENTERED, next_reminder, seen_setting_up, would_be_reminded};
pub use spectators::Seat;
pub use speech::{Said, Speech};
pub use vault::Vault;
