//! A disk of which somebody watches how much was read: a store of a million entries takes seconds.
//!
//! It hands everything on to the disk below and counts. The engine makes one for an examination.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::compact::history_number;
use crate::store::disk::{Disk, DiskFile, DiskFileOver, DiskOver, How};
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

impl DiskFileOver for WatchedFile {
    fn below(&self) -> &dyn DiskFile {
        self.file.as_ref()
    }

    fn below_mut(&mut self) -> &mut dyn DiskFile {
        self.file.as_mut()
    }

    fn was_read(&self, bytes: usize) {
        self.seen.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl<D: Disk> DiskOver for Watched<D> {
    fn below(&self) -> &dyn Disk {
        &self.disk
    }

    fn opening(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let file = self.disk.open(path, how)?;
        let seen = Arc::clone(&self.seen);
        Ok(Box::new(WatchedFile { file, seen }))
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
