//! Opening in stages: a long store shows its first page at once, and the rest when it is read.
//!
//! The panel opens so; headless commands read everything first. Until then the inventory says that it
//! is loading, and nothing is decided on it.

use std::time::Duration;

use super::command::Progress;
use super::error::EngineError;
use super::settings::EngineSettings;
use super::{Engine, Inner};
use crate::domain::entry::EntryId;
use crate::domain::query::{self, SortKey};
use crate::store::Store;

/// Reading that is over sooner is not worth telling.
const SHORT: Duration = Duration::from_millis(150);
/// How often it is told how far reading has come.
const STEP: Duration = Duration::from_millis(100);
/// How many entries the first page has: more than a screen shows.
const PAGE: usize = 120;

impl Engine {
    /// Opens the store and takes up where it was left; of a long one only the first page is read, and
    /// [`Engine::load`] reads the rest.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_in_stages(settings: EngineSettings) -> Result<Self, EngineError> {
        let store = Store::open_at_first_page(&settings.store, settings.store_options())?;
        Ok(Self::on(store, settings))
    }

    /// Whether only the first page is there yet.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.0.store.snapshot().entries.is_first_page()
    }

    /// Reads what an engine that was opened in stages has not read yet, settles what was interrupted,
    /// and tells what is wrong with either. Nothing where everything is there.
    pub async fn load(&self) {
        if !self.is_loading() {
            return;
        }
        let loaded = self.load_and_tell().await;
        self.0.progress.send_replace(None);
        match loaded {
            Ok(()) => {
                for says in self.warnings() {
                    self.0.send_trouble(&says);
                }
                if let Err(error) = self.settle_interrupted().await {
                    let says = format!("what was interrupted before could not be settled: {error}");
                    self.0.send_trouble(&says);
                }
            }
            Err(error) => self
                .0
                .send_trouble(&format!("the list could not be read: {error}")),
        }
    }

    async fn load_and_tell(&self) -> Result<(), EngineError> {
        let loading = self.aside(Inner::load);
        tokio::pin!(loading);
        let mut wait = SHORT;
        let since = self.0.now();
        loop {
            tokio::select! {
                loaded = &mut loading => return loaded,
                () = tokio::time::sleep(wait) => {}
            }
            wait = STEP;
            let so_far = self.0.store.reading();
            self.0
                .progress
                .send_replace(so_far.map(|(done, total)| Progress {
                    what: "Loading entries".to_owned(),
                    done,
                    total: Some(total),
                    since,
                }));
        }
    }

    /// Keeps the page that the list begins with, for the next start. A failure is left alone: the
    /// next start shows the list a little later.
    pub async fn keep_first_page(&self) {
        let _ = self.aside(Inner::keep_first_page).await;
    }
}

impl Inner {
    fn load(&self) -> Result<(), EngineError> {
        self.store.load()?;
        self.adopt_clocks();
        self.publish();
        Ok(())
    }

    /// Writes the first page where it is worth its while and none of this state is there.
    pub(super) fn keep_first_page(&self) -> Result<(), EngineError> {
        if self.settings.read_only || self.store.snapshot().entries.is_first_page() {
            return Ok(());
        }
        if !self.store.wants_first_page() {
            return Ok(());
        }
        let inventory = self.picture();
        let rows = inventory.rows(self.now());
        let order = query::in_order(&rows, SortKey::default(), false);
        let numbers = order.into_iter().map(|number| number as usize);
        let shown = numbers.filter(|number| !rows.is_archived(*number));
        let page: Vec<EntryId> = shown.take(PAGE).filter_map(|at| rows.id(at)).collect();
        self.store.keep_first_page(inventory.seq, &page)?;
        Ok(())
    }
}
