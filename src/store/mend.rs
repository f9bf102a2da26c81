//! What a writer does before it writes: make the folders and first files, put damaged bytes
//! aside, finish what a crash interrupted.
//!
//! It runs only under the lock and never deletes or overwrites what it could not read: damaged
//! bytes are copied to `damaged/` and synced before anything is cut or replaced.

use std::io;
use std::path::{Path, PathBuf};

use super::compact::{copy, history_number};
use super::damage::Damage;
use super::disk::{Disk, DiskFile, How, Kind, Look};
use super::error::{StoreError, failed};
use super::files::{Files, Shape, planted};
use super::image::{INVENTORY, JOURNAL};
use super::line::seal;
use super::prune::MARKER;
use super::record::{Header, INVENTORY_FORMAT, JOURNAL_FORMAT, VERSION};
use super::stretch::{each_block, part};

/// Where damaged bytes are kept, relative to the store.
pub(crate) const DAMAGED: &str = "damaged";
/// So many damaged places of one file are kept as a file each; more are kept together.
const FILES_OF_THEIR_OWN: usize = 16;
/// A store that is not in order after so many steps stays as it is: its disk says one thing and does
/// another.
const MENDED_BY_THEN: usize = 4;
/// Where absorbed journals are kept, relative to the store.
pub(crate) const HISTORY: &str = "history";
/// Where private keys are kept, relative to the store.
pub(crate) const KEYS: &str = "keys";
/// Where certificates are kept, relative to the store.
pub(crate) const CERTS: &str = "certs";
/// Where revocation lists are kept, relative to the store; made with the first one.
pub(crate) const LISTS: &str = "lists";

/// Sees to it that `path` is a folder of ours, made where it is missing, and outlives a crash: its
/// own name and those of the folders above it that were made with it.
pub(crate) fn need_folder(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    if check_folder(disk, path)? {
        return Ok(());
    }
    let mut made = Vec::new();
    for folder in path.ancestors() {
        let look = disk.look(folder).map_err(failed("look at", folder))?;
        if look.is_some() {
            break;
        }
        made.push(folder);
    }
    disk.make_folder(path)
        .map_err(failed("make the folder", path))?;
    let parents = made.iter().filter_map(|folder| folder.parent());
    parents.into_iter().try_for_each(|parent| {
        // A relative path of one part has an empty parent, which is where certdeck runs.
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        match disk.sync_folder(parent) {
            // A folder in which one may make others need not be one that one may read.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            done => done.map_err(failed("sync the folder", parent)),
        }
    })
}

/// Whether there is a folder at `path`; an error if something else is, or somebody else's.
pub(crate) fn check_folder(disk: &dyn Disk, path: &Path) -> Result<bool, StoreError> {
    let Some(look) = disk.look(path).map_err(failed("look at", path))? else {
        return Ok(false);
    };
    if look.kind != Kind::Folder {
        return Err(planted(path, look.kind, "a folder"));
    }
    let user = disk.user();
    if look.owner != user {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
            owner: look.owner,
            user,
        });
    }
    Ok(true)
}

/// What stands in the store's own place; says what stands in the way where nothing can.
pub(crate) fn look_at_place(disk: &dyn Disk, dir: &Path) -> Result<Option<Look>, StoreError> {
    disk.look(dir).map_err(|error| {
        let above = dir.ancestors().skip(1);
        let in_the_way = above.filter(|_| error.kind() == io::ErrorKind::NotADirectory);
        let mut found = in_the_way.filter_map(|above| Some((above, disk.look(above).ok()??)));
        match found.next() {
            Some((above, look)) if look.kind != Kind::Folder => {
                planted(above, look.kind, "a folder")
            }
            _ => failed("look at", dir)(error),
        }
    })
}

/// Whether the link in the store's own place leads to a folder.
pub(crate) fn check_link(disk: &dyn Disk, dir: &Path) -> Result<(), StoreError> {
    let leads = |found| {
        Err(StoreError::Planted {
            path: dir.to_owned(),
            found,
            needed: "a folder",
        })
    };
    // The last part is what is not followed, so the link before it is.
    match disk.look(&dir.join(".")) {
        Ok(Some(look)) if look.kind == Kind::Folder => Ok(()),
        Ok(None) => leads("a symbolic link that leads nowhere"),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            leads("a symbolic link to a file")
        }
        Ok(Some(_)) => leads("a symbolic link to something else"),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            leads("a symbolic link that leads in a circle")
        }
        Err(error) => Err(failed("look at", dir)(error)),
    }
}

/// Writes a file under a temporary name, syncs it, and gives it its name in place of what is
/// there. Only under the lock: the temporary name is fixed, and a leftover of it is a crash's.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    discard(disk, &temporary)?;
    let written = write_new(disk, &temporary, bytes).and_then(|()| {
        disk.rename(&temporary, path)
            .map_err(failed("put in place", path))
    });
    if written.is_err() {
        // Best effort: the next writer removes it, too.
        let _ = disk.remove(&temporary);
    }
    written?;
    sync_parent(disk, path)
}

/// Removes a temporary file, if there is one.
pub(crate) fn discard(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    let look = disk.look(path).map_err(failed("look at", path))?;
    if look.is_some() {
        disk.remove(path).map_err(failed("remove", path))?;
    }
    Ok(())
}

/// Writes and syncs a file that must not exist yet.
pub(crate) fn write_new(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = disk.open(path, How::New).map_err(failed("create", path))?;
    file.write_at(0, bytes).map_err(failed("write", path))?;
    file.sync().map_err(failed("sync", path))
}

/// Makes a new name in a folder outlive a crash.
pub(crate) fn sync_parent(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(path);
    disk.sync_folder(folder)
        .map_err(failed("sync the folder", folder))
}

impl Files {
    /// Makes everything ready for an append: current, whole, with damaged bytes put aside. Where
    /// that means reading everything, which may take seconds, it does so; see
    /// [`Self::prepare_at_once`].
    pub(crate) fn prepare(&mut self) -> Result<(), StoreError> {
        for _ in 0..MENDED_BY_THEN {
            self.refresh()?;
            self.mend()?;
            if !self.unsure {
                return Ok(());
            }
        }
        let what = "what was put in place is not what is found there".to_owned();
        Err(StoreError::Damaged {
            path: self.dir.join(JOURNAL),
            what,
        })
    }

    /// The same for whoever lets others wait meanwhile: `false` where everything has to be read
    /// anew before it can go on.
    pub(crate) fn prepare_at_once(&mut self) -> Result<bool, StoreError> {
        if !self.only_grew()? {
            return Ok(false);
        }
        self.read_on()?;
        self.mend()?;
        Ok(!self.unsure)
    }

    /// Puts right what stands in the way of an append. What was read has to be read anew if it is
    /// unsure after that.
    fn mend(&mut self) -> Result<(), StoreError> {
        self.refuse_hopeless()?;
        self.name_store()?;
        if self.snapshot.is_none() && self.journal.is_none() {
            self.begin()?;
        }
        self.set_damage_aside()?;
        self.cut_torn_tail()?;
        if self.shape == Shape::Absorbed {
            return self.finish_swap();
        }
        if self.shape == Shape::Headless {
            self.swap()?;
        }
        if self.journal.is_none() {
            self.begin_journal(self.generation, self.image.through)?;
        }
        Ok(())
    }

    /// Whether nothing has to be put right before an append.
    pub(crate) fn is_ready(&self) -> bool {
        let both = self.snapshot.is_some() && self.journal.is_some();
        both && self.shape == Shape::Whole && self.known.torn.is_none()
    }

    /// Refuses to write where writing would bury what a person may still put back.
    pub(crate) fn refuse_hopeless(&self) -> Result<(), StoreError> {
        let refuse = |file: &str, what: &str| {
            let what = what.to_owned();
            Err(StoreError::Damaged {
                path: self.dir.join(file),
                what,
            })
        };
        if self.shape == Shape::Nameless {
            return refuse(
                INVENTORY,
                "no header can be read, so nobody knows which version wrote it",
            );
        }
        if self.shape == Shape::Mixed {
            return refuse(
                JOURNAL,
                "it belongs to another store than inventory.jsonl, so that it was not read",
            );
        }
        if self.snapshot.is_none() && self.journal.is_some() && self.image.through > 0 {
            return refuse(
                INVENTORY,
                "it is missing, and the journal only continues it",
            );
        }
        // A new snapshot would take the place of one that a person may still put back.
        if self.image.is_ruined() && self.image.through > 0 {
            return refuse(
                INVENTORY,
                "nothing of it can be read, and the journal only continues it",
            );
        }
        if self.journal.is_none() && self.snapshot.is_some() && self.mark > self.image.through {
            return refuse(
                JOURNAL,
                "it is missing, and with it what happened since the snapshot",
            );
        }
        Ok(())
    }

    /// The first files of a new store.
    fn begin(&mut self) -> Result<(), StoreError> {
        let history = self.dir.join(HISTORY);
        let old = self
            .disk
            .names(&history)
            .map_err(failed("read the folder", &history))?;
        let of_history = |name: &String| name == MARKER || history_number(name).is_some();
        if self.mark > 0 || old.iter().any(of_history) {
            let what =
                "snapshot and journal are missing, though the store has a history".to_owned();
            return Err(StoreError::Damaged {
                path: self.dir.join(INVENTORY),
                what,
            });
        }
        let line = self.header(INVENTORY_FORMAT, 1, 0, Some(0))?;
        replace(self.disk.as_ref(), &self.dir.join(INVENTORY), &line)?;
        self.begin_journal(1, 0)?;
        self.reload()
    }

    /// An empty journal that follows the snapshot of a generation; it is not read yet.
    pub(crate) fn begin_journal(
        &mut self,
        generation: u64,
        through: u64,
    ) -> Result<(), StoreError> {
        let line = self.header(JOURNAL_FORMAT, generation, through, None)?;
        self.unsure = true;
        replace(self.disk.as_ref(), &self.dir.join(JOURNAL), &line)
    }

    /// Gives the store a name where none of its files has one; the next headers carry it.
    fn name_store(&mut self) -> Result<(), StoreError> {
        if self.store.is_none() {
            self.store = Some(random_name()?);
        }
        Ok(())
    }

    /// A header line.
    pub(crate) fn header(
        &self,
        format: &str,
        generation: u64,
        through_seq: u64,
        count: Option<u64>,
    ) -> Result<Vec<u8>, StoreError> {
        let header = Header {
            format: format.to_owned(),
            version: VERSION,
            generation,
            through_seq,
            count,
            store: self.store.clone(),
        };
        seal(&header).map_err(|source| StoreError::Encode { source })
    }

    /// Copies damaged lines to `damaged/`, once each.
    fn set_damage_aside(&mut self) -> Result<(), StoreError> {
        let mut damage = std::mem::take(&mut self.image.damage);
        let done = [INVENTORY, JOURNAL].into_iter().try_for_each(|name| {
            let is_fresh = |damage: &&mut Damage| {
                damage.file == name && damage.aside.is_none() && damage.length > 0
            };
            let fresh: Vec<_> = damage.iter_mut().filter(is_fresh).collect();
            if fresh.len() > FILES_OF_THEIR_OWN {
                return self.copy_together(name, fresh);
            }
            fresh
                .into_iter()
                .try_for_each(|damage| self.copy_aside(damage))
        });
        self.image.damage = damage;
        done
    }

    /// Copies many damaged places of one file to one file in `damaged/`, one behind the other: a
    /// file for each, each synced, would take hours where there are a hundred thousand.
    fn copy_together(&self, name: &str, places: Vec<&mut Damage>) -> Result<(), StoreError> {
        let path = self.dir.join(name);
        let (Some(file), Some(first)) = (self.file(name), places.first()) else {
            return Ok(());
        };
        let stem = format!("{name}-{}", first.offset);
        let mut bytes = Vec::new();
        for damage in &places {
            bytes.extend(part(file, damage.offset, damage.length).map_err(failed("read", &path))?);
        }
        let aside = self.keep(&stem, &bytes)?;
        for damage in places {
            damage.aside = Some(aside.clone());
        }
        Ok(())
    }

    /// Moves an incomplete last line to `damaged/`, so that the next line begins on its own.
    fn cut_torn_tail(&mut self) -> Result<(), StoreError> {
        let Some(mut torn) = self.known.torn.clone() else {
            return Ok(());
        };
        self.copy_aside(&mut torn)?;
        let path = self.dir.join(JOURNAL);
        if let Some(held) = &mut self.journal {
            let cut = held
                .file
                .cut(self.known.length)
                .and_then(|()| held.file.sync());
            cut.map_err(failed("cut the incomplete last line of", &path))?;
        }
        self.known.torn = None;
        self.remembered.push(torn);
        Ok(())
    }

    fn copy_aside(&mut self, damage: &mut Damage) -> Result<(), StoreError> {
        let path = self.dir.join(&damage.file);
        let Some(file) = self.file(&damage.file) else {
            return Ok(());
        };
        let bytes = part(file, damage.offset, damage.length).map_err(failed("read", &path))?;
        let stem = format!("{}-{}", damage.file, damage.offset);
        damage.aside = Some(self.keep(&stem, &bytes)?);
        Ok(())
    }

    /// Keeps `bytes` in `damaged/` under a name that their checksum makes their own; gives the
    /// name, relative to the store.
    pub(crate) fn keep(&self, stem: &str, bytes: &[u8]) -> Result<String, StoreError> {
        let disk = self.disk.as_ref();
        let folder = self.dir.join(DAMAGED);
        need_folder(disk, &folder)?;
        let name = format!("{DAMAGED}/{stem}-{:08x}", crc32fast::hash(bytes));
        let path = self.dir.join(&name);
        let present = disk.look(&path).map_err(failed("look at", &path))?;
        if present.is_none() {
            replace(disk, &path, bytes)?;
        } else {
            // Who made it may have ended between its name and the sync.
            sync_parent(disk, &path)?;
        }
        Ok(name)
    }

    /// Keeps a whole file in `damaged/` as [`Self::keep`] does, without holding it in memory.
    pub(crate) fn keep_whole(&self, name: &str, file: &dyn DiskFile) -> Result<(), StoreError> {
        let disk = self.disk.as_ref();
        let folder = self.dir.join(DAMAGED);
        need_folder(disk, &folder)?;
        let mut sum = crc32fast::Hasher::new();
        let length = file.look().map_err(failed("look at", &folder))?.length;
        let summed = each_block(file, length, |_, bytes| {
            sum.update(bytes);
            Ok(())
        });
        summed.map_err(failed("read", &self.dir.join(INVENTORY)))?;
        let path = folder.join(format!("{name}-{:08x}", sum.finalize()));
        if disk
            .look(&path)
            .map_err(failed("look at", &path))?
            .is_some()
        {
            return Ok(());
        }
        let temporary = folder.join(format!("{name}.new"));
        copy(disk, file, length, &temporary)?;
        disk.rename(&temporary, &path)
            .map_err(failed("put in place", &path))?;
        sync_parent(disk, &path)
    }
}

/// A name that no other store has: sixteen random bytes.
fn random_name() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| StoreError::Random)?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}
