//! Over which address of the trunk a call goes, and when the next one is tried (RFC 3263 §4.3).
//! Refuses another address where the phone may have rung.

use super::super::digest::Attempts;
use super::{Action, Media, Signalling, Stage};
use crate::call::CallEnd;
use std::time::Duration;

impl Signalling {
    /// The address of the trunk that the call goes over.
    pub fn peer(&self) -> usize {
        self.plan.peers.get(self.calling.peer).copied().unwrap_or_default()
    }

    /// The address that the INVITE of this number went to.
    pub(super) fn peer_of(&self, number: u32) -> usize {
        let way = self.calling.ways.iter().find(|(known, _)| *known == number);
        way.map_or_else(|| self.peer(), |(_, peer)| *peer)
    }

    /// This address takes no calls for a while.
    pub(super) fn avoid(&mut self) {
        self.act(Action::Avoid { peer: self.peer(), retry_after: None });
    }

    /// Timer B. The INVITE may have arrived and only its answers not: the phone may have rung. So nobody calls it again, and
    /// it counts as not answered (sip.md §4.8), which leads to another phone or method; `Ambiguous` would say no more.
    pub(super) fn silent(&mut self, now: Duration) {
        match self.stage {
            // It rang for longer than any call may.
            Stage::Ringing => self.cancel(now),
            Stage::Calling | Stage::Unwanted | Stage::Cancelling | Stage::Up | Stage::Gone => self.avoid(),
        }
        self.end(CallEnd::NoAnswer, now);
    }

    pub(super) fn broken(&mut self, sent: bool, media: &dyn Media, now: Duration) {
        self.avoid();
        let rings = self.stage == Stage::Ringing;
        if sent || rings {
            if rings {
                // Over another connection; the phone would ring on otherwise.
                self.cancel(now);
            }
            let cause = "the connection to the trunk broke before it answered".into();
            return self.end(CallEnd::Ambiguous { cause }, now);
        }
        if !self.next_peer(media) {
            self.end(CallEnd::Unavailable { cause: "no connection to the trunk".into(), retry_after: None }, now);
        }
    }

    /// Tries the next address, if there is one (RFC 3263 §4.3).
    pub(super) fn next_peer(&mut self, media: &dyn Media) -> bool {
        if self.calling.peer + 1 >= self.plan.peers.len() {
            return false;
        }
        self.calling.peer += 1;
        self.calling.attempts = Attempts::default();
        self.dialogs.iter_mut().for_each(|other| other.lost = true);
        self.invite(media);
        true
    }
}
