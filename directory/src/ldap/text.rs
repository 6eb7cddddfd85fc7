//! Names in filters (RFC 4515) and in distinguished names (RFC 4514).
//! Refuses names with control characters: nobody is called so, and servers disagree on what they mean.

use engine::secret::Secret;
use ldap3::ldap_escape;
use std::borrow::Cow;

/// What stands for the name in a filter.
pub const NAME: &str = "{name}";

/// Whether it is worth to ask: nobody has such a name, or no password. With an empty one many servers grant an anonymous
/// connection and call that a success (RFC 4513 §5.1.2), and what follows a NUL is not seen by some, Samba among them.
pub fn could_be(name: &str, password: &Secret<String>) -> bool {
    is_a_name(name) && is_a_password(password)
}

/// Whether something can be a password.
pub fn is_a_password(password: &Secret<String>) -> bool {
    !password.expose().is_empty() && !password.expose().contains('\0')
}

fn is_a_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(char::is_control)
}

/// The filter that finds this name.
pub fn filter(template: &str, name: &str) -> String {
    template.replace(NAME, &escaped(name))
}

/// A text as a value in a filter.
pub fn escaped(text: &str) -> Cow<'_, str> {
    ldap_escape(text)
}

/// The parts of a distinguished name, as they are written, without the spaces around them.
fn parts(dn: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in dn.bytes().enumerate() {
        if byte == b',' && !escaped {
            parts.push(dn[start..at].trim_matches(' '));
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts.push(dn[start..].trim_matches(' '));
    parts
}

/// Whether two distinguished names are one, whatever their case, their escapes and the spaces after their commas.
pub fn same_dn(one: &str, other: &str) -> bool {
    let canonical = |dn: &str| parts(dn).into_iter().map(|part| read(part, true).to_lowercase()).collect::<Vec<_>>();
    canonical(one) == canonical(other)
}

/// The name of a group, from its distinguished name; what is none is its own name.
pub fn group_name(dn: &str) -> String {
    let first = parts(dn)[0];
    first.split_once('=').map_or_else(|| dn.to_owned(), |(_, name)| read(name, false))
}

/// A part without its escapes, `\,` and `\2c` (RFC 4514 §2.4). Where `apart`, what means something without one is told from
/// what does not mean it.
fn read(part: &str, apart: bool) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let (escaped, meant, after) = match (byte, hex, after.split_first()) {
            (b'\\', Some(meant), _) => (true, meant, &after[2..]),
            (b'\\', None, Some((&meant, after))) => (true, meant, after),
            _ => (false, byte, after),
        };
        if apart && escaped && b",+=\\\"<>;#".contains(&meant) {
            bytes.push(b'\\');
        }
        bytes.push(meant);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_filter_is_escaped() {
        assert_eq!(filter("(uid={name})", "bob"), "(uid=bob)");
        assert_eq!(filter("(uid={name})", "*)(uid=*"), r"(uid=\2a\29\28uid=\2a)");
        assert_eq!(filter("(|(uid={name})(mail={name}))", r"a\b"), r"(|(uid=a\5cb)(mail=a\5cb))");
        assert_eq!(filter("(uid={name})", "{name}"), "(uid={name})");
        assert_eq!(filter("(uid={name})", "山田"), "(uid=山田)");
    }

    #[test]
    fn control_characters_are_in_no_name() {
        for name in ["", "a\0b", "a\nb", "\u{85}"] {
            assert!(!is_a_name(name), "{name:?}");
        }
        assert!(is_a_name("émile*"));
    }

    #[test]
    fn distinguished_names_are_compared_without_case_and_spaces() {
        assert!(same_dn("CN=Staff, OU=Groups,DC=example,DC=com", "cn=staff,ou=groups,dc=example,dc=com"));
        assert!(!same_dn("cn=staff,dc=example", "cn=staff,dc=example,dc=com"));
        assert!(!same_dn(r"cn=a\, b,dc=com", "cn=a,b,dc=com"));
        assert!(!same_dn(r"cn=a\+b=c,dc=com", "cn=a+b=c,dc=com"));
        assert!(same_dn(r"cn=Lab\, K\C3\B6ln,dc=com", r"cn=lab\2c Köln,dc=com"));
    }

    #[test]
    fn a_group_is_called_by_its_first_part() {
        for (dn, name) in [
            ("cn=Staff,ou=groups,dc=example,dc=com", "Staff"),
            (r"CN=Lab\, second floor,DC=com", "Lab, second floor"),
            (r"cn=K\c3\b6ln,dc=com", "Köln"),
            ("staff", "staff"),
            ("", ""),
        ] {
            assert_eq!(group_name(dn), name);
        }
    }
}
