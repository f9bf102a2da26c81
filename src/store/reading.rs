//! How far reading a long snapshot has come, for whoever waits for it.
//!
//! Plain numbers that several threads change. `snapshot` counts, `Store::reading` tells.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes of how many were read, and how many entries they have; all 0 while nothing is read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    done: AtomicU64,
    total: AtomicU64,
    entries: AtomicU64,
}

impl Reading {
    pub(crate) fn begin(&self, total: u64, entries: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.entries.store(entries, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn went_on(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.begin(0, 0);
    }

    /// How many entries of how many were read, as the bytes tell; nothing while nothing is read.
    pub(crate) fn so_far(&self) -> Option<(usize, usize)> {
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed).min(total);
        let entries = self.entries.load(Ordering::Relaxed);
        let part = u128::from(entries) * u128::from(done) / u128::from(total.max(1));
        let (done, entries) = (usize::try_from(part).ok()?, usize::try_from(entries).ok()?);
        (total > 0).then_some((done, entries))
    }
}
