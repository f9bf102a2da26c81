//! Putting whole new files in place, and moving files aside: never over anything.
//!
//! A reader sees a new file with all of its content or not at all. May not: overwrite or delete
//! what a person wrote. The engine calls it for the files of accounts.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "putting people's files in place is this module's work"
    )
)]

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, RenameFlags};
use rustix::io::Errno;

use super::{FileError, write_new};

/// Nobody moves the same file aside more often than this.
const MOST_NAMES: usize = 10_000;

/// Writes a new file that only its owner can read, in a folder that is made where it is missing
/// (for its owner alone, too). Whoever reads the folder meanwhile sees the whole file or none.
///
/// # Errors
/// When something is there already, or the system refuses; then nothing is left behind.
pub fn place_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = folder_of(path);
    make_folder(folder)?;
    // Hidden, so that readers of the folder pass it over; numbered, so that nobody shares it.
    let mut hidden = OsString::from(".");
    hidden.push(path.file_name().unwrap_or_default());
    hidden.push(format!(".{}.new", std::process::id()));
    let hidden = folder.join(hidden);
    write_new(&hidden, bytes)?;
    let placed = File::open(&hidden)
        .and_then(|file| file.sync_all())
        .and_then(|()| rename_new(&hidden, path));
    if let Err(error) = placed {
        // It is certdeck's own, and nobody else has seen it.
        let _ = fs::remove_file(&hidden);
        return Err(FileError::system("writing", &error));
    }
    sync_folder(folder);
    Ok(())
}

/// Moves a file into a folder, under its own name or, where that is taken, a numbered one. The
/// file itself is untouched. Answers where it lies now.
///
/// # Errors
/// When the system refuses; then it lies where it was.
pub fn move_aside(path: &Path, folder: &Path) -> Result<PathBuf, FileError> {
    make_folder(folder)?;
    for number in 1..=MOST_NAMES {
        let free = folder.join(numbered(path, number));
        match rename_new(path, &free) {
            Ok(()) => {
                sync_folder(folder);
                sync_folder(folder_of(path));
                return Ok(free);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(FileError::system("moving", &error)),
        }
    }
    let error = io::Error::from(io::ErrorKind::AlreadyExists);
    Err(FileError::system("moving", &error))
}

/// Moves a file back to where it was, if that place is still free.
///
/// # Errors
/// When something is there, or the system refuses; then it stays aside.
pub fn move_back(aside: &Path, place: &Path) -> Result<(), FileError> {
    rename_new(aside, place).map_err(|error| FileError::system("moving back", &error))
}

/// The names in a folder; none where there is no folder.
///
/// # Errors
/// When the folder cannot be listed.
pub fn names_in(folder: &Path) -> Result<Vec<OsString>, FileError> {
    let listed = fs::read_dir(folder).and_then(|items| {
        let names = items.map(|item| item.map(|item| item.file_name()));
        names.collect::<io::Result<Vec<_>>>()
    });
    match listed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(|error| FileError::system("listing", &error)),
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn make_folder(folder: &Path) -> Result<(), FileError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| FileError::system("making the folder", &error))
}

/// `shop.toml`, `shop-2.toml`, `shop-3.toml`, …
fn numbered(path: &Path, number: usize) -> OsString {
    if number == 1 {
        return path.file_name().unwrap_or_default().to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(OsStr::new("."));
        name.push(extension);
    }
    name
}

/// A rename that fails where something is in the way, in one step where the system can do that.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_and_unlink(from, to),
        Err(error) => Err(error.into()),
    }
}

/// The same on file systems that know no such rename: a second name fails where one is there.
fn link_and_unlink(from: &Path, to: &Path) -> io::Result<()> {
    rustix::fs::linkat(CWD, from, CWD, to, AtFlags::empty())?;
    fs::remove_file(from)
}

/// A folder that cannot be synced is no reason to fail: the file is in place.
pub(super) fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts/shop.toml");
        place_new(&path, b"kind = \"files\"\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kind = \"files\"\n");
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(names_in(path.parent().unwrap()).unwrap(), ["shop.toml"]);
    }

    #[test]
    fn nothing_is_written_over_anything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.toml");
        fs::write(&path, "mine").unwrap();
        let error = place_new(&path, b"new").unwrap_err().to_string();
        assert!(error.contains("exists"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        // A link that leads nowhere is something, too.
        let dangling = folder.path().join("link.toml");
        std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
        assert!(place_new(&dangling, b"new").is_err());
        assert_eq!(names_in(folder.path()).unwrap().len(), 2);
    }

    #[test]
    fn a_file_moved_aside_finds_a_free_name_and_comes_back_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.toml");
        let aside = folder.path().join("removed");
        for (text, expected) in [("one", "shop.toml"), ("two", "shop-2.toml")] {
            fs::write(&path, text).unwrap();
            assert_eq!(move_aside(&path, &aside).unwrap(), aside.join(expected));
            assert!(!path.exists());
        }
        move_back(&aside.join("shop-2.toml"), &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_to_string(aside.join("shop.toml")).unwrap(), "one");
        assert!(move_back(&aside.join("shop.toml"), &path).is_err());
    }

    #[test]
    fn without_a_renaming_that_keeps_off_a_second_name_does() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&from, "a").unwrap();
        fs::write(&to, "b").unwrap();
        let error = link_and_unlink(&from, &to).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "b");
        fs::remove_file(&to).unwrap();
        link_and_unlink(&from, &to).unwrap();
        assert_eq!(names_in(folder.path()).unwrap(), ["b"]);
    }
}
