//! A gateway made of a listener and a plan of answers; it keeps what it was asked.
//! Refuses to answer anything that no plan was made for but with an error.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What every wait for the other side ends with.
pub const PATIENCE: Duration = Duration::from_secs(10);
pub const CALLS: &str = "/2010-04-01/Accounts/AC1/Calls.json";
pub const CALL: &str = "/2010-04-01/Accounts/AC1/Calls/CA1.json";
pub const CREATED: &str = r#"{"sid":"CA1","status":"queued"}"#;

/// An answer, once, to the next request that begins so.
pub struct Planned {
    /// `POST /path`.
    pub to: String,
    /// Status, further header lines and body; `None` never answers.
    pub answer: Option<(u16, &'static str, String)>,
}

/// A request as it came.
#[derive(Debug)]
pub struct Asked {
    /// Method and target.
    pub line: String,
    pub head: String,
    pub form: Vec<(String, String)>,
}

pub struct Gateway {
    pub url: String,
    plan: Arc<Mutex<VecDeque<Planned>>>,
    asked: UnboundedReceiver<Asked>,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (sender, asked) = unbounded_channel();
        let plan = Arc::<Mutex<VecDeque<Planned>>>::default();
        let gateway =
            Self { url: format!("http://{}", listener.local_addr().unwrap()), plan: Arc::clone(&plan), asked };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&plan), sender.clone()));
            }
        });
        gateway
    }

    pub fn plan(&self, to: String, status: u16, body: &str) {
        self.plan_with(to, Some((status, "", body.to_owned())));
    }

    pub fn plan_with(&self, to: String, answer: Option<(u16, &'static str, String)>) {
        self.plan.lock().unwrap().push_back(Planned { to, answer });
    }

    /// The next request, which must begin so.
    pub async fn asked(&mut self, line: &str) -> Asked {
        let asked = tokio::time::timeout(PATIENCE, self.asked.recv()).await.expect("nothing was asked").unwrap();
        assert_eq!(asked.line, line);
        asked
    }

    /// Whether nothing was asked beside what was looked at. Says something only once the call is over.
    pub fn is_quiet(&mut self) -> bool {
        self.asked.try_recv().is_err()
    }
}

async fn serve(mut stream: TcpStream, plan: Arc<Mutex<VecDeque<Planned>>>, sender: UnboundedSender<Asked>) {
    let Some(asked) = read(&mut stream).await else { return };
    let planned = {
        let mut plan = plan.lock().unwrap();
        let at = plan.iter().position(|planned| asked.line.starts_with(&planned.to));
        at.and_then(|at| plan.remove(at))
    };
    // A test that has ended no longer reads.
    let _ = sender.send(asked);
    let answer = planned.map_or_else(|| Some((500, "", "unplanned".to_owned())), |planned| planned.answer);
    let Some((status, headers, body)) = answer else {
        let _ = stream.read(&mut [0]).await;
        return;
    };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        match bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(end) => break end + 4,
            None => stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?,
        };
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    while bytes.len() < end + length.unwrap_or(0) {
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
    }
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, form: serde_urlencoded::from_bytes(&bytes[end..]).unwrap(), head })
}
