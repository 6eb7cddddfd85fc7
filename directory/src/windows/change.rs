//! Changing a password: the attribute's own spelling of passwords, and what a controller says of it.
//! Refuses to reset: the old password goes with the new one.

use super::code::{self, ChangeRefusal};
use crate::contract::NotChanged;
use crate::ldap::connection::code as result;
use engine::secret::Secret;
use ldap3::LdapResult;

/// A password as `unicodePwd` wants it: in quotes, UTF-16, low byte first (MS-ADTS §3.1.1.3.1.5.1).
pub fn quoted(password: &Secret<String>) -> Vec<u8> {
    let quoted = ['"'].into_iter().chain(password.expose().chars()).chain(['"']);
    let mut units = [0; 2];
    quoted.flat_map(|character| character.encode_utf16(&mut units).to_vec()).flat_map(u16::to_le_bytes).collect()
}

/// What the answer to a change means; none is one that another controller may give.
pub fn changed(answer: &LdapResult) -> Result<Result<(), NotChanged>, String> {
    match answer.rc {
        result::SUCCESS => Ok(Ok(())),
        result::CONSTRAINT_VIOLATION => Ok(Err(match code::change_refusal(&answer.text) {
            ChangeRefusal::Wrong => NotChanged::Wrong,
            ChangeRefusal::Refused => NotChanged::Refused,
        })),
        result::NO_SUCH_OBJECT => Ok(Err(NotChanged::Wrong)),
        result::INSUFFICIENT_ACCESS_RIGHTS => Ok(Err(NotChanged::NotAllowed)),
        // Some controllers are unwilling where others name a constraint.
        result::UNWILLING_TO_PERFORM if code::is_restriction(&answer.text) => Ok(Err(NotChanged::Refused)),
        result::REFERRAL | result::BUSY | result::UNAVAILABLE | result::UNWILLING_TO_PERFORM => {
            Err(format!("it does not change the password: {answer}"))
        }
        _ => Ok(Err(NotChanged::Unavailable(format!("the password is not changed: {answer}")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rc: u32, text: &str) -> Result<Result<(), NotChanged>, String> {
        changed(&LdapResult { rc, matched: String::new(), text: text.into(), refs: Vec::new(), ctrls: Vec::new() })
    }

    #[test]
    fn passwords_are_quoted_and_in_utf_16() {
        assert_eq!(quoted(&Secret::new("né𝄞".into())), b"\"\0n\0\xe9\0\x34\xd8\x1e\xdd\"\0");
    }

    #[test]
    fn every_refusal_has_its_meaning() {
        for (rc, text, expected) in [
            (result::SUCCESS, "", Ok(())),
            (result::CONSTRAINT_VIOLATION, "00000056: AtrErr", Err(NotChanged::Wrong)),
            (result::CONSTRAINT_VIOLATION, "0000052D: AtrErr", Err(NotChanged::Refused)),
            (result::UNWILLING_TO_PERFORM, "0000052D: SvcErr", Err(NotChanged::Refused)),
            (result::NO_SUCH_OBJECT, "", Err(NotChanged::Wrong)),
            (result::INSUFFICIENT_ACCESS_RIGHTS, "", Err(NotChanged::NotAllowed)),
        ] {
            assert_eq!(told(rc, text), Ok(expected), "{rc} {text}");
        }
        for rc in [result::REFERRAL, result::BUSY, result::UNAVAILABLE, result::UNWILLING_TO_PERFORM] {
            assert!(told(rc, "0000001F: SvcErr").is_err(), "{rc}: the next one may");
        }
        assert!(matches!(told(80, ""), Ok(Err(NotChanged::Unavailable(_)))));
    }
}
