//! A letter that came, and what a tester wants to see of it.
//! It decodes and judges nothing else: what is not text is left out.

use std::collections::BTreeMap;

use mail_parser::{Message, MessageParser, MessagePart, PartType};

/// Headers that are shown, as they were written but on one line.
const SHOWN: [&str; 12] = [
    "Auto-Submitted",
    "Cc",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "In-Reply-To",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
    "X-Auto-Response-Suppress",
];

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Of the envelope; empty where nobody is to be answered.
    pub(crate) from: String,
    /// Of the envelope.
    pub(crate) to: Vec<String>,
    pub(crate) at_ms: i64,
    pub(crate) subject: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) headers: BTreeMap<&'static str, String>,
}

impl Letter {
    /// Reads what came; it has no number yet.
    pub(crate) fn read(from: String, to: Vec<String>, at_ms: i64, bytes: &[u8]) -> Self {
        // A message without parts is none, and asking one for its subject panics.
        let message = MessageParser::default().parse(bytes).filter(|message| !message.parts.is_empty());
        let message = message.as_ref();
        Self {
            number: 0,
            from,
            to,
            at_ms,
            subject: message.and_then(Message::subject).map(str::to_owned),
            text: message.and_then(|message| message.text_bodies().find_map(plain)),
            html: message.and_then(|message| message.html_bodies().find_map(html)),
            headers: message.map(headers).unwrap_or_default(),
        }
    }

    /// Roughly the bytes it takes here.
    pub(crate) fn weight(&self) -> usize {
        let texts = [&self.subject, &self.text, &self.html].into_iter().flatten();
        let headers = self.headers.values();
        texts.chain(headers).chain(&self.to).map(String::len).sum::<usize>() + self.from.len()
    }

    /// Whether it went to `address`, which is compared as mailboxes mostly are: without regard to case.
    pub(crate) fn went_to(&self, address: &str) -> bool {
        self.to.iter().any(|to| to.to_lowercase() == address.to_lowercase())
    }
}

fn plain(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Message(_)
        | PartType::Multipart(_) => None,
    }
}

fn html(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        PartType::Text(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Message(_)
        | PartType::Multipart(_) => None,
    }
}

/// The first of each name.
fn headers(message: &Message<'_>) -> BTreeMap<&'static str, String> {
    let mut shown = BTreeMap::new();
    for (name, value) in message.headers_raw() {
        if let Some(known) = SHOWN.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            shown.entry(*known).or_insert_with(|| value.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Letter {
        Letter::read("a@example.com".to_owned(), vec!["B@example.com".to_owned()], 0, bytes)
    }

    #[test]
    fn both_bodies_are_found_and_decoded() {
        let letter = read(
            b"Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n =?utf-8?q?_2?=\r\nmessage-id:\r\n <1@example.com>\r\n\
              Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\
              Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n--x\r\nContent-Type: text/html\r\n\r\n\
              <p>Hi</p>\r\n--x--\r\n",
        );
        assert_eq!(letter.subject.as_deref(), Some("Grüße 2"));
        assert_eq!(letter.text.as_deref().map(str::trim_end), Some("Grüße"));
        assert_eq!(letter.html.as_deref().map(str::trim_end), Some("<p>Hi</p>"));
        assert_eq!(letter.headers["Message-ID"], "<1@example.com>");
        assert!(letter.went_to("b@EXAMPLE.com") && !letter.went_to("a@example.com"));
    }

    #[test]
    fn one_body_is_not_made_two() {
        let plain = read(b"Subject: x\r\n\r\nonly text\r\n");
        assert_eq!((plain.text.as_deref(), plain.html), (Some("only text\r\n"), None));
        let html = read(b"Content-Type: text/html\r\n\r\n<p>x\r\n");
        assert_eq!((html.text, html.html.as_deref()), (None, Some("<p>x\r\n")));
    }

    #[test]
    fn anything_at_all_can_be_read() {
        for bytes in
            [&b""[..], b"\r\n", b"no colon\r\n", b"\xff\xfe\r\n\r\n\xff", b"Content-Type: multipart/mixed\r\n\r\n--"]
        {
            assert_eq!(read(bytes).from, "a@example.com");
        }
    }
}
