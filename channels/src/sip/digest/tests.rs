//! Vectors of the standards, and when a challenge is not answered.
//! Refuses a vector that this code computed.

use super::challenge::Challenge;
use super::*;

const SHA_512_256: &str = "62f8a9873f60f3c3fc74655703928554dfb9b151e3810c7fb7f51d40166442b0";
const MD5_SESS: &str = "b51d0fc46f252a51c3a008a2d835a738";

fn wallet() -> Wallet {
    Wallet::new("Mufasa".into(), Secret::new("Circle of Life".into()))
}

fn response(status: u16, challenges: &[&str]) -> Message {
    let request = Message::request(super::super::message::Method::Invite, "sip:a");
    let name = if status == 407 { "Proxy-Authenticate" } else { "WWW-Authenticate" };
    challenges.iter().fold(Message::response(&request, status, "t"), |message, challenge| message.with(name, challenge))
}

/// RFC 7616 §3.9.1: both algorithms for the same request.
#[test]
fn the_examples_of_the_standard_come_out() {
    let check = |algorithm: &str, expected: &str| {
        let mut challenge = Challenge::read(&format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        ))
        .unwrap();
        let password = Secret::new("Circle of Life".into());
        let request = ("GET", "/dir/index.html");
        let value = challenge.answer("Mufasa", &password, request, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
        assert!(value.contains(&format!("response=\"{expected}\"")), "{value}");
        assert!(value.contains(&format!("algorithm={algorithm}, qop=auth, nc=00000001, cnonce=\"")), "{value}");
        assert!(value.contains("opaque=\"FQhe"), "{value}");
    };
    check("MD5", "8ca523f5e9506fed4657c9700eebdbec");
    check("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

/// RFC 2069 §2.4 as its errata have it.
#[test]
fn without_qop_the_old_form_counts() {
    let mut challenge = Challenge::read(
        "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
    )
    .unwrap();
    let password = Secret::new("CircleOfLife".into());
    let value = challenge.answer("Mufasa", &password, ("GET", "/dir/index.html"), "x");
    assert!(value.contains("response=\"1949323746fe6a43ef61f9606e7febea\""), "{value}");
    assert!(!value.contains("cnonce") && !value.contains("nc=") && !value.contains("algorithm"), "{value}");
}

/// RFC 7616 §3.9.2 has the hash of the user's name; without it, computed with Python's hashlib.
#[test]
fn sha_512_256_and_sessions_come_out() {
    let check = |algorithm: &str, expected: &str| {
        let mut challenge =
            Challenge::read(&format!("digest nonce=\"n\",realm=\"r\" , qop=auth,algorithm={algorithm}")).unwrap();
        let value = challenge.answer("u", &Secret::new("p".into()), ("INVITE", "sip:a"), "c");
        assert!(value.contains(&format!("response=\"{expected}\"")), "{algorithm}: {value}");
    };
    check("SHA-512-256", SHA_512_256);
    check("MD5-sess", MD5_SESS);
}

#[test]
fn the_topmost_known_algorithm_of_each_realm_counts() {
    let mut wallet = wallet();
    let challenges = [
        "Basic realm=\"a\"",
        "Digest realm=\"a\", nonce=\"0\", algorithm=SHA-1",
        "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256",
        "Digest realm=\"a\", nonce=\"2\"",
        "Digest realm=\"b\", nonce=\"3\"",
    ];
    wallet.take(&response(407, &challenges), &mut Attempts::default()).unwrap();
    let mut request = Message::request(super::super::message::Method::Invite, "sip:a");
    wallet.sign(&mut request, &mut Tokens::new([0; 32]));
    let signed: Vec<_> = request.all("Proxy-Authorization").collect();
    assert!(matches!(signed[..], [a, b] if a.contains("nonce=\"1\"") && b.contains("nonce=\"3\"")), "{signed:?}");
    assert_eq!(request.get("Authorization"), None);
}

#[test]
fn the_nonce_count_goes_up_and_signing_replaces() {
    let mut wallet = wallet();
    wallet.take(&response(401, &["Digest realm=\"a\", nonce=\"1\", qop=\"auth\""]), &mut Attempts::default()).unwrap();
    let mut request = Message::request(super::super::message::Method::Bye, "sip:a");
    for count in ["00000001", "00000002"] {
        wallet.sign(&mut request, &mut Tokens::new([0; 32]));
        let signed: Vec<_> = request.all("Authorization").collect();
        assert!(matches!(signed[..], [one] if one.contains(&format!("nc={count}"))), "{signed:?}");
    }
}

#[test]
fn the_password_is_not_told_again_unless_the_nonce_was_stale() {
    let mut attempts = Attempts::default();
    let mut wallet = wallet();
    let plain = response(401, &["Digest realm=\"a\", nonce=\"1\""]);
    let stale = response(401, &["Digest realm=\"a\", nonce=\"2\", stale=TRUE"]);
    assert_eq!(wallet.take(&plain, &mut attempts), Ok(()));
    assert_eq!(wallet.take(&stale, &mut attempts), Ok(()));
    assert_eq!(wallet.take(&stale, &mut attempts), Err(AuthFault::TooOften));
    assert_eq!(wallet.take(&plain, &mut attempts), Err(AuthFault::WrongPassword { realm: "a".into() }));
    assert_eq!(wallet.take(&plain, &mut Attempts::default()), Ok(()), "another request may be asked anew");
}

#[test]
fn within_a_call_only_realms_that_asked_before_are_answered() {
    let mut wallet = wallet();
    let ours = response(407, &["Digest realm=\"a\", nonce=\"1\""]);
    let both = response(407, &["Digest realm=\"a\", nonce=\"1\"", "Digest realm=\"b\", nonce=\"1\""]);
    let unknown = |realm: &str| Err(AuthFault::UnknownRealm { realm: realm.into() });
    assert_eq!(wallet.take_known(&ours, &mut Attempts::default()), unknown("a"));
    wallet.take(&ours, &mut Attempts::default()).unwrap();
    assert_eq!(wallet.take_known(&ours, &mut Attempts::default()), Ok(()));
    assert_eq!(wallet.take_known(&both, &mut Attempts::default()), unknown("b"));
    assert_eq!(wallet.fresh().take_known(&ours, &mut Attempts::default()), Ok(()), "as the registrar asked");
    let mut request = Message::request(super::super::message::Method::Bye, "sip:a");
    wallet.fresh().sign(&mut request, &mut Tokens::new([0; 32]));
    assert_eq!(request.get("Proxy-Authorization"), None, "a nonce belongs to one request");
}

#[test]
fn a_proxy_and_a_server_may_share_a_realm() {
    let (mut wallet, mut attempts) = (wallet(), Attempts::default());
    let challenge = ["Digest realm=\"a\", nonce=\"1\""];
    assert_eq!(wallet.take(&response(407, &challenge), &mut attempts), Ok(()));
    assert_eq!(wallet.take(&response(401, &challenge), &mut attempts), Ok(()));
    assert_eq!(
        wallet.take(&response(401, &challenge), &mut attempts),
        Err(AuthFault::WrongPassword { realm: "a".into() })
    );
}

#[test]
fn what_cannot_be_answered_says_why() {
    let take = |wallet: &mut Wallet, challenge| wallet.take(&response(401, &[challenge]), &mut Attempts::default());
    for challenge in
        ["Basic realm=\"a\"", "Digest realm=\"a\"", "Digest realm=\"a\", nonce=\"1\", qop=\"auth-int\"", ""]
    {
        assert_eq!(take(&mut wallet(), challenge), Err(AuthFault::NoCommonScheme), "{challenge}");
    }
    let mut nobody = Wallet::new(String::new(), Secret::default());
    assert_eq!(take(&mut nobody, "Digest realm=\"a\", nonce=\"1\""), Err(AuthFault::NoUser));
}
