//! One file's bytes, at most so many, from regular files only.
//!
//! May not: follow anything but what it is given, or wait. Called by the walk's consumer and by
//! whoever reads one text (configuration, a CSR).

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "reading people's files is this module's work"
    )
)]

use std::fs::{File, FileType, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{FileError, LARGEST};

/// Opens a regular file to read it, however large it is. Symbolic links are followed.
///
/// # Errors
/// When it cannot be opened, or is no regular file.
pub fn open_file(path: &Path) -> Result<File, FileError> {
    // Without NONBLOCK, opening a pipe waits for a writer that may never come. Regular files do
    // not mind it.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(flags).open(path);
    let file = file.map_err(|error| FileError::system("opening", &error))?;
    let facts = file.metadata();
    let facts = facts.map_err(|error| FileError::system("looking at", &error))?;
    match special(facts.file_type()) {
        Some(what) => Err(FileError::Special { what }),
        None => Ok(file),
    }
}

/// The bytes of a regular file of at most [`LARGEST`] bytes, wiped when nobody needs them any more:
/// private keys lie beside certificates and in the same files. Symbolic links are followed.
///
/// # Errors
/// When it cannot be read, is no regular file, or is too large.
pub fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = open_file(path)?;
    let facts = file.metadata();
    let facts = facts.map_err(|error| FileError::system("looking at", &error))?;
    // The size that the system states is not trusted: files of /proc state none, others grow. Where
    // it is right, no half of a key is left behind by a buffer that had to grow.
    let stated = usize::try_from(facts.len().min(LARGEST)).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(stated + 1));
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| FileError::system("reading", &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileError::TooLarge);
    }
    Ok(bytes)
}

/// The text of a regular file.
///
/// # Errors
/// Like [`read_file`], and when it is no UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let mut bytes = read_file(path)?;
    String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| FileError::NotText)
}

/// What a path leads to that is neither a file nor a folder.
pub(super) fn special(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a folder")
    } else if kind.is_fifo() {
        Some("a pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}
