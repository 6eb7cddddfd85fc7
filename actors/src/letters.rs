//! Notices as changes: each is written together with what it tells, so that none is lost and none tells what was not done.
//! Refuses to send: that is the mailer's.

use crate::records::LetterRecord;
use engine::id::LetterId;
use engine::moment::Moment;
use engine::notice::{Address, Letter, Notice};
use engine::number::PhoneNumber;
use engine::person::User;
use engine::policy::Policy;
use engine::setup::Reach;
use store::{Expect, Operation};

/// How the keys of letters begin that go before others: somebody waits for them.
pub const URGENT: &str = "!";

/// By what people can be told here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Doors {
    /// There is a mail server.
    pub mail: bool,
    /// There is a line for texts.
    pub text: bool,
    /// There is a line for calls.
    pub call: bool,
}

/// What is told beside the notice.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// From where it was done; may be empty.
    pub place: String,
    /// What of it; may be empty.
    pub detail: String,
}

impl Doors {
    /// By what people can be verified.
    pub const fn reach(self) -> Reach {
        Reach { texts: self.text, calls: self.call }
    }

    /// Whether the person can be told by mail.
    pub fn reaches(self, user: &User, policy: &Policy) -> bool {
        self.mail && policy.mail.send_to_users && user.mailbox().is_some()
    }

    /// Tells the person by mail.
    pub fn mail(self, user: &User, policy: &Policy, notice: Notice, told: &Told, now: Moment) -> Option<Operation> {
        let mailbox = user.mailbox().filter(|_| self.reaches(user, policy))?;
        Some(post(Address::Mail(mailbox.to_owned()), user, policy, notice, told, now))
    }

    /// Sends the code that the first set-up needs; it is no notice, so it goes where those are off too.
    pub fn code(self, user: &User, policy: &Policy, told: &Told, now: Moment) -> Option<Operation> {
        let mailbox = user.mailbox().filter(|_| self.mail)?;
        Some(post(Address::Mail(mailbox.to_owned()), user, policy, Notice::EnrollmentCode, told, now))
    }

    /// Tells a number that was theirs by a text.
    pub fn text(
        self,
        to: PhoneNumber,
        user: &User,
        policy: &Policy,
        notice: Notice,
        told: &Told,
        now: Moment,
    ) -> Option<Operation> {
        self.text.then(|| post(Address::Phone(to), user, policy, notice, told, now))
    }

    /// Tells a fraud report: the person, and whoever the company names.
    pub fn fraud(self, user: &User, policy: &Policy, told: &Told, now: Moment) -> Vec<Operation> {
        let own = self.mail(user, policy, Notice::FraudReported, told, now);
        let staff = policy.fraud.notify.iter().filter(|_| self.mail);
        let staff = staff.map(|mailbox| {
            let by_name = Told { detail: format!("{} ({})", told.detail, user.name), ..told.clone() };
            post(Address::Mail(mailbox.clone()), user, policy, Notice::FraudReported, &by_name, now)
        });
        own.into_iter().chain(staff).collect()
    }
}

fn post(to: Address, user: &User, policy: &Policy, notice: Notice, told: &Told, now: Moment) -> Operation {
    let first = policy.portal.languages.first().map_or("en", String::as_str);
    let letter = Letter {
        to,
        notice,
        language: user.page_language.as_ref().or(user.seen_language.as_ref()).map_or(first, String::as_str).to_owned(),
        name: user.called().to_owned(),
        at: now,
        place: told.place.clone(),
        detail: told.detail.clone(),
        tries: 0,
        next_at: now,
    };
    let id = LetterId::from_bits(crate::random::bits());
    let key = if notice == Notice::EnrollmentCode { format!("{URGENT}{id}") } else { id.to_string() };
    Operation::put(key, &LetterRecord { letter, created_at: now }, Expect::Absent)
}
