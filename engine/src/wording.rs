//! The words of a text.
//! Refuses to guess: the policy's template is taken as it is, and a two-way text says what to reply.

use crate::code::Code;
use crate::method::Mode;
use crate::secret::Secret;

/// The text that carries `code`; `application` is the name that people see.
pub fn text(template: &str, mode: Mode, code: &Code, application: &str) -> Secret<String> {
    let mut body = template.replace("<$application_name$>", application).replace("<$otp$>", code.expose());
    if let Some(line) = reply_line(mode) {
        body.push('\n');
        body.push_str(line);
    }
    Secret::new(body)
}

/// What invites another try after a wrong reply.
pub const fn invitation(mode: Mode) -> &'static str {
    if mode.needs_pin() {
        "That was not right. Reply with the code followed by your PIN."
    } else {
        "That was not right. Reply with the code."
    }
}

const fn reply_line(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::TwoWayOtp => Some("Reply with the code."),
        Mode::TwoWayOtpPin => Some("Reply with the code followed by your PIN."),
        Mode::Standard | Mode::Pin | Mode::OneWayOtp | Mode::OneWayOtpPin | Mode::Code => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{CodeKey, derive};
    use crate::id::VerificationId;

    #[test]
    fn the_text_holds_code_application_and_what_to_reply() {
        let code = derive(&CodeKey::new([1; 32]), VerificationId::from_bits(1), 0, 0, 6);
        let said = |mode| text("<$otp$> for <$application_name$>", mode, &code, "VPN").expose().clone();
        assert_eq!(said(Mode::OneWayOtp), format!("{} for VPN", code.expose()));
        assert_eq!(
            said(Mode::TwoWayOtpPin),
            format!("{} for VPN\nReply with the code followed by your PIN.", code.expose())
        );
    }
}
