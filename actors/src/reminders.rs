//! Reminders of set-ups that were begun: each waits under the time when it is due, so that nobody looks through all people.
//! Refuses to remind anybody of what is finished, or closed to them by now.

use crate::handle::Engine;
use crate::letters::{Doors, Told};
use crate::people::Person;
use crate::records::ReminderRecord;
use crate::refused::Refused;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::User;
use engine::policy::Policy;
use engine::progress::Reminder;
use engine::setup::window_is_open;
use store::{Document, Expect, Kind, Operation, Record};

/// Reminders that are looked at at once.
const PAGE: usize = 200;

/// The first reminder of somebody whose set-up was begun just now.
pub fn first_reminder(user: &User) -> Option<Operation> {
    reminder(user, 0)
}

fn reminder(user: &User, nth: u8) -> Option<Operation> {
    let begun = user.begun.as_ref()?;
    Some(put(begun.reminder_at(nth)?, &ReminderRecord { user: user.name.clone(), of: begun.at, nth }))
}

/// The same set-up has one reminder at a time, and another one after it was begun anew, so the person tells them apart.
fn put(due: Moment, record: &ReminderRecord) -> Operation {
    Operation::put(format!("{:015} {}", due.millis(), record.user), record, Expect::Any)
}

fn is_due(record: &Record, now: Moment) -> bool {
    let due = record.key.id.split(' ').next().and_then(|due| due.parse::<u64>().ok());
    due.is_none_or(|due| due <= now.millis())
}

impl Engine {
    /// Sends some of the reminders that are due, and says whether there may be more.
    pub async fn remind(&self) -> Result<bool, Refused> {
        let now = self.now();
        let page = self.read(|store| store.list(Kind::Reminder, None, PAGE)).await?;
        let due: Vec<_> = page.iter().filter(|record| is_due(record, now)).collect();
        for record in &due {
            self.remind_one(record).await?;
        }
        if !due.is_empty() {
            self.tell();
        }
        Ok(due.len() == PAGE)
    }

    async fn remind_one(&self, record: &Record) -> Result<(), Refused> {
        let gone = Operation::delete(Kind::Reminder, record.key.id.clone(), Expect::Any);
        let reminder = match ReminderRecord::from_record(record) {
            Ok(reminder) => reminder,
            Err(cause) => {
                tracing::error!(key = %record.key.id, %cause, "a reminder cannot be read; it is removed");
                return self.commit(vec![gone]).await;
            }
        };
        let (name, doors) = (reminder.user.clone(), self.doors());
        let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
            let mut operations = vec![gone];
            operations.extend(what_follows(person, &reminder, doors, policy, now));
            Ok(operations)
        };
        self.amend(&name, Box::new(amendment)).await
    }
}

fn what_follows(
    person: &mut Person,
    due: &ReminderRecord,
    doors: Doors,
    policy: &Policy,
    now: Moment,
) -> Vec<Operation> {
    let Some(user) = person.user.as_mut() else { return vec![] };
    match user.value.reminder(due.of, now) {
        Reminder::Drop => vec![],
        Reminder::Wait(until) => vec![put(until, due)],
        Reminder::Send => {
            let mail = if may_go_on(&user.value, policy, now) {
                doors.mail(&user.value, policy, Notice::SetUpReminder, &Told::default(), now)
            } else {
                None
            };
            let sent = u8::from(mail.is_some());
            user.value.begun.iter_mut().for_each(|begun| begun.reminders += sent);
            let next = reminder(&user.value, due.nth + 1);
            let write = mail.is_some().then(|| user.write(&due.user));
            mail.into_iter().chain(write).chain(next).collect()
        }
    }
}

/// Whether the sign-in that a reminder leads to would lead on to the set-up.
fn may_go_on(user: &User, policy: &Policy, now: Moment) -> bool {
    let portal = &policy.portal;
    let open = portal.allow_log_in && portal.allow_enrollment && window_is_open(user, policy, now);
    open && !user.blocked(now) && !portal.url.is_empty()
}
