//! Transactions on a clock that the test turns.
//! Refuses to wait.

use super::super::message::Method;
use super::super::transport::Carrier;
use super::super::transport::Hop;
use super::*;

const UDP: Hop = Hop {
    peer: std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5060),
    carrier: Carrier::Udp,
};
const TCP: Hop = Hop { carrier: Carrier::Tcp, ..UDP };

fn request(method: Method) -> Message {
    let cseq = format!("1 {method}");
    Message::request(method, "sip:a@b")
        .with("Via", "SIP/2.0/UDP us:5060;rport;branch=z9hG4bK1")
        .with("From", "<sip:us>;tag=1")
        .with("To", "<sip:a@b>")
        .with("Call-ID", "c")
        .with("CSeq", cseq)
}

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The times, in milliseconds, at which something is done, and what, until nothing is due any more.
fn run(layer: &mut Layer) -> Vec<(u128, String)> {
    let mut seen = Vec::new();
    while let Some(at) = layer.deadline() {
        seen.extend(layer.tick(at).iter().map(|outcome| (at.as_millis(), name(outcome))));
    }
    seen
}

fn name(outcome: &Outcome) -> String {
    let short = |message: &Message| match (message.method(), message.status()) {
        (Some(method), _) => method.to_string(),
        (None, status) => status.unwrap_or_default().to_string(),
    };
    match outcome {
        Outcome::Send(message, _) => format!("send {}", short(message)),
        Outcome::Response(message) => format!("told {}", short(message)),
        Outcome::Request(message, _) => format!("asked {}", short(message)),
        Outcome::TimedOut(message, _) => format!("timed out {}", short(message)),
        Outcome::Broken(message) => format!("broken {}", short(message)),
    }
}

fn names(outcomes: Vec<Outcome>) -> Vec<String> {
    outcomes.iter().map(name).collect()
}

#[test]
fn an_invite_is_sent_seven_times_and_times_out() {
    let mut layer = Layer::default();
    layer.request(request(Method::Invite), UDP, Duration::ZERO);
    let times: Vec<_> = run(&mut layer).into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 15_500, 31_500, 32_000]);
}

#[test]
fn another_request_is_sent_every_four_seconds_at_last() {
    let mut layer = Layer::default();
    layer.request(request(Method::Bye), UDP, Duration::ZERO);
    let seen = run(&mut layer);
    let times: Vec<_> = seen.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000]);
    assert_eq!(seen.last().unwrap().1, "timed out BYE");
}

#[test]
fn over_a_stream_nothing_is_sent_twice() {
    for method in [Method::Invite, Method::Bye] {
        let mut layer = Layer::default();
        layer.request(request(method.clone()), TCP, Duration::ZERO);
        assert_eq!(run(&mut layer), [(32_000, format!("timed out {method}"))]);
    }
}

#[test]
fn after_a_provisional_answer_an_invite_waits_for_five_minutes() {
    let mut layer = Layer::default();
    layer.request(request(Method::Invite), UDP, Duration::ZERO);
    let ringing = Message::response(&request(Method::Invite), 180, "x");
    assert_eq!(names(layer.receive(ringing, UDP, false, milliseconds(100))), ["told 180"]);
    let ringing = Message::response(&request(Method::Invite), 180, "x");
    assert_eq!(names(layer.receive(ringing, UDP, false, milliseconds(60_100))), ["told 180"]);
    assert_eq!(run(&mut layer), [(300_100, "timed out INVITE".into())]);
}

#[test]
fn a_refusal_is_acknowledged_each_time_and_told_once() {
    let mut layer = Layer::default();
    layer.request(request(Method::Invite), UDP, Duration::ZERO);
    let busy = Message::response(&request(Method::Invite), 486, "theirs");
    let outcomes = layer.receive(busy.clone(), UDP, false, milliseconds(100));
    let Outcome::Send(ack, _) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!((ack.get("CSeq"), ack.branch().as_deref()), (Some("1 ACK"), Some("z9hG4bK1")));
    assert_eq!(ack.get("To"), Some("<sip:a@b>;tag=theirs"));
    assert_eq!(names(outcomes), ["send ACK", "told 486"]);
    assert_eq!(names(layer.receive(busy.clone(), UDP, false, milliseconds(600))), ["send ACK"]);
    assert_eq!(run(&mut layer), []);
    assert!(layer.receive(busy, UDP, false, milliseconds(60_000)).is_empty(), "it is forgotten");
}

#[test]
fn each_answer_that_picks_up_is_told_even_by_nobody_known() {
    let mut layer = Layer::default();
    layer.request(request(Method::Invite), UDP, Duration::ZERO);
    let up = Message::response(&request(Method::Invite), 200, "x");
    assert_eq!(names(layer.receive(up.clone(), UDP, false, milliseconds(1))), ["told 200"]);
    assert_eq!(names(layer.receive(up.clone(), UDP, false, milliseconds(2))), ["told 200"]);
    assert_eq!(run(&mut layer), []);
    assert_eq!(names(layer.receive(up, UDP, false, milliseconds(40_000))), ["told 200"]);
    let stray = Message::response(&request(Method::Bye), 200, "x");
    assert!(layer.receive(stray, UDP, false, milliseconds(40_000)).is_empty());
}

#[test]
fn a_request_is_told_once_and_its_answer_repeated() {
    let mut layer = Layer::default();
    let info = request(Method::Info);
    assert_eq!(names(layer.receive(info.clone(), UDP, false, Duration::ZERO)), ["asked INFO"]);
    assert!(layer.receive(info.clone(), UDP, false, milliseconds(1)).is_empty(), "it is not answered yet");
    layer.respond(Message::response(&info, 200, "x"), None, milliseconds(2));
    assert_eq!(names(layer.receive(info, UDP, false, milliseconds(3))), ["send 200"]);
}

#[test]
fn a_refused_invite_is_told_until_its_ack() {
    let mut layer = Layer::default();
    let invite = request(Method::Invite);
    layer.receive(invite.clone(), UDP, false, Duration::ZERO);
    layer.respond(Message::response(&invite, 403, "x"), None, Duration::ZERO);
    assert_eq!(names(layer.tick(milliseconds(500))), ["send 403"]);
    assert!(layer.receive(request(Method::Ack), UDP, false, milliseconds(600)).is_empty());
    assert_eq!(run(&mut layer), []);
}

#[test]
fn the_ack_of_a_success_is_told_whatever_its_branch() {
    let mut layer = Layer::default();
    let invite = request(Method::Invite);
    layer.receive(invite.clone(), UDP, false, Duration::ZERO);
    layer.respond(Message::response(&invite, 200, "x"), None, Duration::ZERO);
    assert_eq!(names(layer.receive(request(Method::Ack), UDP, false, milliseconds(1))), ["asked ACK"]);
}

#[test]
fn a_request_that_came_two_ways_is_refused_once() {
    let mut layer = Layer::default();
    layer.receive(request(Method::Options), UDP, false, Duration::ZERO);
    let mut other = request(Method::Options);
    other.set("Via", "SIP/2.0/UDP us:5060;branch=z9hG4bK2");
    assert_eq!(names(layer.receive(other, UDP, false, Duration::ZERO)), ["send 482"]);
}

#[test]
fn a_cancel_of_theirs_finds_its_invite_answered() {
    let mut layer = Layer::default();
    assert_eq!(names(layer.receive(request(Method::Cancel), UDP, false, Duration::ZERO)), ["send 481"]);
    layer.receive(request(Method::Invite), UDP, false, Duration::ZERO);
    assert_eq!(names(layer.receive(request(Method::Cancel), UDP, false, Duration::ZERO)), ["send 200"]);
}

#[test]
fn a_broken_connection_ends_what_waits_on_it_though_another_took_its_place() {
    let mut layer = Layer::default();
    let (invite, bye) = (request(Method::Invite), request(Method::Bye));
    for (connection, request) in [(1, &invite), (2, &bye)] {
        layer.request(request.clone(), TCP, Duration::ZERO);
        layer.carried(request, connection);
    }
    assert!(layer.broken(3).is_empty());
    assert_eq!(names(layer.broken(1)), ["broken INVITE"]);
    assert_eq!(names(layer.broken(2)), ["broken BYE"]);
    assert_eq!(layer.deadline(), None);
}

#[test]
fn what_timed_out_says_on_which_connection() {
    let mut layer = Layer::default();
    layer.request(request(Method::Bye), TCP, Duration::ZERO);
    layer.carried(&request(Method::Bye), 7);
    assert!(matches!(layer.tick(LONG)[..], [Outcome::TimedOut(_, Some(7))]));
}

#[test]
fn a_cancel_goes_the_way_of_its_invite() {
    let mut layer = Layer::default();
    assert_eq!(layer.hop_of_invite(&request(Method::Cancel)), None);
    layer.request(request(Method::Invite), TCP, Duration::ZERO);
    assert_eq!(layer.hop_of_invite(&request(Method::Cancel)), Some(TCP));
}

#[test]
fn requests_of_no_call_do_not_crowd_out_those_of_calls() {
    let mut layer = Layer::default();
    let ask = |layer: &mut Layer, number: usize, is_strange| {
        let mut one = request(Method::Options);
        one.set("Via", &format!("SIP/2.0/UDP us:5060;branch=z9hG4bKs{number}"));
        one.set("Call-ID", &number.to_string());
        let outcomes = layer.receive(one.clone(), UDP, is_strange, Duration::ZERO);
        layer.respond(Message::response(&one, 200, "x"), None, Duration::ZERO);
        names(outcomes)
    };
    assert!((0..1000).all(|number| ask(&mut layer, number, true) == ["asked OPTIONS"]));
    assert_eq!(ask(&mut layer, 1000, true), ["send 503"]);
    assert_eq!(ask(&mut layer, 1001, false), ["asked OPTIONS"]);
    run(&mut layer);
    assert_eq!(ask(&mut layer, 1, true), ["asked OPTIONS"], "there is room again, and nothing to merge with");
}
