//! Writing a new snapshot beside the old one, without the lock: nobody waits for it, and nobody sees
//! it before it is put in place.
//!
//! Lines that did not change are copied byte for byte, once their checksum was looked at; what is
//! kept in memory of the new snapshot is gathered on the way. `compact` calls it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::entries::{Base, Entries, Place};

use super::compact::{GATHERED, copy};
use super::disk::{Disk, DiskFile, How};
use super::error::{StoreError, failed};
use super::files::{HeldFile, HeldJournal, HeldSnapshot};
use super::image::{Accounts, INVENTORY};
use super::line::{is_intact, seal};
use super::mend::{HISTORY, discard};
use super::packed::Source;
use super::record::SnapshotLine;
use super::shelf::FileShelf;
use super::snapshot::Content;
use super::stretch::part;

/// Where the new files are written before they get their names.
#[derive(Clone, Debug)]
pub(crate) struct Temporary {
    pub(crate) snapshot: PathBuf,
    pub(crate) journal: PathBuf,
}

impl Temporary {
    /// For whoever holds the lock all the time.
    pub(crate) fn under_the_lock(dir: &Path) -> Self {
        Self {
            snapshot: dir.join("inventory.jsonl.new"),
            journal: dir.join(HISTORY).join("journal.jsonl.new"),
        }
    }

    /// For the one that writes beside others.
    pub(crate) fn beside(dir: &Path) -> Self {
        Self {
            snapshot: dir.join("inventory.jsonl.next.new"),
            journal: dir.join(HISTORY).join("journal.jsonl.next.new"),
        }
    }
}

/// What a new snapshot shall hold, and what it is made from.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) temporary: Temporary,
    /// Its first line.
    pub(crate) header: Vec<u8>,
    pub(crate) entries: Entries,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) generation: u64,
    /// The last transaction that is in it.
    pub(crate) through: u64,
    pub(crate) snapshot: Option<HeldSnapshot>,
    pub(crate) journal: Option<HeldJournal>,
    /// How many bytes of the journal it takes in.
    pub(crate) absorbed: u64,
}

/// A new snapshot that waits to be put in place.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) plan: Plan,
    pub(crate) base: Base,
    /// By what the snapshot is known.
    pub(crate) source: Option<Source>,
    pub(crate) snapshot: HeldSnapshot,
}

impl Written {
    /// Removes what is not needed after all. A failure is left alone: the next swap begins with it.
    pub(crate) fn discard(&self) {
        self.plan.discard();
    }
}

impl Plan {
    /// Writes the new snapshot and a copy of the journal that it takes in, and syncs both.
    pub(crate) fn write(self) -> Result<Written, StoreError> {
        let written = self.write_both();
        if written.is_err() {
            self.discard();
        }
        let (base, source, snapshot) = written?;
        Ok(Written {
            plan: self,
            base,
            source,
            snapshot,
        })
    }

    fn discard(&self) {
        // Best effort: a leftover is removed by the next swap.
        let _ = discard(self.disk.as_ref(), &self.temporary.snapshot);
        let _ = discard(self.disk.as_ref(), &self.temporary.journal);
    }

    fn write_both(&self) -> Result<(Base, Option<Source>, HeldSnapshot), StoreError> {
        let disk = self.disk.as_ref();
        if let Some(journal) = &self.journal {
            let to = &self.temporary.journal;
            copy(disk, journal.file.as_ref(), self.absorbed, to)?;
        }
        let path = &self.temporary.snapshot;
        discard(disk, path)?;
        let file = disk.open(path, How::New).map_err(failed("create", path))?;
        let mut writer = Writer::begin(file, path, self.entries.len(), &self.header)?;
        self.write_lines(&mut writer)?;
        let (content, file) = writer.end()?;
        let identity = file.look().map_err(failed("look at", path))?.identity;
        let file: Arc<dyn DiskFile> = Arc::from(file);
        let lines = FileShelf::new(Arc::clone(&file), self.dir.join(INVENTORY));
        let source = content.source();
        let base = content.entries.finish(Arc::new(lines));
        Ok((base, source, HeldFile { file, identity }))
    }

    /// Accounts, and entries in the order of their ids: those that lie on the disk as they are, and
    /// between them those that changed.
    fn write_lines(&self, writer: &mut Writer<'_>) -> Result<(), StoreError> {
        for account in self.accounts.values() {
            writer.put_new(&SnapshotLine::Account(account))?;
        }
        let base = self.entries.base();
        let mut next = 0;
        for entry in self.entries.over() {
            let first = base.first_from(&entry.id);
            self.copy_lines(next..first, writer)?;
            writer.put_new(&SnapshotLine::Entry(entry))?;
            next = first + usize::from(base.find(&entry.id).is_some());
        }
        self.copy_lines(next..base.len(), writer)
    }

    /// Copies lines of the old snapshot, those that lie one behind the other at once.
    fn copy_lines(
        &self,
        range: std::ops::Range<usize>,
        writer: &mut Writer<'_>,
    ) -> Result<(), StoreError> {
        let base = self.entries.base();
        let mut run = Run::default();
        for at in range {
            let place = base.place(at);
            if !run.take(place) {
                self.copy_run(&run, writer)?;
                run = Run::default();
                run.take(place);
            }
        }
        self.copy_run(&run, writer)
    }

    fn copy_run(&self, run: &Run, writer: &mut Writer<'_>) -> Result<(), StoreError> {
        let (Some(held), false) = (&self.snapshot, run.places.is_empty()) else {
            return Ok(());
        };
        let path = self.dir.join(INVENTORY);
        let bytes = part(held.file.as_ref(), run.start, run.end - run.start);
        let bytes = bytes.map_err(failed("read", &path))?;
        for place in &run.places {
            let from = usize::try_from(place.offset - run.start).unwrap_or(usize::MAX);
            let line = bytes.get(from..).and_then(|rest| {
                let length = usize::try_from(place.length).ok()?;
                rest.get(..length).filter(|line| is_intact(line))
            });
            let Some(line) = line else {
                let what = format!(
                    "the line at byte {} was damaged since it was read",
                    place.offset
                );
                return Err(StoreError::Damaged { path, what });
            };
            writer.put(line)?;
        }
        Ok(())
    }
}

/// Lines that lie one behind the other.
#[derive(Default)]
struct Run {
    start: u64,
    end: u64,
    places: Vec<Place>,
}

impl Run {
    /// Adds a line if it follows at once and the run is not too long yet.
    fn take(&mut self, place: Place) -> bool {
        let follows = self.end + 1 == place.offset || self.end == place.offset;
        let is_long = self.end - self.start > GATHERED as u64;
        if self.places.is_empty() {
            self.start = place.offset;
        } else if !follows || is_long {
            return false;
        }
        self.end = place.offset + u64::from(place.length);
        self.places.push(place);
        true
    }
}

/// Writes lines into a file, and gathers what is kept of them in memory.
struct Writer<'a> {
    file: Box<dyn DiskFile>,
    path: &'a Path,
    /// What is not written yet, and where it belongs.
    gathered: Vec<u8>,
    offset: u64,
    content: Content,
}

impl<'a> Writer<'a> {
    fn begin(
        file: Box<dyn DiskFile>,
        path: &'a Path,
        room: usize,
        header: &[u8],
    ) -> Result<Self, StoreError> {
        let mut writer = Self {
            file,
            path,
            gathered: Vec::with_capacity(GATHERED + GATHERED / 4),
            offset: 0,
            content: Content::with_room(room),
        };
        writer.gather(header)?;
        Ok(writer)
    }

    fn put_new(&mut self, line: &SnapshotLine<'_>) -> Result<(), StoreError> {
        let mut line = seal(line).map_err(|source| StoreError::Encode { source })?;
        line.pop();
        self.put(&line)
    }

    /// Adds a line, which has no newline yet.
    fn put(&mut self, line: &[u8]) -> Result<(), StoreError> {
        let offset = self.offset + self.gathered.len() as u64;
        if !self.content.take(line, offset) {
            let what = format!("what would stand at byte {offset} of it could not be read again");
            let path = self.path.to_owned();
            return Err(StoreError::Damaged { path, what });
        }
        self.gather(line)?;
        self.gather(b"\n")
    }

    fn gather(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < GATHERED {
            return Ok(());
        }
        self.write()
    }

    fn write(&mut self) -> Result<(), StoreError> {
        let written = self.file.write_at(self.offset, &self.gathered);
        written.map_err(failed("write", self.path))?;
        self.offset += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }

    fn end(mut self) -> Result<(Content, Box<dyn DiskFile>), StoreError> {
        self.write()?;
        self.file.sync().map_err(failed("sync", self.path))?;
        Ok((self.content, self.file))
    }
}
