//! One conversation with a client: which command may come when, and what is answered (RFC 5321 §4.1.4).
//! It refuses everything but the greeting before TLS, and letters before a log-in where there is an account.

use std::sync::Arc;

use super::command::{Command, Sender, parse};
use super::data::{Content, LARGEST};
use super::envelope::Envelope;
use super::login::{Login, Told};
use super::office::PostOffice;
use super::path;
use super::reply::Reply;

/// RFC 5321 §4.5.3.1.8 wants no less.
const MOST_RECIPIENTS: usize = 100;
/// Mistakes after which nobody means well.
const MOST_MISTAKES: u32 = 20;

/// What has to be done about what came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) reply: Reply,
    /// Whether the reply decides about a letter, which faults delay.
    pub(crate) decides: bool,
    pub(crate) next: Next,
}

/// What comes after the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Line,
    Letter,
    Tls,
    Close,
    /// The reply is kept back, for good.
    Silence,
}

/// The conversation so far.
pub(crate) struct Session {
    office: Arc<PostOffice>,
    secure: bool,
    greeted: bool,
    known: bool,
    login: Option<Login>,
    letter: Option<Envelope>,
    mistakes: u32,
}

fn reply(code: u16, text: &str) -> Step {
    Step { reply: Reply::new(code, text), decides: false, next: Next::Line }
}

impl Session {
    /// In clear, or under TLS from `secure` on, where everything said before is forgotten (RFC 3207 §4.2).
    pub(crate) const fn new(office: Arc<PostOffice>, secure: bool) -> Self {
        Self { office, secure, greeted: false, known: false, login: None, letter: None, mistakes: 0 }
    }

    /// What is answered to a line.
    pub(crate) fn line(&mut self, line: &[u8]) -> Step {
        let step = match self.login.take() {
            Some(login) => {
                let told = self.office.account.as_ref().map(|account| account.respond(login, line));
                self.told(told)
            }
            None => match parse(line) {
                Ok(command) => self.command(command),
                Err(refusal) => Step { reply: refusal, decides: false, next: Next::Line },
            },
        };
        self.counted(step)
    }

    /// What is answered to a letter.
    pub(crate) fn letter(&mut self, content: &Content) -> Step {
        let step = match self.letter.take() {
            Some(envelope) => self.post(envelope, content),
            None => reply(503, "5.5.1 MAIL comes first"),
        };
        self.counted(Step { decides: true, ..step })
    }

    /// What is answered to a line that is none.
    pub(crate) fn mistake(&mut self, refusal: Reply, next: Next) -> Step {
        self.counted(Step { reply: refusal, decides: false, next })
    }

    /// Refusals are counted; too many end the conversation.
    fn counted(&mut self, step: Step) -> Step {
        if step.reply.code < 400 || step.next == Next::Silence {
            return step;
        }
        self.office.counters.refuse(step.reply.code.into());
        self.mistakes += 1;
        if self.mistakes >= MOST_MISTAKES {
            return Step { next: Next::Close, ..reply(421, "4.7.0 too many mistakes; goodbye") };
        }
        step
    }

    fn command(&mut self, command: Command<'_>) -> Step {
        match command {
            Command::Ehlo => self.hello(true),
            Command::Helo => self.hello(false),
            Command::Rset => {
                self.letter = None;
                reply(250, "2.0.0 forgotten")
            }
            Command::Noop => reply(250, "2.0.0 nothing done"),
            Command::Vrfy => reply(252, "2.1.5 send it and see"),
            Command::Help => reply(214, "2.0.0 EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT"),
            Command::Quit => Step { next: Next::Close, ..reply(221, "2.0.0 goodbye") },
            _ if !self.greeted => reply(503, "5.5.1 EHLO comes first"),
            Command::StartTls => self.start_tls(),
            Command::Auth { mechanism, initial } => self.auth(mechanism, initial),
            Command::Mail(sender) => self.mail(&sender),
            Command::Rcpt { path } => self.rcpt(path),
            Command::Data => self.data(),
        }
    }

    fn hello(&mut self, extended: bool) -> Step {
        self.greeted = true;
        self.letter = None;
        if !extended {
            return reply(250, "simulator.example.com");
        }
        let mut lines = vec!["simulator.example.com".to_owned(), format!("SIZE {LARGEST}")];
        lines.extend(["8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"].map(str::to_owned));
        if !self.secure {
            lines.push("STARTTLS".to_owned());
        } else if self.office.account.is_some() {
            lines.push("AUTH PLAIN LOGIN".to_owned());
        }
        Step { reply: Reply::of_lines(250, lines), decides: false, next: Next::Line }
    }

    fn start_tls(&self) -> Step {
        if self.secure {
            return reply(503, "5.5.1 this is TLS already");
        }
        Step { next: Next::Tls, ..reply(220, "2.0.0 begin TLS") }
    }

    fn auth(&mut self, mechanism: &str, initial: Option<&str>) -> Step {
        if !self.secure {
            return reply(538, "5.7.11 passwords are taken under TLS only; STARTTLS comes first");
        }
        if self.known || self.letter.is_some() {
            return reply(503, "5.5.1 AUTH comes once, before MAIL");
        }
        let told = self.office.account.as_ref().map(|account| account.begin(mechanism, initial));
        self.told(told)
    }

    fn told(&mut self, told: Option<Told>) -> Step {
        match told {
            None => reply(503, "5.5.1 there are no accounts here; send without AUTH"),
            Some(Told::In) => {
                self.known = true;
                reply(235, "2.7.0 welcome")
            }
            Some(Told::Go(login, challenge)) => {
                self.login = Some(login);
                Step { reply: challenge, decides: false, next: Next::Line }
            }
            Some(Told::Out(refusal)) => Step { reply: refusal, decides: false, next: Next::Line },
        }
    }

    fn mail(&mut self, sender: &Sender<'_>) -> Step {
        if !self.secure {
            return reply(530, "5.7.0 letters are taken under TLS only; STARTTLS comes first");
        }
        if self.office.account.is_some() && !self.known {
            return reply(530, "5.7.0 AUTH comes first");
        }
        if self.letter.is_some() {
            return reply(503, "5.5.1 there is a letter already; RSET forgets it");
        }
        if sender.size.is_some_and(|size| size > LARGEST as u64) {
            return reply(552, "5.3.4 a letter has at most 1 MiB");
        }
        let Some(fate) = self.office.draw() else {
            return Step { decides: true, ..reply(451, "4.7.1 too many letters a second (throttle_per_second)") };
        };
        let next = if fate.silence { Next::Silence } else { Next::Line };
        self.letter = Some(Envelope {
            from: sender.path.to_owned(),
            to: Vec::new(),
            eight_bit: sender.eight_bit,
            utf8: sender.utf8,
            fate,
        });
        Step { next, ..reply(250, "2.1.0 go on") }
    }

    fn rcpt(&mut self, to: &str) -> Step {
        let Some(letter) = &mut self.letter else { return reply(503, "5.5.1 MAIL comes first") };
        if let Err(wrong) = path::check(to, letter.utf8) {
            return Step { reply: Reply::new(553, format!("5.1.3 {wrong}")), decides: false, next: Next::Line };
        }
        if let Some(fault) = &letter.fate.error {
            let class = fault.status / 100;
            let text = format!("{class}.0.0 told to refuse it (faults)");
            let next = if fault.status == 421 { Next::Close } else { Next::Line };
            return Step { reply: Reply::new(fault.status, text), decides: true, next };
        }
        if letter.to.len() >= MOST_RECIPIENTS {
            return reply(452, "4.5.3 a letter goes to at most 100; send the rest in another");
        }
        letter.to.push(to.to_owned());
        reply(250, "2.1.5 go on")
    }

    fn data(&self) -> Step {
        match &self.letter {
            None => reply(503, "5.5.1 MAIL comes first"),
            Some(letter) if letter.to.is_empty() => reply(554, "5.5.1 nobody is to get it; RCPT comes first"),
            Some(_) => Step { next: Next::Letter, ..reply(354, "go on; a line with a dot alone ends it") },
        }
    }

    fn post(&self, envelope: Envelope, content: &Content) -> Step {
        if let Some(refusal) = envelope.refuses(content) {
            return Step { reply: refusal, decides: true, next: Next::Line };
        }
        let silent = envelope.fate.accept_then_silence;
        let number = self.office.take(envelope.from, envelope.to, &content.bytes);
        let next = if silent { Next::Silence } else { Next::Line };
        Step { next, ..reply(250, &format!("2.0.0 taken as mail_{number}")) }
    }
}
