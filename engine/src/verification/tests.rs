//! The machine as a table, and under random events.
//! Refuses to know the code: what must hold is said here anew.

use super::*;
use crate::timeline::Entry;
use proptest::prelude::*;
use std::collections::HashSet;

const START: u64 = 1_000_000;

fn rung(method: Method, mode: Mode) -> Rung {
    let to = (method == Method::Sms).then(|| "+12025550123".parse().expect("a number"));
    Rung {
        method,
        mode,
        to,
        seconds: 60,
        tries: 5,
        all_tries: if mode.needs_pin() { 3 } else { u8::MAX },
        fallback: false,
    }
}

fn fresh(rungs: Vec<Rung>) -> Verification {
    let now = Moment::from_millis(START);
    Verification {
        id: VerificationId::from_bits(1),
        user: "alice".into(),
        user_id: None,
        application: "vpn".into(),
        caller: ApiKeyId::from_bits(1),
        purpose: Purpose::SignIn,
        rungs: rungs.into(),
        created_at: now,
        expires_at: now + Duration::from_secs(150),
        client_ip: None,
        joins: None,
        language: "en".into(),
        callback_url: None,
        metadata: "{}".into(),
        stage: Stage::Waiting,
    }
}

fn word(stage: Stage) -> String {
    let leg = |name: &str, leg: Leg| format!("{name} {}.{} code {} wrong {}", leg.rung, leg.send, leg.code, leg.wrong);
    match stage {
        Stage::Waiting => "waiting".into(),
        Stage::Reserving(at) => leg("reserving", at),
        Stage::Queued(at) => leg("queued", at),
        Stage::Sending(at) => leg("sending", at),
        Stage::Awaiting(at) => leg("awaiting", at),
        Stage::Settled { reason, .. } => format!("settled {reason}"),
    }
}

fn effect_word(effect: &Effect) -> String {
    match effect {
        Effect::Note(Entry { what, .. }) => format!("note:{what}"),
        Effect::Reserve { .. } => "reserve".into(),
        Effect::Send { .. } => "send".into(),
        Effect::Withdraw { .. } => "withdraw".into(),
        Effect::Release { .. } => "release".into(),
        Effect::Hold { .. } => "hold".into(),
        Effect::Invite => "invite".into(),
        Effect::Mark(mark) => format!("mark:{mark:?}"),
        Effect::Settle(reason) => format!("settle:{reason}"),
    }
}

fn events(attempt: AttemptId) -> Vec<(&'static str, Event)> {
    let refused = |refusal| Event::Refused { attempt, refusal, detail: "why".into() };
    let entered = |verdict| Event::Entered { door: Door::Reply, verdict };
    let receipt = |state| Event::Receipt { attempt, state, error: None };
    vec![
        ("turn came", Event::TurnCame),
        ("reserved", Event::Reserved { code: 7 }),
        ("limited", Event::Limited { reason: Reason::RateLimited }),
        ("dispatched", Event::Dispatched { attempt, line: "sms".into() }),
        ("accepted", Event::Accepted { attempt, provider_id: "SM1".into() }),
        ("refused: number", refused(Refusal::NumberInvalid)),
        ("refused: opted out", refused(Refusal::OptedOut)),
        ("refused: provider", refused(Refusal::Provider { line: 0 })),
        ("refused: no line", refused(Refusal::NoLine)),
        ("refused: busy", refused(Refusal::Busy)),
        ("uncertain", Event::Uncertain { attempt, detail: "why".into() }),
        ("delivered", receipt(ReceiptState::Delivered)),
        ("undelivered", receipt(ReceiptState::Undelivered)),
        ("right", entered(Verdict::Right)),
        ("wrong code", entered(Verdict::WrongCode)),
        ("wrong PIN", entered(Verdict::WrongPin)),
        ("PIN change due", entered(Verdict::PinChangeDue)),
        ("replayed", entered(Verdict::Replayed)),
        ("fraud", Event::FraudReported),
        ("resend asked", Event::ResendAsked),
        ("cancelled", Event::Cancelled { reason: Reason::CancelledByCaller }),
        ("recovered", Event::Recovered),
        ("early tick", Event::Tick),
        ("broken", Event::Broken),
    ]
}

#[test]
fn the_table_of_stages_and_events() {
    let mut verification = fresh(vec![rung(Method::Sms, Mode::TwoWayOtpPin)]);
    let now = Moment::from_millis(START);
    let leg = Leg::new(0, 0, now, now + Duration::from_secs(60));
    let settled = Stage::Settled { reason: Reason::SmsOk, at: now, rung: 0 };
    let stages =
        [Stage::Waiting, Stage::Reserving(leg), Stage::Queued(leg), Stage::Sending(leg), Stage::Awaiting(leg), settled];
    let attempt = AttemptId { verification: verification.id, rung: 0, send: 0 };
    let mut table = String::new();
    for stage in stages {
        verification.apply(stage);
        let mut row = |name: &str, event: &Event, at: Moment| {
            let (next, effects) = verification.next(event, at);
            let effects: Vec<_> = effects.iter().map(effect_word).collect();
            let next = if next == stage { "=".to_owned() } else { word(next) };
            table.push_str(&format!("{} | {name} | {next} | {}\n", word(stage), effects.join(" ")));
        };
        for (name, event) in events(attempt) {
            row(name, &event, now + Duration::from_secs(31));
        }
        row("tick at the end", &Event::Tick, now + Duration::from_secs(150));
    }
    insta::assert_snapshot!(table);
}

#[derive(Debug, Clone)]
enum Move {
    Event(usize, bool),
    Later(u16),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0_usize..24, any::<bool>()).prop_map(|(event, current)| Move::Event(event, current)),
        1 => (1_u16..40).prop_map(Move::Later),
    ];
    prop::collection::vec(one, 1..80)
}

fn ladder() -> impl Strategy<Value = Vec<Rung>> {
    let one = prop_oneof![
        Just(rung(Method::Sms, Mode::TwoWayOtp)),
        Just(rung(Method::Sms, Mode::TwoWayOtpPin)),
        Just(rung(Method::Sms, Mode::OneWayOtp)),
        Just(rung(Method::Oath, Mode::Code)),
    ];
    prop::collection::vec(one, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_it_ends_once_and_well(rungs in ladder(), moves in moves()) {
        let mut verification = fresh(rungs);
        let mut now = Moment::from_millis(START);
        let mut released = HashSet::new();
        let mut settled = 0;
        let mut wrong = 0;
        let mut last_rung = 0;
        for step in moves {
            let event = match step {
                Move::Later(seconds) => {
                    now = now + Duration::from_secs(u64::from(seconds));
                    Event::Tick
                }
                Move::Event(index, current) => {
                    let own = verification.attempt().unwrap_or(AttemptId { verification: verification.id, rung: 9, send: 9 });
                    let attempt = if current { own } else { AttemptId { send: own.send.wrapping_add(1), ..own } };
                    events(attempt).swap_remove(index).1
                }
            };
            let before = verification.clone();
            let (stage, effects) = verification.next(&event, now);
            for effect in &effects {
                match effect {
                    Effect::Release { attempt } => prop_assert!(released.insert(*attempt), "{attempt} sent twice"),
                    Effect::Settle(_) => settled += 1,
                    Effect::Mark(Mark::Success) => {
                        let right = matches!(event, Event::Entered { verdict: Verdict::Right, .. });
                        prop_assert!(right && matches!(before.stage, Stage::Awaiting(_) | Stage::Sending(_)));
                    }
                    Effect::Send { .. } | Effect::Reserve { .. } => prop_assert!(!before.stage.is_settled()),
                    Effect::Note(_) | Effect::Withdraw { .. } | Effect::Hold { .. } | Effect::Invite | Effect::Mark(_) => {}
                }
            }
            verification.apply(stage);
            prop_assert!(!before.stage.is_settled() || stage == before.stage, "it changed after its end");
            prop_assert_eq!(settled, u32::from(stage.is_settled()));
            prop_assert_eq!(verification.deadline().is_none(), stage.is_settled());
            prop_assert!(verification.deadline().is_none_or(|deadline| deadline <= verification.expires_at));
            if verification.status() == Status::Verified {
                let proved = matches!(event, Event::Entered { verdict: Verdict::Right, .. }) || before.stage.is_settled();
                prop_assert!(proved, "verified without a proof");
            }
            if event == Event::Tick && before.deadline().is_some_and(|deadline| now >= deadline) {
                prop_assert_ne!(stage, before.stage, "time was over and nothing moved");
            }
            if let Some(leg) = stage.leg() {
                prop_assert!(leg.rung >= last_rung, "the ladder goes up only");
                prop_assert!(leg.wrong_in_all >= wrong);
                (last_rung, wrong) = (leg.rung, leg.wrong_in_all);
                prop_assert!(verification.attempts_left().is_some_and(|left| left > 0), "tries are bounded");
            }
        }
        for _ in 0..8 {
            now = now + Duration::from_secs(150);
            let (stage, _) = verification.next(&Event::Tick, now);
            verification.apply(stage);
        }
        prop_assert!(verification.stage.is_settled(), "it never ended");
    }

    #[test]
    fn after_a_crash_while_sending_the_same_send_never_goes_again(later in moves()) {
        let mut verification = fresh(vec![rung(Method::Sms, Mode::TwoWayOtp)]);
        let now = Moment::from_millis(START);
        let leg = Leg::new(0, 0, now, now + Duration::from_secs(60));
        verification.apply(Stage::Sending(leg));
        let attempt = verification.attempt().expect("a send is in progress");
        let (stage, _) = verification.next(&Event::Recovered, now);
        verification.apply(stage);
        for step in later {
            let Move::Event(index, _) = step else { continue };
            let own = verification.attempt().unwrap_or(attempt);
            let (stage, effects) = verification.next(&events(own).swap_remove(index).1, now + Duration::from_secs(31));
            let again = effects.contains(&Effect::Release { attempt });
            prop_assert!(!again);
            verification.apply(stage);
        }
    }
}
