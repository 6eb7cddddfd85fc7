//! The requests about calls: place one, hang up, say something else, look (gateways.md §1.2).
//! Refuses to place anything twice: only a hang-up, which may come twice, is tried again.

use super::TwilioVoice;
use super::webhook::{Progress, Told, is_sid, progress};
use crate::call::Call;
use crate::text::SendError;
use crate::twilio::answer::Answer;
use serde::Deserialize;
use std::time::Duration;
use url::form_urlencoded::Serializer;

/// The provider's bounds, in seconds.
const RING: (u64, u64) = (1, 600);
const LAST: (u64, u64) = (1, 14_400);
/// The most of an answer that is read.
const LONGEST_ANSWER: usize = 256 * 1024;
const HANG_UPS: u32 = 3;
const BETWEEN_HANG_UPS: Duration = Duration::from_secs(1);
/// More calls to one number than are going on at any time.
const PAGE_SIZE: &str = "50";

const BROKEN: &str = "it is not a call in JSON";

impl TwilioVoice {
    /// Places a call and gives its id. What is seen is kept for health pages.
    pub(super) async fn place(&self, call: &Call) -> Result<String, SendError> {
        let form = Serializer::new(String::new()).extend_pairs(self.form(call)).finish();
        let request = format!("{}{}\r\n\r\n{form}", self.head.expose(), form.len());
        let placed = match Answer::on(self.account.leg.exchange(request.into_bytes()).await) {
            Ok(answer) => answer.accepted().and_then(|placed| usable(placed.provider_id)),
            Err(error) => Err(error),
        };
        self.set_trouble(placed.as_ref().err().and_then(trouble));
        placed
    }

    fn form(&self, call: &Call) -> Vec<(&'static str, String)> {
        let within = |time: Duration, (least, most): (u64, u64)| time.as_secs().clamp(least, most).to_string();
        let mut form = vec![
            ("To", call.to.to_string()),
            ("From", self.caller_id.clone()),
            ("Url", self.answer_url(call.attempt)),
            ("Method", "POST".into()),
            ("StatusCallback", self.status_url(call.attempt)),
            ("StatusCallbackMethod", "POST".into()),
        ];
        let events = ["initiated", "ringing", "answered", "completed"];
        form.extend(events.map(|event| ("StatusCallbackEvent", event.to_owned())));
        form.push(("Timeout", within(call.ring, RING)));
        form.push(("TimeLimit", within(call.longest, LAST)));
        if self.machine_detection {
            form.push(("MachineDetection", "Enable".into()));
        }
        form
    }

    /// Ends a call that was answered, cancels one that was not; tried a few times where it is not known whether it was heard.
    pub(super) async fn hang_up(&self, sid: &str, answered: bool) -> Result<(), SendError> {
        let status = if answered { "completed" } else { "canceled" };
        for _ in 1..HANG_UPS {
            match self.change(sid, &[("Status", status)]).await {
                Err(SendError::Ambiguous { .. } | SendError::NoConnection { .. } | SendError::Throttled { .. }) => {
                    tokio::time::sleep(BETWEEN_HANG_UPS).await;
                }
                done => return done,
            }
        }
        self.change(sid, &[("Status", status)]).await
    }

    /// Has the gateway ask at `url` for what is to be said now.
    pub(super) async fn redirect(&self, sid: &str, url: &str) -> Result<(), SendError> {
        self.change(sid, &[("Url", url), ("Method", "POST")]).await
    }

    async fn change(&self, sid: &str, form: &[(&str, &str)]) -> Result<(), SendError> {
        let request = self.account.client.post(self.account.address.call(sid)).form(form);
        let answer = Answer::to(self.account.authorized(request), LONGEST_ANSWER).await?;
        answer.read::<Resource>(BROKEN).map(drop)
    }

    /// How far the gateway says that a call is.
    pub(super) async fn look_at(&self, sid: &str) -> Result<Told, SendError> {
        let request = self.account.client.get(self.account.address.call(sid));
        let answer = Answer::to(self.account.authorized(request), LONGEST_ANSWER).await?;
        answer.read::<Resource>(BROKEN).map(Resource::told)
    }

    /// The id of the one call of ours to this number that is not answered yet and that no call here is known by: once it is
    /// answered it asks us by itself.
    pub(super) async fn look_for(&self, to: &str) -> Result<Option<String>, SendError> {
        let mut url = self.account.address.calls();
        url.query_pairs_mut().append_pair("To", to).append_pair("PageSize", PAGE_SIZE);
        let request = self.account.client.get(url);
        let answer = Answer::to(self.account.authorized(request), LONGEST_ANSWER).await?;
        let page: Page = answer.read("it is not a list of calls in JSON")?;
        let ours = |call: &Resource| call.from.as_deref() == Some(&*self.caller_id) && call.to.as_deref() == Some(to);
        let unanswered = page.calls.into_iter().filter(|call| ours(call) && call.is_unanswered());
        let mut found = unanswered.filter_map(|call| usable(call.sid).ok()).filter(|sid| !self.table.knows(sid));
        let first = found.next();
        // Of two nobody knows which one it is.
        Ok(if found.next().is_some() { None } else { first })
    }
}

/// A call as the gateway writes it.
#[derive(Deserialize)]
struct Resource {
    sid: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    from: Option<String>,
    /// Seconds, written as a string.
    #[serde(default)]
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    calls: Vec<Resource>,
}

impl Resource {
    fn told(self) -> Told {
        let progress = self.status.as_deref().map_or(Progress::Begun, progress);
        let seconds = self.duration.and_then(|seconds| seconds.parse().ok());
        Told { progress, sip: None, code: None, seconds }
    }

    fn is_unanswered(&self) -> bool {
        matches!(self.status.as_deref(), Some("queued" | "initiated" | "ringing"))
    }
}

/// It goes into addresses of requests.
fn usable(sid: String) -> Result<String, SendError> {
    let unusable = || SendError::Ambiguous { cause: "the call in the answer has no sid that can be used".into() };
    if is_sid(&sid) { Ok(sid) } else { Err(unusable()) }
}

/// What keeps this account from placing calls, if this error says so: others are about one number.
fn trouble(error: &SendError) -> Option<String> {
    match error {
        SendError::GatewayRefused { .. }
        | SendError::NoConnection { .. }
        | SendError::Ambiguous { .. }
        | SendError::Throttled { .. } => Some(error.to_string()),
        SendError::NumberInvalid { .. }
        | SendError::OptedOut { .. }
        | SendError::Unreachable { .. }
        | SendError::FraudGuard { .. }
        | SendError::BodyInvalid { .. } => None,
    }
}
