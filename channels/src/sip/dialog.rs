//! A dialog (RFC 3261 §12): the far side by its tag, where requests go, and how they are numbered both ways.
//! Refuses a request that is older than one it has seen.

use super::message::{Address, Message, Method};

/// One session, or the beginning of one.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// The far side's tag; empty for one older than RFC 3261.
    pub tag: String,
    /// The answer to our offer, as it came last.
    pub sdp: Option<Vec<u8>>,
    /// Whether offer and answer are through: by a reliable answer, or an UPDATE.
    pub agreed: bool,
    /// What acknowledged the 2xx, to be sent again for each that is repeated.
    pub ack: Option<Message>,
    /// The last `RSeq` that was acknowledged (RFC 3262 §4).
    pub rseq: Option<u32>,
    /// Whether the far side takes UPDATE.
    pub updates: bool,
    /// Nothing is sent any more.
    pub over: bool,
    /// The address of the trunk that it goes over.
    pub peer: usize,
    /// Another one became the call: nothing of this one is heard, but it can still be ended.
    pub lost: bool,
    from: String,
    to: String,
    call_id: String,
    target: String,
    routes: Vec<String>,
    /// Of our last request.
    ours: u32,
    /// Of their last request.
    theirs: Option<u32>,
}

/// How a request of the far side stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is the next.
    Next,
    /// It is older than another (§12.2.2).
    Old,
    /// It has the number of another, but is not that one again.
    Same,
}

impl Dialog {
    /// The dialog that a response with a tag begins.
    pub fn begun(invite: &Message, response: &Message) -> Self {
        let text = |message: &Message, name| message.get(name).unwrap_or_default().to_owned();
        let uri = invite.uri().expect("an INVITE is a request");
        let mut dialog = Self {
            tag: response.to_tag().unwrap_or_default(),
            sdp: None,
            agreed: false,
            ack: None,
            rseq: None,
            updates: false,
            over: false,
            peer: 0,
            lost: false,
            from: text(invite, "From"),
            to: text(response, "To"),
            call_id: text(invite, "Call-ID"),
            target: uri.to_owned(),
            routes: Vec::new(),
            ours: invite.cseq().map_or(1, |(number, _)| number),
            theirs: None,
        };
        dialog.hear(response);
        dialog
    }

    /// Takes the route, the target and the abilities of a 1xx or 2xx to the INVITE in (§13.2.2.4).
    pub fn hear(&mut self, response: &Message) {
        let mut routes: Vec<_> = response.all("Record-Route").map(str::to_owned).collect();
        routes.reverse();
        self.routes = routes;
        self.refresh(response);
    }

    /// Takes a new target in (§12.2.1.2), and whether UPDATE is taken.
    pub fn refresh(&mut self, message: &Message) {
        if let Some(target) = message.contact() {
            self.target = target;
        }
        if message.get("Allow").is_some() {
            self.updates = message.lists("Allow", "UPDATE");
        }
    }

    /// A new request within it, without `Via`.
    pub fn request(&mut self, method: Method) -> Message {
        self.ours += 1;
        self.numbered(method, self.ours)
    }

    /// The ACK of a 2xx, with the number of its INVITE.
    pub fn acknowledge(&self, number: u32) -> Message {
        self.numbered(Method::Ack, number)
    }

    fn numbered(&self, method: Method, number: u32) -> Message {
        let (uri, routes) = self.way();
        let cseq = format!("{number} {method}");
        let mut request = Message::request(method, &uri).with("Max-Forwards", "70");
        routes.iter().for_each(|route| request.push("Route", route));
        request.with("From", &self.from).with("To", &self.to).with("Call-ID", &self.call_id).with("CSeq", cseq)
    }

    /// Request-URI and routes. A first router without `lr` is one of RFC 2543 (§12.2.1.1).
    fn way(&self) -> (String, Vec<String>) {
        let strict = self.routes.first().and_then(|route| Address::read(route)).filter(|route| !is_loose(&route.uri));
        match strict {
            None => (self.target.clone(), self.routes.clone()),
            Some(route) => {
                let target = format!("<{}>", self.target);
                (route.uri, self.routes[1..].iter().cloned().chain([target]).collect())
            }
        }
    }

    /// Puts a request of the far side in its turn. ACK has none.
    pub fn take(&mut self, number: u32) -> Turn {
        match self.theirs {
            Some(seen) if number < seen => Turn::Old,
            Some(seen) if number == seen => Turn::Same,
            Some(_) | None => {
                self.theirs = Some(number);
                Turn::Next
            }
        }
    }
}

fn is_loose(uri: &str) -> bool {
    uri.split(';')
        .skip(1)
        .any(|parameter| parameter.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("lr")))
}

/// Where a request goes first: its topmost route, or its Request-URI.
pub fn next_hop(request: &Message) -> Option<String> {
    match request.get("Route").and_then(Address::read) {
        Some(route) => Some(route.uri),
        None => request.uri().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(routes: &[&str]) -> Dialog {
        let invite = Message::request(Method::Invite, "sip:+1@trunk")
            .with("From", "<sip:us@trunk>;tag=ours")
            .with("To", "<sip:+1@trunk>")
            .with("Call-ID", "id")
            .with("CSeq", "3 INVITE");
        let response = Message::response(&invite, 200, "theirs").with("Contact", "<sip:phone@192.0.2.9:5070>");
        Dialog::begun(&invite, &routes.iter().fold(response, |response, route| response.with("Record-Route", route)))
    }

    #[test]
    fn the_route_is_the_recorded_one_from_behind() {
        let mut dialog = dialog(&["<sip:near;lr>", "<sip:far;lr=on>"]);
        let bye = dialog.request(Method::Bye);
        assert_eq!(bye.uri(), Some("sip:phone@192.0.2.9:5070"));
        assert_eq!(bye.all("Route").collect::<Vec<_>>(), ["<sip:far;lr=on>", "<sip:near;lr>"]);
        assert_eq!(bye.get("To"), Some("<sip:+1@trunk>;tag=theirs"));
        assert_eq!(bye.get("CSeq"), Some("4 BYE"));
        assert_eq!(next_hop(&bye).as_deref(), Some("sip:far;lr=on"));
    }

    #[test]
    fn a_strict_router_gets_the_request_for_itself() {
        let bye = dialog(&["<sip:near;lr>", "<sip:far>"]).request(Method::Bye);
        assert_eq!(bye.uri(), Some("sip:far"));
        assert_eq!(bye.all("Route").collect::<Vec<_>>(), ["<sip:near;lr>", "<sip:phone@192.0.2.9:5070>"]);
    }

    #[test]
    fn numbers_go_up_on_both_sides() {
        let mut dialog = dialog(&[]);
        assert_eq!(dialog.acknowledge(3).get("CSeq"), Some("3 ACK"));
        assert_eq!(dialog.request(Method::Update).get("CSeq"), Some("4 UPDATE"));
        let turns = [7, 7, 6, 8].map(|number| dialog.take(number));
        assert_eq!(turns, [Turn::Next, Turn::Same, Turn::Old, Turn::Next]);
    }
}
