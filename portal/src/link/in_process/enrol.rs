//! Somebody whom the directory knows and we do not yet: made at their first sign-in (portal.md §5).
//! Refuses to change anybody who is there.

use super::{InProcess, away, link};
use crate::link::Away;
use actors::{Told, UserNameRecord, Versioned};
use directory::Entry;
use engine::id::UserId;
use engine::method::Method;
use engine::moment::Moment;
use engine::person::User;
use engine::policy::Policy;
use engine::setup::{Reach, calls, mode_of};
use store::{Expect, Operation};

impl InProcess {
    pub(super) async fn enrol(&self, name: &str, entry: Entry) -> Result<User, Away> {
        let id = UserId::from_bits(actors::random::bits());
        let key = name.to_owned();
        let reach = self.engine.doors().reach();
        self.amended(name, move |person, policy, now| {
            if person.user.is_some() {
                return Ok(((), vec![]));
            }
            let mut user = Versioned { version: 0, value: unfinished(id, &key, entry, policy, reach, now) };
            let index = UserNameRecord { name: key.clone() };
            let operations = vec![
                user.write(&key),
                Operation::put(id.to_string(), &index, Expect::Absent),
                link(policy, now, ("user.create", &Told::default()), id),
            ];
            person.user = Some(user);
            Ok(((), operations))
        })
        .await?;
        let made = self.engine.document::<User>(name).await.map_err(away)?;
        made.map(|user| user.value).ok_or_else(|| Away("a person who was just made is gone".into()))
    }
}

fn unfinished(id: UserId, name: &str, entry: Entry, policy: &Policy, reach: Reach, now: Moment) -> User {
    // Where nobody can be texted, people are called.
    let method = if calls(policy, reach) && !reach.texts { Method::Voice } else { Method::Sms };
    let new = User::begin(id, name.to_owned(), now);
    let clean = |text: String| text.chars().filter(|c| !c.is_control()).take(200).collect();
    User {
        first_name: clean(entry.first_name),
        last_name: clean(entry.last_name),
        email: clean(entry.email),
        method,
        mode: mode_of(&new, method, policy),
        ..new
    }
}
