//! The small file-system layer under the store, so that tests can break any single call.
//!
//! It knows files and folders and nothing of entries. Everything that the store reads or writes
//! goes through [`Disk`]; [`RealDisk`] is the machine's own. Only the store calls it.
//!
//! Rules that hold for every call: no call follows a symbolic link in the last part of a path,
//! what is created is private (folders 0700, files 0600) whatever the umask, and a call that
//! fails leaves at most a part of what it was asked for, never anything else.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the store's disk is where files are touched"
    )
)]

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
    PermissionsExt as _,
};
use std::path::Path;

use rustix::fs::{OFlags, RenameFlags};
use rustix::io::Errno;

use super::together;

mod over;

pub use over::{DiskFileOver, DiskOver};

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe, a socket.
    Other,
}

/// What the file system says of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What it is.
    pub kind: Kind,
    /// Its length in bytes.
    pub length: u64,
    /// Device and inode: two looks at one file agree in it for as long as it is held open.
    pub identity: (u64, u64),
    /// The permission bits.
    pub mode: u32,
    /// The owner's user id.
    pub owner: u32,
}

impl Look {
    /// Whether it is a file or folder, and nothing that leads elsewhere.
    pub(crate) fn is_regular(&self) -> bool {
        matches!(self.kind, Kind::File | Kind::Folder)
    }

    /// Whether group or others may do anything with it.
    pub(crate) fn is_loose(&self) -> bool {
        self.mode & 0o077 != 0
    }
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// An existing one, to read.
    Read,
    /// An existing one, to read and write.
    Write,
    /// One that must not exist yet, to write, private from the first moment.
    New,
}

/// An open file.
pub trait DiskFile: Send + Sync + fmt::Debug {
    /// What the file system says of it now.
    ///
    /// # Errors
    /// What the system said.
    fn look(&self) -> io::Result<Look>;

    /// Fills `into` with what stands from `offset` (bytes) on, as far as the file goes; says how
    /// many bytes that were.
    ///
    /// # Errors
    /// What the system said.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Everything from `offset` (bytes) to its end.
    ///
    /// # Errors
    /// What the system said.
    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// What the system said; a part may have been written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts it to `length` bytes.
    ///
    /// # Errors
    /// What the system said.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Waits until its content is on the disk itself.
    ///
    /// # Errors
    /// What the system said; nobody knows then how much is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// Waits until everything is on the disk itself that was written since this was made.
pub type SyncTogether = Box<dyn FnOnce() -> io::Result<()> + Send>;

/// A file system, as much of one as the store needs.
pub trait Disk: Send + Sync + fmt::Debug {
    /// What `path` leads to, links not followed; `None` where there is nothing.
    ///
    /// # Errors
    /// What the system said.
    fn look(&self, path: &Path) -> io::Result<Option<Look>>;

    /// Makes a folder (0700) and those above it that are missing.
    ///
    /// # Errors
    /// What the system said.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, in no order.
    ///
    /// # Errors
    /// What the system said.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Opens a regular file.
    ///
    /// # Errors
    /// What the system said; anything but a regular file is refused.
    fn open(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>>;

    /// Renames a file, in place of what is there; or a folder, in place of nothing or of an empty
    /// folder.
    ///
    /// # Errors
    /// What the system said.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Renames a file where nothing is there yet.
    ///
    /// # Errors
    /// `AlreadyExists` where something is; else what the system said.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a temporary file that this process made, or a journal that somebody asked to be
    /// removed from the history.
    ///
    /// # Errors
    /// What the system said.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder in which nothing is.
    ///
    /// # Errors
    /// `DirectoryNotEmpty` where something is in it; else what the system said.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Waits until the names in a folder are on the disk itself.
    ///
    /// # Errors
    /// What the system said.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// What brings the content of every file to the disk at once that is written below `folder` from
    /// now on, and costs less than many syncs; nothing where the system has no call that is as good as
    /// those.
    ///
    /// # Errors
    /// What the system said, now or at the end: nobody knows then how much is on the disk.
    fn sync_together(&self, folder: &Path) -> io::Result<Option<SyncTogether>> {
        let _ = folder;
        Ok(None)
    }

    /// Takes the advisory lock on the file at `path`, made where missing; the kernel releases it
    /// with the returned file or with the process. `None` while somebody else holds it.
    ///
    /// # Errors
    /// What the system said.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>>;

    /// The user id that owns what this process creates.
    fn user(&self) -> u32;

    /// Makes a file or folder private (0600 or 0700), through an open handle, so that no link is
    /// followed.
    ///
    /// # Errors
    /// What the system said; `Unsupported` on a disk that knows no modes.
    fn make_private(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether a process with this number runs on this machine, as far as that can be seen.
    fn is_running(&self, process: u32) -> bool {
        let _ = process;
        false
    }
}

/// The machine's own file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk {
    /// Nothing on it is to outlast a loss of power, so that nobody waits for the disk.
    pub passing: bool,
}

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

impl From<&Metadata> for Look {
    fn from(metadata: &Metadata) -> Self {
        let file_type = metadata.file_type();
        let kind = if file_type.is_symlink() {
            Kind::Link
        } else if file_type.is_dir() {
            Kind::Folder
        } else if file_type.is_file() && !file_type.is_fifo() {
            Kind::File
        } else {
            Kind::Other
        };
        Self {
            kind,
            length: metadata.len(),
            identity: (metadata.dev(), metadata.ino()),
            mode: metadata.mode() & 0o7777,
            owner: metadata.uid(),
        }
    }
}

/// Flags that keep an open from following a planted link and from hanging on a planted pipe.
fn careful() -> io::Result<i32> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    i32::try_from(flags.bits()).map_err(io::Error::other)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    let message = "it is not a regular file";
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn open_existing(path: &Path, write: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(write);
    regular(options.custom_flags(careful()?).open(path)?)
}

/// Makes a private file. The mode is set on the open file as well, because the umask may take
/// bits away that the mode at creation asked for.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create_new(true);
    let file = options.mode(FILE_MODE).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

impl Disk for RealDisk {
    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(Look::from(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        if self
            .look(path)?
            .is_some_and(|look| look.kind == Kind::Folder)
        {
            return Ok(());
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(FOLDER_MODE).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(FOLDER_MODE))
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for item in fs::read_dir(path)? {
            names.push(item?.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    fn open(&self, path: &Path, how: How) -> io::Result<Box<dyn DiskFile>> {
        let file = match how {
            How::Read => open_existing(path, false)?,
            How::Write => open_existing(path, true)?,
            How::New => create_new(path)?,
        };
        Ok(self.file(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        let here = rustix::fs::CWD;
        match rustix::fs::renameat_with(here, from, here, to, RenameFlags::NOREPLACE) {
            // Some file systems cannot do it in one step; a second name never replaces either.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::hard_link(from, to)?;
                fs::remove_file(from)
            }
            done => Ok(done?),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if self.passing {
            return Ok(());
        }
        File::open(path)?.sync_all()
    }

    fn sync_together(&self, folder: &Path) -> io::Result<Option<SyncTogether>> {
        if self.passing {
            return Ok(None);
        }
        together::begin(folder)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
        let file = match create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                open_existing(path, true)?
            }
            made => made?,
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(self.file(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn user(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn make_private(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let file = options.read(true).custom_flags(careful()?).open(path)?;
        let is_folder = file.metadata()?.is_dir();
        let mode = if is_folder { FOLDER_MODE } else { FILE_MODE };
        file.set_permissions(fs::Permissions::from_mode(mode))
    }

    fn is_running(&self, process: u32) -> bool {
        let number = i32::try_from(process).ok().filter(|number| *number > 0);
        let Some(process) = number.and_then(rustix::process::Pid::from_raw) else {
            return false;
        };
        // One of another user answers that it may not be asked: it runs.
        !matches!(
            rustix::process::test_kill_process(process),
            Err(Errno::SRCH)
        )
    }
}

impl RealDisk {
    fn file(self, file: File) -> Box<dyn DiskFile> {
        let passing = self.passing;
        Box::new(RealFile { file, passing })
    }
}

#[derive(Debug)]
struct RealFile {
    file: File,
    passing: bool,
}

impl DiskFile for RealFile {
    fn look(&self) -> io::Result<Look> {
        Ok(Look::from(&self.file.metadata()?))
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < into.len() {
            match self.file.read_at(&mut into[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn read_from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let left = self.file.metadata()?.len().saturating_sub(offset);
        // In one piece, so that a key's bytes are not left behind by a growing buffer.
        let mut bytes = Vec::with_capacity(usize::try_from(left).unwrap_or(0).saturating_add(1));
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.passing {
            return Ok(());
        }
        self.file.sync_data()
    }
}
