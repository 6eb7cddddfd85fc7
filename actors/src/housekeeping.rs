//! What is done now and then: removal of what is over, and a try whether a full store has room again.
//! Refuses to hold up verifications: each call is one small change.

use crate::handle::Engine;
use crate::ledger::LedgerState;
use crate::records::RoomRecord;
use crate::refused::Refused;
use std::time::Duration;
use store::{Expect, Kind, Log, Operation};

/// Expired records that are removed at once: few enough not to hold up others.
const PRUNED: u32 = 1_000;

/// The mark that is written to see whether the store has room, and its bytes: more than a page that is half full takes.
const ROOM_ID: &str = "room";
const ROOM: usize = 65_536;
/// Rows of a log that are removed at once: some 15 ms of the Ledger.
const RETIRED: u32 = 1_000;

impl Engine {
    /// Removes some idempotency keys and marks of messages whose time is over, and says whether there may be more; call it
    /// now and then, and again while there are more.
    pub async fn prune(&self) -> Result<bool, Refused> {
        let prune = Operation::Prune { now: self.now(), limit: PRUNED };
        let receipt = self.shared().ledger.commit(vec![prune].into()).await?;
        Ok(receipt.numbers == [u64::from(PRUNED)])
    }

    /// Where the last write failed: tries one, so that readiness comes back although nobody asks for anything.
    pub async fn probe_store(&self) -> Result<(), Refused> {
        if self.ledger_state() == LedgerState::Good {
            return Ok(());
        }
        let room = RoomRecord { filler: "x".repeat(ROOM) };
        let operations =
            vec![Operation::put(ROOM_ID, &room, Expect::Any), Operation::delete(Kind::Mark, ROOM_ID, Expect::Any)];
        self.commit(operations).await
    }

    /// Removes some rows of `log` whose whole day had ended `keep` ago, and says whether there may be more; call it now and
    /// then, and again while there are more.
    pub async fn retire(&self, log: Log, keep: Duration) -> Result<bool, Refused> {
        let retire = Operation::Retire { log, before: self.now() - keep, limit: RETIRED };
        let receipt = self.shared().ledger.commit(vec![retire].into()).await?;
        Ok(receipt.numbers == [u64::from(RETIRED)])
    }
}
