//! The one service behind both faces: command, gate, intent, provider, event, store, publish.
//!
//! It alone knows providers and the store. Every change takes the same way: the gate is asked
//! under the store's lock, what is going to be asked is written down, the provider is asked
//! without the lock, and what came of it is one transaction, after which everybody sees the new
//! inventory. The panel and the headless commands call it; it knows neither.

pub mod accounts;
mod act;
mod adopt;
pub mod answers;
pub mod archive;
mod authorities;
pub mod by_hand;
mod clocks;
pub mod command;
mod compacting;
mod condition;
pub mod demo;
mod destroy_key;
mod details;
mod discover;
pub mod doctor;
mod downloaded;
mod dues;
pub mod error;
mod flight;
mod hand_over;
mod import;
mod kept_lists;
pub mod keyring;
mod loading;
mod local;
mod lost;
mod notice;
pub mod order;
mod place;
mod play;
mod probing;
mod protects;
pub mod prune;
mod pulse;
mod reconcile;
mod revocation;
mod sandboxes;
mod settings;
mod settle;
#[cfg(test)]
mod stage;
mod unsettled;
mod watching;
mod weigh;
mod zone;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, broadcast, watch};

use crate::config::DEFAULT_LIFECYCLE;
use crate::domain::entry::EntryId;
use crate::domain::event::What;
use crate::domain::inventory::{Account, Inventory, RunningClock};
use crate::domain::lifecycle::Lifecycles;
use crate::providers::sandbox::Sandbox;
use crate::store::{Damage, Harm, Loaded, Store};
use command::{Command, Details, Done, HistoryLine, Notice, Offer, Progress};
pub use error::EngineError;
pub use settings::{
    AccountSettings, Clock, EngineSettings, FILES_ACCOUNT, SANDBOX_ACCOUNT, USUAL_SEED,
    USUAL_SPEED, system_clock,
};

/// Notices that nobody has read yet; older ones are dropped beyond that.
const NOTICES: usize = 256;

/// The service; cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

pub(crate) struct Inner {
    store: Store,
    settings: EngineSettings,
    who: String,
    lifecycles: Arc<Lifecycles>,
    /// The accounts by name; replaced as a whole when one is added or removed.
    accounts: Mutex<Arc<BTreeMap<String, AccountSettings>>>,
    /// The accounts that have a file; held while one is written or moved.
    filed: Mutex<accounts::Filed>,
    clocks: Mutex<BTreeMap<String, RunningClock>>,
    sandboxes: Mutex<BTreeMap<String, Arc<Sandbox>>>,
    /// When something happens next in each sandbox.
    dues: Mutex<dues::All>,
    /// Events of the sandbox that could not happen.
    stuck: Mutex<BTreeSet<(EntryId, String)>>,
    /// The trouble of the last look around, and of the notice command, as they were told.
    trouble: Mutex<Option<String>>,
    notice_trouble: Mutex<Option<String>>,
    /// What was damaged of the store when that was last told.
    damage: Mutex<Vec<Damage>>,
    /// The trouble of the last look at each watched account, as it was told.
    look_trouble: Mutex<BTreeMap<String, String>>,
    /// The entries with a request that this process is working on.
    flights: Mutex<BTreeMap<EntryId, usize>>,
    /// The latest time at which the store is known to have been written.
    written: Mutex<Option<Timestamp>>,
    /// How many notice commands are running.
    notice_commands: Arc<AtomicUsize>,
    published: watch::Sender<Arc<Inventory>>,
    notices: broadcast::Sender<Notice>,
    /// How far something long has come.
    progress: watch::Sender<Option<Progress>>,
    /// How often probing was called off.
    probing: watch::Sender<u64>,
    /// Wakes `live` before its time.
    woken: Notify,
    /// Whether a new snapshot is being written.
    compacting: compacting::Compacting,
    /// What is known of watched accounts.
    watching: watching::Watching,
    live: AtomicBool,
    /// The passphrases of private keys.
    keyring: keyring::Keyring,
    /// The revocation list that was read last.
    last_list: kept_lists::LastList,
    /// What is being deployed.
    deploys: hand_over::Deploys,
}

impl Engine {
    /// Opens the store and takes up where it was left.
    ///
    /// # Errors
    /// When the store cannot be opened, or an account wants a lifecycle that does not exist.
    pub fn open(settings: EngineSettings) -> Result<Self, EngineError> {
        let store = settings.open_store()?;
        Ok(Self::on(store, settings))
    }

    /// The service over an open store.
    fn on(store: Store, settings: EngineSettings) -> Self {
        let inner = Inner {
            who: settings.who.clone(),
            lifecycles: Arc::new(settings.lifecycles.clone()),
            accounts: Mutex::new(Arc::new(settings.accounts_by_name())),
            filed: Mutex::new(accounts::filed(&settings)),
            store,
            settings,
            clocks: Mutex::default(),
            sandboxes: Mutex::default(),
            dues: Mutex::default(),
            stuck: Mutex::default(),
            trouble: Mutex::default(),
            notice_trouble: Mutex::default(),
            damage: Mutex::default(),
            look_trouble: Mutex::default(),
            flights: Mutex::default(),
            written: Mutex::default(),
            notice_commands: Arc::default(),
            published: watch::Sender::new(Arc::default()),
            notices: broadcast::Sender::new(NOTICES),
            progress: watch::Sender::new(None),
            probing: watch::Sender::new(0),
            woken: Notify::new(),
            compacting: compacting::Compacting::default(),
            watching: watching::Watching::default(),
            live: AtomicBool::new(false),
            keyring: keyring::Keyring::default(),
            last_list: kept_lists::LastList::default(),
            deploys: hand_over::Deploys::default(),
        };
        inner.adopt_clocks();
        inner.publish();
        Self(Arc::new(inner))
    }

    /// What there is now.
    #[must_use]
    pub fn inventory(&self) -> Arc<Inventory> {
        self.0.published.borrow().clone()
    }

    /// What there is, with a signal at each change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Inventory>> {
        self.0.published.subscribe()
    }

    /// What people should hear of at once, from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices.subscribe()
    }

    /// How far something long has come, with a signal at each step; nothing while nothing long is
    /// under way.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Option<Progress>> {
        self.0.progress.subscribe()
    }

    /// The system's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// What of the store could not be read, in sentences.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.0.store.snapshot().warnings;
        let said = condition::damage_words(&warnings);
        *hold(&self.0.damage) = warnings;
        said
    }

    /// Whether something that was kept once cannot be read any more. A last line that was never
    /// finished is no such loss: nobody was told that it is kept.
    #[must_use]
    pub fn has_lost_something(&self) -> bool {
        let warnings = self.0.store.snapshot().warnings;
        warnings.iter().any(|damage| damage.harm != Harm::TornTail)
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// Whatever stands in the way, with what to do about it.
    pub async fn run(&self, command: Command) -> Result<Done, EngineError> {
        match command {
            Command::Order(form) => self.place(form).await,
            Command::Act {
                entry,
                action,
                with,
                seen_state,
            } => self.act(entry, action, with, seen_state).await,
            Command::Candidates { entry } => self.candidates(entry).await,
            Command::Adopt { entry, candidate } => self.adopt(entry, candidate).await,
            Command::SendAgain { entry } => self.risk_again(entry).await,
            Command::Import {
                paths,
                hosts,
                passphrase,
                keys,
            } => self.import_all(paths, hosts, passphrase, keys).await,
            Command::CheckAccount { name } => self.check_account(name).await,
            Command::Sync { account } => self.sync(account).await,
            Command::Deploy { entry, exported } => self.deploy(entry, exported).await,
            Command::Probe(form) => self.probe(*form).await,
            other => self.aside(move |inner| inner.run_local(other)).await,
        }
    }

    /// What the details pane shows of an entry.
    ///
    /// # Errors
    /// When there is no such entry, or the store cannot be read.
    pub async fn details(&self, entry: EntryId) -> Result<Details, EngineError> {
        self.aside(move |inner| inner.details(&entry)).await
    }

    /// The history of one entry or of all, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, entry: Option<EntryId>) -> Result<Vec<HistoryLine>, EngineError> {
        self.aside(move |inner| inner.history(entry.as_ref())).await
    }

    /// What an account sells; nothing if it sells nothing.
    #[must_use]
    pub fn offers(&self, account: &str) -> Vec<Offer> {
        self.0.offers(account)
    }

    /// Writes down what only this process knows: where the sandbox's clocks stand.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn close(&self) -> Result<(), EngineError> {
        if self.0.settings.read_only || !self.0.is_live() {
            return Ok(());
        }
        self.aside(Inner::keep_clocks).await?;
        self.aside(|inner| inner.keep_looks(SignedDuration::ZERO))
            .await?;
        self.keep_first_page().await;
        Ok(())
    }

    /// Does blocking work where it holds up nobody.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let inner = Arc::clone(&self.0);
        let stopped = |error| EngineError::Failed(format!("a task stopped unexpectedly: {error}"));
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(stopped)?
    }
}

impl Inner {
    fn run_local(&self, command: Command) -> Result<Done, EngineError> {
        match command {
            Command::Play { entry, event } => self.play(&entry, &event),
            Command::RevealKey { entry } => self.hand_out_key(&entry, What::KeyRevealed),
            Command::CopyKey { entry } => self.hand_out_key(&entry, What::KeyCopied),
            Command::Unlock { passphrase, lock } => self.unlock(&passphrase, &lock),
            Command::Export(export) => self.export(&export),
            Command::CancelDeploy { entry } => self.cancel_deploy(&entry),
            Command::DestroyKey { entry } => self.destroy_key(&entry),
            Command::ChangeKeys(change) => self.change_keys(&change),
            Command::Note { entry, note } => self.note(&entry, &note),
            Command::Archive { entry } => self.local(&entry, "archive", What::Archived),
            Command::Restore { entry } => self.local(&entry, "restore", What::Restored),
            Command::GiveUp { entry } => self.give_up_request(&entry),
            Command::Clock { account, change } => self.set_clocks(account.as_deref(), change),
            Command::Zone { account, status } => self.set_zone(&account, status),
            Command::OrderByHand(order) => self.order_by_hand(&order),
            Command::Record(record) => self.record(&record),
            Command::AddAccount(draft) => self.add_account(&draft),
            Command::RemoveAccount { name } => {
                self.without_looks(&name, || self.remove_account(&name))
            }
            Command::Discover { roots } => Ok(self.discover(&roots)),
            Command::StopProbing => Ok(self.stop_probing()),
            Command::Order(_)
            | Command::Act { .. }
            | Command::Candidates { .. }
            | Command::Adopt { .. }
            | Command::SendAgain { .. }
            | Command::Import { .. }
            | Command::CheckAccount { .. }
            | Command::Sync { .. }
            | Command::Deploy { .. }
            | Command::Probe(_) => Err(EngineError::Failed(
                "this command is not carried out here".to_owned(),
            )),
        }
    }

    /// The accounts by name, as they are now.
    pub(super) fn accounts(&self) -> Arc<BTreeMap<String, AccountSettings>> {
        Arc::clone(&hold(&self.accounts))
    }

    /// The lifecycles of an account, by id, the usual one first: those that it names, or every one
    /// that orders can follow.
    fn lifecycles_of(&self, account: &AccountSettings) -> Vec<String> {
        if !account.lifecycles.is_empty() {
            return account.lifecycles.clone();
        }
        let ids = self.lifecycles.ids().map(str::to_owned);
        // What lies in files follows the clock, and nobody orders it.
        let mut ids: Vec<String> = ids.filter(|id| id != "files").collect();
        ids.sort_by_key(|id| id != DEFAULT_LIFECYCLE);
        ids
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.settings.clock)()
    }

    fn is_live(&self) -> bool {
        self.live.load(Ordering::Relaxed)
    }

    fn go_live(&self) {
        if !self.live.swap(true, Ordering::Relaxed) {
            self.start_clocks();
            self.publish();
        }
    }

    /// Accounts and lifecycles, without entries.
    fn frame(&self, loaded: &Loaded) -> Inventory {
        let clocks = hold(&self.clocks);
        let settings = self.accounts();
        let accounts = settings.values().map(|settings| {
            // A sandbox that nobody ever used has no time of its own yet.
            let record = loaded.accounts.get(&settings.name);
            let account = Account {
                deploys: settings.deploy.is_some(),
                probes_wildcards: settings.probe.wildcard.is_some(),
                name: settings.name.clone(),
                kind: settings.kind,
                lifecycles: self.lifecycles_of(settings),
                read_only: settings.read_only || self.settings.read_only,
                clock: record.and_then(|_| clocks.get(&settings.name).copied()),
                seed: record.and_then(|record| record.seed),
                zone: record.and_then(|record| record.zone),
                panel: settings.panel.clone(),
                watched: self.watched(settings),
            };
            (settings.name.clone(), account)
        });
        Inventory {
            accounts: accounts.collect(),
            lifecycles: Arc::clone(&self.lifecycles),
            seq: loaded.seq,
            last_written: self.last_written(loaded),
            store_trouble: self.store.trouble(),
            ..Inventory::default()
        }
    }

    /// Everything as it is now.
    fn picture(&self) -> Inventory {
        let loaded = self.store.snapshot();
        Inventory {
            entries: loaded.entries.clone(),
            ..self.frame(&loaded)
        }
    }

    fn publish(&self) {
        // The picture is taken while nobody else publishes, so that a thread that took its own
        // earlier never puts it over a newer one.
        self.published
            .send_modify(|shown| *shown = Arc::new(self.picture()));
    }
}

/// A lock, also after a thread that held it panicked: what it guards is replaced as a whole.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
