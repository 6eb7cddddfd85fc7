//! From name and password to a login (portal.md §4.1, rows 1 to 5).
//! Refuses to say what of a name is wrong, and to look at a password while its name or address has to wait.

use super::logins::{forget, new_handle, write_new};
use super::{InProcess, away};
use crate::link::{Attempt, Away, SignIn};
use actors::{NotWritten, Person, Refused, UserNameRecord, Versioned};
use directory::{Entry, NotAuthenticated};
use engine::failures::{Failures, PER_ADDRESS, PER_NAME, PER_NAME_ANYWHERE, WINDOW};
use engine::id::UserId;
use engine::login::{Login, LoginStage};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::person::User;
use engine::pin::PinState;
use engine::policy::Policy;
use engine::user_name;
use std::net::IpAddr;
use std::time::Duration;
use store::{Expect, Kind, Operation};

/// How often a failure is written when others of the same name or address are written at the same time.
const TRIES: usize = 5;
/// Characters of a browser's name that are kept.
const AGENT: usize = 200;

/// What an attempt counts for: its name from this address, its name from anywhere, its address; and how many each may have.
struct Counters([(String, usize); 3]);

impl Counters {
    fn of(name: &str, address: Option<IpAddr>) -> Self {
        let address = address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
        Self([
            (format!("name:{name} from {address}"), PER_NAME),
            (format!("name:{name}"), PER_NAME_ANYWHERE),
            (format!("address:{address}"), PER_ADDRESS),
        ])
    }
}

/// Who has an IPv6 address has a /64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

impl InProcess {
    pub(super) async fn try_sign_in(&self, attempt: Attempt) -> Result<SignIn, Away> {
        let policy = self.engine.policy();
        if !policy.portal.allow_log_in {
            return Ok(SignIn::Off);
        }
        let Ok(name) = user_name::canonical(&attempt.name, &policy.domains) else { return Ok(SignIn::Wrong) };
        let counters = Counters::of(&name, attempt.address);
        // Counted before it is looked at: who tries many at once is counted for each.
        if let Some(wait) = self.count(&counters).await? {
            return Ok(SignIn::Wait(wait));
        }
        let entry = match self.directory.authenticate(&name, &attempt.password).await {
            Ok(entry) => entry,
            Err(NotAuthenticated::Wrong) => return Ok(SignIn::Wrong),
            Err(NotAuthenticated::Unavailable(cause)) => {
                tracing::error!(%cause, "the directory cannot be asked");
                self.forgive(&counters).await?;
                return Err(Away(cause));
            }
        };
        let user = match self.engine.document::<User>(&name).await.map_err(away)? {
            Some(user) => user.value,
            // The directory may know people whom nobody has entered here.
            None if policy.portal.allow_enrollment => self.enrol(&name, entry).await?,
            None => {
                self.forgive(&counters).await?;
                return Ok(SignIn::NotSetUp);
            }
        };
        // It counts as a failure too: no answer tells that its password was right.
        if !user.enabled {
            return Ok(SignIn::Wrong);
        }
        self.forgive(&counters).await?;
        if user.blocked(self.engine.now()) {
            return Ok(SignIn::Blocked);
        }
        if !user.set_up && !policy.portal.allow_enrollment {
            return Ok(SignIn::NotSetUp);
        }
        self.accept(&user, attempt).await.map(SignIn::Accepted)
    }

    async fn accept(&self, user: &User, attempt: Attempt) -> Result<engine::secret::Secret<String>, Away> {
        let (handle, key) = new_handle();
        let now = self.engine.now();
        let login = Login {
            user: user.name.clone(),
            user_id: user.id,
            stage: LoginStage::Password { proof: None },
            address: attempt.address,
            agent: attempt.agent.chars().take(AGENT).collect(),
            created_at: now,
            seen_at: now,
        };
        let operations = vec![forget(&attempt.handle), write_new(&key, &login), link(now, "portal.password", user.id)];
        self.engine.commit(operations).await.map_err(away)?;
        Ok(handle)
    }

    /// Counts a failure for all that it may turn out to be, unless one of them has to wait; how long then.
    async fn count(&self, counters: &Counters) -> Result<Option<Duration>, Away> {
        for _ in 0..TRIES {
            let now = self.engine.now();
            let mut writes = Vec::new();
            for (key, most) in &counters.0 {
                let mut failures = self.failures(key).await?;
                if let Some(until) = failures.value.wait_until(*most, now) {
                    return Ok(Some(until.since(now)));
                }
                failures.value.failed(now);
                writes.push(failures.write(key).until(now + WINDOW));
            }
            match self.engine.commit(writes).await {
                Ok(()) => return Ok(None),
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                Err(why) => return Err(away(why)),
            }
        }
        // Somebody tries very many at once.
        Ok(Some(Duration::from_secs(1)))
    }

    async fn failures(&self, key: &str) -> Result<Versioned<Failures>, Away> {
        let found = self.engine.document(key).await.map_err(away)?;
        Ok(found.unwrap_or(Versioned { version: 0, value: Failures::default() }))
    }

    /// It was no failure. Those of the name from here begin anew; where others are behind the same counter, theirs stay.
    async fn forgive(&self, counters: &Counters) -> Result<(), Away> {
        let [(own, _), shared @ ..] = &counters.0;
        self.engine.commit(vec![Operation::delete(Kind::Failures, own.clone(), Expect::Any)]).await.map_err(away)?;
        for (key, _) in shared {
            let mut failures = self.failures(key).await?;
            failures.value.forgive_last();
            match self.engine.commit(vec![failures.write(key).until(self.engine.now() + WINDOW)]).await {
                // Another attempt was counted meanwhile: one too many is counted.
                Ok(()) | Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                Err(why) => return Err(away(why)),
            }
        }
        Ok(())
    }

    /// Somebody whom the directory knows and we do not yet.
    async fn enrol(&self, name: &str, entry: Entry) -> Result<User, Away> {
        let id = UserId::from_bits(actors::random::bits());
        let key = name.to_owned();
        let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
            if person.user.is_some() {
                return Ok(vec![]);
            }
            let mut user = Versioned { version: 0, value: unfinished(id, &key, entry, policy, now) };
            let index = UserNameRecord { name: key.clone() };
            let operations = vec![
                user.write(&key),
                Operation::put(id.to_string(), &index, Expect::Absent),
                link(now, "user.create", id),
            ];
            person.user = Some(user);
            Ok(operations)
        };
        self.engine.amend(name, Box::new(amendment)).await.map_err(away)?;
        let made = self.engine.document::<User>(name).await.map_err(away)?;
        made.map(|user| user.value).ok_or_else(|| Away("a person who was just made is gone".into()))
    }
}

fn unfinished(id: UserId, name: &str, entry: Entry, policy: &Policy, now: Moment) -> User {
    User {
        id,
        name: name.to_owned(),
        first_name: entry.first_name,
        last_name: entry.last_name,
        email: entry.email,
        group: String::new(),
        enabled: true,
        set_up: false,
        created_at: now,
        block: None,
        past_blocks: vec![],
        phone: None,
        backup_phone: None,
        method: Method::Sms,
        mode: if policy.sms.two_way { Mode::TwoWayOtp } else { Mode::OneWayOtp },
        pin: PinState::default(),
        pin_min_length: None,
        user_can_change_pin: None,
        language: "en".into(),
        draft: None,
    }
}

/// An act of the person as a link of the audit chain.
pub fn link(now: Moment, act: &str, whom: UserId) -> Operation {
    let body = serde_json::json!({ "act": act, "by": whom.to_string(), "on": whom.to_string() });
    Operation::Audit { at: now, body: body.to_string().into_bytes() }
}
