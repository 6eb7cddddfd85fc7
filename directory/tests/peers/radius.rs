//! What FreeRADIUS has of its own, and what others send to a client of RADIUS.
//! Refuses to trust a datagram for where it seems to come from.

use crate::secret;
use crate::server::free_port;
use crate::server::freeradius::{FREERADIUS, SECRET};
use directory::radius::packet::{Answer, Request};
use directory::{Directory, Entry, NotAuthenticated, Radius, RadiusSettings};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout};

const WRONG: Result<Entry, NotAuthenticated> = Err(NotAuthenticated::Wrong);
const SHORT: Duration = Duration::from_millis(150);
/// Nothing here takes so long.
const LONG: Duration = Duration::from_secs(5);
const PASSWORD: &str = "Gelbe-Ente-7";

fn to(server: &str) -> RadiusSettings {
    RadiusSettings { servers: vec![server.into()], timeout: SHORT, ..FREERADIUS.settings() }
}

async fn asked(settings: RadiusSettings, name: &str, password: &str) -> Result<Entry, NotAuthenticated> {
    Radius::new(settings).unwrap().authenticate(name, &secret(password)).await
}

fn is_unavailable(told: &Result<Entry, NotAuthenticated>, why: &str) -> bool {
    matches!(told, Err(NotAuthenticated::Unavailable(cause)) if cause.contains(why))
}

#[tokio::test]
async fn passwords_and_names_up_to_their_longest() {
    let longest = "x".repeat(128);
    assert_eq!(asked(FREERADIUS.settings(), "longest", &longest).await, Ok(Entry::default()));
    assert_eq!(asked(FREERADIUS.settings(), "longest", &"x".repeat(127)).await, WRONG);
    assert_eq!(asked(FREERADIUS.settings(), "longest", &"x".repeat(129)).await, WRONG);
    assert_eq!(asked(FREERADIUS.settings(), &"x".repeat(253), PASSWORD).await, WRONG);
    assert_eq!(asked(FREERADIUS.settings(), "*)(uid=*", "*)(uid=*").await, Ok(Entry::default()));
}

#[tokio::test]
async fn what_no_packet_can_carry_is_wrong_without_asking() {
    let nobody = to(&format!("127.0.0.1:{}", free_port()));
    for (name, password) in [
        (&*"x".repeat(254), PASSWORD),
        ("bob", &*"x".repeat(129)),
        ("bob", &*"ö".repeat(65)),
        ("bob", ""),
        ("", PASSWORD),
        ("bob\n", PASSWORD),
        ("bob", "a\0"),
    ] {
        assert_eq!(asked(nobody.clone(), name, password).await, WRONG, "{name:?} {password:?}");
    }
    assert!(is_unavailable(&asked(nobody, "bob", PASSWORD).await, "127.0.0.1"));
}

#[tokio::test]
async fn a_second_question_is_not_answered() {
    let told = asked(FREERADIUS.settings(), "challenged", PASSWORD).await;
    assert!(is_unavailable(&told, "asks for more than a password"), "{told:?}");
}

#[tokio::test]
async fn answers_that_are_not_signed_are_not_taken() {
    for password in [PASSWORD, "wrong"] {
        let told = asked(to(&FREERADIUS.signs_not), "bob", password).await;
        assert!(is_unavailable(&told, "Message-Authenticator"), "{told:?}");
    }
    let other_secret = RadiusSettings { secret: secret("another"), ..to(&FREERADIUS.signs) };
    assert!(is_unavailable(&asked(other_secret, "bob", PASSWORD).await, "no answer"));
}

#[tokio::test]
async fn the_next_server_is_asked_where_one_does_not_answer() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    let down = format!("127.0.0.1:{}", free_port());
    for bad in [silent, down, "nowhere.invalid:1812".into(), FREERADIUS.signs_not.clone()] {
        let both = vec![bad.clone(), FREERADIUS.signs.clone()];
        let settings = RadiusSettings { servers: both, timeout: Duration::from_secs(1), tries: 1, ..to(&bad) };
        assert_eq!(asked(settings.clone(), "bob", PASSWORD).await, Ok(Entry::default()), "{bad}");
        assert_eq!(asked(settings, "bob", "wrong").await, WRONG, "{bad}");
        let started = Instant::now();
        assert!(is_unavailable(&asked(to(&bad), "bob", PASSWORD).await, &bad), "{bad}");
        assert!(started.elapsed() < 2 * SHORT + LONG, "{bad}");
    }
}

#[tokio::test]
async fn a_rejection_is_not_asked_of_the_next_server() {
    let next = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let servers = vec![FREERADIUS.signs.clone(), next.local_addr().unwrap().to_string()];
    let settings = RadiusSettings { servers, ..FREERADIUS.settings() };
    assert_eq!(asked(settings, "bob", "wrong").await, WRONG);
    assert!(next.try_recv(&mut [0; 64]).is_err(), "nothing has come");
}

/// Stands between the client and FreeRADIUS, and may do what it likes.
struct Between {
    socket: UdpSocket,
    server: UdpSocket,
}

impl Between {
    async fn start() -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        server.connect(&FREERADIUS.signs).await.unwrap();
        let address = socket.local_addr().unwrap().to_string();
        (Self { socket, server }, address)
    }

    /// The next request, and where it came from.
    async fn request(&self) -> (Vec<u8>, std::net::SocketAddr) {
        let mut bytes = [0; 4096];
        let received = timeout(LONG, self.socket.recv_from(&mut bytes)).await;
        let (length, from) = received.expect("a request").unwrap();
        (bytes[..length].to_vec(), from)
    }

    /// FreeRADIUS's answer to a request, if it comes in time.
    async fn answered(&self, request: &[u8], time: Duration) -> Option<Vec<u8>> {
        self.server.send(request).await.unwrap();
        let mut bytes = [0; 4096];
        let length = timeout(time, self.server.recv(&mut bytes)).await.ok()?.unwrap();
        Some(bytes[..length].to_vec())
    }

    async fn answer_to(&self, request: &[u8]) -> Vec<u8> {
        self.answered(request, LONG).await.expect("an answer")
    }
}

#[tokio::test]
async fn it_is_the_same_question_when_it_is_sent_again() {
    let (between, address) = Between::start().await;
    let settings = RadiusSettings { tries: 3, timeout: Duration::from_secs(1), ..to(&address) };
    let asked = tokio::spawn(async move { asked(settings, "bob", PASSWORD).await });
    let (first, _) = between.request().await;
    let (second, _) = between.request().await;
    let (third, from) = between.request().await;
    assert!(first == second && second == third, "the same identifier, authenticator and bytes");
    between.socket.send_to(&between.answer_to(&third).await, from).await.unwrap();
    assert_eq!(asked.await.unwrap(), Ok(Entry::default()));
}

#[tokio::test]
async fn questions_differ_from_each_other() {
    let (between, address) = Between::start().await;
    let mut authenticators = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let settings = RadiusSettings { tries: 1, timeout: Duration::from_millis(20), ..to(&address) };
        assert!(is_unavailable(&asked(settings, "bob", PASSWORD).await, "no answer"));
        let (request, _) = between.request().await;
        assert!(!request.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()), "the password is hidden");
        authenticators.insert(request[4..20].to_vec());
    }
    assert_eq!(authenticators.len(), 8);
}

#[tokio::test]
async fn what_is_forged_is_waited_past() {
    let (between, address) = Between::start().await;
    let settings = RadiusSettings { timeout: Duration::from_secs(5), tries: 1, ..to(&address) };
    let asked = tokio::spawn(async move { asked(settings, "bob", "wrong").await });
    let (request, from) = between.request().await;
    let right = between.answer_to(&request).await;
    let changed = |at: usize, to: u8| {
        let mut forged = right.clone();
        forged[at] = to;
        forged
    };
    let accepted = changed(0, 2);
    let forged = [
        Vec::new(),
        b"hello".to_vec(),
        right[..right.len() - 1].to_vec(),
        accepted.clone(),
        changed(1, request[1].wrapping_add(1)),
        changed(3, 20),
        changed(4, right[4] ^ 1),
        changed(right.len() - 1, right[right.len() - 1] ^ 1),
        request.clone(),
    ];
    for forged in forged {
        between.socket.send_to(&forged, from).await.unwrap();
    }
    // The right answer from another place: it never reaches the client.
    let elsewhere = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    elsewhere.send_to(&right, from).await.unwrap();
    assert!(!asked.is_finished());
    between.socket.send_to(&right, from).await.unwrap();
    assert_eq!(asked.await.unwrap(), WRONG);
}

#[tokio::test]
async fn an_answer_from_another_place_is_none() {
    let (between, address) = Between::start().await;
    let asked = tokio::spawn(async move { asked(RadiusSettings { tries: 1, ..to(&address) }, "bob", PASSWORD).await });
    let (request, from) = between.request().await;
    let right = between.answer_to(&request).await;
    let elsewhere = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    elsewhere.send_to(&right, from).await.unwrap();
    assert!(is_unavailable(&asked.await.unwrap(), "no answer"));
}

/// FreeRADIUS judges our packet: with one bit of it changed it does not answer.
#[tokio::test]
async fn freeradius_takes_our_signature_and_no_other() {
    let ((ours, _), (forger, _)) = (Between::start().await, Between::start().await);
    let request = Request::new(9, [7; 16], SECRET.as_bytes(), ("bob", PASSWORD), "countersign").unwrap();
    let answer = ours.answer_to(request.bytes()).await;
    assert_eq!(request.answered_by(&answer), Ok(Answer::Accept));
    let mut forged = request.bytes().to_vec();
    forged[30] ^= 1;
    assert_eq!(forger.answered(&forged, SHORT).await, None);
}
