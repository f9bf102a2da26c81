//! The swap: a new snapshot takes in the journal, and what it took in becomes history.
//!
//! The new snapshot is written beside the old one while others go on writing; the lock is held for a
//! moment before, to see what there is, and for a moment after, to swap. What was appended meanwhile
//! goes on in the new journal. A crash between any two steps leaves a store that loads to the same
//! state, since replay skips what the snapshot holds; the next writer finishes the swap.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::damage::Damage;
use super::disk::{Disk, DiskFile, How};
use super::error::{StoreError, failed};
use super::files::{Files, HeldFile, Shape};
use super::image::{INVENTORY, Image, JOURNAL};
use super::mend::{HISTORY, discard, replace, sync_parent};
use super::prune;
use super::record::{HIGHEST, INVENTORY_FORMAT, JOURNAL_FORMAT};
use super::stretch::{each_block, part};
use super::write_down::{Plan, Temporary, Written};
use crate::domain::entries::Entries;

/// A journal longer than this (bytes) is worth a new snapshot.
const LONG_JOURNAL: u64 = 4 * 1024 * 1024;
/// One with more lines than this, too.
const MANY_LINES: u64 = 10_000;
/// Held by the one process that writes a new snapshot; relative to the store.
pub(crate) const COMPACTING: &str = "compacting";

/// The right to write a new snapshot, until it is dropped; nothing while another process has it.
pub(super) fn alone(disk: &dyn Disk, dir: &Path) -> Result<Option<Box<dyn DiskFile>>, StoreError> {
    let path = dir.join(COMPACTING);
    disk.try_lock(&path).map_err(failed("take the lock", &path))
}

impl Files {
    /// Whether the journal has grown so long that loading would be quicker after a swap.
    pub(crate) fn wants_swap(&self) -> bool {
        self.known.length > LONG_JOURNAL || self.known.lines > MANY_LINES
    }

    /// Writes a new snapshot and retires the journal, all of it under the lock.
    pub(crate) fn swap(&mut self) -> Result<(), StoreError> {
        let plan = self.plan(Temporary::under_the_lock(&self.dir))?;
        let written = plan.write()?;
        self.put_in_place(written)
    }

    /// What a new snapshot shall hold: everything as it is now. To be called after `prepare`.
    pub(crate) fn plan(&mut self, temporary: Temporary) -> Result<Plan, StoreError> {
        self.keep_damaged_snapshot()?;
        let (generation, through) = (self.generation + 1, self.image.seq.max(self.mark));
        let count = (self.image.entries.len() + self.image.accounts.len()) as u64;
        Ok(Plan {
            disk: Arc::clone(&self.disk),
            dir: self.dir.clone(),
            temporary,
            header: self.header(INVENTORY_FORMAT, generation, through, Some(count))?,
            entries: self.image.entries.clone(),
            accounts: Arc::clone(&self.image.accounts),
            generation,
            through,
            snapshot: self.snapshot.as_ref().map(|held| HeldFile {
                file: Arc::clone(&held.file),
                identity: held.identity,
            }),
            // A handle of its own: while it is open, no other file can be taken for this one.
            journal: self.open(JOURNAL, How::Read)?,
            absorbed: self.known.length,
        })
    }

    /// Puts a snapshot that was written meanwhile in place, unless another process was faster. To be
    /// called after `prepare`.
    pub(crate) fn put_in_place(&mut self, written: Written) -> Result<(), StoreError> {
        if !self.is_still(&written.plan) {
            written.discard();
            return Ok(());
        }
        let plan = &written.plan;
        let path = self.dir.join(INVENTORY);
        self.unsure = true;
        self.disk
            .rename(&plan.temporary.snapshot, &path)
            .map_err(failed("put in place", &path))?;
        sync_parent(self.disk.as_ref(), &path)?;
        self.give_history_a_name(&plan.temporary.journal)?;
        self.begin_anew(plan.generation, plan.through, plan.absorbed)?;
        self.adopt(written)
    }

    /// Whether snapshot and journal are the ones that a new snapshot was made from.
    fn is_still(&self, plan: &Plan) -> bool {
        let snapshot = self.snapshot.as_ref().map(|held| held.identity);
        let journal = self.journal.as_ref().map(|held| held.identity);
        snapshot == plan.snapshot.as_ref().map(|held| held.identity)
            && journal == plan.journal.as_ref().map(|held| held.identity)
            && self.known.length >= plan.absorbed
    }

    /// Goes on with the new snapshot as it was written, instead of reading it all again.
    fn adopt(&mut self, written: Written) -> Result<(), StoreError> {
        // Said until the store is closed, though the new files are well.
        self.remembered.append(&mut self.image.damage);
        self.image = Image {
            entries: Entries::of(Arc::new(written.base)),
            accounts: written.plan.accounts,
            seq: written.plan.through,
            through: written.plan.through,
            written: self.image.written,
            damage: Vec::new(),
        };
        self.snapshot = Some(written.snapshot);
        self.source = written.source;
        self.generation = written.plan.generation;
        self.shape = Shape::Whole;
        self.journal = self.open(JOURNAL, How::Write)?;
        let head = self.head(JOURNAL, JOURNAL_FORMAT)?;
        self.load_journal(head)?;
        self.unsure = false;
        Ok(())
    }

    /// A snapshot that could not be read whole is kept before another takes its name.
    fn keep_damaged_snapshot(&self) -> Result<(), StoreError> {
        let of_it = |damage: &&Damage| damage.file == INVENTORY;
        let harmed = self.image.damage.iter().find(of_it);
        let Some(file) = self.file(INVENTORY).filter(|_| harmed.is_some()) else {
            return Ok(());
        };
        self.keep_whole(&format!("{INVENTORY}-whole"), file)
    }

    /// Finishes a swap that a crash interrupted when the new snapshot was in place already. What is
    /// there then is not read yet.
    pub(crate) fn finish_swap(&mut self) -> Result<(), StoreError> {
        let absorbed = self.known.absorbed;
        if !self.is_in_history(absorbed)? {
            let temporary = Temporary::under_the_lock(&self.dir).journal;
            if let Some(file) = self.file(JOURNAL) {
                copy(self.disk.as_ref(), file, absorbed, &temporary)?;
            }
            self.give_history_a_name(&temporary)?;
        }
        self.begin_anew(self.generation, self.image.through, absorbed)
    }

    /// Whether the last journal of the history is the beginning of this one: then the crash came
    /// after it got there.
    fn is_in_history(&self, absorbed: u64) -> Result<bool, StoreError> {
        let last = self.last_of_history()?;
        let (Some(number), Some(journal)) = (last, self.file(JOURNAL)) else {
            return Ok(false);
        };
        let path = history_path(&self.dir, number);
        let kept = self.disk.open(&path, How::Read);
        let kept = kept.map_err(failed("open", &path))?;
        let length = kept.look().map_err(failed("look at", &path))?.length;
        if length != absorbed {
            return Ok(false);
        }
        let mut same = true;
        let compared = each_block(kept.as_ref(), length, |at, bytes| {
            same &= part(journal, at, bytes.len() as u64)? == bytes;
            Ok(())
        });
        compared.map_err(failed("read", &path))?;
        Ok(same)
    }

    /// Puts what a snapshot took in into the history, under the next free number.
    fn give_history_a_name(&mut self, temporary: &Path) -> Result<(), StoreError> {
        // The numbers of journals that were removed are not given again.
        let removed = prune::removed_through(self.disk.as_ref(), &self.dir);
        let number = self.last_of_history()?.unwrap_or(0).max(removed) + 1;
        let path = history_path(&self.dir, number);
        self.unsure = true;
        self.disk
            .rename_new(temporary, &path)
            .map_err(failed("put in place", &path))?;
        sync_parent(self.disk.as_ref(), &path)
    }

    /// Begins a journal that follows a snapshot, with what it did not take in yet.
    fn begin_anew(
        &mut self,
        generation: u64,
        through: u64,
        absorbed: u64,
    ) -> Result<(), StoreError> {
        let path = self.dir.join(JOURNAL);
        let mut bytes = self.header(JOURNAL_FORMAT, generation, through, None)?;
        if let Some(file) = self.file(JOURNAL) {
            let left = self.known.length.saturating_sub(absorbed);
            let left = part(file, absorbed, left).map_err(failed("read", &path))?;
            // The newline that the part before it may have lacked.
            bytes.extend_from_slice(left.strip_prefix(b"\n").unwrap_or(&left));
        }
        self.unsure = true;
        replace(self.disk.as_ref(), &path, &bytes)
    }

    fn last_of_history(&self) -> Result<Option<u64>, StoreError> {
        let folder = self.dir.join(HISTORY);
        let names = self.disk.names(&folder);
        let names = names.map_err(failed("read the folder", &folder))?;
        Ok(names.iter().filter_map(|name| history_number(name)).max())
    }
}

/// Copies the first `length` bytes of a file and syncs the copy, in place of what a crash left there.
pub(super) fn copy(
    disk: &dyn Disk,
    from: &dyn DiskFile,
    length: u64,
    to: &Path,
) -> Result<(), StoreError> {
    discard(disk, to)?;
    let mut made = disk.open(to, How::New).map_err(failed("create", to))?;
    let copied = each_block(from, length, |at, bytes| made.write_at(at, bytes));
    let synced: io::Result<()> = copied.and_then(|()| made.sync());
    synced.map_err(failed("write", to))
}

fn history_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(HISTORY).join(format!("{number:03}.jsonl"))
}

/// The number of a journal in the history, from its name.
pub(crate) fn history_number(name: &str) -> Option<u64> {
    let number = name.strip_suffix(".jsonl")?.parse().ok();
    number.filter(|number| *number <= HIGHEST)
}

/// How much is gathered before it is written.
pub(super) const GATHERED: usize = 512 * 1024;
