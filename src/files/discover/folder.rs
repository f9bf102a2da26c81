//! One folder as the recognisers see it: the names of what lies in it, without opening anything.
//!
//! May not: write, or open a file. `search` and the recognisers use it.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "looking into people's folders is this module's work"
    )
)]

use std::fs;
use std::path::{Path, PathBuf};

use super::super::FileError;

/// A folder that was listed.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Files by name, links to files among them, and links that lead nowhere.
    pub(super) files: Vec<String>,
    /// Folders by name, without links to folders.
    pub(super) folders: Vec<String>,
    /// Links to folders, by name.
    pub(super) linked: Vec<String>,
}

impl Folder {
    /// Lists a folder, in the order of its names. Names that are no UTF-8 are passed over: no
    /// program that is recognised here makes any.
    pub(super) fn list(path: &Path) -> Result<Self, FileError> {
        let failed = |error: std::io::Error| FileError::system("listing", &error);
        let mut folder = Self {
            path: path.to_owned(),
            files: Vec::new(),
            folders: Vec::new(),
            linked: Vec::new(),
        };
        for item in fs::read_dir(path).map_err(failed)? {
            let item = item.map_err(failed)?;
            let Ok(name) = item.file_name().into_string() else {
                continue;
            };
            let kind = item.file_type().map_err(failed)?;
            let leads_to_folder = || fs::metadata(item.path()).is_ok_and(|facts| facts.is_dir());
            if kind.is_dir() {
                folder.folders.push(name);
            } else if kind.is_symlink() && leads_to_folder() {
                folder.linked.push(name);
            } else if kind.is_file() || kind.is_symlink() {
                folder.files.push(name);
            }
        }
        for names in [&mut folder.files, &mut folder.folders, &mut folder.linked] {
            names.sort();
        }
        Ok(folder)
    }

    /// The folder's own name.
    pub(super) fn name(&self) -> &str {
        let name = self.path.file_name().and_then(|name| name.to_str());
        name.unwrap_or_default()
    }

    pub(super) fn has_file(&self, name: &str) -> bool {
        self.files.iter().any(|file| file == name)
    }

    pub(super) fn has_folder(&self, name: &str) -> bool {
        let mut folders = self.folders.iter().chain(&self.linked);
        folders.any(|folder| folder == name)
    }

    /// The folders in it, linked ones among them.
    pub(super) fn inner(&self) -> impl Iterator<Item = PathBuf> {
        let names = self.folders.iter().chain(&self.linked);
        names.map(|name| self.path.join(name))
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Why a path cannot be looked at; nothing where it can be.
pub(super) fn trouble_with(path: &Path) -> Option<std::io::Error> {
    fs::metadata(path).err()
}

/// Where a path leads to, all links followed; the path itself where that cannot be told.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
