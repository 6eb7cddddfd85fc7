//! Our side: a trunk in use, and one call with what is told of it.
//! Refuses to wait for news for more than 20 seconds.

use channels::call::{Call, CallEnd, Listen, News, Order, Part, Turn, Utterance, VoiceGateway};
use channels::sip::{CallerId, Carrier, Sip, SipSettings};
use engine::id::{AttemptId, VerificationId};
use engine::secret::Secret;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

pub const NUMBER: &str = "+12025550123";
const LONGEST: Duration = Duration::from_secs(20);

/// A trunk at this port of the machine, which knows us by our address.
pub fn settings(port: u16) -> SipSettings {
    SipSettings {
        name: "trunk".into(),
        addresses: vec![format!("127.0.0.1:{port}")],
        transport: Carrier::Udp,
        tcp_for_large: false,
        domain: "127.0.0.1".into(),
        user: String::new(),
        password: Secret::default(),
        caller: "+12025550100".into(),
        caller_id: CallerId::Both,
        register: None,
        keep_alive: None,
        local_address: "127.0.0.1:0".parse().unwrap(),
        advertised: None,
        sources: Vec::new(),
        // Not where the peers' ports are: those are chosen before they are taken.
        rtp_ports: 33_000..=59_999,
        srtp: false,
        strict_source: true,
        ca_file: None,
    }
}

/// A call that was placed.
pub struct Placed {
    pub orders: UnboundedSender<Order>,
    news: UnboundedReceiver<News>,
    end: JoinHandle<CallEnd>,
}

/// Calls [`NUMBER`]; it may ring for so long.
pub fn place(sip: &Arc<Sip>, ring: Duration) -> Placed {
    let (orders, ordered) = unbounded_channel();
    let (tell, news) = unbounded_channel();
    let sip = Arc::clone(sip);
    let attempt = AttemptId { verification: VerificationId::from_bits(7), rung: 0, send: 1 };
    let call = Call { attempt, to: NUMBER.parse().unwrap(), ring, longest: Duration::from_secs(60) };
    let hears = Box::new(move |news| drop(tell.send(news)));
    let end = tokio::spawn(async move { sip.call(call, ordered, hears).await });
    Placed { orders, news, end }
}

impl Placed {
    /// The next news.
    pub async fn news(&mut self) -> News {
        tokio::time::timeout(LONGEST, self.news.recv()).await.expect("no news").expect("the call ended")
    }

    /// Waits for the answer, past the news before it.
    pub async fn answered(&mut self) {
        while !matches!(self.news().await, News::Answered) {}
    }

    /// The keys of the next turn: digits, and whether `#` ended them.
    pub async fn keys(&mut self) -> (String, bool) {
        let news = self.news().await;
        let News::Keyed(keys) = news else { panic!("{news:?}") };
        (keys.digits.expose().clone(), keys.pound)
    }

    pub fn say(&self, milliseconds: usize, listen: Option<Listen>) {
        let parts = vec![Part::Say(words(milliseconds))];
        self.orders.send(Order::Say(Turn { parts, listen })).unwrap();
    }

    /// Nobody carries it any more.
    pub fn forget(self) {
        self.end.abort();
    }

    /// How it ended.
    pub async fn end(self) -> CallEnd {
        tokio::time::timeout(LONGEST * 2, self.end).await.expect("it does not end").unwrap()
    }
}

/// For keys until `#`.
pub const fn listen(milliseconds: u64) -> Option<Listen> {
    Some(Listen { wait: Duration::from_millis(milliseconds), most: 8, pound_alone: false })
}

/// So much of a quiet tone.
pub fn words(milliseconds: usize) -> Utterance {
    let audio: Arc<[u8]> = [0x9f, 0x8f, 0x9f, 0x1f, 0x0f, 0x1f].into_iter().cycle().take(milliseconds * 8).collect();
    Utterance { language: "en".into(), text: "words".into(), audio }
}
