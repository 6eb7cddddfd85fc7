//! Calls as stories of events, each with what must follow from it, and what holds for any events.
//! Refuses to look at the machine's inside: what it does is what counts.

use super::*;
use crate::call::{Keys, Listen};
use engine::secret::Secret;
use proptest::prelude::*;

const RING: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(60);

struct Play {
    talk: Talk,
    now: Instant,
}

fn play() -> Play {
    Play { talk: Talk::new(RING, LONGEST), now: Instant::now() }
}

fn shown(act: Act) -> String {
    match act {
        Act::Tell(News::Placed { provider_id }) => format!("placed {provider_id}"),
        Act::Tell(News::Ringing) => "ringing".into(),
        Act::Tell(News::Answered) => "answered".into(),
        Act::Tell(News::Keyed(keys)) => format!("keys {}{}", keys.digits.expose(), if keys.pound { "#" } else { "" }),
        Act::Say(_, number) => format!("say {number}"),
        Act::Repeat => "repeat".into(),
        Act::Dismiss => "dismiss".into(),
        Act::Redirect(after) => format!("redirect {after}"),
        Act::HangUp { answered: true } => "hang up".into(),
        Act::HangUp { answered: false } => "cancel".into(),
        Act::LookFor => "look for".into(),
        Act::LookAt => "look at".into(),
        Act::End(end) => format!("end {end:?}"),
    }
}

fn turn(listens: bool) -> Turn {
    let listen = listens.then_some(Listen { wait: Duration::from_secs(10), most: 16, pound_alone: true });
    Turn { parts: vec![], listen }
}

fn asks(turn: u32, keys: &str) -> Event {
    let (digits, pound) = keys.strip_suffix('#').map_or((keys, false), |digits| (digits, true));
    Event::Asked(Asked { turn, machine: false, keys: Keys { digits: Secret::new(digits.into()), pound } })
}

fn told(word: &str) -> Told {
    Told { progress: super::super::webhook::progress(word), sip: None, code: None, seconds: None }
}

fn tells(word: &str) -> Event {
    Event::Told(told(word))
}

fn say() -> Event {
    Event::Order(Order::Say(turn(true)))
}

fn goodbye() -> Event {
    Event::Order(Order::Say(turn(false)))
}

fn hang_up() -> Event {
    Event::Order(Order::HangUp)
}

fn placed() -> Event {
    Event::Placed("CA1".into())
}

impl Play {
    fn on(mut self, event: Event, expected: &[&str]) -> Self {
        let told = format!("{event:?}");
        let acts: Vec<_> = self.talk.on(event, self.now).into_iter().map(shown).collect();
        assert_eq!(acts, expected, "after {told}");
        self
    }

    /// A callback names its call before it says anything.
    fn names(mut self, sid: &str, is_ours: bool, expected: &[&str]) -> Self {
        let mut acts = Vec::new();
        assert_eq!(self.talk.is_named(sid, self.now, &mut acts), is_ours, "{sid}");
        assert_eq!(acts.into_iter().map(shown).collect::<Vec<_>>(), expected);
        self
    }

    /// The deadline passes, which must be so far away.
    fn late(mut self, after: Duration, expected: &[&str]) -> Self {
        let deadline = self.talk.deadline().expect("there is a deadline");
        assert_eq!(deadline - self.now, after);
        self.now = deadline;
        self.on(Event::Late, expected)
    }

    fn waits_for_nothing(self) -> Self {
        assert_eq!(self.talk.deadline(), None);
        self
    }
}

fn ringing() -> Play {
    play().on(placed(), &["placed CA1"]).on(tells("ringing"), &["ringing"])
}

fn asking() -> Play {
    ringing().on(tells("in-progress"), &[]).on(asks(0, ""), &["answered"])
}

fn speaking() -> Play {
    asking().on(say(), &["say 1"])
}

#[test]
fn a_call_from_ring_to_goodbye() {
    speaking()
        .on(asks(1, "#"), &["keys #"])
        .on(say(), &["say 2"])
        .on(asks(2, ""), &["keys "])
        .on(goodbye(), &["say 3"])
        .on(tells("completed"), &["end Done"])
        .waits_for_nothing();
}

#[test]
fn the_first_key_of_several_is_listened_for_alone() {
    speaking().on(asks(1, "1"), &["say 2"]).on(asks(2, "234#"), &["keys 1234#"]);
    speaking().on(asks(1, "1"), &["say 2"]).on(asks(2, ""), &["keys 1"]);
    // An order meanwhile is another turn, and keys of the last one count no more.
    let meanwhile = speaking().on(asks(1, "1"), &["say 2"]).on(say(), &["redirect 2"]).on(asks(2, "9"), &["say 3"]);
    meanwhile.on(asks(3, "2"), &["say 4"]).on(asks(4, "#"), &["keys 2#"]);
}

#[test]
fn an_order_before_the_answer_waits_for_it_and_the_last_one_counts() {
    ringing()
        .on(say(), &[])
        .on(goodbye(), &[])
        .on(asks(0, ""), &["answered", "say 1"])
        .on(tells("completed"), &["end Done"]);
    play().on(say(), &[]).on(placed(), &["placed CA1"]).on(asks(0, ""), &["answered", "say 1"]);
}

#[test]
fn callbacks_may_be_faster_than_the_answer_to_the_request() {
    play()
        .names("CA1", true, &["placed CA1"])
        .on(tells("ringing"), &["ringing"])
        .on(placed(), &[])
        .on(asks(0, ""), &["answered"])
        .names("CA2", false, &[]);
}

#[test]
fn an_order_while_something_is_said_has_the_provider_ask_at_once() {
    let play = speaking().on(say(), &["redirect 1"]);
    // Keys that were pressed and not told yet count no more.
    let play = play.on(asks(1, "1234#"), &["say 2"]);
    // The provider asks for the redirect's sake too.
    play.on(asks(1, ""), &["repeat"]).on(asks(2, "5#"), &["keys 5#"]);
}

#[test]
fn a_question_counts_once() {
    ringing()
        .on(asks(0, ""), &["answered"])
        .on(asks(0, ""), &[])
        .on(say(), &["say 1"])
        .on(asks(0, ""), &["repeat"])
        .on(asks(1, "1#"), &["keys 1#"])
        .on(asks(1, "2#"), &[])
        .on(asks(0, ""), &["repeat"])
        .on(asks(9, "3#"), &["dismiss"]);
}

#[test]
fn what_is_told_only_goes_forward() {
    ringing()
        .on(tells("ringing"), &[])
        .on(tells("initiated"), &[])
        .on(tells("in-progress"), &[])
        .on(asks(0, ""), &["answered"])
        .on(tells("ringing"), &[])
        .on(tells("completed"), &["end HungUp"])
        .on(tells("completed"), &[])
        .on(tells("busy"), &[])
        .on(asks(0, ""), &["dismiss"])
        .on(say(), &[])
        .on(hang_up(), &[])
        .on(Event::HungUp, &[])
        .on(Event::Late, &[]);
    play().on(placed(), &["placed CA1"]).on(asks(0, ""), &["answered"]).on(tells("ringing"), &[]);
}

#[test]
fn hanging_up_at_every_stage() {
    let done = |play: Play| play.on(tells("completed"), &["end Done"]);
    done(play().on(hang_up(), &[]).on(placed(), &["placed CA1", "cancel"]).on(Event::HungUp, &[]));
    done(ringing().on(hang_up(), &["cancel"]).on(Event::HungUp, &[]));
    done(asking().on(hang_up(), &["dismiss"]));
    done(speaking().on(hang_up(), &["hang up"]).on(Event::HungUp, &[]));
    ringing().on(hang_up(), &["cancel"]).on(tells("canceled"), &["end Done"]);
    play().on(hang_up(), &[]).names("CA1", true, &["placed CA1", "cancel"]).on(asks(0, ""), &["dismiss"]);
}

#[test]
fn a_call_that_is_answered_while_it_is_canceled_is_hung_up() {
    ringing().on(hang_up(), &["cancel"]).on(asks(0, ""), &["dismiss"]).on(tells("completed"), &["end Done"]);
}

#[test]
fn the_last_word_is_not_waited_for_for_ever() {
    ringing()
        .on(hang_up(), &["cancel"])
        .waits_for_nothing()
        .on(Event::HungUp, &[])
        .late(GRACE, &["end Done"])
        .waits_for_nothing();
    asking().on(hang_up(), &["dismiss"]).late(GRACE, &["end Done"]);
}

#[test]
fn nobody_waits_for_an_order_for_ever() {
    asking().late(ORDER_WAIT, &["dismiss"]).on(say(), &[]).on(tells("completed"), &["end Done"]);
    speaking().on(asks(1, ""), &["keys "]).late(ORDER_WAIT, &["dismiss"]).late(GRACE, &["end Done"]);
}

#[test]
fn a_machine_is_hung_up_and_never_hears_a_word() {
    let machine = || Event::Asked(Asked { turn: 0, machine: true, keys: Keys::default() });
    ringing().on(say(), &[]).on(machine(), &["dismiss"]).on(tells("completed"), &["end Voicemail"]);
    ringing().on(machine(), &["dismiss"]).on(hang_up(), &[]).late(GRACE, &["end Voicemail"]);
}

#[test]
fn who_hangs_up_on_the_silence_before_the_first_word_has_hung_up() {
    let completed = |seconds| Event::Told(Told { seconds: Some(seconds), ..told("completed") });
    ringing().on(tells("in-progress"), &[]).on(completed(4), &["end HungUp"]);
    let unasked = format!("end {:?}", unasked());
    ringing().on(tells("in-progress"), &[]).on(completed(31), &[&unasked]);
    ringing().on(completed(4), &[&unasked]);
}

#[test]
fn a_request_that_was_refused_is_the_end() {
    let refused = || Event::NotPlaced(CallEnd::Busy);
    play().on(hang_up(), &[]).on(refused(), &["end Busy"]).on(placed(), &[]);
    // What has called us was placed, whatever the answer to the request says.
    play().names("CA1", true, &["placed CA1"]).on(refused(), &[]).on(asks(0, ""), &["answered"]);
}

#[test]
fn doubt_is_resolved_by_a_callback_or_the_list_and_never_by_another_request() {
    let doubt = || play().on(Event::Doubtful("too long".into()), &[]);
    doubt().names("CA1", true, &["placed CA1"]).on(asks(0, ""), &["answered"]);
    doubt().late(DOUBT, &["look for"]).on(Event::Found(Some("CA1".into())), &["placed CA1"]);
    let ambiguous = r#"end Ambiguous { cause: "too long" }"#;
    doubt().late(DOUBT, &["look for"]).on(Event::Found(None), &[ambiguous]);
    doubt()
        .on(hang_up(), &[])
        .late(DOUBT, &["look for"])
        .on(Event::Found(Some("CA1".into())), &["placed CA1", "cancel"]);
    let called = doubt().late(DOUBT, &["look for"]).names("CA1", true, &["placed CA1"]);
    called.on(Event::Found(None), &[]).on(asks(0, ""), &["answered"]);
}

#[test]
fn a_call_that_ended_by_itself_says_why() {
    let unasked = format!("end {:?}", unasked());
    ringing().on(tells("busy"), &["end Busy"]);
    ringing().on(tells("no-answer"), &["end NoAnswer"]);
    ringing().on(tells("completed"), &[&unasked]);
    let declined = Told { sip: Some(603), ..told("failed") };
    ringing().on(Event::Told(declined), &["end Declined"]);
    let canceled = CallEnd::Cut { cause: "it was canceled at the gateway".into() };
    ringing().on(tells("canceled"), &[&format!("end {canceled:?}")]);
    let lasted = |seconds| Event::Told(Told { seconds: Some(seconds), ..told("completed") });
    speaking().on(lasted(59), &["end HungUp"]);
    speaking().on(lasted(60), &["end TooLong"]);
    asking().on(lasted(3), &["end HungUp"]);
}

#[test]
fn a_lost_last_word_is_looked_for() {
    let unasked = format!("end {:?}", unasked());
    let rang = || ringing().late(RING + RING_SLACK, &["look at"]).waits_for_nothing();
    rang().on(Event::Looked(Some(told("no-answer"))), &["end NoAnswer"]);
    rang().on(Event::Looked(Some(told("in-progress"))), &["hang up"]).on(tells("completed"), &[&unasked]);
    rang().on(Event::Looked(None), &["cancel"]).on(Event::HungUp, &[]).late(GRACE, &["end NoAnswer"]);
    // It was answered just then.
    rang().on(asks(0, ""), &["answered"]).on(Event::Looked(Some(told("in-progress"))), &[]).on(say(), &["say 1"]);
    let spoke = || speaking().late(LONGEST + LAST_SLACK, &["look at"]);
    spoke().on(Event::Looked(Some(Told { seconds: Some(61), ..told("completed") })), &["end TooLong"]);
    spoke().on(Event::Looked(Some(told("in-progress"))), &["hang up"]).on(tells("completed"), &["end TooLong"]);
    spoke().on(Event::Looked(None), &["hang up"]).on(Event::HungUp, &[]).late(GRACE, &["end TooLong"]);
}

#[test]
fn turns_do_not_prolong_a_call() {
    let mut play = speaking();
    play.now += Duration::from_secs(40);
    play.on(asks(1, "#"), &["keys #"])
        .on(say(), &["say 2"])
        .late(LONGEST + LAST_SLACK - Duration::from_secs(40), &["look at"]);
}

fn any_event() -> impl Strategy<Value = (u8, Event)> {
    let words =
        prop::sample::select(vec!["initiated", "ringing", "in-progress", "completed", "busy", "failed", "canceled"]);
    let word = || words.clone();
    prop_oneof![
        Just(()).prop_map(|()| (0, placed())),
        Just(()).prop_map(|()| (0, Event::NotPlaced(CallEnd::Busy))),
        Just(()).prop_map(|()| (0, Event::Doubtful("x".into()))),
        any::<bool>().prop_map(|found| (0, Event::Found(found.then(|| "CA1".into())))),
        any::<bool>().prop_map(|listens| (0, Event::Order(Order::Say(turn(listens))))),
        Just(()).prop_map(|()| (0, hang_up())),
        (0_u32..5, any::<bool>())
            .prop_map(|(turn, machine)| (1, Event::Asked(Asked { turn, machine, keys: Keys::default() }))),
        word().prop_map(|word| (1, tells(word))),
        word().prop_map(|word| (0, Event::Looked(Some(told(word))))),
        Just(()).prop_map(|()| (0, Event::Looked(None))),
        Just(()).prop_map(|()| (0, Event::HungUp)),
        Just(()).prop_map(|()| (0, Event::Late)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes in whatever order: one end and nothing told after it, news in their order, documents numbered one by
    /// one, and a call that is not over is always waiting for something that surely comes.
    #[test]
    fn any_events_keep_the_contract(events in prop::collection::vec(any_event(), 0..30)) {
        let (mut talk, now) = (Talk::new(RING, LONGEST), Instant::now());
        let (mut placed, mut answered, mut ended, mut given) = (false, false, false, 0);
        for (is_callback, event) in events {
            let mut acts = Vec::new();
            if is_callback == 1 {
                prop_assert!(talk.is_named("CA1", now, &mut acts) || ended);
            }
            acts.extend(talk.on(event, now));
            for act in acts {
                prop_assert!(!ended || matches!(act, Act::Dismiss), "after the end: {act:?}");
                match act {
                    Act::Tell(News::Placed { .. }) => prop_assert!(!std::mem::replace(&mut placed, true)),
                    Act::Tell(News::Ringing) => prop_assert!(placed && !answered),
                    Act::Tell(News::Answered) => prop_assert!(placed && !std::mem::replace(&mut answered, true)),
                    Act::Tell(News::Keyed(_)) => prop_assert!(answered),
                    Act::Say(_, number) => {
                        given += 1;
                        prop_assert!(answered && number == given);
                    }
                    Act::Redirect(after) => prop_assert!(after == given && given > 0),
                    Act::HangUp { .. } | Act::LookAt => prop_assert!(placed),
                    Act::Repeat | Act::Dismiss | Act::LookFor => {}
                    Act::End(_) => ended = true,
                }
            }
        }
    }
}
