//! The fields that a server looks into: lists, parameters, addresses, `Via` and `CSeq`.
//! It refuses what it cannot read, and splits nothing inside quotes or angle brackets.

/// The parts of `text` between `mark`, trimmed; marks inside quotes and `<>` are none.
pub(crate) fn split_list(text: &str, mark: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut quoted, mut escaped, mut depth) = (0, false, false, 0u32);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => depth += 1,
            '>' if !quoted => depth = depth.saturating_sub(1),
            _ if c == mark && !quoted && depth == 0 => {
                parts.push(text[begin..at].trim());
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[begin..].trim());
    parts
}

/// A parameter of `text` after its first `;`: `Some("")` where it has no value.
pub(crate) fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    split_list(text, ';').into_iter().skip(1).find_map(|pair| {
        let (known, value) = pair.split_once('=').unwrap_or((pair, ""));
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The address inside a `From`, `To`, `Contact`, `Route`: what is between `<>`, or all before the first `;`.
pub(crate) fn address(text: &str) -> &str {
    let outside = split_list(text, ';')[0];
    match (text.find('<'), text.rfind('>')) {
        (Some(open), Some(close)) if open < close => text[open + 1..close].trim(),
        (Some(_) | None, Some(_) | None) => outside,
    }
}

/// The `tag` of a `From` or `To`.
pub(crate) fn tag(text: &str) -> Option<&str> {
    parameter(text, "tag").filter(|tag| !tag.is_empty())
}

/// The user part of a `sip:`, `sips:` or `tel:` address, without its parameters.
pub(crate) fn user(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    let user = match scheme.to_ascii_lowercase().as_str() {
        "sip" | "sips" => rest.split_once('@')?.0,
        "tel" => rest,
        _ => return None,
    };
    Some(user.split([';', ':', '?']).next().unwrap_or_default())
}

/// Host and port of a `sip:` address, as written; the port where it is said.
pub(crate) fn host(uri: &str) -> Option<(&str, Option<u16>)> {
    let rest = uri.split_once(':')?.1;
    let rest = rest.split_once('@').map_or(rest, |(_, host)| host);
    host_and_port(rest.split([';', '?']).next()?)
}

fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(v6) = text.strip_prefix('[') {
        let (host, rest) = v6.split_once(']')?;
        return Some((host, rest.strip_prefix(':').map(str::parse).transpose().ok()?));
    }
    match text.split_once(':') {
        Some((host, port)) => Some((host.trim(), Some(port.trim().parse().ok()?))),
        None => Some((text.trim(), None)).filter(|(host, _)| !host.is_empty()),
    }
}

/// The first hop of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Via {
    pub(crate) sent_by: String,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) branch: String,
    /// Whether the sender asks for the answer at the port it sent from (RFC 3581).
    pub(crate) rport: bool,
}

/// What every branch begins with since RFC 3261 (§8.1.1.7).
pub(crate) const COOKIE: &str = "z9hG4bK";

impl Via {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (protocol, sent_by) = split_list(text, ';')[0].rsplit_once([' ', '\t'])?;
        let parts: Vec<&str> = protocol.split('/').map(str::trim).collect();
        if parts.len() != 3 || !parts[0].eq_ignore_ascii_case("SIP") || parts[1] != "2.0" {
            return None;
        }
        let (host, port) = host_and_port(sent_by)?;
        Some(Self {
            sent_by: sent_by.to_ascii_lowercase(),
            host: host.to_owned(),
            port,
            branch: parameter(text, "branch").unwrap_or_default().to_owned(),
            rport: parameter(text, "rport").is_some(),
        })
    }
}

/// The number and method of a `CSeq` (RFC 3261 §20.16).
pub(crate) fn cseq(text: &str) -> Option<(u32, &str)> {
    let (number, method) = text.trim().split_once([' ', '\t'])?;
    let number: u32 = number.parse().ok().filter(|number| *number < 1 << 31)?;
    Some((number, method.trim())).filter(|(_, method)| !method.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_quotes_and_brackets() {
        assert_eq!(split_list(r#""a, \" b" <sip:x;y=1,2>;q=1 , <sip:z>"#, ',').len(), 2);
        assert_eq!(split_list("a,, b", ','), ["a", "", "b"]);
        assert_eq!(split_list("", ','), [""]);
    }

    #[test]
    fn addresses_and_their_parts() {
        let from = r#""A; <b>" <sip:+12025550100@10.0.0.1:5070;user=phone>;tag=x1"#;
        assert_eq!(tag(from), Some("x1"));
        assert_eq!(address("<sip:a@b;lr>;tag=1"), "sip:a@b;lr");
        assert_eq!(address("sip:a@b;tag=1"), "sip:a@b");
        assert_eq!(tag("<sip:a@b;tag=inside>"), None);
        assert_eq!(user("sip:+1202;x=1@h"), Some("+1202"));
        assert_eq!(user("tel:+12025550123;phone-context=x"), Some("+12025550123"));
        assert_eq!((user("sip:host"), user("http://x@y"), user("")), (None, None, None));
        assert_eq!(host("sip:u@127.0.0.1:5061;transport=tcp"), Some(("127.0.0.1", Some(5061))));
        assert_eq!(host("sip:[::1]:9;lr"), Some(("::1", Some(9))));
        assert_eq!((host("sip:u@h:99999"), host("sip:")), (None, None));
    }

    #[test]
    fn the_first_hop() {
        let via = Via::read("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa").expect("valid");
        assert_eq!(
            (via.host.as_str(), via.port, via.rport, via.branch.as_str()),
            ("10.0.0.1", Some(5070), true, "z9hG4bKa")
        );
        assert!(Via::read("SIP / 2.0 / TCP host;branch=1").is_some_and(|via| via.port.is_none() && !via.rport));
        for wrong in ["", "SIP/2.0/UDP", "HTTP/1.1/TCP h", "SIP/3.0/UDP h", "SIP/2.0/UDP h:x"] {
            assert_eq!(Via::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_of_requests() {
        assert_eq!(cseq("4711 INVITE"), Some((4711, "INVITE")));
        for wrong in ["", "x INVITE", "1", "2147483648 INVITE", "-1 BYE", "1 "] {
            assert_eq!(cseq(wrong), None, "{wrong}");
        }
    }
}
