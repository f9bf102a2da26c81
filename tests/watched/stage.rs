//! A folder to watch with certificates of a test CA, a store, and what people see of both.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use certdeck::config::Watch;
use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::Entry;
use certdeck::domain::inventory::Watched;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::{Command, Done, SyncReport};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::pki::ca::{IssueRequest, SandboxCa};
use certdeck::pki::{KeyType, PrivateKey, ValidationLevel};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to watch, a store, and a CA whose certificates lie there.
pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    pub(crate) ca: SandboxCa,
    pub(crate) key: PrivateKey,
    pub(crate) now: Timestamp,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let now = certdeck::engine::system_clock()();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        Self {
            folder,
            ca: SandboxCa::generate("test", now).unwrap(),
            key: PrivateKey::generate(KeyType::P256).unwrap(),
            now,
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("certs")
    }

    pub(crate) fn watch(&self) -> Watch {
        Watch {
            paths: vec![self.root()],
            ..Watch::default()
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine_for(self.watch(), false)
    }

    pub(crate) fn engine_for(&self, watch: Watch, read_only: bool) -> Engine {
        let account = AccountSettings {
            watch,
            read_only,
            ..AccountSettings::usual("certs", AccountKind::Files, "files")
        };
        let store = self.folder.path().join("store");
        Engine::open(EngineSettings {
            accounts: vec![account],
            ..EngineSettings::usual(store, Lifecycles::built_in().unwrap(), "test")
        })
        .unwrap()
    }

    /// An engine whose accounts come and go.
    pub(crate) fn engine_with_accounts(&self) -> Engine {
        let accounts = self.folder.path().join("accounts");
        fs::create_dir_all(&accounts).unwrap();
        let store = self.folder.path().join("store");
        Engine::open(EngineSettings {
            accounts_folder: Some(accounts),
            ..EngineSettings::usual(store, Lifecycles::built_in().unwrap(), "test")
        })
        .unwrap()
    }

    /// A certificate, leaf and chain, that began so many days ago.
    pub(crate) fn issue(&self, name: &str, days_ago: i64) -> (String, String) {
        self.issue_for(&self.key, name, days_ago)
    }

    pub(crate) fn issue_for(
        &self,
        key: &PrivateKey,
        name: &str,
        days_ago: i64,
    ) -> (String, String) {
        let day = |days: i64| self.now + SignedDuration::from_hours(24 * days);
        let request = IssueRequest {
            names: vec![name.parse().unwrap()],
            not_before: day(-days_ago),
            not_after: day(90 - days_ago),
            serial: [u8::try_from(days_ago + 1).unwrap(); 16],
            level: ValidationLevel::Dv,
            organization: None,
        };
        let issued = self.ca.issue(&key.spki_der(), &request).unwrap();
        (issued.leaf_pem, issued.chain_pem.concat())
    }

    /// Writes a file as if it had been written a minute ago, so that it is no half-written one.
    pub(crate) fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.put_now(name, content);
        let file = fs::File::options().write(true).open(&path).unwrap();
        let ago = SystemTime::now() - Duration::from_secs(60);
        file.set_modified(ago).unwrap();
        path
    }

    pub(crate) fn put_now(&self, name: &str, content: &str) -> PathBuf {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn journal(&self) -> String {
        fs::read_to_string(self.folder.path().join("store/journal.jsonl")).unwrap()
    }
}

pub(crate) async fn sync(engine: &Engine) -> SyncReport {
    let command = Command::Sync { account: None };
    match engine.run(command).await.unwrap() {
        Done::Synced(reports) => reports.into_iter().next().unwrap(),
        other => panic!("a sync answers Synced, not {other:?}"),
    }
}

/// All entries of the account, the one with the oldest certificate first.
pub(crate) fn entries(engine: &Engine) -> Vec<Arc<Entry>> {
    let inventory = engine.inventory();
    let ours = inventory.entries.iter();
    let mut ours: Vec<_> = ours.filter(|entry| entry.account == "certs").collect();
    ours.sort_by_key(|entry| entry.serving().map(|held| held.not_before));
    ours
}

pub(crate) fn watched(engine: &Engine) -> Watched {
    let inventory = engine.inventory();
    inventory.accounts["certs"].watched.clone().unwrap()
}

pub(crate) fn origin(entry: &Entry) -> &str {
    entry.origin.as_deref().unwrap()
}

pub(crate) fn why(entry: &Entry) -> &str {
    &entry.trouble.as_ref().unwrap().why
}

/// Waits until something is so.
pub(crate) async fn until(engine: &Engine, what: &str, is_so: impl Fn(&Engine) -> bool) {
    let mut changes = engine.watch();
    let wait = async {
        while !is_so(engine) {
            changes.changed().await.unwrap();
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    assert!(waited.is_ok(), "{what}: {:#?}", entries(engine));
}
