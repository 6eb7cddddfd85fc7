//! Documents as the store keeps them: a letter for the kind, then the JSON.
//! Refuses a document that is another one after it was written, or whose machine cannot be asked.

use crate::input;
use engine::moment::Moment;
use engine::oath::{TokenSettings, TokenState};
use engine::person::{Standing, User};
use engine::timeline::Entry;
use engine::velocity::{Velocity, VelocityRules};
use engine::verification::{Event, Verification};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Some((kind, body)) = data.split_first() else { return false };
    match kind {
        b'v' => read(body, machine),
        b's' => read(body, standing),
        b'u' => read(body, user),
        b't' => read(body, |settings: &TokenSettings| drop(settings.problems())),
        b'T' => read(body, |_: &TokenState| ()),
        b'V' => read(body, velocity),
        b'e' => read(body, |_: &Vec<Entry>| ()),
        _ => false,
    }
}

/// Reads a document and asks it; whether there was one.
fn read<T: Serialize + DeserializeOwned>(body: &[u8], ask: impl FnOnce(&T)) -> bool {
    let Ok(document) = serde_json::from_slice(body) else { return false };
    input::survives(&document);
    ask(&document);
    true
}

/// A verification that was read after a crash answers, whatever it holds, and ends once its time is over.
fn machine(read: &Verification) {
    let mut verification = read.clone();
    let _ = (verification.rung(), verification.attempts_left(), verification.attempt(), verification.prompts());
    let _ = verification.may_resend(Moment::from_millis(u64::MAX));
    for _ in 0..2 * (read.rungs.len() + 2) {
        let Some(deadline) = verification.deadline() else { break };
        let (stage, _) = verification.next(&Event::Tick, deadline.max(read.expires_at));
        verification.apply(stage);
    }
    assert_eq!(verification.deadline(), None, "it does not end: {:?}", verification.stage);
    assert!(verification.reason().is_some());
    input::survives(&verification);
}

fn standing(read: &Standing) {
    let mut standing = read.clone();
    for now in [0, 1_800_000_000_000, u64::MAX].map(Moment::from_millis) {
        let _ = (standing.lockout.locked_until(now), standing.guesses.pause_until(now));
        standing.lockout.denied(&Default::default(), now);
        standing.guesses.failed(now);
        velocity(&standing.sends);
    }
    input::survives(&standing);
}

fn velocity(read: &Velocity) {
    for now in [0, 1_800_000_000_000, u64::MAX].map(Moment::from_millis) {
        let _ = (
            read.ask(&VelocityRules::number(), now),
            read.ask_again(&VelocityRules::user(), std::time::Duration::MAX, now),
        );
        let mut sent = read.clone();
        sent.sent(now);
        sent.answered();
        input::survives(&sent);
    }
}

fn user(user: &User) {
    let told = format!("{user:?}");
    for phone in [&user.phone, &user.backup_phone].into_iter().flatten() {
        let shown = told.contains(&phone.number.to_string());
        assert!(!shown || user_wrote(user, &phone.number.to_string()), "a number in Debug");
    }
    let _ = user.blocked(user.created_at);
}

/// People may write their number where their name belongs.
fn user_wrote(user: &User, number: &str) -> bool {
    let written = [&user.name, &user.first_name, &user.last_name, &user.email, &user.group, &user.language];
    let reason = user.block.as_ref().map_or("", |block| block.reason.as_str());
    written.iter().any(|text| text.contains(number)) || reason.contains(number)
}
