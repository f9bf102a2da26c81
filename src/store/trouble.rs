//! Whether the store can be written now: noticed when a write fails, and when one works again.
//!
//! `transact` notes how its writes went; the engine asks, tells people, and tries now and then
//! whether there is room again. Nothing of the store itself is touched by trying.

use super::disk::How;
use super::error::{StoreError, failed};
use super::{Store, hold};

/// As much as a transaction usually takes.
const A_LINE: usize = 16 * 1024;

/// What a file is called that only tries whether there is room: `room.<process>.new`.
const BEGINS: &str = "room.";
const ENDS: &str = ".new";

/// The process that tried whether there is room, from the name of its file.
pub(crate) fn tried_by(name: &str) -> Option<u32> {
    let process = name.strip_prefix(BEGINS)?.strip_suffix(ENDS)?;
    process.parse().ok()
}

impl Store {
    /// Why the last write failed, in a sentence; nothing where it worked.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        hold(&self.0.trouble).clone()
    }

    /// Tries whether something can be written, with a file of its own that is removed again.
    ///
    /// # Errors
    /// [`StoreError::Vanished`], or what the file system said; then [`Store::trouble`] says it, too.
    pub fn try_writing(&self) -> Result<(), StoreError> {
        let there = hold(&self.0.files).identities();
        self.noted_if_gone(there)?;
        let path = self
            .dir()
            .join(format!("{BEGINS}{}{ENDS}", std::process::id()));
        // One that a crash of ours has left has the same name.
        let _ = self.disk().remove(&path);
        let tried = self.disk().open(&path, How::New).and_then(|mut file| {
            file.write_at(0, &[0; A_LINE])?;
            file.sync()
        });
        // What was not made cannot be removed; what was must not stay.
        let removed = self.disk().remove(&path);
        let tried = tried.and(removed).map_err(failed("write", &path));
        self.noted(tried)?;
        self.is_well();
        Ok(())
    }

    /// Notes that the file system refused something, or that the store is gone.
    pub(super) fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error @ StoreError::Io { .. }) = &result {
            *hold(&self.0.trouble) = Some(error.to_string());
        }
        self.noted_if_gone(result)
    }

    /// The same for whoever only reads: what cannot be read can be written all the same.
    pub(super) fn noted_if_gone<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error @ StoreError::Vanished { .. }) = &result {
            *hold(&self.0.trouble) = Some(error.to_string());
        }
        result
    }

    /// Notes that a write worked.
    pub(super) fn is_well(&self) {
        *hold(&self.0.trouble) = None;
    }
}
