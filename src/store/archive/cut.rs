//! The state of a store as of one transaction, taken without its lock.
//!
//! It may not write. The snapshot and the journal are held open, so that neither a swap nor another
//! line changes what is read of them afterwards; the history is listed before and after, and if
//! anything was swapped meanwhile it begins anew. Keys and certificates are listed last: what the
//! state names was on the disk before it. `export` calls it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ArchiveError;
use super::path::{MemberPath, fingerprint, is_name};
use super::tally::{Lines, Tally};
use crate::store::disk::{Disk, DiskFile, How, Kind};
use crate::store::error::{StoreError, failed};
use crate::store::files::planted;
use crate::store::image::{INVENTORY, JOURNAL};
use crate::store::line::seal;
use crate::store::lock::read_mark;
use crate::store::mend::{CERTS, DAMAGED, HISTORY, KEYS, LISTS};
use crate::store::record::{Mark, VERSION};
use crate::store::stretch::part;

/// How often it begins anew because another process swapped the files meanwhile.
const TRIES: usize = 8;
/// What the names of files end with that are being written.
const UNFINISHED: &str = ".new";
/// How much of a file is read at once.
pub(crate) const CHUNK: usize = 128 * 1024;

/// A store as of one transaction.
pub(crate) struct Cut {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) inventory: Option<Held>,
    pub(crate) journal: Option<Held>,
    /// The files of the history, by name.
    history: Vec<String>,
    /// The last transaction that was acknowledged.
    mark: u64,
    pub(crate) tally: Tally,
}

/// An open file, and how much of it counts.
pub(crate) struct Held {
    file: Box<dyn DiskFile>,
    identity: (u64, u64),
    pub(crate) length: u64,
}

/// The files of a store's folders.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// What belongs into an archive, in the order in which it lies there.
    pub(crate) paths: Vec<MemberPath>,
    /// How many files have names that no file of a store has: a crash left them, or a person.
    pub(crate) left_out: u64,
}

impl Cut {
    /// Takes the state.
    pub(crate) fn take(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Self, ArchiveError> {
        for round in 1..=TRIES {
            let cut = Self::read(disk, dir)?;
            // A crash may have left the store without a journal for good; a swap is over soon.
            let settled = cut.journal.is_some() || cut.inventory.is_none() || round == TRIES;
            if settled && cut.still_holds()? {
                return cut.checked();
            }
        }
        Err(ArchiveError::Restless {
            dir: dir.to_owned(),
        })
    }

    fn read(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Self, ArchiveError> {
        let history = history_of(disk.as_ref(), dir)?;
        // Before the journal: read after it, it could name a line written meanwhile.
        let mark = read_mark(disk.as_ref(), dir);
        let mut cut = Self {
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            inventory: hold(disk.as_ref(), &dir.join(INVENTORY))?,
            journal: hold(disk.as_ref(), &dir.join(JOURNAL))?,
            history,
            mark,
            tally: Tally::default(),
        };
        cut.count()?;
        Ok(cut)
    }

    fn count(&mut self) -> Result<(), StoreError> {
        let mut lines = Lines::new(&mut self.tally);
        if let Some(held) = &mut self.inventory {
            held.read(&self.dir.join(INVENTORY), |bytes| lines.update(bytes))?;
        }
        lines.whole();
        let mut lines = Lines::new(&mut self.tally);
        if let Some(held) = &mut self.journal {
            held.read(&self.dir.join(JOURNAL), |bytes| lines.update(bytes))?;
            held.length = lines.up_to_the_last_intact_line();
        }
        Ok(())
    }

    /// Whether the files are still those that were read.
    fn still_holds(&self) -> Result<bool, ArchiveError> {
        let disk = self.disk.as_ref();
        let same = |name: &str, held: &Option<Held>| {
            let path = self.dir.join(name);
            let look = disk.look(&path).map_err(failed("look at", &path))?;
            let identity = held.as_ref().map(|held| held.identity);
            Ok::<_, StoreError>(look.map(|look| look.identity) == identity)
        };
        Ok(same(INVENTORY, &self.inventory)?
            && same(JOURNAL, &self.journal)?
            && history_of(disk, &self.dir)? == self.history)
    }

    fn checked(self) -> Result<Self, ArchiveError> {
        if self.inventory.is_none() && self.journal.is_none() {
            return Err(StoreError::Absent { dir: self.dir }.into());
        }
        if let Some(version) = self.tally.newer {
            let path = self.dir.join(INVENTORY);
            return Err(StoreError::Newer {
                path,
                version,
                known: VERSION,
            }
            .into());
        }
        Ok(self)
    }

    /// What should be there and is not, one half-sentence each.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let (found, acknowledged) = (self.tally.seq, self.mark);
        let files = [(INVENTORY, &self.inventory), (JOURNAL, &self.journal)];
        let gone = files.into_iter().filter(|(_, held)| held.is_none());
        let mut lacks: Vec<_> = gone.map(|(name, _)| format!("{name} is missing")).collect();
        if acknowledged > found {
            lacks.push(format!(
                "change {acknowledged} was acknowledged, and change {found} is the last that is there"
            ));
        }
        lacks
    }

    /// The content of the lock file: the last transaction that was acknowledged.
    pub(crate) fn lock_line(&self) -> Result<Vec<u8>, StoreError> {
        let seq = self.mark.max(self.tally.seq);
        seal(&Mark { seq }).map_err(|source| StoreError::Encode { source })
    }

    /// Every file of the store that belongs into an archive.
    pub(crate) fn list(&self, with_keys: bool) -> Result<Listing, ArchiveError> {
        let mut listing = Listing::default();
        let fixed = [
            (self.inventory.is_some(), MemberPath::Inventory),
            (self.journal.is_some(), MemberPath::Journal),
            (true, MemberPath::Lock),
        ];
        let fixed = fixed.into_iter().filter(|(there, _)| *there);
        listing.paths.extend(fixed.map(|(_, path)| path));
        let plain = |name: &str| is_name(name).then(|| Box::<str>::from(name));
        let history = |name: &str| plain(name).map(MemberPath::History);
        listing.add(self.history.clone(), history);
        if with_keys {
            let key = |name: &str| fingerprint(name).map(MemberPath::Key);
            listing.add(self.names(KEYS)?, key);
        }
        let certificate = |name: &str| fingerprint(name).map(MemberPath::Certificate);
        listing.add(self.names(CERTS)?, certificate);
        let list = |name: &str| fingerprint(name).map(MemberPath::List);
        listing.add(self.names(LISTS)?, list);
        let damaged = |name: &str| plain(name).map(MemberPath::Damaged);
        listing.add(self.names(DAMAGED)?, damaged);
        Ok(listing)
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        names(self.disk.as_ref(), &self.dir.join(folder))
    }
}

impl Listing {
    fn add(&mut self, mut names: Vec<String>, path: impl Fn(&str) -> Option<MemberPath>) {
        names.sort_unstable();
        for name in names {
            match path(&name) {
                Some(path) => self.paths.push(path),
                None => self.left_out += 1,
            }
        }
    }
}

impl Held {
    /// Reads what counts, piece by piece.
    pub(crate) fn read(
        &mut self,
        path: &Path,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        let mut taken = |bytes: &[u8]| {
            each(bytes);
            Ok::<(), StoreError>(())
        };
        read_pieces(self.file.as_mut(), path, self.length, &mut taken).map(|_| ())
    }

    /// Copies what counts; gives how much that was.
    pub(crate) fn copy<E: From<StoreError>>(
        &mut self,
        path: &Path,
        each: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        read_pieces(self.file.as_mut(), path, self.length, each)
    }
}

/// Opens a file; nothing where there is none.
pub(crate) fn hold(disk: &dyn Disk, path: &Path) -> Result<Option<Held>, StoreError> {
    let Some(look) = disk.look(path).map_err(failed("look at", path))? else {
        return Ok(None);
    };
    if look.kind != Kind::File {
        return Err(planted(path, look.kind, "a regular file"));
    }
    let file = disk.open(path, How::Read).map_err(failed("open", path))?;
    let look = file.look().map_err(failed("look at", path))?;
    Ok(Some(Held {
        file,
        identity: look.identity,
        length: look.length,
    }))
}

/// Hands out the first `length` bytes of a file; gives how many there were.
fn read_pieces<E: From<StoreError>>(
    file: &mut dyn DiskFile,
    path: &Path,
    length: u64,
    each: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<u64, E> {
    let mut done = 0;
    while done < length {
        let wanted = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
        // Keys come through here, too.
        let bytes = part(file, done, wanted as u64).map(zeroize::Zeroizing::new);
        let bytes = bytes.map_err(failed("read", path))?;
        if bytes.is_empty() {
            break;
        }
        each(&bytes)?;
        done += bytes.len() as u64;
    }
    Ok(done)
}

/// The files of the history, by name; without the one that a new snapshot is about to put there.
fn history_of(disk: &dyn Disk, dir: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = names(disk, &dir.join(HISTORY))?;
    names.retain(|name| !name.ends_with(UNFINISHED));
    Ok(names)
}

/// The names in a folder, sorted; none where there is no folder.
pub(crate) fn names(disk: &dyn Disk, folder: &Path) -> Result<Vec<String>, StoreError> {
    let look = disk.look(folder).map_err(failed("look at", folder))?;
    match look.map(|look| look.kind) {
        None => Ok(Vec::new()),
        Some(Kind::Folder) => {
            let names = disk.names(folder);
            let mut names = names.map_err(failed("read the folder", folder))?;
            names.sort_unstable();
            Ok(names)
        }
        Some(kind) => Err(planted(folder, kind, "a folder")),
    }
}
