//! `question`: the catalogue of security questions.
//! Refuses answers: nobody sees them.

use super::{Asks, Call, encoded};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

#[derive(Subcommand)]
pub enum Question {
    /// Add a question
    Add {
        /// Language of its text, such as `en`
        language: String,
        /// As people read it
        text: String,
    },
    /// List every question
    List,
    /// Change a question, or retire it
    Set {
        /// qst_ id
        id: String,
        /// Language of its text
        language: String,
        /// As people read it
        text: String,
        /// It can be chosen no more, and stays valid for those who chose it
        #[arg(long)]
        retired: bool,
    },
    /// Remove a question that nobody has answered
    Remove {
        /// qst_ id
        id: String,
    },
}

impl Asks for Question {
    fn call(self) -> anyhow::Result<Call> {
        let all = "/v1/security_questions";
        let one = |id: &str| format!("{all}/{}", encoded(id));
        Ok(match self {
            Self::Add { language, text } => {
                Call::new(Method::POST, all, Some(json!({ "language": language, "text": text, "active": true })))
            }
            Self::List => Call::new(Method::GET, all, None),
            Self::Set { id, language, text, retired } => {
                let body = json!({ "language": language, "text": text, "active": !retired });
                Call::new(Method::PUT, one(&id), Some(body))
            }
            Self::Remove { id } => Call::new(Method::DELETE, one(&id), None),
        })
    }
}
