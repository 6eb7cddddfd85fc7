//! What the mail server answers: a code of three digits and a text that says what is wrong (RFC 5321 §4.2, RFC 3463).
//! It never repeats what it was sent, so that nothing comes back that somebody else wrote.

/// One reply, of one line or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    lines: Vec<String>,
}

impl Reply {
    /// `text` begins with the enhanced status code, where there is one.
    pub(crate) fn new(code: u16, text: impl Into<String>) -> Self {
        Self { code, lines: vec![text.into()] }
    }

    /// The first line is the greeting of EHLO, each further one an extension.
    pub(crate) fn of_lines(code: u16, lines: Vec<String>) -> Self {
        Self { code, lines }
    }

    /// As it goes over the wire.
    pub(crate) fn wire(&self) -> String {
        let last = self.lines.len().saturating_sub(1);
        let line = |(at, text): (usize, &String)| {
            let between = if at == last { ' ' } else { '-' };
            format!("{}{between}{text}\r\n", self.code)
        };
        self.lines.iter().enumerate().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_marked() {
        assert_eq!(Reply::new(250, "2.0.0 OK").wire(), "250 2.0.0 OK\r\n");
        let three = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(Reply::of_lines(250, three).wire(), "250-a\r\n250-b\r\n250 c\r\n");
    }
}
