//! The words of a text.
//! Refuses to guess: the policy's template is taken as it is, and a two-way text says what to reply.

use crate::code::Code;
use crate::method::Mode;
use crate::secret::Secret;

/// Names of places that the engine fills itself.
pub const OWN_PLACES: [&str; 2] = ["otp", "application_name"];

/// The text that carries `code`; `application` is the name that people see, `message` fills the caller's own places. A
/// place that nobody fills is left out. What is filled in is not read again, so a value cannot bring a place of its own.
pub fn text<N: AsRef<str>, V: AsRef<str>>(
    template: &str,
    mode: Mode,
    code: &Code,
    application: &str,
    message: &[(N, V)],
) -> Secret<String> {
    let fill = |place: &str| match place {
        "otp" => code.expose(),
        "application_name" => application,
        other => message.iter().find(|(name, _)| name.as_ref() == other).map_or("", |(_, value)| value.as_ref()),
    };
    let mut body = String::new();
    let mut rest = template;
    while let Some((before, place, after)) = next_place(rest) {
        body.push_str(before);
        body.push_str(fill(place));
        rest = after;
    }
    body.push_str(rest);
    if let Some(line) = reply_line(mode) {
        body.push('\n');
        body.push_str(line);
    }
    Secret::new(body)
}

/// The text before the next `<$name$>`, its name, and the text after it.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("<$")?;
    let end = start + text[start..].find("$>")?;
    Some((&text[..start], text.get(start + 2..end)?, &text[end + 2..]))
}

/// What invites another try after a wrong reply.
pub const fn invitation(mode: Mode) -> &'static str {
    if mode.needs_pin() {
        "That was not right. Reply with the code followed by your PIN."
    } else {
        "That was not right. Reply with the code."
    }
}

/// What closes a verification whose PIN was right and must be changed first; `portal_url` may be empty.
pub fn change_first(portal_url: &str) -> String {
    if portal_url.is_empty() { "Change your PIN first.".into() } else { format!("Change your PIN first: {portal_url}") }
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
        let none: [(&str, &str); 0] = [];
        let said = |mode| text("<$otp$> for <$application_name$>", mode, &code, "VPN", &none).expose().clone();
        assert_eq!(said(Mode::OneWayOtp), format!("{} for VPN", code.expose()));
        assert_eq!(
            said(Mode::TwoWayOtpPin),
            format!("{} for VPN\nReply with the code followed by your PIN.", code.expose())
        );
    }

    #[test]
    fn the_callers_own_places_are_filled_once_and_only_there() {
        let code = derive(&CodeKey::new([1; 32]), VerificationId::from_bits(1), 0, 0, 6);
        let said = |template: &str, value: &str| {
            text(template, Mode::OneWayOtp, &code, "VPN", &[("ref", value)]).expose().clone()
        };
        assert_eq!(said("<$otp$> <$ref$>", "A 7"), format!("{} A 7", code.expose()));
        assert_eq!(said("<$ref$>.<$otp$>", "<$otp$>"), format!("<$otp$>.{}", code.expose()));
        assert_eq!(said("<$otp$><$other$>!", "x"), format!("{}!", code.expose()));
        assert_eq!(said("<$otp$> <$", "x"), format!("{} <$", code.expose()));
        assert_eq!(said("<$><$otp$>", "x"), said("<$><$otp$>", "y"), "odd places do no harm");
    }
}
