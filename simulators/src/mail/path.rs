//! `<alice@example.com>`, as it stands in MAIL and RCPT (RFC 5321 §4.1.2).
//! It refuses source routes, and everything that a lenient reader would take for another address.

const LONGEST_LOCAL: usize = 64;
const LONGEST: usize = 254;

/// Splits `<path> PARAMETERS`; the error says what would be right.
pub(crate) fn split(text: &str) -> Result<(&str, &str), &'static str> {
    let inside = text.strip_prefix('<').ok_or("the address stands in < >, right behind the colon")?;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Ok((&inside[..at], &inside[at + 1..])),
            _ => {}
        }
    }
    Err("the address stands in < >")
}

/// Whether a mailbox can be one; the error says what is wrong.
pub(crate) fn check(mailbox: &str, utf8: bool) -> Result<(), &'static str> {
    if !utf8 && !mailbox.is_ascii() {
        return Err("an address beyond ASCII needs the parameter SMTPUTF8");
    }
    if mailbox.len() > LONGEST {
        return Err("an address has at most 254 bytes");
    }
    if mailbox.starts_with('@') {
        return Err("source routes are not taken");
    }
    let (local, domain) = mailbox.rsplit_once('@').ok_or("an address has an @")?;
    if local.len() > LONGEST_LOCAL {
        return Err("at most 64 bytes stand before the @");
    }
    if !is_dot_string(local) && !is_quoted(local) {
        return Err("what stands before the @ is letters, digits and some signs, or quoted");
    }
    if is_domain(domain) || is_literal(domain) { Ok(()) } else { Err("what stands behind the @ is a domain") }
}

fn is_dot_string(local: &str) -> bool {
    let atext = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
}

fn is_quoted(local: &str) -> bool {
    let Some(inside) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        let fits = match c {
            '\\' => characters.next().is_some_and(|c| (' '..='~').contains(&c)),
            '"' => false,
            other => !other.is_control(),
        };
        if !fits {
            return false;
        }
    }
    !inside.is_empty()
}

fn is_domain(domain: &str) -> bool {
    let letter = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-';
    let label = |label: &str| {
        let inner = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len()) && inner && label.chars().all(letter)
    };
    domain.split('.').all(label)
}

fn is_literal(domain: &str) -> bool {
    let inside = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|inside| match inside.strip_prefix("IPv6:") {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => inside.parse::<std::net::Ipv4Addr>().is_ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_where_it_ends() {
        assert_eq!(split("<a@example.com> SIZE=1"), Ok(("a@example.com", " SIZE=1")));
        assert_eq!(split("<\"a> b\\\" \"@example.com>"), Ok(("\"a> b\\\" \"@example.com", "")));
        assert_eq!(split("<>"), Ok(("", "")));
        for wrong in ["", " <a@example.com>", "a@example.com", "<a@example.com", "<\"a@example.com>"] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_addresses() {
        for right in ["a@example.com", "a.b+c@x", "\"a b\"@example.com", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]"] {
            assert_eq!(check(right, false), Ok(()), "{right}");
        }
        let wrong = ["", "a", "@example.com", "a@", ".a@example.com", "a..b@example.com", "a b@example.com"];
        let more =
            ["@x:a@example.com", "a@-x.example", "a@x..y", "a@x.", "a@[1.2.3]", "\"a@example.com", "a@b@example.com"];
        for wrong in wrong.into_iter().chain(more) {
            assert!(check(wrong, true).is_err(), "{wrong}");
        }
        assert!(check("jörg@bücher.example", false).is_err());
        assert_eq!(check("jörg@bücher.example", true), Ok(()));
        assert!(check(&format!("{}@example.com", "a".repeat(65)), false).is_err());
    }
}
