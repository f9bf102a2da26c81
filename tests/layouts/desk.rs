//! The real certdeck with a configuration and a store of its own, and pictures of folders that
//! nobody may change.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), "").unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What certdeck prints, having ended with that code.
    pub(crate) fn out(&self, arguments: &[&str], code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_certdeck"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("CERTDECK_CONFIG", self.path("config.toml"))
            .env("CERTDECK_STORE", self.path("store"))
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}\n{out}\n{err}"
        );
        out
    }

    pub(crate) fn json(&self, arguments: &[&str], code: i32) -> Value {
        serde_json::from_str(&self.out(arguments, code)).unwrap()
    }
}

/// Everything about what lies in a folder: where links lead, all bytes, modes and times.
pub(crate) fn picture(folder: &Path) -> BTreeMap<PathBuf, (String, Vec<u8>)> {
    let mut picture = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let facts = fs::symlink_metadata(&path).unwrap();
        let bytes = if facts.is_dir() {
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|item| item.unwrap().path()),
            );
            Vec::new()
        } else if facts.is_symlink() {
            fs::read_link(&path)
                .unwrap()
                .into_os_string()
                .into_encoded_bytes()
        } else {
            fs::read(&path).unwrap()
        };
        let (seconds, nanos) = (facts.mtime(), facts.mtime_nsec());
        let about = format!("{:o} {} {seconds}.{nanos}", facts.mode(), facts.ino());
        picture.insert(path, (about, bytes));
    }
    assert!(
        picture.len() > 3,
        "there is something in {}",
        folder.display()
    );
    picture
}
