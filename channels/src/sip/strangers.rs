//! Requests that belong to no call of ours (RFC 3261 §8.2, §11.2).
//! Refuses calls: this trunk is for calling out.

use super::message::{ALLOW, Message, Method};

/// Extensions that may be required of us.
const KNOWN: [&str; 2] = ["100rel", "timer"];

/// The answer, where one is due. `tag` is ours.
pub fn answer(request: &Message, tag: &str) -> Option<Message> {
    let response = |status| Message::response(request, status, tag);
    match request.method()? {
        Method::Ack => None,
        _ if request.to_tag().is_some() => Some(response(481)),
        Method::Options | Method::Invite if unsupported(request).is_some() => {
            Some(response(420).with("Unsupported", unsupported(request)?))
        }
        Method::Options => Some(
            response(200).with("Allow", ALLOW).with("Accept", "application/sdp").with("Supported", "100rel, timer"),
        ),
        Method::Invite => Some(response(403)),
        Method::Bye | Method::Cancel | Method::Prack | Method::Update | Method::Info => Some(response(481)),
        Method::Register | Method::Other(_) => Some(response(405).with("Allow", ALLOW)),
    }
}

/// What is required of us and we do not know.
pub fn unsupported(request: &Message) -> Option<String> {
    let unknown: Vec<_> = request.all("Require").filter(|one| !KNOWN.contains(one)).collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
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

    #[test]
    fn what_is_required_and_not_known_is_named() {
        let request = |required| Message::request(Method::Options, "sip:us").with("Require", required);
        let answered = answer(&request("timer").with("Require", "magic"), "ours").unwrap();
        assert_eq!((answered.status(), answered.get("Unsupported")), (Some(420), Some("magic")));
        assert_eq!(answer(&request("timer"), "ours").and_then(|answer| answer.status()), Some(200));
    }
}
