//! What is sent again until it is answered, and when it is given up (RFC 3261 §17, RFC 3262 §3).
//! It sends nothing itself.

use std::time::Duration;

use tokio::time::Instant;

const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
const GIVE_UP: Duration = Duration::from_secs(32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A 200 to an INVITE, until its ACK.
    Ok,
    /// A final answer to an INVITE other than 200, until its ACK.
    Refusal,
    /// A reliable provisional answer, until its PRACK.
    Provisional,
    /// Requests of ours, until they are answered.
    Bye,
    Invite,
    Info,
}

struct Resend {
    what: What,
    /// Empty where a stream carries it for certain, and only the wait is left.
    bytes: Option<Vec<u8>>,
    next: Instant,
    wait: Duration,
    last: Instant,
}

#[derive(Default)]
pub(super) struct Resends(Vec<Resend>);

impl Resends {
    /// Waits for what answers `what`; sends it again meanwhile if `again`.
    pub(super) fn add(&mut self, what: What, bytes: Vec<u8>, again: bool) {
        let now = Instant::now();
        self.stop(what);
        let bytes = again.then_some(bytes);
        self.0.push(Resend { what, bytes, next: now + T1, wait: T1, last: now + GIVE_UP });
    }

    /// Whether it was waited for.
    pub(super) fn stop(&mut self, what: What) -> bool {
        let before = self.0.len();
        self.0.retain(|resend| resend.what != what);
        self.0.len() < before
    }

    /// It was heard, but its answer is still to come (RFC 3261 §17.1.1.2).
    pub(super) fn calm(&mut self, what: What) {
        self.0.iter_mut().filter(|resend| resend.what == what).for_each(|resend| resend.bytes = None);
    }

    pub(super) fn due(&self) -> Option<Instant> {
        let due = |resend: &Resend| if resend.bytes.is_some() { resend.next.min(resend.last) } else { resend.last };
        self.0.iter().map(due).min()
    }

    /// What is to be sent again now.
    pub(super) fn again(&mut self, now: Instant) -> Vec<(What, Vec<u8>)> {
        let mut again = Vec::new();
        for resend in self.0.iter_mut().filter(|resend| resend.next <= now && now < resend.last) {
            if let Some(bytes) = &resend.bytes {
                again.push((resend.what, bytes.clone()));
            }
            // Timers A and the reliable answers double without an end, the others up to T2.
            let most = if matches!(resend.what, What::Invite | What::Provisional) { GIVE_UP } else { T2 };
            resend.wait = (resend.wait * 2).min(most);
            resend.next = now + resend.wait;
        }
        again
    }

    /// What was never answered; it is forgotten by this.
    pub(super) fn given_up(&mut self, now: Instant) -> Vec<What> {
        self.0.extract_if(.., |resend| resend.last <= now).map(|resend| resend.what).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it is sent again, in milliseconds, and when it is given up.
    fn run(what: What) -> (Vec<u128>, u128) {
        let start = Instant::now();
        let mut resends = Resends::default();
        resends.add(what, vec![1], true);
        let mut again = Vec::new();
        loop {
            let now = resends.due().expect("still waited for");
            again.extend(resends.again(now).iter().map(|_| (now - start).as_millis()));
            if resends.given_up(now) == [what] {
                return (again, (now - start).as_millis());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_timers_of_the_rfc() {
        let (again, end) = run(What::Ok);
        assert_eq!((&again[..5], end), (&[500, 1_500, 3_500, 7_500, 11_500][..], 32_000));
        let (again, end) = run(What::Invite);
        assert_eq!((again, end), (vec![500, 1_500, 3_500, 7_500, 15_500, 31_500], 32_000));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_heard_is_only_waited_for() {
        let mut resends = Resends::default();
        resends.add(What::Invite, vec![1], true);
        resends.calm(What::Invite);
        let due = resends.due().expect("waited for");
        assert_eq!(due - Instant::now(), GIVE_UP);
        assert!(resends.stop(What::Invite) && !resends.stop(What::Invite) && resends.due().is_none());
    }
}
