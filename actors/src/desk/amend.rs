//! Changes of a person that an administrator or the person wants, one at a time, at their home.
//! Refuses to know what they mean: the amendment does.

use super::Desk;
use super::start::Starting;
use crate::ledger::NotWritten;
use crate::people::Amendment;
use actix::{Handler, Message, ResponseFuture};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use store::ReadError;

/// Change a person.
#[derive(Message)]
#[rtype(result = "Result<(), AmendError>")]
pub struct Amend {
    /// The canonical name.
    pub user: String,
    /// What is wanted.
    pub amendment: Amendment,
}

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// What was wanted is not possible.
    #[error("{0}")]
    Refused(String),
    /// It could not be made durable.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// A rule broke.
    #[error("a rule broke; the log says which")]
    Broken,
}

impl Handler<Amend> for Desk {
    type Result = ResponseFuture<Result<(), AmendError>>;

    fn handle(&mut self, Amend { user, amendment }: Amend, _: &mut Self::Context) -> Self::Result {
        let starting = self.starting();
        Box::pin(async move {
            let amending = AssertUnwindSafe(starting.alone(&user, starting.amend(user.clone(), amendment)));
            amending.catch_unwind().await.unwrap_or_else(|_| {
                starting.house.people.borrow_mut().forget(&user);
                Err(AmendError::Broken)
            })
        })
    }
}

impl Starting {
    async fn amend(&self, name: String, amendment: Amendment) -> Result<(), AmendError> {
        self.house.ensure(&name).await?;
        let written = {
            let mut people = self.house.people.borrow_mut();
            let person = people.get_mut(&name).ok_or_else(|| AmendError::Refused("nobody is there".into()))?;
            let before = person.clone();
            let operations = amendment(person, &self.house.policy(), self.house.now());
            let operations = operations.inspect_err(|_| *person = before).map_err(AmendError::Refused)?;
            self.house.shared.ledger.enqueue(operations.into())?
        };
        let result = written.await.unwrap_or(Err(NotWritten::Unavailable));
        if result.is_err() {
            self.house.people.borrow_mut().forget(&name);
        }
        result.map(|_| ()).map_err(AmendError::from)
    }
}
