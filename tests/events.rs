//! Server-sent events, read as a browser reads them: named, numbered, continued after a break, and ended.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use futures_util::{Stream, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use std::pin::Pin;
use std::time::Duration;

const ALICE: &str = "+12025550161";

/// A reader of one stream.
struct Reader {
    stream: Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    buffer: String,
}

#[derive(Debug)]
struct Event {
    name: String,
    id: Option<u64>,
    data: Value,
}

impl Reader {
    async fn open(stage: &Stage, started: &Value, last: Option<u64>) -> Self {
        let path = format!("/v1/verifications/{}/events", started["id"].as_str().unwrap());
        let mut request = stage.request(Method::GET, &path);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let chunks = futures_util::stream::unfold(answer, |mut answer| async move {
            let chunk = answer.chunk().await.transpose()?;
            Some((chunk.map(|bytes| bytes.to_vec()), answer))
        });
        Self { stream: Box::pin(chunks), buffer: String::new() }
    }

    /// A block of lines up to an empty one, or `None` at the end of the stream.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.stream.next()).await.expect("silence");
            self.buffer += std::str::from_utf8(&chunk?.unwrap()).unwrap();
        }
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            if let Some(name) = field("event") {
                let data = serde_json::from_str(field("data").unwrap()).unwrap();
                return Some(Event { name: name.into(), id: field("id").map(|id| id.parse().unwrap()), data });
            }
        }
    }

    /// Reads until something happened.
    async fn until(&mut self, what: &str) -> Vec<Event> {
        let mut seen = Vec::new();
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before {what}: {seen:?}"));
            let found = event.data["what"] == what || event.name == what;
            seen.push(event);
            if found {
                return seen;
            }
        }
    }

    async fn rest(mut self) -> Vec<Event> {
        let mut seen = Vec::new();
        while let Some(event) = self.next().await {
            seen.push(event);
        }
        seen
    }
}

async fn spectators(stage: &Stage) -> u64 {
    let metrics = stage.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix("countersign_spectators "));
    line.unwrap().parse().unwrap()
}

async fn wait_for_spectators(stage: &Stage, wanted: u64, seconds: u64) {
    for _ in 0..seconds * 20 {
        if spectators(stage).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there are {} spectators, not {wanted}", spectators(stage).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_happens_is_an_event_and_a_break_loses_and_doubles_nothing() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    let mut reader = Reader::open(&stage, &started, None).await;
    let mut seen = reader.until("sent").await;
    let code = stage.code(ALICE, 0).await;
    stage.reply(ALICE, if code == "000000" { "111111" } else { "000000" }).await;
    seen.extend(reader.until("code_wrong").await);
    let state = reader.until("state").await;
    assert_eq!(state.last().unwrap().data["attempts_left"], 4);
    let last = seen.iter().filter_map(|event| event.id).max().unwrap();
    drop(reader);
    stage.reply(ALICE, &code).await;
    stage.end(&started, 10).await;
    stage.reply(ALICE, &code).await;
    let after = Reader::open(&stage, &started, Some(last)).await.rest().await;
    assert_eq!(after.last().unwrap().name, "settled");
    assert_eq!(after.last().unwrap().data["reason"], "sms_ok");
    seen.extend(after);
    let ids: Vec<_> = seen.iter().filter_map(|event| event.id).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>(), "{seen:?}");
    let told: Vec<_> = seen.iter().filter(|event| event.name == "timeline").map(|event| &event.data["what"]).collect();
    let timeline = stage.timeline(&started).await;
    let until_the_end = timeline.iter().position(|what| what == "settled").unwrap() + 1;
    assert_eq!(told, timeline[..until_the_end].iter().collect::<Vec<_>>());
    assert!(timeline.len() > until_the_end, "a reply came after the end");
    wait_for_spectators(&stage, 0, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_seen_the_end_is_told_to_stop() {
    let stage = Stage::start().await;
    let nobody = stage.begin("nobody").await;
    let seen = Reader::open(&stage, &nobody, None).await.rest().await;
    let end = seen.last().unwrap();
    assert_eq!((end.name.as_str(), &end.data["reason"]), ("settled", &json!("user_unknown")));
    let path = format!("/v1/verifications/{}/events", nobody["id"].as_str().unwrap());
    for (last, expected) in [(end.id.unwrap().to_string(), 204), ("x".into(), 400), ("0".into(), 200)] {
        let answer = stage.request(Method::GET, &path).header("Last-Event-ID", &last).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_beats_and_a_reader_that_left_frees_its_seat() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    let mut staying = Reader::open(&stage, &started, None).await;
    let leaving = Reader::open(&stage, &started, None).await;
    wait_for_spectators(&stage, 2, 5).await;
    staying.until("sent").await;
    drop(leaving);
    let beat = async { while !staying.block().await.unwrap().starts_with(": ") {} };
    tokio::time::timeout(Duration::from_secs(20), beat).await.unwrap();
    wait_for_spectators(&stage, 1, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_does_not_read_holds_nobody_up() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    let asleep = Reader::open(&stage, &started, None).await;
    let code = stage.code(ALICE, 0).await;
    stage.reply(ALICE, &code).await;
    assert_eq!(stage.end(&started, 10).await["reason"], "sms_ok");
    let seen = asleep.rest().await;
    assert!(seen.iter().any(|event| event.data["what"] == "code_right"), "{seen:?}");
    assert_eq!(seen.last().unwrap().name, "settled");
}
