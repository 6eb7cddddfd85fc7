//! Calls over a Twilio-shaped account, from our client to a simulated phone and back by real callbacks, without an engine
//! between: whoever orders is the story itself.
#![allow(clippy::unwrap_used, reason = "a test")]

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use channels::call::{Call, CallEnd, Listen, News, Order, Part, Turn, Utterance, VoiceGateway};
use channels::callback::RawCallback;
use channels::twilio::voice::{TwilioVoice, VoiceSettings};
use channels::twilio::{Privacy, Twilio, TwilioSettings};
use engine::id::{AttemptId, VerificationId};
use engine::secret::Secret;
use serde_json::{Value, json};
use simulators::Running;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

const PHONE: &str = "+12025550123";
const PATIENCE: Duration = Duration::from_secs(20);

struct Story {
    simulators: Running,
    voice: Arc<TwilioVoice>,
    orders: UnboundedSender<Order>,
    ordered: Option<UnboundedReceiver<Order>>,
    ring: Duration,
    longest: Duration,
    http: reqwest::Client,
}

/// A call that was begun.
struct Placed {
    news: UnboundedReceiver<String>,
    end: JoinHandle<CallEnd>,
}

async fn callback(request: HttpRequest, body: Bytes, voice: Data<TwilioVoice>, act: web::Path<String>) -> HttpResponse {
    let path_and_query = request.uri().path_and_query().unwrap().as_str();
    let signature = request.headers().get("X-Twilio-Signature").and_then(|value| value.to_str().ok());
    let callback = RawCallback { path_and_query, signature, body: &body };
    if voice.verify(&callback).is_err() {
        return HttpResponse::Forbidden().finish();
    }
    let twiml = match act.as_str() {
        "answer" => voice.answered(&callback).await.unwrap(),
        "gather" => voice.gathered(&callback).await.unwrap(),
        _ => {
            voice.status(&callback).await.unwrap();
            return HttpResponse::NoContent().finish();
        }
    };
    HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(twiml.into_string())
}

impl Story {
    /// The phone behaves so.
    async fn begin(behaviour: Value, settings: VoiceSettings) -> Self {
        let simulators = simulators::start(simulators::Settings { workers: 1, ..Default::default() }).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let public = format!("http://{}", listener.local_addr().unwrap());
        let account = simulators::Account::default();
        let account = TwilioSettings {
            account_sid: account.sid,
            auth_token: Secret::new(account.auth_token),
            second_auth_token: None,
            api_key_sid: None,
            api_key_secret: None,
            from: account.numbers,
            messaging_service_sid: None,
            base_url: simulators.url().into(),
            ca_file: None,
            timeout_seconds: 2,
            pipelining: std::num::NonZeroU8::MIN,
            risk_check: false,
            privacy: Privacy::default(),
        };
        let account = Arc::new(Twilio::new("calls", account, &public).unwrap());
        let voice = Arc::new(TwilioVoice::new(account, settings).unwrap());
        let data = Data::from(Arc::clone(&voice));
        let route = || web::resource("/callbacks/calls/voice/{act}").route(web::post().to(callback));
        let server = HttpServer::new(move || App::new().app_data(data.clone()).service(route()));
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        let (orders, ordered) = unbounded_channel();
        let (ring, longest) = (Duration::from_secs(2), Duration::from_secs(60));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let story = Self { simulators, voice, orders, ordered: Some(ordered), ring, longest, http };
        story.put(&format!("phones/{PHONE}/behaviour"), behaviour).await;
        story
    }

    async fn put(&self, path: &str, body: Value) {
        let url = format!("{}/sim/v1/{path}", self.simulators.url());
        let answer = self.http.put(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    async fn faults(&self, faults: Value) {
        self.put("gateways/sms/faults", faults).await;
    }

    fn call(&mut self) -> Placed {
        let attempt = AttemptId { verification: VerificationId::from_bits(7), rung: 0, send: 0 };
        let call = Call { attempt, to: PHONE.parse().unwrap(), ring: self.ring, longest: self.longest };
        let (heard, news) = unbounded_channel();
        let (voice, ordered) = (Arc::clone(&self.voice), self.ordered.take().unwrap());
        let hears = Box::new(move |news| drop(heard.send(shown(&news))));
        Placed { news, end: tokio::spawn(async move { voice.call(call, ordered, hears).await }) }
    }

    fn say(&self, words: &str, most: u8) {
        let listen = Some(Listen { wait: Duration::from_secs(1), most, pound_alone: false });
        self.orders.send(Order::Say(Turn { parts: vec![part(words)], listen })).unwrap();
    }

    fn goodbye(&self, words: &str) {
        self.orders.send(Order::Say(Turn { parts: vec![part(words)], listen: None })).unwrap();
    }

    /// What the phone heard in its only call: a call is never placed twice.
    async fn heard(&self) -> Vec<String> {
        let url = format!("{}/sim/v1/phones/{PHONE}", self.simulators.url());
        let phone: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        let calls = phone["calls"].as_array().unwrap();
        assert_eq!(calls.len(), 1, "{calls:?}");
        let prompts = calls[0]["prompts"].as_array().unwrap();
        prompts.iter().map(|prompt| prompt["text"].as_str().unwrap().to_owned()).collect()
    }
}

impl Placed {
    /// News in this order; an id is whatever it is.
    async fn hears(&mut self, expected: &[&str]) {
        for expected in expected {
            let news = tokio::time::timeout(PATIENCE, self.news.recv()).await.expect("nothing was told");
            assert_eq!(news.as_deref(), Some(*expected));
        }
    }

    async fn ends(mut self) -> CallEnd {
        let end = tokio::time::timeout(PATIENCE, self.end).await.expect("it did not end").unwrap();
        assert_eq!(self.news.try_recv().ok(), None);
        end
    }
}

fn part(words: &str) -> Part {
    Part::Say(Utterance { language: "en-US".into(), text: words.into(), audio: [].into() })
}

fn shown(news: &News) -> String {
    match news {
        News::Placed { provider_id } if provider_id.starts_with("CA") => "placed".into(),
        News::Placed { provider_id } => format!("placed {provider_id}"),
        News::Ringing => "ringing".into(),
        News::Answered => "answered".into(),
        News::Keyed(keys) => format!("keys {}{}", keys.digits.expose(), if keys.pound { "#" } else { "" }),
    }
}

fn answering(keys: &[&str]) -> Value {
    json!({ "on_call": "answer", "answer_after_ms": 50, "after_ms": 50, "keys": keys })
}

async fn converse(story: &mut Story) {
    let mut call = story.call();
    call.hears(&["placed"]).await;
    converse_on(story, call).await;
}

/// From ringing to goodbye.
async fn converse_on(story: &Story, mut call: Placed) {
    call.hears(&["ringing", "answered"]).await;
    story.say("PIN & pound, please", 16);
    call.hears(&["keys 1234#"]).await;
    story.say("Only pound", 1);
    call.hears(&["keys #"]).await;
    story.say("Once more", 16);
    call.hears(&["keys "]).await;
    story.goodbye("Goodbye");
    assert_eq!(call.ends().await, CallEnd::Done);
    assert_eq!(story.heard().await, ["PIN & pound, please", "Only pound", "Once more", "Goodbye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation() {
    let mut story = Story::begin(answering(&["1234#", "#"]), VoiceSettings::default()).await;
    converse(&mut story).await;
    assert_eq!(story.voice.trouble(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_that_come_twice_change_nothing() {
    let mut story = Story::begin(answering(&["1234#", "#"]), VoiceSettings::default()).await;
    story.faults(json!({ "duplicate_callbacks": 1.0 })).await;
    converse(&mut story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_request_was_not_answered_is_carried_on_and_not_placed_again() {
    let mut story = Story::begin(answering(&["1234#", "#"]), VoiceSettings::default()).await;
    story.faults(json!({ "accept_then_silence": 1.0 })).await;
    converse(&mut story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ringing_call_whose_request_was_not_answered_is_found_in_the_list() {
    let mut story = Story::begin(json!({ "on_call": "ring" }), VoiceSettings::default()).await;
    story.ring = Duration::from_secs(60);
    // Nothing is told either, so that only the list is left.
    story.faults(json!({ "accept_then_silence": 1.0, "lost_receipts": 1.0 })).await;
    story.orders.send(Order::HangUp).unwrap();
    let mut call = story.call();
    call.hears(&["placed"]).await;
    assert_eq!(call.ends().await, CallEnd::Done);
    assert!(story.voice.trouble().is_some_and(|trouble| trouble.contains("not known")));
    assert_eq!(story.heard().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_late_is_not_told_at_all() {
    let mut story = Story::begin(answering(&["1#"]), VoiceSettings::default()).await;
    story.faults(json!({ "late_callbacks": 1.0 })).await;
    let mut call = story.call();
    call.hears(&["placed", "answered"]).await;
    story.say("Keys", 16);
    call.hears(&["keys 1#"]).await;
    story.goodbye("Goodbye");
    assert_eq!(call.ends().await, CallEnd::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_word_that_is_lost_is_not_waited_for_for_ever() {
    let mut story = Story::begin(answering(&["1#"]), VoiceSettings::default()).await;
    story.faults(json!({ "lost_receipts": 1.0 })).await;
    let mut call = story.call();
    call.hears(&["placed", "answered"]).await;
    story.orders.send(Order::HangUp).unwrap();
    assert_eq!(call.ends().await, CallEnd::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_not_to_answer_has_its_end() {
    let cause = |cause: &str| cause.to_owned();
    for (on_call, rings, expected) in [
        ("busy", false, CallEnd::Busy),
        ("decline", true, CallEnd::Declined),
        ("unreachable", false, CallEnd::Unreachable { cause: cause("SIP 480") }),
        ("unallocated", false, CallEnd::NumberInvalid { cause: cause("SIP 404") }),
        ("ring", true, CallEnd::NoAnswer),
    ] {
        let behaviour = json!({ "on_call": on_call, "answer_after_ms": 50 });
        let mut story = Story::begin(behaviour, VoiceSettings::default()).await;
        let mut call = story.call();
        call.hears(if rings { &["placed", "ringing"] } else { &["placed"] }).await;
        assert_eq!(call.ends().await, expected, "{on_call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_hears_nothing() {
    let settings = VoiceSettings { machine_detection: true, ..VoiceSettings::default() };
    let mut story = Story::begin(json!({ "on_call": "voicemail", "answer_after_ms": 50 }), settings).await;
    story.say("Not for machines", 16);
    let mut call = story.call();
    call.hears(&["placed", "ringing"]).await;
    assert_eq!(call.ends().await, CallEnd::Voicemail);
    assert_eq!(story.heard().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_on_either_side() {
    let behaviour =
        json!({ "on_call": "answer", "answer_after_ms": 50, "hang_up": "mid_prompt", "hang_up_after_ms": 50 });
    let mut story = Story::begin(behaviour, VoiceSettings::default()).await;
    let mut call = story.call();
    story.say(&"word ".repeat(300), 16);
    call.hears(&["placed", "ringing", "answered"]).await;
    assert_eq!(call.ends().await, CallEnd::HungUp);

    let mut story = Story::begin(json!({ "on_call": "ring" }), VoiceSettings::default()).await;
    let mut call = story.call();
    call.hears(&["placed", "ringing"]).await;
    story.orders.send(Order::HangUp).unwrap();
    assert_eq!(call.ends().await, CallEnd::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_interrupts_what_is_said_and_a_limit_everything() {
    let mut story = Story::begin(answering(&[]), VoiceSettings::default()).await;
    story.longest = Duration::from_secs(2);
    let mut call = story.call();
    let long = "word ".repeat(150);
    story.say(&long, 16);
    call.hears(&["placed", "ringing", "answered"]).await;
    tokio::time::timeout(PATIENCE, async { while story.heard().await.is_empty() {} }).await.expect("nothing was heard");
    story.say("Stop", 16);
    call.hears(&["keys "]).await;
    story.say(&"word ".repeat(800), 16);
    assert_eq!(call.ends().await, CallEnd::TooLong);
    assert_eq!(story.heard().await[..2], [long, "Stop".to_owned()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_dialled_before_anything_is_listened_for() {
    let behaviour =
        json!({ "on_call": "answer", "answer_after_ms": 50, "after_ms": 50, "extension": "42", "keys": ["#"] });
    let mut story = Story::begin(behaviour, VoiceSettings::default()).await;
    let mut call = story.call();
    call.hears(&["placed", "ringing", "answered"]).await;
    let listen = Some(Listen { wait: Duration::from_secs(1), most: 1, pound_alone: false });
    let parts = vec![part("Connect me"), Part::Dial(",42".parse().unwrap()), part("Press pound")];
    story.orders.send(Order::Say(Turn { parts, listen })).unwrap();
    call.hears(&["keys #"]).await;
    story.goodbye("Goodbye");
    assert_eq!(call.ends().await, CallEnd::Done);
    assert_eq!(story.heard().await, ["Connect me", "Press pound", "Goodbye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_who_must_act() {
    for (status, code, expected) in [
        (400, 21215, CallEnd::FraudGuard { cause: "error 21215".into() }),
        (401, 20003, CallEnd::GatewayRefused { cause: "error 20003".into() }),
        (400, 21211, CallEnd::NumberInvalid { cause: "error 21211".into() }),
    ] {
        let mut story = Story::begin(answering(&[]), VoiceSettings::default()).await;
        story.faults(json!({ "errors": [{ "probability": 1.0, "status": status, "code": code }] })).await;
        assert_eq!(story.call().ends().await, expected);
    }
}
