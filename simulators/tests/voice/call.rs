//! A stage with two customers' servers: one that says what is said in calls, the stage's own for status callbacks.
//! Refuses to mix them: which document comes next must not depend on how fast a status is told.

use crate::stage::receiver::{Post, Receiver};
use crate::stage::{Answer, OURS, PHONE, Stage, TOKEN};
use reqwest::Method;
use serde_json::{Value, json};

pub struct Calling {
    pub stage: Stage,
    pub scripts: Receiver,
}

pub const EVENTS: [(&str, &str); 4] = [
    ("StatusCallbackEvent", "initiated"),
    ("StatusCallbackEvent", "ringing"),
    ("StatusCallbackEvent", "answered"),
    ("StatusCallbackEvent", "completed"),
];

impl Calling {
    pub async fn start() -> Self {
        Self { stage: Stage::start().await, scripts: Receiver::start().await }
    }

    /// A stage on which somebody answers at once and presses these keys, one entry each time something is said.
    pub async fn answering(keys: &[&str]) -> Self {
        let calling = Self::start().await;
        calling.behave(json!({ "on_call": "answer", "answer_after_ms": 50, "after_ms": 50, "keys": keys })).await;
        calling
    }

    pub async fn behave(&self, behaviour: Value) {
        self.stage.behave(PHONE, behaviour).await;
    }

    /// The next document.
    pub fn script(&self, inside: &str) {
        self.scripts.answer_once(200, &format!("<Response>{inside}</Response>"));
    }

    pub async fn post(&self, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.stage.provider(Method::POST, "/Calls.json").form(form)).await
    }

    /// Calls the phone, and hears of everything.
    pub async fn call(&self, more: &[(&str, &str)]) -> String {
        let (url, status) = (self.scripts.url("/answer?attempt=1"), self.stage.receiver.url("/status"));
        let usual = [("To", PHONE), ("From", OURS), ("Url", &url), ("StatusCallback", &status)];
        let answer = self.post(&[&usual, &EVENTS[..], more].concat()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let call = answer.json();
        assert_eq!((&call["status"], &call["direction"]), (&json!("queued"), &json!("outbound-api")));
        call["sid"].as_str().unwrap().to_owned()
    }

    pub async fn change(&self, sid: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.stage.provider(Method::POST, &format!("/Calls/{sid}.json")).form(form)).await
    }

    pub async fn look(&self, sid: &str) -> Value {
        Answer::of(self.stage.provider(Method::GET, &format!("/Calls/{sid}.json"))).await.json()
    }

    /// The next request for a document, which must be signed.
    pub async fn asked(&self) -> Post {
        let post = self.scripts.next().await;
        assert!(post.is_signed_with(TOKEN), "{post:?}");
        post
    }

    /// Status callbacks up to the last one: the words, in the order they came.
    pub async fn told(&self) -> Vec<Post> {
        let mut told = Vec::new();
        loop {
            let post = self.stage.receiver.next().await;
            assert!(post.is_signed_with(TOKEN), "{post:?}");
            let is_last = !["initiated", "ringing", "in-progress"].contains(&post.get("CallStatus"));
            told.push(post);
            if is_last {
                return told;
            }
        }
    }

    /// The last status callback.
    pub async fn ended(&self) -> Post {
        self.told().await.pop().unwrap()
    }

    /// The phone's last call, as a tester sees it.
    pub async fn seen(&self) -> Value {
        let phone = self.stage.get(&format!("/sim/v1/phones/{PHONE}")).await;
        phone["calls"].as_array().unwrap().last().unwrap().clone()
    }

    /// What was said in it.
    pub async fn heard(&self) -> Vec<String> {
        let seen = self.seen().await;
        seen["prompts"].as_array().unwrap().iter().map(|prompt| prompt["text"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn words(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.get("CallStatus")).collect()
}
