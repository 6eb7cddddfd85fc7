//! The words by which a person stops, starts or asks about texts from a number.
//! Only a text that is nothing but such a word counts.

/// What a text asks of the carrier, as the webhook's `OptOutType` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptOut {
    Stop,
    Start,
    Help,
}

const WORDS: [(OptOut, &[&str]); 3] = [
    (OptOut::Stop, &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"]),
    (OptOut::Start, &["START", "UNSTOP", "YES"]),
    (OptOut::Help, &["HELP", "INFO"]),
];

impl OptOut {
    /// The provider's default keywords, in any case, blanks around them ignored.
    pub(crate) fn of(body: &str) -> Option<Self> {
        let word = body.trim().to_ascii_uppercase();
        let meant = WORDS.iter().find(|(_, words)| words.contains(&word.as_str()));
        meant.map(|(opt_out, _)| *opt_out)
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
