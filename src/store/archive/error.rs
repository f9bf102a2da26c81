//! What can go wrong with an archive, in sentences.
//!
//! No message carries a key, a passphrase or anything of a member's content. The engine passes
//! these on.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::store::StoreError;

/// What can go wrong with an archive.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The store that is exported, or the folder that is imported into.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive could not be read.
    #[error(
        "could not read the archive: {source}; nothing was imported: check the file and the disk that it lies on"
    )]
    Reading {
        /// What came back.
        #[source]
        source: io::Error,
    },
    /// The archive could not be written.
    #[error("could not write the archive: {source}; {}", advice(source))]
    Writing {
        /// What came back.
        #[source]
        source: io::Error,
    },
    /// Something of the store was changed by others while it was read.
    #[error(
        "could not export {path}: it was changed or taken away while it was read; no archive was written: try again"
    )]
    Changed {
        /// The member of the archive.
        path: String,
    },
    /// The store was changed again and again while it was read.
    #[error("could not export the store {}: its files were swapped each time they were read; no archive was written: try again when less is going on", dir.display())]
    Restless {
        /// The store.
        dir: PathBuf,
    },
    /// A file that an archive has no room for.
    #[error(
        "{path} cannot be kept in an archive: its name is too long, or it is larger than 8 GiB; move it out of the store first"
    )]
    Unnameable {
        /// The member of the archive.
        path: String,
    },
    /// It is something else.
    #[error(
        "this is no archive of certdeck: it begins with neither a manifest nor the mark of an encrypted archive; nothing was imported: name a file that `certdeck store export` wrote"
    )]
    NotAnArchive,
    /// It is encrypted and nobody gave a passphrase.
    #[error(
        "this archive is encrypted, and no passphrase was given; nothing was imported: add --passphrase-file FILE, or import it at a terminal, which asks"
    )]
    NeedsPassphrase,
    /// A passphrase was given and the archive is not encrypted: somebody may have put another one
    /// in its place.
    #[error(
        "a passphrase was given, and this archive is not encrypted, so it may not be the one that you mean; nothing was imported: look where it comes from, then import it without a passphrase"
    )]
    NotEncrypted,
    /// The passphrase does not open it.
    #[error(
        "the passphrase does not open this archive, or its first bytes are damaged; nothing was imported: try another passphrase, or another copy"
    )]
    WrongPassphrase,
    /// It ends too early.
    #[error(
        "the archive is cut off, at {path}; nothing was imported: copy it again, or take another copy"
    )]
    Short {
        /// Where.
        path: String,
    },
    /// A byte in it is not what was written.
    #[error(
        "the archive is damaged, at {path}; nothing was imported: copy it again, or take another copy"
    )]
    Damaged {
        /// Where.
        path: String,
    },
    /// Its manifest was not made by somebody who knows the passphrase.
    #[error(
        "the manifest of this archive was changed by somebody who does not know its passphrase; nothing was imported: take another copy, and look where this one comes from"
    )]
    Forged,
    /// It was written by a newer certdeck.
    #[error(
        "this archive has format version {version}, and this certdeck knows versions up to {known}; nothing was imported: use the newer certdeck"
    )]
    Newer {
        /// Its version.
        version: u32,
        /// The newest version that this certdeck knows.
        known: u32,
    },
    /// It names a file that no store has.
    #[error(
        "this archive holds {path}, which no store of certdeck has; nothing was imported: look where the archive comes from"
    )]
    Strange {
        /// The member of the archive.
        path: String,
    },
    /// There is a store already.
    #[error("could not import into {}: it {holds}, and an import only fills an empty store; nothing was changed: choose another with --store DIR, or move this one away first", dir.display())]
    Occupied {
        /// The folder.
        dir: PathBuf,
        /// What it has or is.
        holds: String,
    },
}

impl ArchiveError {
    pub(crate) fn damaged(path: &str) -> Self {
        let path = path.to_owned();
        Self::Damaged { path }
    }

    pub(crate) fn name(path: &str) -> Self {
        let path = path.to_owned();
        Self::Unnameable { path }
    }

    pub(crate) fn writing(source: io::Error) -> Self {
        Self::Writing { source }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "the store is untouched and no archive was left: make room, or name a file elsewhere"
        }
        _ => "the store is untouched and no archive was left: check where it was to go",
    }
}
