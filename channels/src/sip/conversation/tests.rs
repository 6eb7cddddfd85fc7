//! Conversations on a clock that the test turns: a line for each event, and what is done about it.
//! Refuses sound.

use super::*;
use crate::call::Utterance;

struct Talk(Conversation);

impl Talk {
    fn picked_up() -> Self {
        let mut talk = Self(Conversation::new(Duration::from_secs(100)));
        assert_eq!(talk.at(0, Event::Answered), "answered");
        talk
    }

    /// What is done about an event at this second, in short words.
    fn at(&mut self, second: u64, event: Event) -> String {
        let acts = self.0.step(event, Duration::from_secs(second));
        let words: Vec<_> = acts.iter().map(word).collect();
        words.join(" ")
    }

    fn keys(&mut self, second: u64, keys: &str) -> String {
        let words: Vec<_> = keys.chars().map(|key| self.at(second, Event::Heard(Heard::Key(key)))).collect();
        words.join(" ").trim().to_owned()
    }

    fn deadline(&self) -> Option<u64> {
        self.0.deadline().map(|at| at.as_secs())
    }
}

fn word(act: &Act) -> String {
    match act {
        Act::Play(sounds) => sounds.iter().map(sound).collect::<Vec<_>>().join("+"),
        Act::Hush => "hush".into(),
        Act::Forget => "forget".into(),
        Act::Tell(News::Answered) => "answered".into(),
        Act::Tell(News::Keyed(keys)) => format!("keyed:{}{}", keys.digits.expose(), if keys.pound { "#" } else { "" }),
        Act::Tell(news @ (News::Placed { .. } | News::Ringing)) => format!("{news:?}"),
        Act::HangUp(end) => format!("{end:?}"),
    }
}

fn sound(sound: &Sound) -> String {
    match sound {
        Sound::Audio(audio) => format!("words{}", audio.len()),
        Sound::Keys(keys) => format!("dial:{keys}"),
        Sound::Silence(time) => format!("{time:?}"),
    }
}

fn words(length: usize) -> Part {
    Part::Say(Utterance { language: "en".into(), text: String::new(), audio: vec![0; length].into() })
}

fn say(parts: Vec<Part>, listen: Option<u64>) -> Event {
    let listen = listen.map(|wait| Listen { wait: Duration::from_secs(wait), most: 4, pound_alone: false });
    Event::Order(Order::Say(Turn { parts, listen }))
}

#[test]
fn keys_end_by_pound_by_their_number_or_by_time() {
    let mut talk = Talk::picked_up();
    assert_eq!(talk.at(1, say(vec![words(1), words(2)], Some(5))), "forget words1+words2");
    assert_eq!(talk.at(3, Event::Heard(Heard::Played)), "");
    assert_eq!(talk.deadline(), Some(8));
    assert_eq!(talk.keys(7, "1*"), "");
    assert_eq!(talk.deadline(), Some(12), "each key has its time");
    assert_eq!(talk.keys(8, "#9"), "keyed:1*#");
    talk.at(9, say(vec![], Some(5)));
    assert_eq!(talk.keys(10, "123456"), "keyed:1234");
    talk.at(11, say(vec![], Some(5)));
    talk.keys(12, "7");
    assert_eq!(talk.at(17, Event::Tick), "keyed:7");
    talk.at(18, say(vec![], Some(5)));
    assert_eq!(talk.at(23, Event::Tick), "keyed:", "nothing was pressed");
}

#[test]
fn a_key_stops_the_words_and_counts() {
    let mut talk = Talk::picked_up();
    talk.at(1, say(vec![words(1)], Some(5)));
    assert_eq!(talk.keys(2, "1"), "hush");
    assert_eq!(talk.deadline(), Some(7));
    assert_eq!(talk.keys(3, "2#"), "keyed:12#");
    talk.at(4, say(vec![words(1)], Some(5)));
    assert_eq!(talk.keys(5, "#"), "hush keyed:#");
}

#[test]
fn what_is_dialled_is_not_stopped_by_a_key() {
    let mut talk = Talk::picked_up();
    let dial = || Part::Dial(",1#".parse().unwrap());
    assert_eq!(talk.at(1, say(vec![words(1), dial(), words(2)], Some(5))), "forget words1");
    assert_eq!(talk.keys(2, "5"), "hush dial:,1#");
    assert_eq!(talk.keys(3, "1#"), "");
    assert_eq!(talk.at(4, Event::Heard(Heard::Played)), "", "they are our own");
    assert_eq!(talk.keys(4, "#16"), "", "and so they are when they come back late, but 6 was not dialled");
    assert_eq!(talk.keys(5, "1#"), "keyed:561#");
}

#[test]
fn a_turn_without_ears_hangs_up_when_all_is_said() {
    let mut talk = Talk::picked_up();
    talk.at(1, say(vec![words(1)], None));
    assert_eq!(talk.at(2, Event::Heard(Heard::Played)), "Done");
    let mut talk = Talk::picked_up();
    talk.at(1, say(vec![words(1)], None));
    assert_eq!(talk.keys(2, "1"), "hush Done");
    assert_eq!(talk.at(3, say(vec![words(1)], None)), "", "it is over");
}

#[test]
fn a_new_turn_forgets_the_keys_of_the_old() {
    let mut talk = Talk::picked_up();
    talk.at(1, say(vec![words(1)], Some(5)));
    talk.keys(2, "12");
    assert_eq!(talk.at(3, say(vec![words(2)], Some(5))), "forget words2");
    talk.at(4, Event::Heard(Heard::Played));
    assert_eq!(talk.keys(5, "3#"), "keyed:3#");
}

#[test]
fn orders_before_the_answer_wait_but_not_to_hang_up() {
    let mut talk = Talk(Conversation::new(Duration::from_secs(100)));
    assert_eq!(talk.at(0, say(vec![words(1)], None)), "");
    assert_eq!(talk.keys(1, "1"), "", "nobody is there");
    assert_eq!(talk.at(5, Event::Answered), "answered forget words1");
    let mut talk = Talk(Conversation::new(Duration::from_secs(100)));
    assert_eq!(talk.at(0, Event::Order(Order::HangUp)), "Done");
}

#[test]
fn without_an_order_it_hangs_up() {
    let mut talk = Talk::picked_up();
    assert_eq!(talk.deadline(), Some(ORDER_WAIT.as_secs()));
    assert_eq!(talk.keys(5, "12"), "", "nobody asked for keys");
    assert_eq!(talk.at(10, Event::Tick), "Done");
    assert_eq!(talk.deadline(), None);
}

#[test]
fn it_lasts_no_longer_than_it_may_and_not_in_silence() {
    let mut talk = Talk::picked_up();
    talk.at(9, say(vec![words(1)], Some(5)));
    assert_eq!(talk.at(99, Event::Tick), "");
    assert_eq!(talk.at(100, Event::Tick), "TooLong");
    let mut talk = Talk::picked_up();
    assert!(talk.at(30, Event::Heard(Heard::Silent)).starts_with("Cut"));
}

#[test]
fn on_hold_the_time_for_keys_stands_still() {
    let mut talk = Talk::picked_up();
    talk.at(1, say(vec![], Some(5)));
    talk.at(3, Event::Heard(Heard::Held));
    assert_eq!(talk.deadline(), Some(100), "but not the time of the call");
    talk.at(50, Event::Heard(Heard::Resumed));
    assert_eq!(talk.deadline(), Some(53));
    talk.at(51, Event::Heard(Heard::Held));
    talk.at(52, say(vec![words(1)], Some(5)));
    talk.at(53, Event::Heard(Heard::Played));
    talk.at(60, Event::Heard(Heard::Resumed));
    assert_eq!(talk.deadline(), Some(65));
}
