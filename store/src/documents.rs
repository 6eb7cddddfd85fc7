//! Which kind of record each document of the rules is kept in.
//! Refuses content: the documents are defined in `engine`.

use crate::record::{Document, Kind};
use engine::failures::Failures;
use engine::login::Login;
use engine::person::{Standing, User};
use engine::policy::Policy;
use engine::verification::Verification;

impl Document for User {
    const KIND: Kind = Kind::User;
}

impl Document for Standing {
    const KIND: Kind = Kind::Standing;
}

impl Document for Login {
    const KIND: Kind = Kind::Login;
}

impl Document for Failures {
    const KIND: Kind = Kind::Failures;
}

impl Document for Policy {
    const KIND: Kind = Kind::Policy;
}

impl Document for Verification {
    const KIND: Kind = Kind::Open;
}
