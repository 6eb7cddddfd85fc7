//! The vocabulary of outcomes: status, stable reason and the classic numeric status.
//! Refuses reasons that this installation never sends (voiceprint, licences).

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// How a verification ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not ended.
    Pending,
    /// Presence proved, or a named rule let the person through.
    Verified,
    /// The person or a rule said no.
    Denied,
    /// No usable answer, or a technical fault.
    Failed,
    /// Ended from outside before an answer.
    Cancelled,
}

impl Status {
    /// The word used outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $word:literal $code:literal $status:ident;)*) => {
        /// Why a verification ended. The word is stable; the number is the classic status of the replaced product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Reason {
            /// Every reason, in the order of their classic numbers.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The classic numeric status.
            pub const fn code(self) -> u16 {
                match self { $(Self::$name => $code,)* }
            }

            /// The status that a verification ends with for this reason.
            pub const fn status(self) -> Status {
                match self { $(Self::$name => Status::$status,)* }
            }
        }
    };
}

reasons! {
    /// Right PIN keyed.
    VoicePinOk "voice_pin_ok" 1 Verified;
    /// `#` pressed, no PIN asked for.
    VoiceOk "voice_ok" 2 Verified;
    /// Keys pressed but `#` missing.
    VoiceNoHash "voice_no_hash" 3 Denied;
    /// Answered, nothing pressed in time.
    VoiceNoInput "voice_no_input" 4 Failed;
    /// An earlier success still counts.
    Cached "cached" 6 Verified;
    /// The line dropped.
    CallCut "call_cut" 10 Failed;
    /// Nobody picked up in time.
    CallNoAnswer "call_no_answer" 11 Failed;
    /// Wrong keys or PIN.
    VoiceBadInput "voice_bad_input" 12 Denied;
    /// An answering machine took the call.
    Voicemail "voicemail" 13 Failed;
    /// The person is blocked.
    Blocked "blocked" 14 Denied;
    /// Right code (and PIN) by text.
    SmsOk "sms_ok" 19 Verified;
    /// Token code right.
    OathOk "oath_ok" 23 Verified;
    /// Token code right, as fallback.
    OathFallbackOk "oath_fallback_ok" 24 Verified;
    /// Questions answered, as fallback.
    QuestionsOk "questions_ok" 25 Verified;
    /// PIN too old and not renewed.
    PinExpired "pin_expired" 5 Denied;
    /// No such number.
    NumberInvalid "number_invalid" 100 Failed;
    /// A call is already up there, or busy.
    NumberBusy "number_busy" 101 Failed;
    /// Not reachable, or gateway misconfigured.
    NumberUnreachable "number_unreachable" 102 Failed;
    /// Country outside the lists.
    CountryNotAllowed "country_not_allowed" 103 Denied;
    /// The country is not called at this hour.
    QuietHours "quiet_hours" 103 Denied;
    /// Voice PIN mode off.
    PinModeNotAllowed "pin_mode_not_allowed" 104 Denied;
    /// Too many denials.
    Locked "locked" 105 Denied;
    /// Number badly formed.
    NumberFormat "number_format" 107 Failed;
    /// The person put the phone down.
    HungUp "hung_up" 108 Denied;
    /// Extensions are off.
    ExtensionNotAllowed "extension_not_allowed" 110 Denied;
    /// The fraud code was keyed.
    FraudVoice "fraud_voice" 112 Denied;
    /// Gateway could not dial, or no gateway.
    CallNotPlaced "call_not_placed" 117 Failed;
    /// Gateway refused the text.
    SmsNotSent "sms_not_sent" 120 Failed;
    /// No reply in time.
    SmsNoReply "sms_no_reply" 121 Failed;
    /// Wrong code.
    SmsCodeWrong "sms_code_wrong" 122 Denied;
    /// Wrong code or PIN.
    SmsCodePinWrong "sms_code_pin_wrong" 123 Denied;
    /// Text, or this direction of it, off or not enrolled.
    SmsModeNotAllowed "sms_mode_not_allowed" 124 Denied;
    /// Fraud reported in the app or by text.
    FraudReported "fraud_reported" 132 Denied;
    /// App or this mode off or not enrolled.
    AppModeNotAllowed "app_mode_not_allowed" 134 Denied;
    /// Notification not accepted, or no gateway.
    AppPushFailed "app_push_failed" 136 Failed;
    /// Token code wrong.
    OathWrong "oath_wrong" 138 Denied;
    /// Code already used.
    OathReplayed "oath_replayed" 139 Denied;
    /// Code of another time.
    OathOutOfDate "oath_out_of_date" 140 Denied;
    /// OATH off or not enrolled.
    OathNotAllowed "oath_not_allowed" 141 Denied;
    /// No code in time.
    OathTimeout "oath_timeout" 142 Failed;
    /// Not finished in time.
    Timeout "timeout" 144 Failed;
    /// The client's address is trusted.
    TrustedIp "trusted_ip" 2 Verified;
    /// A one-time bypass was used.
    Bypass "bypass" 2 Verified;
    /// The client lets people pass who are not enrolled.
    NotEnrolled "not_enrolled" 2 Verified;
    /// The PIN must be changed first.
    PinChangeRequired "pin_change_required" 5 Denied;
    /// Set-up is not finished.
    SetupUnfinished "setup_unfinished" 14 Denied;
    /// A limit against abuse.
    RateLimited "rate_limited" 109 Denied;
    /// Nobody of this name.
    UserUnknown "user_unknown" 14 Denied;
    /// The person is disabled.
    UserDisabled "user_disabled" 14 Denied;
    /// The gateway's queue is full.
    GatewayBusy "gateway_busy" 120 Failed;
    /// A fault of the engine.
    InternalError "internal_error" 102 Failed;
    /// The caller ended it.
    CancelledByCaller "cancelled_by_caller" 144 Cancelled;
    /// The same caller began anew.
    Superseded "superseded" 144 Cancelled;
    /// A one-time bypass was used instead.
    BypassStarted "bypass_started" 144 Cancelled;
    /// Fraud was reported in another verification of the person.
    FraudElsewhere "fraud_elsewhere" 144 Cancelled;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Reason {
    /// Whether the person may ask for another verification at once: who said no is not asked again (portal.md §4.2).
    pub const fn may_try_again(self) -> bool {
        use Reason::*;
        !matches!(self, FraudReported | FraudVoice | FraudElsewhere | Blocked | Locked | PinChangeRequired | PinExpired)
    }

    /// Whether nobody was reached at a number, so that the backup phone may be called (mfa-server.md §6.3). Not where the number
    /// was never called: a limit or a dead gateway is no reason to ring another phone.
    pub const fn leaves_unanswered(self) -> bool {
        use Reason::*;
        matches!(self, CallNoAnswer | NumberBusy | NumberUnreachable | NumberInvalid | Voicemail)
    }

    /// Whether another way may follow. After a denial of the person's own, a block or a lock nothing else is offered
    /// (portal.md §4.2).
    pub const fn may_fall_back(self) -> bool {
        self.may_try_again() && !matches!(self, Self::CancelledByCaller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_unique_and_none_ends_pending() {
        let words: HashSet<_> = Reason::ALL.iter().map(|r| r.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        assert!(Reason::ALL.iter().all(|r| r.status() != Status::Pending));
    }

    #[test]
    fn the_word_is_what_is_stored() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_string(reason).ok(), Some(format!("\"{reason}\"")));
        }
    }
}
