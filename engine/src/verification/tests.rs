//! The machine as one table: every stage × every event, in time, too late, of another send, with and without a rung to follow.
//! Refuses to judge: what is sensible is read in the snapshot; what must always hold is said in `model`.

mod model;

use super::*;
use crate::prompt::Prompt;
use crate::timeline::Entry;

const START: Moment = Moment::from_millis(1_000_000);
const LIFE: Duration = Duration::from_secs(150);
const RUNG_SECONDS: u32 = 60;

fn rung(method: Method, mode: Mode) -> Rung {
    let to = method.prompts().then(|| "+12025550123".parse().expect("a number"));
    let all_tries = if mode.needs_pin() { 3 } else { u8::MAX };
    Rung {
        method,
        mode,
        to,
        seconds: RUNG_SECONDS,
        digits: 6,
        tries: 5,
        all_tries,
        fallback: false,
        resend_gaps: ResendGaps::default(),
        dialling: (method == Method::Voice).then(|| Box::new(dialling())),
    }
}

fn dialling() -> Dialling {
    Dialling {
        extension: None,
        operator: true,
        language: None,
        backup: false,
        ring_seconds: 20,
        longest_seconds: 30,
        input_seconds: 10,
        fraud: FraudReports::Block,
        fraud_code: "0".into(),
    }
}

fn backup(mode: Mode) -> Rung {
    Rung { dialling: Some(Box::new(Dialling { backup: true, ..dialling() })), ..rung(Method::Voice, mode) }
}

fn fresh(rungs: Vec<Rung>) -> Verification {
    Verification {
        id: VerificationId::from_bits(1),
        user: "alice".into(),
        user_id: None,
        application: "vpn".into(),
        caller: ApiKeyId::from_bits(1),
        purpose: Purpose::SignIn,
        rungs: rungs.into(),
        created_at: START,
        expires_at: START + LIFE,
        client_ip: None,
        joins: None,
        language: "en".into(),
        callback_url: None,
        message: [].into(),
        metadata: "{}".into(),
        stage: Stage::Waiting,
    }
}

/// Every event that can be told from another, each with its word in the table.
fn events(attempt: AttemptId) -> Vec<(String, Event)> {
    let refusals = [
        Refusal::NumberInvalid,
        Refusal::OptedOut,
        Refusal::Unreachable,
        Refusal::Provider { line: 0 },
        Refusal::FraudGuard,
        Refusal::Busy,
        Refusal::NoLine,
    ];
    let verdicts = [
        Verdict::Right,
        Verdict::WrongCode,
        Verdict::WrongPin,
        Verdict::PinChangeDue,
        Verdict::PinTooOld,
        Verdict::Replayed,
        Verdict::OutOfDate,
    ];
    let mut events = vec![
        Event::TurnCame,
        Event::Reserved { attempt, code: 7 },
        Event::Limited { attempt, reason: Reason::RateLimited },
        Event::Dispatched { attempt, line: "north".into() },
        Event::Accepted { attempt, provider_id: "SM1".into(), from: "+12025550100".parse().ok() },
    ];
    events.extend(refusals.map(|refusal| Event::Refused { attempt, refusal, detail: "why".into() }));
    events.push(Event::Uncertain { attempt, detail: "why".into() });
    events.push(Event::LineLost { attempt });
    events.extend([Event::Rang { attempt }, Event::PickedUp { attempt }]);
    let keyed = [
        Keyed::Nothing,
        Keyed::NoPound,
        Keyed::Pound,
        Keyed::FraudCode,
        Keyed::One,
        Keyed::Other,
        Keyed::Pin(Verdict::Right),
        Keyed::Pin(Verdict::WrongPin),
        Keyed::Pin(Verdict::PinChangeDue),
        Keyed::Pin(Verdict::PinTooOld),
        Keyed::PinRenewal,
        Keyed::NewPin(NewPin::Possible),
        Keyed::NewPin(NewPin::Repeated),
        Keyed::NewPin(NewPin::Mismatch),
        Keyed::NewPin(NewPin::Refused(Prompt::PinShort)),
    ];
    events.extend(keyed.map(|keyed| Event::Keyed { attempt, keyed }));
    let ends = [
        CallEnded::Over,
        CallEnded::NoAnswer,
        CallEnded::Busy,
        CallEnded::Declined,
        CallEnded::HungUp,
        CallEnded::Cut,
        CallEnded::TooLong,
        CallEnded::Voicemail,
    ];
    events.extend(ends.map(|how| Event::CallEnded { attempt, how }));
    events.extend(
        [ReceiptState::Underway, ReceiptState::Delivered, ReceiptState::Undelivered].map(|state| Event::Receipt {
            attempt,
            state,
            error: None,
            refusal: None,
        }),
    );
    events.extend([Refusal::NumberInvalid, Refusal::Provider { line: 0 }].map(|refusal| Event::Receipt {
        attempt,
        state: ReceiptState::Undelivered,
        error: Some(30005),
        refusal: Some(refusal),
    }));
    events.extend(verdicts.map(|verdict| Event::Entered { door: Door::Reply, verdict }));
    events.push(Event::Entered { door: Door::Typed, verdict: Verdict::WrongCode });
    events.extend([
        Event::FraudReported,
        Event::ResendAsked,
        Event::Cancelled { reason: Reason::CancelledByCaller },
        Event::Recovered,
        Event::Tick,
        Event::Broken,
    ]);
    events.into_iter().map(|event| (event_word(&event), event)).collect()
}

fn event_word(event: &Event) -> String {
    match event {
        Event::TurnCame => "turn came".into(),
        Event::Reserved { .. } => "reserved".into(),
        Event::Limited { .. } => "limited".into(),
        Event::Dispatched { .. } => "dispatched".into(),
        Event::Accepted { .. } => "accepted".into(),
        Event::Refused { refusal: Refusal::Provider { .. }, .. } => "refused Provider".into(),
        Event::Refused { refusal, .. } => format!("refused {refusal:?}"),
        Event::Uncertain { .. } => "uncertain".into(),
        Event::LineLost { .. } => "line lost".into(),
        Event::Rang { .. } => "rang".into(),
        Event::PickedUp { .. } => "picked up".into(),
        Event::Keyed { keyed, .. } => format!("keyed {keyed:?}"),
        Event::CallEnded { how, .. } => format!("call ended {how:?}"),
        Event::Receipt { refusal: Some(Refusal::Provider { .. }), .. } => "receipt Provider".into(),
        Event::Receipt { refusal: Some(refusal), .. } => format!("receipt {refusal:?}"),
        Event::Receipt { state, .. } => format!("receipt {state:?}"),
        Event::Entered { door, verdict } => format!("{door:?} {verdict:?}"),
        Event::FraudReported => "fraud reported".into(),
        Event::ResendAsked => "resend asked".into(),
        Event::Cancelled { .. } => "cancelled".into(),
        Event::Recovered => "recovered".into(),
        Event::Tick => "tick".into(),
        Event::Broken => "broken".into(),
    }
}

fn stage_word(stage: Stage) -> String {
    let leg = |name: &str, leg: Leg| {
        let Leg { rung, send, code, wrong, .. } = leg;
        format!("{name} {rung}.{send} code {code} wrong {wrong}")
    };
    match stage {
        Stage::Waiting => "waiting".into(),
        Stage::Reserving(at) => leg("reserving", at),
        Stage::Queued(at) => leg("queued", at),
        Stage::Sending(at) => leg("sending", at),
        Stage::Awaiting(at) => leg("awaiting", at),
        Stage::Calling(at, talk) => leg(&format!("{talk:?}"), at),
        Stage::Settled { reason, .. } => format!("SETTLED {} {reason}", reason.status()),
    }
}

fn effect_word(effect: &Effect) -> String {
    match effect {
        Effect::Note(Entry { what, .. }) => format!("note:{what}"),
        Effect::Reserve { code, resend } => format!("RESERVE {code}{}", if *resend { " again" } else { "" }),
        Effect::Send { attempt, tried } => format!("SEND {}.{} tried {tried:b}", attempt.rung, attempt.send),
        Effect::Withdraw { attempt } => format!("WITHDRAW {}.{}", attempt.rung, attempt.send),
        Effect::SentFrom { attempt, .. } => format!("SENT FROM {}.{}", attempt.rung, attempt.send),
        Effect::Release { attempt } => format!("RELEASE {}.{}", attempt.rung, attempt.send),
        Effect::Hold { attempt } => format!("HOLD {}.{}", attempt.rung, attempt.send),
        Effect::Say { turn, .. } => {
            let says: Vec<_> = turn.says.iter().map(saying_word).collect();
            format!("SAY {}{}", says.join("+"), if turn.listens.is_some() { "" } else { " and hang up" })
        }
        Effect::HangUp { attempt } => format!("HANG UP {}.{}", attempt.rung, attempt.send),
        Effect::Invite => "INVITE".into(),
        Effect::Mark(mark) => format!("mark:{mark:?}"),
        Effect::Settle(reason) => format!("SETTLE {reason}"),
    }
}

fn saying_word(saying: &Saying) -> String {
    match saying {
        Saying::Prompt(prompt) => prompt.to_string(),
        Saying::Extension => "(extension)".into(),
    }
}

/// What follows, as one cell of the table.
fn answer(verification: &Verification, event: &Event, now: Moment) -> String {
    let (stage, effects) = verification.next(event, now);
    let stage = if stage == verification.stage { "=".into() } else { stage_word(stage) };
    let effects: Vec<_> = effects.iter().map(effect_word).collect();
    format!("{stage:<44} | {}", effects.join(", ")).trim_end().to_owned()
}

/// The rows of one event: the plain case, and each other case that ends differently.
fn rows(table: &mut String, alone: &Verification, followed: &Verification, name: &str) {
    let attempt = AttemptId { verification: alone.id, rung: 0, send: 0 };
    let find = |attempt| events(attempt).into_iter().find(|(word, _)| word == name).expect("it has this name").1;
    let (own, foreign) = (find(attempt), find(AttemptId { send: 9, ..attempt }));
    let in_time = START + Duration::from_secs(31);
    let late = alone.deadline().unwrap_or(START + LIFE);
    let plain = answer(alone, &own, in_time);
    let too_late = answer(alone, &own, late);
    table.push_str(&format!("{name:<23} | {plain}\n"));
    let mut row = |case: &str, cell: String, usual: &String| {
        if cell != *usual {
            table.push_str(&format!("{case:<23} | {cell}\n"));
        }
    };
    row("  of another send", answer(alone, &foreign, in_time), &plain);
    row("  with a rung to follow", answer(followed, &own, in_time), &plain);
    row("  too late", too_late.clone(), &plain);
    row("  late, one to follow", answer(followed, &own, late), &too_late);
}

#[test]
fn the_table_of_stages_and_events() {
    let text = rung(Method::Sms, Mode::TwoWayOtpPin);
    let token = Rung { fallback: true, ..rung(Method::Oath, Mode::Code) };
    let leg = Leg::new(0, 0, START, START + Duration::from_secs(u64::from(RUNG_SECONDS)));
    let stages = [
        (&text, Stage::Waiting),
        (&text, Stage::Reserving(leg)),
        (&text, Stage::Queued(leg)),
        (&text, Stage::Sending(leg)),
        (&text, Stage::Awaiting(leg)),
        (&token, Stage::Awaiting(leg)),
        (&text, Stage::Settled { reason: Reason::SmsOk, at: START, rung: 0 }),
    ];
    let mut table = String::from(
        "A case that is not shown ends as the plain one; a late one with a rung to follow, as the late one. `=`: the stage stays.\n",
    );
    for (first, stage) in stages {
        let (mut alone, mut followed) = (fresh(vec![first.clone()]), fresh(vec![first.clone(), token.clone()]));
        alone.apply(stage);
        followed.apply(stage);
        table.push_str(&format!("\n## {} {}: {}\n", first.method, first.mode, stage_word(stage)));
        for (name, _) in events(AttemptId { verification: alone.id, rung: 0, send: 0 }) {
            rows(&mut table, &alone, &followed, &name);
        }
    }
    insta::assert_snapshot!(table);
}

/// The same for calls: only what the stages of a call answer in another way than the others.
#[test]
fn the_table_of_calls() {
    let leg = Leg::new(0, 0, START, START + Duration::from_secs(u64::from(RUNG_SECONDS)));
    let pin = rung(Method::Voice, Mode::Pin);
    let plain = rung(Method::Voice, Mode::Standard);
    let stages = [
        (&plain, Stage::Sending(leg)),
        (&plain, Stage::Calling(leg, Talk::Ringing { rang: false })),
        (&plain, Stage::Calling(leg, Talk::Ringing { rang: true })),
        (&plain, Stage::Calling(leg, Talk::PutThrough)),
        (&plain, Stage::Calling(leg, Talk::Asked { wrong_pins: 0 })),
        (&pin, Stage::Calling(leg, Talk::Asked { wrong_pins: 0 })),
        (&pin, Stage::Calling(Leg { wrong: 4, wrong_in_all: 2, ..leg }, Talk::Asked { wrong_pins: 2 })),
        (&plain, Stage::Calling(leg, Talk::ReportingFraud)),
        (&pin, Stage::Calling(leg, Talk::NewPin { tries: 0, expired: false })),
        (&pin, Stage::Calling(leg, Talk::PinAgain { tries: 2, expired: true })),
    ];
    let mut table = String::from("As the other table; the rung that follows is the backup phone.\n");
    for (first, stage) in stages {
        let (mut alone, mut followed) = (fresh(vec![first.clone()]), fresh(vec![first.clone(), backup(first.mode)]));
        alone.apply(stage);
        followed.apply(stage);
        table.push_str(&format!("\n## {} {}: {}\n", first.method, first.mode, stage_word(stage)));
        for (name, _) in events(AttemptId { verification: alone.id, rung: 0, send: 0 }) {
            rows(&mut table, &alone, &followed, &name);
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_right_code_counts_until_the_deadline_and_not_at_it() {
    for (method, mode, silence) in
        [(Method::Sms, Mode::TwoWayOtp, Reason::SmsNoReply), (Method::Oath, Mode::Code, Reason::OathTimeout)]
    {
        let mut verification = fresh(vec![rung(method, mode)]);
        verification.apply(Stage::Awaiting(Leg::new(0, 0, START, START + Duration::from_secs(60))));
        let right = Event::Entered { door: Door::Typed, verdict: Verdict::Right };
        let ends = |millis| {
            let (stage, _) = verification.next(&right, START + Duration::from_millis(millis));
            Verification { stage, ..verification.clone() }.reason()
        };
        assert_eq!(ends(59_999).map(Reason::status), Some(Status::Verified));
        assert_eq!(ends(60_000), Some(silence));
    }
}

#[test]
fn a_pin_with_a_code_that_is_not_out_says_nothing_of_the_pin() {
    let mut verification = fresh(vec![rung(Method::Sms, Mode::TwoWayOtpPin)]);
    verification.apply(Stage::Queued(Leg { wrong: 2, wrong_in_all: 2, ..Leg::new(0, 0, START, START + LIFE) }));
    let event = Event::Entered { door: Door::Reply, verdict: Verdict::WrongPin };
    let (stage, effects) = verification.next(&event, START);
    assert!(stage.is_settled());
    assert!(effects.contains(&Effect::Mark(Mark::WrongCode)) && !effects.contains(&Effect::Mark(Mark::PinDenied)));
}

#[test]
fn no_resend_and_no_turn_after_the_time_is_over() {
    let mut verification = fresh(vec![rung(Method::Sms, Mode::TwoWayOtp)]);
    assert_eq!(verification.next(&Event::TurnCame, START + LIFE).1.last(), Some(&Effect::Settle(Reason::Timeout)));
    verification.apply(Stage::Awaiting(Leg::new(0, 0, START, START + Duration::from_secs(60))));
    assert_eq!(verification.may_resend(START + Duration::from_secs(59)), Ok(()));
    assert_eq!(verification.may_resend(START + Duration::from_secs(60)), Err(ResendRefusal::NothingSent));
}

#[test]
fn a_limited_resend_leaves_the_code_before_good_with_its_tries_and_its_time() {
    let mut verification = fresh(vec![rung(Method::Sms, Mode::TwoWayOtp)]);
    let before = Leg { code: 4, wrong: 2, ..Leg::new(0, 0, START, START + Duration::from_secs(60)) };
    verification.apply(Stage::Awaiting(before));
    let now = START + Duration::from_secs(31);
    verification.apply(verification.next(&Event::ResendAsked, now).0);
    let attempt = verification.attempt().expect("a send is in progress");
    let limited = Event::Limited { attempt, reason: Reason::RateLimited };
    let Stage::Awaiting(after) = verification.next(&limited, now).0 else { panic!("it waits on") };
    assert_eq!((after.code, after.wrong, after.until), (before.code, before.wrong, before.until));
    let Stage::Queued(new) = verification.next(&Event::Reserved { attempt, code: 6 }, now).0 else { panic!("it goes") };
    assert_eq!((new.code, new.wrong, new.until), (6, 0, now + Duration::from_secs(60)));
}
