//! Disks that stand before another one and change a call or two of it: everything else is handed on
//! here, so that a call that comes to be later is forgotten by none of them.
//!
//! It touches nothing itself. `doctor` counts with it what was read, tests what happens when.

use std::fmt;
use std::io;
use std::path::Path;

use super::{Disk, DiskFile, How, Look, SyncTogether};

/// A disk before another one.
pub trait DiskOver: Send + Sync + fmt::Debug {
    /// The one below.
    fn below(&self) -> &dyn Disk;

    /// What opening a file comes to.
    ///
    /// # Errors
    /// As [`Disk::open`].
    fn opening(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        self.below().open(path, how)
    }

    /// What taking a lock comes to.
    ///
    /// # Errors
    /// As [`Disk::try_lock`].
    fn locking(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.below().try_lock(path)
    }
}

impl<T: DiskOver> Disk for T {
    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        self.below().look(path)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.below().make_folder(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.below().names(path)
    }

    fn open(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        self.opening(path, how)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.below().rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.below().rename_new(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.below().remove(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.below().remove_folder(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.below().sync_folder(path)
    }

    fn sync_together(&self, folder: &Path) -> io::Result<Option<SyncTogether>> {
        self.below().sync_together(folder)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.locking(path)
    }

    fn user(&self) -> u32 {
        self.below().user()
    }

    fn make_private(&self, path: &Path) -> io::Result<()> {
        self.below().make_private(path)
    }

    fn is_running(&self, process: u32) -> bool {
        self.below().is_running(process)
    }
}

/// An open file before another one, which hears how much of it is read.
pub trait DiskFileOver: Send + Sync + fmt::Debug {
    /// The one below.
    fn below(&self) -> &dyn DiskFile;

    /// The same, to be changed.
    fn below_mut(&mut self) -> &mut dyn DiskFile;

    /// So many bytes were read.
    fn was_read(&self, bytes: usize);
}

impl<T: DiskFileOver> DiskFile for T {
    fn look(&self) -> io::Result<Look> {
        self.below().look()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let read = self.below().read_at(offset, into)?;
        self.was_read(read);
        Ok(read)
    }

    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let read = self.below_mut().read_from(offset)?;
        self.was_read(read.len());
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.below_mut().write_at(offset, bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.below_mut().cut(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.below_mut().sync()
    }
}
