//! The swap: a new snapshot takes in the journal, and the journal becomes history.
//!
//! It runs only under the lock. A crash between any two of its steps leaves a store that loads to
//! the same state, since replay skips what the snapshot holds; the next writer finishes it.

use super::error::{StoreError, failed};
use super::files::Files;
use super::image::{INVENTORY, JOURNAL};
use super::line::seal;
use super::mend::{HISTORY, header, replace, sync_parent};
use super::record::{INVENTORY_FORMAT, SnapshotLine};

/// A journal longer than this (bytes) is worth a new snapshot.
const LONG_JOURNAL: u64 = 4 * 1024 * 1024;
/// One with more lines than this, too.
const MANY_LINES: u64 = 10_000;

impl Files {
    /// Whether the journal has grown so long that loading would be quicker after a swap.
    pub(crate) fn wants_swap(&self) -> bool {
        self.length > LONG_JOURNAL || self.lines > MANY_LINES
    }

    /// Writes a new snapshot and retires the journal.
    pub(crate) fn swap(&mut self) -> Result<(), StoreError> {
        let (generation, through) = (self.generation + 1, self.image.seq.max(self.mark));
        self.keep_damaged_snapshot()?;
        let bytes = self.write_down(generation, through)?;
        self.unsure = true;
        replace(self.disk.as_ref(), &self.dir.join(INVENTORY), &bytes)?;
        if self.journal.is_some() {
            self.retire_journal()?;
        }
        self.begin_journal(generation, through)?;
        // Said until the store is closed, though the new files are well.
        self.remembered.append(&mut self.image.damage);
        self.reload()
    }

    /// A snapshot that could not be read whole is kept before another takes its name.
    fn keep_damaged_snapshot(&mut self) -> Result<(), StoreError> {
        let harmed = self
            .image
            .damage
            .iter()
            .any(|damage| damage.file == INVENTORY);
        let path = self.dir.join(INVENTORY);
        let Some(held) = self.snapshot.as_mut().filter(|_| harmed) else {
            return Ok(());
        };
        let bytes = held.file.read_from(0).map_err(failed("read", &path))?;
        self.keep(&format!("{INVENTORY}-whole"), &bytes)?;
        Ok(())
    }

    fn write_down(&self, generation: u64, through: u64) -> Result<Vec<u8>, StoreError> {
        let count = (self.image.entries.len() + self.image.accounts.len()) as u64;
        let mut bytes = header(INVENTORY_FORMAT, generation, through, Some(count))?;
        let accounts = self.image.accounts.values().map(SnapshotLine::Account);
        let entries = self.image.entries.iter();
        for line in accounts {
            bytes.extend(seal(&line).map_err(|source| StoreError::Encode { source })?);
        }
        for entry in entries {
            let line = SnapshotLine::Entry(&entry);
            bytes.extend(seal(&line).map_err(|source| StoreError::Encode { source })?);
        }
        Ok(bytes)
    }

    /// Moves the journal into the history, under the next free number.
    pub(crate) fn retire_journal(&mut self) -> Result<(), StoreError> {
        let disk = self.disk.as_ref();
        let folder = self.dir.join(HISTORY);
        let names = disk
            .names(&folder)
            .map_err(failed("read the folder", &folder))?;
        let numbers = names.iter().filter_map(|name| history_number(name));
        let next = numbers.max().unwrap_or(0) + 1;
        let (from, to) = (
            self.dir.join(JOURNAL),
            folder.join(format!("{next:03}.jsonl")),
        );
        self.unsure = true;
        disk.rename_new(&from, &to)
            .map_err(failed("move the journal to", &to))?;
        sync_parent(disk, &to)?;
        sync_parent(disk, &from)
    }
}

/// The number of a journal in the history, from its name.
pub(crate) fn history_number(name: &str) -> Option<u64> {
    name.strip_suffix(".jsonl")?.parse().ok()
}
