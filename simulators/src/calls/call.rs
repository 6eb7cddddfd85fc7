//! One call to a phone, as it is remembered: who called, how far it came, what was heard and which keys were pressed.
//! A call that has ended never changes again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use crate::clock;
use crate::lock::lock;
use crate::number::Number;

/// Prompts remembered of one call.
const MOST_PROMPTS: usize = 100;
/// Keys remembered of one call.
const MOST_KEYS: usize = 500;

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Ringing,
    Answered,
    Ended(End),
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Ended(_) => "ended",
        }
    }
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The caller hung up after the answer.
    CallerHungUp,
    /// The caller gave up while it rang.
    Cancelled,
    /// The phone hung up.
    HungUp,
    Declined,
    Busy,
    /// The phone was off or out of reach.
    Unreachable,
    /// The number is nobody's.
    Unallocated,
    /// It rang as long as the gateway lets it.
    NotAnswered,
    /// The gateway could not go on: the caller broke the rules or fell silent.
    Cut,
}

impl End {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::CallerHungUp => "caller_hung_up",
            Self::Cancelled => "cancelled",
            Self::HungUp => "hung_up",
            Self::Declined => "declined",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Unallocated => "unallocated",
            Self::NotAnswered => "not_answered",
            Self::Cut => "cut",
        }
    }
}

/// Something that was said to the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// By a gateway that speaks by itself.
    #[allow(dead_code, reason = "for the gateways that speak by themselves")]
    Text { language: Option<String>, text: String },
    /// As sound: G.711 µ-law, 8,000 a second. `None` once it was forgotten to make room.
    Sound { milliseconds: u64, law: Option<Arc<[u8]>> },
}

/// What a tester does with the phone by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hand {
    Answer,
    Decline,
    HangUp,
    /// Keys, and `,` for a pause of a second.
    Press(String),
}

/// Everything about a call at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) state: State,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) keys: String,
    pub(crate) answered_ms: Option<i64>,
    pub(crate) ended_ms: Option<i64>,
}

/// A call that is under way or remembered.
#[derive(Debug)]
pub(crate) struct Call {
    /// Unlike that of any other call here.
    pub(crate) id: String,
    /// The name of the gateway that carries it.
    pub(crate) gateway: String,
    /// The caller's number as the phone shows it; empty where it is withheld.
    pub(crate) from: String,
    pub(crate) to: Number,
    pub(crate) at_ms: i64,
    stage: Mutex<Stage>,
    hand: mpsc::Sender<Hand>,
    changes: Arc<AtomicU64>,
}

impl Call {
    /// `changes` grows with each change; `hand` leads to the person.
    pub(crate) fn new(
        (id, gateway, from, to): (String, String, String, Number),
        hand: mpsc::Sender<Hand>,
        changes: Arc<AtomicU64>,
    ) -> Self {
        let stage = Stage {
            state: State::Ringing,
            prompts: Vec::new(),
            keys: String::new(),
            answered_ms: None,
            ended_ms: None,
        };
        Self { id, gateway, from, to, at_ms: clock::wall_ms(), stage: Mutex::new(stage), hand, changes }
    }

    /// A copy of everything that changes.
    pub(crate) fn look(&self) -> Stage {
        lock(&self.stage).clone()
    }

    pub(crate) fn state(&self) -> State {
        lock(&self.stage).state
    }

    /// Whether it rings or is spoken on.
    pub(crate) fn is_live(&self) -> bool {
        !matches!(self.state(), State::Ended(_))
    }

    /// Somebody or something picked up.
    pub(crate) fn answer(&self) {
        self.change(|stage| {
            if stage.state == State::Ringing {
                stage.state = State::Answered;
                stage.answered_ms = Some(clock::wall_ms());
            }
        });
    }

    /// It is over; the first reason stays.
    pub(crate) fn end(&self, why: End) {
        self.change(|stage| {
            stage.state = State::Ended(why);
            stage.ended_ms = Some(clock::wall_ms());
        });
    }

    /// Something was said to the phone; gives its place among the prompts, or `None` where there is no more room.
    pub(crate) fn hear(&self, prompt: Prompt) -> Option<usize> {
        let mut place = None;
        self.change(|stage| {
            if stage.prompts.len() < MOST_PROMPTS {
                place = Some(stage.prompts.len());
                stage.prompts.push(prompt);
            }
        });
        place
    }

    /// Leaves of a sound only how long it was, also after the end.
    pub(crate) fn forget_sound(&self, place: usize) {
        if let Some(Prompt::Sound { law, .. }) = lock(&self.stage).prompts.get_mut(place) {
            *law = None;
        }
    }

    pub(crate) fn press(&self, key: char) {
        self.change(|stage| {
            if stage.keys.len() < MOST_KEYS {
                stage.keys.push(key);
            }
        });
    }

    /// Passes on what the tester does; the error says why it cannot be done now.
    pub(crate) fn by_hand(&self, hand: Hand) -> Result<(), &'static str> {
        let fits = match (&hand, self.state()) {
            (Hand::Answer | Hand::Decline, State::Ringing) => true,
            (Hand::HangUp | Hand::Press(_), State::Answered) => true,
            (Hand::Answer | Hand::Decline, State::Answered | State::Ended(_)) => false,
            (Hand::HangUp | Hand::Press(_), State::Ringing | State::Ended(_)) => false,
        };
        match (fits, &hand) {
            (true, _) => self.hand.try_send(hand).map_err(|_| "the phone is busy with what it was told before"),
            (false, Hand::Answer | Hand::Decline) => Err("the phone does not ring"),
            (false, Hand::HangUp | Hand::Press(_)) => Err("the phone is not in a call; answer first"),
        }
    }

    fn change(&self, step: impl FnOnce(&mut Stage)) {
        let mut stage = lock(&self.stage);
        if !matches!(stage.state, State::Ended(_)) {
            step(&mut stage);
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> (Call, mpsc::Receiver<Hand>) {
        let (hand, hands) = mpsc::channel(2);
        let to = Number::parse("+12025550123").expect("valid");
        let names = ("call_1".to_owned(), "sip".to_owned(), "+12025550100".to_owned(), to);
        (Call::new(names, hand, Arc::default()), hands)
    }

    #[test]
    fn what_has_ended_stays_as_it_was() {
        let (call, _hands) = call();
        call.answer();
        call.press('1');
        call.end(End::HungUp);
        call.end(End::Cut);
        call.press('2');
        assert_eq!(call.hear(Prompt::Text { language: None, text: "late".to_owned() }), None);
        let stage = call.look();
        assert_eq!((stage.state, stage.keys.as_str()), (State::Ended(End::HungUp), "1"));
        assert!(stage.answered_ms.is_some() && stage.ended_ms.is_some() && !call.is_live());
        assert_eq!(call.changes.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn the_hand_fits_the_state() {
        let (call, mut hands) = call();
        assert!(call.by_hand(Hand::HangUp).is_err() && call.by_hand(Hand::Press("1".to_owned())).is_err());
        call.by_hand(Hand::Answer).expect("it rings");
        assert_eq!(hands.try_recv(), Ok(Hand::Answer));
        call.answer();
        assert!(call.by_hand(Hand::Answer).is_err() && call.by_hand(Hand::Decline).is_err());
        call.by_hand(Hand::HangUp).expect("it was answered");
    }

    #[test]
    fn a_call_holds_no_more_than_its_limits() {
        let (call, _hands) = call();
        for _ in 0..MOST_PROMPTS + 5 {
            call.hear(Prompt::Sound { milliseconds: 1, law: Some([0].into()) });
        }
        (0..MOST_KEYS + 5).for_each(|_| call.press('5'));
        call.forget_sound(0);
        let stage = call.look();
        assert_eq!((stage.prompts.len(), stage.keys.len()), (MOST_PROMPTS, MOST_KEYS));
        assert_eq!(stage.prompts[0], Prompt::Sound { milliseconds: 1, law: None });
    }
}
