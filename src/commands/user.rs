//! `user`: people.
//! Refuses a PIN on the command line, where others see it: it is read from a file, or generated.

use super::{Asks, Call, given, person, secret_in};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum User {
    /// Make a person
    Create {
        /// User name
        name: String,
        #[command(flatten)]
        profile: Profile,
        #[command(flatten)]
        phones: Numbers,
        /// A file with the first PIN
        #[arg(long)]
        pin_file: Option<PathBuf>,
        /// Whether the PIN must be changed at the first verification
        #[arg(long)]
        pin_change_required: Option<bool>,
    },
    /// List people
    List,
    /// Show a person
    Show {
        /// User name or usr_ id
        name: String,
    },
    /// Change what is given
    Change {
        /// User name or usr_ id
        name: String,
        #[command(flatten)]
        profile: Profile,
        /// Off: as if the person were unknown
        #[arg(long)]
        enabled: Option<bool>,
    },
    /// Give a PIN; without --pin-file one is generated and shown once
    Pin {
        /// User name or usr_ id
        name: String,
        /// A file with the PIN
        #[arg(long)]
        pin_file: Option<PathBuf>,
    },
    /// Set the password of the local account
    Password {
        /// User name or usr_ id
        name: String,
        /// A file with the password
        #[arg(long)]
        password_file: PathBuf,
    },
    /// Set both phones; what is left out is taken away
    Phones {
        /// User name or usr_ id
        name: String,
        #[command(flatten)]
        phones: Numbers,
    },
    /// End a lock after wrong PINs, and a pause after wrong codes
    Unlock {
        /// User name or usr_ id
        name: String,
    },
    /// Make the code that a person needs for the first set-up
    EnrollmentCode {
        /// User name or usr_ id
        name: String,
    },
    /// Show which security questions a person has answered
    Questions {
        /// User name or usr_ id
        name: String,
    },
    /// Clear the answers of a person, who chooses again
    ClearQuestions {
        /// User name or usr_ id
        name: String,
    },
    /// How far the first set-up of a person is, and what a help desk does about it
    #[command(subcommand)]
    SetUp(SetUp),
    /// Remove a person with methods and tokens
    Remove {
        /// User name or usr_ id
        name: String,
    },
}

#[derive(Subcommand)]
pub enum SetUp {
    /// Show its steps, and when the person was last at it
    Show {
        /// User name or usr_ id
        name: String,
    },
    /// Mail the person where to sign in and set up
    SendLink {
        /// User name or usr_ id
        name: String,
    },
    /// Open it again where its time is over
    Reopen {
        /// User name or usr_ id
        name: String,
    },
    /// Take away what was entered, and end the logins of whoever is at it
    StartOver {
        /// User name or usr_ id
        name: String,
    },
    /// Skip a step that nobody must take
    Skip {
        /// User name or usr_ id
        name: String,
        /// token or questions
        step: String,
    },
}

impl SetUp {
    fn call(self) -> Call {
        let post =
            |name: &str, act: &str, body| Call::new(Method::POST, format!("{}/set_up/{act}", person(name)), body);
        match self {
            Self::Show { name } => Call::new(Method::GET, format!("{}/set_up", person(&name)), None),
            Self::SendLink { name } => post(&name, "link", None),
            Self::Reopen { name } => post(&name, "reopen", None),
            Self::StartOver { name } => post(&name, "start_over", None),
            Self::Skip { name, step } => post(&name, "skip", Some(json!({ "step": step }))),
        }
    }
}

/// What is known of a person.
#[derive(Args, Serialize)]
pub struct Profile {
    /// First name
    #[arg(long)]
    first_name: Option<String>,
    /// Last name
    #[arg(long)]
    last_name: Option<String>,
    /// Mail address
    #[arg(long)]
    email: Option<String>,
    /// Free label
    #[arg(long)]
    group: Option<String>,
    /// sms or oath
    #[arg(long)]
    method: Option<String>,
    /// Such as two_way_otp_pin
    #[arg(long)]
    mode: Option<String>,
    /// Language of texts, BCP 47
    #[arg(long)]
    language: Option<String>,
    /// Fewest digits of this person's PIN
    #[arg(long)]
    pin_min_length: Option<u8>,
    /// Whether the person may change the PIN
    #[arg(long)]
    user_can_change_pin: Option<bool>,
    /// Whether set-up is finished
    #[arg(long)]
    set_up: Option<bool>,
}

/// A person's phones.
#[derive(Args, Serialize)]
pub struct Numbers {
    /// Primary, as people write it; `x` before an extension
    #[arg(long)]
    phone: Option<String>,
    /// Backup
    #[arg(long)]
    backup_phone: Option<String>,
}

#[derive(Serialize)]
struct NewPerson {
    name: String,
    #[serde(flatten)]
    profile: Profile,
    #[serde(flatten)]
    phones: Numbers,
    pin: Option<String>,
    pin_change_required: Option<bool>,
}

#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    profile: Profile,
    enabled: Option<bool>,
}

impl Asks for User {
    fn call(self) -> anyhow::Result<Call> {
        Ok(match self {
            Self::Create { name, profile, phones, pin_file, pin_change_required } => {
                let pin = pin_file.as_deref().map(secret_in).transpose()?;
                let new = NewPerson { name, profile, phones, pin, pin_change_required };
                Call::new(Method::POST, "/v1/users", Some(given(&new)))
            }
            Self::List => Call::new(Method::GET, "/v1/users", None),
            Self::Show { name } => Call::new(Method::GET, person(&name), None),
            Self::Change { name, profile, enabled } => {
                Call::new(Method::PATCH, person(&name), Some(given(&Changed { profile, enabled })))
            }
            Self::Pin { name, pin_file } => {
                let pin = pin_file.as_deref().map(secret_in).transpose()?;
                Call::new(Method::PUT, format!("{}/pin", person(&name)), Some(given(&json!({ "pin": pin }))))
            }
            Self::Password { name, password_file } => {
                let body = json!({ "password": secret_in(&password_file)? });
                Call::new(Method::PUT, format!("{}/password", person(&name)), Some(body))
            }
            Self::Phones { name, phones } => {
                Call::new(Method::PUT, format!("{}/phones", person(&name)), Some(given(&phones)))
            }
            Self::Unlock { name } => Call::new(Method::DELETE, format!("{}/lock", person(&name)), None),
            Self::EnrollmentCode { name } => {
                Call::new(Method::POST, format!("{}/enrollment_code", person(&name)), None)
            }
            Self::Questions { name } => Call::new(Method::GET, format!("{}/security_questions", person(&name)), None),
            Self::ClearQuestions { name } => {
                Call::new(Method::DELETE, format!("{}/security_questions", person(&name)), None)
            }
            Self::SetUp(set_up) => set_up.call(),
            Self::Remove { name } => Call::new(Method::DELETE, person(&name), None),
        })
    }
}
