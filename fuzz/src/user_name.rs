//! A user name in any of its forms.
//! Refuses a canonical form that is not its own canonical form: it would name another person when it is used again.

use crate::input;
use engine::user_name::{Domain, canonical};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let domains = [
        Domain { short: "EXAMPLE".into(), suffix: "example.com".into() },
        Domain { short: "Ärzte".into(), suffix: "ärzte.example".into() },
    ];
    let text = input::text(data);
    let mut taken = false;
    for domains in [&domains[..], &[]] {
        let Ok(name) = canonical(&text, domains) else { continue };
        taken = true;
        assert!((1..=256).contains(&name.len()), "{name:?}");
        assert!(name.trim() == name && !name.chars().any(char::is_control), "{name:?}");
        assert_eq!(canonical(&name, domains).as_deref(), Ok(name.as_str()));
        assert_eq!(canonical(&format!(" {name}\t"), domains).as_deref(), Ok(name.as_str()));
        if name.len() < 200 && !name.contains(['\\', '@']) {
            for domain in domains {
                let forms = [format!("{}\\{name}", domain.short), format!("{name}@{}", domain.suffix)];
                assert!(forms.iter().all(|form| canonical(form, domains).as_ref() == Ok(&name)), "{forms:?}");
            }
        }
    }
    taken
}
