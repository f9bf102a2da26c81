//! What can go wrong with the store, in sentences: what was tried, on what, what came back, and
//! what to do next.
//!
//! No message carries a key or a passphrase. The engine passes these on, the faces print them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::domain::entries::Unreadable;

/// What can go wrong with the store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused something.
    #[error("could not {doing} {}: {source}; {}", path.display(), advice(source))]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What came back.
        #[source]
        source: io::Error,
    },
    /// There is no store to read.
    #[error("there is no store at {}; check the path, or let certdeck create it by opening it for writing", dir.display())]
    Absent {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// What was read is not there any more. Another process that writes never leaves such a gap.
    #[error("{} is not there any more, though the store was open; what was read of it is kept: put it back, and certdeck goes on; until then nothing is written", path.display())]
    Vanished {
        /// The store, or the file of it that is missing.
        path: PathBuf,
    },
    /// Something else stands where a folder or file of the store belongs.
    #[error("{} is {found}, where the store needs {needed}; nothing was touched: move it away, or choose another store with --store", path.display())]
    Planted {
        /// Where.
        path: PathBuf,
        /// What stands there.
        found: &'static str,
        /// What belongs there.
        needed: &'static str,
    },
    /// A part of the store belongs to another user.
    #[error("{} belongs to user {owner}, and certdeck runs as user {user}; nothing was touched: run it as the owner, or choose another store with --store", path.display())]
    Foreign {
        /// What belongs to somebody else.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
        /// The user id of this process.
        user: u32,
    },
    /// Another process kept the lock for too long.
    #[error("could not change the store: another process has held {} for more than {} s; nothing was changed: try again, or see which certdeck is still busy", path.display(), waited.as_secs_f32())]
    Locked {
        /// The lock.
        path: PathBuf,
        /// How long was waited for it.
        waited: Duration,
    },
    /// The store was written by a newer certdeck.
    #[error("{} has format version {version}, and this certdeck knows versions up to {known}; nothing was touched: use the newer certdeck", path.display())]
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The newest version that this certdeck knows.
        known: u32,
    },
    /// The store is damaged so that writing to it could lose more.
    #[error("could not write to the store: {}: {what}; nothing was touched: put the file back from a backup, or move the whole folder away to begin anew", path.display())]
    Damaged {
        /// What is damaged.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// The store was opened to be read only.
    #[error("could not change the store {}: it was opened for reading only; open it for writing", dir.display())]
    ReadOnly {
        /// The store.
        dir: PathBuf,
    },
    /// The system gave no random numbers.
    #[error(
        "could not make up a name for a new store: the system gave no random numbers; nothing was changed: try again"
    )]
    Random,
    /// A key or certificate is kept under that name already, with another content.
    #[error("could not write {}: it exists with another content and is never overwritten; nothing was changed: compare the two and move the wrong one away", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// A fingerprint that is none.
    #[error("`{name}` is no SHA-256 fingerprint: 64 lower-case hexadecimal digits are needed")]
    BadName {
        /// What was given.
        name: String,
    },
    /// A file that should be text is not.
    #[error("could not read {}: it is not text; put it back from a backup", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// An entry that is there could not be read, so that nothing may be decided about it.
    #[error("could not change the store: {0}; nothing was changed")]
    Unreadable(#[from] Unreadable),
    /// A change could not be put into words.
    #[error(
        "could not write a change down as JSON: {source}; nothing was changed: please report this"
    )]
    Encode {
        /// What came back.
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Whether the store is locked or damaged, or of no use to this certdeck for another reason
    /// that no repetition cures: what the command line answers with exit code 5.
    #[must_use]
    pub fn is_locked_or_damaged(&self) -> bool {
        matches!(
            self,
            Self::Locked { .. }
                | Self::Newer { .. }
                | Self::Damaged { .. }
                | Self::Vanished { .. }
                | Self::Planted { .. }
                | Self::Foreign { .. }
                | Self::NotText { .. }
        )
    }
}

/// Adds to an I/O error what was tried, and on what.
pub(crate) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io {
        doing,
        path,
        source,
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "what was there is intact: make room and try again"
        }
        io::ErrorKind::FileTooLarge => {
            "what was there is intact: raise the limit on the size of files and try again"
        }
        io::ErrorKind::PermissionDenied => {
            "check who owns it and its permissions; to look at it, --read-only is enough"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount the file system for writing, look with --read-only, or choose another store with --store"
        }
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput => {
            "nothing was touched: see what stands there instead, and move it away"
        }
        io::ErrorKind::NotFound => "check whether somebody moved it away",
        _ => "what was there is intact: check the disk and try again",
    }
}
