//! Calls over the account of a Twilio-shaped gateway (gateways.md §1.2 and §3): it places them, has the gateway ask what to
//! say, and answers with what is ordered.
//! Refuses to place a call twice, and to say anything in a call that nobody here owns.

mod document;
mod ending;
mod life;
mod request;
mod settings;
mod step;
mod table;
mod talk;
mod twiml;
pub mod webhook;

pub use document::document;
pub use settings::{VoiceSettings, Voices};
pub use twiml::Twiml;

use super::client::{BuildError, Twilio, head};
use crate::call::{Call, CallEnd, Hears, Order, VoiceGateway};
use crate::callback::{CallbackError, RawCallback, SignatureRefused};
use engine::id::AttemptId;
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use life::{Happening, Life};
use std::sync::{Arc, Mutex, PoisonError};
use table::Table;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

/// Places calls over an account, which may send texts too.
pub struct TwilioVoice {
    account: Arc<Twilio>,
    /// The beginning of each request to place a call, up to its length.
    head: Secret<String>,
    caller_id: String,
    voices: Voices,
    machine_detection: bool,
    table: Table,
    trouble: Mutex<Option<String>>,
}

impl TwilioVoice {
    /// Calls over this account.
    ///
    /// # Errors
    /// [`BuildError::NoCaller`] if neither the settings nor the account have a number.
    pub fn new(account: Arc<Twilio>, settings: VoiceSettings) -> Result<Self, BuildError> {
        let caller_id = settings.caller_id.or_else(|| account.ours.first().cloned()).ok_or(BuildError::NoCaller)?;
        Ok(Self {
            head: Secret::new(head(&account.address.calls(), &account.user, account.password.expose())),
            account,
            caller_id,
            voices: settings.voices,
            machine_detection: settings.machine_detection,
            table: Table::default(),
            trouble: Mutex::default(),
        })
    }

    /// Whether a callback is the gateway's. To be asked before any of the others.
    pub fn verify(&self, callback: &RawCallback<'_>) -> Result<(), SignatureRefused> {
        self.account.is_signed(callback)
    }

    /// `voice/answer`: the phone was picked up. Comes back with what is to be said, within
    /// [`ORDER_WAIT`](crate::call::ORDER_WAIT) and so before the gateway gives up after 15 s.
    pub async fn answered(&self, callback: &RawCallback<'_>) -> Result<Twiml, CallbackError> {
        self.asked(callback).await
    }

    /// `voice/gather`: keys were pressed, or none were in time. Comes back as [`Self::answered`] does.
    pub async fn gathered(&self, callback: &RawCallback<'_>) -> Result<Twiml, CallbackError> {
        self.asked(callback).await
    }

    /// `voice/status`: how far a call is. Comes back once its call has it.
    pub async fn status(&self, callback: &RawCallback<'_>) -> Result<(), CallbackError> {
        let (about, told) = webhook::told(callback)?;
        let inbox = about.attempt.and_then(|attempt| self.table.find(attempt));
        let told = Happening::Told { sid: about.sid, told };
        let is_taken = match inbox {
            Some(inbox) => inbox.send(told).await.is_ok(),
            None => false,
        };
        if !is_taken {
            // Late and doubled ones are the provider's habit.
            tracing::debug!(gateway = self.name(), "a call that nobody here owns told how far it is");
        }
        Ok(())
    }

    /// The turn in the address says which document the question follows, so that each counts once and a question that is
    /// asked again is answered alike.
    async fn asked(&self, callback: &RawCallback<'_>) -> Result<Twiml, CallbackError> {
        let (about, asked) = webhook::asked(callback)?;
        let inbox = about.attempt.and_then(|attempt| self.table.find(attempt));
        let (answer, answered) = oneshot::channel();
        let asked = Happening::Asked { sid: about.sid, asked, answer };
        let is_taken = match inbox {
            Some(inbox) => inbox.send(asked).await.is_ok(),
            None => false,
        };
        if !is_taken {
            tracing::warn!(gateway = self.name(), "a call that nobody here owns asked what to say; it is hung up");
            return Ok(Twiml::hang_up());
        }
        // A call that ends meanwhile answers nothing.
        Ok(answered.await.unwrap_or_else(|_| Twiml::hang_up()))
    }

    fn name(&self) -> &str {
        &self.account.name
    }

    fn answer_url(&self, attempt: AttemptId) -> String {
        format!("{}/callbacks/{}/voice/answer?attempt={attempt}", self.account.public_url, self.name())
    }

    fn gather_url(&self, attempt: AttemptId, turn: u32) -> String {
        format!("{}/callbacks/{}/voice/gather?attempt={attempt}&turn={turn}", self.account.public_url, self.name())
    }

    fn status_url(&self, attempt: AttemptId) -> String {
        format!("{}/callbacks/{}/voice/status?attempt={attempt}", self.account.public_url, self.name())
    }

    fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

impl VoiceGateway for TwilioVoice {
    fn call(&self, call: Call, orders: UnboundedReceiver<Order>, hears: Hears) -> BoxFuture<'_, CallEnd> {
        Box::pin(async move {
            match self.table.enter(call.attempt) {
                Some(entered) => Life::new(self, entered, call, orders, hears).run().await,
                None => {
                    CallEnd::Unavailable { cause: "this attempt is being called already".into(), retry_after: None }
                }
            }
        })
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
