//! What the pages say, in every language, by Fluent; plurals follow CLDR.
//! Refuses a language that lacks a text: a test compares them all.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the pages.
pub struct Language {
    /// BCP 47.
    pub tag: &'static str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    bundle: FluentBundle<FluentResource>,
}

const SOURCES: [(&str, &str, &str); 5] = [
    ("en", "ltr", include_str!("../../texts/en.ftl")),
    ("de", "ltr", include_str!("../../texts/de.ftl")),
    ("fr", "ltr", include_str!("../../texts/fr.ftl")),
    ("es", "ltr", include_str!("../../texts/es.ftl")),
    ("ja", "ltr", include_str!("../../texts/ja.ftl")),
];

/// All languages.
pub struct Texts(Vec<Language>);

impl Texts {
    /// As they were compiled in.
    pub fn read() -> Self {
        Self(SOURCES.into_iter().map(|(tag, direction, source)| Language::read(tag, direction, source)).collect())
    }

    /// The language of this tag.
    pub fn language(&self, tag: &str) -> Option<&Language> {
        self.0.iter().find(|language| language.tag == tag)
    }

    /// What fits best: what was chosen, then what the browser asks for, then the first on offer.
    pub fn choose(&self, offered: &[String], chosen: Option<&str>, accepted: &str) -> &Language {
        let on_offer = |tag: &str| offered.iter().any(|offer| offer == tag);
        let asked = wanted(accepted).into_iter().filter_map(|tag| tag.split('-').next().map(str::to_lowercase));
        let tag = chosen.map(str::to_owned).into_iter().chain(asked).find(|tag| on_offer(tag));
        let tag = tag.or_else(|| offered.first().cloned()).unwrap_or_default();
        self.language(&tag).unwrap_or(&self.0[0])
    }
}

/// The tags of an `Accept-Language` header, the most wanted first (RFC 9110 §12.5.4).
fn wanted(header: &str) -> Vec<&str> {
    let mut tags: Vec<(f32, &str)> = header
        .split(',')
        .take(20)
        .filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok())?;
            (weight > 0.0).then_some((weight, tag.trim()))
        })
        .collect();
    tags.sort_by(|one, other| other.0.total_cmp(&one.0));
    tags.into_iter().map(|(_, tag)| tag).collect()
}

impl Language {
    fn read(tag: &'static str, direction: &'static str, source: &str) -> Self {
        let id: LanguageIdentifier = tag.parse().expect("the tags are written above");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks around what is put in are of use only where directions mix.
        bundle.set_use_isolating(direction == "rtl");
        let resource = FluentResource::try_new(source.to_owned()).expect("a test reads every file");
        bundle.add_resource(resource).expect("no text is there twice; a test reads every file");
        Self { tag, direction, bundle }
    }

    /// A text.
    pub fn text(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with something put in.
    pub fn with<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.format(key, Some(&args))
    }

    /// What the language calls itself.
    pub fn name(&self) -> String {
        self.text("language-name")
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, language = self.tag, "a text is missing");
            return key.to_owned();
        };
        let mut faults = vec![];
        let text = self.bundle.format_pattern(pattern, args, &mut faults).into_owned();
        if !faults.is_empty() {
            tracing::error!(key, language = self.tag, ?faults, "a text cannot be put together");
        }
        text
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Each text's key with the names of what is put in.
    fn keys(source: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let mut found: Vec<(String, BTreeSet<String>)> = vec![];
        for line in source.lines() {
            if let Some((key, _)) =
                line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                found.push((key.to_owned(), BTreeSet::new()));
            }
            for place in line.split("{ $").skip(1) {
                let name = place.split([' ', '}']).next().unwrap().to_owned();
                found.last_mut().unwrap().1.insert(name);
            }
        }
        found.into_iter().collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_places() {
        let english = keys(SOURCES[0].2);
        assert!(english.len() > 100);
        for (tag, _, source) in SOURCES {
            let own = keys(source);
            assert_eq!(own.difference(&english).collect::<Vec<_>>(), Vec::<&(_, _)>::new(), "{tag} has more");
            assert_eq!(english.difference(&own).collect::<Vec<_>>(), Vec::<&(_, _)>::new(), "{tag} lacks");
        }
    }

    #[test]
    fn every_language_on_offer_is_there() {
        let texts = Texts::read();
        let all: Vec<_> = SOURCES.iter().map(|(tag, _, _)| *tag).collect();
        assert_eq!(all, engine::portal::LANGUAGES);
        assert!(all.iter().all(|tag| texts.language(tag).is_some()));
    }

    #[test]
    fn every_text_that_is_used_exists_and_every_one_that_exists_is_used() {
        let mut used = String::new();
        used.push_str(include_str!("../notices.rs"));
        for folder in ["src/pages", "templates"] {
            for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    used.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        for (key, _) in keys(SOURCES[0].2) {
            assert!(used.contains(&format!("\"{key}\"")), "{key} is used nowhere");
        }
    }

    #[test]
    fn plurals_follow_the_language() {
        let texts = Texts::read();
        let left = |tag: &str, left: u32| texts.language(tag).unwrap().with("code-wrong", "left", left);
        assert!(left("en", 1).ends_with("One attempt is left."));
        assert!(left("en", 2).ends_with("2 attempts are left."));
        assert!(left("fr", 0).ends_with("Il reste une tentative."), "zero is singular in French");
        assert!(left("ja", 1).contains("残り 1 回"));
    }

    #[test]
    fn the_choice_comes_first_and_only_what_is_on_offer_counts() {
        let texts = Texts::read();
        let offered = ["de".to_owned(), "fr".into(), "ja".into()];
        let check = |chosen: Option<&str>, accepted: &str, expected: &str| {
            assert_eq!(texts.choose(&offered, chosen, accepted).tag, expected, "{chosen:?} {accepted}");
        };
        check(None, "", "de");
        check(None, "en, fr-CH;q=0.8, ja;q=0.9", "ja");
        check(None, "fr;q=0, JA", "ja");
        check(Some("fr"), "ja", "fr");
        check(Some("es"), "ja", "ja");
        check(Some("../../etc"), "q=;;,,*;q=nan", "de");
        assert_eq!(texts.choose(&[], None, "").tag, "en");
    }
}
