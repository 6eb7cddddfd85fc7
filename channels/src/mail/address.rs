//! Addresses: the sender's from the settings, a person's from the store.
//! Refuses what no mail server could deliver to, and every character that could end a line.

use lettre::Address;
use lettre::message::Mailbox;
use std::net::IpAddr;
use url::Host;

/// RFC 5321 §4.5.3.1.3, without the angle brackets.
const LONGEST_ADDRESS: usize = 254;
const LONGEST_NAME: usize = 200;
const EXPECTED: &str = "must be an address such as alice@example.com";

/// A person's address, with its domain in ASCII. The error says what would be right and does not repeat the address.
pub fn recipient(text: &str) -> Result<Address, String> {
    if text.len() > LONGEST_ADDRESS {
        return Err(format!("an address has at most {LONGEST_ADDRESS} bytes"));
    }
    if text.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' ')) {
        return Err("an address has no line breaks and no control characters".into());
    }
    let address: Address = text.parse().map_err(|_| EXPECTED.to_owned())?;
    if address.domain().parse::<IpAddr>().is_ok() {
        return Err("an IP address stands in square brackets, or use a domain".into());
    }
    if address.domain().is_ascii() {
        return Ok(address);
    }
    let Ok(Host::Domain(ascii)) = Host::parse(address.domain()) else { return Err(EXPECTED.into()) };
    Address::new(address.user(), ascii).map_err(|_| EXPECTED.into())
}

/// The sender: an address, or `Name <address>`.
pub fn sender(text: &str) -> Result<Mailbox, String> {
    let parts = text.trim_end().strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    let (name, address) = match parts {
        Some((name, address)) => (display_name(name.trim())?, address),
        None => (None, text.trim()),
    };
    let address = recipient(address)?;
    if !address.user().is_ascii() {
        return Err("what stands before the @ must be ASCII: few servers take another sender".into());
    }
    Ok(Mailbox::new(name, address))
}

fn display_name(text: &str) -> Result<Option<String>, String> {
    let name = match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => unescape(quoted),
        None => text.to_owned(),
    };
    let quoted = name.len() < text.len();
    if name.len() > LONGEST_NAME || name.chars().any(char::is_control) || (!quoted && name.contains(['"', '<', '>'])) {
        return Err(format!("a name before the address has at most {LONGEST_NAME} bytes, on one line"));
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// A quoted-pair stands for its second character (RFC 5322 §3.2.1).
fn unescape(quoted: &str) -> String {
    let mut characters = quoted.chars();
    std::iter::from_fn(|| match characters.next() {
        Some('\\') => characters.next(),
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        recipient(text).ok().map(|address| address.to_string())
    }

    #[test]
    fn addresses_are_taken_as_they_are_but_for_a_domain_beyond_ascii() {
        for same in ["a@example.com", "A.b+c@Example.COM", "\"a b\"@example.com", "a@[192.0.2.1]", "root@localhost"] {
            assert_eq!(written(same).as_deref(), Some(same));
        }
        assert_eq!(written("a@bücher.example").as_deref(), Some("a@xn--bcher-kva.example"));
        assert_eq!(written("jörg@bücher.example").as_deref(), Some("jörg@xn--bcher-kva.example"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(250));
        let wrong = [
            "",
            "a",
            "@example.com",
            "a@",
            "a b@example.com",
            "a@b@example.com",
            "Alice <a@example.com>",
            "a@example.com,b@example.com",
            "a@example.com\r\nRCPT TO:<b@example.com>",
            "\"a\r\nDATA\"@example.com",
            "a@example.com\n",
            "a\u{0}@example.com",
            "a\u{85}b@example.com",
            "a\u{2028}b@example.com",
            "a@exam\u{0}ple.com",
            "a@example.com>",
            "a@192.0.2.1",
            "a@-bücher-.example:25",
            &long,
        ];
        for text in wrong {
            assert!(recipient(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_sender_may_have_a_name() {
        let cases = [
            ("mfa@example.com", None, "mfa@example.com"),
            ("Example <mfa@example.com>", Some("Example"), "mfa@example.com"),
            ("\"Example, \\\"Inc\\\"\" <mfa@example.com> ", Some("Example, \"Inc\""), "mfa@example.com"),
            ("Prüfung 世界 <mfa@bücher.example>", Some("Prüfung 世界"), "mfa@xn--bcher-kva.example"),
            ("<mfa@example.com>", None, "mfa@example.com"),
        ];
        for (text, name, address) in cases {
            let mailbox = sender(text).unwrap();
            assert_eq!((mailbox.name.as_deref(), mailbox.email.to_string().as_str()), (name, address), "{text}");
        }
        let wrong = ["", "Example", "a\r\nb <mfa@example.com>", "a\" <mfa@example.com>", "a <b> <mfa@example.com>"];
        for text in wrong.into_iter().chain(["prüfung@example.com", "Example <mfa@example.com> x", "Example <>"]) {
            assert!(sender(text).is_err(), "{text:?}");
        }
    }
}
