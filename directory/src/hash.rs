//! Passwords as Argon2id hashes (RFC 9106) in PHC strings, with the parameters of OWASP's second recommendation.
//! Refuses to hash on a thread that serves others: each takes 19 MiB and tens of milliseconds.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use engine::secret::Secret;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes that are made at once: with more, a flood of sign-ins would take the memory and all cores.
static AT_ONCE: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from))));
/// Those that wait for their turn.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// The most that may: some seconds of work.
const MOST_WAITING: usize = 256;

/// Too many passwords are to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked; try again in a few seconds")]
pub struct Busy;

/// What a password is compared with where there is none, so that it takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| made("nobody has this password"));

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn made(password: &str) -> String {
    let hash = argon2().hash_password(password.as_bytes());
    hash.expect("a salt of the system's randomness, and parameters that were checked").to_string()
}

fn fits(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of a new password.
pub async fn make(password: Secret<String>) -> Result<String, Busy> {
    apart(move || made(password.expose())).await
}

/// Whether a password has this hash; without one it takes as long, and is not.
pub async fn check(hash: Option<String>, password: Secret<String>) -> Result<bool, Busy> {
    apart(move || {
        let known = hash.is_some();
        fits(hash.as_deref().unwrap_or(&NOBODY), password.expose()) && known
    })
    .await
}

/// One who waits; gone when their turn comes or they give up.
struct Waiter;

impl Waiter {
    fn enter() -> Result<Self, Busy> {
        let waiting = WAITING.fetch_add(1, Ordering::Relaxed);
        let waiter = Self;
        if waiting < MOST_WAITING { Ok(waiter) } else { Err(Busy) }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The turn goes with the work: whoever asked may be gone before it is done.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
    let waiter = Waiter::enter()?;
    let turn = Arc::clone(&AT_ONCE).acquire_owned().await.expect("nobody closes it");
    drop(waiter);
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    Ok(done.await.expect("hashing does not panic"))
}
