//! The requests that this process is working on: their answers may still come, however long it
//! takes, so nobody here takes them for interrupted.
//!
//! `act` and `place` begin one for as long as they wait for an answer; `reconcile` asks.

use std::sync::Arc;

use super::{Inner, hold};
use crate::domain::entry::EntryId;

/// A request that is on its way, for as long as this lives.
#[must_use]
pub(super) struct Flight {
    inner: Arc<Inner>,
    entry: EntryId,
}

impl Flight {
    /// From now on a request for this entry is on its way.
    pub(super) fn begin(inner: &Arc<Inner>, entry: &EntryId) -> Self {
        *hold(&inner.flights).entry(entry.clone()).or_insert(0) += 1;
        Self {
            inner: Arc::clone(inner),
            entry: entry.clone(),
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut flights = hold(&self.inner.flights);
        if let Some(count) = flights.get_mut(&self.entry) {
            *count -= 1;
            if *count == 0 {
                flights.remove(&self.entry);
            }
        }
    }
}

impl Inner {
    /// Whether this process waits for an answer for an entry.
    pub(super) fn is_in_flight(&self, entry: &EntryId) -> bool {
        hold(&self.flights).contains_key(entry)
    }
}
