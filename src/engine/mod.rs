//! The one service behind both faces: command, gate, intent, provider, event, store, publish.

pub mod command;
pub mod error;
pub mod order;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{broadcast, watch};

use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
use command::{Command, Details, Done, Notice, Offer};
pub use error::EngineError;

/// The service; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    published: Arc<watch::Sender<Arc<Inventory>>>,
    notices: broadcast::Sender<Notice>,
}

impl Engine {
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
