//! `documentation`: the manual of the settings and the man pages.
//! Refuses to know a command or a setting: both describe themselves.

use crate::config::manual;
use crate::report::Report;
use anyhow::Context;
use clap::Command;
use serde_json::json;
use std::path::Path;

/// Writes `configuration.md` and `man/*.1` into `dir`.
pub fn write(dir: &Path, program: Command) -> anyhow::Result<Report> {
    let (settings, man) = (dir.join("configuration.md"), dir.join("man"));
    std::fs::create_dir_all(&man).with_context(|| format!("{} cannot be made", man.display()))?;
    std::fs::write(&settings, manual::page()).with_context(|| format!("{} cannot be written", settings.display()))?;
    clap_mangen::generate_to(program, &man).with_context(|| format!("{} cannot be written", man.display()))?;
    let text = format!("wrote {} and the man pages in {}", settings.display(), man.display());
    Ok(Report::new(text, json!({ "settings": settings, "man": man })))
}
