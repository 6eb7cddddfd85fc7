//! What a server says of a password beside its answer: the control of draft-behera-ldap-password-policy-10 §6.
//! Refuses to guess: a control that cannot be read says nothing.

use super::ber;
use ldap3::LdapResult;
use ldap3::controls::RawControl;

const OID: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
/// `warning [0]`, a choice and so with a tag of its own within.
const WARNING: u8 = 0xa0;
/// `graceAuthNsRemaining [1]`.
const GRACE: u8 = 0x81;
/// `error [1]`.
const ERROR: u8 = 0x81;

/// What is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// So many more binds are let pass though the password has expired, this one not counted.
    pub grace: Option<u32>,
    /// Why, where something is refused or has to be done.
    pub error: Option<Why>,
}

/// The errors of §6.2 that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// passwordExpired (0): the password was right, and the bind is refused.
    Expired,
    /// changeAfterReset (2): the bind is granted, and nothing else until it is changed.
    MustChange,
    /// passwordModNotAllowed (3).
    ModificationNotAllowed,
    /// mustSupplyOldPassword (4) to passwordInHistory (8): the new one is refused.
    NewRefused,
    /// accountLocked (1), and whatever later drafts may add.
    Other,
}

/// The control for a request, without which the server says nothing.
pub fn asked() -> RawControl {
    RawControl { ctype: OID.into(), crit: false, val: None }
}

/// What an answer says.
pub fn said(result: &LdapResult) -> Said {
    let controls = result.ctrls.iter().map(|control| &control.1);
    let ours = controls.filter(|control| control.ctype == OID).find_map(|control| control.val.as_deref());
    ours.and_then(read).unwrap_or_default()
}

/// `SEQUENCE { warning [0] CHOICE { … } OPTIONAL, error [1] ENUMERATED OPTIONAL }`.
fn read(value: &[u8]) -> Option<Said> {
    let sequence = ber::element(value).filter(|element| element.tag == ber::SEQUENCE)?;
    let mut said = Said::default();
    let mut rest = sequence.content;
    while !rest.is_empty() {
        let part = ber::element(rest)?;
        match part.tag {
            WARNING => said.grace = grace(part.content)?,
            ERROR => said.error = Some(why(ber::number(part.content)?)),
            _ => {}
        }
        rest = part.rest;
    }
    Some(said)
}

fn grace(warning: &[u8]) -> Option<Option<u32>> {
    let warning = ber::element(warning)?;
    if warning.tag == GRACE { ber::number(warning.content).map(Some) } else { Some(None) }
}

const fn why(code: u32) -> Why {
    match code {
        0 => Why::Expired,
        2 => Why::MustChange,
        3 => Why::ModificationNotAllowed,
        4..=8 => Why::NewRefused,
        _ => Why::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_and_errors_are_read() {
        let error = |why| Some(Said { grace: None, error: Some(why) });
        for (value, expected) in [
            (&b"\x30\x00"[..], Some(Said::default())),
            (b"\x30\x03\x81\x01\x00", error(Why::Expired)),
            (b"\x30\x03\x81\x01\x01", error(Why::Other)),
            (b"\x30\x03\x81\x01\x02", error(Why::MustChange)),
            (b"\x30\x03\x81\x01\x03", error(Why::ModificationNotAllowed)),
            (b"\x30\x03\x81\x01\x04", error(Why::NewRefused)),
            (b"\x30\x03\x81\x01\x08", error(Why::NewRefused)),
            (b"\x30\x03\x81\x01\x09", error(Why::Other)),
            (b"\x30\x05\xa0\x03\x81\x01\x02", Some(Said { grace: Some(2), error: None })),
            (b"\x30\x06\xa0\x04\x80\x02\x0e\x10", Some(Said::default())),
            (b"\x30\x08\xa0\x03\x81\x01\x00\x81\x01\x02", Some(Said { grace: Some(0), error: Some(Why::MustChange) })),
            (b"\x30\x04\x81\x01\x00", None),
            (b"\x04\x00", None),
            (b"", None),
        ] {
            assert_eq!(read(value), expected, "{value:02x?}");
        }
    }
}
