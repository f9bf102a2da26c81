//! A disk of which somebody watches how much was read: a store of a million entries takes seconds.
//!
//! It hands everything on to the disk below and counts. The engine makes one for an examination.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::compact::history_number;
use crate::store::disk::{Disk, DiskFile, How, Look};
use crate::store::image::{INVENTORY, JOURNAL};
use crate::store::mend::HISTORY;

/// How many bytes of how many were read.
#[derive(Debug, Default)]
pub struct Seen {
    read: AtomicU64,
    total: AtomicU64,
}

impl Seen {
    /// How much of everything was read, in percent; nothing before it is known how much there is.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        let total = self.total.load(Ordering::Relaxed);
        let read = self.read.load(Ordering::Relaxed).min(total);
        (read * 100).checked_div(total)
    }
}

/// The disk.
#[derive(Debug)]
pub struct Watched<D> {
    disk: D,
    seen: Arc<Seen>,
}

#[derive(Debug)]
struct WatchedFile {
    file: Box<dyn DiskFile>,
    seen: Arc<Seen>,
}

impl<D: Disk> Watched<D> {
    /// Watches how much of the store at `dir` is read.
    pub fn new(disk: D, dir: &Path, seen: &Arc<Seen>) -> Self {
        seen.read.store(0, Ordering::Relaxed);
        seen.total.store(length_of(&disk, dir), Ordering::Relaxed);
        let seen = Arc::clone(seen);
        Self { disk, seen }
    }
}

/// How long snapshot and journals are together (bytes).
fn length_of(disk: &dyn Disk, dir: &Path) -> u64 {
    let history = dir.join(HISTORY);
    let names = disk.names(&history).unwrap_or_default();
    let names = names.iter().filter(|name| history_number(name).is_some());
    let paths = names.map(|name| history.join(name));
    let paths = paths.chain([dir.join(INVENTORY), dir.join(JOURNAL)]);
    let looks = paths.filter_map(|path| disk.look(&path).ok()?);
    looks.map(|look| look.length).sum()
}

impl DiskFile for WatchedFile {
    fn look(&self) -> io::Result<Look> {
        self.file.look()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(offset, into)?;
        self.seen.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }

    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        self.file.read_from(offset)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.cut(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

impl<D: Disk> Disk for Watched<D> {
    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        self.disk.look(path)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.make_folder(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.disk.names(path)
    }

    fn open(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let file = self.disk.open(path, how)?;
        let seen = Arc::clone(&self.seen);
        Ok(Box::new(WatchedFile { file, seen }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename_new(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_folder(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.sync_folder(path)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.disk.try_lock(path)
    }

    fn user(&self) -> u32 {
        self.disk.user()
    }

    fn make_private(&self, path: &Path) -> io::Result<()> {
        self.disk.make_private(path)
    }

    fn is_running(&self, process: u32) -> bool {
        self.disk.is_running(process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::doctor::examine;
    use crate::store::{OpenOptions, RealDisk, Store};

    #[test]
    fn at_the_end_all_of_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        let store = Store::open(&dir, OpenOptions::default()).unwrap();
        store.compact().unwrap();
        let seen = Arc::new(Seen::default());
        assert_eq!(seen.percent(), None);
        let disk = Watched::new(RealDisk::default(), &dir, &seen);
        assert_eq!(seen.percent(), Some(0));
        let found = examine(&disk, &dir, jiff::Timestamp::now());
        assert_eq!(found.findings.worst(), None);
        assert_eq!(seen.percent(), Some(100));
    }
}
