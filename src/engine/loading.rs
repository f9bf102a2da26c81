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

    /// Keeps what makes the next start quick: the page that the list begins with, and what the list
    /// keeps of a long snapshot. A failure is left alone.
    pub async fn keep_for_the_next_start(&self) {
        self.keep_first_page().await;
        let _ = self.aside(Inner::keep_packed).await;
    }
}

impl Inner {
    fn load(&self) -> Result<(), EngineError> {
        self.store.load()?;
        self.adopt_clocks();
        self.publish();
        Ok(())
    }

    /// Packs what the list keeps of a long snapshot beside it, where that is not there; whether it
    /// did.
    pub(super) fn keep_packed(&self) -> Result<bool, EngineError> {
        if self.settings.read_only || self.store.snapshot().entries.is_first_page() {
            return Ok(false);
        }
        Ok(self.store.keep_packed()?)
    }

    /// Writes the first page where it is worth its while and none of this state is there; whether it
    /// did.
    pub(super) fn keep_first_page(&self) -> Result<bool, EngineError> {
        if self.settings.read_only || self.store.snapshot().entries.is_first_page() {
            return Ok(false);
        }
        if !self.store.wants_first_page() {
            return Ok(false);
        }
        let inventory = self.picture();
        let rows = inventory.rows(self.now());
        let is_shown = |number: usize| !rows.is_archived(number);
        let page = query::first(&rows, SortKey::default(), PAGE, is_shown);
        let page: Vec<EntryId> = (page.into_iter())
            .filter_map(|number| rows.id(number as usize))
            .collect();
        Ok(self.store.keep_first_page(inventory.seq, &page)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::stage::{START, Stage, settings};
    use super::*;
    use crate::domain::gate::Verdict;

    /// A store whose snapshot is long, with its first page, and what opens it again.
    async fn long() -> (Stage, EntryId) {
        let stage = Stage::new();
        let id = stage.order().await;
        let inner = &stage.engine.0;
        let fill = inner.store.transact(|transaction| {
            let entry = transaction.entry(&id).map(|entry| entry.as_ref().clone());
            for number in 0..200 {
                let mut other = entry.clone().unwrap();
                other.id = EntryId::new(format!("other{number}"));
                other.note = "n".repeat(if number == 0 { 9 << 20 } else { 9 });
                other.archived = number % 2 == 0;
                transaction.put_entry(other);
            }
            Ok::<_, EngineError>(())
        });
        fill.unwrap();
        inner.store.compact().unwrap();
        inner.keep_first_page().unwrap();
        (stage, id)
    }

    fn again(stage: &Stage) -> Engine {
        let store = stage.engine.0.store.dir();
        let now = START.parse().unwrap();
        let clock: super::super::Clock = std::sync::Arc::new(move || now);
        Engine::open_in_stages(settings(store, clock)).unwrap()
    }

    #[tokio::test]
    async fn a_long_list_is_shown_in_part_and_nothing_is_asked_of_a_provider_until_it_is_whole() {
        let (stage, id) = long().await;
        let engine = again(&stage);
        let page = engine.inventory();
        assert!(engine.is_loading() && page.is_loading());
        assert_eq!(
            page.entries.len(),
            101,
            "what was put away is on no first page"
        );
        let entry = page.get(&id).unwrap();
        let now = engine.now();
        let verdict = page.verdict("withdraw", &entry, now);
        let says = verdict.reason().unwrap().to_string();
        assert!(says.contains("still loading"), "{says}");
        let local = page.verdict("archive", &entry, now);
        assert!(matches!(local, Verdict::Possible { .. }), "{local:?}");

        engine.load().await;
        let whole = engine.inventory();
        assert!(!engine.is_loading() && !whole.is_loading());
        assert_eq!(whole.entries.len(), 201);
        let verdict = whole.verdict("withdraw", &entry, now);
        let loading = verdict
            .reason()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(!loading.contains("loading"), "{loading}");
        assert!(engine.progress().borrow().is_none());
    }

    #[tokio::test]
    async fn a_command_that_comes_while_the_list_loads_sees_all_of_it() {
        let (stage, id) = long().await;
        let engine = again(&stage);
        let command = super::super::command::Command::Note {
            entry: id.clone(),
            note: "looked at".to_owned(),
        };
        engine.run(command).await.unwrap();
        assert!(!engine.is_loading());
        assert_eq!(engine.inventory().entries.len(), 201);
        assert_eq!(engine.inventory().get(&id).unwrap().note, "looked at");
        assert_eq!(engine.0.store.snapshot().warnings, []);
    }

    #[tokio::test]
    async fn the_first_page_is_kept_for_the_state_that_is_left_behind() {
        let (stage, id) = long().await;
        stage.edit(&id, |entry| entry.note = "new".to_owned());
        assert_eq!(again(&stage).inventory().entries.len(), 0, "it is outdated");
        stage.engine.keep_first_page().await;
        let page = again(&stage).inventory();
        assert_eq!(page.get(&id).unwrap().note, "new");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_long_store_is_told_when_it_is_read() {
        let (stage, _) = long().await;
        let path = stage.engine.0.store.dir().join("inventory.jsonl");
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let engine = again(&stage);
        let mut notices = engine.notices();
        engine.load().await;
        let told = notices.try_recv().unwrap().says;
        assert!(told.contains("does not match its checksum"), "{told}");
    }
}
