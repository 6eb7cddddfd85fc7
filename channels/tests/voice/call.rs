//! One call of a story: what is ordered, what is heard of it, and what the gateway calls back.
//! Refuses to wait for ever.

use crate::gateway::{Gateway, PATIENCE};
use channels::call::{Call, CallEnd, Listen, News, Order, Part, Turn, Utterance, VoiceGateway};
use channels::callback::{CallbackError, RawCallback};
use channels::twilio::voice::{TwilioVoice, VoiceSettings};
use channels::twilio::{Privacy, Twilio, TwilioSettings};
use engine::id::{AttemptId, VerificationId};
use engine::secret::Secret;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

pub const TOKEN: &str = "s3cret-token";
pub const OURS: &str = "+12025550100";
pub const PHONE: &str = "+12025550123";
pub const PUBLIC: &str = "https://mfa.example.com/base";

pub struct Story {
    pub gateway: Gateway,
    pub voice: Arc<TwilioVoice>,
    pub orders: Option<UnboundedSender<Order>>,
    news: UnboundedReceiver<String>,
    end: JoinHandle<CallEnd>,
}

pub fn attempt() -> AttemptId {
    AttemptId { verification: VerificationId::from_bits(7), rung: 1, send: 2 }
}

pub fn voice(base_url: &str, settings: VoiceSettings) -> TwilioVoice {
    let account = TwilioSettings {
        account_sid: "AC1".into(),
        auth_token: Secret::new(TOKEN.into()),
        second_auth_token: None,
        api_key_sid: None,
        api_key_secret: None,
        from: vec![OURS.into()],
        messaging_service_sid: None,
        base_url: base_url.into(),
        ca_file: None,
        timeout_seconds: 1,
        pipelining: std::num::NonZeroU8::MIN,
        risk_check: true,
        privacy: Privacy::default(),
    };
    let account = Arc::new(Twilio::new("calls", account, &format!("{PUBLIC}/")).unwrap());
    TwilioVoice::new(account, settings).unwrap()
}

pub fn call() -> Call {
    let (ring, longest) = (Duration::from_secs(30), Duration::from_secs(60));
    Call { attempt: attempt(), to: PHONE.parse().unwrap(), ring, longest }
}

pub fn turn(words: &str, listens: bool) -> Turn {
    let listen = listens.then_some(Listen { wait: Duration::from_secs(10), most: 16, pound_alone: false });
    let utterance = Utterance { language: "en-US".into(), text: words.into(), audio: [].into() };
    Turn { parts: vec![Part::Say(utterance)], listen }
}

impl Story {
    /// A call is being placed at a gateway with these plans.
    pub async fn begin(plan: impl FnOnce(&Gateway)) -> Self {
        let gateway = Gateway::start().await;
        plan(&gateway);
        let voice = Arc::new(voice(&gateway.url, VoiceSettings::default()));
        let (orders, ordered) = unbounded_channel();
        let (heard, news) = unbounded_channel();
        let hears = Box::new(move |news| drop(heard.send(shown(&news))));
        let caller = Arc::clone(&voice);
        let end = tokio::spawn(async move { caller.call(call(), ordered, hears).await });
        Self { gateway, voice, orders: Some(orders), news, end }
    }

    pub fn order(&self, order: Order) {
        self.orders.as_ref().unwrap().send(order).unwrap();
    }

    pub fn say(&self, words: &str) {
        self.order(Order::Say(turn(words, true)));
    }

    /// The next news.
    pub async fn hears(&mut self, expected: &str) {
        let news = tokio::time::timeout(PATIENCE, self.news.recv()).await.expect("nothing was told");
        assert_eq!(news.as_deref(), Some(expected));
    }

    /// The phone was picked up, as the gateway calls back.
    pub fn answered(&self, more: &str) -> JoinHandle<Result<String, CallbackError>> {
        let (path, body) = (format!("/callbacks/calls/voice/answer?attempt={}", attempt()), body(more));
        let voice = Arc::clone(&self.voice);
        tokio::spawn(async move {
            voice.answered(&raw(&path, &body)).await.map(channels::twilio::voice::Twiml::into_string)
        })
    }

    /// Keys were pressed after the document of this number, or none were.
    pub fn gathered(&self, turn: u32, more: &str) -> JoinHandle<Result<String, CallbackError>> {
        let path = format!("/callbacks/calls/voice/gather?attempt={}&turn={turn}", attempt());
        let (body, voice) = (body(more), Arc::clone(&self.voice));
        tokio::spawn(async move {
            voice.gathered(&raw(&path, &body)).await.map(channels::twilio::voice::Twiml::into_string)
        })
    }

    pub async fn status(&self, word: &str, more: &str) {
        let path = format!("/callbacks/calls/voice/status?attempt={}", attempt());
        self.voice.status(&raw(&path, &format!("CallSid=CA1&CallStatus={word}{more}"))).await.unwrap();
    }

    /// How it ended; nothing may be told that was not heard.
    pub async fn ends(mut self) -> (CallEnd, Gateway) {
        let end = tokio::time::timeout(PATIENCE, self.end).await.expect("it did not end").unwrap();
        assert_eq!(self.news.try_recv().ok(), None);
        (end, self.gateway)
    }
}

pub fn raw<'a>(path_and_query: &'a str, body: &'a str) -> RawCallback<'a> {
    RawCallback { path_and_query, signature: None, body: body.as_bytes() }
}

fn body(more: &str) -> String {
    format!("CallSid=CA1&AccountSid=AC1&CallStatus=in-progress{more}")
}

fn shown(news: &News) -> String {
    match news {
        News::Placed { provider_id } => format!("placed {provider_id}"),
        News::Ringing => "ringing".into(),
        News::Answered => "answered".into(),
        News::Keyed(keys) => format!("keys {}{}", keys.digits.expose(), if keys.pound { "#" } else { "" }),
    }
}

/// What is in the document.
pub async fn said(document: JoinHandle<Result<String, CallbackError>>) -> String {
    let document = tokio::time::timeout(PATIENCE, document).await.expect("nothing was answered").unwrap().unwrap();
    let inside = document.strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#).unwrap();
    inside.strip_suffix("</Response>").unwrap().to_owned()
}

/// A document that says this and listens, the one of this number.
pub fn spoken(words: &str, number: u32) -> String {
    let next = format!("{PUBLIC}/callbacks/calls/voice/gather?attempt={}&amp;turn={number}", attempt());
    format!(
        "<Gather input=\"dtmf\" finishOnKey=\"#\" numDigits=\"16\" timeout=\"10\" action=\"{next}\" method=\"POST\" \
         actionOnEmptyResult=\"true\"><Say language=\"en-US\">{words}</Say></Gather><Redirect method=\"POST\">{next}</Redirect>"
    )
}
