//! What every template has: texts, links, form tokens.
//! Refuses content of one page.

use super::assets;
use super::guest::{Guest, unguessable};
use super::help::Topic;
use super::texts::Language;
use crate::link::End;
use crate::shapes::time;
use engine::moment::Moment;

/// The frame of a page.
pub struct Frame<'a> {
    guest: &'a Guest<'a>,
    /// Before every path.
    pub base: &'a str,
    /// Of the page.
    pub language: &'a Language,
    /// On offer.
    pub languages: Vec<&'a Language>,
    /// Below the base.
    pub path: &'a str,
    /// Whether somebody is there who can sign out.
    pub known: bool,
    /// Which help fits.
    pub help: Topic,
    /// Whom to ask; may be empty.
    pub contact: &'a str,
    /// What the company has to say; may be empty.
    pub legal: &'a str,
    /// Whether the company has a picture of its own.
    pub logo: bool,
    /// When the login ends if nothing more is done.
    ends: Option<End>,
}

impl<'a> Frame<'a> {
    /// For a page of this guest.
    pub fn of(guest: &'a Guest<'a>, known: bool) -> Self {
        let portal = &guest.site.portal;
        let offered = portal.languages.iter().filter(|_| portal.allow_select_language);
        Self {
            guest,
            base: guest.pages.base(),
            language: guest.language,
            languages: offered.filter_map(|tag| guest.pages.texts.language(tag)).collect(),
            path: &guest.path,
            known,
            help: Topic::of(&guest.path),
            contact: &portal.help_contact,
            legal: &portal.legal_text,
            logo: !portal.logo.is_empty(),
            ends: guest.ends().filter(|_| known),
        }
    }

    /// With another end of the login.
    #[must_use]
    pub fn ending(mut self, end: End) -> Self {
        self.ends = Some(end);
        self
    }

    /// When the login ends: the words, and the milliseconds until then for the script, whose clock may be wrong.
    pub fn end(&self) -> Option<(String, u128)> {
        let End { at, left } = self.ends?;
        Some((self.with("nav-ends", "time", self.clock(at)), left.as_millis()))
    }

    /// A moment, to the minute. The script says it in the reader's own zone.
    pub fn clock(&self, at: Moment) -> String {
        let text = time(at);
        format!("{} {} UTC", &text[..10], &text[11..16])
    }

    /// A moment, to the second.
    pub fn clock_to_the_second(&self, at: Moment) -> String {
        let text = time(at);
        format!("{} {} UTC", &text[..10], &text[11..19])
    }

    /// A text.
    pub fn t(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// A text with a word put in.
    pub fn with(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.language.with(key, name, value.to_string())
    }

    /// A text with a count put in, on which its words depend.
    pub fn count(&self, key: &str, name: &str, value: u64) -> String {
        self.language.with(key, name, value)
    }

    /// The hidden fields of a form that is posted to a path: its token, and a key that makes it count once.
    pub fn hidden(&self, path: &str) -> String {
        let once = unguessable::<16>();
        let token = self.guest.form_token(path);
        format!(
            "<input type=\"hidden\" name=\"form\" value=\"{token}\"><input type=\"hidden\" name=\"once\" value=\"{once}\">"
        )
    }

    /// Where a file of ours is.
    pub fn asset(&self, name: &str) -> String {
        format!("{}/assets/{name}?{}", self.base, assets::version())
    }
}
