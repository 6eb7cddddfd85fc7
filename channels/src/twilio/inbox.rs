//! The gateway's list of texts that people sent, for what came while nobody answered its callbacks.
//! Refuses to read without end: a number of pages for each of our numbers, a number of bytes for each page.

use super::answer::Answer;
use super::client::Twilio;
use crate::callback::InboundText;
use crate::text::SendError;
use engine::moment::Moment;
use engine::secret::Secret;
use reqwest::{StatusCode, Url};
use serde::Deserialize;

/// Fifty texts of 1600 characters, each written as six bytes, fit into a page with all that is around them.
const PAGE_SIZE: &str = "50";
const LONGEST_PAGE: usize = 1024 * 1024;
/// Pages that are followed for one of our numbers.
const PAGES: usize = 40;

const BROKEN: &str = "it is not a list of messages in JSON";

/// A text and when it came, milliseconds since the epoch; 0 where the gateway does not say.
type Dated = (u64, InboundText);

impl Twilio {
    pub(super) async fn list(&self, since: Moment) -> Result<Vec<InboundText>, SendError> {
        let mut found: Vec<Dated> = Vec::new();
        for query in self.queries(since) {
            found.extend(self.pages(query, since).await?.into_iter().rev());
        }
        // The sort is stable, so texts of one second stay as the gateway has them.
        found.sort_by_key(|(at, _)| *at);
        Ok(found.into_iter().map(|(_, text)| text).collect())
    }

    /// One for each of our numbers: in a campaign, what we sent that day would push what people sent out of reach.
    fn queries(&self, since: Moment) -> Vec<Url> {
        let all = || {
            let mut url = self.address.messages();
            url.query_pairs_mut().append_pair("DateSent>", &day(since)).append_pair("PageSize", PAGE_SIZE);
            url
        };
        let to = |number: &String| {
            let mut url = all();
            url.query_pairs_mut().append_pair("To", number);
            url
        };
        if self.ours.is_empty() { vec![all()] } else { self.ours.iter().map(to).collect() }
    }

    /// Newest first. The provider filters by day only; a page of nothing but older texts is the last one wanted.
    async fn pages(&self, first: Url, since: Moment) -> Result<Vec<Dated>, SendError> {
        let mut found = Vec::new();
        let mut url = first;
        for _ in 0..PAGES {
            let answer = Answer::to(self.authorized(self.client.get(url)), LONGEST_PAGE).await?;
            let page: Page = answer.read(BROKEN)?;
            let (texts, next) = page.since(since);
            found.extend(texts);
            url = match next {
                Some(next) => self.address.page(&next).ok_or_else(elsewhere)?,
                None => return Ok(found),
            };
        }
        tracing::warn!(gateway = %self.name, pages = PAGES, "the gateway has more inbound texts than are read; older ones are left out");
        Ok(found)
    }
}

fn elsewhere() -> SendError {
    SendError::Ambiguous { cause: "the list's next page is not on the gateway".into() }
}

/// In UTC, as the provider counts days.
fn day(moment: Moment) -> String {
    let millis = i64::try_from(moment.millis()).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d").to_string()
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

impl Page {
    /// The texts that people sent since then, and the next page's address if there may be more of them.
    fn since(self, since: Moment) -> (Vec<Dated>, Option<String>) {
        let before = self.messages.len();
        let recent: Vec<_> = self.messages.into_iter().filter(|message| message.came_since(since)).collect();
        let all_older = before > 0 && recent.is_empty();
        let texts = recent.into_iter().filter_map(Message::inbound).collect();
        (texts, self.next_page_uri.filter(|_| !all_older))
    }
}

/// The texts that people sent since `since` in one page of the gateway's list, in its order, and the address of the next
/// page as it is written there, if there may be more. Errors as of an answer with HTTP 200.
pub fn read_page(body: &[u8], since: Moment) -> Result<(Vec<InboundText>, Option<String>), SendError> {
    let page: Page = Answer::read_already(StatusCode::OK, body.to_vec()).read(BROKEN)?;
    let (texts, next) = page.since(since);
    Ok((texts.into_iter().map(|(_, text)| text).collect(), next))
}

#[derive(Deserialize)]
struct Message {
    sid: Option<String>,
    from: Option<String>,
    to: Option<String>,
    body: Option<Secreted>,
    direction: Option<String>,
    date_sent: Option<String>,
}

/// A body on its way into a secret.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Secreted(Secret<String>);

impl From<String> for Secreted {
    fn from(body: String) -> Self {
        Self(Secret::new(body))
    }
}

impl Message {
    fn at(&self) -> Option<u64> {
        let sent = jiff::fmt::rfc2822::parse(self.date_sent.as_deref()?).ok()?;
        u64::try_from(sent.timestamp().as_millisecond()).ok()
    }

    /// Dates have whole seconds, so the second of `since` counts.
    fn came_since(&self, since: Moment) -> bool {
        self.at().is_none_or(|at| at / 1000 >= since.seconds())
    }

    fn inbound(self) -> Option<Dated> {
        let at = self.at().unwrap_or(0);
        if self.direction.as_deref() != Some("inbound") {
            return None;
        }
        let [message_id, from, to] = [self.sid, self.from, self.to].map(|part| part.filter(|part| !part.is_empty()));
        let body = self.body.map_or_else(|| Secret::new(String::new()), |body| body.0);
        let sent = (at > 0).then(|| Moment::from_millis(at));
        Some((at, InboundText { message_id: message_id?, from: from?, to: to?, body, at: sent, opt_out: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(date: &str, direction: &str) -> Message {
        let json = format!(
            r#"{{"sid":"SM1","from":"+12025550123","to":"+12025550100","body":"1","direction":"{direction}","date_sent":"{date}"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn days_are_utc_and_any_moment_has_one() {
        assert_eq!(day(Moment::from_millis(1_795_564_799_999)), "2026-11-24");
        assert_eq!(day(Moment::from_millis(1_795_564_800_000)), "2026-11-25");
        assert_eq!(day(Moment::from_millis(u64::MAX)), "1970-01-01");
    }

    #[test]
    fn older_texts_are_left_and_undated_ones_are_not() {
        let since = Moment::from_millis(1_795_564_799_999);
        assert!(message("Tue, 24 Nov 2026 23:59:59 +0000", "inbound").came_since(since));
        assert!(!message("Tue, 24 Nov 2026 23:59:58 +0000", "inbound").came_since(since));
        assert!(message("Wed, 25 Nov 2026 01:00:00 +0100", "inbound").came_since(since));
        assert!(message("yesterday", "inbound").came_since(since));
    }

    #[test]
    fn only_what_people_sent_counts() {
        for (direction, taken) in [("inbound", true), ("outbound-api", false), ("outbound-reply", false)] {
            assert_eq!(message("", direction).inbound().is_some(), taken, "{direction}");
        }
        let nameless: Message = serde_json::from_str(r#"{"direction":"inbound"}"#).unwrap();
        assert!(nameless.inbound().is_none());
    }
}
