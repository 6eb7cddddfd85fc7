//! What is said in a call: the role of each prompt (mfa-server.md §16). The words are elsewhere.
//! Refuses wording and languages.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

macro_rules! prompts {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// The role of a prompt.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Prompt {
            $($(#[$doc])* $name,)*
        }

        impl Prompt {
            /// Every role.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

prompts! {
    /// First words, standard mode, fraud reports off.
    GreetingStandard "greeting_standard";
    /// First words, PIN mode, fraud reports off.
    GreetingPin "greeting_pin";
    /// First words, standard mode, fraud reports on.
    FraudGreetingStandard "fraud_greeting_standard";
    /// First words, PIN mode, fraud reports on.
    FraudGreetingPin "fraud_greeting_pin";
    /// After the fraud code, where a report blocks.
    FraudConfirmation "fraud_confirmation";
    /// The end of a report.
    FraudReported "fraud_reported";
    /// The end of a set-up call that passed.
    Activation "activation";
    /// First words of a set-up call, standard mode.
    ActivationGreetingStandard "activation_greeting_standard";
    /// First words of a set-up call, PIN mode.
    ActivationGreetingPin "activation_greeting_pin";
    /// No or wrong key in a set-up call, standard mode.
    ActivationRetryStandard "activation_retry_standard";
    /// No or wrong PIN in a set-up call.
    ActivationRetryPin "activation_retry_pin";
    /// No or wrong key, standard mode.
    RetryStandard "retry_standard";
    /// No or wrong PIN.
    RetryPin "retry_pin";
    /// The end, passed.
    AuthSuccessful "auth_successful";
    /// The end, refused.
    AuthDenied "auth_denied";
    /// Refused, and another try follows.
    AuthDeniedRetry "auth_denied_retry";
    /// A new party picked up behind an extension.
    ExtensionPrompt "extension_prompt";
    /// To a human operator, before the extension is dialled.
    ExtensionBeforeDigits "extension_before_digits";
    /// After the extension was dialled.
    ExtensionAfterDigits "extension_after_digits";
    /// The PIN must be changed.
    PinChange "pin_change";
    /// The PIN is too old.
    PinExpired "pin_expired";
    /// The new PIN once more.
    PinConfirm "pin_confirm";
    /// The two entries differ.
    PinMismatch "pin_mismatch";
    /// The new PIN is too short.
    PinShort "pin_short";
    /// A digit stands three times in a row.
    PinRepeating "pin_repeating";
    /// Neighbours in a run.
    PinSequential "pin_sequential";
    /// A part of a phone number.
    PinPhone "pin_phone";
    /// Used before.
    PinHistory "pin_history";
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_what_is_stored() {
        for prompt in Prompt::ALL {
            assert_eq!(serde_json::to_string(prompt).ok(), Some(format!("\"{prompt}\"")));
        }
    }
}
