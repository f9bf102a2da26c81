//! Writing files for people: new ones only, never over something that is there.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "writing people's files is this module's work"
    )
)]

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::FileError;

/// Writes a new file that only its owner can read.
///
/// # Errors
/// When something is there already, or the system refuses.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |error: &std::io::Error| FileError::system("writing", error);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| failed(&e))?;
    file.write_all(bytes).map_err(|error| failed(&error))
}
