//! Methods and modes: how somebody is verified (specs: voice, sms, app, oath and their variants).
//! Refuses combinations that do not exist.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// How somebody is reached or proves presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A call.
    Voice,
    /// A text.
    Sms,
    /// A push to an app.
    App,
    /// A code of an OATH token.
    Oath,
}

/// The variant of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Voice: press `#`. App: tap Authenticate.
    Standard,
    /// Voice and app: with the PIN.
    Pin,
    /// Text: the code is typed into the application.
    OneWayOtp,
    /// Text: code followed by PIN are typed into the application.
    OneWayOtpPin,
    /// Text: the code is sent back.
    TwoWayOtp,
    /// Text: code followed by PIN are sent back.
    TwoWayOtpPin,
    /// OATH: the token's current code.
    Code,
}

impl Method {
    /// The word used outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Sms => "sms",
            Self::App => "app",
            Self::Oath => "oath",
        }
    }

    /// Whether `mode` is a variant of this method.
    pub const fn has(self, mode: Mode) -> bool {
        match self {
            Self::Voice | Self::App => matches!(mode, Mode::Standard | Mode::Pin),
            Self::Sms => {
                matches!(mode, Mode::OneWayOtp | Mode::OneWayOtpPin | Mode::TwoWayOtp | Mode::TwoWayOtpPin)
            }
            Self::Oath => matches!(mode, Mode::Code),
        }
    }

    /// Whether it goes to the person's phone by its number.
    pub const fn has_phone(self) -> bool {
        match self {
            Self::Voice | Self::Sms => true,
            Self::App | Self::Oath => false,
        }
    }

    /// Whether the person is contacted, so that two at once would race.
    pub const fn prompts(self) -> bool {
        match self {
            Self::Voice | Self::Sms | Self::App => true,
            Self::Oath => false,
        }
    }
}

impl Mode {
    /// The word used outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Pin => "pin",
            Self::OneWayOtp => "one_way_otp",
            Self::OneWayOtpPin => "one_way_otp_pin",
            Self::TwoWayOtp => "two_way_otp",
            Self::TwoWayOtpPin => "two_way_otp_pin",
            Self::Code => "code",
        }
    }

    /// Whether a PIN is part of the answer.
    pub const fn needs_pin(self) -> bool {
        match self {
            Self::Pin | Self::OneWayOtpPin | Self::TwoWayOtpPin => true,
            Self::Standard | Self::OneWayOtp | Self::TwoWayOtp | Self::Code => false,
        }
    }

    /// Whether the code is sent back as a text.
    pub const fn is_two_way(self) -> bool {
        match self {
            Self::TwoWayOtp | Self::TwoWayOtpPin => true,
            Self::Standard | Self::Pin | Self::OneWayOtp | Self::OneWayOtpPin | Self::Code => false,
        }
    }

    /// Whether the code is typed into the application, so that the client must be able to ask for input.
    pub const fn needs_input(self) -> bool {
        match self {
            Self::OneWayOtp | Self::OneWayOtpPin | Self::Code => true,
            Self::Standard | Self::Pin | Self::TwoWayOtp | Self::TwoWayOtpPin => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_belongs_to_its_methods() {
        use Method::*;
        let of = |mode| [Voice, Sms, App, Oath].into_iter().filter(|m| m.has(mode)).collect::<Vec<_>>();
        assert_eq!(of(Mode::Standard), [Voice, App]);
        assert_eq!(of(Mode::Pin), [Voice, App]);
        for mode in [Mode::OneWayOtp, Mode::OneWayOtpPin, Mode::TwoWayOtp, Mode::TwoWayOtpPin] {
            assert_eq!(of(mode), [Sms]);
        }
        assert_eq!(of(Mode::Code), [Oath]);
    }
}
