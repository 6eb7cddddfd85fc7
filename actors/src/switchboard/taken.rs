//! Which messages of a phone number were taken: the last ones, so that one that a gateway brings again does nothing.
//! Refuses to grow: there is one record for each number, however many texts it sends.

use crate::people::Versioned;
use crate::records::TakenRecord;
use actix::{Handler, Message};
use data_encoding::BASE64URL_NOPAD;
use engine::number::PhoneNumber;
use sha2::{Digest, Sha256};
use store::Operation;

/// Messages that are remembered of one number: far more than one sends in the hour that a gateway may bring them again.
const REMEMBERED: usize = 16;
/// Characters of a digest. Each has six bits: two of sixteen are equal once in a million million.
const DIGEST: usize = 8;

/// How a message is known: by its gateway and its id there.
pub fn digest(gateway: &str, message: &str) -> String {
    let hash = Sha256::new().chain_update(gateway).chain_update([0x1f]).chain_update(message).finalize();
    BASE64URL_NOPAD.encode(&hash[..DIGEST * 6 / 8])
}

/// The messages that were taken from a number, as they are in the store.
pub type Taken = Versioned<TakenRecord>;

impl Taken {
    /// Of a number that has sent nothing yet.
    pub fn nothing() -> Self {
        Self { version: 0, value: TakenRecord::default() }
    }

    /// Whether this one was taken.
    pub fn has(&self, message: &str) -> bool {
        self.value.messages.as_bytes().chunks(DIGEST).any(|taken| taken == message.as_bytes())
    }

    /// Takes it; the write fails if another was taken meanwhile.
    pub fn take(&mut self, from: PhoneNumber, message: &str) -> Operation {
        let messages = &mut self.value.messages;
        messages.push_str(message);
        messages.drain(..messages.len().saturating_sub(REMEMBERED * DIGEST));
        self.write(&from.to_string())
    }
}

/// What was taken from a number is durable; `None`: what is remembered of it is not what the store has.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WasTaken {
    /// Which number.
    pub number: PhoneNumber,
    /// What was taken from it.
    pub taken: Option<Taken>,
}

impl Handler<WasTaken> for super::Switchboard {
    type Result = ();

    fn handle(&mut self, news: WasTaken, _: &mut Self::Context) {
        let Some(number) = self.numbers.get_mut(&news.number) else { return };
        match (news.taken, &number.taken) {
            // Two that were taken at once may tell it in the other order.
            (Some(taken), Some(known)) if taken.version < known.version => {}
            (taken, _) => number.taken = taken.map(Box::new),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_number_remembers_its_last_messages_by_gateway_and_id() {
        let from: PhoneNumber = "+15555550100".parse().unwrap();
        let mut taken = Taken::nothing();
        for message in 0..=REMEMBERED {
            taken.take(from, &digest("sms", &message.to_string()));
        }
        assert!(!taken.has(&digest("sms", "0")));
        assert!((1..=REMEMBERED).all(|message| taken.has(&digest("sms", &message.to_string()))));
        assert!(!taken.has(&digest("other", "1")));
        assert_eq!(taken.value.messages.len(), REMEMBERED * DIGEST);
    }
}
