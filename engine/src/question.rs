//! Security questions: the catalogue, what is a good answer, and how often a wrong one is forgiven (mfa-server.md §17).
//! Refuses to open anything but the portal, and to know an answer: only its hash is kept.

use crate::id::QuestionId;
use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// How many everybody answers.
pub const CHOSEN: usize = 4;
/// Letters and digits of the shortest answer.
const SHORTEST: usize = 3;
/// Characters of the longest answer.
pub const LONGEST: usize = 200;

/// A question of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// Language of its text, BCP 47.
    pub language: String,
    /// As people read it, at most 200 characters.
    pub text: String,
    /// Whether it can be chosen. One that is off stays valid for those who chose it.
    pub active: bool,
}

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// To which question.
    pub question: QuestionId,
    /// Hash of the answer, a PHC string.
    pub hash: String,
}

/// What is wrong with an answer, or with a choice of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFault {
    /// No question is chosen.
    NoQuestion,
    /// The same question stands elsewhere too.
    QuestionTwice,
    /// Fewer than three letters.
    Short,
    /// More than 200 characters.
    Long,
    /// The same answer stands elsewhere too.
    AnswerTwice,
    /// It is a word of the question.
    InQuestion,
}

/// An answer as it is compared: without case, accents, punctuation, and spaces but single ones inside.
pub fn plain(answer: &str) -> String {
    let letters: String = answer
        .nfkd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(|c| if c.is_alphanumeric() || is_mark_of_kana(c) { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect();
    letters.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What makes か into が is no accent.
const fn is_mark_of_kana(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}')
}

/// What is wrong with these answers: the place of each, and why. Each is a question with its text, and the answer.
pub fn faults(given: &[(Option<(QuestionId, &str)>, &str)]) -> Vec<(usize, AnswerFault)> {
    let answers: Vec<String> = given.iter().map(|(_, answer)| plain(answer)).collect();
    let mut found = Vec::new();
    for (place, (question, answer)) in given.iter().enumerate() {
        let Some((id, text)) = question else {
            found.push((place, AnswerFault::NoQuestion));
            continue;
        };
        let elsewhere = |same: &dyn Fn(usize) -> bool| (0..given.len()).any(|other| other != place && same(other));
        if elsewhere(&|other| given[other].0.is_some_and(|(other, _)| other == *id)) {
            found.push((place, AnswerFault::QuestionTwice));
        }
        let own = &answers[place];
        let letters = own.chars().filter(|c| c.is_alphanumeric()).count();
        if letters < SHORTEST {
            found.push((place, AnswerFault::Short));
        } else if answer.chars().count() > LONGEST {
            found.push((place, AnswerFault::Long));
        } else if elsewhere(&|other| answers[other] == *own) {
            found.push((place, AnswerFault::AnswerTwice));
        } else if plain(text).split(' ').any(|word| word == own) {
            found.push((place, AnswerFault::InQuestion));
        }
    }
    found
}

/// Rounds that failed in a row before a pause, and its length.
const PAUSE_AFTER: usize = 3;
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Rounds that failed within a day before the fallback is off until the next good verification.
const OFF_AFTER: usize = 5;
const DAY: Duration = Duration::from_secs(86_400);

/// The rounds of somebody that failed; a good verification clears them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rounds {
    failed: Vec<Moment>,
    /// Too many in a day: no answer is looked at before the next good verification.
    off: bool,
}

impl Rounds {
    /// Another one failed.
    pub fn failed(&mut self, now: Moment) {
        self.failed.retain(|at| now.since(*at) < DAY);
        self.failed.push(now);
        self.failed.drain(..self.failed.len().saturating_sub(OFF_AFTER));
        self.off |= self.failed.len() >= OFF_AFTER;
    }

    /// Whether answers are looked at now.
    pub fn open(&self, now: Moment) -> bool {
        let today = self.failed.iter().filter(|at| now.since(**at) < DAY).count();
        let paused = today >= PAUSE_AFTER && self.failed.last().is_some_and(|last| now.since(*last) < PAUSE);
        !self.off && !paused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_without_case_accents_and_signs() {
        for (given, expected) in [
            ("  Münchener   Straße! ", "munchener straße"),
            ("José-María", "jose maria"),
            ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
            ("が", "が"),
            ("か", "か"),
            ("Rex", "rex"),
            ("...", ""),
        ] {
            assert_eq!(plain(given), expected, "{given}");
        }
    }

    #[test]
    fn each_answer_says_what_is_wrong_with_it() {
        let [one, two] = [1, 2].map(QuestionId::from_bits);
        let pet = "What was the name of your first pet?";
        let given = [
            (Some((one, pet)), "Rex"),
            (Some((two, "Where were you born?")), " REX "),
            (Some((one, pet)), "ab!"),
            (None, "anything"),
            (Some((QuestionId::from_bits(3), pet)), "Pet"),
        ];
        let expected = [
            (0, AnswerFault::QuestionTwice),
            (0, AnswerFault::AnswerTwice),
            (1, AnswerFault::AnswerTwice),
            (2, AnswerFault::QuestionTwice),
            (2, AnswerFault::Short),
            (3, AnswerFault::NoQuestion),
            (4, AnswerFault::InQuestion),
        ];
        assert_eq!(faults(&given), expected);
        assert_eq!(faults(&[(Some((one, pet)), &"x".repeat(201))]), [(0, AnswerFault::Long)]);
    }

    #[test]
    fn three_failed_rounds_pause_and_five_in_a_day_end_it() {
        let start = Moment::from_millis(1_700_000_000_000);
        let mut rounds = Rounds::default();
        for _ in 0..PAUSE_AFTER {
            assert!(rounds.open(start));
            rounds.failed(start);
        }
        assert!(!rounds.open(start) && rounds.open(start + PAUSE));
        rounds.failed(start + PAUSE);
        rounds.failed(start + PAUSE);
        assert!(!rounds.open(start + PAUSE * 3) && !rounds.open(start + DAY * 9), "until a good verification");
        assert_eq!(Rounds::default(), serde_json::from_str("{\"failed\":[]}").unwrap_or_default());
    }
}
