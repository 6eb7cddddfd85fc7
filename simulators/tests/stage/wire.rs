//! Requests by hand over a bare connection, where a client library would tidy up what is to be seen.
//! It refuses to read for ever: after ten seconds the test fails.

use std::io;
use std::time::Duration;

use data_encoding::BASE64;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{OURS, SID, TOKEN};

/// The address in `http://127.0.0.1:PORT`.
pub fn authority(url: &str) -> &str {
    url.strip_prefix("http://").unwrap()
}

/// A whole `POST /Messages.json`.
pub fn send(to: &str, body: &str, close: bool) -> String {
    let form = serde_urlencoded::to_string([("To", to), ("From", OURS), ("Body", body)]).unwrap();
    let account = BASE64.encode(format!("{SID}:{TOKEN}").as_bytes());
    let connection = if close { "close" } else { "keep-alive" };
    format!(
        "POST /2010-04-01/Accounts/{SID}/Messages.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {account}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: {connection}\r\n\r\n{form}",
        form.len()
    )
}

/// Writes all of `requests` and reads until the other side closes.
pub async fn exchange(url: &str, requests: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(authority(url)).await?;
    stream.write_all(requests.as_bytes()).await?;
    let mut read = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut read));
    reading.await.expect("the connection stays open")?;
    Ok(String::from_utf8(read).unwrap())
}
