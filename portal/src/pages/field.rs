//! Forms as data: fields with what is wrong with each, and one template that draws them all.
//! Refuses a form without a label on every field, and a fault that does not stand at its field.

use super::answer::{self, Stop};
use super::frame::Frame;
use super::guest::Guest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

/// A field of a form.
#[derive(Debug, Default)]
pub struct Field {
    /// In the form, and the id on the page.
    pub name: String,
    /// What people read before it.
    pub label: String,
    /// `text`, `tel`, `password`; or `choice`, `radio` and `heading`, which are drawn in their own way.
    pub kind: &'static str,
    /// What stands in it.
    pub value: String,
    /// What helps to fill it.
    pub hint: String,
    /// What is wrong with it.
    pub faults: Vec<String>,
    /// The purpose, for browsers (WCAG 1.3.5); empty for none.
    pub auto: &'static str,
    /// Which keyboard a phone shows; empty for its own.
    pub keys: &'static str,
    /// Characters at most.
    pub longest: u16,
    /// Whether it must be filled.
    pub required: bool,
    /// What there is to choose from.
    pub options: Vec<Choice>,
    /// Rules that the script checks while somebody types.
    pub rules: Vec<Rule>,
}

/// A rule of what is typed.
#[derive(Debug)]
pub struct Rule {
    /// For the script.
    pub name: &'static str,
    /// Fewest characters, where that is the rule.
    pub least: u8,
    /// In words.
    pub says: String,
}

/// Something to choose.
#[derive(Debug, Default)]
pub struct Choice {
    /// In the form.
    pub value: String,
    /// What people read.
    pub label: String,
    /// What explains it.
    pub about: String,
    /// Language of the label where it is another than the page's.
    pub language: String,
    /// The region whose name the browser puts in.
    pub region: String,
    /// Whether it is the one.
    pub chosen: bool,
}

impl Field {
    /// A field of this kind.
    pub fn of(kind: &'static str, name: &str, label: String) -> Self {
        Self { name: name.into(), label, kind, longest: 100, ..Self::default() }
    }

    /// A code that is typed as digits.
    pub fn code(name: &str, label: String) -> Self {
        Self { auto: "one-time-code", keys: "numeric", longest: 40, required: true, ..Self::of("text", name, label) }
    }

    /// With what stands in it.
    #[must_use]
    pub fn holding(mut self, value: &str) -> Self {
        value.clone_into(&mut self.value);
        self
    }

    /// With what helps.
    #[must_use]
    pub fn hinting(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }

    /// With what is wrong.
    #[must_use]
    pub fn wrong(mut self, faults: impl IntoIterator<Item = String>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// The ids of what describes it.
    pub fn described_by(&self) -> String {
        let parts =
            [(!self.hint.is_empty(), "hint"), (!self.rules.is_empty(), "rules"), (!self.faults.is_empty(), "error")];
        let ids = parts.iter().filter(|(there, _)| *there).map(|(_, what)| format!("{}-{what}", self.name));
        ids.collect::<Vec<_>>().join(" ")
    }
}

/// A button: what it says, and what the form says when it is pressed.
pub struct Button {
    /// What people read.
    pub label: String,
    /// Goes as `do`.
    pub does: &'static str,
}

/// A way to another page.
pub struct Way {
    /// What people read.
    pub label: String,
    /// Below the base.
    pub path: String,
}

/// Something said above the form.
pub struct Said {
    /// `note` or `error`.
    pub kind: &'static str,
    /// What.
    pub text: String,
}

/// A page that is one form.
#[derive(Template)]
#[template(path = "form.html")]
pub struct FormPage<'a> {
    /// The frame.
    pub f: Frame<'a>,
    /// Its heading.
    pub title: String,
    /// What stands above the form, a paragraph each.
    pub lead: Vec<String>,
    /// What is said about what was done.
    pub said: Option<Said>,
    /// Where it is posted to, below the base.
    pub action: &'static str,
    /// The fields.
    pub fields: Vec<Field>,
    /// The first one is the main one.
    pub buttons: Vec<Button>,
    /// Ways elsewhere.
    pub ways: Vec<Way>,
    /// Whether what is typed can be hidden.
    pub hides: bool,
    /// Whether *Sign Out, Finish Later* stands below.
    pub later: bool,
}

impl<'a> FormPage<'a> {
    /// A form with nothing in it yet.
    pub fn new(f: Frame<'a>, title: &str, action: &'static str) -> Self {
        let title = f.t(title);
        let (lead, fields, buttons, ways) = Default::default();
        Self { f, title, lead, said: None, action, fields, buttons, ways, hides: false, later: false }
    }

    /// Every fault, with the field that it is about.
    fn faults(&self) -> Vec<(&str, &str)> {
        let fields = self.fields.iter();
        fields.flat_map(|field| field.faults.iter().map(|fault| (field.name.as_str(), fault.as_str()))).collect()
    }

    /// One more button.
    pub fn button(&mut self, key: &str, does: &'static str) {
        let label = self.f.t(key);
        self.buttons.push(Button { label, does });
    }

    /// One more way.
    pub fn way(&mut self, key: &str, path: impl Into<String>) {
        let label = self.f.t(key);
        self.ways.push(Way { label, path: path.into() });
    }

    /// The answer: 422 where something is wrong.
    pub fn answer(mut self, guest: &Guest<'_>) -> Result<HttpResponse, Stop> {
        self.show_again(guest.typed_before());
        let wrong = !self.faults().is_empty() || self.said.as_ref().is_some_and(|said| said.kind == "error");
        let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        answer::page(guest, status, &self)
    }

    /// Puts in what was typed before somebody had to sign in again.
    fn show_again(&mut self, typed: &[(String, String)]) {
        if typed.is_empty() {
            return;
        }
        self.said = Some(Said { kind: "note", text: self.f.t("form-typed-before") });
        for field in self.fields.iter_mut().filter(|field| field.kind != "password") {
            if let Some((_, value)) = typed.iter().find(|(name, _)| *name == field.name) {
                value.clone_into(&mut field.value);
                for option in &mut field.options {
                    option.chosen = option.value == *value;
                }
            }
        }
    }
}
