//! Is reached: the API, gateway callbacks and the explorer.
//! Refuses rules and storage: it asks the engine, and says what the engine said.

mod administration;
mod application;
mod audit;
mod body;
mod callbacks;
pub mod door;
mod explorer;
mod health;
mod people;
mod problem;
mod shapes;
mod state;
mod tokens;
mod verifications;

pub use administration::make_key;
pub use application::{Application, Settings};
pub use explorer::openapi;
pub use shapes::webhook as webhook_body;
