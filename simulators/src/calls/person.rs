//! Whoever has the phone in hand during a call: what the behaviour and the tester's hand say is done next, and when.
//! It learns nothing but what the gateway tells it, and leaves no call open when the gateway lets go of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::attendant::Attendant;
use super::call::{Call, End, Hand};
use super::habit::{HangUp, OnCall};
use crate::behaviour::Behaviour;
use crate::message::mix;

/// From one key to the next.
const BETWEEN_KEYS: Duration = Duration::from_millis(200);
/// What a comma is.
const PAUSE: Duration = Duration::from_secs(1);

/// What is to be done next at the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Answer,
    Busy,
    Decline,
    Unreachable,
    Unallocated,
    Press(char),
    HangUp,
    /// The caller is put on hold.
    Hold,
    Resume,
    /// The simulators were reset: the call ends quietly.
    Forget,
}

/// What a machine says that picked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// A greeting and a beep.
    Voicemail,
    /// A greeting that asks for an extension.
    Attendant,
}

pub(crate) struct Person {
    call: Arc<Call>,
    behaviour: Arc<Behaviour>,
    hands: mpsc::Receiver<Hand>,
    resets: watch::Receiver<u64>,
    /// What is to be done, the earliest first.
    plan: Vec<(Instant, Act)>,
    /// How often the gateway listened.
    turn: usize,
    attendant: Option<Attendant>,
    prompts: u32,
    whim: u64,
}

impl Person {
    /// `resets` changes when everything is forgotten; `whim` decides jitter.
    pub(crate) fn new(
        call: Arc<Call>,
        behaviour: Arc<Behaviour>,
        hands: mpsc::Receiver<Hand>,
        resets: watch::Receiver<u64>,
        whim: u64,
    ) -> Self {
        let attendant = behaviour.extension.as_deref().map(Attendant::new);
        let mut person =
            Self { call, behaviour, hands, resets, plan: Vec::new(), turn: 0, attendant, prompts: 0, whim };
        if let Some((wait, act)) = person.first_act() {
            person.plan_in(wait, act);
        }
        person
    }

    fn first_act(&self) -> Option<(Duration, Act)> {
        let patience = Duration::from_millis(self.behaviour.answer_after_ms);
        match self.behaviour.on_call {
            OnCall::Ring => None,
            OnCall::Answer | OnCall::Voicemail => Some((patience, Act::Answer)),
            OnCall::Decline => Some((patience, Act::Decline)),
            OnCall::Busy => Some((Duration::ZERO, Act::Busy)),
            OnCall::Unreachable => Some((Duration::ZERO, Act::Unreachable)),
            OnCall::Unallocated => Some((Duration::ZERO, Act::Unallocated)),
        }
    }

    pub(crate) fn call(&self) -> &Arc<Call> {
        &self.call
    }

    pub(crate) fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// The next thing to do, at its time; a key is written down as it is given out. Nothing is lost if this is dropped.
    pub(crate) async fn act(&mut self) -> Act {
        loop {
            let due = self.plan.first().map(|(at, _)| *at);
            let act = tokio::select! {
                biased;
                // An error says that the world is gone, and with it the phone.
                _ = self.resets.changed() => Some(Act::Forget),
                Some(hand) = self.hands.recv() => self.obey(hand),
                () = at(due) => Some(self.plan.remove(0).1),
            };
            if let Some(act) = act {
                if let Act::Press(key) = act {
                    self.call.press(key);
                }
                return act;
            }
        }
    }

    fn obey(&mut self, hand: Hand) -> Option<Act> {
        match hand {
            Hand::Answer => Some(Act::Answer),
            Hand::Decline => Some(Act::Decline),
            Hand::HangUp => Some(Act::HangUp),
            Hand::Press(keys) => {
                self.plan_keys(&keys, Duration::ZERO);
                None
            }
        }
    }

    /// The call is connected; the machine that speaks first, if one does.
    pub(crate) fn answered(&mut self) -> Option<Greeting> {
        self.call.answer();
        self.plan.clear();
        if self.behaviour.hang_up == Some(HangUp::AfterAnswer) {
            self.plan_in(Duration::from_millis(self.behaviour.hang_up_after_ms), Act::HangUp);
        }
        if let Some(hold) = self.behaviour.hold {
            self.plan_in(Duration::from_millis(hold.after_ms), Act::Hold);
            self.plan_in(Duration::from_millis(hold.after_ms.saturating_add(hold.for_ms)), Act::Resume);
        }
        match (self.behaviour.on_call, &self.attendant) {
            (OnCall::Voicemail, _) => Some(Greeting::Voicemail),
            (_, Some(_)) => Some(Greeting::Attendant),
            (_, None) => {
                self.barge_in();
                None
            }
        }
    }

    /// Somebody begins to speak.
    pub(crate) fn prompt_began(&mut self) {
        if self.attendant.is_some() {
            return;
        }
        self.prompts += 1;
        if self.prompts == 1 && self.behaviour.hang_up == Some(HangUp::MidPrompt) {
            self.plan_in(Duration::from_millis(self.behaviour.hang_up_after_ms), Act::HangUp);
        }
        if self.prompts > 1 {
            self.barge_in();
        }
    }

    /// What was said is over, and the gateway listens.
    pub(crate) fn prompt_over(&mut self) {
        if self.attendant.is_none() && !self.behaviour.barge_in {
            self.take_turn();
        }
    }

    /// The gateway pressed a key; gives whether that connected the call to the person.
    pub(crate) fn hear_key(&mut self, key: char) -> bool {
        let connected = self.attendant.as_mut().is_some_and(|attendant| attendant.hears(key));
        if connected {
            self.attendant = None;
            self.barge_in();
        }
        connected
    }

    fn barge_in(&mut self) {
        if self.behaviour.barge_in {
            self.take_turn();
        }
    }

    fn take_turn(&mut self) {
        let jitter = mix(self.whim.wrapping_add(self.turn as u64)) % (self.behaviour.jitter_ms + 1);
        if let Some(keys) = self.behaviour.keys_of(self.turn) {
            self.plan_keys(&keys, Duration::from_millis(self.behaviour.after_ms + jitter));
        }
        self.turn += 1;
    }

    /// Keys follow those that are still to be pressed.
    fn plan_keys(&mut self, keys: &str, wait: Duration) {
        let pressed = self.plan.iter().rev().find(|(_, act)| matches!(act, Act::Press(_)));
        let mut due = pressed.map_or(Instant::now(), |(at, _)| *at + BETWEEN_KEYS) + wait;
        for key in keys.chars() {
            if key == ',' {
                due += PAUSE;
            } else {
                self.plan_at(due, Act::Press(key));
                due += BETWEEN_KEYS;
            }
        }
    }

    fn plan_in(&mut self, wait: Duration, act: Act) {
        self.plan_at(Instant::now() + wait, act);
    }

    fn plan_at(&mut self, due: Instant, act: Act) {
        let place = self.plan.partition_point(|(at, _)| *at <= due);
        self.plan.insert(place, (due, act));
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // A call that was ended properly takes no notice.
        self.call.end(End::Cut);
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
