//! A disk in memory that forgets what was not synced, and that breaks at any call one likes.
//!
//! It keeps two truths: what programs see, and what survives a crash. Between the two everything
//! is possible that a file system may do: unsynced bytes are there, gone, cut, zeros or full of
//! holes; unsynced names and folders are there or not, each on its own; a file that was moved from
//! one folder to another has both names.
//!
//! It can also be watched: at each call that changes something, what the machine would have on its
//! disk if it stopped there is kept. So one run of a story gives every place at which it can crash.

#![allow(
    dead_code,
    reason = "the tests of the store and those of its promises each use a part of it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use certdeck::store::{Disk, DiskFile, How, Kind, Look, SyncTogether};

/// Small numbers out of a seed (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let sides = u64::try_from(sides).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % sides).unwrap()
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// One call fails with this error.
    Once(i32),
    /// That call and all that follow fail with this error, until the disk is cured.
    From(i32),
}

pub(crate) const ENOSPC: i32 = 28;
pub(crate) const EIO: i32 = 5;
pub(crate) const EROFS: i32 = 30;

#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    synced: Vec<u8>,
}

impl Inode {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        self.bytes.resize(self.bytes.len().max(end), 0);
        self.bytes[offset..end].copy_from_slice(bytes);
    }
}

/// One change of names that was not synced yet.
#[derive(Clone, Debug)]
struct Change {
    names: Vec<(PathBuf, Option<usize>)>,
    /// A folder that moved, with everything in it.
    moved: Option<(PathBuf, PathBuf)>,
    unsynced: BTreeSet<PathBuf>,
}

#[derive(Clone, Debug)]
struct Insides {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    changes: Vec<Change>,
    folders: BTreeSet<PathBuf>,
    /// Those whose own names were not synced yet.
    fresh_folders: BTreeSet<PathBuf>,
    locked: BTreeSet<usize>,
    calls: usize,
    fault: Option<(usize, Fault)>,
    dice: Dice,
    /// What was kept of each moment, while somebody watches.
    watched: Option<Vec<Insides>>,
}

#[derive(Clone, Debug)]
pub(crate) struct BrokenDisk(Arc<Mutex<Insides>>);

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap().to_owned()
}

impl BrokenDisk {
    pub(crate) fn new(seed: u64) -> Self {
        let insides = Insides {
            inodes: Vec::new(),
            names: BTreeMap::new(),
            synced_names: BTreeMap::new(),
            changes: Vec::new(),
            folders: BTreeSet::from([PathBuf::from("/")]),
            fresh_folders: BTreeSet::new(),
            locked: BTreeSet::new(),
            calls: 0,
            fault: None,
            dice: Dice(seed),
            watched: None,
        };
        Self(Arc::new(Mutex::new(insides)))
    }

    fn insides(&self) -> MutexGuard<'_, Insides> {
        self.0.lock().unwrap()
    }

    pub(crate) fn calls(&self) -> usize {
        self.insides().calls
    }

    /// Lets the `call`th call from now on go wrong.
    pub(crate) fn breaks_at(&self, call: usize, fault: Fault) {
        let mut insides = self.insides();
        insides.fault = Some((insides.calls + call, fault));
    }

    /// Keeps from now on what a crash at each call would leave.
    pub(crate) fn watch(&self) {
        self.insides().watched = Some(Vec::new());
    }

    /// The moments that were kept since the last time, oldest first; the last one is now.
    pub(crate) fn moments(&self) -> Vec<Self> {
        let mut insides = self.insides();
        insides.keep_moment();
        let kept = insides.watched.as_mut().map(std::mem::take);
        let moments = kept.unwrap_or_default().into_iter();
        moments
            .map(|moment| Self(Arc::new(Mutex::new(moment))))
            .collect()
    }

    /// Looks at something as if the disk were well, and as if nobody had asked it for anything.
    pub(crate) fn well<T>(&self, look: impl FnOnce() -> T) -> T {
        let (fault, calls) = {
            let mut insides = self.insides();
            (insides.fault.take(), insides.calls)
        };
        let seen = look();
        let mut insides = self.insides();
        insides.fault = fault;
        insides.calls = calls;
        seen
    }

    pub(crate) fn cure(&self) {
        self.insides().fault = None;
    }

    /// Whether the fault has happened.
    pub(crate) fn broke(&self) -> bool {
        let insides = self.insides();
        insides.fault.is_some_and(|(call, _)| insides.calls > call)
    }

    pub(crate) fn content(&self, path: &str) -> Option<Vec<u8>> {
        let insides = self.insides();
        let inode = *insides.names.get(Path::new(path))?;
        Some(insides.inodes[inode].bytes.clone())
    }

    /// Every file and its bytes.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let insides = self.insides();
        let files = insides.names.iter();
        files
            .map(|(path, inode)| (path.clone(), insides.inodes[*inode].bytes.clone()))
            .collect()
    }

    /// Puts a file there, synced.
    pub(crate) fn plant(&self, path: &Path, bytes: &[u8]) {
        let mut insides = self.insides();
        let inode = insides.inodes.len();
        insides.inodes.push(Inode {
            bytes: bytes.to_owned(),
            synced: bytes.to_owned(),
        });
        insides.names.insert(path.to_owned(), inode);
        insides.synced_names.insert(path.to_owned(), inode);
    }

    /// A disk with the same files, all of them synced.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new(1);
        copy.insides().folders.clone_from(&self.insides().folders);
        for (path, bytes) in self.everything() {
            copy.plant(&path, &bytes);
        }
        copy
    }

    /// The disk as the machine finds it after a crash.
    pub(crate) fn after_crash(&self, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let insides = self.insides();
        let mut names = insides.synced_names.clone();
        for change in &insides.changes {
            match dice.below(5) {
                0 | 1 => apply(&mut names, change),
                2 if change.is_between_folders() => apply(&mut names, &change.without_removals()),
                _ => {}
            }
        }
        let mut folders = insides.folders.clone();
        for fresh in &insides.fresh_folders {
            if dice.below(2) == 0 {
                folders.retain(|folder| !folder.starts_with(fresh));
            }
        }
        names.retain(|path, _| folders.contains(&parent(path)));
        let after = Self::new(seed);
        after.insides().folders = folders;
        for (path, inode) in names {
            after.plant(&path, &survived(&insides.inodes[inode], &mut dice));
        }
        after
    }
}

impl Change {
    fn is_between_folders(&self) -> bool {
        let folders: BTreeSet<_> = self.names.iter().map(|(path, _)| parent(path)).collect();
        folders.len() > 1
    }

    fn without_removals(&self) -> Self {
        let mut change = self.clone();
        change.names.retain(|(_, inode)| inode.is_some());
        change
    }
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: &Change) {
    for (path, inode) in &change.names {
        match inode {
            Some(inode) => names.insert(path.clone(), *inode),
            None => names.remove(path),
        };
    }
    if let Some((from, to)) = &change.moved {
        let inside: Vec<_> = names
            .keys()
            .filter(|path| path.starts_with(from))
            .cloned()
            .collect();
        for path in inside {
            let inode = names.remove(&path).unwrap();
            names.insert(to.join(path.strip_prefix(from).unwrap()), inode);
        }
    }
}

/// What is left of a file's bytes: what was synced, what was written, or a mix, sector by sector.
fn survived(inode: &Inode, dice: &mut Dice) -> Vec<u8> {
    let Inode { bytes, synced } = inode;
    if bytes == synced || dice.below(4) == 0 {
        return synced.clone();
    }
    if dice.below(4) == 0 {
        return bytes.clone();
    }
    let (least, most) = (bytes.len().min(synced.len()), bytes.len().max(synced.len()));
    let length = match dice.below(3) {
        0 => bytes.len(),
        1 => synced.len(),
        _ => least + dice.below(most - least + 1),
    };
    let holes = dice.below(2) == 0;
    let sector = [1, 16, 64, 512][dice.below(4)];
    let mut left = vec![0; length];
    for from in (0..length).step_by(sector) {
        let to = length.min(from + sector);
        let source = if holes && dice.below(3) == 0 {
            synced
        } else {
            bytes
        };
        let there = source.get(from..to.min(source.len())).unwrap_or_default();
        left[from..from + there.len()].copy_from_slice(there);
    }
    left
}

impl Insides {
    /// Counts a call; the error if it is the one that breaks.
    fn call(&mut self) -> io::Result<()> {
        let now = self.calls;
        self.calls += 1;
        match self.fault {
            Some((call, Fault::Once(code))) if call == now => {
                Err(io::Error::from_raw_os_error(code))
            }
            Some((call, Fault::From(code))) if call <= now => {
                Err(io::Error::from_raw_os_error(code))
            }
            _ => Ok(()),
        }
    }

    /// Keeps this moment, if somebody watches: called before anything changes.
    fn keep_moment(&mut self) {
        if let Some(mut kept) = self.watched.take() {
            kept.push(self.clone());
            self.watched = Some(kept);
        }
    }

    fn change(&mut self, names: Vec<(PathBuf, Option<usize>)>) {
        self.keep_moment();
        let unsynced = names.iter().map(|(path, _)| parent(path)).collect();
        let change = Change {
            names,
            moved: None,
            unsynced,
        };
        apply(&mut self.names, &change);
        self.changes.push(change);
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        self.names.get(path).copied().ok_or(missing)
    }

    fn need_folder(&self, path: &Path) -> io::Result<()> {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        self.folders.contains(path).then_some(()).ok_or(missing)
    }

    fn create(&mut self, path: &Path) -> io::Result<usize> {
        self.need_folder(&parent(path))?;
        let inode = self.inodes.len();
        self.inodes.push(Inode::default());
        self.change(vec![(path.to_owned(), Some(inode))]);
        Ok(inode)
    }

    /// Whether anything lies in a folder.
    fn is_in_use(&self, folder: &Path) -> bool {
        let inside = |path: &PathBuf| path.parent() == Some(folder);
        self.names.keys().any(inside) || self.folders.iter().any(inside)
    }

    fn rename_folder(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        if self.is_in_use(to) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.need_folder(&parent(to))?;
        self.keep_moment();
        let change = Change {
            names: Vec::new(),
            moved: Some((from.to_owned(), to.to_owned())),
            unsynced: BTreeSet::from([parent(from), parent(to)]),
        };
        apply(&mut self.names, &change);
        self.changes.push(change);
        let folders = std::mem::take(&mut self.folders);
        let moved = |folder: PathBuf| match folder.strip_prefix(from) {
            Ok(rest) if rest == Path::new("") => to.to_owned(),
            Ok(rest) => to.join(rest),
            Err(_) => folder,
        };
        self.folders = folders.into_iter().map(moved).collect();
        let fresh = std::mem::take(&mut self.fresh_folders);
        self.fresh_folders = fresh.into_iter().map(moved).collect();
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        if self.folders.contains(from) {
            return self.rename_folder(from, to);
        }
        let inode = self.find(from)?;
        self.need_folder(&parent(to))?;
        self.change(vec![(from.to_owned(), None), (to.to_owned(), Some(inode))]);
        Ok(())
    }

    fn look(&self, inode: usize) -> Look {
        let length = self.inodes[inode].bytes.len() as u64;
        Look {
            kind: Kind::File,
            length,
            identity: (1, inode as u64),
            mode: 0o600,
            owner: 0,
        }
    }
}

impl Disk for BrokenDisk {
    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        let mut insides = self.insides();
        insides.call()?;
        if insides.folders.contains(path) {
            let kind = Kind::Folder;
            return Ok(Some(Look {
                kind,
                length: 0,
                identity: (1, 0),
                mode: 0o700,
                owner: 0,
            }));
        }
        Ok(insides.names.get(path).map(|inode| insides.look(*inode)))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut insides = self.insides();
        insides.call()?;
        let missing = path
            .ancestors()
            .take_while(|path| !insides.folders.contains(*path));
        let missing: Vec<_> = missing.map(Path::to_owned).collect();
        for folder in missing.into_iter().rev() {
            insides.keep_moment();
            insides.folders.insert(folder.clone());
            insides.fresh_folders.insert(folder);
        }
        Ok(())
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut insides = self.insides();
        insides.call()?;
        insides.need_folder(path)?;
        let all = insides.names.keys().chain(&insides.folders);
        let inside = all.filter(|name| name.parent() == Some(path));
        Ok(inside
            .map(|name| name.file_name().unwrap().to_str().unwrap().to_owned())
            .collect())
    }

    fn open(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let mut insides = self.insides();
        insides.call()?;
        let inode = match how {
            How::New if insides.names.contains_key(path) => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            How::New => insides.create(path)?,
            How::Read | How::Write => insides.find(path)?,
        };
        Ok(Box::new(BrokenFile {
            disk: self.clone(),
            inode,
            locked: false,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut insides = self.insides();
        insides.call()?;
        insides.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.insides().names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut insides = self.insides();
        insides.call()?;
        insides.find(path)?;
        insides.change(vec![(path.to_owned(), None)]);
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let mut insides = self.insides();
        insides.call()?;
        if insides.is_in_use(path) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        insides.keep_moment();
        insides.folders.remove(path);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut insides = self.insides();
        insides.call()?;
        insides.need_folder(path)?;
        insides.keep_moment();
        insides.fresh_folders.retain(|fresh| parent(fresh) != path);
        let mut changes = std::mem::take(&mut insides.changes);
        for change in &mut changes {
            change.unsynced.remove(path);
            if change.unsynced.is_empty() {
                apply(&mut insides.synced_names, change);
            }
        }
        changes.retain(|change| !change.unsynced.is_empty());
        insides.changes = changes;
        Ok(())
    }

    /// Of files below the folder that were made since; it says nothing about their names.
    fn sync_together(&self, folder: &Path) -> io::Result<Option<SyncTogether>> {
        let mut insides = self.insides();
        insides.call()?;
        insides.need_folder(folder)?;
        let (disk, folder, first) = (self.clone(), folder.to_owned(), insides.inodes.len());
        Ok(Some(Box::new(move || {
            let mut insides = disk.insides();
            insides.call()?;
            insides.keep_moment();
            let files = insides.names.iter();
            let below = files.filter(|(path, _)| path.starts_with(&folder));
            let fresh: Vec<usize> = below.map(|(_, inode)| *inode).collect();
            for inode in fresh.into_iter().filter(|inode| *inode >= first) {
                let inode = &mut insides.inodes[inode];
                inode.synced = inode.bytes.clone();
            }
            Ok(())
        })))
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        let mut insides = self.insides();
        insides.call()?;
        let inode = match insides.find(path) {
            Ok(inode) => inode,
            Err(_) => insides.create(path)?,
        };
        if !insides.locked.insert(inode) {
            return Ok(None);
        }
        Ok(Some(Box::new(BrokenFile {
            disk: self.clone(),
            inode,
            locked: true,
        })))
    }

    fn user(&self) -> u32 {
        0
    }
}

#[derive(Debug)]
struct BrokenFile {
    disk: BrokenDisk,
    inode: usize,
    locked: bool,
}

impl Drop for BrokenFile {
    fn drop(&mut self) {
        if self.locked {
            self.disk.insides().locked.remove(&self.inode);
        }
    }
}

impl DiskFile for BrokenFile {
    fn look(&self) -> io::Result<Look> {
        let mut insides = self.disk.insides();
        insides.call()?;
        Ok(insides.look(self.inode))
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut insides = self.disk.insides();
        insides.call()?;
        let bytes = &insides.inodes[self.inode].bytes;
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        let count = into.len().min(bytes.len() - from);
        into[..count].copy_from_slice(&bytes[from..from + count]);
        Ok(count)
    }

    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let mut insides = self.disk.insides();
        insides.call()?;
        let bytes = &insides.inodes[self.inode].bytes;
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        Ok(bytes[from..].to_vec())
    }

    /// A write that breaks has written a part.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut insides = self.disk.insides();
        let alive = insides.fault.is_none_or(|(call, _)| insides.calls <= call);
        let broken = insides.call();
        let written = match &broken {
            Ok(()) => bytes.len(),
            Err(_) if alive => insides.dice.below(bytes.len() + 1),
            Err(_) => 0,
        };
        let offset = usize::try_from(offset).unwrap();
        insides.keep_moment();
        insides.inodes[self.inode].write(offset, &bytes[..written]);
        broken
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut insides = self.disk.insides();
        insides.call()?;
        let length = usize::try_from(length).unwrap();
        insides.keep_moment();
        insides.inodes[self.inode].bytes.truncate(length);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut insides = self.disk.insides();
        insides.call()?;
        insides.keep_moment();
        let inode = &mut insides.inodes[self.inode];
        inode.synced = inode.bytes.clone();
        Ok(())
    }
}
