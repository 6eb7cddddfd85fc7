//! One call's sound, without sockets and clocks: what was agreed, what is said, what is heard.
//! Refuses to send a sound or to count a key before the call was answered.

use super::hearing::Hearing;
use super::keys::ears::Source;
use super::keys::info::{self, InfoRefused};
use super::sdp::{self, Flow, Local, Remote, SdpRefused};
use super::speaking::Speaking;
use super::{Heard, Sound, Statistics};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// A peer that speaks is never so long without a packet (sip.md §5.2).
const SILENT: Duration = Duration::from_secs(30);

/// The sound of a call.
#[derive(Debug)]
pub(super) struct Talk {
    local: Local,
    remote: Option<Remote>,
    is_connected: bool,
    speaking: Speaking,
    pub hearing: Hearing,
    /// Since when nothing came, `None` once that was told.
    quiet_since: Option<Duration>,
    pub counts: Statistics,
    /// `None` once nothing can be told any more.
    heard: Option<UnboundedSender<Heard>>,
}

impl Talk {
    pub fn new(local: Local, speaking: Speaking, strict: bool, heard: UnboundedSender<Heard>) -> Self {
        Self {
            local,
            remote: None,
            is_connected: false,
            speaking,
            hearing: Hearing::new(strict),
            quiet_since: None,
            counts: Statistics::default(),
            heard: Some(heard),
        }
    }

    pub fn offer(&mut self) -> Vec<u8> {
        self.local.offer()
    }

    pub fn take_answer(&mut self, text: &[u8], now: Duration) -> Result<(), SdpRefused> {
        let answered = self.read(text)?;
        self.agree(answered.remote, now);
        Ok(())
    }

    pub fn take_offer(&mut self, text: &[u8], now: Duration) -> Result<Vec<u8>, SdpRefused> {
        let offered = self.read(text)?;
        let answer = self.local.answer(&offered);
        self.agree(offered.remote, now);
        Ok(answer)
    }

    fn read(&self, text: &[u8]) -> Result<sdp::Offered, SdpRefused> {
        sdp::read(text, self.local.key().is_some(), self.local.address())
    }

    fn agree(&mut self, remote: Remote, now: Duration) {
        self.hearing.agree(&remote);
        let was_held = self.is_held();
        self.remote = Some(remote);
        if was_held == self.is_held() {
            return;
        }
        self.tell(if was_held { Heard::Resumed } else { Heard::Held });
        self.listen_anew(now);
    }

    fn is_held(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| !remote.flow.listens())
    }

    /// From now on the peer is expected to speak.
    pub fn connect(&mut self, now: Duration) {
        if !self.is_connected {
            self.is_connected = true;
            self.hearing.connect(now, &mut self.counts);
            self.listen_anew(now);
        }
    }

    fn listen_anew(&mut self, now: Duration) {
        self.quiet_since = Some(now);
    }

    pub fn play(&mut self, sounds: Vec<Sound>) {
        self.speaking.player.play(sounds);
    }

    pub fn stop(&mut self) {
        self.speaking.player.stop();
    }

    pub fn info(&mut self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused> {
        let key = info::read(content_type, body)?;
        if self.is_connected {
            self.hearing.ears.heard(Source::Info, key).into_iter().for_each(|key| self.tell(Heard::Key(key)));
        }
        Ok(())
    }

    /// Sends what belongs to these 20 ms, and tells what came of waiting.
    pub fn tick(&mut self, now: Duration, send: &mut impl FnMut(&[u8], SocketAddr) -> bool) {
        self.hearing.tick(now, &mut self.counts);
        self.tell_keys();
        self.notice_silence(now);
        if self.is_connected {
            self.speak(now, send);
        }
    }

    fn speak(&mut self, now: Duration, send: &mut impl FnMut(&[u8], SocketAddr) -> bool) {
        let (Some(remote), Some(address)) = (&self.remote, self.hearing.address()) else { return };
        if !remote.flow.listens() {
            self.speaking.rest();
            return;
        }
        let counts = &mut self.counts;
        let is_dialling = self.speaking.tick(remote, &mut |packet: &[u8]| {
            let went = send(packet, address);
            counts.sent += u64::from(went);
            counts.unsent += u64::from(!went);
        });
        if is_dialling {
            self.hearing.deafen(now);
        }
        if self.speaking.player.is_over() {
            self.tell(Heard::Played);
        }
    }

    /// Takes a datagram that came.
    pub fn take(&mut self, datagram: &mut [u8], from: SocketAddr, now: Duration) {
        if self.hearing.take(datagram, from, now, &mut self.counts) {
            self.listen_anew(now);
            self.tell_keys();
        }
    }

    fn tell_keys(&mut self) {
        for key in std::mem::take(&mut self.hearing.pressed) {
            self.tell(Heard::Key(key));
        }
    }

    fn notice_silence(&mut self, now: Duration) {
        let speaks = self.remote.as_ref().is_some_and(|remote| remote.flow == Flow::SendRecv);
        let is_over = self.quiet_since.is_some_and(|since| now.saturating_sub(since) >= SILENT);
        if self.is_connected && speaks && is_over {
            self.quiet_since = None;
            self.tell(Heard::Silent);
        }
    }

    /// Whoever listened may be gone; then the call is about to be.
    fn tell(&mut self, heard: Heard) {
        if let Some(listener) = &self.heard {
            let _gone = listener.send(heard);
        }
    }

    /// Tells nothing any more, which ends the channel.
    pub fn fail(&mut self) {
        self.heard = None;
    }
}

#[cfg(test)]
mod tests;
