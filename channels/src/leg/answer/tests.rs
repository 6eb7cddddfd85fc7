//! Answers as gateways write them, cut at every place, and what is none.
//! Refuses sockets: the bytes are here.

use super::*;
use proptest::prelude::*;

const LONGEST: usize = 4096;

fn read(input: &str, ended: bool) -> Result<Option<(Answer, usize)>, String> {
    parse(input.as_bytes(), LONGEST, ended)
}

fn answer(status: u16, body: &str, keeps: bool) -> Answer {
    Answer { status, retry_after: None, date: None, body: body.into(), keeps }
}

#[test]
fn an_answer_is_read_whole_and_no_further() {
    for (input, expected, rest) in [
        ("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", answer(201, "{}", true), ""),
        ("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1", answer(201, "{}", true), "HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: close\r\n\r\n", answer(200, "", false), ""),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", answer(200, "a", false), ""),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\na", answer(200, "a", true), ""),
        ("HTTP/1.1 204 No Content\r\n\r\n", answer(204, "", true), ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", answer(200, "a", true), ""),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: x\r\n\r\nmore",
            answer(200, "abc", true),
            "more",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", answer(200, "a", true), ""),
    ] {
        let length = input.len() - rest.len();
        assert_eq!(read(input, false), Ok(Some((expected, length))), "{input}");
        for part in 0..length {
            assert_eq!(read(&input[..part], false), Ok(None), "{part} bytes of {input}");
            assert!(read(&input[..part], true).is_err(), "{part} bytes and no more of {input}");
        }
    }
}

#[test]
fn what_says_when_to_come_back_is_kept() {
    let input = "HTTP/1.1 429 x\r\nRetry-After: 7\r\nDate: Tue, 24 Nov 2026 19:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
    let (read, _) = read(input, false).unwrap().unwrap();
    assert_eq!((read.retry_after.as_deref(), read.status), (Some("7"), 429));
    assert_eq!(read.date.as_deref(), Some("Tue, 24 Nov 2026 19:00:00 GMT"));
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    let input = "HTTP/1.1 200 OK\r\n\r\nall of it";
    assert_eq!(read(input, false), Ok(None));
    assert_eq!(read(input, true), Ok(Some((answer(200, "all of it", false), input.len()))));
}

#[test]
fn what_can_be_read_in_two_ways_or_not_at_all_is_refused() {
    let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(LONGEST_HEAD));
    for input in [
        "SSH-2.0-x\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        huge.as_str(),
    ] {
        assert!(read(input, false).is_err(), "{input}");
    }
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(LONGEST + 1));
    assert!(read(&endless, false).is_err());
}

proptest! {
    #[test]
    fn no_bytes_break_it(input in prop::collection::vec(any::<u8>(), 0..600), ended: bool) {
        let _ = parse(&input, LONGEST, ended);
    }

    /// However an answer is cut, it reads the same, and never before its end.
    #[test]
    fn a_cut_changes_nothing(body in "[ -~]{0,200}", chunked: bool, cut in 0usize..300) {
        let input = if chunked {
            let chunk = if body.is_empty() { String::new() } else { format!("{:x}\r\n{body}\r\n", body.len()) };
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n")
        } else {
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        };
        let whole = read(&input, false).unwrap().unwrap();
        prop_assert_eq!(&whole.0.body, body.as_bytes());
        let cut = cut.min(input.len());
        let part = read(&input[..cut], false).unwrap();
        prop_assert_eq!(part.is_some(), cut == input.len());
    }
}
