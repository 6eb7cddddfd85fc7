//! An automatic attendant: it wants an extension before it connects anybody.
//! It never gives up and never says what it wants.

/// Keys remembered while the right ones have not come.
const LONGEST: usize = 64;

#[derive(Debug)]
pub(crate) struct Attendant {
    wanted: String,
    heard: String,
}

impl Attendant {
    pub(crate) fn new(extension: &str) -> Self {
        Self { wanted: extension.to_owned(), heard: String::new() }
    }

    /// Whether the extension is complete with this key.
    pub(crate) fn hears(&mut self, key: char) -> bool {
        if self.heard.len() == LONGEST {
            self.heard.remove(0);
        }
        self.heard.push(key);
        self.heard.ends_with(&self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connects_once_the_extension_is_complete() {
        let mut attendant = Attendant::new("42#");
        let connected: Vec<bool> = "1442#".chars().map(|key| attendant.hears(key)).collect();
        assert_eq!(connected, [false, false, false, false, true]);
        let mut attendant = Attendant::new("9");
        assert!((0..1_000).all(|_| !attendant.hears('1')) && attendant.hears('9'));
    }
}
