//! The threads that send and receive for all calls: each wakes every 20 ms, by a schedule that does not drift.
//! Refuses to wake for a packet, and to let one call's defect end the sound of others.

use super::clock::Clock;
use super::ports::Pair;
use super::talk::Talk;
use std::net::UdpSocket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, thread};

/// The time of a packet.
pub(super) const TICK: Duration = Duration::from_millis(20);
/// A thread that was kept waiting makes up for so much; after more it goes on from where it is.
const MOST_BEHIND: Duration = Duration::from_millis(200);
/// Packets that are taken from one call in a tick; a phone sends one or two, and a few ticks make up for a long wait.
const MOST_PACKETS: usize = 8;
/// Every so many ticks RTCP is read away.
const CONTROL_TICKS: u64 = 50;
/// Longer datagrams are cut, which makes them no sound.
const LONGEST: usize = 2048;

/// A call's sound with its sockets.
#[derive(Debug)]
pub(super) struct Line {
    pub talk: Mutex<Talk>,
    pub pair: Pair,
    pub is_closed: AtomicBool,
}

impl Line {
    pub fn talk(&self) -> MutexGuard<'_, Talk> {
        locked(&self.talk)
    }
}

/// One thread, seen from outside. It ends when this says so, and sleeps while it has no calls.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    new: Mutex<Vec<Arc<Line>>>,
    wake: Condvar,
    calls: AtomicUsize,
    is_stopping: AtomicBool,
}

impl Pacer {
    /// Starts the thread.
    pub fn start(clock: Clock) -> io::Result<Arc<Self>> {
        let pacer = Arc::new(Self::default());
        let shared = Arc::clone(&pacer);
        thread::Builder::new().name("sounds".into()).spawn(move || shared.run(clock))?;
        Ok(pacer)
    }

    /// How many calls it has.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub fn add(&self, line: Arc<Line>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        locked(&self.new).push(line);
        self.wake.notify_one();
    }

    pub fn stop(&self) {
        // Under the lock, or the thread could go to sleep between its look and our call.
        let _new = locked(&self.new);
        self.is_stopping.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    fn run(&self, clock: Clock) {
        let (mut lines, mut turn) = (Vec::new(), Turn::default());
        loop {
            let was_idle = lines.is_empty();
            if !self.collect(&mut lines) {
                return;
            }
            if was_idle {
                turn = Turn { due: clock.now(), skipped: 0, ..turn };
            }
            clock.wait_until(turn.due);
            lines.retain(|line| self.keeps(line));
            lines.iter().for_each(|line| guarded(line, clock, turn));
            turn = turn.next(clock.now());
        }
    }

    /// Takes in new calls, and waits for one if there is none; `false` when it is time to end.
    fn collect(&self, lines: &mut Vec<Arc<Line>>) -> bool {
        let mut new = locked(&self.new);
        while lines.is_empty() && new.is_empty() && !self.is_stopping.load(Ordering::Relaxed) {
            new = self.wake.wait(new).unwrap_or_else(PoisonError::into_inner);
        }
        lines.append(&mut new);
        !self.is_stopping.load(Ordering::Relaxed)
    }

    fn keeps(&self, line: &Line) -> bool {
        let keeps = !line.is_closed.load(Ordering::Relaxed);
        if !keeps {
            self.calls.fetch_sub(1, Ordering::Relaxed);
        }
        keeps
    }
}

/// One tick of a thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Turn {
    due: Duration,
    number: u64,
    /// Ticks that were left out before it.
    skipped: u64,
}

impl Turn {
    /// The next one, or the first that is not too far behind.
    fn next(self, now: Duration) -> Self {
        let due = self.due + TICK;
        let behind = now.saturating_sub(due + MOST_BEHIND);
        let skipped = u32::try_from(behind.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u32::MAX);
        Self { due: due + TICK.saturating_mul(skipped), number: self.number + 1, skipped: skipped.into() }
    }
}

/// A defect shows as a call that goes silent and whose channel ends.
fn guarded(line: &Line, clock: Clock, turn: Turn) {
    let done = catch_unwind(AssertUnwindSafe(|| tick(line, clock, turn)));
    if done.is_err() {
        tracing::error!("the sound of a call failed; this is a defect, the call ends and others go on");
        line.talk().fail();
        line.is_closed.store(true, Ordering::Relaxed);
    }
}

fn tick(line: &Line, clock: Clock, turn: Turn) {
    let mut talk = line.talk();
    let now = clock.now();
    let before = talk.counts.sent;
    talk.tick(
        now,
        &mut |packet, address| matches!(line.pair.sound.send_to(packet, address), Ok(sent) if sent == packet.len()),
    );
    if talk.counts.sent > before {
        talk.counts.worst_lateness = talk.counts.worst_lateness.max(clock.now().saturating_sub(turn.due));
        talk.counts.skipped += turn.skipped;
    }
    drain(&line.pair.sound, |datagram, from| talk.take(datagram, from, now));
    if turn.number.is_multiple_of(CONTROL_TICKS) {
        drain(&line.pair.control, |_, _| {});
    }
}

fn drain(socket: &UdpSocket, mut take: impl FnMut(&mut [u8], std::net::SocketAddr)) {
    let mut buffer = [0; LONGEST];
    for _ in 0..MOST_PACKETS {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => take(&mut buffer[..length], from),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            // What a network says about a datagram of ours concerns no other.
            Err(_) => {}
        }
    }
}

pub(super) fn locked<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_keep_to_their_schedule_and_only_a_long_delay_skips_some() {
        let at = Duration::from_millis;
        let on_time = [0, 19, 20, 220].map(|now| (now, 20, 0));
        let late = [(221, 40, 1), (240, 40, 1), (241, 60, 2), (10_020, 9820, 490)];
        for (now, due, skipped) in on_time.into_iter().chain(late) {
            assert_eq!(Turn::default().next(at(now)), Turn { due: at(due), skipped, number: 1 }, "{now}");
        }
    }
}
