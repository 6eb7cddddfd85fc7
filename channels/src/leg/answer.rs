//! An answer in HTTP/1.1, read from bytes as they come (RFC 9112 §4, §6 and §7).
//! Refuses what can be read in two ways: two lengths, a length beside chunks, a body without an end.

/// The longest status line with all headers.
const LONGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

/// An answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `Date`.
    pub date: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the connection may be used again.
    pub keeps: bool,
}

/// How the end of a body is known.
enum Body {
    Length(usize),
    Chunks,
    /// It ends with the connection.
    End,
}

/// The first answer in `input` and how many bytes it has; `None` if more must come. `ended` says that nothing will.
/// Interim answers (RFC 9110 §15.2) are passed over.
pub fn parse(input: &[u8], longest: usize, ended: bool) -> Result<Option<(Answer, usize)>, String> {
    let mut begin = 0;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let parsed = head.parse(&input[begin..]).map_err(|cause| format!("the answer is not HTTP: {cause}"))?;
        let httparse::Status::Complete(length) = parsed else {
            return incomplete(input.len() - begin, ended);
        };
        if length > LONGEST_HEAD {
            return Err(format!("the head of the answer is longer than {} KiB", LONGEST_HEAD / 1024));
        }
        let status = head.code.unwrap_or(0);
        begin += length;
        match status {
            101 => return Err("the answer wants to speak another protocol".into()),
            100..=199 => {}
            _ => return whole(&head, status, input, begin, longest, ended),
        }
    }
}

fn incomplete(length: usize, ended: bool) -> Result<Option<(Answer, usize)>, String> {
    match (length, ended) {
        (LONGEST_HEAD.., _) => Err(format!("the head of the answer is longer than {} KiB", LONGEST_HEAD / 1024)),
        (_, true) => Err("the connection ended before the answer".into()),
        (_, false) => Ok(None),
    }
}

fn whole(
    head: &httparse::Response<'_, '_>,
    status: u16,
    input: &[u8],
    begin: usize,
    longest: usize,
    ended: bool,
) -> Result<Option<(Answer, usize)>, String> {
    let kind = body(head, status)?;
    let read = match read_body(&kind, &input[begin..], longest, ended) {
        // Its status says it all.
        Err(_) if status == 429 => Ok(Some((Vec::new(), input.len() - begin, false))),
        read => read,
    };
    let Some((body, length, complete)) = read? else { return Ok(None) };
    let closes = values(head, "connection").any(|value| has_word(value, "close"));
    let stays = values(head, "connection").any(|value| has_word(value, "keep-alive"));
    let keeps = complete && !closes && (head.version == Some(1) || stays);
    let text = |name| values(head, name).next().map(str::to_owned);
    let answer = Answer { status, retry_after: text("retry-after"), date: text("date"), body, keeps };
    Ok(Some((answer, begin + length)))
}

/// The body, how many bytes it takes, and whether another answer may follow.
fn read_body(kind: &Body, input: &[u8], longest: usize, ended: bool) -> Result<Option<(Vec<u8>, usize, bool)>, String> {
    let found = match kind {
        Body::Length(length) if *length > longest => return Err(too_long(longest)),
        Body::Length(length) => input.get(..*length).map(|body| (body.to_vec(), *length, true)),
        Body::Chunks => chunks(input, longest)?.map(|(body, length)| (body, length, true)),
        Body::End if input.len() > longest => return Err(too_long(longest)),
        Body::End => ended.then(|| (input.to_vec(), input.len(), false)),
    };
    if found.is_none() && ended { Err("the answer broke off".into()) } else { Ok(found) }
}

fn body(head: &httparse::Response<'_, '_>, status: u16) -> Result<Body, String> {
    let coded: Vec<_> = values(head, "transfer-encoding").collect();
    let lengths: Vec<_> = values(head, "content-length").collect();
    match (coded.as_slice(), lengths.as_slice()) {
        _ if matches!(status, 204 | 304) => Ok(Body::Length(0)),
        ([], []) => Ok(Body::End),
        ([], [first, rest @ ..]) if rest.iter().all(|other| other == first) => {
            let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
            let length = first.parse().ok().filter(|_| digits);
            length.map(Body::Length).ok_or_else(|| "the length of the answer is not a number".to_owned())
        }
        ([chunked], []) if chunked.eq_ignore_ascii_case("chunked") => Ok(Body::Chunks),
        _ => Err("the answer has a body that can be read in two ways".into()),
    }
}

fn values<'h>(head: &'h httparse::Response<'_, '_>, name: &'h str) -> impl Iterator<Item = &'h str> {
    let named = head.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    // One that is no text matches nothing that is looked for.
    named.map(|header| std::str::from_utf8(header.value).map_or("\u{fffd}", str::trim))
}

fn has_word(value: &str, word: &str) -> bool {
    value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
}

fn too_long(longest: usize) -> String {
    format!("the answer is longer than {} KiB", longest / 1024)
}

/// A body in chunks and how many bytes it has with its trailer (RFC 9112 §7.1).
fn chunks(input: &[u8], longest: usize) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let size =
            httparse::parse_chunk_size(&input[at..]).map_err(|_| "the answer broke off: a chunk of it has no size")?;
        let httparse::Status::Complete((head, size)) = size else { return Ok(None) };
        at += head;
        if size == 0 {
            let mut trailer = [httparse::EMPTY_HEADER; MOST_HEADERS];
            let parsed = httparse::parse_headers(&input[at..], &mut trailer);
            return match parsed.map_err(|_| "the answer broke off: its trailer cannot be read")? {
                httparse::Status::Complete((length, _)) => Ok(Some((body, at + length))),
                httparse::Status::Partial => Ok(None),
            };
        }
        let size = usize::try_from(size).ok().filter(|size| body.len() + size <= longest);
        let size = size.ok_or_else(|| too_long(longest))?;
        let Some(chunk) = input.get(at..at + size) else { return Ok(None) };
        body.extend_from_slice(chunk);
        at += size;
        match input.get(at..at + 2) {
            Some(b"\r\n") => at += 2,
            Some(_) => return Err("the answer broke off: a chunk of it is longer than it says".into()),
            None => return Ok(None),
        }
    }
}

#[cfg(test)]
#[path = "answer/tests.rs"]
mod tests;
