//! The keys of one `<Gather>`: when they are enough.
//! It knows no time: whoever listens says when it is over.

use super::script::Gather;

/// How a gather ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gathered {
    pub(super) digits: String,
    /// The key that ended it, if one did.
    pub(super) finished_on: Option<char>,
}

/// Keys pressed so far.
pub(super) struct Keys<'a> {
    gather: &'a Gather,
    digits: String,
}

impl<'a> Keys<'a> {
    pub(super) fn new(gather: &'a Gather) -> Self {
        Self { gather, digits: String::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// A key was pressed; gives the keys where it was the last.
    pub(super) fn press(&mut self, key: char) -> Option<Gathered> {
        if self.gather.finish_on == Some(key) {
            return Some(Gathered { digits: std::mem::take(&mut self.digits), finished_on: Some(key) });
        }
        self.digits.push(key);
        let full = self.gather.most.is_some_and(|most| self.digits.len() >= most);
        full.then(|| self.take())
    }

    /// Nobody pressed another in time.
    pub(super) fn time_out(mut self) -> Gathered {
        self.take()
    }

    fn take(&mut self) -> Gathered {
        Gathered { digits: std::mem::take(&mut self.digits), finished_on: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn gathered(finish_on: Option<char>, most: Option<usize>, pressed: &str) -> (String, Option<char>, usize) {
        let wait = Duration::from_secs(5);
        let gather = Gather { nested: vec![], finish_on, most, wait, action: None, on_empty: false };
        let mut keys = Keys::new(&gather);
        for (place, key) in pressed.chars().enumerate() {
            if let Some(done) = keys.press(key) {
                return (done.digits, done.finished_on, place + 1);
            }
        }
        let done = keys.time_out();
        (done.digits, done.finished_on, pressed.len())
    }

    #[test]
    fn keys_end_by_the_finish_key_by_their_number_or_by_time() {
        for (finish_on, most, pressed, expected) in [
            (Some('#'), None, "12#3", ("12", Some('#'), 3)),
            (Some('#'), None, "#", ("", Some('#'), 1)),
            (Some('#'), Some(2), "123", ("12", None, 2)),
            (Some('#'), Some(3), "12", ("12", None, 2)),
            (Some('*'), None, "1#*", ("1#", Some('*'), 3)),
            (None, Some(1), "#", ("#", None, 1)),
            (None, None, "1#", ("1#", None, 2)),
            (Some('#'), None, "", ("", None, 0)),
        ] {
            let (digits, finished_on, used) = expected;
            assert_eq!(gathered(finish_on, most, pressed), (digits.to_owned(), finished_on, used), "{pressed}");
        }
    }
}
