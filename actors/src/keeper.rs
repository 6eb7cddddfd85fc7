//! Keeps long-lived actors alive: one that dies is built anew after a pause, and not for ever.
//! Refuses to mend a broken value: what is built anew takes its state from the store, or from those who still have it.

use actix::dev::ToEnvelope;
use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, MailboxError, Message, ResponseActFuture, WrapFuture,
};
use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use metrics::counter;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Deaths, or builds that failed, within the window before the keeper gives up.
const DEATHS: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);
/// The pause before the first rebuild; each further one is four times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where an actor is reached, whichever of its lives it is in; vacant while it is built anew.
pub struct Post<A: Actor>(ArcSwapOption<Addr<A>>);

impl<A: Actor> Post<A> {
    /// A post that nobody holds yet.
    pub fn vacant() -> Self {
        Self(ArcSwapOption::empty())
    }

    /// From now on it is this one.
    pub fn fill(&self, addr: Addr<A>) {
        self.0.store(Some(Arc::new(addr)));
    }

    /// Sends news; nobody hears it while the post is vacant.
    pub fn do_send<M>(&self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
    {
        if let Some(addr) = &*self.0.load() {
            addr.do_send(message);
        }
    }

    /// Sends news, unless the mailbox is full or the post is vacant; then it comes back.
    pub fn try_send<M>(&self, message: M) -> Result<(), M>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
    {
        match &*self.0.load() {
            Some(addr) => addr.try_send(message).map_err(actix::prelude::SendError::into_inner),
            None => Err(message),
        }
    }

    /// Asks; `MailboxError::Closed` while the post is vacant.
    pub fn send<M>(&self, message: M) -> impl Future<Output = Result<M::Result, MailboxError>> + use<A, M>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
    {
        let asked = self.0.load().as_ref().map(|addr| addr.send(message));
        async move {
            match asked {
                Some(asked) => asked.await,
                None => Err(MailboxError::Closed),
            }
        }
    }
}

/// What is known of a kept actor from outside.
pub struct Kept {
    name: String,
    alive: AtomicBool,
    restarts: AtomicU32,
}

impl Kept {
    /// One that is not built yet.
    pub fn new(name: String) -> Self {
        Self { name, alive: AtomicBool::new(false), restarts: AtomicU32::new(0) }
    }

    /// For health, metrics and tests.
    pub fn state(&self) -> KeptState {
        KeptState {
            name: self.name.clone(),
            alive: self.alive.load(Ordering::Relaxed),
            restarts: self.restarts.load(Ordering::Relaxed),
        }
    }
}

/// A snapshot of a kept actor.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeptState {
    /// Its name: `desk 0`, `line sms` …
    pub name: String,
    /// Whether it works now.
    pub alive: bool,
    /// How often it was built anew.
    pub restarts: u32,
}

/// Held by a kept actor; its drop tells the keeper of the death.
pub struct Guard {
    keeper: Addr<Keeper>,
    child: usize,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.keeper.do_send(Died(self.child));
    }
}

/// Builds an actor, and fills its post once it can work.
pub type Build = Box<dyn Fn(Guard) -> LocalBoxFuture<'static, Result<(), String>> + Send>;

/// The actor that keeps those of one arbiter.
pub struct Keeper {
    children: Vec<Child>,
    stopping: Arc<AtomicBool>,
    given_up: Arc<watch::Sender<Option<String>>>,
}

struct Child {
    build: Build,
    deaths: VecDeque<Instant>,
    kept: Arc<Kept>,
}

impl Keeper {
    /// Keeps nobody yet; rebuilds nobody once `stopping`; tells `given_up` whom it could not keep.
    pub fn new(stopping: Arc<AtomicBool>, given_up: Arc<watch::Sender<Option<String>>>) -> Self {
        Self { children: vec![], stopping, given_up }
    }

    fn build(&self, child: usize, ctx: &Context<Self>) -> LocalBoxFuture<'static, Result<(), String>> {
        let guard = Guard { keeper: ctx.address(), child };
        let building = (self.children[child].build)(guard);
        let kept = Arc::clone(&self.children[child].kept);
        Box::pin(async move {
            // A build that fails drops its guard, and so counts as a death.
            let built = AssertUnwindSafe(building).catch_unwind().await.unwrap_or_else(|_| Err("it panicked".into()));
            kept.alive.store(built.is_ok(), Ordering::Relaxed);
            built
        })
    }

    fn give_up(&self, child: usize) {
        let name = &self.children[child].kept.name;
        let why = format!("{name} died {DEATHS} times within {} seconds", WINDOW.as_secs());
        tracing::error!(actor = %name, "it died too often and is not built anew; the process must be started anew");
        self.given_up.send_replace(Some(why));
    }
}

impl Actor for Keeper {
    type Context = Context<Self>;
}

/// Build this actor, and keep it.
#[derive(Message)]
#[rtype(result = "Result<(), String>")]
pub struct Keep {
    /// What is told of it.
    pub kept: Arc<Kept>,
    /// How it is built.
    pub build: Build,
}

impl Handler<Keep> for Keeper {
    type Result = ResponseActFuture<Self, Result<(), String>>;

    fn handle(&mut self, Keep { kept, build }: Keep, ctx: &mut Self::Context) -> Self::Result {
        self.children.push(Child { build, deaths: VecDeque::new(), kept });
        Box::pin(self.build(self.children.len() - 1, ctx).into_actor(self))
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Died(usize);

impl Handler<Died> for Keeper {
    type Result = ();

    fn handle(&mut self, Died(index): Died, ctx: &mut Self::Context) {
        if self.stopping.load(Ordering::Relaxed) {
            return;
        }
        let child = &mut self.children[index];
        child.kept.alive.store(false, Ordering::Relaxed);
        child.kept.restarts.fetch_add(1, Ordering::Relaxed);
        counter!("countersign_actor_deaths_total", "actor" => child.kept.name.clone()).increment(1);
        let now = Instant::now();
        child.deaths.retain(|death| now.duration_since(*death) < WINDOW);
        child.deaths.push_back(now);
        if child.deaths.len() >= DEATHS {
            return self.give_up(index);
        }
        let pause = pause_after(child.deaths.len());
        tracing::warn!(actor = %child.kept.name, ?pause, "an actor died and is built anew");
        ctx.run_later(pause, move |keeper, ctx| {
            let building = keeper.build(index, ctx);
            let name = keeper.children[index].kept.name.clone();
            ctx.spawn(building.into_actor(keeper).map(move |built, _, _| match built {
                Ok(()) => tracing::info!(actor = %name, "the actor works again"),
                Err(cause) => tracing::warn!(actor = %name, %cause, "the actor could not be built anew"),
            }));
        });
    }
}

fn pause_after(deaths: usize) -> Duration {
    let factor = 4_u32.saturating_pow(u32::try_from(deaths.saturating_sub(1)).unwrap_or(u32::MAX));
    FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound() {
        let pauses: Vec<_> = (1..=6).map(|deaths| pause_after(deaths).as_millis()).collect();
        assert_eq!(pauses, [50, 200, 800, 3200, 5000, 5000]);
    }
}
