//! An engine with accounts by hand, a clock that the test turns, and a CA that certifies what the
//! story needs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, EntryId, Method};
use certdeck::domain::history::sentence;
use certdeck::domain::lifecycle::{Lifecycles, effective};
use certdeck::engine::by_hand;
use certdeck::engine::command::{
    Command, CsrChoice, Done, HandOrder, Particulars, Record, Recorded,
};
use certdeck::engine::{AccountSettings, Clock, Engine, EngineError, EngineSettings};
use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel, csr};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tempfile::TempDir;

pub(crate) const START: &str = "2026-11-22T12:00:00Z";

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) ca: SandboxCa,
    clock: Arc<Mutex<Timestamp>>,
    folder: TempDir,
}

fn account(name: &str, lifecycle: &str) -> AccountSettings {
    AccountSettings::usual(name, AccountKind::ByHand, lifecycle)
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<Mutex<Timestamp>> = Arc::new(Mutex::new(START.parse().unwrap()));
        let hand = Arc::clone(&clock);
        let read: Clock = Arc::new(move || *hand.lock().unwrap());
        let mut lifecycles = Lifecycles::built_in().unwrap();
        let two_tracks = include_str!("../fixtures/every_feature.toml");
        lifecycles.add("every_feature.toml", two_tracks).unwrap();
        let read_only = AccountSettings {
            read_only: true,
            ..account("frozen", "netcup")
        };
        let settings = EngineSettings {
            accounts: vec![
                account("netcup-main", "netcup"),
                account("made-up", "every-feature"),
                account("huawei", "huawei-ssl"),
                account("hostnames", "cloudflare-hostname"),
                account("custom", "cloudflare-custom"),
                account("clients", "cloudflare-client"),
                read_only,
            ],
            clock: read,
            ..EngineSettings::usual(folder.path().join("store"), lifecycles, "test")
        };
        Self {
            engine: Engine::open(settings).unwrap(),
            ca: SandboxCa::generate("by hand", "2026-01-01T00:00:00Z".parse().unwrap()).unwrap(),
            clock,
            folder,
        }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn turn_clock(&self, days: i64) {
        *self.clock.lock().unwrap() += SignedDuration::from_hours(24 * days);
    }

    pub(crate) fn entry(&self, id: &EntryId) -> Entry {
        self.engine.inventory().get(id).unwrap().as_ref().clone()
    }

    /// What the list shows of it.
    pub(crate) fn state(&self, id: &EntryId) -> String {
        let inventory = self.engine.inventory();
        let entry = inventory.get(id).unwrap();
        let table = inventory.lifecycle_of(&entry).unwrap();
        let state = effective(&entry, table, self.engine.now());
        table.label(&state).to_owned()
    }

    pub(crate) async fn order(&self, order: HandOrder) -> Result<(EntryId, String), EngineError> {
        let command = Command::OrderByHand(Box::new(order));
        match self.engine.run(command).await? {
            Done::Recorded { entry, says, .. } => Ok((entry, says)),
            other => panic!("an order by hand answers Recorded, not {other:?}"),
        }
    }

    pub(crate) async fn record(
        &self,
        id: &EntryId,
        what: Recorded,
        with: Particulars,
    ) -> Result<String, String> {
        let done = self.recorded(id, what, with).await;
        done.map(|(says, _)| says)
    }

    pub(crate) async fn recorded(
        &self,
        id: &EntryId,
        what: Recorded,
        with: Particulars,
    ) -> Result<(String, Option<EntryId>), String> {
        let record = Record {
            entry: id.clone(),
            what,
            with,
            seen_state: None,
        };
        let command = Command::Record(Box::new(record));
        match self.engine.run(command).await {
            Ok(Done::Recorded {
                says, successor, ..
            }) => Ok((says, successor)),
            Ok(other) => panic!("a record answers Recorded, not {other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    pub(crate) async fn event(
        &self,
        id: &EntryId,
        event: &str,
        with: Particulars,
    ) -> Result<String, String> {
        self.record(id, Recorded::Event(event.to_owned()), with)
            .await
    }

    pub(crate) async fn shows(
        &self,
        id: &EntryId,
        state: &str,
        with: Particulars,
    ) -> Result<String, String> {
        let inventory = self.engine.inventory();
        let table = inventory.lifecycle_of(&inventory.get(id).unwrap()).unwrap();
        let track = table.state(state).unwrap().track.clone();
        let state = state.to_owned();
        self.record(id, Recorded::Shows { track, state }, with)
            .await
    }

    /// What the row says of what came of a request.
    pub(crate) fn said(&self, id: &EntryId) -> String {
        self.entry(id).said.unwrap_or_default()
    }

    /// An order of `names` in an account, where the panel shows `states`.
    pub(crate) async fn order_in(
        &self,
        account: &str,
        names: &[&str],
        states: &[&str],
        with: Particulars,
    ) -> EntryId {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let order = HandOrder {
            account: account.to_owned(),
            lifecycle: None,
            states: owned(states),
            without: Vec::new(),
            csr: CsrChoice::Provider,
            key_type: KeyType::P256,
            wishes: certdeck::engine::command::Wishes::default(),
            with: Particulars {
                names: Some(owned(names)),
                ..with
            },
        };
        self.order(order).await.unwrap().0
    }

    pub(crate) async fn submitted(
        &self,
        id: &EntryId,
        action: &str,
        with: Particulars,
    ) -> Result<String, String> {
        self.record(id, Recorded::Submitted(action.to_owned()), with)
            .await
    }

    /// A certificate of these names for any key, with its chain.
    pub(crate) fn any_certificate(&self, names: &[&str]) -> Particulars {
        let spki = key().spki_der();
        let until = "2027-06-01T00:00:00Z";
        certificate(&self.certify_key(&spki, names, "2026-11-01T00:00:00Z", until))
    }

    /// Why an action cannot be asked for or recorded now.
    pub(crate) fn refusal(&self, id: &EntryId, action: &str) -> String {
        let inventory = self.engine.inventory();
        let verdict = inventory.verdict(action, &inventory.get(id).unwrap(), self.engine.now());
        verdict.reason().unwrap().to_string()
    }

    /// The events that are offered, by id.
    pub(crate) fn offered(&self, id: &EntryId) -> Vec<String> {
        let inventory = self.engine.inventory();
        let entry = inventory.get(id).unwrap();
        let offered = by_hand::recordable(&entry, &inventory, self.engine.now());
        offered.events.into_iter().map(|event| event.id).collect()
    }

    /// The history of an entry in sentences, the oldest first.
    pub(crate) async fn history(&self, id: &EntryId) -> Vec<String> {
        let lines = self.engine.history(Some(id.clone())).await.unwrap();
        let inventory = self.engine.inventory();
        let table = inventory.lifecycle_of(&inventory.get(id).unwrap()).cloned();
        let table = table.as_deref();
        lines
            .iter()
            .rev()
            .map(|line| sentence(&line.event.what, table))
            .collect()
    }

    /// A certificate for the key of a CSR, with its chain, as one text.
    pub(crate) fn certify(&self, request: &str, names: &[&str], until: &str) -> String {
        let read = csr::read(request.as_bytes()).unwrap();
        self.certify_key(&read.spki_der, names, "2026-01-02T00:00:00Z", until)
    }

    pub(crate) fn certify_key(
        &self,
        spki_der: &[u8],
        names: &[&str],
        from: &str,
        until: &str,
    ) -> String {
        let wanted = IssueRequest {
            names: names.iter().map(|name| name.parse().unwrap()).collect(),
            not_before: from.parse().unwrap(),
            not_after: until.parse().unwrap(),
            serial: [9; 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let issued = self.ca.issue(spki_der, &wanted).unwrap();
        format!("{}{}", issued.chain_pem.concat(), issued.leaf_pem)
    }

    /// Everything in the store outside of the keys' folder, as one text.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        gather(&self.store(), &mut text);
        text
    }
}

fn gather(folder: &Path, text: &mut String) {
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.file_name().unwrap() == "keys" {
            continue;
        }
        if path.is_dir() {
            gather(&path, text);
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

pub(crate) fn nothing() -> Particulars {
    Particulars::default()
}

pub(crate) fn text(text: &str) -> Option<String> {
    text.to_owned().into()
}

pub(crate) fn secret(text: &str) -> Option<SecretString> {
    SecretString::from(text).into()
}

pub(crate) fn certificate(pem: &str) -> Particulars {
    Particulars {
        certificate: secret(pem),
        ..nothing()
    }
}

pub(crate) fn key() -> PrivateKey {
    PrivateKey::generate(KeyType::P256).unwrap()
}

/// The order of the story: written down before it is placed, with a CSR that certdeck makes.
pub(crate) fn order() -> HandOrder {
    HandOrder {
        account: "netcup-main".to_owned(),
        lifecycle: None,
        states: Vec::new(),
        without: Vec::new(),
        csr: CsrChoice::Certdeck,
        key_type: KeyType::P256,
        wishes: certdeck::engine::command::Wishes::default(),
        with: Particulars {
            names: Some(vec!["www.example.net".to_owned()]),
            product: text("Wildcard-LE"),
            level: text("dv"),
            order_number: text("4711"),
            invoice_number: text("RE-2026-1182"),
            invoice_link: text("https://www.customercontrolpanel.de/invoice"),
            price: text("49,00 €"),
            term: text("12"),
            method: Some(Method::Email),
            mailbox: text("admin@example.net"),
            ..nothing()
        },
    }
}
