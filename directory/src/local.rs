//! Local accounts: their passwords are hashes in our own store, for trials and for when the directory is down.
//! Refuses to keep a password, and to answer sooner for a name that nobody has.

use crate::contract::{Directory, Entry, NotAuthenticated};
use crate::hash;
use engine::secret::Secret;
use futures_util::future::BoxFuture;

/// The hashes could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Where the hashes are kept.
pub trait Passwords: Send + Sync {
    /// The hash of this account's password, a PHC string.
    fn hash_of<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Unreadable>>;
}

/// The local accounts.
pub struct LocalAccounts<P>(P);

impl<P: Passwords> LocalAccounts<P> {
    /// Over the place where their hashes are.
    pub const fn new(passwords: P) -> Self {
        Self(passwords)
    }
}

impl<P: Passwords> Directory for LocalAccounts<P> {
    fn authenticate<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<Entry, NotAuthenticated>> {
        Box::pin(async move {
            let hash = self.0.hash_of(name).await.map_err(|cause| NotAuthenticated::Unavailable(cause.to_string()))?;
            let checked = hash::check(hash, password.clone()).await;
            let right = checked.map_err(|busy| NotAuthenticated::Unavailable(busy.to_string()))?;
            if right { Ok(Entry::default()) } else { Err(NotAuthenticated::Wrong) }
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    struct One(String);

    impl Passwords for One {
        fn hash_of<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Unreadable>> {
            let found = match name {
                "ann" => Ok(Some(self.0.clone())),
                "broken" => Ok(Some("not a hash".into())),
                "gone" => Err(Unreadable("the disk is gone".into())),
                _ => Ok(None),
            };
            Box::pin(std::future::ready(found))
        }
    }

    #[tokio::test]
    async fn the_right_password_of_the_right_name_and_nothing_else() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let accounts = LocalAccounts::new(One(hash::make(secret("gelbe Ente im Regen")).await.unwrap()));
        for (name, password, expected) in [
            ("ann", "gelbe Ente im Regen", Ok(Entry::default())),
            ("ann", "gelbe Ente", Err(NotAuthenticated::Wrong)),
            ("ann", "", Err(NotAuthenticated::Wrong)),
            ("bob", "gelbe Ente im Regen", Err(NotAuthenticated::Wrong)),
            ("bob", "nobody has this password", Err(NotAuthenticated::Wrong)),
            ("broken", "gelbe Ente im Regen", Err(NotAuthenticated::Wrong)),
            ("gone", "x", Err(NotAuthenticated::Unavailable("the disk is gone".into()))),
        ] {
            assert_eq!(accounts.authenticate(name, &secret(password)).await, expected, "{name}");
        }
    }
}
