//! An engine on a store of its own, whose system clock the test turns: for the unit tests of this
//! module alone.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::command::{Command, CsrChoice, Done, OrderForm};
use super::{Clock, Engine, EngineSettings};
use crate::domain::entry::{Entry, EntryId, Method};
use crate::domain::lifecycle::Lifecycles;
use crate::pki::KeyType;

pub(super) const START: &str = "2026-11-22T12:00:00Z";

pub(super) struct Stage {
    pub(super) engine: Engine,
    clock: Arc<Mutex<Timestamp>>,
    _folder: TempDir,
}

pub(super) fn settings(store: &Path, clock: Clock) -> EngineSettings {
    EngineSettings {
        clock,
        ..EngineSettings::usual(store.to_owned(), Lifecycles::built_in().unwrap(), "test")
    }
}

pub(super) fn form() -> OrderForm {
    OrderForm {
        account: "sandbox".to_owned(),
        product: "single-dv".to_owned(),
        names: vec!["www.example.com".to_owned()],
        key_type: KeyType::P256,
        csr: CsrChoice::Certdeck,
        method: Method::Dns,
        mailbox: None,
        wishes: crate::engine::command::Wishes::default(),
    }
}

impl Stage {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<Mutex<Timestamp>> = Arc::new(Mutex::new(START.parse().unwrap()));
        let hand = Arc::clone(&clock);
        let read: Clock = Arc::new(move || *hand.lock().unwrap());
        let engine = Engine::open(settings(&folder.path().join("store"), read)).unwrap();
        Self {
            engine,
            clock,
            _folder: folder,
        }
    }

    pub(super) fn turn_clock(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock += SignedDuration::from_secs(seconds);
    }

    pub(super) async fn order(&self) -> EntryId {
        match self.engine.run(Command::Order(form())).await.unwrap() {
            Done::Ordered { entry, .. } => entry,
            other => panic!("an order answers Ordered, not {other:?}"),
        }
    }

    pub(super) async fn play(&self, entry: &EntryId, event: &str) -> Result<(), String> {
        let (entry, event) = (entry.clone(), event.to_owned());
        let played = self.engine.run(Command::Play { entry, event }).await;
        played.map(drop).map_err(|error| error.to_string())
    }

    /// Changes an entry in the store as if somebody had done so behind the engine's back.
    pub(super) fn edit(&self, id: &EntryId, edit: impl FnOnce(&mut Entry)) {
        let store = &self.engine.0.store;
        let result: Result<(), crate::store::StoreError> = store.transact(|transaction| {
            let mut entry = transaction.entry(id).unwrap().as_ref().clone();
            edit(&mut entry);
            transaction.put_entry(entry);
            Ok(())
        });
        result.unwrap();
    }

    pub(super) fn entry(&self, id: &EntryId) -> Arc<Entry> {
        self.engine.0.store.snapshot().entries.get(id).unwrap()
    }
}
