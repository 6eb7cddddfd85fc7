//! Stand-ins for the outside: an SMS gateway and a SIP carrier with their phones, a mail server, a page and a control API.
//! It is written from the provider's documentation, shares no code with the programs it tests, and never sends anything to a real network of its own accord.
//!
//! # In a test
//! ```no_run
//! # async fn story() -> Result<(), simulators::StartError> {
//! let mut account = simulators::Account::default();
//! account.sms_url = Some("http://127.0.0.1:8080/callbacks/sms/sms".to_owned());
//! let settings = simulators::Settings { accounts: vec![account], ..Default::default() };
//! let running = simulators::start(settings).await?;
//! println!("page, control API and gateways at {}", running.url());
//! println!("the gateway alone at {}", running.gateway_url("sms").unwrap_or_default());
//! println!("mail at {:?}, trusting {:?}", running.mail_address(), running.mail_certificate());
//! running.stop().await;
//! # Ok(())
//! # }
//! ```
//! The shapes of the control API are on [`Behaviour`] and [`Faults`], the gateway's own paths in [`twilio`], what
//! the mail server speaks in [`mail`], and what the SIP carrier speaks in [`sip`].

mod behaviour;
mod calls;
mod certificate;
mod clock;
mod control;
mod counters;
mod delivery;
mod dice;
mod door;
mod faults;
mod gateway;
mod inbound;
mod ledger;
mod lock;
pub mod mail;
mod message;
mod number;
mod opt_out;
mod page;
mod phone;
mod phones;
mod port;
mod running;
mod settings;
pub mod sip;
mod sound;
mod throttle;
pub mod twilio;
mod world;

pub use behaviour::Behaviour;
pub use calls::{HangUp, Hold, KeyStyle, OnCall};
pub use faults::{ErrorBody, ErrorFault, Faults};
pub use mail::MailServer;
pub use port::free_port;
pub use running::{Running, start};
pub use settings::{Account, Settings, StartError};
pub use sip::{SipGateway, Transport};
