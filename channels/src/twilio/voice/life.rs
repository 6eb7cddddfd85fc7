//! The life of a call: takes what happens, has the machine say what follows, and does it.
//! Refuses rules: they are the machine's.

use super::step::{Act, Event};
use super::table::Place;
use super::talk::Talk;
use super::twiml::Twiml;
use super::webhook::{Asked, Told};
use super::{TwilioVoice, document, ending};
use crate::call::{Call, CallEnd, Hears, News, Order};
use crate::text::SendError;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use std::mem;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// A provider asks once and perhaps once more; whoever asks beyond that hangs up.
const MOST_ASKING: usize = 4;

/// A callback on its way to its call.
pub(super) enum Happening {
    /// What is to be said?
    Asked { sid: String, asked: Asked, answer: oneshot::Sender<Twiml> },
    /// So far it is.
    Told { sid: String, told: Told },
}

/// A call that is not over.
pub(super) struct Life<'a> {
    voice: &'a TwilioVoice,
    place: Place<'a>,
    call: Call,
    orders: UnboundedReceiver<Order>,
    ordered_last: bool,
    hears: Hears,
    inbox: Receiver<Happening>,
    talk: Talk,
    asking: Vec<oneshot::Sender<Twiml>>,
    last: Twiml,
    /// Requests that are out.
    errands: FuturesUnordered<BoxFuture<'a, Option<Event>>>,
}

impl<'a> Life<'a> {
    pub(super) fn new(
        voice: &'a TwilioVoice,
        (place, inbox): (Place<'a>, Receiver<Happening>),
        call: Call,
        orders: UnboundedReceiver<Order>,
        hears: Hears,
    ) -> Self {
        let talk = Talk::new(call.ring, call.longest);
        let (asking, last, errands) = (Vec::new(), Twiml::hang_up(), FuturesUnordered::new());
        Self { voice, place, call, orders, ordered_last: false, hears, inbox, talk, asking, last, errands }
    }

    /// Places the call and carries it to its end.
    pub(super) async fn run(mut self) -> CallEnd {
        self.errands.push(Box::pin(place(self.voice, self.call.clone())));
        loop {
            let acts = self.next().await;
            for act in acts {
                if let Some(end) = self.perform(act) {
                    return end;
                }
            }
        }
    }

    /// What follows from what happens next.
    async fn next(&mut self) -> Vec<Act> {
        let deadline = self.talk.deadline();
        let event = tokio::select! {
            biased;
            order = self.orders.recv(), if !self.ordered_last => {
                self.ordered_last = order.is_none();
                Event::Order(order.unwrap_or(Order::HangUp))
            }
            Some(done) = self.errands.next(), if !self.errands.is_empty() => match done {
                Some(event) => event,
                None => return Vec::new(),
            },
            Some(happening) = self.inbox.recv() => return self.happened(happening),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => self.late(),
        };
        self.talk.on(event, Instant::now())
    }

    fn late(&self) -> Event {
        if self.talk.is_asking() {
            let attempt = self.call.attempt;
            tracing::warn!(gateway = self.voice.name(), %attempt, "nobody said what is to be said; the call is ended");
        }
        Event::Late
    }

    fn happened(&mut self, happening: Happening) -> Vec<Act> {
        let (now, mut acts) = (Instant::now(), Vec::new());
        match happening {
            Happening::Asked { sid, asked, answer } => {
                if self.talk.is_named(&sid, now, &mut acts) && self.asking.len() < MOST_ASKING {
                    self.asking.push(answer);
                    acts.extend(self.talk.on(Event::Asked(asked), now));
                } else {
                    dismiss(answer);
                }
            }
            Happening::Told { sid, told } => {
                if self.talk.is_named(&sid, now, &mut acts) {
                    acts.extend(self.talk.on(Event::Told(told), now));
                }
            }
        }
        acts
    }

    fn perform(&mut self, act: Act) -> Option<CallEnd> {
        match act {
            Act::Tell(news) => self.tell(news),
            Act::Say(turn, number) => {
                let next = self.voice.gather_url(self.call.attempt, number);
                self.last = document::document(&turn, &next, &self.voice.voices);
                self.answer();
            }
            Act::Repeat => self.repeat(),
            Act::Dismiss => mem::take(&mut self.asking).into_iter().for_each(dismiss),
            Act::Redirect(after) => self.redirect(after),
            Act::HangUp { answered } => self.hang_up(answered),
            Act::LookFor => self.errands.push(Box::pin(look_for(self.voice, self.call.to.to_string()))),
            Act::LookAt => self.look_at(),
            Act::End(end) => return Some(end),
        }
        None
    }

    fn tell(&mut self, news: News) {
        if let News::Placed { provider_id } = &news {
            self.place.name(provider_id);
        }
        (self.hears)(news);
    }

    /// For whoever asked last: others wait for what is to be said next.
    fn repeat(&mut self) {
        if let Some(asking) = self.asking.pop() {
            let _: Result<(), Twiml> = asking.send(self.last.clone());
        }
    }

    fn answer(&mut self) {
        for asking in mem::take(&mut self.asking) {
            // Whoever went away asks again, and has it then.
            let _: Result<(), Twiml> = asking.send(self.last.clone());
        }
    }

    fn redirect(&mut self, after: u32) {
        let url = self.voice.gather_url(self.call.attempt, after);
        self.errand(|voice, sid| async move {
            if let Err(error) = voice.redirect(&sid, &url).await {
                tracing::warn!(gateway = voice.name(), %error, "a call could not be told what to say next");
            }
            None
        });
    }

    fn hang_up(&mut self, answered: bool) {
        self.errand(move |voice, sid| async move {
            if let Err(error) = voice.hang_up(&sid, answered).await {
                tracing::warn!(gateway = voice.name(), %error, "a call could not be ended; its time limit ends it");
            }
            Some(Event::HungUp)
        });
    }

    fn look_at(&mut self) {
        self.errand(|voice, sid| async move {
            let looked = voice.look_at(&sid).await;
            let told =
                looked.inspect_err(|error| tracing::warn!(gateway = voice.name(), %error, "a call is out of sight"));
            Some(Event::Looked(told.ok()))
        });
    }

    /// Sends a request about this call; the machine asks for none before the call's id is known.
    fn errand<F>(&mut self, request: impl FnOnce(&'a TwilioVoice, String) -> F)
    where
        F: Future<Output = Option<Event>> + Send + 'a,
    {
        if let Some(sid) = self.talk.sid() {
            self.errands.push(Box::pin(request(self.voice, sid.to_owned())));
        }
    }
}

async fn place(voice: &TwilioVoice, call: Call) -> Option<Event> {
    Some(match voice.place(&call).await {
        Ok(sid) => Event::Placed(sid),
        Err(SendError::Ambiguous { cause }) => Event::Doubtful(cause),
        Err(error) => Event::NotPlaced(ending::of_error(error)),
    })
}

/// Only to learn: whatever it says, nothing is placed again.
async fn look_for(voice: &TwilioVoice, to: String) -> Option<Event> {
    let found = voice.look_for(&to).await;
    let found =
        found.inspect_err(|error| tracing::warn!(gateway = voice.name(), %error, "the list of calls is out of reach"));
    Some(Event::Found(found.ok().flatten()))
}

fn dismiss(asking: oneshot::Sender<Twiml>) {
    // Whoever went away hung up already.
    let _: Result<(), Twiml> = asking.send(Twiml::hang_up());
}
