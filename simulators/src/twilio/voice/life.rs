//! The life of a call: dialled, ringing, answered, over, and told at each step.
//! It ends quietly after a reset.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::book::{Change, Placed, Status};
use super::interruption::Over;
use super::parameters::Event;
use super::play::Line;
use super::reports::Reports;
use crate::calls::{self, Act, End, Greeting, Person};
use crate::delivery::Exchange;
use crate::dice::Fate;
use crate::gateway::{Gateway, InFlight};

/// From acceptance to dialling, and from there to the first sign of life.
const UNTIL_DIALLED: Duration = Duration::from_millis(10);
const UNTIL_RINGING: Duration = Duration::from_millis(10);
/// How long a voice is listened to before it is taken for a person's or a machine's.
const DETECTION: Duration = Duration::from_millis(200);

/// What is to be called how at the end.
struct Ending {
    status: Status,
    sip: Option<u16>,
    end: End,
}

/// What came of ringing.
enum Rang {
    Answered,
    Over(Ending),
    Forgotten,
}

struct Life {
    exchange: Exchange,
    gateway: Arc<Gateway>,
    placed: Arc<Placed>,
    changes: mpsc::Receiver<Change>,
    reports: Reports,
    fate: Fate,
}

/// Sends an accepted call on its way.
pub(super) fn begin(
    exchange: &Exchange,
    gateway: &Arc<Gateway>,
    placed: Arc<Placed>,
    changes: mpsc::Receiver<Change>,
    fate: Fate,
    place: InFlight,
) {
    let reports = Reports::new(exchange, gateway, &placed, &fate, place);
    let life = Life { exchange: exchange.clone(), gateway: Arc::clone(gateway), placed, changes, reports, fate };
    let epoch = exchange.world.epoch();
    tokio::spawn(async move {
        let world = Arc::clone(&life.exchange.world);
        tokio::select! {
            () = life.run() => {}
            () = world.reset_after(epoch) => {}
        }
    });
}

impl Life {
    async fn run(mut self) {
        tokio::time::sleep(UNTIL_DIALLED).await;
        if self.is_hung_up() {
            return self.over(None, canceled());
        }
        self.placed.go_on(|stage, now| stage.start_ms = Some(now));
        self.reports.tell(Event::Initiated);
        let draft = calls::Draft {
            id: Some(self.placed.sid.clone()),
            gateway: self.gateway.name.clone(),
            from: self.placed.draft.from.to_string(),
            to: self.placed.draft.to,
        };
        let (call, mut person) = self.exchange.world.ring(draft, self.fate.whim);
        match self.ring(&mut person).await {
            Rang::Answered => {
                if let Some(ending) = self.converse(&mut person).await {
                    self.over(Some(&call), ending);
                }
            }
            Rang::Over(ending) => self.over(Some(&call), ending),
            Rang::Forgotten => {}
        }
    }

    fn is_hung_up(&mut self) -> bool {
        matches!(self.changes.try_recv(), Ok(Change::Cancel | Change::HangUp))
    }

    async fn ring(&mut self, person: &mut Person) -> Rang {
        let until = Instant::now() + self.placed.draft.ring;
        // What the carrier says at once comes without any ringing.
        let mut first = timeout(UNTIL_RINGING, person.act()).await.ok();
        if let Some(Rang::Over(ending)) = first.filter(|act| !matches!(act, Act::Decline)).and_then(rang) {
            return Rang::Over(ending);
        }
        self.placed.go_on(|stage, _| stage.status = Status::Ringing);
        self.reports.tell(Event::Ringing);
        loop {
            let act = match first.take() {
                Some(act) => act,
                None => tokio::select! {
                    act = person.act() => act,
                    Some(change) = self.changes.recv() => match change {
                        Change::Cancel | Change::HangUp => return Rang::Over(canceled()),
                        Change::Say(_) => continue,
                    },
                    () = sleep_until(until) => return Rang::Over(unanswered()),
                },
            };
            if let Some(rang) = rang(act) {
                return rang;
            }
        }
    }

    /// How the conversation ended; `None` after a reset.
    async fn converse(&mut self, person: &mut Person) -> Option<Ending> {
        let greeting = person.answered();
        self.placed.go_on(|stage, now| (stage.status, stage.answer_ms) = (Status::InProgress, Some(now)));
        self.reports.tell(Event::Answered);
        let mut line = Line {
            exchange: &self.exchange,
            gateway: &self.gateway,
            placed: &self.placed,
            person,
            changes: &mut self.changes,
            limit: self.placed.draft.limit.map(|limit| Instant::now() + limit),
            twice: self.fate.duplicate_callbacks,
        };
        let over = match begin_talk(&mut line, greeting).await {
            Ok(()) => line.play(self.placed.draft.source.clone()).await,
            Err(over) => over,
        };
        let end = match over {
            Over::Caller => End::CallerHungUp,
            Over::Phone => End::HungUp,
            Over::TooLong | Over::Failed => End::Cut,
            Over::Forgotten => return None,
        };
        Some(Ending { status: Status::Completed, sip: Some(200), end })
    }

    fn over(&mut self, call: Option<&calls::Call>, ending: Ending) {
        if let Some(call) = call {
            call.end(ending.end);
        }
        self.placed.go_on(|stage, now| {
            (stage.status, stage.sip, stage.end_ms) = (ending.status, ending.sip, Some(now));
        });
        self.reports.tell(Event::Completed);
    }
}

/// What the provider does before it asks for a document.
async fn begin_talk(line: &mut Line<'_>, greeting: Option<Greeting>) -> Result<(), Over> {
    if let Some(digits) = &line.placed.draft.digits {
        line.press(&digits.clone()).await?;
    }
    if line.placed.draft.machine_detection {
        line.listen_for(DETECTION).await?;
        let by = match greeting {
            None => "human",
            Some(Greeting::Voicemail) => "machine_start",
            // A menu is neither, and the provider says so.
            Some(Greeting::Attendant) => "unknown",
        };
        line.placed.go_on(|stage, _| stage.answered_by = Some(by));
    }
    Ok(())
}

fn rang(act: Act) -> Option<Rang> {
    let over = |status, sip, end| Some(Rang::Over(Ending { status, sip: Some(sip), end }));
    match act {
        Act::Answer => Some(Rang::Answered),
        Act::Busy => over(Status::Busy, 486, End::Busy),
        Act::Decline => over(Status::Busy, 603, End::Declined),
        Act::Unreachable => over(Status::Failed, 480, End::Unreachable),
        Act::Unallocated => over(Status::Failed, 404, End::Unallocated),
        Act::Forget => Some(Rang::Forgotten),
        // For a call that was answered.
        Act::Press(_) | Act::HangUp | Act::Hold | Act::Resume => None,
    }
}

fn canceled() -> Ending {
    Ending { status: Status::Canceled, sip: Some(487), end: End::Cancelled }
}

fn unanswered() -> Ending {
    Ending { status: Status::NoAnswer, sip: Some(487), end: End::NotAnswered }
}
