//! Whether an address of a trunk takes calls.
//! Refuses an address that said when to come back, until then.

use super::super::message::Message;
use std::time::Duration;

/// The state of one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It was not asked yet, or is never asked.
    Unknown,
    /// It answered.
    Well,
    /// It did not answer OPTIONS.
    Silent,
    /// It takes no calls until then.
    Avoided {
        /// Since the epoch of the trunk.
        until: Duration,
    },
}

/// No address takes calls now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPeer {
    /// When the first one may again, if one said so.
    pub retry_after: Option<Duration>,
}

impl Health {
    /// After OPTIONS. Any answer is a sign of life, but a 503.
    pub(super) fn after(self, response: Option<&Message>, now: Duration) -> Self {
        match (response, self) {
            (None, _) => Self::Silent,
            (Some(response), _) if response.status() == Some(503) => {
                let wait =
                    response.seconds("Retry-After").map_or(super::AVOID, |wait| Duration::from_secs(wait.into()));
                Self::Avoided { until: now + wait.min(super::LONGEST_AVOID) }
            }
            // It answers, but not that all is well: what a call was told still counts.
            (Some(response), Self::Avoided { until }) if until > now && response.status() != Some(200) => self,
            (Some(_), Self::Avoided { .. } | Self::Unknown | Self::Well | Self::Silent) => Self::Well,
        }
    }
}

/// Those that take calls now.
pub(super) fn peers(all: impl Iterator<Item = (usize, Health)>, now: Duration) -> Result<Vec<usize>, NoPeer> {
    let (mut open, mut first) = (Vec::new(), None::<Duration>);
    for (peer, health) in all {
        match health {
            Health::Avoided { until } if until > now => {
                first = Some(first.map_or(until - now, |first| first.min(until - now)));
            }
            Health::Unknown | Health::Well | Health::Avoided { .. } => open.push(peer),
            Health::Silent => {}
        }
    }
    if open.is_empty() { Err(NoPeer { retry_after: first }) } else { Ok(open) }
}

/// Why none of them takes calls, if that is so.
pub(super) fn trouble(all: impl Iterator<Item = Health>) -> Option<String> {
    let mut trouble = None;
    for health in all {
        let cause = match health {
            Health::Unknown | Health::Well => return None,
            Health::Silent => "no answer to OPTIONS; look at the address, the firewall and the carrier",
            Health::Avoided { .. } => "the trunk takes no calls for a while: no connection, no answer, or SIP 503",
        };
        trouble = trouble.or(Some(cause));
    }
    trouble.map(str::to_owned)
}
