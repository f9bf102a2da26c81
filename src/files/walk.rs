//! Walking files and folders, in the order of their names.
//!
//! May not: open files, or walk for ever. Symbolic links are followed, since trust stores are
//! folders full of them; every folder is walked once, and a link back to a folder above itself is
//! reported. Called by `files::read` and `files::watch`.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "reading people's files is this module's work"
    )
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::FileError;
use super::read::special;

/// How many folders may lie in one another.
pub(super) const DEEPEST: usize = 64;

/// A file that the walk has come to, or a place where it could not go on.
#[derive(Debug)]
pub(super) struct Reached {
    /// Where.
    pub(super) path: PathBuf,
    /// Whether a person named it; otherwise it was found in a folder.
    pub(super) named: bool,
    /// Whether it is a folder that could not be entered.
    pub(super) folder: bool,
    /// That it is a file, and which; or what stood in the way.
    pub(super) outcome: Result<Facts, FileError>,
}

/// What tells whether a file changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    identity: Identity,
    size: u64,
    /// When its content was written last.
    pub(super) modified: SystemTime,
    /// When anything of it changed last, seconds and nanoseconds; nobody can set this one back.
    changed: (i64, i64),
}

impl Facts {
    fn of(facts: &fs::Metadata) -> Self {
        Self {
            identity: (facts.dev(), facts.ino()),
            size: facts.len(),
            modified: facts.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            changed: (facts.ctime(), facts.ctime_nsec()),
        }
    }
}

/// What tells a folder apart, whatever its path: its device and its number there.
type Identity = (u64, u64);

/// Walks everything under `root`, and hands each file to `each`.
pub(super) fn walk(root: &Path, each: &mut dyn FnMut(Reached)) {
    let mut walk = Walk {
        each,
        seen: BTreeSet::new(),
        above: Vec::new(),
    };
    walk.visit(root.to_owned(), true);
}

struct Walk<'a> {
    each: &'a mut dyn FnMut(Reached),
    /// Every folder that was walked.
    seen: BTreeSet<Identity>,
    /// The folders that the walk stands in.
    above: Vec<Identity>,
}

impl Walk<'_> {
    fn visit(&mut self, path: PathBuf, named: bool) {
        let facts = match fs::metadata(&path) {
            Ok(facts) => facts,
            Err(error) => {
                let outcome = Err(FileError::system("looking at", &error));
                return self.reach(path, named, outcome);
            }
        };
        if facts.is_dir() {
            return self.enter(path, named, (facts.dev(), facts.ino()));
        }
        let outcome = match special(facts.file_type()) {
            None => Ok(Facts::of(&facts)),
            Some(what) => Err(FileError::Special { what }),
        };
        self.reach(path, named, outcome);
    }

    fn reach(&mut self, path: PathBuf, named: bool, outcome: Result<Facts, FileError>) {
        (self.each)(Reached {
            path,
            named,
            folder: false,
            outcome,
        });
    }

    fn enter(&mut self, path: PathBuf, named: bool, identity: Identity) {
        if self.above.contains(&identity) {
            return self.stop(path, named, FileError::Loop);
        }
        if self.above.len() >= DEEPEST {
            return self.stop(path, named, FileError::TooDeep);
        }
        if !self.seen.insert(identity) {
            return;
        }
        let inside = match names_in(&path) {
            Ok(inside) => inside,
            Err(error) => return self.stop(path, named, FileError::system("listing", &error)),
        };
        self.above.push(identity);
        for name in inside {
            self.visit(path.join(name), false);
        }
        self.above.pop();
    }

    fn stop(&mut self, path: PathBuf, named: bool, error: FileError) {
        let outcome = Err(error);
        (self.each)(Reached {
            path,
            named,
            folder: true,
            outcome,
        });
    }
}

fn names_in(folder: &Path) -> std::io::Result<Vec<OsString>> {
    let mut names = fs::read_dir(folder)?
        .map(|item| item.map(|item| item.file_name()))
        .collect::<std::io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
