//! A new file that is written bit by bit and gets its name only once it is whole.
//!
//! May not: write over anything, or leave half a file under the name. The engine calls it for
//! archives.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "putting people's files in place is this module's work"
    )
)]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::place::{folder_of, rename_new, sync_folder};

/// How much is collected before it is written.
const BUFFER: usize = 256 * 1024;

/// A file without its name. Dropped before [`Placing::finish`], it is gone.
#[must_use]
#[derive(Debug)]
pub struct Placing {
    file: BufWriter<File>,
    hidden: PathBuf,
    path: PathBuf,
    placed: bool,
}

impl Placing {
    /// Begins a file that shall be called `path`, readable for its owner alone, in a folder that
    /// has to be there.
    ///
    /// # Errors
    /// `AlreadyExists` where something has that name, else what the system said.
    pub fn begin(path: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.new", std::process::id()));
        let hidden = folder_of(path).join(hidden);
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let file = options.open(&hidden)?;
        let placing = Self {
            file: BufWriter::with_capacity(BUFFER, file),
            hidden,
            path: path.to_owned(),
            placed: false,
        };
        // Also where the umask takes away what the owner needs.
        let mode = Permissions::from_mode(0o600);
        placing.file.get_ref().set_permissions(mode)?;
        Ok(placing)
    }

    /// Brings it to the disk and gives it its name.
    ///
    /// # Errors
    /// `AlreadyExists` where something has that name by now, else what the system said; nothing is
    /// left behind then.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        rename_new(&self.hidden, &self.path)?;
        self.placed = true;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

impl Write for Placing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Placing {
    fn drop(&mut self) {
        if !self.placed {
            // It is certdeck's own, and nobody else has seen it.
            let _ = fs::remove_file(&self.hidden);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        super::super::names_in(folder).unwrap()
    }

    #[test]
    fn it_has_its_name_when_it_is_whole_and_its_owner_alone_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        let mut placing = Placing::begin(&path).unwrap();
        placing.write_all(b"half").unwrap();
        assert!(!path.exists());
        placing.write_all(b" and half").unwrap();
        placing.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"half and half");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["a.tar"]);
    }

    #[test]
    fn nothing_is_left_of_one_that_was_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut placing = Placing::begin(&folder.path().join("a.tar")).unwrap();
        placing.write_all(&vec![0; 2 * BUFFER]).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(placing);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        let late = Placing::begin(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        for error in [
            Placing::begin(&path).unwrap_err(),
            late.finish().unwrap_err(),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["a.tar"]);
    }
}
