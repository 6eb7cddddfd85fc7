//! What the rules cost: a step of the machine, a code derived and compared, an OATH code checked.

use engine::code::{CodeKey, derive};
use engine::id::{ApiKeyId, AttemptId, VerificationId};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::oath::{self, TokenSettings, TokenState, Windows};
use engine::secret::Secret;
use engine::velocity::ResendGaps;
use engine::verification::{Door, Event, Purpose, Rung, Stage, Verdict, Verification};
use std::hint::black_box;
use std::time::Duration;

const NOW: Moment = Moment::from_millis(1_700_000_000_000);

fn main() {
    divan::main();
}

fn text() -> Verification {
    let rung = Rung {
        method: Method::Sms,
        mode: Mode::TwoWayOtp,
        to: "+12025550123".parse().ok(),
        seconds: 300,
        digits: 6,
        tries: 5,
        all_tries: u8::MAX,
        fallback: false,
        resend_gaps: ResendGaps::default(),
        dialling: None,
    };
    Verification {
        id: VerificationId::from_bits(7),
        user: "alice".into(),
        user_id: None,
        application: "vpn".into(),
        caller: ApiKeyId::from_bits(1),
        purpose: Purpose::SignIn,
        rungs: [rung].into(),
        created_at: NOW,
        expires_at: NOW + Duration::from_secs(300),
        client_ip: None,
        joins: None,
        language: "en".into(),
        callback_url: None,
        message: [].into(),
        metadata: "{}".into(),
        stage: Stage::Waiting,
    }
}

/// A whole text, from its turn to the right reply: six steps.
#[divan::bench]
fn a_text_in_six_steps(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(text).bench_local_values(|mut text| {
        let attempt = AttemptId { verification: text.id, rung: 0, send: 0 };
        let events = [
            Event::TurnCame,
            Event::Reserved { attempt, code: 0 },
            Event::Dispatched { attempt, line: "sms".into() },
            Event::Accepted { attempt, provider_id: "SM1".into(), from: None },
            Event::Entered { door: Door::Reply, verdict: Verdict::Right },
            Event::Tick,
        ];
        for event in &events {
            let (stage, effects) = text.next(event, NOW);
            black_box(effects);
            text.apply(stage);
        }
        assert!(text.stage.is_settled(), "{:?}", text.stage);
        text
    });
}

#[divan::bench]
fn a_code_derived_and_compared(bencher: divan::Bencher<'_, '_>) {
    let key = CodeKey::new([7; 32]);
    bencher.bench_local(|| derive(black_box(&key), VerificationId::from_bits(9), 0, 0, 6).matches("123456"));
}

#[divan::bench]
fn an_oath_code_checked(bencher: divan::Bencher<'_, '_>) {
    let (settings, secret) = (TokenSettings::default(), Secret::new(vec![7; 20]));
    let (state, windows) = (TokenState::default(), Windows::default());
    bencher.bench_local(|| oath::check(black_box(&settings), &state, &secret, "123456", NOW, &windows));
}
