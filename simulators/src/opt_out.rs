//! The words by which a person stops, starts or asks about texts from a number.
//! Only a text that is nothing but such a word counts.

/// What a text asks of the carrier, as the webhook's `OptOutType` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptOut {
    Stop,
    Start,
    Help,
}

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"];
const START: [&str; 3] = ["START", "UNSTOP", "YES"];
const HELP: [&str; 2] = ["HELP", "INFO"];

impl OptOut {
    /// The provider's default keywords, in any case, blanks around them ignored.
    pub(crate) fn of(body: &str) -> Option<Self> {
        let word = body.trim().to_ascii_uppercase();
        let within = |words: &[&str]| words.contains(&word.as_str());
        match () {
            () if within(&STOP) => Some(Self::Stop),
            () if within(&START) => Some(Self::Start),
            () if within(&HELP) => Some(Self::Help),
            () => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// What the carrier texts back.
    pub(crate) fn answer(self) -> &'static str {
        match self {
            Self::Stop => "You will get no more texts from this number. Reply START to get them again.",
            Self::Start => "You will get texts from this number again. Reply HELP for help, STOP to end them.",
            Self::Help => "Reply STOP to end texts from this number.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_word_counts() {
        assert_eq!(OptOut::of(" stop\n"), Some(OptOut::Stop));
        assert_eq!(OptOut::of("Unstop"), Some(OptOut::Start));
        assert_eq!(OptOut::of("help"), Some(OptOut::Help));
        assert_eq!(OptOut::of("stop it"), None);
        assert_eq!(OptOut::of("123456"), None);
    }
}
