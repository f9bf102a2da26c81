//! Watched accounts: looking at files, folders and servers, and writing down what changed.

mod hosts;

use std::path::PathBuf;

use jiff::Timestamp;

use super::command::{Done, SyncReport};
use super::error::EngineError;
use super::settings::AccountSettings;
use super::{Engine, Inner};
use crate::config::Target;
use crate::domain::inventory::Watched;
use crate::pki::Certificate;

/// What came of looking at one place.
pub(super) struct Look {
    /// The file, absolute, or the server as [`Target`] writes it.
    pub(super) place: String,
    /// Everything that lies or is shown there: leaves and what stands above them, in any order;
    /// nothing where it holds no certificate. Or why it cannot be read and what to do, as a
    /// clause that stays the same for as long as the reason does (no times, no counts).
    pub(super) outcome: Result<Vec<Certificate>, String>,
}

impl Engine {
    pub(super) async fn sync(&self, account: Option<String>) -> Result<Done, EngineError> {
        let _ = (self.now(), account);
        std::future::ready(()).await;
        Err(EngineError::Failed("not there yet".to_owned()))
    }

    pub(super) async fn import_all(
        &self,
        paths: Vec<PathBuf>,
        hosts: Vec<Target>,
    ) -> Result<Done, EngineError> {
        let _ = hosts;
        self.aside(move |inner| inner.import(&paths)).await
    }
}

impl Inner {
    /// Writes down what was seen: new certificates, renewed ones, moved and lost ones.
    ///
    /// `complete` says that these are all files that the account watches, so that what lies in
    /// none of them is gone. Servers are never gone by not being among the looks: whoever looks
    /// at servers says `false`. `at` is the system's time of the look. Blocks.
    pub(super) fn settle_looks(
        &self,
        account: &str,
        looks: Vec<Look>,
        complete: bool,
        at: Timestamp,
    ) -> Result<SyncReport, EngineError> {
        let _ = (looks, complete, at);
        Ok(SyncReport {
            account: account.to_owned(),
            ..SyncReport::default()
        })
    }

    /// How watching an account goes; nothing where it watches nothing.
    pub(super) fn watched(&self, settings: &AccountSettings) -> Option<Watched> {
        let _ = (self.now(), settings);
        None
    }
}
