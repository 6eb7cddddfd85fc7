//! Every administrative call of the API has its command.
#![allow(clippy::unwrap_used, reason = "a test")]

use super::{ApiKey, Asks, Block, Bypass, Call, Line, Prompt, Question, Setting, Token, User};
use clap::Subcommand;
use portal::door::{Access, ROUTES};
use std::collections::BTreeSet;
use std::io::Write;

fn parsed<C: Subcommand + Asks>(line: &str) -> Call {
    let command = C::augment_subcommands(clap::Command::new("x").subcommand_required(true));
    let matches = command.try_get_matches_from(["x"].into_iter().chain(line.split(' '))).unwrap();
    C::from_arg_matches(&matches).unwrap().call().unwrap()
}

/// The route that a call goes to.
fn route(call: &Call) -> String {
    let path = call.path.split('?').next().unwrap();
    let same = |pattern: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len()
            && pattern.iter().zip(path).all(|(wanted, part)| wanted.starts_with('{') || *wanted == part)
    };
    let found = ROUTES.iter().find(|route| route.method == call.method.as_str() && same(route.path));
    let found = found.unwrap_or_else(|| panic!("{} {} is no route", call.method, call.path));
    format!("{} {}", found.method, found.path)
}

#[test]
fn every_administrative_route_has_a_command() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"{}").unwrap();
    let file = file.path().display().to_string();
    let people = [
        "create a",
        "list",
        "show a",
        "change a --enabled false",
        "pin a",
        &format!("password a --password-file {file}"),
        "phones a",
        "unlock a",
        "enrollment-code a",
        "questions a",
        "clear-questions a",
        "set-up show a",
        "set-up send-link a",
        "set-up reopen a",
        "set-up start-over a",
        "set-up skip a token",
        "remove a",
    ];
    let tokens = [
        &format!("add a --serial 1 --secret-file {file}"),
        &format!("import 1 --secret-file {file}"),
        "list a",
        "activate a t 1",
        "resync a t 1 2",
        "remove a t",
    ];
    let settings = ["show", &format!("set {file}"), "trusted", "trust vpn 192.0.2.1", "distrust vpn 192.0.2.0/24"];
    let mut reached = BTreeSet::new();
    reached.extend(people.map(|line| route(&parsed::<User>(line))));
    reached.extend(["start a --reason b", "end a --reason c"].map(|line| route(&parsed::<Block>(line))));
    reached.extend(["start a --reason b", "list a", "end a"].map(|line| route(&parsed::<Bypass>(line))));
    reached.extend(tokens.map(|line| route(&parsed::<Token>(line))));
    reached.extend(settings.map(|line| route(&parsed::<Setting>(line))));
    reached.extend(["create a --scope users", "list", "revoke k"].map(|line| route(&parsed::<ApiKey>(line))));
    reached.extend(["add en Why?", "list", "set q en Why?", "remove q"].map(|line| route(&parsed::<Question>(line))));
    let prompts = ["list", "show en greeting_pin", &format!("record en greeting_pin {file}"), "reset en greeting_pin"];
    reached.extend(prompts.map(|line| route(&parsed::<Prompt>(line))));
    reached.insert(route(&parsed::<Line>("list")));
    reached.insert("GET /v1/audit".into());
    let administrative =
        |access: &Access| matches!(access, Access::Scope(scope) if !["verify", "metrics"].contains(scope));
    let wanted = ROUTES.iter().filter(|route| administrative(&route.access));
    let wanted: BTreeSet<_> = wanted.map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(reached, wanted);
}

#[test]
fn what_was_not_given_is_not_sent_and_names_are_encoded() {
    let call = parsed::<User>("change domain\\a/b --email a@example.com");
    assert_eq!(
        (call.path.as_str(), call.body.unwrap()),
        ("/v1/users/name:domain%5Ca%2Fb", serde_json::json!({ "email": "a@example.com" }))
    );
}
