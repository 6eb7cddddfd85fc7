//! Is reached: the pages, the API, gateway callbacks and the explorer.
//! Refuses rules and storage: it asks the engine, and says what the engine said.

mod administration;
mod agent;
mod application;
mod audit;
mod body;
mod callbacks;
pub mod calls;
mod codes;
pub mod door;
mod events;
mod explorer;
mod health;
mod lines;
mod link;
mod notices;
mod openapi;
mod origin;
mod outcomes;
mod own_app;
mod pages;
mod people;
mod problem;
mod prompts;
mod questions;
mod routes;
mod shapes;
mod speech;
mod starts;
mod state;
mod tokens;
mod trusted_ips;
mod verifications;

pub use administration::make_key;
pub use application::{Application, Settings};
pub use link::{Directories, PortalKeys};
pub use notices::words as notice_words;
pub use openapi::openapi;
pub use pages::PortalSettings;
pub use shapes::webhook as webhook_body;
pub use speech::speech;
pub use state::Gateways;
