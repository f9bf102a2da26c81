//! How far reading a long snapshot has come, for whoever waits for it.
//!
//! Plain numbers that several threads change. `snapshot` counts, `Store::reading` tells.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes of how many were read; 0 of 0 while nothing is read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    done: AtomicU64,
    total: AtomicU64,
}

impl Reading {
    pub(crate) fn begin(&self, total: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn went_on(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.begin(0);
    }

    /// How many bytes of how many were read; nothing while nothing is read.
    pub(crate) fn so_far(&self) -> Option<(u64, u64)> {
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        (total > 0).then_some((done.min(total), total))
    }
}
