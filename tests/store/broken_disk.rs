//! A disk in memory that forgets what was not synced, and that breaks at any call one likes.
//!
//! It keeps two truths: what programs see, and what survives a crash. Between the two everything
//! is possible that a file system may do: unsynced bytes are there, gone, cut or zeros; unsynced
//! names are there or not, each on its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use certdeck::store::{Disk, DiskFile, How, Kind, Look};

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
    /// The machine stops: the call may have begun, nothing works after it.
    Crash,
}

pub(crate) const ENOSPC: i32 = 28;
pub(crate) const EIO: i32 = 5;

#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    synced: Vec<u8>,
}

/// One change of names that was not synced yet.
#[derive(Clone, Debug)]
struct Change {
    names: Vec<(PathBuf, Option<usize>)>,
    /// A folder that moved, with everything in it.
    moved: Option<(PathBuf, PathBuf)>,
    unsynced: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct Insides {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    changes: Vec<Change>,
    folders: BTreeSet<PathBuf>,
    locked: BTreeSet<usize>,
    calls: usize,
    fault: Option<(usize, Fault)>,
    dice: Dice,
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
            locked: BTreeSet::new(),
            calls: 0,
            fault: None,
            dice: Dice(seed),
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
            if dice.below(2) == 0 {
                apply(&mut names, change);
            }
        }
        let after = Self::new(seed);
        after.insides().folders.clone_from(&insides.folders);
        for (path, inode) in names {
            after.plant(&path, &survived(&insides.inodes[inode], &mut dice));
        }
        after
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

/// What is left of a file's bytes.
fn survived(inode: &Inode, dice: &mut Dice) -> Vec<u8> {
    let Inode { bytes, synced } = inode;
    if bytes == synced || dice.below(3) == 0 {
        return synced.clone();
    }
    let grown = bytes.len() > synced.len() && bytes.starts_with(synced);
    if !grown || dice.below(3) == 0 {
        return bytes.clone();
    }
    let kept = synced.len() + dice.below(bytes.len() - synced.len());
    let mut left = bytes[..kept].to_vec();
    if dice.below(2) == 0 {
        left.resize(bytes.len(), 0);
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
            Some((call, Fault::Crash)) if call <= now => Err(io::Error::from_raw_os_error(EIO)),
            _ => Ok(()),
        }
    }

    /// Whether the call that breaks now gets its work done all the same.
    fn half_done(&mut self) -> bool {
        let begun = matches!(self.fault, Some((call, Fault::Crash)) if call + 1 == self.calls);
        begun && self.dice.below(2) == 0
    }

    fn change(&mut self, names: Vec<(PathBuf, Option<usize>)>) {
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

    fn create(&mut self, path: &Path) -> usize {
        let inode = self.inodes.len();
        self.inodes.push(Inode::default());
        self.change(vec![(path.to_owned(), Some(inode))]);
        inode
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
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        if self.folders.contains(from) {
            return self.rename_folder(from, to);
        }
        let inode = self.find(from)?;
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
        insides.folders.insert(path.to_owned());
        Ok(())
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut insides = self.insides();
        insides.call()?;
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
            How::New => insides.create(path),
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
        let broken = insides.call();
        if broken.is_ok() || insides.half_done() {
            insides.rename(from, to)?;
        }
        broken
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
        insides.folders.remove(path);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut insides = self.insides();
        insides.call()?;
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

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        let mut insides = self.insides();
        insides.call()?;
        let inode = match insides.find(path) {
            Ok(inode) => inode,
            Err(_) => insides.create(path),
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

    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let mut insides = self.disk.insides();
        insides.call()?;
        let bytes = &insides.inodes[self.inode].bytes;
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        Ok(bytes[from..].to_vec())
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut insides = self.disk.insides();
        insides.call()?;
        let bytes = &insides.inodes[self.inode].bytes;
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        // Less than was asked for now and then, as the system may.
        let read = buffer.len().min(bytes.len() - from);
        let read = if read > 7 { read - read / 3 } else { read };
        buffer[..read].copy_from_slice(&bytes[from..from + read]);
        Ok(read)
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
        let held = &mut insides.inodes[self.inode].bytes;
        held.resize(held.len().max(offset + written), 0);
        held[offset..offset + written].copy_from_slice(&bytes[..written]);
        broken
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut insides = self.disk.insides();
        insides.call()?;
        let length = usize::try_from(length).unwrap();
        insides.inodes[self.inode].bytes.truncate(length);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut insides = self.disk.insides();
        let broken = insides.call();
        if broken.is_ok() || insides.half_done() {
            let inode = &mut insides.inodes[self.inode];
            inode.synced = inode.bytes.clone();
        }
        broken
    }
}
