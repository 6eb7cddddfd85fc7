//! Addresses with parameters (RFC 3261 §20.10), and lists of values, both with quotes and `<>` respected.
//! Refuses to understand a URI deeper than its user and host.

/// `"Name" <sip:user@host;uri-parameter>;parameter=value`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Without `<>`.
    pub uri: String,
    /// After the URI: name in lower case, value without quotes.
    pub parameters: Vec<(String, String)>,
}

impl Address {
    /// Reads the value of a `From`, `To`, `Contact`, `Route` or `Record-Route`. Without `<>`, parameters belong to the header.
    pub fn read(value: &str) -> Option<Self> {
        let (uri, rest) = match bracket(value) {
            Some(start) => value[start + 1..].split_once('>')?,
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        let uri = uri.trim();
        let sound = !uri.is_empty() && !uri.contains(|c: char| c.is_whitespace() || c.is_control() || c == '<');
        sound.then(|| Self { uri: uri.to_owned(), parameters: parameters(rest) })
    }

    /// A parameter of the header.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The tag, if it has one that is not empty.
    pub fn tag(&self) -> Option<&str> {
        self.parameter("tag").filter(|tag| !tag.is_empty())
    }
}

/// Where the `<` is that no quotes enclose.
fn bracket(value: &str) -> Option<usize> {
    let mut quotes = Quotes::default();
    value.char_indices().find(|&(_, c)| !quotes.inside(c) && c == '<').map(|(at, _)| at)
}

/// The value of a parameter in `…;name=value;…`, for example the branch of a `Via`.
pub fn parameter(value: &str, name: &str) -> Option<String> {
    let start = value.find(';')?;
    parameters(&value[start..]).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn parameters(text: &str) -> Vec<(String, String)> {
    let read = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.trim().to_ascii_lowercase(), unquoted(value.trim()))
    };
    split(text, ';').into_iter().map(str::trim).filter(|part| !part.is_empty()).map(read).collect()
}

/// Without the quotes around it and the backslashes within.
pub(crate) fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => out.extend(characters.next()),
            c => out.push(c),
        }
    }
    out
}

/// The values of a list: split at commas outside quotes and `<>`, trimmed, without empty ones.
pub fn list(value: &str) -> Vec<&str> {
    split(value, ',').into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn split(text: &str, at: char) -> Vec<&str> {
    let (mut quotes, mut brackets, mut start, mut parts) = (Quotes::default(), 0_usize, 0, Vec::new());
    for (place, c) in text.char_indices() {
        if quotes.inside(c) {
            continue;
        }
        match c {
            '<' => brackets += 1,
            '>' => brackets = brackets.saturating_sub(1),
            c if c == at && brackets == 0 => {
                parts.push(&text[start..place]);
                start = place + at.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Whether a walk through a text is within quotes.
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    /// Takes the next character; whether it is quoted or a quote.
    const fn inside(&mut self, c: char) -> bool {
        match (self.open, self.escaped, c) {
            (true, true, _) => self.escaped = false,
            (true, false, '\\') => self.escaped = true,
            (true, false, '"') => {
                self.open = false;
                return true;
            }
            (false, _, '"') => self.open = true,
            (true, false, _) | (false, _, _) => {}
        }
        self.open
    }
}

/// The user of a `sip:` or `sips:` URI, without its parameters.
pub fn uri_user(uri: &str) -> Option<&str> {
    let (user, _) = after_scheme(uri)?.split_once('@')?;
    user.split([':', ';']).next().filter(|user| !user.is_empty())
}

/// Host and port of a `sip:` or `sips:` URI. An IPv6 address keeps no brackets.
pub fn uri_host(uri: &str) -> Option<(&str, Option<u16>)> {
    let rest = after_scheme(uri)?;
    let rest = rest.split_once('@').map_or(rest, |(_, host)| host);
    let end = rest.find([';', '?']).unwrap_or(rest.len());
    host_and_port(&rest[..end])
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map(str::parse).transpose().ok()?;
    (!host.is_empty()).then_some((host, port))
}

fn after_scheme(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    (scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_brackets() {
        let check = |value: &str, uri: &str, tag: Option<&str>| {
            let address = Address::read(value).unwrap();
            assert_eq!((address.uri.as_str(), address.tag()), (uri, tag), "{value}");
        };
        check("<sip:a@b;lr>;tag=1", "sip:a@b;lr", Some("1"));
        check("\"A, <B>\" <sip:a@b> ; TAG = x", "sip:a@b", Some("x"));
        check("sip:a@b;tag=2", "sip:a@b", Some("2"));
        check("sip:a@b", "sip:a@b", None);
        check("<sip:a@b>;tag=", "sip:a@b", None);
        for value in ["", "<", "<>", "<sip:a b>", "\"<sip:a@b>"] {
            assert!(Address::read(value).is_none_or(|address| !address.uri.contains('<')), "{value}");
        }
    }

    #[test]
    fn lists_are_split_outside_quotes_and_brackets() {
        assert_eq!(list("<sip:a,b@c>, \"x, \\\" y\" <sip:d>,,e"), ["<sip:a,b@c>", "\"x, \\\" y\" <sip:d>", "e"]);
    }

    #[test]
    fn uris_have_users_and_hosts() {
        assert_eq!(uri_user("sip:+1202;ext=1:pw@host:5070;lr"), Some("+1202"));
        assert_eq!(uri_user("sip:host"), None);
        assert_eq!(uri_host("sips:a@host:5070;lr"), Some(("host", Some(5070))));
        assert_eq!(uri_host("sip:[::1]:5070?x=y"), Some(("::1", Some(5070))));
        assert_eq!(uri_host("sip:a@host"), Some(("host", None)));
        for uri in ["tel:+1202", "sip:", "sip:a@", "sip:h:99999", "host"] {
            assert_eq!(uri_host(uri), None, "{uri}");
        }
    }
}
