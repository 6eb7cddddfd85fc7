//! Requests that belong to no call of ours (RFC 3261 §8.2, §11.2).
//! Refuses calls: this trunk is for calling out.

use super::message::{ALLOW, Message, Method};

/// The answer, where one is due. `tag` is ours.
pub fn answer(request: &Message, tag: &str) -> Option<Message> {
    let response = |status| Message::response(request, status, tag);
    match request.method()? {
        Method::Ack => None,
        _ if request.to_tag().is_some() => Some(response(481)),
        Method::Options => Some(
            response(200).with("Allow", ALLOW).with("Accept", "application/sdp").with("Supported", "100rel, timer"),
        ),
        Method::Invite => Some(response(403)),
        Method::Bye | Method::Cancel | Method::Prack | Method::Update | Method::Info => Some(response(481)),
        Method::Register | Method::Other(_) => Some(response(405).with("Allow", ALLOW)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_calls_in() {
        let check = |method: &str, to: &str, expected: Option<u16>| {
            let request = Message::request(Method::of(method), "sip:us").with("To", to).with("From", "<sip:a>;tag=1");
            let answer = answer(&request, "ours");
            assert_eq!(answer.as_ref().and_then(Message::status), expected, "{method}");
        };
        check("INVITE", "<sip:us>", Some(403));
        check("OPTIONS", "<sip:us>", Some(200));
        check("NOTIFY", "<sip:us>", Some(405));
        check("BYE", "<sip:us>", Some(481));
        check("INVITE", "<sip:us>;tag=1", Some(481));
        check("NOTIFY", "<sip:us>;tag=1", Some(481));
        check("ACK", "<sip:us>;tag=1", None);
    }
}
