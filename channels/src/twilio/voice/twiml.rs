//! TwiML: a document for the provider, written (gateways.md §3).
//! Refuses to let words become markup, and characters that XML has no place for.

use std::fmt;

/// A document that the provider carries out. It has no `Debug` of its content: an extension may be in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Twiml(String);

impl Twiml {
    /// The provider hangs up.
    pub fn hang_up() -> Self {
        let mut writer = Writer::new();
        writer.empty("Hangup", &[]);
        writer.finish()
    }

    /// The document: `text/xml` in UTF-8.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, taken out.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for Twiml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Twiml")
    }
}

/// An attribute: its name and its value, not yet escaped.
pub(super) type Attribute<'a> = (&'a str, &'a str);

/// Writes the elements of one document, in their order.
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new() -> Self {
        Self(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#.to_owned())
    }

    /// An element with nothing in it.
    pub(super) fn empty(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.begin(name, attributes);
        self.0 += "/>";
    }

    /// An element with words in it.
    pub(super) fn words(&mut self, name: &str, attributes: &[Attribute<'_>], words: &str) {
        self.open(name, attributes);
        self.0.extend(words.chars().map(Escaped::in_text));
        self.close(name);
    }

    /// An element with others in it, until [`Self::close`].
    pub(super) fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.begin(name, attributes);
        self.0.push('>');
    }

    pub(super) fn close(&mut self, name: &str) {
        self.0 += &format!("</{name}>");
    }

    pub(super) fn finish(mut self) -> Twiml {
        self.close("Response");
        Twiml(self.0)
    }

    fn begin(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.0 += &format!("<{name}");
        for (name, value) in attributes {
            self.0 += &format!(r#" {name}=""#);
            self.0.extend(value.chars().map(Escaped::in_attribute));
            self.0.push('"');
        }
    }
}

/// A character as it stands in a document (XML 1.0 §2.2, §2.4, §2.11 and §3.3.3).
enum Escaped {
    Plain(char),
    Named(&'static str),
}

impl Escaped {
    fn in_text(character: char) -> Self {
        match character {
            '&' => Self::Named("&amp;"),
            '<' => Self::Named("&lt;"),
            // It would end a section that nobody began.
            '>' => Self::Named("&gt;"),
            // A reader makes a line feed of it otherwise.
            '\r' => Self::Named("&#13;"),
            // Not characters of XML, not even as references.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Self::Plain(' '),
            other => Self::Plain(other),
        }
    }

    fn in_attribute(character: char) -> Self {
        match character {
            '"' => Self::Named("&quot;"),
            // A reader makes spaces of them otherwise.
            '\t' => Self::Named("&#9;"),
            '\n' => Self::Named("&#10;"),
            other => Self::in_text(other),
        }
    }
}

impl Extend<Escaped> for String {
    fn extend<I: IntoIterator<Item = Escaped>>(&mut self, characters: I) {
        for character in characters {
            match character {
                Escaped::Plain(plain) => self.push(plain),
                Escaped::Named(named) => self.push_str(named),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> String {
        let mut writer = Writer::new();
        writer.words("Say", &[("voice", words)], words);
        writer.finish().into_string()
    }

    fn check(words: &str, attribute: &str, text: &str) {
        let head = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;
        assert_eq!(said(words), format!(r#"{head}<Say voice="{attribute}">{text}</Say></Response>"#));
    }

    #[test]
    fn words_stay_words() {
        check("Grüße 世界 👍", "Grüße 世界 👍", "Grüße 世界 👍");
        check("", "", "");
        check("a & b", "a &amp; b", "a &amp; b");
        check("</Say><Hangup/>", "&lt;/Say&gt;&lt;Hangup/&gt;", "&lt;/Say&gt;&lt;Hangup/&gt;");
        check("]]>", "]]&gt;", "]]&gt;");
        check("'\"", "'&quot;", "'\"");
        check("&amp;", "&amp;amp;", "&amp;amp;");
    }

    #[test]
    fn white_space_stays_and_what_xml_does_not_know_becomes_a_space() {
        check("a\tb\nc\rd", "a&#9;b&#10;c&#13;d", "a\tb\nc&#13;d");
        for stranger in ['\0', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            check(&format!("a{stranger}b"), "a b", "a b");
        }
        check("\u{7f}\u{85}\u{2028}\u{fffd}", "\u{7f}\u{85}\u{2028}\u{fffd}", "\u{7f}\u{85}\u{2028}\u{fffd}");
    }

    #[test]
    fn a_document_is_not_shown() {
        assert_eq!(format!("{:?}", Twiml::hang_up()), "Twiml");
        assert!(Twiml::hang_up().as_str().ends_with("<Response><Hangup/></Response>"));
    }
}
