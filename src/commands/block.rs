//! `block` and `bypass`: people who may not pass, or may pass once without contact.
//! Refuses either without a reason.

use super::{Asks, Call, encoded, given, person};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

#[derive(Subcommand)]
pub enum Block {
    /// Deny every verification of a person until the block ends
    Start {
        /// User name or usr_ id
        name: String,
        /// Why; kept in the history
        #[arg(long)]
        reason: String,
        /// 1 to 3650; the company's value if not given
        #[arg(long)]
        days: Option<u32>,
    },
    /// End a block
    End {
        /// User name or usr_ id
        name: String,
        /// Why; kept in the history
        #[arg(long)]
        reason: String,
    },
}

impl Asks for Block {
    fn call(self) -> anyhow::Result<Call> {
        Ok(match self {
            Self::Start { name, reason, days } => {
                let body = given(&json!({ "reason": reason, "days": days }));
                Call::new(Method::POST, format!("{}/block", person(&name)), Some(body))
            }
            Self::End { name, reason } => {
                let path = format!("{}/block?reason={}", person(&name), encoded(&reason));
                Call::new(Method::DELETE, path, None)
            }
        })
    }
}

#[derive(Subcommand)]
pub enum Bypass {
    /// Let the next verification of a person pass, once
    Start {
        /// User name or usr_ id
        name: String,
        /// Why; kept in the history
        #[arg(long)]
        reason: String,
        /// 30 to 3600; 300 if not given
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// List the last bypasses of a person, and how each ended
    List {
        /// User name or usr_ id
        name: String,
    },
    /// End a bypass that was not used
    End {
        /// User name or usr_ id
        name: String,
    },
}

impl Asks for Bypass {
    fn call(self) -> anyhow::Result<Call> {
        Ok(match self {
            Self::Start { name, reason, seconds } => {
                let body = given(&json!({ "reason": reason, "seconds": seconds }));
                Call::new(Method::POST, format!("{}/bypasses", person(&name)), Some(body))
            }
            Self::List { name } => Call::new(Method::GET, format!("{}/bypasses", person(&name)), None),
            Self::End { name } => Call::new(Method::DELETE, format!("{}/bypasses", person(&name)), None),
        })
    }
}
