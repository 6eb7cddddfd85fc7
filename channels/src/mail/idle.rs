//! Connections that wait for the next letter.
//! Refuses those that waited long or no longer answer.

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Rset;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Shorter than servers keep a connection without a letter.
const LONGEST: Duration = Duration::from_secs(30);

/// Connections after their letter, as many as may be open at once.
#[derive(Default)]
pub struct Idle(Mutex<Vec<(AsyncSmtpConnection, Instant)>>);

impl Idle {
    /// One that still answers. Nothing is left on it of the letter before (RFC 5321 §4.1.1.5).
    pub async fn take(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.held().pop()?;
            if since.elapsed() < LONGEST && connection.command(Rset).await.is_ok() {
                return Some(connection);
            }
        }
    }

    /// Keeps one on which every command has been answered.
    pub fn keep(&self, connection: AsyncSmtpConnection) {
        let now = Instant::now();
        let mut held = self.held();
        held.retain(|(_, since)| now.duration_since(*since) < LONGEST);
        held.push((connection, now));
    }

    fn held(&self) -> MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
