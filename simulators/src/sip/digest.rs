//! Digest authentication as a server asks for it (RFC 7616; RFC 2617 where no `qop` is asked for).
//! It never shows the password and takes a nonce only from its own hand, each count of it once.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::Digest as _;
use subtle::ConstantTimeEq as _;

use super::text::field::split_list;
use super::text::message::Message;
use crate::lock::lock;
use crate::message::mix;

/// Which hash is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Algorithm {
    /// RFC 2617.
    #[default]
    #[serde(rename = "MD5")]
    Md5,
    /// RFC 7616, RFC 8760.
    #[serde(rename = "SHA-256")]
    Sha256,
}

impl Algorithm {
    fn word(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => HEXLOWER.encode(&md5::Md5::digest(text.as_bytes())),
            Self::Sha256 => HEXLOWER.encode(&sha2::Sha256::digest(text.as_bytes())),
        }
    }
}

/// How the server asks: as the one that is called, or as a proxy on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// 401 with `WWW-Authenticate`.
    Www,
    /// 407 with `Proxy-Authenticate`.
    #[default]
    Proxy,
    /// Nobody is asked.
    None,
}

impl Challenge {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Www => 401,
            Self::Proxy | Self::None => 407,
        }
    }

    fn fields(self) -> (&'static str, &'static str) {
        match self {
            Self::Www => ("WWW-Authenticate", "Authorization"),
            Self::Proxy | Self::None => ("Proxy-Authenticate", "Proxy-Authorization"),
        }
    }
}

/// Nonces remembered.
const MOST_NONCES: usize = 100_000;

/// Asks for credentials and judges them.
pub(crate) struct Guard {
    pub(crate) challenge: Challenge,
    pub(crate) algorithm: Algorithm,
    pub(crate) qop: bool,
    pub(crate) realm: String,
    pub(crate) username: String,
    pub(crate) password: String,
    /// Requests that one nonce is good for; 0: any number.
    pub(crate) nonce_uses: u32,
    pub(crate) nonces: Mutex<Nonces>,
}

#[derive(Default)]
pub(crate) struct Nonces {
    salt: u64,
    made: u64,
    /// The last count, and how often it was used.
    known: HashMap<String, (u32, u32)>,
    oldest_first: VecDeque<String>,
}

/// What the credentials of a request are worth.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    Missing,
    Wrong,
    /// Right, but for a nonce that is no longer good.
    Stale,
}

impl Nonces {
    pub(crate) fn new(salt: u64) -> Self {
        Self { salt, ..Self::default() }
    }

    fn make(&mut self) -> String {
        self.made += 1;
        let nonce = format!("{:016x}{:016x}", mix(self.salt ^ self.made), mix(self.made.wrapping_add(self.salt)));
        if self.oldest_first.len() == MOST_NONCES
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(nonce.clone(), (0, 0));
        self.oldest_first.push_back(nonce.clone());
        nonce
    }

    /// Whether the nonce is ours and good for this count; it is used up by that.
    fn spend(&mut self, nonce: &str, count: Option<u32>, most: u32) -> bool {
        let Some((last, uses)) = self.known.get_mut(nonce) else { return false };
        let fresh = count.is_none_or(|count| count > *last) && (most == 0 || *uses < most);
        if fresh {
            *last = count.unwrap_or(*last);
            *uses += 1;
        }
        fresh
    }
}

impl Guard {
    /// The field that asks.
    pub(crate) fn ask(&self, stale: bool) -> (&'static str, String) {
        let nonce = lock(&self.nonces).make();
        let qop = if self.qop { ", qop=\"auth\"" } else { "" };
        let stale = if stale { ", stale=true" } else { "" };
        let (realm, word) = (&self.realm, self.algorithm.word());
        let value =
            format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={word}{qop}{stale}, opaque=\"simulated\"");
        (self.challenge.fields().0, value)
    }

    /// Judges the credentials of a request; where the field is for another realm it counts as missing.
    pub(crate) fn judge(&self, request: &Message) -> Verdict {
        let field = self.challenge.fields().1;
        let ours = request.all(field).filter_map(Credentials::read).find(|given| given.of("realm") == self.realm);
        let Some(given) = ours else { return Verdict::Missing };
        if !self.fits(&given, request) {
            return Verdict::Wrong;
        }
        let count = u32::from_str_radix(given.of("nc"), 16).ok().filter(|_| self.qop);
        let fresh = lock(&self.nonces).spend(given.of("nonce"), count, self.nonce_uses);
        if fresh { Verdict::Right } else { Verdict::Stale }
    }

    fn fits(&self, given: &Credentials, request: &Message) -> bool {
        let algorithm = given.of("algorithm");
        let algorithm_fits = algorithm.eq_ignore_ascii_case(self.algorithm.word())
            || algorithm.is_empty() && self.algorithm == Algorithm::Md5;
        let qop_fits = !self.qop || given.of("qop") == "auth" && given.of("nc").len() == 8;
        let named = given.of("username") == self.username && given.of("opaque") == "simulated";
        // The address that was hashed has to be the one that is asked for (RFC 7616 §3.4.6).
        if !algorithm_fits || !qop_fits || !named || given.of("uri") != request.uri() {
            return false;
        }
        let counted = self.qop.then(|| (given.of("nc"), given.of("cnonce")));
        let account = (self.username.as_str(), self.realm.as_str(), self.password.as_str());
        let right = response(self.algorithm, account, (request.method(), given.of("uri")), given.of("nonce"), counted);
        right.as_bytes().ct_eq(given.of("response").as_bytes()).into()
    }
}

/// What proves the password (RFC 7616 §3.4.1): `counted` is `nc` and `cnonce` where `qop` is `auth`.
fn response(
    algorithm: Algorithm,
    (user, realm, password): (&str, &str, &str),
    (method, uri): (&str, &str),
    nonce: &str,
    counted: Option<(&str, &str)>,
) -> String {
    let secret = algorithm.hash(&format!("{user}:{realm}:{password}"));
    let request = algorithm.hash(&format!("{method}:{uri}"));
    algorithm.hash(&match counted {
        Some((nc, cnonce)) => format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{request}"),
        None => format!("{secret}:{nonce}:{request}"),
    })
}

struct Credentials(Vec<(String, String)>);

impl Credentials {
    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ')?;
        let pairs = split_list(rest, ',').into_iter().filter_map(|pair| pair.split_once('='));
        let plain = |value: &str| value.trim().trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\");
        let pairs = pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), plain(value))).collect();
        scheme.eq_ignore_ascii_case("Digest").then_some(Self(pairs))
    }

    fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfcs() {
        // RFC 7616 §3.9.1.
        let account = ("Mufasa", "http-auth@example.org", "Circle of Life");
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        let counted = Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"));
        let made = |algorithm| response(algorithm, account, ("GET", "/dir/index.html"), nonce, counted);
        assert_eq!(made(Algorithm::Md5), "8ca523f5e9506fed4657c9700eebdbec");
        assert_eq!(made(Algorithm::Sha256), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
        // RFC 2617 §3.5.
        let account = ("Mufasa", "testrealm@host.com", "Circle Of Life");
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        let counted = Some(("00000001", "0a4f113b"));
        let made = response(Algorithm::Md5, account, ("GET", "/dir/index.html"), nonce, counted);
        assert_eq!(made, "6629fae49393a05397450978507c4ef1");
        let old = response(Algorithm::Md5, account, ("GET", "/dir/index.html"), nonce, None);
        assert_eq!(old, "670fd8c2df070c60b045671b8b24ff02");
    }

    fn guard(qop: bool, nonce_uses: u32) -> Guard {
        Guard {
            challenge: Challenge::Proxy,
            algorithm: Algorithm::Sha256,
            qop,
            realm: "sim".to_owned(),
            username: "us".to_owned(),
            password: "pass".to_owned(),
            nonce_uses,
            nonces: Mutex::new(Nonces::new(3)),
        }
    }

    fn request(guard: &Guard, nonce: &str, nc: &str, password: &str) -> Message {
        let account = ("us", "sim", password);
        let counted = guard.qop.then_some((nc, "c"));
        let proof = response(guard.algorithm, account, ("INVITE", "sip:a@b"), nonce, counted);
        let value = format!(
            "Digest username=\"us\", realm=\"sim\", nonce=\"{nonce}\", uri=\"sip:a@b\", response=\"{proof}\", \
             algorithm=SHA-256, qop=auth, nc={nc}, cnonce=\"c\", opaque=\"simulated\""
        );
        Message::request("INVITE", "sip:a@b").with("Proxy-Authorization", value)
    }

    fn nonce_of(guard: &Guard) -> String {
        let (field, value) = guard.ask(false);
        assert_eq!(field, "Proxy-Authenticate");
        value.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a nonce").to_owned()
    }

    #[test]
    fn each_count_is_good_once() {
        let guard = guard(true, 2);
        let nonce = nonce_of(&guard);
        assert_eq!(guard.judge(&Message::request("INVITE", "sip:a@b")), Verdict::Missing);
        assert_eq!(guard.judge(&request(&guard, &nonce, "00000001", "wrong")), Verdict::Wrong);
        assert_eq!(guard.judge(&request(&guard, &nonce, "00000001", "pass")), Verdict::Right);
        assert_eq!(guard.judge(&request(&guard, &nonce, "00000001", "pass")), Verdict::Stale);
        assert_eq!(guard.judge(&request(&guard, &nonce, "00000002", "pass")), Verdict::Right);
        assert_eq!(guard.judge(&request(&guard, &nonce, "00000003", "pass")), Verdict::Stale);
        assert_eq!(guard.judge(&request(&guard, "foreign", "00000001", "pass")), Verdict::Stale);
    }

    #[test]
    fn the_address_has_to_be_the_one_asked_for() {
        let guard = guard(false, 0);
        let nonce = nonce_of(&guard);
        let mut moved = request(&guard, &nonce, "", "pass");
        assert_eq!(guard.judge(&moved), Verdict::Right);
        moved.start = Message::request("INVITE", "sip:other@b").start;
        assert_eq!(guard.judge(&moved), Verdict::Wrong);
        assert!(guard.ask(true).1.contains("stale=true") && !guard.ask(false).1.contains("qop"));
    }
}
