//! The manual of the settings file, from the comments and defaults of the settings themselves.
//! Refuses a second place where a key is explained.

use super::{
    Gateway, Keys, LdapSection, Limits, Log, Portal, RadiusSection, Server, Store, Trunk, Webhooks, WindowsSection,
};
use crate::{checkpoints, retention};
use serde::Serialize;
use serde_json::Value;
use utoipa::PartialSchema;

const OPENING: &str = "# Settings

The settings file is TOML. Unknown sections and keys are refused; `countersign check-config FILE` names every mistake at
once. Relative paths start at the file's own folder.

The environment overrides the file: `COUNTERSIGN__SECTION__KEY`, such as `COUNTERSIGN__LOG__LEVEL=debug`. A gateway is
called by its name, with `_` for a dash: `COUNTERSIGN__GATEWAY__SMS__AUTH_TOKEN`. A value that reads as a number or as true
or false is one; where a text is wanted that looks like this, put it in double quotes.

What an administrator changes while the engine runs (limits of people and numbers, PIN rules, texts, trusted addresses …)
is not here: it lies in the store, and `countersign setting show` prints it.

This page is written by `countersign documentation`; the words are those of the code.
";

/// The whole page, Markdown.
pub fn page() -> String {
    let sections = [
        section::<Server>("[server]"),
        section::<Store>("[store]"),
        section::<Keys>("[keys]"),
        section::<Gateway>("[[gateway]]"),
        section::<Trunk>("[gateway.sip]"),
        section::<LdapSection>("[directory.ldap]"),
        section::<WindowsSection>("[directory.windows]"),
        section::<RadiusSection>("[directory.radius]"),
        section::<Portal>("[portal]"),
        section::<Limits>("[limits]"),
        section::<Webhooks>("[webhooks]"),
        section::<retention::Settings>("[retention]"),
        section::<checkpoints::Settings>("[audit]"),
        section::<Log>("[log]"),
    ];
    format!("{OPENING}{}", sections.concat())
}

fn section<T: PartialSchema + Default + Serialize>(heading: &str) -> String {
    let schema = serde_json::to_value(T::schema()).expect("a schema is JSON");
    let defaults = serde_json::to_value(T::default()).expect("settings are JSON");
    let keys = schema["properties"].as_object().expect("a section has keys");
    let rows = keys.iter().map(|(name, key)| {
        let says = key["description"].as_str().unwrap_or_default().replace('\n', " ");
        format!("| `{name}` | {} | {} | {says} |\n", kind(key), shown(&defaults[name]))
    });
    let says = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
    format!(
        "\n## `{heading}`\n\n{says}\n\n| key | type | default | what |\n|---|---|---|---|\n{}",
        rows.collect::<String>()
    )
}

fn kind(key: &Value) -> &str {
    // What may be left out has `null` beside its type.
    let kinds = &key["type"];
    let named = kinds.as_array().and_then(|all| all.iter().find(|one| *one != "null"));
    match named.unwrap_or(kinds).as_str() {
        Some("array") => "list of texts",
        Some("boolean") => "true or false",
        Some("integer") => "number",
        _ => "text",
    }
}

fn shown(default: &Value) -> String {
    if default.is_null() || default == "" {
        return "not set".into();
    }
    if default.is_object() {
        return "not set".into();
    }
    match default.as_array() {
        Some(all) if all.is_empty() => "none".into(),
        Some(_) | None => format!("`{}`", default.to_string().replace('"', "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_what_it_is_for() {
        let page = page();
        assert!(!page.contains("|  |"), "a key without a comment:\n{page}");
        for line in [
            "| `listen` | text | `127.0.0.1:8080` |",
            "| `auth_token` | text | not set |",
            "| `workers` | number | `0` |",
        ] {
            assert!(page.contains(line), "{line} in\n{page}");
        }
    }

    #[test]
    fn the_committed_manual_is_this_one() {
        let committed = include_str!("../../docs/configuration.md");
        assert_eq!(committed, page(), "write it anew: cargo run -- documentation docs");
    }
}
