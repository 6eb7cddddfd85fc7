//! Calls: a scripted phone that picks up or not, hears what is said, and presses what the test wants.

use super::*;
use crate::people;
use channels::call::{Call, CallEnd, Hears, Keys, News, Order, Part, VoiceGateway};
use engine::method::{Method, Mode};
use engine::person::Standing;
use engine::pin::{PinHash, PinStanding};
use engine::reason::Reason;
use std::collections::HashMap;
use tokio::sync::mpsc::UnboundedReceiver;

const PHONE: &str = "+12025550131";
const BACKUP: &str = "+12025550132";
const KEY: PinKey = PinKey::new(1, [2; 32]);
const PIN: &str = "2580";

/// What a phone does.
#[derive(Clone)]
enum Does {
    /// Picks up and presses these, one after another, each time it is listened to; then it hangs up.
    Press(Vec<&'static str>),
    /// Ends the call so, after it rang.
    End(CallEnd),
    /// Presses these, one after another; then the call ends so.
    Leave(Vec<&'static str>, CallEnd),
    /// Rings until somebody gives up.
    Ring,
    /// Presses these and stays on the line, whatever is said, until the test hangs up.
    Stay(Vec<&'static str>),
}

/// A gateway with phones behind it.
#[derive(Default)]
struct Phones {
    does: Mutex<HashMap<String, Does>>,
    heard: Mutex<Vec<(String, Vec<String>)>>,
    hang_up: Permits,
}

/// Permits of the test to end a goodbye.
struct Permits(Semaphore);

impl Default for Permits {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

fn words(parts: &[Part]) -> Vec<String> {
    let word = |part: &Part| match part {
        Part::Say(utterance) => utterance.text.clone(),
        Part::Dial(extension) => format!("dials {}", extension.as_str()),
    };
    parts.iter().map(word).collect()
}

impl Phones {
    fn does(&self, number: &str, does: Does) {
        self.does.lock().unwrap().insert(number.into(), does);
    }

    /// What was said in each call of a number.
    fn heard(&self, number: &str) -> Vec<Vec<String>> {
        self.heard.lock().unwrap().iter().filter(|(to, _)| to == number).map(|(_, words)| words.clone()).collect()
    }

    async fn answer(
        &self,
        call: usize,
        keys: Vec<&str>,
        stays: bool,
        mut orders: UnboundedReceiver<Order>,
        hears: Hears,
    ) -> CallEnd {
        hears(News::Answered);
        let mut keys = keys.into_iter();
        while let Some(order) = orders.recv().await {
            let Order::Say(turn) = order else { return CallEnd::Done };
            self.heard.lock().unwrap()[call].1.extend(words(&turn.parts));
            if turn.listen.is_none() {
                if stays {
                    self.hang_up.0.acquire().await.unwrap().forget();
                }
                return CallEnd::Done;
            }
            let Some(next) = keys.next() else { return CallEnd::HungUp };
            let digits = Secret::new(next.trim_end_matches('#').to_owned());
            hears(News::Keyed(Keys { digits, pound: next.ends_with('#') }));
        }
        CallEnd::Done
    }
}

impl VoiceGateway for Phones {
    fn call(&self, call: Call, mut orders: UnboundedReceiver<Order>, hears: Hears) -> BoxFuture<'_, CallEnd> {
        Box::pin(async move {
            let number = call.to.to_string();
            let place = {
                let mut heard = self.heard.lock().unwrap();
                heard.push((number.clone(), vec![]));
                heard.len() - 1
            };
            let does = self.does.lock().unwrap().get(&number).cloned().unwrap_or(Does::Ring);
            if let Does::End(CallEnd::Unavailable { .. }) = does {
                return CallEnd::Unavailable { cause: "503".into(), retry_after: None };
            }
            hears(News::Placed { provider_id: call.attempt.to_string() });
            hears(News::Ringing);
            match does {
                Does::End(end) => end,
                Does::Press(keys) => self.answer(place, keys, false, orders, hears).await,
                Does::Leave(keys, end) => {
                    self.answer(place, keys, false, orders, hears).await;
                    end
                }
                Does::Stay(keys) => self.answer(place, keys, true, orders, hears).await,
                Does::Ring => {
                    let order = orders.recv().await;
                    assert!(!matches!(order, Some(Order::Say(_))), "nobody picked up");
                    self.heard.lock().unwrap()[place].1.push("(cancelled)".into());
                    CallEnd::Done
                }
            }
        })
    }

    fn trouble(&self) -> Option<String> {
        None
    }
}

struct Called {
    stage: Stage,
    phones: Arc<Phones>,
}

impl Called {
    async fn new() -> Self {
        let phones = Arc::<Phones>::default();
        let gateway = Gateway::Voice(Arc::clone(&phones) as Arc<dyn VoiceGateway>);
        Self { stage: Stage::with(vec![(line("trunk"), gateway)]).await, phones }
    }

    /// Somebody who is called.
    async fn person(&self, name: &'static str, phone: &str, backup: Option<&str>, mode: Mode) {
        let number = |text: &str| Phone { number: text.parse().unwrap(), extension: None };
        let (phone, backup) = (number(phone), backup.map(number));
        let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
            let mut made = user(name, phone, now);
            (made.method, made.mode, made.backup_phone) = (Method::Voice, mode, backup);
            if mode == Mode::Pin {
                made.pin.set(PinHash::make(&KEY, [5; 16], made.id, PIN), &policy.pin, now, false);
            }
            let mut made = Versioned { version: 0, value: made };
            let operations = vec![made.write(name)];
            person.user = Some(made);
            Ok(operations)
        };
        self.stage.engine.amend(name, Box::new(amendment)).await.unwrap();
    }

    async fn change(&self, name: &str, change: impl FnOnce(&mut User) + Send + 'static) {
        let key = name.to_owned();
        let amendment = move |person: &mut Person, _: &Policy, _: Moment| {
            let user = person.user.as_mut().ok_or("nobody")?;
            change(&mut user.value);
            Ok(vec![user.write(&key)])
        };
        self.stage.engine.amend(name, Box::new(amendment)).await.unwrap();
    }

    async fn user(&self, name: &str) -> User {
        people::read::<User>(&*self.stage.store, name).unwrap().expect("the person is there").value
    }

    /// Calls, and waits for the end.
    async fn call(&self, name: &str) -> Reason {
        let wish = Request { ttl_seconds: None, ..request(name) };
        let started = self.stage.engine.start_verification(wish, None, true).await.unwrap();
        match started.verification.reason() {
            Some(reason) => reason,
            None => started.end.unwrap().await.unwrap().reason().unwrap(),
        }
    }
}

#[actix::test]
async fn a_call_answered_with_pound_verifies() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Standard).await;
    called.phones.does(PHONE, Does::Press(vec!["#"]));
    assert_eq!(called.call("alice").await, Reason::VoiceOk);
    until(|| called.phones.heard(PHONE)[0].len() == 2, "the goodbye").await;
    assert_eq!(called.phones.heard(PHONE), [["fraud_greeting_standard", "auth_successful"]]);
}

#[actix::test]
async fn a_wrong_pin_has_three_tries_and_counts_for_the_lockout() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Pin).await;
    called.phones.does(PHONE, Does::Press(vec!["9999#", "2580#"]));
    assert_eq!(called.call("alice").await, Reason::VoicePinOk);
    called.person("bernard", BACKUP, None, Mode::Pin).await;
    called.phones.does(BACKUP, Does::Press(vec!["9999#", "8888#", "7777#", "2580#"]));
    assert_eq!(called.call("bernard").await, Reason::VoiceBadInput);
    let standing = people::read::<Standing>(&*called.stage.store, "bernard").unwrap().unwrap().value;
    assert_ne!(standing.lockout, Default::default(), "the denial is counted");
}

#[actix::test]
async fn the_backup_phone_is_called_where_nobody_picks_up_and_only_there() {
    for (end, reason) in [
        (CallEnd::NoAnswer, Reason::VoiceOk),
        (CallEnd::Busy, Reason::VoiceOk),
        (CallEnd::Voicemail, Reason::VoiceOk),
        (CallEnd::Unreachable { cause: "480".into() }, Reason::VoiceOk),
        (CallEnd::Declined, Reason::HungUp),
        (CallEnd::HungUp, Reason::HungUp),
        (CallEnd::Unavailable { cause: "503".into(), retry_after: None }, Reason::CallNotPlaced),
    ] {
        let called = Called::new().await;
        called.person("alice", PHONE, Some(BACKUP), Mode::Standard).await;
        called.phones.does(PHONE, Does::End(end.clone()));
        called.phones.does(BACKUP, Does::Press(vec!["#"]));
        assert_eq!(called.call("alice").await, reason, "{end}");
        assert_eq!(called.phones.heard(PHONE).len(), 1, "{end}");
    }
}

#[actix::test]
async fn what_was_done_in_a_call_counts_however_it_ends() {
    let called = Called::new().await;
    called.person("alice", PHONE, Some(BACKUP), Mode::Pin).await;
    let cut = || CallEnd::Cut { cause: "no sound".into() };
    called.phones.does(PHONE, Does::Leave(vec!["9999#"], cut()));
    assert_eq!(called.call("alice").await, Reason::VoiceBadInput, "a wrong PIN is no reason to go elsewhere");
    let standing = people::read::<Standing>(&*called.stage.store, "alice").unwrap().unwrap().value;
    assert_ne!(standing.lockout, Default::default(), "and it is counted");
    called.person("bernard", "+12025550133", None, Mode::Pin).await;
    called.phones.does("+12025550133", Does::Leave(vec!["0#"], cut()));
    assert_eq!(called.call("bernard").await, Reason::FraudVoice);
    called.person("carol", "+12025550134", None, Mode::Pin).await;
    called.change("carol", |user| user.pin.change_required = true).await;
    called.phones.does("+12025550134", Does::Leave(vec!["2580#"], CallEnd::TooLong));
    assert_eq!(called.call("carol").await, Reason::PinChangeRequired);
}

#[actix::test]
async fn a_fraud_report_blocks_only_where_it_is_confirmed() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Pin).await;
    called.phones.does(PHONE, Does::Press(vec!["0#"]));
    assert_eq!(called.call("alice").await, Reason::FraudVoice, "hung up at the question");
    assert!(called.user("alice").await.block.is_none());
    called.person("bernard", BACKUP, None, Mode::Pin).await;
    called.phones.does(BACKUP, Does::Press(vec!["0#", "1"]));
    assert_eq!(called.call("bernard").await, Reason::FraudVoice);
    assert!(called.user("bernard").await.block.is_some());
    until(|| called.phones.heard(BACKUP)[0].len() == 3, "the thanks").await;
    assert_eq!(called.phones.heard(BACKUP), [["fraud_greeting_pin", "fraud_confirmation", "fraud_reported"]]);
}

#[actix::test]
async fn a_pin_that_must_be_changed_is_changed_in_the_call() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Pin).await;
    called.change("alice", |user| user.pin.change_required = true).await;
    let keys = vec!["2580#", "11#", "7418529#", "7418520#", "7418529#", "7418529#"];
    called.phones.does(PHONE, Does::Press(keys));
    assert_eq!(called.call("alice").await, Reason::VoicePinOk);
    let user = called.user("alice").await;
    let rules = Policy::default().pin;
    assert!(user.pin.matches(&[KEY], user.id, "7418529") && user.pin.used(&[KEY], user.id, PIN));
    assert_eq!(user.pin.standing(&rules, called.stage.engine.now()), PinStanding::Ok);
    let heard = called.phones.heard(PHONE)[0].clone();
    let expected = ["fraud_greeting_pin", "pin_change", "pin_short", "pin_change", "pin_confirm", "pin_mismatch"];
    assert_eq!(heard[..6], expected);
}

#[actix::test]
async fn a_pin_that_is_not_changed_denies() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Pin).await;
    called.change("alice", |user| user.pin.change_required = true).await;
    called.phones.does(PHONE, Does::Press(vec!["2580#", "11#", "123456#", "2580#"]));
    assert_eq!(called.call("alice").await, Reason::PinChangeRequired);
    let user = called.user("alice").await;
    assert!(user.pin.matches(&[KEY], user.id, PIN) && user.pin.change_required);
    called.change("alice", |user| user.user_can_change_pin = Some(false)).await;
    assert_eq!(called.call("alice").await, Reason::PinExpired, "who may not change it is told to ask for help");
}

#[actix::test]
async fn an_extension_is_put_through_and_a_new_party_is_asked_again() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Standard).await;
    called.change("alice", |user| user.phone.as_mut().unwrap().extension = "42,1#".parse().ok()).await;
    called.phones.does(PHONE, Does::Press(vec!["", "#", "#"]));
    assert_eq!(called.call("alice").await, Reason::VoiceOk);
    let heard = called.phones.heard(PHONE)[0].clone();
    let way = ["extension_before_digits", "dials 42,1#", "extension_after_digits", "extension_prompt"];
    assert_eq!(heard[..4], way);
    assert_eq!(heard[4], "fraud_greeting_standard");
}

#[actix::test]
async fn a_cancelled_call_rings_no_more() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Standard).await;
    let wish = Request { ttl_seconds: None, ..request("alice") };
    let started = called.stage.engine.start_verification(wish, None, false).await.unwrap().verification;
    until(|| !called.phones.heard(PHONE).is_empty(), "the call").await;
    called.stage.engine.cancel(started.id).await.unwrap();
    until(|| called.phones.heard(PHONE) == [["(cancelled)"]], "the end of the ringing").await;
}

#[actix::test]
async fn the_next_call_waits_until_the_goodbye_is_said() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Standard).await;
    called.phones.does(PHONE, Does::Stay(vec!["#"]));
    assert_eq!(called.call("alice").await, Reason::VoiceOk, "told at once, while the goodbye is still said");
    let again = Request { ttl_seconds: None, application: "mail".into(), ..request("alice") };
    let started = called.stage.engine.start_verification(again, None, false).await.unwrap();
    assert_eq!(called.phones.heard(PHONE).len(), 1, "one call at a time");
    assert_eq!(started.verification.leg(), None, "it waits its turn");
    let enough = engine::velocity::VelocityRules { gap_seconds: 0, ..Policy::default().velocity.number };
    let mut policy = Policy::default();
    policy.velocity.number = enough;
    called.stage.engine.set_policy(policy, vec![]).await.unwrap();
    called.phones.hang_up.0.add_permits(2);
    until(|| called.phones.heard(PHONE).len() == 2, "the next call").await;
}

#[actix::test]
async fn two_people_with_one_phone_are_not_called_at_once() {
    let called = Called::new().await;
    called.person("alice", PHONE, None, Mode::Standard).await;
    called.person("bernard", PHONE, None, Mode::Standard).await;
    let wish = Request { ttl_seconds: None, ..request("alice") };
    let started = called.stage.engine.start_verification(wish, None, false).await.unwrap().verification;
    until(|| !called.phones.heard(PHONE).is_empty(), "the call").await;
    assert_eq!(called.call("bernard").await, Reason::NumberBusy);
    called.stage.engine.cancel(started.id).await.unwrap();
}
