//! What comes to the port of a trunk: as one datagram, and on a stream that is cut at a place that the first two bytes say.
//! Refuses a message that reads otherwise once it is written again, and one that is longer than any we take.

use channels::sip::message::{Datagram, LONGEST_HEAD, LONGEST_MESSAGE, MOST_HEADERS, Message, Stream, datagram};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Some((cut, input)) = data.split_first_chunk::<2>() else { return false };
    let cut = usize::from(u16::from_be_bytes(*cut)).min(input.len());
    on_a_stream(input, cut) | as_a_datagram(input)
}

fn as_a_datagram(input: &[u8]) -> bool {
    match datagram(input) {
        Ok(Datagram::KeepAlive) => false,
        Ok(Datagram::Message(message)) => {
            holds(&message);
            assert_eq!(datagram(&message.bytes()), Ok(Datagram::Message(message)), "it is written as it was read");
            true
        }
        Err(unreadable) => {
            if let Some(answer) = unreadable.answer {
                assert!(matches!(answer.status(), Some(400 | 413)), "{answer:?}");
                assert!(!input.starts_with(b"ACK "), "an ACK is answered by nobody");
            }
            false
        }
    }
}

fn on_a_stream(input: &[u8], cut: usize) -> bool {
    let mut whole = Stream::default();
    let together = whole.take(input);
    let mut pieces = Stream::default();
    let first = pieces.take(&input[..cut]);
    let Ok(together) = together else {
        assert!(first.is_err() || pieces.take(&input[cut..]).is_err(), "what is wrong is wrong in two pieces");
        return false;
    };
    let first = first.expect("more bytes never mend a stream");
    let second = pieces.take(&input[cut..]).expect("it was right together");
    assert_eq!([first, second].concat(), together);
    let read: Vec<_> = together.into_iter().flatten().collect();
    for message in &read {
        holds(message);
        let again = Stream::default().take(&message.bytes()).expect("we wrote it");
        assert_eq!(again, [Ok(message.clone())]);
    }
    !read.is_empty()
}

fn holds(message: &Message) {
    assert!(message.body.len() <= LONGEST_MESSAGE && message.headers().count() <= MOST_HEADERS);
    let head: usize = message.headers().map(|(name, value)| name.len() + value.len()).sum();
    // A byte that is no UTF-8 becomes three, a compact name a full one, and a name of a list stands before each value.
    assert!(head <= 3 * LONGEST_HEAD + 20 * MOST_HEADERS, "{head}");
    let clean = |text: &str| !text.contains(['\r', '\n', '\0']) && text.trim() == text;
    assert!(message.headers().all(|(name, value)| clean(name) && clean(value)), "{message:?}");
    assert!(message.branch().is_some() && message.from_tag().is_some() && message.call_id().is_some());
    let (_, method) = message.cseq().expect("it was read");
    assert!(message.method().is_none_or(|asked| *asked == method));
}
