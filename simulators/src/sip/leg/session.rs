//! The sound of a call as SDP agrees on it.
//! It opens no sound that nobody could hear.

use std::sync::Arc;

use super::super::carrier::Carrier;
use super::super::media::{Far, Heard, Line, Place};
use super::super::sdp::{self, Direction, Ours, Said};
use super::Leg;
use crate::calls::{Call, Calls, KeyStyle};
use crate::message::mix;
use crate::sound::law::Law;
use tokio::sync::mpsc;

pub(super) struct Sound {
    pub(super) line: Arc<Line>,
    heard: mpsc::UnboundedReceiver<Heard>,
    pub(super) ours: Ours,
    /// Whether it is among the calls that are carried.
    pub(super) counted: bool,
    _place: Place,
}

impl Sound {
    fn open(carrier: &Carrier, ours_ip: std::net::IpAddr, seed: u64) -> std::io::Result<Self> {
        let (line, heard) = Line::open(ours_ip, &carrier.trunk, seed)?;
        let ours = Ours {
            address: line.address()?,
            law: Law::Mu,
            event: None,
            direction: Direction::SendReceive,
            session: mix(seed) >> 2,
            version: 1,
        };
        let place = carrier.studio.enter(Arc::clone(&line));
        Ok(Self { line, heard, ours, counted: false, _place: place })
    }

    pub(super) async fn heard(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            // The line holds the other end and is held here.
            None => std::future::pending().await,
        }
    }

    /// Agrees with what the caller said; `event` is what we say for keys.
    pub(super) fn agree(&mut self, said: &Said, event: Option<u8>) {
        let law = said.laws.first().copied().unwrap_or(Law::Mu);
        let direction = said.direction.turned();
        let changed = (self.ours.law, self.ours.event, self.ours.direction) != (law, event, direction);
        self.ours.version += u64::from(changed);
        (self.ours.law, self.ours.event, self.ours.direction) = (law, event, direction);
        self.meet(said, event);
    }

    /// Connects to where the other side hears, and to nothing else of it.
    pub(super) fn meet(&self, said: &Said, event: Option<u8>) {
        let speaks = said.event.filter(|_| event.is_some());
        let hears = self.ours.direction.sends() && said.direction.turned().sends();
        self.line.connect(Far { address: said.address, law: self.ours.law, event: speaks, hears }, event);
    }

    /// What was heard and not told yet, at the end of the call.
    pub(super) fn last_words(&mut self, calls: &Calls, call: &Arc<Call>) {
        let mut last = Vec::new();
        while let Ok(heard) = self.heard.try_recv() {
            last.push(heard);
        }
        last.extend(self.line.finish());
        for heard in last {
            if let Heard::Stretch { law, .. } = heard {
                calls.hear_sound(call, law);
            }
        }
    }
}

impl Leg {
    /// The number for keys that we answer to an offer, where keys travel as events at all.
    pub(super) fn our_event(&self, offered: Option<u8>) -> Option<u8> {
        let style = self.person.as_ref().map(|person| person.behaviour().key_style);
        let other = self.carrier.trunk.settings.event_payload;
        let offered = offered.filter(|_| style != Some(KeyStyle::Tone))?;
        Some(other.unwrap_or(offered))
    }

    /// Opens the sound for the offer of the INVITE, or makes an offer; gives the SDP.
    pub(super) fn open_sound(&mut self) -> Result<String, &'static str> {
        let offer = &self.dialog.invite.body;
        let said = if offer.is_empty() { None } else { Some(sdp::read(offer)?) };
        if self.sound.is_none() {
            let ip = self.dialog.path.local().ip();
            let opened = Sound::open(&self.carrier, ip, self.luck.whim);
            self.sound = Some(opened.map_err(|_| "the system has no more sockets")?);
        }
        let event = match &said {
            Some(said) => self.our_event(said.event),
            None => self.our_event(Some(101)),
        };
        let sound = self.sound.as_mut().ok_or("there is no sound")?;
        match &said {
            Some(said) => sound.agree(said, event),
            None => sound.ours.event = event,
        }
        Ok(sdp::write(&sound.ours, said.as_ref()))
    }

    /// The SDP of an answer to a request in the dialog, or of an offer where the request has none.
    pub(super) fn renegotiate(&mut self, offer: &[u8]) -> Result<String, &'static str> {
        let said = if offer.is_empty() { None } else { Some(sdp::read(offer)?) };
        let event = said.as_ref().and_then(|said| self.our_event(said.event));
        let sound = self.sound.as_mut().ok_or("there is no sound")?;
        if let Some(said) = &said {
            sound.agree(said, event);
        }
        Ok(sdp::write(&sound.ours, said.as_ref()))
    }

    /// The other side answered an offer of ours.
    pub(super) fn take_answer_sdp(&mut self, body: &[u8]) -> Result<(), &'static str> {
        let said = sdp::read(body)?;
        let event = said.event.filter(|_| self.sound.as_ref().is_some_and(|sound| sound.ours.event.is_some()));
        if let Some(sound) = &mut self.sound {
            sound.ours.law = said.laws.first().copied().unwrap_or(sound.ours.law);
            sound.meet(&said, event);
        }
        Ok(())
    }
}
