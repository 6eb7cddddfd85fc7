//! What a person does, on paused time: when it answers, presses and hangs up.
//! It refuses to know a gateway.

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
    let hold = Some(crate::calls::Hold { after_ms: 50, for_ms: 200 });
    let mut scene = scene(Behaviour { hold, ..answering(&[]) });
    scene.person.answered();
    assert_eq!(acts(&mut scene.person, 2).await, [(50, Act::Hold), (250, Act::Resume)]);
}
