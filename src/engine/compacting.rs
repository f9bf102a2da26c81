//! A new snapshot when the journal has grown long, beside everything else.
//!
//! It takes seconds where there are many entries, so it has a thread of its own: nobody waits for it,
//! the end of the program does not either, and one that is cut short leaves nothing that the next one
//! does not clear away. The pulse starts it. A headless command, which has no pulse, does the same
//! once it has done its own work.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use jiff::{SignedDuration, Timestamp};

use super::error::EngineError;
use super::{Engine, Inner, hold};
use crate::domain::time;
use crate::store::StoreError;

/// How long it is left alone after it failed: a disk that is full is not written full again at once.
const AFTER_A_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// Whether a new snapshot is being written.
#[derive(Debug, Default)]
pub(super) struct Compacting {
    under_way: AtomicBool,
    /// Not before then, after a failure.
    again_at: Mutex<Option<Timestamp>>,
}

impl Engine {
    /// Writes a new snapshot beside everything else, where it is worth its while and none is being
    /// written.
    pub(super) fn compact_beside(&self) {
        let inner = Arc::clone(&self.0);
        if !inner.wants_compaction() || inner.compacting.under_way.swap(true, Ordering::Relaxed) {
            return;
        }
        let began = thread::Builder::new()
            .name("new snapshot".to_owned())
            .spawn(move || {
                let done = inner.compact();
                let failed = done
                    .is_err()
                    .then(|| time::later(inner.now(), AFTER_A_FAILURE));
                *hold(&inner.compacting.again_at) = failed;
                inner.compacting.under_way.store(false, Ordering::Relaxed);
                if let Err(error) = done {
                    inner.send_trouble(&format!("the journal was not made shorter: {error}"));
                }
            });
        if began.is_err() {
            // No thread to be had: the next pulse tries again.
            self.0.compacting.under_way.store(false, Ordering::Relaxed);
        }
    }
}

impl Engine {
    /// Writes a new snapshot where the journal has grown long, for a command that has done what it was
    /// for: who never opens the panel would have a journal that grows for ever. Another process that
    /// is at it, or that writes just now, has the right of way.
    ///
    /// # Errors
    /// What stood in the way; nothing is lost with that, and the next command tries again.
    pub async fn compact_at_the_end(&self) -> Result<(), EngineError> {
        if !self.0.wants_compaction() {
            return Ok(());
        }
        match self.aside(Inner::compact).await {
            Err(EngineError::Store(StoreError::Locked { .. })) => Ok(()),
            done => done,
        }
    }
}

impl Inner {
    fn wants_compaction(&self) -> bool {
        let again_at = *hold(&self.compacting.again_at);
        !self.settings.read_only
            && self.store.needs_compaction()
            && again_at.is_none_or(|at| at <= self.now())
    }

    fn compact(&self) -> Result<(), EngineError> {
        self.store.compact()?;
        // What is shown lets go of the old snapshot.
        self.publish();
        self.keep_first_page()?;
        self.keep_packed().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::stage::Stage;
    use super::*;

    fn wait_until(condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !condition() {
            assert!(Instant::now() < deadline, "it never came");
            thread::yield_now();
        }
    }

    #[tokio::test]
    async fn a_long_journal_becomes_a_snapshot_without_anybody_waiting() {
        let stage = Stage::new();
        let id = stage.order().await;
        let inner = &stage.engine.0;
        stage.engine.compact_beside();
        assert!(
            !inner.compacting.under_way.load(Ordering::Relaxed),
            "it is short"
        );
        let history = inner.store.dir().join("history");
        let kept = || std::fs::read_dir(&history).unwrap().count();
        let before = kept();
        stage.edit(&id, |entry| entry.note = "n".repeat(5 << 20));
        assert!(inner.store.needs_compaction());
        stage.engine.compact_beside();
        wait_until(|| !inner.compacting.under_way.load(Ordering::Relaxed));
        assert!(!inner.store.needs_compaction());
        assert_eq!(kept(), before + 1);
        assert_eq!(stage.entry(&id).note.len(), 5 << 20);
        assert!(stage.engine.inventory().entries.over().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_told_and_not_repeated_at_once() {
        let stage = Stage::new();
        let id = stage.order().await;
        let inner = &stage.engine.0;
        stage.edit(&id, |entry| entry.note = "n".repeat(5 << 20));
        let mut notices = stage.engine.notices();
        // Something else stands where the temporary file belongs.
        let planted = inner.store.dir().join("inventory.jsonl.next.new");
        std::fs::create_dir(&planted).unwrap();
        stage.engine.compact_beside();
        wait_until(|| !inner.compacting.under_way.load(Ordering::Relaxed));
        let told = notices.recv().await.unwrap().says;
        assert!(told.contains("inventory.jsonl.next.new"), "{told}");
        assert!(inner.store.needs_compaction() && !inner.wants_compaction());
        std::fs::remove_dir(&planted).unwrap();
        stage.turn_clock(301);
        stage.engine.compact_beside();
        wait_until(|| !inner.store.needs_compaction());
    }
}
