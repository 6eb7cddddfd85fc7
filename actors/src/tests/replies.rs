//! Replies that come twice, late, out of order, or in the very moment of the end.

use super::*;
use engine::reason::Reason;

const ALICE: &str = "+12025550181";

fn text(id: &str, body: &str, at: Option<Moment>) -> InboundText {
    InboundText {
        message_id: id.into(),
        from: ALICE.into(),
        to: "+12025550100".into(),
        body: Secret::new(body.to_owned()),
        at,
        opt_out: None,
    }
}

impl Stage {
    /// Alice with a text on her phone, and its code.
    async fn alice_texted(&self) -> (Verification, String) {
        self.person("alice", ALICE).await;
        let started = self.start("alice").await;
        until(|| !self.gateway.given_to(ALICE).is_empty(), "the text").await;
        let code = self.gateway.given_to(ALICE).last().unwrap().chars().take_while(char::is_ascii_digit).collect();
        (started, code)
    }

    async fn tries_left(&self, id: VerificationId) -> u8 {
        self.engine.look(id, None).await.unwrap().attempts_left().unwrap()
    }
}

#[actix::test]
async fn the_same_reply_twice_at_once_is_one_try() {
    let stage = Stage::new(9).await;
    let (started, _) = stage.alice_texted().await;
    let before = stage.tries_left(started.id).await;
    let wrong = || stage.engine.reply("sms", text("SM1", "000001", None));
    let (one, other) = tokio::join!(wrong(), wrong());
    let invited = [one, other].map(|answer| answer.unwrap().say.is_some());
    assert_eq!(stage.tries_left(started.id).await, before - 1);
    assert_eq!(invited.into_iter().filter(|invited| *invited).count(), 1, "who lost the race says nothing");
    wrong().await.unwrap();
    assert_eq!(stage.tries_left(started.id).await, before - 1);
}

#[actix::test]
async fn different_replies_at_once_each_count_once() {
    let stage = Stage::new(9).await;
    let (started, _) = stage.alice_texted().await;
    let before = stage.tries_left(started.id).await;
    for _ in 0..2 {
        let wrong = ["SM1", "SM2", "SM3"].map(|id| stage.engine.reply("sms", text(id, "000001", None)));
        for answer in futures_util::future::join_all(wrong).await {
            answer.unwrap();
        }
        assert_eq!(stage.tries_left(started.id).await, before - 3);
    }
}

#[actix::test]
async fn a_reply_that_is_older_than_the_verification_is_no_try_of_it() {
    let stage = Stage::new(9).await;
    let (started, code) = stage.alice_texted().await;
    let before = stage.tries_left(started.id).await;
    let old = stage.engine.now() - Duration::from_secs(20);
    stage.engine.reply("sms", text("SM1", "000001", Some(old))).await.unwrap();
    assert_eq!(stage.tries_left(started.id).await, before);
    let since = stage.engine.now();
    stage.engine.reply("sms", text("SM2", &code, Some(since))).await.unwrap();
    assert_eq!(stage.engine.look(started.id, None).await.unwrap().reason(), Some(Reason::SmsOk));
}

#[actix::test]
async fn the_last_word_on_texts_counts_in_whatever_order_they_come() {
    let stage = Stage::new(9).await;
    stage.person("alice", ALICE).await;
    let now = stage.engine.now();
    stage.engine.reply("sms", text("SM2", "START", Some(now))).await.unwrap();
    stage.engine.reply("sms", text("SM1", "STOP", Some(now - Duration::from_secs(60)))).await.unwrap();
    let started = stage.start("alice").await;
    assert_eq!(started.reason(), None, "she wanted texts again after her STOP");
    stage.engine.cancel(started.id).await.unwrap();
    stage.engine.reply("sms", text("SM3", "STOP", None)).await.unwrap();
    assert_eq!(stage.start("alice").await.reason(), Some(Reason::SmsNotSent));
}

#[actix::test]
async fn a_fraud_report_counts_also_in_the_moment_of_the_end() {
    for round in 0..10 {
        let stage = Stage::new(9).await;
        let (started, code) = stage.alice_texted().await;
        let right = stage.engine.reply("sms", text("SM1", &code, None));
        let report = stage.engine.reply("sms", text("SM2", "FRAUD", None));
        let (answered, reported) = tokio::join!(right, report);
        answered.unwrap();
        reported.unwrap();
        assert!(stage.engine.look(started.id, None).await.unwrap().stage.is_settled());
        assert_eq!(stage.start("alice").await.reason(), Some(Reason::Blocked), "round {round}");
    }
}
