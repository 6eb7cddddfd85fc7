//! A call's media as whoever carries its signalling sees it.
//! Refuses to know SIP: texts come in and go out, when they do is decided there.

use super::keys::info::InfoRefused;
use super::pacer::Line;
use super::sdp::SdpRefused;
use super::{Sound, Sounds, Statistics};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// One call's media. Dropping it ends the sound and closes the sockets, within 20 ms.
pub struct Leg {
    pub(super) line: Arc<Line>,
    pub(super) sounds: Arc<Sounds>,
}

impl fmt::Debug for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leg").field("sound", &self.line.pair.sound).finish_non_exhaustive()
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.line.is_closed.store(true, Ordering::Relaxed);
    }
}

impl Leg {
    /// Our SDP for an INVITE, a refresh, or the 200 to a re-INVITE without an offer. The version in `o=` is a new one only
    /// if the content is. With secure sound it holds a key: send it over TLS only, and log none of it.
    pub fn offer(&self) -> Vec<u8> {
        self.line.talk().offer()
    }

    /// The peer's answer, from a 183, a 200, or the ACK to a 200 with our offer. Each replaces the one before.
    ///
    /// # Errors
    /// There is no sound in common; the call must end.
    pub fn take_answer(&self, sdp: &[u8]) -> Result<(), SdpRefused> {
        self.line.talk().take_answer(sdp, self.sounds.clock.now())
    }

    /// An offer of the peer in a re-INVITE or UPDATE; gives our answer. Sound goes to the new place from now on, and stops
    /// if it is a hold. Of several streams one is taken, the others get port 0.
    ///
    /// # Errors
    /// Answer 488; everything stays as it was agreed before.
    pub fn take_offer(&self, sdp: &[u8]) -> Result<Vec<u8>, SdpRefused> {
        self.line.talk().take_offer(sdp, self.sounds.clock.now())
    }

    /// The 200 is here: from now on keys count and sound goes out, silence where nothing is played. Doing it again does
    /// nothing.
    pub fn connect(&self) {
        self.line.talk().connect(self.sounds.clock.now());
    }

    /// Plays these in order, instead of whatever is being played. `Heard::Played` is told once all are sent; nothing is
    /// played before `connect` and on hold. With the sounds of the last call of this, and with none, that is told too.
    pub fn play(&self, sounds: Vec<Sound>) {
        self.line.talk().play(sounds);
    }

    /// Plays nothing any more. No `Heard::Played` is told after it returns, so that whoever wants to play something else
    /// can stop, empty the channel, and play.
    pub fn stop(&self) {
        self.line.talk().stop();
    }

    /// A key from SIP INFO (sip.md §6.2). A repeated request must not come here again. It counts only once connected.
    ///
    /// # Errors
    /// Answer as the error says.
    pub fn info(&self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused> {
        self.line.talk().info(content_type, body)
    }

    /// Takes a datagram that did not come by the socket, at this time since the start of [`Sounds`]: for replays of what
    /// was received elsewhere.
    pub fn replay(&self, datagram: &mut [u8], from: SocketAddr, at: Duration) {
        self.line.talk().take(datagram, from, at);
    }

    /// What was sent and received until now.
    pub fn statistics(&self) -> Statistics {
        self.line.talk().counts
    }
}
