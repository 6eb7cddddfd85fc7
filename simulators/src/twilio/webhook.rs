//! Posting to the customer's webhooks: signed, retried, bounded.
//! It follows no redirects, uses no proxy, and reads only the beginning of an answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use tokio::sync::Semaphore;

use crate::clock;
use crate::gateway::Gateway;
use crate::message::mix;
use crate::twilio::signature::sign;

const TIMEOUT: Duration = Duration::from_secs(15);
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
const MOST_AT_ONCE: usize = 512;
const ANSWER_BYTES: usize = 64 * 1024;

/// One worker's connections to the customers' webhooks.
#[derive(Clone)]
pub(crate) struct Webhooks {
    client: reqwest::Client,
    slots: Arc<Semaphore>,
}

/// What a webhook answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Parameters of a webhook, not yet encoded.
pub(crate) type Parameters = Vec<(&'static str, String)>;

impl Webhooks {
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent("TwilioProxy/1.1")
            .build()?;
        Ok(Self { client, slots: Arc::new(Semaphore::new(MOST_AT_ONCE)) })
    }

    /// Posts `parameters` to `url`, again after a failed connection or a 5xx as often as the account says. `twice` posts the
    /// same two times at once, as a provider that lost track would; one answer counts.
    /// The error says what went wrong last.
    pub(crate) async fn post(
        &self,
        gateway: &Gateway,
        url: &str,
        parameters: &Parameters,
        twice: bool,
    ) -> Result<Answer, String> {
        let call = Call::new(gateway, url, parameters)?;
        if !twice {
            return Box::pin(self.deliver(gateway, &call)).await;
        }
        let (answer, _) = tokio::join!(Box::pin(self.deliver(gateway, &call)), Box::pin(self.deliver(gateway, &call)));
        answer
    }

    async fn deliver(&self, gateway: &Gateway, call: &Call) -> Result<Answer, String> {
        let mut backoff = FIRST_BACKOFF;
        let mut outcome = self.attempt(call).await;
        for _ in 0..gateway.webhook_retries {
            if outcome.as_ref().is_ok_and(|answer| answer.status < 500) {
                break;
            }
            tokio::time::sleep(backoff).await;
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
            outcome = self.attempt(call).await;
        }
        let counters = &gateway.counters;
        match &outcome {
            Ok(answer) if answer.status < 300 => counters.callbacks_sent.add(),
            Ok(_) | Err(_) => counters.callbacks_failed.add(),
        }
        outcome
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, String> {
        let slot = self.slots.acquire().await.map_err(|_| "the simulator is stopping".to_owned())?;
        let request = self
            .client
            .post(call.url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header(ACCEPT, "*/*")
            .header("X-Twilio-Signature", &call.signature)
            .header("I-Twilio-Idempotency-Token", &call.token)
            .body(call.body.clone());
        let response = request.send().await.map_err(|error| explain(&error))?;
        let answer = read(response).await;
        drop(slot);
        answer
    }
}

/// One callback, the same however often it is posted.
struct Call {
    url: reqwest::Url,
    signature: String,
    token: String,
    body: String,
}

impl Call {
    fn new(gateway: &Gateway, url: &str, parameters: &Parameters) -> Result<Self, String> {
        let mut url = reqwest::Url::parse(url).map_err(|error| format!("{url:?} is no URL: {error}"))?;
        url.set_fragment(None);
        let body = serde_urlencoded::to_string(parameters).map_err(|error| error.to_string())?;
        Ok(Self {
            signature: sign(gateway.token(), url.as_str(), parameters),
            token: idempotency_token(&body),
            url,
            body,
        })
    }
}

fn idempotency_token(body: &str) -> String {
    let seed = body.bytes().fold(clock::unrepeated(), |sum, byte| mix(sum ^ u64::from(byte)));
    let (high, low) = (mix(seed), mix(seed ^ 1));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

async fn read(mut response: reqwest::Response) -> Result<Answer, String> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            return Err(format!("the answer is longer than {ANSWER_BYTES} bytes"));
        }
    }
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// The innermost cause: "error sending request" alone helps nobody.
fn explain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within 15 seconds".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
