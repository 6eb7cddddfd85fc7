//! Reads the texts out of a webhook's TwiML answer.
//! It knows `<Message>` in `<Response>` and nothing else; what isn't well-formed gives no texts.

/// Texts taken from one answer.
const MOST: usize = 10;

/// One `<Message>`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The `to` attribute, where there is one.
    pub(crate) to: Option<String>,
    pub(crate) body: String,
}

/// The messages of `<Response><Message>…</Message></Response>`, also with `<Body>` inside, entities and CDATA resolved.
pub(crate) fn messages(twiml: &str) -> Vec<Said> {
    let Some(inside) = element(twiml, "Response").map(|found| found.inside) else {
        return Vec::new();
    };
    let mut rest = inside;
    let mut said = Vec::new();
    while let Some(found) = element(rest, "Message").filter(|_| said.len() < MOST) {
        let body = element(found.inside, "Body").map_or(found.inside, |body| body.inside);
        said.push(Said { to: attribute(found.attributes, "to"), body: plain(body).trim().to_owned() });
        rest = found.after;
    }
    said.retain(|said| !said.body.is_empty());
    said
}

struct Element<'a> {
    attributes: &'a str,
    inside: &'a str,
    after: &'a str,
}

fn element<'a>(text: &'a str, name: &str) -> Option<Element<'a>> {
    let open = format!("<{name}");
    let mut from = 0;
    loop {
        let start = from + text[from..].find(&open)?;
        let tail = &text[start + open.len()..];
        if tail.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace()) {
            return close(tail, name);
        }
        from = start + open.len();
    }
}

fn close<'a>(tail: &'a str, name: &str) -> Option<Element<'a>> {
    let (attributes, content) = tail.split_once('>')?;
    if let Some(attributes) = attributes.strip_suffix('/') {
        return Some(Element { attributes, inside: "", after: content });
    }
    let (inside, after) = content.split_once(&format!("</{name}>"))?;
    Some(Element { attributes, inside, after })
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let at = attributes.split_whitespace().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(resolve(at.trim_matches(['"', '\''])))
}

fn plain(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("<![CDATA[") {
        let (literal, after) = tail.split_once("]]>").unwrap_or((tail, ""));
        whole.push_str(&resolve(before));
        whole.push_str(literal);
        rest = after;
    }
    whole + &resolve(rest)
}

fn resolve(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('&') {
        resolved.push_str(before);
        let named = tail.split_once(';').and_then(|(name, after)| Some((entity(name)?, after)));
        let (c, after) = named.unwrap_or(('&', tail));
        resolved.push(c);
        rest = after;
    }
    resolved.push_str(rest);
    resolved
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        number => {
            let digits = number.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(twiml: &str) -> Vec<String> {
        messages(twiml).into_iter().map(|said| said.body).collect()
    }

    #[test]
    fn reads_messages() {
        let cases: [(&str, &[&str]); 9] = [
            ("<Response></Response>", &[]),
            ("<Response/>", &[]),
            (
                "<?xml version=\"1.0\"?><Response><Message>Hi &amp; bye &#228;&#x1F600;</Message></Response>",
                &["Hi & bye ä😀"],
            ),
            ("<Response><Message><Body>a</Body></Message><Message> b </Message></Response>", &["a", "b"]),
            ("<Response><Message><![CDATA[<x> & y]]></Message></Response>", &["<x> & y"]),
            ("<Response><Messages>no</Messages></Response>", &[]),
            ("<Response><Message>never closed", &[]),
            ("<Message>no response</Message>", &[]),
            ("<Response><Message>&unknown; &</Message></Response>", &["&unknown; &"]),
        ];
        for (twiml, expected) in cases {
            assert_eq!(bodies(twiml), expected, "{twiml}");
        }
    }

    #[test]
    fn reads_the_recipient() {
        let said = messages("<Response><Message to=\"+12025550123\">x</Message></Response>");
        assert_eq!(said[0].to.as_deref(), Some("+12025550123"));
    }
}
