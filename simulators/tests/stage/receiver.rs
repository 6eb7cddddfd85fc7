//! A customer's web server, as small as can be: it writes down what was posted and answers as told.
//! It refuses to judge anything by itself, except that a wait for a post ends after ten seconds with a failed test.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex as Turn;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub struct Receiver {
    pub address: SocketAddr,
    plan: Plan,
    posts: Turn<UnboundedReceiver<Post>>,
}

/// What is answered next, each once; afterwards 200 with nothing.
type Plan = Arc<Mutex<VecDeque<(u16, String)>>>;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Post {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The `Host` it was sent to.
    pub host: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The decoded form, in the order of the body.
    pub form: Vec<(String, String)>,
}

impl Post {
    /// The value of a parameter, `""` where it isn't there.
    pub fn get(&self, name: &str) -> &str {
        self.form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The provider's documented rule, computed here anew: whether the signature is base64(HMAC-SHA1(token, URL ‖ sorted name‖value)).
    pub fn is_signed_with(&self, token: &str) -> bool {
        let url = format!("http://{}{}", self.host, self.target);
        self.headers.get("x-twilio-signature") == Some(&signature(token, &url, &self.form))
    }

    pub fn idempotency_token(&self) -> &str {
        &self.headers["i-twilio-idempotency-token"]
    }
}

/// gateways.md §2.1 for a form without repeated names.
pub fn signature(token: &str, url: &str, form: &[(String, String)]) -> String {
    let sorted: BTreeMap<&[u8], &str> = form.iter().map(|(name, value)| (name.as_bytes(), value.as_str())).collect();
    assert_eq!(sorted.len(), form.len(), "a name is repeated: {form:?}");
    let mut signed = url.as_bytes().to_vec();
    for (name, value) in sorted {
        signed.extend_from_slice(name);
        signed.extend_from_slice(value.as_bytes());
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(&signed);
    BASE64.encode(&mac.finalize().into_bytes())
}

impl Receiver {
    pub async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// Serves on a listener that is there already.
    pub fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let plan = Plan::default();
        let (sender, posts) = unbounded_channel();
        tokio::spawn(accept(listener, Arc::clone(&plan), sender));
        Self { address, plan, posts: Turn::new(posts) }
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// The next request gets this; calls add up.
    pub fn answer_once(&self, status: u16, body: &str) {
        self.plan.lock().unwrap().push_back((status, body.to_owned()));
    }

    /// Waits for the next post.
    pub async fn next(&self) -> Post {
        let mut posts = self.posts.lock().await;
        let post = tokio::time::timeout(Duration::from_secs(10), posts.recv()).await;
        post.expect("nothing was posted").expect("the receiver runs")
    }

    pub async fn next_few(&self, count: usize) -> Vec<Post> {
        let mut few = Vec::new();
        for _ in 0..count {
            few.push(self.next().await);
        }
        few
    }

    /// A post that has come and was not looked at. Says something only once the simulators are settled.
    pub async fn unread(&self) -> Option<Post> {
        self.posts.lock().await.try_recv().ok()
    }
}

async fn accept(listener: TcpListener, plan: Plan, sender: UnboundedSender<Post>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&plan), sender.clone()));
    }
}

/// One request a connection.
async fn serve(stream: TcpStream, plan: Plan, sender: UnboundedSender<Post>) {
    let mut stream = BufReader::new(stream);
    let Some(post) = read(&mut stream).await else { return };
    let (status, body) = plan.lock().unwrap().pop_front().unwrap_or((200, String::new()));
    // A test that has ended no longer reads.
    let _ = sender.send(post);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Told\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let _ = stream.get_mut().write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Post> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines.first()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let headers: BTreeMap<String, String> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let form = serde_urlencoded::from_bytes(&body).ok()?;
    Some(Post { method, target, host: headers.get("host")?.clone(), headers, form })
}
