//! Verifications whose code is typed into the caller's own page: one-way texts and OATH.
//! Refuses to know a code otherwise than its person does: from the phone, or from the token.

use super::View;
use super::single::{Ended, end_of, start, taken};
use crate::human::Habit;
use crate::people::{self, code_in, typed, wrong};
use crate::run::Run;
use crate::wire::request;
use anyhow::Context;
use serde_json::json;
use std::time::Duration;

/// Wrong codes until it must have ended.
const TRIES: usize = 12;
/// How often a phone is looked at until the text is there.
const LOOKS: usize = 500;

/// Starts, thinks, types; the end.
pub async fn verify(run: &Run, person: u32, number: u64) -> anyhow::Result<Ended> {
    let body = taken(run.stage.exchange(&start(run, person, number, false)).await?)?;
    let view: View<'_> = serde_json::from_slice(&body)?;
    let id = view.id.to_owned();
    let reason = match view.reason {
        Some(reason) => reason.into_owned(),
        None => answered(run, person, &id).await?,
    };
    Ok(Ended { id, reason, differs: false })
}

async fn answered(run: &Run, person: u32, id: &str) -> anyhow::Result<String> {
    let habit = run.people.habit(person);
    if habit == Habit::Silent {
        return end_of(run, id).await;
    }
    let code = code(run, person).await?;
    let wrongs = match habit {
        Habit::WrongOnce => 1,
        Habit::WrongAlways => TRIES,
        Habit::Right | Habit::Twice | Habit::Silent => 0,
    };
    for _ in 0..wrongs {
        tokio::time::sleep(run.people.think(person)).await;
        match check(run, id, &typed(&wrong(&code), &run.people.mix(person).mode)).await {
            Ok(Some(reason)) => return Ok(reason),
            Ok(None) => {}
            // Whoever is wrong too often must wait.
            Err(_) if habit == Habit::WrongAlways => return end_of(run, id).await,
            Err(error) => return Err(error),
        }
    }
    tokio::time::sleep(run.people.think(person)).await;
    match check(run, id, &typed(&code, &run.people.mix(person).mode)).await? {
        Some(reason) => Ok(reason),
        None => end_of(run, id).await,
    }
}

async fn code(run: &Run, person: u32) -> anyhow::Result<String> {
    if run.people.mix(person).method == "oath" {
        return Ok(run.people.next_code(person));
    }
    let number = people::phone(person);
    let before = run.stage.phone(&number).await.ok().and_then(|phone| last_text(&phone).map(|(id, _)| id));
    for _ in 0..LOOKS {
        let phone = run.stage.phone(&number).await?;
        if let Some((id, body)) = last_text(&phone)
            && (before.as_deref() != Some(&id) || is_fresh(&phone))
        {
            return code_in(&body);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("the text did not come")
}

fn last_text(phone: &serde_json::Value) -> Option<(String, String)> {
    let last = phone["texts"].as_array()?.iter().rev().find(|text| text["direction"] == "in")?;
    Some((last["id"].as_str()?.to_owned(), last["body"].as_str()?.to_owned()))
}

/// Whether the last text came within the last second: it may have been there at the first look already.
fn is_fresh(phone: &serde_json::Value) -> bool {
    let at = phone["texts"].as_array().and_then(|texts| texts.last()?["at"].as_str());
    at.and_then(|at| at.parse::<jiff::Timestamp>().ok())
        .is_some_and(|at| jiff::Timestamp::now().as_millisecond() - at.as_millisecond() < 1000)
}

/// Types a code; why the verification ended, if it did.
pub async fn check(run: &Run, id: &str, code: &str) -> anyhow::Result<Option<String>> {
    let body = json!({ "code": code }).to_string();
    let typed = request("POST", &format!("/v1/verifications/{id}/check"), &run.stage.head(""), body.as_bytes());
    let body = taken(run.stage.exchange(&typed).await?)?;
    let view: View<'_> = serde_json::from_slice(&body).context("an answer to a code has another form")?;
    Ok(view.reason.map(std::borrow::Cow::into_owned))
}
