//! A stage for stories: the simulators in this process on a free port, spoken to over plain HTTP, and a receiver for their webhooks.
//! It refuses sleeps for luck: what comes later is waited for by its own sign, and a wait that ends in vain fails the test.
#![allow(dead_code, reason = "each story uses a part of the stage")]

pub mod caller;
pub mod peer;
pub mod receiver;
pub mod smtp;
pub mod wire;

use std::time::Duration;

use receiver::Receiver;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use simulators::{Account, Running, Settings};

pub const SID: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "simulated";
/// The gateway's number.
pub const OURS: &str = "+12025550100";
/// Somebody's phone.
pub const PHONE: &str = "+12025550123";

pub const GATEWAY: &str = "/sim/v1/gateways/sms";

pub struct Stage {
    pub simulators: Running,
    pub client: Client,
    pub receiver: Receiver,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Self { status, headers, text: answer.text().await.unwrap() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Stage {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// Starts with settings that `change` changed; the webhook of the first account is the receiver.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let receiver = Receiver::start().await;
        let account = Account { sms_url: Some(receiver.url("/sms")), advanced_opt_out: true, ..Account::default() };
        let mut settings = Settings { accounts: vec![account], workers: 2, ..Settings::default() };
        change(&mut settings);
        let simulators = simulators::start(settings).await.unwrap();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { simulators, client, receiver }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulators.url())
    }

    /// A request to the provider's side, as the account.
    pub fn provider(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.url(&format!("/2010-04-01/Accounts/{SID}{path}"));
        self.client.request(method, url).basic_auth(SID, Some(TOKEN))
    }

    pub async fn send(&self, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.provider(Method::POST, "/Messages.json").form(form)).await
    }

    /// Sends a text from our number that must be accepted.
    pub async fn text(&self, to: &str, body: &str) -> Value {
        self.text_and(to, body, &[]).await
    }

    /// The same, asking the receiver's `/status` to hear what becomes of it.
    pub async fn text_with_receipts(&self, to: &str, body: &str) -> Value {
        self.text_and(to, body, &[("StatusCallback", &self.receiver.url("/status"))]).await
    }

    pub async fn text_and(&self, to: &str, body: &str, more: &[(&str, &str)]) -> Value {
        let form = [&[("To", to), ("From", OURS), ("Body", body)], more].concat();
        let answer = self.send(&form).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    pub async fn look(&self, sid: &Value) -> Answer {
        let path = format!("/Messages/{}.json", sid.as_str().unwrap());
        Answer::of(self.provider(Method::GET, &path)).await
    }

    /// A list of the provider: `query` with its filters.
    pub async fn list(&self, query: &[(&str, &str)]) -> Answer {
        Answer::of(self.provider(Method::GET, "/Messages.json").query(query)).await
    }

    /// A call of the control API.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.client.request(method, self.url(path));
        Answer::of(match &body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::PUT, path, Some(body)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn faults(&self, faults: Value) {
        self.put(&format!("{GATEWAY}/faults"), faults).await;
    }

    pub async fn behave(&self, phone: &str, behaviour: Value) {
        self.put(&format!("/sim/v1/phones/{phone}/behaviour"), behaviour).await;
    }

    pub async fn reset(&self) {
        assert_eq!(self.call(Method::POST, "/sim/v1/reset", None).await.status, 204);
    }

    /// The phone sends a text to whoever texted it last.
    pub async fn reply(&self, phone: &str, body: &str) -> Value {
        let path = format!("/sim/v1/phones/{phone}/reply");
        let answer = self.call(Method::POST, &path, Some(json!({ "body": body }))).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()
    }

    /// The texts on a phone, oldest first: `in` or `out`, and the body.
    pub async fn texts(&self, phone: &str) -> Vec<(String, String)> {
        let phone = self.get(&format!("/sim/v1/phones/{phone}")).await;
        let word = |text: &Value, name: &str| text[name].as_str().unwrap().to_owned();
        phone["texts"].as_array().unwrap().iter().map(|text| (word(text, "direction"), word(text, "body"))).collect()
    }

    /// How many texts were ever accepted.
    pub async fn accepted(&self) -> u64 {
        self.get(GATEWAY).await["accepted"].as_u64().unwrap()
    }

    /// Waits until nothing is under way, and gives the gateway as it is then.
    pub async fn settled(&self) -> Value {
        self.until(GATEWAY, |gateway| gateway["in_flight"] == 0).await
    }

    /// Looks at `path` again and again until it is as wanted; fails after ten seconds.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..1_000 {
            let found = self.get(path).await;
            if wanted(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} never came to be as wanted: {}", self.get(path).await);
    }
}

/// RFC 9457, whole.
pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{code}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{problem}");
    assert_eq!(problem["type"], format!("urn:countersign:simulator:{code}"));
    assert!(!problem["title"].as_str().unwrap().is_empty(), "{problem}");
    assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
}
