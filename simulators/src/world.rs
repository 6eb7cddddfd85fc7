//! Everything that is simulated: the gateways, the phones and the mail server.
//! It knows no HTTP and starts nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::calls::{Call, Calls, Draft, Person};
use crate::door::Door;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::mail::{self, PostOffice};
use crate::message::Message;
use crate::number::Number;
use crate::phone::TextRef;
use crate::phones::Phones;
use crate::settings::Settings;
use crate::sip::Trunk;

pub(crate) struct World {
    pub(crate) gateways: Vec<Arc<Gateway>>,
    pub(crate) phones: Phones,
    pub(crate) calls: Calls,
    pub(crate) trunks: Vec<Arc<Trunk>>,
    /// The mail server, where there is one.
    pub(crate) office: Option<Arc<PostOffice>>,
    /// How long a silent connection is held.
    pub(crate) silence: Duration,
    /// Whether requests may come under another name than a loopback one.
    pub(crate) allow_remote: bool,
    by_sid: HashMap<String, usize>,
    by_number: HashMap<Number, usize>,
    epoch: watch::Sender<u64>,
}

impl World {
    /// `doors` are the own addresses of the accounts, in their order.
    pub(crate) fn new(settings: Settings, doors: Vec<Door>, trunks: Vec<Trunk>, office: Option<PostOffice>) -> Self {
        let accounts = settings.accounts.iter().cloned().zip(doors);
        let gateways: Vec<_> = (0..)
            .zip(accounts)
            .map(|(index, (account, door))| Arc::new(Gateway::new(index, account, door, &settings)))
            .collect();
        let by_sid = gateways.iter().zip(0..).map(|(gateway, at)| (gateway.sid.clone(), at)).collect();
        let by_number = gateways
            .iter()
            .zip(0..)
            .flat_map(|(gateway, at)| gateway.numbers.iter().map(move |number| (*number, at)))
            .collect();
        let phones = Phones::new(settings.phones);
        let calls = Calls::new(settings.calls, phones.counter());
        Self {
            gateways,
            phones,
            calls,
            trunks: trunks.into_iter().map(Arc::new).collect(),
            office: office.map(Arc::new),
            silence: Duration::from_millis(settings.silence_ms),
            allow_remote: settings.allow_remote,
            by_sid,
            by_number,
            epoch: watch::Sender::new(0),
        }
    }

    pub(crate) fn gateway_of_sid(&self, sid: &str) -> Option<&Arc<Gateway>> {
        self.gateways.get(*self.by_sid.get(sid)?)
    }

    pub(crate) fn gateway_of_number(&self, number: Number) -> Option<&Arc<Gateway>> {
        self.gateways.get(*self.by_number.get(&number)?)
    }

    pub(crate) fn gateway_called(&self, name: &str) -> Option<&Arc<Gateway>> {
        self.gateways.iter().find(|gateway| gateway.name == name)
    }

    pub(crate) fn trunk_called(&self, name: &str) -> Option<&Arc<Trunk>> {
        self.trunks.iter().find(|trunk| trunk.name == name)
    }

    /// The mail server, if that is what `name` means.
    pub(crate) fn office_called(&self, name: &str) -> Option<&Arc<PostOffice>> {
        self.office.as_ref().filter(|_| name == mail::NAME)
    }

    /// The text a phone refers to, while its ledger still keeps it.
    pub(crate) fn text(&self, text: TextRef) -> Option<Arc<Message>> {
        let gateway = self.gateways.get(usize::from(text.gateway))?;
        lock(&gateway.ledger).get(text.sequence)
    }

    /// A phone rings, whatever gateway carries the call; `whim` decides the person's jitter. The call is written down.
    pub(crate) fn ring(&self, draft: Draft, whim: u64) -> (Arc<Call>, Person) {
        let to = draft.to;
        // Before the phone is found: what a reset forgets must not ring on.
        let resets = self.epoch.subscribe();
        let (call, hands) = self.calls.write(draft);
        let behaviour = self.phones.with(to, |phone, behaviour| {
            phone.ring(&call);
            Arc::clone(behaviour)
        });
        let person = Person::new(Arc::clone(&call), behaviour, hands, resets, whim);
        (call, person)
    }

    /// Grows with every reset: what was under way before it must end quietly.
    pub(crate) fn epoch(&self) -> u64 {
        *self.epoch.borrow()
    }

    /// Comes back once the world was reset after `epoch`.
    pub(crate) async fn reset_after(&self, epoch: u64) {
        // An error says that the world is gone, and with it whatever could wait.
        let _ = self.epoch.subscribe().wait_for(|now| *now != epoch).await;
    }

    /// Forgets phones, texts, mails, faults and counts, and starts the seed again. The webhooks' addresses stay.
    pub(crate) fn reset(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
        self.gateways.iter().for_each(|gateway| gateway.reset());
        self.trunks.iter().for_each(|trunk| trunk.reset());
        self.phones.clear();
        self.calls.clear();
        self.office.iter().for_each(|office| office.reset());
    }
}
