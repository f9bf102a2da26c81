//! Putting an archive in place as a store: whole or not at all.
//!
//! It is unpacked and checked in a folder beside the store's own place, which then takes that
//! place by one rename. It only ever takes the place of nothing, of an empty folder, or of a store
//! in which nothing ever happened: the rename itself refuses a folder that is not empty. The
//! engine calls it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use super::cut::names;
use super::error::ArchiveError;
use super::export::ConfigFile;
use super::manifest::ArchiveHead;
use super::unpack::{OpenArchive, unpack};
use crate::store::compact::COMPACTING;
use crate::store::disk::{Disk, Kind};
use crate::store::error::{StoreError, failed};
use crate::store::files::planted;
use crate::store::first_page::FIRST_PAGE;
use crate::store::image::{INVENTORY, JOURNAL};
use crate::store::lock::{self, LOCK};
use crate::store::mend::{CERTS, DAMAGED, HISTORY, KEYS, LISTS, check_folder, look_at_place};
use crate::store::packed::PACKED;
use crate::store::{OpenOptions, Store};

/// What the folder is called in which an archive is unpacked, after the store's own name.
const BESIDE: &str = "importing";
/// The folders of a store.
const FOLDERS: [&str; 5] = [HISTORY, KEYS, CERTS, LISTS, DAMAGED];
/// Its files, among them those that are made anew: the first page, and what is packed.
const FILES: [&str; 6] = [INVENTORY, JOURNAL, FIRST_PAGE, PACKED, COMPACTING, LOCK];

/// What was imported.
#[derive(Debug)]
pub struct Imported {
    /// What the archive says of itself.
    pub head: ArchiveHead,
    /// How many entries the store has now.
    pub entries: usize,
    /// The files of the configuration, which are not in place yet.
    pub config: Vec<ConfigFile>,
    /// What of the store could not be read, in sentences; it could not be read before either.
    pub warnings: Vec<String>,
    /// Folders beside the store that earlier imports left when they were cut off.
    pub leftovers: Vec<PathBuf>,
}

/// Whether an archive could be imported to `dir`: there is nothing, an empty folder, or a store in
/// which nothing ever happened.
///
/// # Errors
/// [`ArchiveError::Occupied`] if there is more, [`ArchiveError::Store`] if it cannot be told.
pub fn check_place(disk: &Arc<dyn Disk>, dir: &Path) -> Result<(), ArchiveError> {
    let look = look_at_place(disk.as_ref(), dir)?;
    match look.map(|look| look.kind) {
        None => return Ok(()),
        Some(Kind::Folder) => {}
        Some(kind) => return Err(planted(dir, kind, "a folder of its own").into()),
    }
    check_folder(disk.as_ref(), dir)?;
    let occupied = |holds: String| {
        Err(ArchiveError::Occupied {
            dir: dir.to_owned(),
            holds,
        })
    };
    let inside = names(disk.as_ref(), dir)?;
    let known = |name: &String| FOLDERS.contains(&name.as_str()) || FILES.contains(&name.as_str());
    if let Some(other) = inside.iter().find(|name| !known(name)) {
        let other = crate::domain::text::sanitise(other);
        return occupied(format!("holds {other}"));
    }
    let options = OpenOptions {
        read_only: true,
        ..OpenOptions::default()
    };
    let loaded = Store::open_on(Arc::clone(disk), dir, options)?.snapshot();
    match loaded.entries.len() {
        0 => {}
        1 => return occupied("has an entry".to_owned()),
        several => return occupied(format!("has {several} entries")),
    }
    if !loaded.warnings.is_empty() {
        return occupied("is damaged".to_owned());
    }
    if loaded.seq > 0 {
        return occupied("has a history already".to_owned());
    }
    for folder in FOLDERS {
        if !names(disk.as_ref(), &dir.join(folder))?.is_empty() {
            return occupied(format!("has files in {folder}"));
        }
    }
    Ok(())
}

/// Makes a store at `dir` of an archive. After an error everything there is as it was.
///
/// # Errors
/// Every [`ArchiveError`] that an archive, a passphrase or a disk can give.
pub fn import<R: Read>(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    archive: OpenArchive<R>,
    passphrase: Option<&SecretString>,
    options: &OpenOptions,
) -> Result<Imported, ArchiveError> {
    check_place(disk, dir)?;
    let parent = parent_of(dir);
    need_parents(disk.as_ref(), parent)?;
    let prefix = prefix_of(dir);
    let leftovers = cut_off(disk.as_ref(), dir);
    let beside = free_place(disk.as_ref(), parent, &prefix)?;
    disk.make_folder(&beside)
        .map_err(failed("make the folder", &beside))?;
    let imported = unpack(disk.as_ref(), &beside, archive, passphrase).and_then(|unpacked| {
        let loaded = try_out(disk, &beside)?;
        take_place(disk, dir, &beside, options)?;
        Ok(Imported {
            head: unpacked.head,
            entries: loaded.entries.len(),
            config: unpacked.config,
            warnings: loaded.warnings.iter().map(ToString::to_string).collect(),
            leftovers: leftovers.into_iter().map(|(folder, _)| folder).collect(),
        })
    });
    if imported.is_err() {
        // Copies of what is in the archive, keys among them; if even that fails, the next import
        // names the folder.
        let _ = clear(disk.as_ref(), &beside);
    }
    imported
}

/// What the names of the folders begin with in which archives are unpacked for a store.
fn prefix_of(dir: &Path) -> String {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.{BESIDE}-")
}

/// The folders beside a store in which an import works, or was cut off, each with the process that
/// made it; none where nobody can say.
pub(crate) fn cut_off(disk: &dyn Disk, dir: &Path) -> Vec<(PathBuf, Option<u32>)> {
    let (parent, prefix) = (parent_of(dir), prefix_of(dir));
    // Whoever may not look into the folder above left nothing there.
    let found = names(disk, parent).unwrap_or_default().into_iter();
    let folders = found.filter_map(|name| {
        let process = name.strip_prefix(&prefix)?.split('-').next()?.parse();
        Some((parent.join(&name), process.ok()))
    });
    folders.collect()
}

/// Makes the folder in which the store is to lie, where it is missing, with those above it.
fn need_parents(disk: &dyn Disk, parent: &Path) -> Result<(), StoreError> {
    let mut missing = Vec::new();
    for folder in parent.ancestors() {
        let look = disk.look(folder).map_err(failed("look at", folder))?;
        if look.is_some() || folder == Path::new("") {
            break;
        }
        missing.push(folder);
    }
    if missing.is_empty() {
        return Ok(());
    }
    disk.make_folder(parent)
        .map_err(failed("make the folder", parent))?;
    for folder in missing {
        // So that their names outlive a crash; what lies above them may not be ours to sync.
        let _ = disk.sync_folder(parent_of(folder));
    }
    Ok(())
}

fn parent_of(dir: &Path) -> &Path {
    let parent = dir.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

fn free_place(disk: &dyn Disk, parent: &Path, prefix: &str) -> Result<PathBuf, StoreError> {
    let mut number = 1;
    loop {
        let place = parent.join(format!("{prefix}{}-{number}", std::process::id()));
        let look = disk.look(&place).map_err(failed("look at", &place))?;
        if look.is_none() {
            return Ok(place);
        }
        number += 1;
    }
}

/// Opens what was unpacked as a store: a newer format is refused here.
fn try_out(disk: &Arc<dyn Disk>, beside: &Path) -> Result<crate::store::Loaded, StoreError> {
    let options = OpenOptions {
        read_only: true,
        ..OpenOptions::default()
    };
    Ok(Store::open_on(Arc::clone(disk), beside, options)?.snapshot())
}

/// Lets a folder take the store's place.
fn take_place(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    beside: &Path,
    options: &OpenOptions,
) -> Result<(), ArchiveError> {
    let there = disk.look(dir).map_err(failed("look at", dir))?.is_some();
    // Nobody writes to the empty store meanwhile; who waited for its lock finds the new one's.
    let held = if there {
        Some(lock::take(disk.as_ref(), dir, options.lock_timeout)?)
    } else {
        None
    };
    if there {
        check_place(disk, dir)?;
        empty(disk.as_ref(), dir)?;
    }
    // Over an empty folder, or where there is none; the system refuses anything else.
    let placed = disk.rename(beside, dir).map_err(|error| {
        let busy = [
            std::io::ErrorKind::DirectoryNotEmpty,
            std::io::ErrorKind::AlreadyExists,
        ];
        if busy.contains(&error.kind()) {
            let holds = "was written to by another process meanwhile".to_owned();
            let dir = dir.to_owned();
            return ArchiveError::Occupied { dir, holds };
        }
        failed("put the store in place at", dir)(error).into()
    });
    drop(held);
    placed?;
    let parent = parent_of(dir);
    // It has its place; whether that outlasts a loss of power is all that is open.
    disk.sync_folder(parent)
        .map_err(failed("sync the folder", parent))?;
    Ok(())
}

/// Takes away what a store has in which nothing ever happened: headers and empty folders. A folder
/// into which somebody put something meanwhile refuses to go, and that ends it.
fn empty(disk: &dyn Disk, dir: &Path) -> Result<(), StoreError> {
    let inside = names(disk, dir)?;
    let folders = FOLDERS
        .iter()
        .filter(|name| inside.contains(&String::from(**name)));
    for folder in folders {
        let path = dir.join(folder);
        disk.remove_folder(&path)
            .map_err(failed("remove the empty folder", &path))?;
    }
    let files = FILES
        .iter()
        .filter(|name| inside.contains(&String::from(**name)));
    for file in files {
        let path = dir.join(file);
        disk.remove(&path).map_err(failed("remove", &path))?;
    }
    // Before the new store has the same names: none of these may be taken for one of its own.
    disk.sync_folder(dir)
        .map_err(failed("sync the folder", dir))
}

/// Removes the folder that this import made, with what it wrote there.
fn clear(disk: &dyn Disk, beside: &Path) -> Result<(), StoreError> {
    let files = |folder: &Path, kept: &[&str]| -> Result<(), StoreError> {
        for name in names(disk, folder)? {
            if kept.contains(&name.as_str()) {
                continue;
            }
            let path = folder.join(name);
            disk.remove(&path).map_err(failed("remove", &path))?;
        }
        Ok(())
    };
    for folder in FOLDERS.map(|folder| beside.join(folder)) {
        files(&folder, &[])?;
        if disk
            .look(&folder)
            .map_err(failed("look at", &folder))?
            .is_some()
        {
            disk.remove_folder(&folder)
                .map_err(failed("remove the folder", &folder))?;
        }
    }
    files(beside, &FOLDERS)?;
    disk.remove_folder(beside)
        .map_err(failed("remove the folder", beside))
}
