//! What a command has done, for people and for scripts.
//! Refuses to print a thing twice: either the text, or with `--json` the document.

use serde_json::Value;
use std::process::ExitCode;

/// The end of a command.
pub struct Report {
    text: String,
    json: Value,
    well: bool,
}

impl Report {
    /// It was done.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, well: true }
    }

    /// What was looked for was found, and is not well: exit code 1.
    pub fn failed(text: impl Into<String>, json: Value) -> Self {
        Self { well: false, ..Self::new(text, json) }
    }

    /// Prints it.
    pub fn print(self, as_json: bool) -> ExitCode {
        match (as_json, self.well) {
            (true, _) => println!("{:#}", self.json),
            (false, true) => println!("{}", self.text),
            (false, false) => eprintln!("countersign: {}", self.text),
        }
        if self.well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
