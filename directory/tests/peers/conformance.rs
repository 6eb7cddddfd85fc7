//! What every directory must do, whatever it speaks: one list of checks, run against each.
//! Refuses exceptions: what one server cannot do stands in its own file.

use crate::secret;
use crate::server::freeradius::FREERADIUS;
use crate::server::samba::SAMBA;
use crate::server::slapd::SLAPD;
use directory::{
    Directory, Entry, Ldap, LocalAccounts, NotAuthenticated, NotChanged, Passwords, Radius, Unreadable, Windows,
};
use futures_util::future::{BoxFuture, join_all};
use std::collections::BTreeMap;

/// Somebody whom each of the servers knows.
pub struct Person {
    pub name: &'static str,
    pub password: &'static str,
}

/// Names and passwords that something on the way might take for something else.
pub const PEOPLE: [Person; 7] = [
    Person { name: "bob", password: "Gelbe-Ente-7" },
    Person { name: "ann", password: "Grüße aus Köln 8" },
    Person { name: "jürgen.öz", password: "Straße ñandú 9" },
    Person { name: "山田", password: "パスワード🦆Ab1" },
    Person { name: "d'arc-_.~", password: r#"*)(uid=*\"'<>&%s{}$(id)A1"# },
    Person { name: "space", password: "  Spaces around 1  " },
    Person { name: "quote", password: "\"Quoted\" Password 1" },
];

/// What nobody is called on any server.
const NOBODY: [&str; 14] = [
    "nobody",
    "",
    " ",
    "*",
    "b*",
    "*)(uid=*",
    "bob)(|(uid=*",
    "bob))(&(uid=bob",
    r"\2a",
    "bob\0",
    "bob\n",
    "uid=bob,ou=people,dc=example,dc=com",
    "cn=bob,cn=users,dc=example,dc=com",
    "bob@example.org",
];

async fn conforms(directory: &dyn Directory) {
    the_right_password_is_taken(directory).await;
    no_other_password_is_taken(directory).await;
    nobody_else_is_anybody(directory).await;
    what_is_overlong_is_wrong(directory).await;
    many_are_told_apart(directory).await;
    nothing_changes_without_the_old_password(directory).await;
}

async fn answer(directory: &dyn Directory, name: &str, password: &str) -> Result<Entry, NotAuthenticated> {
    directory.authenticate(name, &secret(password)).await
}

async fn the_right_password_is_taken(directory: &dyn Directory) {
    for Person { name, password } in &PEOPLE {
        let entry = answer(directory, name, password).await.unwrap_or_else(|cause| panic!("{name}: {cause}"));
        // Where the directory says a name it is this one.
        assert!(entry.name.as_deref().is_none_or(|told| told == *name), "{name}: {entry:?}");
    }
}

async fn no_other_password_is_taken(directory: &dyn Directory) {
    let [bob, ann, ..] = &PEOPLE;
    for Person { name, password } in &PEOPLE {
        let lower = password.to_lowercase();
        let cut = password.trim();
        let shorter: String = password.chars().skip(1).collect();
        let wrong = ["", " ", "x", "*", "Gelbe-Ente-70", &lower, cut, &shorter].map(str::to_owned);
        let wrong = wrong.into_iter().chain([format!("{password} "), format!("{password}\0"), format!("\0{password}")]);
        for wrong in wrong.filter(|wrong| wrong != password) {
            assert_eq!(answer(directory, name, &wrong).await, Err(NotAuthenticated::Wrong), "{name}: {wrong:?}");
        }
    }
    assert_eq!(answer(directory, bob.name, ann.password).await, Err(NotAuthenticated::Wrong));
}

async fn nobody_else_is_anybody(directory: &dyn Directory) {
    for name in NOBODY {
        for password in [PEOPLE[0].password, "", "x"] {
            assert_eq!(answer(directory, name, password).await, Err(NotAuthenticated::Wrong), "{name:?}: {password:?}");
        }
    }
}

async fn what_is_overlong_is_wrong(directory: &dyn Directory) {
    let bob = &PEOPLE[0];
    let (long, overlong) = ("x".repeat(256), "x".repeat(10_000));
    assert_eq!(answer(directory, &long, bob.password).await, Err(NotAuthenticated::Wrong));
    for password in [&long, &overlong] {
        assert_eq!(answer(directory, bob.name, password).await, Err(NotAuthenticated::Wrong));
    }
}

async fn many_are_told_apart(directory: &dyn Directory) {
    let asked = (0..28).map(|turn| {
        let person = &PEOPLE[turn % PEOPLE.len()];
        let right = turn % 3 != 0;
        async move {
            let password = if right { person.password } else { "not the password" };
            (person.name, right, answer(directory, person.name, password).await)
        }
    });
    for (name, right, answer) in join_all(asked).await {
        let expected = if right { None } else { Some(NotAuthenticated::Wrong) };
        assert_eq!(answer.err(), expected, "{name}");
    }
}

async fn nothing_changes_without_the_old_password(directory: &dyn Directory) {
    let bob = &PEOPLE[0];
    let change =
        async |name: &str, old: &str, new: &str| directory.change_password(name, &secret(old), &secret(new)).await;
    for (name, old) in [(bob.name, "wrong"), (bob.name, ""), ("nobody", "wrong"), ("*", bob.password)] {
        let told = change(name, old, "Neue-Ente-8").await;
        assert!(matches!(told, Err(NotChanged::Wrong | NotChanged::NotAllowed)), "{name}: {told:?}");
    }
    let told = change(bob.name, bob.password, "").await;
    assert!(matches!(told, Err(NotChanged::Refused | NotChanged::NotAllowed)), "{told:?}");
    assert!(answer(directory, bob.name, bob.password).await.is_ok(), "it is the old one still");
}

/// Hashes of the same people.
struct Hashes(BTreeMap<&'static str, String>);

impl Passwords for Hashes {
    fn hash_of<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Unreadable>> {
        Box::pin(std::future::ready(Ok(self.0.get(name).cloned())))
    }
}

#[tokio::test]
async fn local_accounts_conform() {
    let mut hashes = BTreeMap::new();
    for person in &PEOPLE {
        hashes.insert(person.name, directory::hash::make(secret(person.password)).await.unwrap());
    }
    conforms(&LocalAccounts::new(Hashes(hashes))).await;
}

#[tokio::test]
async fn slapd_conforms_in_clear_on_this_machine() {
    conforms(&Ldap::new(SLAPD.settings()).unwrap()).await;
}

#[tokio::test]
async fn slapd_conforms_with_ldaps() {
    conforms(&Ldap::new(SLAPD.encrypted(&SLAPD.encrypted, false)).unwrap()).await;
}

#[tokio::test]
async fn slapd_conforms_with_start_tls() {
    conforms(&Ldap::new(SLAPD.encrypted(&SLAPD.clear, true)).unwrap()).await;
}

#[tokio::test]
async fn samba_conforms() {
    conforms(&Windows::new(SAMBA.settings()).unwrap()).await;
}

#[tokio::test]
async fn samba_conforms_without_a_service_account() {
    conforms(&Windows::new(SAMBA.without_service()).unwrap()).await;
}

#[tokio::test]
async fn freeradius_conforms() {
    conforms(&Radius::new(FREERADIUS.settings()).unwrap()).await;
}
