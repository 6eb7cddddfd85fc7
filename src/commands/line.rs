//! `line`: the lines of all gateways.
//! Refuses to change them: they are in the settings file.

use super::{Asks, Call};
use clap::Subcommand;
use reqwest::Method;

#[derive(Subcommand)]
pub enum Line {
    /// List every line: what it carries, how full it is, what is the matter with it
    List,
}

impl Asks for Line {
    fn call(self) -> anyhow::Result<Call> {
        let Self::List = self;
        Ok(Call::new(Method::GET, "/v1/lines", None))
    }
}
