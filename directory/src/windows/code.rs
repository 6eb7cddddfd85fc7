//! What Active Directory says in the text of its refusals: the number of the Windows error (MS-ERREF).
//! Refuses to tell more than is needed: an unknown name and a locked account are both wrong.

/// Why a bind was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 532 and 773: the password was right, and has to be changed.
    MustChange,
    /// 525 no such user, 52e wrong password, 530 and 531 not now or not from here, 533 disabled, 701 account expired,
    /// 775 locked, and whatever else there is.
    Wrong,
}

/// Reads `…AcceptSecurityContext error, data 52e, v4563`.
pub fn refusal(text: &str) -> Refusal {
    let data = text.split_once("data ").map(|(_, after)| after);
    let code: Option<&str> =
        data.and_then(|after| after.split(|character: char| !character.is_ascii_hexdigit()).next());
    match code {
        Some("532" | "773") => Refusal::MustChange,
        Some(_) | None => Refusal::Wrong,
    }
}

/// Why a change of a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeRefusal {
    /// `ERROR_INVALID_PASSWORD` (56), and `ERROR_ACCOUNT_LOCKED_OUT` (775) after too many of them.
    Wrong,
    /// `ERROR_PASSWORD_RESTRICTION` (52D), and whatever else breaks a rule.
    Refused,
}

/// The number at the front of `00000056: AtrErr: DSID-03190F80, …`.
fn number(text: &str) -> Option<u32> {
    text.split(':').next().and_then(|number| u32::from_str_radix(number.trim(), 16).ok())
}

/// Whether a refusal is one of the rules for passwords.
pub fn is_restriction(text: &str) -> bool {
    number(text) == Some(0x52d)
}

/// What a broken constraint was about.
pub fn change_refusal(text: &str) -> ChangeRefusal {
    match number(text) {
        Some(0x56 | 0x775) => ChangeRefusal::Wrong,
        Some(_) | None => ChangeRefusal::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_codes_say_that_the_password_was_right() {
        let text = |data| {
            format!("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {data}, v4563")
        };
        for data in ["532", "773"] {
            assert_eq!(refusal(&text(data)), Refusal::MustChange, "{data}");
        }
        for data in ["525", "52e", "530", "531", "533", "568", "701", "775", "0", "7730", "5320", ""] {
            assert_eq!(refusal(&text(data)), Refusal::Wrong, "{data}");
        }
        assert_eq!(refusal("invalid credentials"), Refusal::Wrong);
    }

    #[test]
    fn the_old_password_is_told_from_the_new_one() {
        for (text, expected) in [
            ("00000056: AtrErr: DSID-03190F80, #1:\n\t0: 00000056: DSID-03190F80, problem 1005", ChangeRefusal::Wrong),
            ("00000775: check_password_restrictions: Account locked out!", ChangeRefusal::Wrong),
            ("0000052D: AtrErr: DSID-03190F00, #1:", ChangeRefusal::Refused),
            ("0000052D: Constraint violation - check_password_restrictions: too short", ChangeRefusal::Refused),
            ("something else", ChangeRefusal::Refused),
            ("", ChangeRefusal::Refused),
        ] {
            assert_eq!(change_refusal(text), expected, "{text}");
        }
        assert!(is_restriction("0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0"));
        assert!(!is_restriction("0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0"));
    }
}
