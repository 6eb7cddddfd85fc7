//! One connection: requests are written as they were formatted, answers are read with their `Content-Length`.
//! Refuses to go on after an answer that it does not understand.

use super::LONGEST;
use anyhow::{Context, bail};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers of an answer at most.
const MOST_HEADERS: usize = 48;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Status line and headers as they came: most who ask read none of them.
    head: Vec<u8>,
}

impl Answer {
    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers(name).into_iter().next()
    }

    /// Every header of a name.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        // It was read before.
        let _ = head.parse(&self.head);
        let own = head.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        own.map(|header| String::from_utf8_lossy(header.value).into_owned()).collect()
    }
}

/// A request, ready to be written. `head` holds further header lines, each with its end.
pub fn request(method: &str, path: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut request = Vec::with_capacity(160 + head.len() + body.len());
    let length = body.len();
    let first = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n{head}\r\n");
    request.extend_from_slice(first.as_bytes());
    request.extend_from_slice(body);
    request
}

/// An open connection.
pub struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("no connection to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: Vec::new() })
    }

    /// Writes a request and reads its answer.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.write(request).await?;
        self.read().await
    }

    /// Writes.
    pub async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Reads one answer. What of it was read is kept where the wait for the rest is given up.
    pub async fn read(&mut self) -> anyhow::Result<Answer> {
        loop {
            if let Some(answer) = self.whole()? {
                return Ok(answer);
            }
            if self.input.len() > LONGEST {
                bail!("an answer is longer than {LONGEST} bytes");
            }
            if self.stream.read_buf(&mut self.input).await? == 0 {
                bail!("the connection ended before the answer");
            }
        }
    }

    /// The first answer of the input, if all of it is there.
    fn whole(&mut self) -> anyhow::Result<Option<Answer>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(end) = head.parse(&self.input)? else { return Ok(None) };
        let status = head.code.context("an answer without a status")?;
        let length = match header(head.headers, "content-length") {
            Some(length) => length.parse()?,
            None if status == 204 => 0,
            None => bail!("an answer without Content-Length"),
        };
        if self.input.len() < end + length {
            return Ok(None);
        }
        let (head, body) = (self.input[..end].to_vec(), self.input[end..end + length].to_vec());
        self.input.drain(..end + length);
        Ok(Some(Answer { status, body, head }))
    }
}

fn header<'a>(headers: &'a [httparse::Header<'_>], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(found.value).ok()
}
