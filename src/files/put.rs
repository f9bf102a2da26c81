//! Putting several files of people's in place: all of them are written whole before the first one
//! gets its name, and nothing is written over unless that was said.
//!
//! May not: follow a link that lies where a file shall lie, or leave half a file under its name.
//! Everything is its owner's alone. The engine calls it for exports.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "putting people's files in place is this module's work"
    )
)]

use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use zeroize::Zeroizing;

use super::place::{folder_of, rename_new, sync_folder};

/// Tells the hidden names of one process apart.
static TURN: AtomicU64 = AtomicU64::new(0);

/// A file that shall lie there.
#[derive(Clone)]
pub struct NewFile {
    /// Where.
    pub path: PathBuf,
    /// Its content; it may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for NewFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Why files were not put in place.
#[derive(Debug, Error)]
pub enum PutError {
    /// Files are there already.
    #[error("{} there already, and certdeck writes over nothing unasked", there(.0))]
    InTheWay(Vec<PathBuf>),
    /// Something is there that is no file.
    #[error(
        "{} is {what}; certdeck writes over files only, so move it away or choose another place",
        path.display()
    )]
    Special {
        /// Where.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The system refused.
    #[error("{trying} {} failed: {source}{placed}; {}", path.display(), what_to_do(source))]
    System {
        /// What was tried: `writing`, `making the folder`.
        trying: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// What is in place all the same, in words.
        placed: String,
    },
}

fn there(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

/// What helps against what the system said.
fn what_to_do(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "no half of it was left there; make room, or choose a folder on another disk"
        }
        io::ErrorKind::PermissionDenied => {
            "choose a folder that is yours, or run certdeck as who it belongs to"
        }
        io::ErrorKind::ReadOnlyFilesystem => "nothing can be written there; choose another folder",
        io::ErrorKind::NotADirectory => {
            "a part of the way there is a file and no folder; choose another one"
        }
        _ => "see to that, or choose another folder, and try again",
    }
}

fn failed(trying: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PutError {
    let path = path.to_owned();
    move |source| PutError::System {
        trying,
        path,
        source,
        placed: String::new(),
    }
}

/// Whether a folder is there.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Looks whether the files could be put there; writes nothing.
///
/// # Errors
/// [`PutError::InTheWay`] with all that are there already, unless they may be written over;
/// [`PutError::Special`] where no file may lie.
pub fn check<'a>(paths: impl Iterator<Item = &'a Path>, overwrite: bool) -> Result<(), PutError> {
    let mut in_the_way = Vec::new();
    for path in paths {
        let Ok(about) = fs::symlink_metadata(path) else {
            continue;
        };
        let kind = about.file_type();
        let what = match () {
            () if kind.is_file() => {
                in_the_way.push(path.to_owned());
                continue;
            }
            () if kind.is_symlink() => "a symbolic link",
            () if kind.is_dir() => "a folder",
            () => "no regular file",
        };
        let path = path.to_owned();
        return Err(PutError::Special { path, what });
    }
    if overwrite || in_the_way.is_empty() {
        Ok(())
    } else {
        Err(PutError::InTheWay(in_the_way))
    }
}

/// Who else can take away or replace what lies in the folders of these files, in a sentence; nothing
/// where nobody can. The files themselves are their owner's alone.
#[must_use]
pub fn strange_folder(files: &[NewFile]) -> Option<String> {
    let own = rustix::process::geteuid().as_raw();
    let mut folders: Vec<&Path> = files.iter().map(|file| folder_of(&file.path)).collect();
    folders.dedup();
    folders.into_iter().find_map(|folder| {
        let about = fs::metadata(folder).ok()?;
        let who = if about.uid() != own && about.uid() != 0 {
            format!("belongs to somebody else (user {})", about.uid())
        } else if about.mode() & 0o022 != 0 && about.mode() & 0o1000 == 0 {
            "can be written by others".to_owned()
        } else {
            return None;
        };
        Some(format!(
            "Beware: {} {who}, and who can write there can put other files in the place of these.",
            folder.display()
        ))
    })
}

/// Puts all files in place, in this order. A folder that is missing is made, for its owner alone.
///
/// # Errors
/// As [`check`], and what the system said; where some are in place by then, it says which.
pub fn put_all(files: &[NewFile], overwrite: bool) -> Result<(), PutError> {
    check(files.iter().map(|file| file.path.as_path()), overwrite)?;
    let mut written = Written::default();
    for file in files {
        let folder = folder_of(&file.path);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(failed("making the folder", folder))?;
        written.write(file)?;
    }
    written.place(overwrite)
}

/// Files that are written and have no name yet. Dropped before they are placed, they are gone.
#[derive(Default)]
struct Written {
    /// Hidden name and name.
    waiting: Vec<(PathBuf, PathBuf)>,
}

impl Written {
    fn write(&mut self, file: &NewFile) -> Result<(), PutError> {
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let mut hidden = OsString::from(".");
        hidden.push(file.path.file_name().unwrap_or_default());
        hidden.push(format!(".{}-{turn}.new", std::process::id()));
        let hidden = folder_of(&file.path).join(hidden);
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let opened = options.open(&hidden);
        let mut open = opened.map_err(failed("writing", &file.path))?;
        self.waiting.push((hidden, file.path.clone()));
        // Also where the umask takes away what the owner needs.
        open.set_permissions(Permissions::from_mode(0o600))
            .and_then(|()| open.write_all(&file.bytes))
            .and_then(|()| open.sync_all())
            .map_err(failed("writing", &file.path))
    }

    fn place(mut self, overwrite: bool) -> Result<(), PutError> {
        let mut placed: Vec<PathBuf> = Vec::new();
        for (hidden, path) in self.waiting.clone() {
            let renamed = if overwrite {
                // Something else than a file may have come there meanwhile.
                check(std::iter::once(path.as_path()), true)?;
                fs::rename(&hidden, &path)
            } else {
                rename_new(&hidden, &path)
            };
            renamed.map_err(|source| PutError::System {
                trying: "writing",
                path: path.clone(),
                source,
                placed: in_place(&placed),
            })?;
            self.waiting.retain(|(waiting, _)| *waiting != hidden);
            sync_folder(folder_of(&path));
            placed.push(path);
        }
        Ok(())
    }
}

fn in_place(placed: &[PathBuf]) -> String {
    if placed.is_empty() {
        return String::new();
    }
    let names: Vec<_> = placed
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    format!("; in place by then: {}", names.join(", "))
}

impl Drop for Written {
    fn drop(&mut self) {
        for (hidden, _) in &self.waiting {
            // It is certdeck's own, and nobody else has seen it.
            let _ = fs::remove_file(hidden);
        }
    }
}

/// A folder for its owner alone, gone with everything in it when this is dropped.
#[must_use]
#[derive(Debug)]
pub struct PassingFolder(PathBuf);

impl PassingFolder {
    /// Makes one where the system keeps what soon passes.
    ///
    /// # Errors
    /// What the system said.
    pub fn make() -> Result<Self, PutError> {
        let home = std::env::temp_dir();
        loop {
            let turn = TURN.fetch_add(1, Ordering::Relaxed);
            let path = home.join(format!("certdeck-{}-{turn}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("making the folder", &path)(error)),
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PassingFolder {
    fn drop(&mut self) {
        // Nobody could be told; it is its owner's alone.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: PathBuf, text: &str) -> NewFile {
        let bytes = Zeroizing::new(text.as_bytes().to_vec());
        NewFile { path, bytes }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<OsString> {
        super::super::names_in(folder).unwrap()
    }

    #[test]
    fn files_and_their_folder_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("ssl/own");
        let files = [
            file(home.join("a.key"), "key"),
            file(home.join("a.crt"), "crt"),
        ];
        put_all(&files, false).unwrap();
        assert_eq!(fs::read(home.join("a.key")).unwrap(), b"key");
        assert_eq!((mode(&home.join("a.key")), mode(&home)), (0o600, 0o700));
        assert_eq!(names(&home).len(), 2);
    }

    #[test]
    fn where_one_is_in_the_way_none_is_written_unless_that_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let (key, crt) = (folder.path().join("a.key"), folder.path().join("a.crt"));
        fs::write(&crt, "mine").unwrap();
        let files = [file(key.clone(), "key"), file(crt.clone(), "crt")];
        let error = put_all(&files, false).unwrap_err();
        assert!(
            matches!(&error, PutError::InTheWay(paths) if *paths == [crt.clone()]),
            "{error}"
        );
        assert_eq!(fs::read(&crt).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["a.crt"]);
        put_all(&files, true).unwrap();
        assert_eq!(fs::read(&crt).unwrap(), b"crt");
        assert_eq!(mode(&crt), 0o600);
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn a_link_and_a_folder_are_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "mine").unwrap();
        let link = folder.path().join("a.key");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let inner = folder.path().join("folder");
        fs::create_dir(&inner).unwrap();
        for (path, what) in [(link, "a symbolic link"), (inner, "a folder")] {
            for overwrite in [false, true] {
                let told = put_all(&[file(path.clone(), "key")], overwrite).unwrap_err();
                assert!(told.to_string().contains(what), "{told}");
            }
        }
        assert_eq!(fs::read(&target).unwrap(), b"mine");
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn a_passing_folder_passes() {
        let folder = PassingFolder::make().unwrap();
        let path = folder.path().to_owned();
        put_all(&[file(path.join("a.key"), "key")], false).unwrap();
        assert_eq!(mode(&path), 0o700);
        drop(folder);
        assert!(!path.exists());
    }
}
