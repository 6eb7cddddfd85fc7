//! How the engine begins: the shared parts first, then a keeper an arbiter, and by it every long-lived actor.
//! Refuses to serve before what was in flight is taken up.

use crate::clock::Clock;
use crate::handle::{COMPANY, Engine, EngineSettings};
use crate::house::Shared;
use crate::keeper::{Build, Keep, Keeper, Kept, Post};
use crate::ledger::Ledger;
use crate::line::{self, Gateway, LineParts, LineSettings, LineShared};
use crate::people::read;
use crate::readers::Readers;
use crate::recordings::Recordings;
use crate::router::{Line, Router};
use crate::sources::{self, Sources};
use crate::{desk, mailer, postman, switchboard};
use actix::{Actor, Addr, Arbiter};
use arc_swap::ArcSwap;
use engine::code::CodeKey;
use engine::policy::Policy;
use futures_util::future::try_join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use store::ReadError;
use tokio::sync::watch;

/// Threads that read from the store.
const READERS: usize = 4;
/// The most lines; a verification remembers in 32 bits which of them refused.
const MOST_LINES: usize = 32;

/// Opens the engine.
pub(crate) async fn open(mut settings: EngineSettings) -> Result<Engine, ReadError> {
    let arbiters: Arc<[_]> = (0..settings.arbiters.max(1)).map(|_| Arbiter::new()).collect();
    let gateways = std::mem::take(&mut settings.lines);
    let clock = Clock::start();
    let lines: Vec<_> =
        (0..).zip(gateways.iter().take(MOST_LINES)).map(|(index, gateway)| parts(index, gateway, clock)).collect();
    let shared = Arc::new(shared(settings, &lines, arbiters.len(), clock)?);
    let stopping = Arc::<AtomicBool>::default();
    let (give_up, given_up) = watch::channel(None);
    let give_up = Arc::new(give_up);
    let keepers: Vec<_> = arbiters
        .iter()
        .map(|arbiter| {
            let (stopping, give_up) = (Arc::clone(&stopping), Arc::clone(&give_up));
            Keeper::start_in_arbiter(&arbiter.handle(), move |_| Keeper::new(stopping, give_up))
        })
        .collect();
    let kept = keep_all(&shared, &keepers, lines).await?;
    arbiters[0].spawn(sources::keep(Arc::clone(&shared)));
    Ok(Engine::new(shared, arbiters, kept.into(), stopping, given_up))
}

fn parts(index: u8, (settings, gateway): &(LineSettings, Gateway), clock: Clock) -> LineParts {
    LineParts {
        settings: settings.clone(),
        index,
        shared: Arc::new(LineShared::new(settings, gateway.clone())),
        gateway: gateway.clone(),
        clock,
    }
}

fn shared(settings: EngineSettings, lines: &[LineParts], places: usize, clock: Clock) -> Result<Shared, ReadError> {
    let stored = read::<Policy>(&*settings.store, COMPANY)?;
    let sources = Sources::read(&*settings.store)?;
    let recordings = Recordings::read(&*settings.store)?;
    let unavailable = |cause: std::io::Error| ReadError::Unavailable { cause: cause.to_string() };
    let (ledger, _) = Ledger::start(Arc::clone(&settings.store)).map_err(unavailable)?;
    let readers = Readers::start(READERS).map_err(unavailable)?;
    let texts = lines.iter().filter_map(|parts| Some((parts.settings.name.clone(), parts.gateway.for_texts()?)));
    let by_name = texts.collect();
    let lines = lines.iter().map(|parts| Line { post: Arc::new(Post::vacant()), shared: Arc::clone(&parts.shared) });
    Ok(Shared {
        store: settings.store,
        readers,
        ledger,
        clock,
        code_key: CodeKey::new(settings.code_key),
        pin_keys: settings.pin_keys,
        vault: settings.vault,
        shard_key: settings.shard_key,
        policy: ArcSwap::from_pointee(stored.map(|stored| stored.value).unwrap_or_default()),
        sources,
        desks: (0..places).map(|_| Post::vacant()).collect(),
        switchboards: (0..places).map(|_| Post::vacant()).collect(),
        router: Router::new(lines.collect()),
        postman: Post::vacant(),
        webhooks: settings.webhooks,
        mailer: Post::vacant(),
        notices: settings.notices,
        speech: settings.speech,
        recordings: ArcSwap::from_pointee(recordings),
        gateways: by_name,
        in_flight: AtomicUsize::new(0),
        most_in_flight: settings.most_in_flight,
        watch: settings.watch,
    })
}

/// The Desks last, side by side: they take up what was in flight, and that needs the others.
async fn keep_all(
    shared: &Arc<Shared>,
    keepers: &[Addr<Keeper>],
    lines: Vec<LineParts>,
) -> Result<Vec<Arc<Kept>>, ReadError> {
    let places = 0..keepers.len();
    let boards = places.clone().map(|index| (index, format!("switchboard {index}"), switchboard::keep(shared, index)));
    let mut kept = keep_each(keepers, boards).await?;
    let lines = lines.into_iter().zip(shared.router.lines()).map(|(parts, line)| {
        let place = usize::from(parts.index) % keepers.len();
        (place, format!("line {}", parts.settings.name), line::keep(parts, Arc::clone(&line.post)))
    });
    kept.extend(keep_each(keepers, lines).await?);
    let desks = places.map(|index| (index, format!("desk {index}"), desk::keep(shared, index)));
    kept.extend(keep_each(keepers, desks).await?);
    let tellers = [(0, "postman".into(), postman::keep(shared)), (0, "mailer".into(), mailer::keep(shared))];
    kept.extend(keep_each(keepers, tellers).await?);
    Ok(kept)
}

/// Has each actor built by the keeper of its place, all at the same time.
async fn keep_each(
    keepers: &[Addr<Keeper>],
    actors: impl IntoIterator<Item = (usize, String, Build)>,
) -> Result<Vec<Arc<Kept>>, ReadError> {
    let unavailable = |cause: String| ReadError::Unavailable { cause };
    let building = actors.into_iter().map(|(place, name, build)| async move {
        let kept = Arc::new(Kept::new(name));
        let built = keepers[place].send(Keep { kept: Arc::clone(&kept), build }).await;
        built.map_err(|cause| unavailable(cause.to_string()))?.map_err(unavailable)?;
        Ok(kept)
    });
    try_join_all(building).await
}
