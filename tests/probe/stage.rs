//! An engine with one account that watches servers, and how to wait for what it sees.

use std::sync::Arc;
use std::time::{Duration, Instant};

use certdeck::config::{Target, Watch};
use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::Entry;
use certdeck::domain::inventory::{Inventory, Watched};
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Command, Done, SyncReport};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use tempfile::TempDir;
use tokio::task::AbortHandle;

/// The account.
pub(crate) const FLEET: &str = "fleet";

/// One watched account on a store that vanishes with the test.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) folder: TempDir,
    patience: Duration,
    live: Option<AbortHandle>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(live) = &self.live {
            live.abort();
        }
    }
}

impl Stage {
    pub(crate) fn new(hosts: Vec<Target>, patience: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(&folder, hosts, patience);
        Self {
            engine,
            folder,
            patience,
            live: None,
        }
    }

    /// The same store, with another process on it.
    pub(crate) fn again(mut self, hosts: Vec<Target>) -> Self {
        if let Some(live) = self.live.take() {
            live.abort();
        }
        self.engine = open(&self.folder, hosts, self.patience);
        self
    }

    /// Watches as the panel does, from now on.
    pub(crate) fn live(&mut self) {
        let engine = self.engine.clone();
        let live = tokio::spawn(async move { engine.live().await });
        self.live = Some(live.abort_handle());
    }

    /// Looks once.
    pub(crate) async fn sync(&self) -> SyncReport {
        let account = Some(FLEET.to_owned());
        let done = self.engine.run(Command::Sync { account }).await.unwrap();
        let Done::Synced(mut reports) = done else {
            panic!("a sync answers Synced, not {done:?}");
        };
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.remove(0)
    }

    pub(crate) fn watched(&self) -> Watched {
        let inventory = self.engine.inventory();
        inventory.accounts[FLEET].watched.clone().unwrap()
    }

    /// The entry in the list that is called so.
    pub(crate) fn entry(&self, name: &str) -> Arc<Entry> {
        let inventory = self.engine.inventory();
        let mut fitting = inventory
            .entries
            .iter()
            .filter(|entry| entry.name() == name && !entry.archived);
        let entry = fitting.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(fitting.next().is_none(), "{name} is there once");
        entry
    }

    /// Waits for what people will see.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&Inventory) -> bool) {
        let begun = Instant::now();
        while !is_so(&self.engine.inventory()) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "waited for {what}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn open(folder: &TempDir, hosts: Vec<Target>, patience: Duration) -> Engine {
    let mut fleet = AccountSettings::usual(FLEET, AccountKind::Files, "files");
    fleet.watch = Watch {
        hosts,
        every: Duration::from_millis(700),
        ..Watch::default()
    };
    let usual = EngineSettings::usual(
        folder.path().join("store"),
        Lifecycles::built_in().unwrap(),
        "test",
    );
    let settings = EngineSettings {
        accounts: vec![fleet],
        patience,
        ..usual
    };
    Engine::open(settings).unwrap()
}
