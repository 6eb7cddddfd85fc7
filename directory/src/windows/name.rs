//! A user name as controllers take it and as entries have it.
//! Refuses to say whose it is: controllers do.

/// The name in its forms, without case.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    /// What is bound with: `bob@example.com`, `EXAMPLE\bob`.
    pub login: String,
    /// What may be somebody's `userPrincipalName`.
    pub principal: Option<String>,
    /// What may be somebody's `sAMAccountName`.
    pub account: String,
}

impl Name {
    /// A bare name is one of the domain; others are taken as they are.
    pub fn of(name: &str, domain: &str) -> Self {
        if let Some((_, account)) = name.split_once('\\') {
            return Self { login: name.to_owned(), principal: None, account: account.to_owned() };
        }
        let login = if name.contains('@') { name.to_owned() } else { format!("{name}@{domain}") };
        let account = login.rsplit_once('@').map_or("", |(account, _)| account).to_owned();
        Self { principal: Some(login.clone()), login, account }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bound_and_looked_for_in_their_forms() {
        for (name, login, principal, account) in [
            ("bob", "bob@example.com", Some("bob@example.com"), "bob"),
            ("bob@example.org", "bob@example.org", Some("bob@example.org"), "bob"),
            ("bob@home@example.org", "bob@home@example.org", Some("bob@home@example.org"), "bob@home"),
            ("example\\bob", "example\\bob", None, "bob"),
            ("example\\bob@x", "example\\bob@x", None, "bob@x"),
        ] {
            let principal = principal.map(str::to_owned);
            let expected = Name { login: login.into(), principal, account: account.into() };
            assert_eq!(Name::of(name, "example.com"), expected);
        }
    }
}
