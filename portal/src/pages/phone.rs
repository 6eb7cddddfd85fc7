//! The fields of a phone with its PIN and backup phone, and the words for what is wrong with them.
//! Refuses to lose what was typed: the form comes back as it was.

use super::field::{Choice, Field, Rule};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Reached;
use crate::link::{Backup, Country, DraftView, Fault, Person, Step, TypedPhone};
use engine::number::NumberFault;
use engine::pin::PinFault;
use engine::reason::Reason;

/// What is typed into the form, without the PIN.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Country code.
    pub country: String,
    /// The number.
    pub phone: String,
    /// Dialled after a call is answered.
    pub extension: String,
    /// The backup phone.
    pub backup: Backup,
}

impl Typed {
    /// From a posted form.
    pub fn of(form: &Form) -> Self {
        let field = |name: &str| form.field(name).to_owned();
        let (country, phone, extension) = (field("backup-country"), field("backup-phone"), field("backup-extension"));
        let backup = Backup { country, phone, extension };
        Self { country: field("country"), phone: field("phone"), extension: field("extension"), backup }
    }

    /// What is saved already.
    pub fn saved(draft: Option<&DraftView>, guest: &Guest<'_>, reached: Reached) -> Self {
        let called = &guest.site.call_countries;
        let (phone, extension) = draft.and_then(|draft| draft.phone.clone()).unwrap_or_default();
        let (backup, behind) = draft.and_then(|draft| draft.backup.clone()).unwrap_or_default();
        let country = country_of(&phone, reached.countries(guest));
        let beside = if backup.is_empty() { country_of(&phone, called) } else { country_of(&backup, called) };
        let backup = Backup { country: beside, phone: backup, extension: behind };
        Self { country, phone, extension, backup }
    }

    /// The step that it is.
    pub fn step(&self, form: &Form, reached: Reached, with_backup: bool) -> Step {
        Step::Phone(Box::new(TypedPhone {
            method: reached.method(),
            country: self.country.clone(),
            phone: self.phone.clone(),
            extension: self.extension.clone(),
            pin: form.secret("pin"),
            confirm: form.secret("confirm"),
            backup: with_backup.then(|| self.backup.clone()),
            once: form.once(),
        }))
    }
}

/// The country of a number in E.164, or the first one.
fn country_of(number: &str, countries: &[Country]) -> String {
    let digits = number.strip_prefix('+').unwrap_or_default();
    let own = countries.iter().filter(|country| !digits.is_empty() && digits.starts_with(&country.code));
    let own = own.max_by_key(|country| country.code.len()).or(countries.first());
    own.map(|country| country.code.clone()).unwrap_or_default()
}

fn countries(f: &Frame<'_>, on_offer: &[Country], (name, label): (&str, &str), chosen: &str) -> Field {
    let options = on_offer.iter().map(|country| Choice {
        value: country.code.clone(),
        label: format!("+{} {}", country.code, country.region),
        region: country.region.clone(),
        chosen: country.code == chosen,
        ..Choice::default()
    });
    Field { options: options.collect(), auto: "tel-country-code", ..Field::of("choice", name, f.t(label)) }
}

/// Country and number, for calls an extension too; `kept` where one is stored that was typed elsewhere, and stays if none is
/// typed here.
pub fn number(
    f: &Frame<'_>,
    guest: &Guest<'_>,
    reached: Reached,
    (typed, kept): (&Typed, bool),
    faults: &[Fault],
) -> Vec<Field> {
    let label = f.t(reached.texts().phone);
    let phone = Field { auto: "tel-national", required: !kept, ..Field::of("tel", "phone", label) };
    let hint = f.t("text-phone-hint");
    let hint = if kept { format!("{} {hint}", f.t("text-phone-kept")) } else { hint };
    let told = |field| told(f, faults, reached, field);
    let mut fields = vec![
        countries(f, reached.countries(guest), ("country", "text-country"), &typed.country),
        phone.holding(&typed.phone).hinting(hint).wrong(told("phone")),
    ];
    // What is wrong with an extension is said at its box; where none may be typed, at the number that held it.
    let extension = extension(f, "extension", "call-extension", &typed.extension).wrong(told("extension"));
    if reached == Reached::ByCall && guest.site.extensions {
        fields.push(extension);
    } else {
        fields[1].faults.extend(extension.faults);
    }
    fields
}

fn extension(f: &Frame<'_>, name: &str, label: &str, typed: &str) -> Field {
    let field = Field { auto: "tel-extension", keys: "tel", longest: 40, ..Field::of("text", name, f.t(label)) };
    field.holding(typed).hinting(f.t("backup-extension-hint"))
}

/// A PIN, twice.
pub fn pin(f: &Frame<'_>, person: &Person, kept: bool, faults: &[Fault]) -> Vec<Field> {
    let least = person.shortest_pin;
    let mut rules = vec![Rule { name: "length", least, says: f.with("pin-rule-length", "least", least) }];
    if person.no_weak_pin {
        let weak = [("repeat", "pin-rule-repeat"), ("run", "pin-rule-run"), ("phone", "pin-rule-phone")];
        rules.extend(weak.map(|(name, key)| Rule { name, least: 0, says: f.t(key) }));
    }
    let hint = if kept { f.t("text-pin-kept") } else { String::new() };
    let field = |name: &str, key: &str| Field {
        auto: "new-password",
        keys: "numeric",
        longest: 40,
        ..Field::of("password", name, f.t(key))
    };
    let pin = Field { rules, ..field("pin", "text-pin") };
    vec![pin.hinting(hint).wrong(told(f, faults, Reached::ByText, "pin")), field("confirm", "text-confirm")]
}

/// A backup phone with its extension.
pub fn backup(f: &Frame<'_>, guest: &Guest<'_>, typed: &Backup, faults: &[Fault]) -> Vec<Field> {
    let phone = Field { auto: "tel-national", ..Field::of("tel", "backup-phone", f.t("backup-phone")) };
    let of_backup = ("backup-country", "backup-country");
    let extension = extension(f, "backup-extension", "backup-extension", &typed.extension);
    let wrong = told(f, faults, Reached::ByCall, "backup-phone");
    let fields = [
        Field::of("heading", "backup", f.t("backup-title")),
        countries(f, &guest.site.call_countries, of_backup, &typed.country),
        phone.holding(&typed.phone).hinting(f.t("backup-hint")).wrong(wrong),
    ];
    fields.into_iter().chain(guest.site.extensions.then_some(extension)).collect()
}

/// What is wrong with a field.
fn told<'a>(
    f: &'a Frame<'_>,
    faults: &'a [Fault],
    reached: Reached,
    field: &'a str,
) -> impl Iterator<Item = String> + 'a {
    faults
        .iter()
        .map(move |fault| in_words(f, reached, *fault))
        .filter(move |(of, _)| *of == field)
        .map(|(_, says)| says)
}

fn in_words(f: &Frame<'_>, reached: Reached, fault: Fault) -> (&'static str, String) {
    let texts = reached.texts();
    let (field, key) = match fault {
        Fault::PhoneMissing => ("phone", texts.missing),
        Fault::Phone(number) => ("phone", format_fault(number)),
        Fault::PhoneRefused(Reason::CountryNotAllowed) => ("phone", texts.country),
        Fault::PhoneRefused(_) => ("phone", texts.kind),
        Fault::Extension => ("extension", "fault-extension"),
        Fault::ExtensionRefused => ("extension", "fault-extension-refused"),
        Fault::Returns => ("phone", "fault-returns"),
        Fault::PhoneTooOften => ("phone", "fault-phone-often"),
        Fault::Backup(NumberFault::Extension) => ("backup-phone", "fault-extension"),
        Fault::Backup(number) => ("backup-phone", format_fault(number)),
        Fault::BackupRefused(Reason::CountryNotAllowed) => ("backup-phone", "fault-call-country"),
        Fault::BackupRefused(_) => ("backup-phone", "fault-backup-refused"),
        Fault::BackupExtensionRefused => ("backup-phone", "fault-extension-refused"),
        Fault::BackupSame => ("backup-phone", "fault-backup-same"),
        Fault::PinMissing => ("pin", "fault-pin-missing"),
        Fault::Pin(PinFault::Length { least }) => return ("pin", f.with("fault-pin-length", "least", least)),
        Fault::Pin(PinFault::TooLong) => ("pin", "fault-pin-too-long"),
        Fault::Pin(PinFault::NotDigits) => ("pin", "fault-pin-not-digits"),
        Fault::Pin(PinFault::Repeating) => ("pin", "fault-pin-repeating"),
        Fault::Pin(PinFault::Sequential) => ("pin", "fault-pin-sequential"),
        Fault::Pin(PinFault::PhoneSubset) => ("pin", "fault-pin-phone"),
        Fault::Pin(PinFault::History) => ("pin", "fault-pin-history"),
        Fault::PinMismatch => ("pin", "fault-pin-mismatch"),
        Fault::Method => ("phone", "method-fault"),
    };
    (field, f.t(key))
}

const fn format_fault(fault: NumberFault) -> &'static str {
    match fault {
        NumberFault::Format | NumberFault::Extension => "fault-phone-format",
        NumberFault::CountryCode => "fault-phone-country",
        NumberFault::Length => "fault-phone-length",
    }
}
