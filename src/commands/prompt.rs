//! `prompt`: what calls say.
//! Refuses to make sound: a recording comes as a WAV file.

use super::{Asks, Call, encoded};
use anyhow::Context;
use clap::Subcommand;
use data_encoding::BASE64;
use reqwest::Method;
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Prompt {
    /// List what is said, in every language or in one
    List {
        /// Such as `de`
        #[arg(long)]
        language: Option<String>,
    },
    /// Show a prompt with its sound: `wav` is the file, in Base64
    Show {
        /// Such as `de`
        language: String,
        /// Such as `greeting_pin`
        prompt: String,
    },
    /// Say a recording of your own in place of a prompt
    Record {
        /// Such as `de`
        language: String,
        /// Such as `greeting_pin`
        prompt: String,
        /// A WAV file under 20 seconds, at most 1 MB
        file: PathBuf,
    },
    /// Say the prompt as it was made
    Reset {
        /// Such as `de`
        language: String,
        /// Such as `greeting_pin`
        prompt: String,
    },
}

impl Asks for Prompt {
    fn call(self) -> anyhow::Result<Call> {
        let one = |language: &str, prompt: &str| format!("/v1/prompts/{}/{}", encoded(language), encoded(prompt));
        Ok(match self {
            Self::List { language: None } => Call::new(Method::GET, "/v1/prompts", None),
            Self::List { language: Some(language) } => {
                Call::new(Method::GET, format!("/v1/prompts?language={}", encoded(&language)), None)
            }
            Self::Show { language, prompt } => Call::new(Method::GET, one(&language, &prompt), None),
            Self::Record { language, prompt, file } => {
                let wav = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
                Call::new(Method::PUT, one(&language, &prompt), Some(json!({ "wav": BASE64.encode(&wav) })))
            }
            Self::Reset { language, prompt } => Call::new(Method::DELETE, one(&language, &prompt), None),
        })
    }
}
