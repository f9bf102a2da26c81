//! The one service behind both faces: command, gate, intent, provider, event, store, publish.

pub mod command;
pub mod demo;
pub mod error;
pub mod order;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{broadcast, watch};

use crate::domain::account::AccountKind;
use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Lifecycles;
use command::{Command, Details, Done, Notice, Offer};
pub use error::EngineError;

/// The service; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    published: Arc<watch::Sender<Arc<Inventory>>>,
    notices: broadcast::Sender<Notice>,
}

/// STUB: what the engine is opened with.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The folder of the store.
    pub store: PathBuf,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// How long to wait for another process that is writing.
    pub lock_timeout: Duration,
    /// The accounts.
    pub accounts: Vec<AccountSettings>,
    /// The lifecycles.
    pub lifecycles: Lifecycles,
    /// Who acts, for the history: `panel` or `command`.
    pub who: String,
    /// A program that is started with each notice.
    pub notice_command: Vec<String>,
}

/// STUB: one account.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AccountKind,
    /// The lifecycle of its entries.
    pub lifecycle: String,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
    /// What a sandbox's chances hang on.
    pub seed: Option<u64>,
    /// How many of a sandbox's seconds pass in one.
    pub speed: Option<u32>,
}

impl Engine {
    /// STUB: opens the store.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub fn open(settings: EngineSettings) -> Result<Self, EngineError> {
        let EngineSettings { store, .. } = settings;
        let store = store.display();
        Err(EngineError::Failed(format!(
            "opening the store {store} failed: the engine is not there yet"
        )))
    }

    /// What there is now.
    #[must_use]
    pub fn inventory(&self) -> Arc<Inventory> {
        self.published.borrow().clone()
    }

    /// What there is, with a signal at each change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Inventory>> {
        self.published.subscribe()
    }

    /// What people should hear of at once, from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// The system's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        todo!()
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// Whatever stands in the way, with what to do about it.
    pub async fn run(&self, command: Command) -> Result<Done, EngineError> {
        todo!("{command:?}")
    }

    /// What the details pane shows of an entry.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn details(&self, entry: EntryId) -> Result<Details, EngineError> {
        todo!("{entry}")
    }

    /// What an account sells.
    #[must_use]
    pub fn offers(&self, account: &str) -> Vec<Offer> {
        todo!("{account}")
    }

    /// Keeps the sandbox's clocks going, lets happen what is due, and picks up what other
    /// processes change; ends only when it is dropped.
    pub async fn live(&self) {
        todo!()
    }

    /// Writes down what only this process knows: where the sandbox's clocks stand.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn close(&self) -> Result<(), EngineError> {
        todo!()
    }
}
