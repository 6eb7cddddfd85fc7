//! What every handler reaches: the engine, the gateways, known keys, limits.
//! Refuses rules.

use crate::problem::Problem;
use actix_web::http::StatusCode;
use actors::{ApiKeyRecord, Engine};
use channels::text::TextGateway;
use channels::twilio::voice::TwilioVoice;
use engine::id::ApiKeyId;
use engine::trusted_ip::TrustedIp;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

/// The clients of gateways that call us back, by name.
#[derive(Clone, Default)]
pub struct Gateways {
    /// Those that carry texts.
    pub texts: HashMap<String, Arc<dyn TextGateway>>,
    /// Those that place calls and ask what is to be said.
    pub calls: HashMap<String, Arc<TwilioVoice>>,
}

/// Shared by all workers.
pub struct State {
    /// The engine.
    pub engine: Engine,
    /// Gateways by name, for callbacks.
    pub gateways: Gateways,
    /// Known keys.
    pub keys: Keys,
    /// Whoever changes the settings holds it from reading to writing.
    pub settings: tokio::sync::Mutex<()>,
    /// Limits at the door.
    pub limits: Arc<Limits>,
    /// Reverse proxies, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<TrustedIp>,
    /// Metrics, where they are kept.
    pub metrics: Option<PrometheusHandle>,
}

/// Keys that were read before; a change of a key empties it.
#[derive(Default)]
pub struct Keys(RwLock<Known>);

#[derive(Default)]
struct Known {
    keys: HashMap<String, Arc<ApiKeyRecord>>,
    /// How often it was emptied: what was read before that is not kept after it.
    emptied: u64,
}

impl Keys {
    /// The key of this hash.
    pub async fn find(&self, engine: &Engine, hash: &str) -> Result<Option<Arc<ApiKeyRecord>>, Problem> {
        let emptied = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(key) = known.keys.get(hash) {
                return Ok(Some(Arc::clone(key)));
            }
            known.emptied
        };
        let found = engine.document::<ApiKeyRecord>(hash).await.map_err(|why| Problem::refused(why, engine.now()))?;
        let Some(found) = found.map(|found| Arc::new(found.value)) else { return Ok(None) };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.emptied == emptied {
            known.keys.insert(hash.to_owned(), Arc::clone(&found));
        }
        Ok(Some(found))
    }

    /// Forgets all.
    pub fn forget(&self) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.keys.clear();
        known.emptied += 1;
    }
}

/// Requests a second, for each key and each address.
pub struct Limits {
    keys: DefaultKeyedRateLimiter<ApiKeyId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    /// So many requests a second, with a burst of as many.
    pub fn new(per_key: NonZeroU32, per_address: NonZeroU32) -> Self {
        Self {
            keys: RateLimiter::keyed(Quota::per_second(per_key)),
            addresses: RateLimiter::keyed(Quota::per_second(per_address)),
        }
    }

    /// One request of a key.
    pub fn key(&self, key: ApiKeyId) -> Result<(), Problem> {
        self.keys.check_key(&key).map_err(|_| too_many("this API key"))
    }

    /// One request from an address.
    pub fn address(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        let Some(address) = address else { return Ok(()) };
        self.addresses.check_key(&address).map_err(|_| too_many("this address"))
    }

    /// Forgets those that were quiet.
    pub fn forget_quiet_ones(&self) {
        self.keys.retain_recent();
        self.addresses.retain_recent();
    }
}

fn too_many(who: &str) -> Problem {
    let detail = format!("too many requests a second from {who}; slow down");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail).retry(1)
}
