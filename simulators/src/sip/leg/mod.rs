//! One call as the carrier carries it, from its INVITE to its end.
//! It answers everything that belongs to it, ends by itself, and leaves nothing behind that would be sent again.

mod ask;
mod dialog;
mod requests;
mod resend;
mod ring;
mod session;
mod talk;

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::carrier::{Carrier, Incoming};
use super::envelope::Envelope;
use super::media::Heard;
use super::path::Path;
use super::tally::{Happening, Violation};
use super::text::message::Message;
use super::transactions::MEMORY;
use super::trunk::Luck;
use crate::calls::{Act, End, Person};
use crate::number::Number;
use dialog::Dialog;
use resend::{Resends, What};
use session::Sound;

/// What a call begins with.
pub(crate) struct Begin {
    pub(crate) envelope: Envelope,
    pub(crate) invite: Message,
    pub(crate) path: Path,
    pub(crate) tag: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Ringing,
    /// A final answer that ends the call waits for its ACK.
    Refused,
    Answered,
    /// Our BYE waits for its answer.
    Leaving,
    /// Cut by a fault: nothing is said or heard any more.
    Cut,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timer {
    RungOut,
    /// The session was not refreshed by the caller.
    Expired,
    /// It is on us to refresh.
    Refresh,
    /// A re-INVITE is tried again.
    AskAgain,
    Cut,
    End,
}

enum Event {
    Incoming(Incoming),
    Act(Act),
    Heard(Heard),
    Due,
}

/// An answer to an INVITE that waits for its ACK.
struct Awaited {
    number: u32,
    branch: String,
    ok: bool,
    /// Whether the ACK has to say what is spoken.
    wants_sdp: bool,
}

pub(crate) struct Leg {
    carrier: Arc<Carrier>,
    dialog: Dialog,
    inbox: mpsc::Receiver<Incoming>,
    resends: Resends,
    timers: Vec<(Instant, Timer)>,
    phase: Phase,
    luck: Luck,
    dice: StdRng,
    person: Option<Person>,
    sound: Option<Sound>,
    awaited: Option<Awaited>,
    /// The number of the INVITE that was acknowledged last.
    acknowledged: Option<u32>,
    /// The reliable answer that waits for its PRACK.
    reliable: Option<u32>,
    /// SDP was in a reliable answer already.
    described: bool,
    /// The phone answered while a PRACK was waited for.
    wants_to_answer: bool,
    ask: ask::Ask,
}

/// Carries a call to its end.
pub(crate) async fn carry(carrier: Arc<Carrier>, begin: Begin, inbox: mpsc::Receiver<Incoming>) {
    let (id, key) = ((begin.envelope.call_id.clone(), begin.tag.clone()), begin.envelope.key("INVITE"));
    let mut leg = Leg::new(Arc::clone(&carrier), begin, inbox);
    leg.begin().await;
    while leg.phase != Phase::Over {
        let event = leg.next().await;
        leg.on(event);
    }
    leg.end(End::Cut);
    carrier.leave(&id, &key);
}

impl Leg {
    fn new(carrier: Arc<Carrier>, begin: Begin, inbox: mpsc::Receiver<Incoming>) -> Self {
        let luck = Luck { status: None, silence: false, twice: false, cut: false, whim: 0 };
        Self {
            dialog: Dialog::new(begin),
            inbox,
            resends: Resends::default(),
            timers: Vec::new(),
            phase: Phase::Ringing,
            luck,
            dice: StdRng::seed_from_u64(0),
            person: None,
            sound: None,
            awaited: None,
            acknowledged: None,
            reliable: None,
            described: false,
            wants_to_answer: false,
            ask: ask::Ask::default(),
            carrier,
        }
    }

    /// Draws what chance has in store; the dice of the call follow from it.
    fn draw(&mut self) {
        self.luck = self.carrier.trunk.draw();
        self.dice = StdRng::seed_from_u64(self.luck.whim);
    }

    async fn next(&mut self) -> Event {
        let due = self.resends.due().into_iter().chain(self.timers.iter().map(|(due, _)| *due)).min();
        tokio::select! {
            biased;
            Some(incoming) = self.inbox.recv() => Event::Incoming(incoming),
            act = act_of(&mut self.person) => Event::Act(act),
            heard = heard_of(&mut self.sound) => Event::Heard(heard),
            () = until(due) => Event::Due,
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Incoming(_) if self.phase == Phase::Cut => {}
            Event::Incoming(incoming) => self.take(incoming),
            Event::Act(act) => self.act(act),
            Event::Heard(heard) => self.hear(heard),
            Event::Due => self.go_on(Instant::now()),
        }
    }

    fn act(&mut self, act: Act) {
        match self.phase {
            Phase::Ringing => self.act_ringing(act),
            Phase::Answered => self.act_answered(act),
            Phase::Refused | Phase::Leaving | Phase::Cut | Phase::Over => {}
        }
    }

    /// What time has brought.
    fn go_on(&mut self, now: Instant) {
        for (what, bytes) in self.resends.again(now) {
            self.carrier.trunk.tally.count(Happening::SentAgain);
            if !(what == What::Ok && self.loses_ok()) {
                self.dialog.path_of(what).send(bytes);
            }
        }
        for what in self.resends.given_up(now) {
            self.give_up(what);
        }
        let due: Vec<Timer> = self.timers.extract_if(.., |(due, _)| *due <= now).map(|(_, timer)| timer).collect();
        due.into_iter().for_each(|timer| self.ring_off(timer));
    }

    fn give_up(&mut self, what: What) {
        match what {
            What::Ok => {
                self.carrier.trunk.tally.blame(Violation::MissingAck);
                self.hang_up(End::Cut);
            }
            What::Refusal => {
                self.carrier.trunk.tally.blame(Violation::MissingAck);
                if self.phase == Phase::Refused {
                    self.phase = Phase::Over;
                }
            }
            What::Provisional => {
                self.carrier.trunk.tally.blame(Violation::WrongPrack);
                self.refuse(504, &[], End::Cut);
            }
            What::Bye => self.phase = Phase::Over,
            What::Invite | What::Info => self.hang_up(End::Cut),
        }
    }

    fn ring_off(&mut self, timer: Timer) {
        match (timer, self.phase) {
            (Timer::RungOut, Phase::Ringing) => self.refuse(480, &[], End::NotAnswered),
            (Timer::Expired, Phase::Answered) => {
                self.carrier.trunk.tally.blame(Violation::NotRefreshed);
                self.hang_up(End::Cut);
            }
            (Timer::Refresh | Timer::AskAgain, Phase::Answered) => self.ask_again(timer == Timer::Refresh),
            (Timer::Cut, Phase::Answered) => {
                self.end(End::Cut);
                self.resends = Resends::default();
                self.phase = Phase::Cut;
                self.set(MEMORY, Timer::End);
            }
            (Timer::End, _) => self.phase = Phase::Over,
            // What it was for is over.
            (Timer::RungOut | Timer::Expired | Timer::Refresh | Timer::AskAgain | Timer::Cut, _) => {}
        }
    }

    /// Sets a timer anew.
    fn set(&mut self, wait: Duration, timer: Timer) {
        self.timers.retain(|(_, known)| *known != timer);
        self.timers.push((Instant::now() + wait, timer));
    }

    fn loses_ok(&mut self) -> bool {
        let draw: f64 = self.dice.random();
        draw < self.carrier.trunk.faults().lost_ok
    }

    /// The call at the phone is over; a first reason stays.
    fn end(&mut self, why: End) {
        if let Some(mut sound) = self.sound.take() {
            if let Some(person) = &self.person {
                sound.last_words(&self.carrier.world.calls, person.call());
            }
            if sound.counted {
                self.carrier.trunk.tally.leave();
            }
        }
        if let Some(person) = self.person.take() {
            person.call().end(why);
        }
    }

    /// The number that the call shows.
    fn shown_caller(invite: &Message) -> String {
        use super::text::field::{address, user};
        let shown = invite.first("From").map(address).and_then(user).unwrap_or_default();
        Number::parse(shown).map_or_else(String::new, |number| number.to_string())
    }
}

async fn act_of(person: &mut Option<Person>) -> Act {
    match person {
        Some(person) => person.act().await,
        None => std::future::pending().await,
    }
}

async fn heard_of(sound: &mut Option<Sound>) -> Heard {
    match sound {
        Some(sound) => sound.heard().await,
        None => std::future::pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
