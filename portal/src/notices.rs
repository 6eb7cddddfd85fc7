//! Notices in words: what people are told by mail, as text and as a page, and by a text to a number that was theirs.
//! Refuses full numbers, and links that do anything but lead to the sign-in.

use crate::pages::texts::{Language, Texts};
use crate::shapes::time;
use actors::{BLOCKED, ENTERED, Words};
use askama::Template;
use engine::notice::{Address, Letter, Notice};
use engine::portal::PortalRules;
use engine::secret::Secret;
use std::sync::LazyLock;

static TEXTS: LazyLock<Texts> = LazyLock::new(Texts::read);

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage<'a> {
    language: &'a Language,
    subject: &'a str,
    lines: &'a [String],
}

/// The words of a letter.
pub fn words(letter: &Letter, portal: &PortalRules) -> Words {
    let language = TEXTS.choose(&portal.languages, Some(&letter.language), "");
    let lines = match &letter.to {
        Address::Phone(_) => vec![to_a_phone(language, letter, portal)],
        Address::Mail(_) => to_a_mailbox(language, letter, portal),
    };
    let subject = language.text(subject(letter.notice));
    let html = MailPage { language, subject: &subject, lines: &lines }.render().unwrap_or_default();
    Words { text: Secret::new(lines.join("\n\n")), html: Secret::new(html), subject }
}

fn to_a_phone(language: &Language, letter: &Letter, portal: &PortalRules) -> String {
    let says = language.text(if letter.notice == Notice::MethodChanged {
        "notice-method-changed-by-text"
    } else {
        "notice-phone-changed-by-text"
    });
    let where_to = if portal.url.is_empty() { portal.help_contact.clone() } else { portal.url.clone() };
    if where_to.is_empty() { says } else { format!("{says} {where_to}") }
}

fn to_a_mailbox(language: &Language, letter: &Letter, portal: &PortalRules) -> Vec<String> {
    let at = time(letter.at);
    let when = format!("{} {} UTC", &at[..10], &at[11..16]);
    let mut lines = vec![language.with("mail-hello", "name", letter.name.as_str()), happened(language, letter)];
    let sets_up = matches!(letter.notice, Notice::SetUpLink | Notice::SetUpReminder);
    let asks = letter.notice == Notice::EnrollmentCode || (sets_up && letter.detail != ENTERED);
    if !sets_up {
        lines.push(language.with("mail-when", "time", when));
    }
    if !letter.place.is_empty() {
        lines.push(language.with("mail-where", "place", letter.place.as_str()));
    }
    // Where nobody did anything, there is nothing that was not them.
    if !asks {
        lines.push(language.text("mail-not-you"));
    }
    if !portal.url.is_empty() {
        let key = if sets_up { "mail-sign-in" } else { "mail-portal" };
        lines.push(language.with(key, "url", portal.url.as_str()));
    }
    if !portal.help_contact.is_empty() {
        lines.push(language.with("nav-contact", "contact", portal.help_contact.as_str()));
    }
    lines.push(language.text("mail-automatic"));
    lines
}

const fn subject(notice: Notice) -> &'static str {
    match notice {
        Notice::SignedIn => "notice-signed-in",
        Notice::SetUp => "notice-set-up",
        Notice::PhoneChanged => "notice-phone-changed",
        Notice::PhoneRestored => "notice-phone-restored",
        Notice::BackupPhoneChanged => "notice-backup-changed",
        Notice::MethodChanged => "notice-method-changed",
        Notice::PinChanged => "notice-pin-changed",
        Notice::PasswordChanged => "notice-password-changed",
        Notice::TokenAdded => "notice-token-added",
        Notice::TokenRemoved => "notice-token-removed",
        Notice::QuestionsChanged => "notice-questions-changed",
        Notice::QuestionsUsed => "notice-questions-used",
        Notice::BypassStarted => "notice-bypass-started",
        Notice::FraudReported => "notice-fraud-reported",
        Notice::EnrollmentCode => "notice-code",
        Notice::SetUpLink => "notice-set-up-link",
        Notice::SetUpReminder => "notice-set-up-reminder",
    }
}

/// What happened, in a sentence or two.
fn happened(language: &Language, letter: &Letter) -> String {
    let detail = letter.detail.as_str();
    let ending = || detail.chars().filter(char::is_ascii_digit).collect::<String>();
    match letter.notice {
        Notice::SignedIn => language.text("notice-signed-in-text"),
        Notice::SetUp => language.text("notice-set-up-text"),
        Notice::PhoneChanged => language.with("notice-phone-changed-text", "ending", ending()),
        Notice::PhoneRestored => language.text("notice-phone-restored-text"),
        Notice::BackupPhoneChanged => language.text("notice-backup-changed-text"),
        Notice::MethodChanged => language.text("notice-method-changed-text"),
        Notice::PinChanged => language.text("notice-pin-changed-text"),
        Notice::PasswordChanged => language.text("notice-password-changed-text"),
        Notice::TokenAdded => language.text("notice-token-added-text"),
        Notice::TokenRemoved => language.text("notice-token-removed-text"),
        Notice::QuestionsChanged => language.text("notice-questions-changed-text"),
        Notice::QuestionsUsed => language.text("notice-questions-used-text"),
        Notice::BypassStarted => {
            language.with("notice-bypass-started-text", "seconds", detail.parse::<u32>().unwrap_or_default())
        }
        Notice::FraudReported => {
            // For those who look after the company the account is named in brackets.
            let whose = detail.split_once(' ').map(|(_, whose)| format!(" {whose}")).unwrap_or_default();
            let blocked = detail.split(' ').next() == Some(BLOCKED);
            let key = if blocked { "notice-fraud-blocked-text" } else { "notice-fraud-reported-text" };
            format!("{}{whose}", language.text(key))
        }
        Notice::EnrollmentCode => language.with("notice-code-text", "code", detail),
        Notice::SetUpLink => language.text("notice-set-up-link-text"),
        Notice::SetUpReminder if detail == ENTERED => language.text("notice-set-up-reminder-text"),
        Notice::SetUpReminder => language.text("notice-set-up-link-text"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use engine::moment::Moment;
    use engine::portal::LANGUAGES;

    fn letter(notice: Notice, language: &str) -> Letter {
        Letter {
            to: Address::Mail("ann@example.com".into()),
            notice,
            language: language.into(),
            name: "<b>Ann</b>".into(),
            at: Moment::from_millis(1_700_000_000_000),
            place: "Firefox, 192.0.2.7".into(),
            detail: "********67".into(),
            tries: 0,
            next_at: Moment::default(),
        }
    }

    #[test]
    fn every_notice_has_its_words_in_every_language() {
        let languages = LANGUAGES.iter().map(|tag| (*tag).to_owned()).collect();
        let portal = PortalRules { languages, url: "https://mfa.example.com".into(), ..PortalRules::default() };
        for tag in LANGUAGES {
            for notice in Notice::ALL {
                let said = words(&letter(notice, tag), &portal);
                assert!(
                    !said.subject.contains("notice-") && !said.text.expose().contains("notice-"),
                    "{tag} {notice:?}"
                );
                assert!(said.html.expose().contains(&format!("lang=\"{tag}\"")), "{tag} {notice:?}");
                assert!(!said.html.expose().contains("<b>"), "names are text: {}", said.html.expose());
                assert!(said.text.expose().contains("https://mfa.example.com"));
                // An invitation is no event.
                let happened = !matches!(notice, Notice::SetUpLink | Notice::SetUpReminder);
                assert_eq!(said.text.expose().contains("2023-11-14 22:13"), happened, "{tag} {notice:?}");
            }
        }
    }

    #[test]
    fn a_text_to_the_old_number_is_short_and_says_where_to_go() {
        let portal = PortalRules { url: "https://mfa.example.com".into(), ..PortalRules::default() };
        for notice in [Notice::PhoneChanged, Notice::MethodChanged] {
            let to = Address::Phone("+12025550101".parse().unwrap());
            let said = words(&Letter { to, ..letter(notice, "en") }, &portal);
            assert!(said.text.expose().ends_with("https://mfa.example.com") && said.text.expose().len() <= 160);
            assert!(!said.text.expose().contains("67"));
        }
    }
}
