//! Reminders of set-ups that were begun: each waits under the time when it is due, so that nobody looks through all people.
//! Refuses to remind anybody of what is finished, or closed to them by now, and to crowd out other mail.

use crate::handle::Engine;
use crate::letters::{Doors, Told};
use crate::people::Person;
use crate::records::ReminderRecord;
use crate::refused::Refused;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::User;
use engine::policy::Policy;
use engine::progress::{Reminder, Seen};
use engine::setup::closed;
use std::time::Duration;
use store::{Document, Expect, Kind, Operation, Record};

/// Reminders that are looked at at once, and the pause after them.
const PAGE: usize = 100;
const BREATH: Duration = Duration::from_millis(5);
/// Letters that wait to be sent before reminders wait too.
const WAITING: u64 = 500;
/// What is told of somebody who has entered something.
pub const ENTERED: &str = "entered";

/// The next reminder of a set-up.
pub fn next_reminder(user: &User, now: Moment) -> Option<Operation> {
    let begun = user.begun.as_ref()?;
    Some(put(begun.reminder_after(now)?, &ReminderRecord { user: user.name.clone(), of: begun.at }))
}

/// The person is seen at an unfinished set-up: what is to be written beside them, or `None` if nothing is.
pub fn seen_setting_up(user: &mut User, now: Moment) -> Option<Vec<Operation>> {
    match user.seen_setting_up(now) {
        Seen::First => Some(next_reminder(user, now).into_iter().collect()),
        Seen::Again => Some(vec![]),
        Seen::Lately => None,
    }
}

/// Whether the person would be reminded if it were time.
pub fn would_be_reminded(user: &User, doors: Doors, policy: &Policy, now: Moment) -> bool {
    closed(user, policy, doors.reach(), now).is_none() && !policy.portal.url.is_empty() && doors.reaches(user, policy)
}

/// A set-up that was begun anew has reminders of its own, so the person tells them apart.
fn put(due: Moment, record: &ReminderRecord) -> Operation {
    Operation::put(format!("{:015} {}", due.millis(), record.user), record, Expect::Any)
}

fn is_due(record: &Record, now: Moment) -> bool {
    let due = record.key.id.split(' ').next().and_then(|due| due.parse::<u64>().ok());
    due.is_none_or(|due| due <= now.millis())
}

impl Engine {
    /// Sends the reminders that are due, a few at a time, as long as no other letters wait.
    pub async fn remind(&self) -> Result<(), Refused> {
        let mut after: Option<String> = None;
        while !self.is_stopping() && self.read(|store| store.count(Kind::Letter)).await? < WAITING {
            let (from, now) = (after.take(), self.now());
            let page = self.read(move |store| store.list(Kind::Reminder, from.as_deref(), PAGE)).await?;
            let due: Vec<_> = page.iter().filter(|record| is_due(record, now)).collect();
            for record in &due {
                self.remind_one(record).await?;
            }
            if !due.is_empty() {
                self.tell();
            }
            if due.len() < PAGE {
                return Ok(());
            }
            after = page.last().map(|record| record.key.id.clone());
            tokio::time::sleep(BREATH).await;
        }
        Ok(())
    }

    /// One that fails holds nothing else back, unless nothing can be written.
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
        match self.amend(&name, Box::new(amendment)).await {
            Err(why @ (Refused::NotWritten(_) | Refused::Unavailable)) => Err(why),
            Err(cause) => {
                tracing::error!(key = %record.key.id, %cause, "somebody cannot be reminded; it is tried again");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
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
        Reminder::Drop => return vec![],
        Reminder::Wait(until) => return vec![put(until, due)],
        Reminder::Send => {}
    }
    let next = next_reminder(&user.value, now);
    if !would_be_reminded(&user.value, doors, policy, now) {
        return next.into_iter().collect();
    }
    let detail = if user.value.draft.is_some() { ENTERED } else { "" };
    let told = Told { detail: detail.into(), ..Told::default() };
    let mail = doors.mail(&user.value, policy, Notice::SetUpReminder, &told, now);
    user.value.begun.iter_mut().for_each(|begun| begun.reminders = begun.reminders.saturating_add(1));
    mail.into_iter().chain([user.write(&due.user)]).chain(next).collect()
}
