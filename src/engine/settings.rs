//! How an engine is set up.
//!
//! Plain data: whoever starts the program reads the configuration and hands this over.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{AccountFile, Deploy, PROBE_PARALLEL, ProbeSettings, SandboxDefaults, Watch};
use crate::domain::account::AccountKind;
use crate::domain::lifecycle::Lifecycles;
use crate::probe;
use crate::providers::ProviderSource;
use crate::store::{self, Disk, Store, StoreError};

pub use crate::store::{Clock, system_clock};

/// The account that exists without being configured: the sandbox, which plays every lifecycle.
pub const SANDBOX_ACCOUNT: &str = "sandbox";
/// The account that exists without being configured: imported files.
pub const FILES_ACCOUNT: &str = "files";
/// The sandbox's speed where nothing else is said: a minute in each second.
pub const USUAL_SPEED: u32 = 60;
/// The sandbox's seed where nothing else is said.
pub const USUAL_SEED: u64 = 1;

/// Everything that an engine needs to know.
#[derive(Clone)]
pub struct EngineSettings {
    /// The store's folder.
    pub store: PathBuf,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// How long to wait for another process that writes.
    pub lock_timeout: Duration,
    /// The accounts; the two that always exist are added where they are missing.
    pub accounts: Vec<AccountSettings>,
    /// The folder with one file for each account; none can be added where there is no folder.
    pub accounts_folder: Option<PathBuf>,
    /// What `~` means in the paths of an account; nothing where that is not known.
    pub home: Option<PathBuf>,
    /// Where other programs usually keep certificates, for whoever looks for them.
    pub usual_places: Vec<PathBuf>,
    /// What holds for sandbox accounts that say nothing else.
    pub sandbox: SandboxDefaults,
    /// The lifecycles.
    pub lifecycles: Lifecycles,
    /// Who acts, for the journal: `panel` or `command`.
    pub who: String,
    /// A command and its arguments that is run at each notice; nothing where it is empty.
    pub notice_command: Vec<String>,
    /// Whether private keys that come into the store are encrypted.
    pub encrypt_keys: bool,
    /// The system's time.
    pub clock: Clock,
    /// How long one look at a server may take.
    pub patience: Duration,
    /// How many servers a probing talks to at once.
    pub probe_parallel: usize,
    /// The store is thrown away afterwards, so that nothing waits for the disk.
    pub passing: bool,
    /// Other providers than the sandbox, by account; nothing where there is none.
    pub providers: Option<ProviderSource>,
    /// The file system that the store lies on; the machine's where there is none.
    pub disk: Option<Arc<dyn Disk>>,
}

impl fmt::Debug for EngineSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineSettings")
            .field("store", &self.store)
            .field("read_only", &self.read_only)
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

/// One account as it was configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSettings {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AccountKind,
    /// The lifecycles of what is ordered through it, by id, the usual one first; every one that
    /// there is where the list is empty.
    pub lifecycles: Vec<String>,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
    /// What the sandbox's chances hang on.
    pub seed: Option<u64>,
    /// How many sandbox seconds pass in one second.
    pub speed: Option<u32>,
    /// How many of a thousand answers the sandbox loses.
    pub lose_answers: Option<u32>,
    /// Where the provider's own panel is, for an account by hand.
    pub panel: Option<String>,
    /// What is watched, for an account of files and servers.
    pub watch: Watch,
    /// How its certificates are deployed, if it says so.
    pub deploy: Option<Deploy>,
    /// Where the servers of its entries are.
    pub probe: ProbeSettings,
}

impl AccountSettings {
    /// An account as its file describes it, its paths settled.
    #[must_use]
    pub fn of_file(file: &AccountFile, sandbox: SandboxDefaults) -> Self {
        Self {
            name: file.name.clone(),
            kind: file.kind,
            lifecycles: file.lifecycles.clone(),
            read_only: file.read_only,
            seed: file.seed.or(sandbox.seed),
            speed: file.speed.or(Some(sandbox.speed)),
            lose_answers: file.lose_answers,
            panel: file.panel.clone(),
            watch: file.watch.clone(),
            deploy: file.deploy.clone(),
            probe: file.probe.clone(),
        }
    }

    /// An account as it is when nobody configured it.
    #[must_use]
    pub fn usual(name: &str, kind: AccountKind, lifecycle: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            lifecycles: vec![lifecycle.to_owned()],
            read_only: false,
            seed: None,
            speed: None,
            lose_answers: None,
            panel: None,
            watch: Watch::default(),
            deploy: None,
            probe: ProbeSettings::default(),
        }
    }
}

impl EngineSettings {
    /// The settings of an engine on this store about which nothing else was said; `who` acts, for
    /// the journal.
    #[must_use]
    pub fn usual(store: PathBuf, lifecycles: Lifecycles, who: &str) -> Self {
        Self {
            store,
            read_only: false,
            lock_timeout: Duration::from_secs(5),
            accounts: Vec::new(),
            accounts_folder: None,
            home: None,
            usual_places: Vec::new(),
            sandbox: SandboxDefaults {
                speed: USUAL_SPEED,
                seed: None,
            },
            lifecycles,
            who: who.to_owned(),
            notice_command: Vec::new(),
            encrypt_keys: false,
            clock: system_clock(),
            patience: probe::PATIENCE,
            probe_parallel: PROBE_PARALLEL,
            passing: false,
            providers: None,
            disk: None,
        }
    }

    /// Opens the store.
    pub(super) fn open_store(&self) -> Result<Store, StoreError> {
        match &self.disk {
            Some(disk) => Store::open_on(Arc::clone(disk), &self.store, self.store_options()),
            None => Store::open(&self.store, self.store_options()),
        }
    }

    /// The store's part of the settings.
    pub(super) fn store_options(&self) -> store::OpenOptions {
        store::OpenOptions {
            read_only: self.read_only,
            lock_timeout: self.lock_timeout,
            clock: self.clock.clone(),
            passing: self.passing,
        }
    }

    /// The accounts by name, with the two that always exist.
    pub(super) fn accounts_by_name(&self) -> BTreeMap<String, AccountSettings> {
        let every = AccountSettings {
            lifecycles: Vec::new(),
            ..AccountSettings::usual(SANDBOX_ACCOUNT, AccountKind::Sandbox, "")
        };
        let always = [
            every,
            AccountSettings::usual(FILES_ACCOUNT, AccountKind::Files, "files"),
        ];
        let all = always.into_iter().chain(self.accounts.iter().cloned());
        all.map(|account| (account.name.clone(), account)).collect()
    }
}
