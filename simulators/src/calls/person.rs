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
mod tests {
    use super::*;
    use crate::calls::{Calls, Draft, State};
    use crate::number::Number;

    struct Scene {
        person: Person,
        reset: watch::Sender<u64>,
    }

    fn scene(behaviour: Behaviour) -> Scene {
        let calls = Calls::new(10, Arc::default());
        let to = Number::parse("+12025550123").expect("valid");
        let (call, hands) = calls.write(Draft { id: None, gateway: String::new(), from: String::new(), to });
        let reset = watch::Sender::new(0);
        let person = Person::new(call, Arc::new(behaviour), hands, reset.subscribe(), 1);
        Scene { person, reset }
    }

    fn answering(keys: &[&str]) -> Behaviour {
        let keys = keys.iter().map(|keys| (*keys).to_owned()).collect();
        Behaviour { on_call: OnCall::Answer, keys, after_ms: 100, ..Behaviour::default() }
    }

    /// What is done, and after how many milliseconds.
    async fn acts(person: &mut Person, count: usize) -> Vec<(u128, Act)> {
        let start = Instant::now();
        let mut acts = Vec::new();
        for _ in 0..count {
            let act = person.act().await;
            acts.push((start.elapsed().as_millis(), act));
        }
        acts
    }

    #[tokio::test(start_paused = true)]
    async fn answers_and_presses_once_the_prompt_is_over() {
        let mut scene = scene(Behaviour { answer_after_ms: 500, ..answering(&["1,2", "#"]) });
        assert_eq!(acts(&mut scene.person, 1).await, [(500, Act::Answer)]);
        assert_eq!(scene.person.answered(), None);
        scene.person.prompt_began();
        scene.person.prompt_over();
        assert_eq!(acts(&mut scene.person, 2).await, [(100, Act::Press('1')), (1_300, Act::Press('2'))]);
        scene.person.prompt_over();
        assert_eq!(acts(&mut scene.person, 1).await, [(100, Act::Press('#'))]);
        assert_eq!(scene.person.call().look().keys, "12#");
    }

    #[tokio::test(start_paused = true)]
    async fn barges_in_and_hangs_up_in_the_middle() {
        let behaviour = Behaviour {
            barge_in: true,
            hang_up: Some(HangUp::MidPrompt),
            hang_up_after_ms: 1_000,
            ..answering(&["1", "2"])
        };
        let mut scene = scene(behaviour);
        scene.person.answered();
        assert_eq!(acts(&mut scene.person, 1).await, [(100, Act::Press('1'))]);
        scene.person.prompt_began();
        scene.person.prompt_over();
        scene.person.prompt_began();
        assert_eq!(acts(&mut scene.person, 2).await, [(100, Act::Press('2')), (1_000, Act::HangUp)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_attendant_comes_first() {
        let mut scene = scene(Behaviour { extension: Some("42".to_owned()), ..answering(&["#"]) });
        assert_eq!(scene.person.answered(), Some(Greeting::Attendant));
        scene.person.prompt_over();
        assert!(!scene.person.hear_key('4') && scene.person.hear_key('2'));
        scene.person.prompt_over();
        assert_eq!(acts(&mut scene.person, 1).await, [(100, Act::Press('#'))]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_presses_nothing_but_a_tester_may() {
        let mut scene = scene(Behaviour { on_call: OnCall::Voicemail, ..answering(&["#"]) });
        assert_eq!(scene.person.act().await, Act::Answer);
        assert_eq!(scene.person.answered(), Some(Greeting::Voicemail));
        scene.person.prompt_over();
        scene.person.call().by_hand(Hand::Press("7,8".to_owned())).expect("answered");
        assert_eq!(acts(&mut scene.person, 2).await, [(0, Act::Press('7')), (1_200, Act::Press('8'))]);
        scene.person.call().by_hand(Hand::HangUp).expect("answered");
        assert_eq!(scene.person.act().await, Act::HangUp);
    }

    #[tokio::test(start_paused = true)]
    async fn who_lets_it_ring_waits_for_the_testers_hand_or_a_reset() {
        let mut scene = scene(Behaviour::default());
        let call = Arc::clone(scene.person.call());
        let silence = tokio::time::timeout(Duration::from_secs(3_600), scene.person.act()).await;
        assert!(silence.is_err());
        call.by_hand(Hand::Answer).expect("it rings");
        assert_eq!(scene.person.act().await, Act::Answer);
        scene.reset.send_modify(|epoch| *epoch += 1);
        assert_eq!(scene.person.act().await, Act::Forget);
        drop(scene);
        assert_eq!(call.state(), State::Ended(End::Cut));
    }

    #[tokio::test(start_paused = true)]
    async fn holds_and_resumes() {
        let hold = Some(super::super::Hold { after_ms: 50, for_ms: 200 });
        let mut scene = scene(Behaviour { hold, ..answering(&[]) });
        scene.person.answered();
        assert_eq!(acts(&mut scene.person, 2).await, [(50, Act::Hold), (250, Act::Resume)]);
    }
}
