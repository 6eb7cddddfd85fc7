//! LDAP messages (RFC 4511 §4.1.1) between the directory and the client library, one whole message at a time.
//! Refuses what is no message, is too long or is nested: the library would grow, panic or end the program over it.

use super::ber;
use std::io::{Error, ErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest message that is taken: an entry with a thousand groups is a tenth of it.
const LONGEST: usize = 1024 * 1024;
/// The most that is taken in one conversation.
const MOST: usize = 4 * 1024 * 1024;

/// Request 1: ExtendedRequest 1.3.6.1.4.1.1466.20037, StartTLS (RFC 4511 §4.14.1).
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// ExtendedResponse.
const EXTENDED_RESPONSE: u8 = 0x78;

fn not_ldap(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("it does not speak LDAP: {what}"))
}

/// The next message, head included; none where the other side has ended between two.
async fn next(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<Vec<u8>>, Error> {
    let mut message = Vec::new();
    let head = loop {
        match ber::head(&message) {
            Ok(Some(head)) => break head,
            Ok(None) if (&mut *from).take(1).read_to_end(&mut message).await? == 1 => {}
            Ok(None) if message.is_empty() => return Ok(None),
            Ok(None) => return Err(ErrorKind::UnexpectedEof.into()),
            Err(ber::NotAnElement) => return Err(not_ldap("no message begins like that")),
        }
        // Before its length, so that nobody waits for what cannot come right.
        if message[0] != ber::SEQUENCE {
            return Err(not_ldap("no message begins like that"));
        }
    };
    if head.content > LONGEST {
        return Err(not_ldap("a message without end"));
    }
    let missing = head.content as u64;
    if (&mut *from).take(missing).read_to_end(&mut message).await? < head.content {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    if ber::is_sound(&message) { Ok(Some(message)) } else { Err(not_ldap("a message that is not sound")) }
}

/// Hands message after message on, until the other side ends.
pub async fn forward(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> Result<(), Error> {
    let mut taken = 0;
    while let Some(message) = next(from).await? {
        taken += message.len();
        if taken > MOST {
            return Err(not_ldap("answers without end"));
        }
        to.write_all(&message).await?;
    }
    Ok(())
}

/// Asks the other side to go on in TLS. It is done here and not by the library, whose parser is not for strangers: until TLS
/// stands anybody may answer.
pub async fn start_tls(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<(), Error> {
    stream.write_all(START_TLS).await?;
    let answer = next(stream).await?.ok_or(ErrorKind::UnexpectedEof)?;
    match result_of_start_tls(&answer) {
        Some(0) => Ok(()),
        Some(code) => Err(Error::other(format!("it refuses StartTLS with result {code}"))),
        None => Err(not_ldap("no answer to StartTLS")),
    }
}

/// The result code in the answer to the request above.
fn result_of_start_tls(answer: &[u8]) -> Option<u32> {
    let message = ber::element(answer)?;
    let id = ber::element(message.content)?;
    let operation = ber::element(id.rest)?;
    let code = ber::element(operation.content)?;
    let expected = (id.tag, id.content, operation.tag, code.tag);
    (expected == (ber::INTEGER, &[1], EXTENDED_RESPONSE, ber::ENUMERATED)).then(|| ber::number(code.content))?
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const DONE: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";

    async fn forwarded(mut bytes: &[u8]) -> (Result<(), ErrorKind>, Vec<u8>) {
        let mut to = Vec::new();
        let done = forward(&mut bytes, &mut to).await;
        (done.map_err(|cause| cause.kind()), to)
    }

    #[tokio::test]
    async fn whole_messages_are_handed_on_and_nothing_else() {
        let invalid = Err(ErrorKind::InvalidData);
        let two = [DONE, DONE].concat();
        assert_eq!(forwarded(&two).await, (Ok(()), two.clone()));
        assert_eq!(forwarded(&two[..two.len() - 1]).await, (Err(ErrorKind::UnexpectedEof), DONE.to_vec()));
        assert_eq!(forwarded(&[DONE, b"\x30"].concat()).await, (Err(ErrorKind::UnexpectedEof), DONE.to_vec()));
        for refused in
            [&b"HTTP/1.1 400 Bad Request\r\n"[..], b"\x30\x84\x7f\xff\xff\xff", b"\x30\x80", b"\x30\x02\x04\x05"]
        {
            assert_eq!(forwarded(refused).await, (invalid, Vec::new()), "{refused:02x?}");
        }
        let deep = (0..30).fold(Vec::new(), |inner: Vec<u8>, _| {
            [&[0x30, 0x81, u8::try_from(inner.len()).unwrap()][..], &inner].concat()
        });
        assert_eq!(forwarded(&deep).await, (invalid, Vec::new()));
    }

    #[test]
    fn start_tls_is_granted_by_its_own_answer_alone() {
        assert_eq!(result_of_start_tls(DONE), Some(0));
        let refused = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00";
        assert_eq!(result_of_start_tls(refused), Some(52));
        let other_request = b"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
        assert_eq!(result_of_start_tls(other_request), None);
        let bind_response = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";
        assert_eq!(result_of_start_tls(bind_response), None);
        assert_eq!(ber::element(START_TLS).unwrap().rest, b"");
        assert!(ber::is_sound(START_TLS));
    }
}
