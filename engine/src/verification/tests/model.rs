//! The machine under random ladders, events and time, beside a naive onlooker that only keeps the promises.
//! Refuses to know the machine's rules: it sees events, stages and effects, and counts for itself.

use super::*;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

/// Tries, the way through an extension, a new PIN with its repetitions, a report, and a goodbye.
const MOST_TURNS: u32 = 5 + 5 + 2 * 3 + 3;

/// Which send an event speaks of.
#[derive(Debug, Clone, Copy)]
enum Of {
    Current,
    Former,
    Foreign,
}

/// What happens next; time moves by `after` first.
#[derive(Debug, Clone)]
struct Move {
    after: Duration,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// What the world usually answers to this stage, so that walks get far.
    Usual,
    /// This event, of this send.
    Event(Of, Event),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let nobody = AttemptId { verification: VerificationId::from_bits(1), rung: 0, send: 0 };
    let all: Vec<_> = events(nobody).into_iter().map(|(_, event)| event).collect();
    let of = prop_oneof![6 => Just(Of::Current), 1 => Just(Of::Former), 1 => Just(Of::Foreign)];
    let tame = vec![
        Event::ResendAsked,
        Event::Recovered,
        Event::LineLost { attempt: nobody },
        Event::Tick,
        Event::Refused { attempt: nobody, refusal: Refusal::Provider { line: 1 }, detail: "why".into() },
        Event::Entered { door: Door::Typed, verdict: Verdict::WrongCode },
        Event::Entered { door: Door::Reply, verdict: Verdict::WrongPin },
    ];
    let what = prop_oneof![
        4 => Just(What::Usual),
        3 => (of.clone(), prop::sample::select(tame)).prop_map(|(of, event)| What::Event(of, event)),
        2 => (of, prop::sample::select(all)).prop_map(|(of, event)| What::Event(of, event)),
    ];
    let after = prop_oneof![3 => Just(0), 3 => 0_u64..2_000, 2 => 20_000_u64..50_000, 1 => Just(60_000)];
    let one = (after, what).prop_map(|(millis, what)| Move { after: Duration::from_millis(millis), what });
    prop::collection::vec(one, 1..60)
}

fn ladder() -> impl Strategy<Value = Vec<Rung>> {
    let kind = prop_oneof![
        Just((Method::Sms, Mode::TwoWayOtp)),
        Just((Method::Sms, Mode::TwoWayOtpPin)),
        Just((Method::Sms, Mode::OneWayOtp)),
        Just((Method::Sms, Mode::OneWayOtpPin)),
        Just((Method::Oath, Mode::Code)),
        Just((Method::Voice, Mode::Standard)),
        Just((Method::Voice, Mode::Pin)),
    ];
    let kinds = prop::collection::vec((kind, 1_u8..6, any::<bool>()), 1..4);
    // `all_tries` comes from the policy: it is the same on every rung with a PIN.
    (kinds, 1_u8..6).prop_map(|(kinds, pins)| {
        let one = |((method, mode), tries, fallback): ((Method, Mode), u8, bool)| {
            let usual = rung(method, mode);
            let all_tries = if mode.needs_pin() { pins } else { u8::MAX };
            let dialling = usual.dialling.clone().map(|dialling| Box::new(Dialling { backup: fallback, ..*dialling }));
            Rung { tries, all_tries, fallback, dialling, ..usual }
        };
        kinds.into_iter().map(one).collect()
    })
}

/// What has been seen of one verification.
#[derive(Default)]
struct Onlooker {
    history: Vec<String>,
    queued: HashSet<AttemptId>,
    released: HashSet<AttemptId>,
    /// Rungs and codes of the texts that went: after a resend that was refused the code of an earlier send is still good.
    went: HashSet<(u8, u16)>,
    settles: u32,
    /// What was said on each rung.
    turns: HashMap<u8, u32>,
    wrong: u8,
    wrong_pins: u8,
    place: (u8, u8),
}

type Seen = Result<(), TestCaseError>;

impl Onlooker {
    fn must(&self, holds: bool, promise: &str) -> Seen {
        if holds { Ok(()) } else { Err(TestCaseError::fail(format!("{promise}\n{}", self.history.join("\n")))) }
    }

    /// One step of the machine, and every promise about it.
    fn step(&mut self, verification: &mut Verification, event: &Event, now: Moment) -> Seen {
        let before = verification.clone();
        let (stage, effects) = verification.next(event, now);
        verification.apply(stage);
        let cell = answer(&before, event, now);
        self.history.push(format!("{:>7} ms  {event:?} -> {cell}", now.since(START).as_millis()));
        self.effects(&before, event, &effects, now)?;
        self.ending(&before, verification, event, &effects, now)?;
        self.clock(&before, verification, event, &effects, now)?;
        self.tries(&before, verification, event, now)?;
        self.backup(&before, stage, event)?;
        let Some(leg) = stage.leg() else { return Ok(()) };
        self.must((leg.rung, leg.send) >= self.place, "neither rung nor send goes back")?;
        self.place = (leg.rung, leg.send);
        Ok(())
    }

    fn effects(&mut self, before: &Verification, event: &Event, effects: &[Effect], now: Moment) -> Seen {
        let ends = effects.iter().any(|effect| matches!(effect, Effect::Settle(_)));
        for effect in effects {
            match effect {
                Effect::Release { attempt } => {
                    let asked = matches!(event, Event::Dispatched { attempt: which, .. } if which == attempt);
                    self.must(asked && self.queued.contains(attempt), "only a queued send that a line asked for goes")?;
                    self.must(before.deadline().is_some_and(|until| now < until), "nothing goes after its time")?;
                    self.went.extend(before.leg().map(|leg| (leg.rung, leg.code)));
                    let first = self.released.insert(*attempt);
                    self.must(first, "one send is one text")?;
                }
                Effect::Send { attempt, .. } => {
                    self.must(!self.released.contains(attempt), "what may have gone is not queued again")?;
                    self.queued.insert(*attempt);
                }
                Effect::Settle(_) => self.settles += 1,
                Effect::Mark(Mark::Success) => self.must(proves(before, event, now), "success needs a proof")?,
                Effect::Note(_)
                | Effect::Reserve { .. }
                | Effect::Withdraw { .. }
                | Effect::SentFrom { .. }
                | Effect::Hold { .. }
                | Effect::Say { .. }
                | Effect::HangUp { .. }
                | Effect::Invite
                | Effect::Mark(_) => {}
            }
            if let Effect::Say { attempt, .. } = effect {
                self.must(self.released.contains(attempt), "nobody is spoken to who was not called")?;
                self.must(!before.stage.is_settled(), "nothing is said after the end")?;
                *self.turns.entry(attempt.rung).or_default() += 1;
                self.must(self.turns[&attempt.rung] <= MOST_TURNS, "a call has an end")?;
            }
            let acts = matches!(effect, Effect::Release { .. } | Effect::Send { .. } | Effect::Reserve { .. });
            self.must(!acts || !(ends || before.stage.is_settled()), "nothing is sent at or after the end")?;
        }
        Ok(())
    }

    /// The backup phone is for calls that nobody picked up, or a machine did.
    fn backup(&self, before: &Verification, stage: Stage, event: &Event) -> Seen {
        let is_backup = |leg: Leg| {
            before.rungs.get(usize::from(leg.rung)).and_then(|rung| rung.dialling.as_ref()).is_some_and(|d| d.backup)
        };
        let began = stage.leg().filter(|leg| before.leg().is_none_or(|left| left.rung != leg.rung));
        let answered = matches!(before.stage, Stage::Calling(_, talk) if !matches!(talk, Talk::Ringing { .. }));
        let machine = matches!(event, Event::CallEnded { how: CallEnded::Voicemail, .. });
        self.must(
            !(began.is_some_and(is_backup) && answered && !machine),
            "who answered is not called at another phone",
        )
    }

    fn ending(
        &self,
        before: &Verification,
        after: &Verification,
        event: &Event,
        effects: &[Effect],
        now: Moment,
    ) -> Seen {
        self.must(self.settles == u32::from(after.stage.is_settled()), "it settles exactly once")?;
        if before.stage.is_settled() {
            return self.must(after == before, "it never changes after the end");
        }
        let Some(reason) = after.reason() else { return Ok(()) };
        self.must(effects.last() == Some(&Effect::Settle(reason)), "whoever waits hears the reason, last")?;
        if reason.status() != Status::Verified {
            return Ok(());
        }
        self.must(proves(before, event, now), "verified needs the right code on the current leg, in time")?;
        let texted = before.rung().is_none_or(|rung| rung.method != Method::Sms)
            || before.leg().is_some_and(|leg| self.went.contains(&(leg.rung, leg.code)));
        self.must(texted, "a text's code counts only when the text went")
    }

    fn clock(
        &self,
        before: &Verification,
        after: &Verification,
        event: &Event,
        effects: &[Effect],
        now: Moment,
    ) -> Seen {
        let deadline = after.deadline();
        self.must(deadline.is_some() == (after.status() == Status::Pending), "a deadline iff it is pending")?;
        self.must(deadline.is_none_or(|until| until <= after.expires_at), "no deadline beyond the end")?;
        if *event != Event::Tick {
            return Ok(());
        }
        if before.deadline().is_some_and(|until| now >= until) {
            self.must(after.stage != before.stage, "a due tick moves on")
        } else {
            self.must(after.stage == before.stage && effects.is_empty(), "a tick that is not due does nothing")
        }
    }

    /// Its own count of wrong codes: anew with each rung and each new code, in PIN modes also over all.
    fn tries(&mut self, before: &Verification, after: &Verification, event: &Event, now: Moment) -> Seen {
        let (Some(leg), Some(rung)) = (before.leg(), before.rung()) else { return Ok(()) };
        if let Event::Entered { verdict, door } = event
            && rung.method != Method::Voice
            && (*door == Door::Typed || rung.mode.is_two_way())
            && counts(before.stage, leg, *verdict, now)
        {
            self.wrong += 1;
            self.wrong_pins += u8::from(rung.mode.needs_pin());
            self.must(self.wrong <= rung.tries, "wrong codes are bounded by tries")?;
            self.must(!rung.mode.needs_pin() || self.wrong_pins <= rung.all_tries, "and by all_tries")?;
            if self.wrong == rung.tries || rung.mode.needs_pin() && self.wrong_pins == rung.all_tries {
                self.must(after.status() == Status::Denied, "the last wrong code denies")?;
            }
        }
        let recoded = leg.resends > 0 && matches!((before.stage, after.stage), (Stage::Reserving(_), Stage::Queued(_)));
        let anew = recoded || after.leg().is_some_and(|now| now.rung != leg.rung);
        if anew {
            self.wrong = 0;
        }
        Ok(())
    }
}

fn proves(before: &Verification, event: &Event, now: Moment) -> bool {
    let awaited = |door: Door| door == Door::Typed || before.rung().is_some_and(|rung| rung.mode.is_two_way());
    let right = matches!(event, Event::Entered { verdict: Verdict::Right, door } if awaited(*door));
    let out = matches!(before.stage, Stage::Sending(_) | Stage::Awaiting(_));
    let keyed = match (before.stage, event, before.rung().map(|rung| rung.mode)) {
        (Stage::Calling(_, talk), Event::Keyed { attempt, keyed }, Some(mode))
            if before.attempt() == Some(*attempt) =>
        {
            matches!(
                (talk, keyed, mode),
                (Talk::Asked { .. }, Keyed::Pound, Mode::Standard)
                    | (Talk::Asked { .. }, Keyed::Pin(Verdict::Right), Mode::Pin)
                    | (Talk::PinAgain { .. }, Keyed::NewPin(NewPin::Repeated), Mode::Standard | Mode::Pin)
            )
        }
        _ => false,
    };
    let texted = right && out && before.rung().is_none_or(|rung| rung.method != Method::Voice);
    (texted || keyed) && before.deadline().is_some_and(|until| now < until)
}

/// Before the text is out every code is wrong, whatever it is.
fn counts(stage: Stage, leg: Leg, verdict: Verdict, now: Moment) -> bool {
    match stage {
        Stage::Reserving(_) | Stage::Queued(_) => true,
        Stage::Sending(_) | Stage::Awaiting(_) => {
            now < leg.until && matches!(verdict, Verdict::WrongCode | Verdict::WrongPin | Verdict::OutOfDate)
        }
        Stage::Waiting | Stage::Calling(..) | Stage::Settled { .. } => false,
    }
}

/// What the world usually answers.
fn usual(verification: &Verification) -> Event {
    let own = |attempt: fn(AttemptId) -> Event| verification.attempt().map_or(Event::Tick, attempt);
    match verification.stage {
        Stage::Waiting => Event::TurnCame,
        Stage::Reserving(_) => own(|attempt| Event::Reserved { attempt, code: 7 }),
        Stage::Queued(_) => own(|attempt| Event::Dispatched { attempt, line: "north".into() }),
        Stage::Sending(_) => own(|attempt| Event::Accepted { attempt, provider_id: "SM1".into(), from: None }),
        Stage::Calling(_, talk) => match talk {
            Talk::Ringing { .. } => own(|attempt| Event::PickedUp { attempt }),
            Talk::PutThrough => own(|attempt| Event::Keyed { attempt, keyed: Keyed::Pound }),
            Talk::Asked { .. } => own(|attempt| Event::Keyed { attempt, keyed: Keyed::Pin(Verdict::PinChangeDue) }),
            Talk::ReportingFraud => own(|attempt| Event::Keyed { attempt, keyed: Keyed::One }),
            Talk::NewPin { .. } => own(|attempt| Event::Keyed { attempt, keyed: Keyed::NewPin(NewPin::Possible) }),
            Talk::PinAgain { .. } => own(|attempt| Event::Keyed { attempt, keyed: Keyed::NewPin(NewPin::Mismatch) }),
        },
        Stage::Awaiting(_) | Stage::Settled { .. } => Event::Tick,
    }
}

/// The event, told of the send that is meant.
fn told(verification: &Verification, of: Of, event: &Event) -> Event {
    let stray = AttemptId { verification: verification.id, rung: 99, send: 99 };
    let own = verification.attempt().unwrap_or(stray);
    let attempt = match of {
        Of::Current => own,
        Of::Former => AttemptId { send: own.send.saturating_sub(1), ..own },
        Of::Foreign => AttemptId { verification: VerificationId::from_bits(2), ..own },
    };
    let name = event_word(event);
    let same = |(word, _): &(String, Event)| *word == name;
    match event {
        Event::Refused { refusal, .. } => Event::Refused { attempt, refusal: *refusal, detail: "why".into() },
        Event::Reserved { .. }
        | Event::Limited { .. }
        | Event::Dispatched { .. }
        | Event::Accepted { .. }
        | Event::Uncertain { .. }
        | Event::LineLost { .. }
        | Event::Rang { .. }
        | Event::PickedUp { .. }
        | Event::Keyed { .. }
        | Event::CallEnded { .. }
        | Event::Receipt { .. } => events(attempt).into_iter().find(same).expect("every event is listed").1,
        Event::TurnCame
        | Event::Entered { .. }
        | Event::FraudReported
        | Event::ResendAsked
        | Event::Cancelled { .. }
        | Event::Recovered
        | Event::Tick
        | Event::Broken => event.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn every_promise_holds_whatever_happens(rungs in ladder(), moves in moves()) {
        let most = rungs.len() + 1;
        let mut verification = fresh(rungs);
        let mut onlooker = Onlooker::default();
        let mut now = START;
        for Move { after, what } in moves {
            now = now + after;
            let event = match what {
                What::Usual => usual(&verification),
                What::Event(of, event) => told(&verification, of, &event),
            };
            onlooker.step(&mut verification, &event, now)?;
        }
        for _ in 0..most {
            let Some(deadline) = verification.deadline() else { break };
            now = now.max(deadline);
            onlooker.step(&mut verification, &Event::Tick, now)?;
        }
        onlooker.must(verification.stage.is_settled(), "ticks at its deadlines alone end it")?;
    }

    #[test]
    fn what_may_have_gone_before_a_crash_never_goes_again(rungs in ladder(), moves in moves()) {
        let mut verification = fresh(vec![rung(Method::Sms, Mode::TwoWayOtp)].into_iter().chain(rungs).collect());
        let mut onlooker = Onlooker::default();
        for _ in 0..3 {
            let event = usual(&verification);
            onlooker.step(&mut verification, &event, START)?;
        }
        prop_assert!(matches!(verification.stage, Stage::Sending(_)));
        let gone = verification.attempt().expect("a send is in progress");
        onlooker.step(&mut verification, &Event::Recovered, START)?;
        prop_assert!(matches!(verification.stage, Stage::Awaiting(_)));
        let mut now = START;
        for Move { after, what } in moves {
            now = now + after;
            let event = match what {
                What::Usual => Event::Dispatched { attempt: gone, line: "north".into() },
                What::Event(of, event) => told(&verification, of, &event),
            };
            let again = verification.next(&event, now).1.contains(&Effect::Release { attempt: gone });
            onlooker.must(!again, "the same send went again")?;
            onlooker.step(&mut verification, &event, now)?;
        }
    }
}
