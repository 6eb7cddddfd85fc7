//! Security questions.
//! Refuses to show an answer, and to say which of several was wrong.

use super::Reply;
use engine::id::QuestionId;
use engine::question::AnswerFault;
use engine::secret::Secret;

/// Choosing and answering them.
pub trait Answering: Send + Sync {
    /// What can be chosen in a language, and what the person chose.
    fn catalogue<'a>(&'a self, handle: &'a str, language: &'a str) -> Reply<'a, Catalogue>;
    /// Saves four answers to questions of a language; an empty one keeps what is stored for the same question.
    fn save_answers<'a>(&'a self, handle: &'a str, language: &'a str, given: Vec<GivenAnswer>) -> Reply<'a, Saved>;
    /// The questions that were drawn for this login; empty where they cannot be used.
    fn drawn<'a>(&'a self, handle: &'a str) -> Reply<'a, Vec<QuestionView>>;
    /// Answers to those, in the same order.
    fn answer<'a>(&'a self, handle: &'a str, answers: Vec<Secret<String>>, once: &'a str) -> Reply<'a, Answered>;
}

/// A question as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionView {
    /// Its id.
    pub id: QuestionId,
    /// Its text.
    pub text: String,
    /// The language of the text.
    pub language: String,
}

/// What can be chosen, and what is chosen.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// What can be chosen.
    pub questions: Vec<QuestionView>,
    /// What is chosen.
    pub chosen: Vec<QuestionId>,
    /// Whether one of those was retired, so that another is wanted.
    pub retired: bool,
}

/// An answer as it was typed.
#[derive(Debug)]
pub struct GivenAnswer {
    /// To which question.
    pub question: Option<QuestionId>,
    /// As typed.
    pub answer: Secret<String>,
}

/// What came of saving answers.
#[derive(Debug)]
pub enum Saved {
    /// They count.
    Done,
    /// Which are wrong, and why.
    Faults(Vec<(usize, AnswerFault)>),
    /// This login may not.
    NotAllowed,
}

/// What came of answers.
#[derive(Debug)]
pub enum Answered {
    /// All are right: the verification is concluded by them.
    Right,
    /// One at least is not.
    Wrong,
    /// They are not looked at now.
    Paused,
}
