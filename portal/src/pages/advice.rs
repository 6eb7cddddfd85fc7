//! What else somebody could do for a second way in.
//! Refuses to advise what they have, or may not have.

use super::field::Way;
use super::frame::Frame;
use crate::link::Visit;

/// What is advised, with the pages for it.
pub fn of(f: &Frame<'_>, visit: &Visit) -> Vec<Way> {
    let (may, person) = (visit.person.may, &visit.person);
    let token = may.tokens && (may.own_app || may.take_token) && person.tokens == 0;
    let questions = may.change_questions && !person.answered;
    let all = [
        (token, "advice-token", "/account/token"),
        (questions, "setup-step-questions", "/account/questions"),
        (may.change_backup && !person.has_backup, "advice-backup", "/account/backup"),
    ];
    let on = all.into_iter().filter(|(on, ..)| *on);
    on.map(|(_, key, path)| Way { label: f.t(key), path: path.into() }).collect()
}
