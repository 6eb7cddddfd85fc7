//! What the sound of a thousand calls costs on this machine: speech both ways, keys in it, all of it listened to. The peer is
//! the same code on threads of its own, over loopback, so that half of the machine is the peer's.
//! Its figures are CPU time of our threads (from /proc, in steps of 10 ms), lateness, and packets lost.

use channels::media::{Heard, Leg, MediaSettings, Sound, Sounds, Statistics};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

const SPEECH: &[u8] = include_bytes!("../testdata/speech.ulaw");
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Keys that the peer presses in each call.
const KEYS: &str = "12#";

struct Side {
    leg: Leg,
    heard: UnboundedReceiver<Heard>,
}

fn main() -> io::Result<()> {
    // Without `cargo bench` it only shows that it runs.
    let is_bench = std::env::args().any(|word| word == "--bench");
    let word = |name, normal: u64, small| match std::env::var(name).ok().and_then(|word| word.parse().ok()) {
        Some(given) => given,
        None if is_bench => normal,
        None => small,
    };
    run(word("CALLS", 1000, 10), Duration::from_secs(word("SECONDS", 20, 2)))
}

fn run(calls: u64, time: Duration) -> io::Result<()> {
    rlimit::increase_nofile_limit(16_384)?;
    let (ours, our_threads) = started(20_000..=39_999)?;
    let (theirs, their_threads) = started(40_000..=59_999)?;
    let mut pairs = (0..calls).map(|_| pair(&ours, &theirs)).collect::<io::Result<Vec<_>>>()?;
    let speech = SPEECH.into();
    pairs.iter().for_each(|(our, their)| begin(our, their, &speech));
    // The start of so many calls at once is not what is measured.
    sleep(Duration::from_secs(1));
    let (before, begun) = ([cpu(&our_threads)?, cpu(&their_threads)?], Instant::now());
    sleep(time);
    let (after, seconds) = ([cpu(&our_threads)?, cpu(&their_threads)?], begun.elapsed().as_secs_f64());
    let each = |side: usize| (after[side] - before[side]).as_secs_f64() * 1000.0 / (calls as f64 * seconds);
    let keys = pairs.iter_mut().map(|(our, _)| keys(our)).sum::<usize>();
    let (our, their) = stopped(pairs);
    println!("calls                       {calls}, for {seconds:.1} s, on {} threads", our_threads.len());
    println!("CPU of each call            {:.3} ms/s (peer {:.3})", each(0), each(1));
    println!("worst lateness of a packet  {:.1} ms (peer {:.1})", lateness(our), lateness(their));
    println!("packets left out, too late  {} (peer {})", our.skipped, their.skipped);
    println!("packets out and in          {} and {}", our.sent, our.received);
    println!("packets lost on the way in  {} (on the way out {})", our.lost, their.lost);
    println!("packets not taken by system {} (peer {})", our.unsent, their.unsent);
    println!("keys heard                  {keys} of {}", calls * KEYS.len() as u64);
    Ok(())
}

/// The sound of one side, and the threads that carry it.
fn started(ports: std::ops::RangeInclusive<u16>) -> io::Result<(Arc<Sounds>, Vec<String>)> {
    let before = threads()?;
    let sounds = Sounds::start(MediaSettings { address: HERE, advertised: HERE, ports, strict_source: true })?;
    Ok((sounds, threads()?.difference(&before).cloned().collect()))
}

fn threads() -> io::Result<BTreeSet<String>> {
    let entries = std::fs::read_dir("/proc/self/task")?;
    entries.map(|entry| Ok(entry?.path().to_string_lossy().into_owned())).collect()
}

/// CPU time of these threads; the kernel counts it in hundredths of a second.
fn cpu(threads: &[String]) -> io::Result<Duration> {
    let mut hundredths = 0;
    for thread in threads {
        let stat = std::fs::read_to_string(format!("{thread}/stat"))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        hundredths +=
            after_name.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum::<u64>();
    }
    Ok(Duration::from_millis(hundredths * 10))
}

fn pair(ours: &Arc<Sounds>, theirs: &Arc<Sounds>) -> io::Result<(Side, Side)> {
    let open = |sounds: &Arc<Sounds>| sounds.open(false).map(|(leg, heard)| Side { leg, heard });
    let (our, their) = (open(ours)?, open(theirs)?);
    let answer = their.leg.take_offer(&our.leg.offer()).map_err(io::Error::other)?;
    our.leg.take_answer(&answer).map_err(io::Error::other)?;
    Ok((our, their))
}

fn begin(our: &Side, their: &Side, speech: &Arc<[u8]>) {
    let speech = || Sound::Audio(Arc::clone(speech));
    our.leg.connect();
    their.leg.connect();
    our.leg.play(vec![speech(), speech(), speech()]);
    their.leg.play(vec![
        Sound::Silence(Duration::from_secs(1)),
        Sound::Keys(KEYS.into()),
        speech(),
        speech(),
        speech(),
    ]);
}

fn keys(side: &mut Side) -> usize {
    std::iter::from_fn(|| side.heard.try_recv().ok()).filter(|heard| matches!(heard, Heard::Key(_))).count()
}

/// What both sides counted in all calls.
fn stopped(pairs: Vec<(Side, Side)>) -> (Statistics, Statistics) {
    pairs.into_iter().fold(Default::default(), |(our, their), pair| {
        (added(our, pair.0.leg.statistics()), added(their, pair.1.leg.statistics()))
    })
}

fn added(sum: Statistics, one: Statistics) -> Statistics {
    Statistics {
        sent: sum.sent + one.sent,
        unsent: sum.unsent + one.unsent,
        received: sum.received + one.received,
        lost: sum.lost + one.lost + one.late,
        skipped: sum.skipped + one.skipped,
        worst_lateness: sum.worst_lateness.max(one.worst_lateness),
        ..sum
    }
}

fn lateness(counts: Statistics) -> f64 {
    counts.worst_lateness.as_secs_f64() * 1000.0
}
