//! Every long-lived actor is killed while a verification is at every stage; the verification ends as it would have.

use super::*;
use crate::desk::Desk;
use crate::in_flight::InFlight;
use crate::keeper::Post;
use crate::line::Line;
use crate::switchboard::Switchboard;
use actix::{Actor, Context, Handler, Message};
use engine::reason::Reason;
use engine::verification::Stage as At;

/// Dies in its handler.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
struct Die;

macro_rules! mortal {
    ($($actor:ty),*) => {$(
        impl Handler<Die> for $actor {
            type Result = ();
            fn handle(&mut self, _: Die, _: &mut Context<Self>) {
                panic!("injected");
            }
        }
    )*};
}
mortal!(Desk, Switchboard, Line);

/// Kills the actor of one verification.
#[derive(Message)]
#[rtype(result = "()")]
struct KillOne {
    id: VerificationId,
    reborn: bool,
}

impl Handler<KillOne> for Desk {
    type Result = ();
    fn handle(&mut self, kill: KillOne, _: &mut Context<Self>) {
        self.addr_of(kill.id).expect("it is in flight").do_send(kill);
    }
}

impl Handler<KillOne> for InFlight {
    type Result = ();
    fn handle(&mut self, kill: KillOne, _: &mut Context<Self>) {
        self.reborn = kill.reborn;
        panic!("injected");
    }
}

fn kill<A: Actor<Context = Context<A>> + Handler<Die>>(post: &Post<A>) {
    post.do_send(Die);
}

const ALICE: &str = "+12025550181";

impl Stage {
    async fn kill(&self, victim: &str) {
        let shared = self.engine.shared();
        match victim {
            "desk 0" => kill(&shared.desks[0]),
            "switchboard 0" => kill(&shared.switchboards[0]),
            _ => kill(&shared.router.lines()[0].post),
        }
        let restarted = || {
            let actor = self.engine.actors().into_iter().find(|actor| actor.name == victim).unwrap();
            actor.restarts == 1 && actor.alive
        };
        until(restarted, "the rebuilt actor").await;
    }

    async fn reply(&self, text: &str) {
        self.reply_to("+12025550100", text).await;
    }

    async fn reply_to(&self, ours: &str, text: &str) {
        let text = InboundText {
            message_id: format!("{text} to {ours}"),
            from: ALICE.into(),
            to: ours.into(),
            body: Secret::new(text.to_owned()),
            at: None,
            opt_out: None,
        };
        self.engine.reply("sms", text).await.unwrap();
    }

    async fn at(&self, id: VerificationId) -> At {
        self.engine.look(id, None).await.unwrap().stage
    }

    /// Alice's verification, held at this stage.
    async fn alice_at(stage: &str) -> (Self, Verification) {
        let this = Self::new(if stage == "awaiting" { 1 } else { 0 }).await;
        this.person("alice", ALICE).await;
        if stage == "queued" {
            // The line has two texts out at once; these two are never taken, so the third waits.
            for (name, phone) in [("bob", "+12025550182"), ("carol", "+12025550183")] {
                this.person(name, phone).await;
                this.start(name).await;
                until(|| !this.gateway.given_to(phone).is_empty(), "the text before").await;
            }
        }
        let alice = this.start("alice").await;
        for _ in 0..2000 {
            let now = this.at(alice.id).await;
            let there = match stage {
                "queued" => matches!(now, At::Queued(_)),
                "sending" => matches!(now, At::Sending(_)) && !this.gateway.given_to(ALICE).is_empty(),
                _ => matches!(now, At::Awaiting(_)),
            };
            if there {
                return (this, alice);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("alice never was {stage}");
    }
}

async fn survives(stage: &str, victim: &str) {
    let (this, alice) = Stage::alice_at(stage).await;
    this.kill(victim).await;
    this.gateway.permits.add_permits(10);
    until(|| !this.gateway.given_to(ALICE).is_empty(), "alice's text").await;
    // The reply counts once the text may be out as far as the engine knows.
    for _ in 0..2000 {
        if matches!(this.at(alice.id).await, At::Awaiting(_)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let texts = this.gateway.given_to(ALICE);
    assert_eq!(texts.len(), 1, "{stage}, {victim}: one text");
    let code: String = texts[0].chars().filter(char::is_ascii_digit).collect();
    this.reply(&code).await;
    let ended = this.engine.look(alice.id, Some(Duration::from_secs(5))).await.unwrap();
    assert_eq!(ended.reason(), Some(Reason::SmsOk), "{stage}, {victim}");
    this.engine.stop(Duration::from_millis(1)).await;
}

#[actix::test]
async fn a_queued_verification_survives_every_death() {
    for victim in ["desk 0", "switchboard 0", "line sms"] {
        survives("queued", victim).await;
    }
}

#[actix::test]
async fn a_verification_that_is_being_sent_survives_every_death() {
    for victim in ["desk 0", "switchboard 0", "line sms"] {
        survives("sending", victim).await;
    }
}

#[actix::test]
async fn an_awaiting_verification_survives_every_death() {
    for victim in ["desk 0", "switchboard 0", "line sms"] {
        survives("awaiting", victim).await;
    }
}

#[actix::test]
async fn a_verification_whose_actor_dies_ends_and_only_it() {
    for reborn in [false, true] {
        let (this, alice) = Stage::alice_at("awaiting").await;
        this.person("bob", "+12025550182").await;
        let bob = this.start("bob").await;
        this.engine.shared().desks[0].do_send(KillOne { id: alice.id, reborn });
        let mut ended = this.engine.look(alice.id, Some(Duration::from_secs(5))).await;
        for _ in 0..1000 {
            if ended.as_ref().is_ok_and(|seen| seen.stage.is_settled()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            ended = this.engine.look(alice.id, None).await;
        }
        assert_eq!(ended.unwrap().reason(), Some(Reason::InternalError));
        until(|| this.engine.in_flight() == 1, "the place that is given back").await;
        assert_eq!(this.engine.cancel(bob.id).await.unwrap().reason(), Some(Reason::CancelledByCaller));
        assert!(this.engine.actors().iter().all(|actor| actor.alive && actor.restarts == 0));
        // What is dead holds nobody up: the next start of the same person is not kept waiting.
        let again = this.start("alice").await;
        assert_ne!(again.id, alice.id);
        this.engine.stop(Duration::from_millis(1)).await;
    }
}

#[actix::test]
async fn an_amendment_that_breaks_leaves_person_and_desk_as_they_were() {
    let (this, _) = Stage::alice_at("awaiting").await;
    let breaks = |person: &mut Person, _: &Policy, _: Moment| {
        person.user = None;
        panic!("injected")
    };
    let refused = this.engine.amend("alice", Box::new(breaks)).await;
    assert!(matches!(refused, Err(Refused::Broken)), "{refused:?}");
    this.person("dave", "+12025550184").await;
    let looked = |person: &mut Person, _: &Policy, _: Moment| {
        assert!(person.user.is_some());
        Ok(vec![])
    };
    this.engine.amend("alice", Box::new(looked)).await.unwrap();
    assert!(this.engine.actors().iter().all(|actor| actor.restarts == 0));
}

#[actix::test]
async fn a_gateway_client_that_breaks_is_a_fault_of_that_send_alone() {
    let this = Stage::new(10).await;
    this.person("zoe", "+12025550199").await;
    this.person("alice", ALICE).await;
    let zoe = this.start("zoe").await;
    until(|| this.gateway.given_to("+12025550199").len() == 1, "the text").await;
    this.start("alice").await;
    until(|| this.gateway.given_to(ALICE).len() == 1, "the text after").await;
    let mut noted = false;
    for _ in 0..1000 {
        let timeline = this.engine.read(move |store| store.timeline(zoe.id)).await.unwrap();
        noted = timeline.iter().any(|row| String::from_utf8_lossy(&row.body).contains("send_unknown_line_lost"));
        if noted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(noted, "the timeline says that nobody knows");
    assert_eq!(this.gateway.given_to("+12025550199").len(), 1, "it is not sent again");
    assert!(this.engine.actors().iter().all(|actor| actor.alive && actor.restarts == 0));
}

#[actix::test]
async fn an_actor_that_dies_again_and_again_is_given_up_and_that_is_passed_on() {
    let this = Stage::new(10).await;
    for deaths in 1..=5_u32 {
        kill(&this.engine.shared().desks[0]);
        let died = || {
            let desk = this.engine.actors().into_iter().find(|actor| actor.name == "desk 0").unwrap();
            desk.restarts == deaths && (desk.alive || deaths == 5)
        };
        until(died, "the death").await;
    }
    let why = tokio::time::timeout(Duration::from_secs(5), this.engine.given_up()).await.unwrap();
    assert!(why.contains("desk 0"), "{why}");
    assert!(this.engine.has_given_up());
    assert!(this.engine.actors().iter().any(|actor| !actor.alive));
    assert!(
        this.engine.start_verification(request("alice"), None, false).await.is_err(),
        "nobody is there to start it"
    );
}

#[actix::test]
async fn a_reply_counts_only_at_the_number_that_texted() {
    let (this, alice) = Stage::alice_at("awaiting").await;
    let code: String = this.gateway.given_to(ALICE)[0].chars().filter(char::is_ascii_digit).collect();
    this.reply_to("+12025550101", &code).await;
    assert!(matches!(this.at(alice.id).await, At::Awaiting(_)), "that number did not text alice");
    this.reply(&code).await;
    let ended = this.engine.look(alice.id, Some(Duration::from_secs(5))).await.unwrap();
    assert_eq!(ended.reason(), Some(Reason::SmsOk));
}
