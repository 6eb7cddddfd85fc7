//! The real server as a child process, and what a test wants to say to it.
//! Refuses to outlive its test, and to wait for a letter for more than ten seconds.

use crate::authority::{Authority, Identity};
use channels::mail::{Letter, Mail, MailError, MailSettings};
use engine::secret::Secret;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub const PASSWORD: &str = "s3cret-mail";

/// A server that runs until this goes.
pub struct Server {
    child: Child,
    pub port: u16,
    pub authority: Authority,
    lines: UnboundedReceiver<String>,
}

impl Server {
    /// For `localhost`, STARTTLS and AUTH required, but for what the options say.
    pub async fn start(options: &[&str]) -> Self {
        let authority = Authority::new();
        let identity = authority.identity("localhost", 2100);
        Self::with(authority, &identity, options).await
    }

    pub async fn with(authority: Authority, identity: &Identity, options: &[&str]) -> Self {
        let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
            .expect("run script/test, which installs aiosmtpd and says where it is in COUNTERSIGN_TEST_PYTHON");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/python/smtp_server.py");
        let mut command = Command::new(python);
        command.arg(script).arg(&identity.certificate).arg(&identity.key).args(options);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, mut lines) = unbounded_channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let port = lines.recv().await.expect("the server starts").parse().unwrap();
        Self { child, port, authority, lines }
    }

    /// Our account there.
    pub fn settings(&self) -> MailSettings {
        MailSettings { ca_file: Some(self.authority.file()), ..settings(self.port) }
    }

    pub fn client(&self) -> Mail {
        Mail::new(self.settings()).unwrap()
    }

    /// The next letter that it took.
    pub async fn letter(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(10), self.lines.recv()).await;
        serde_json::from_str(&line.expect("no letter came").expect("the server runs")).unwrap()
    }

    /// Whether it took no letter that a test has not looked at.
    pub fn has_nothing(&mut self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For a server on this machine that no authority vouches for yet.
pub fn settings(port: u16) -> MailSettings {
    MailSettings {
        name: "mail".into(),
        host: "localhost".into(),
        port,
        implicit_tls: false,
        ca_file: None,
        username: "countersign".into(),
        password: Secret::new(PASSWORD.into()),
        from: "Countersign <mfa@example.com>".into(),
        timeout: Duration::from_secs(20),
    }
}

pub fn to(to: &str) -> Letter<'_> {
    Letter {
        id: "evt_1",
        to,
        subject: "Your phone was changed",
        text: "Hello\nyour phone was changed.\n",
        html: "<!doctype html><p>Hello<br>your phone was changed.",
        language: "en",
    }
}

/// The letter may go later, for a reason that says so.
pub fn assert_not_now(sent: Result<(), MailError>, says: &str) {
    match sent {
        Err(MailError::NotNow(text)) => assert!(text.contains(says), "{text:?} does not say {says:?}"),
        other => panic!("{other:?}"),
    }
}
