//! A store with a history, real keys and real certificates, made once by the real program; each
//! test gets a copy of it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use certdeck::store::doctor::{Examination, Finding, examine};
use certdeck::store::{OpenOptions, RealDisk, Store};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

/// What a command said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A store, its configuration, and the program on it.
pub(crate) struct Stage {
    pub(crate) home: TempDir,
}

/// Every file and folder below a folder: its bytes, its mode and when it was changed.
pub(crate) type Everything = BTreeMap<PathBuf, (Vec<u8>, u32, (i64, i64))>;

fn made() -> &'static Stage {
    static MADE: OnceLock<Stage> = OnceLock::new();
    MADE.get_or_init(|| {
        let stage = Stage::empty();
        let done = |arguments: &[&str]| {
            let said = stage.run(arguments);
            assert_eq!(said.code, 0, "{arguments:?}\n{}{}", said.out, said.err);
        };
        let compact = || {
            let store = Store::open(&stage.store(), OpenOptions::default()).unwrap();
            store.compact().unwrap();
        };
        done(&[
            "order",
            "--product",
            "single-dv",
            "--name",
            "a.example.com",
            "--yes",
        ]);
        done(&["sandbox", "advance", "3d"]);
        compact();
        done(&[
            "order",
            "--product",
            "single-dv",
            "--name",
            "b.example.com",
            "--yes",
        ]);
        done(&["note", "a.example.com", "the first"]);
        compact();
        done(&["note", "a.example.com", "the second"]);
        done(&["sandbox", "advance", "3d"]);
        compact();
        done(&["note", "b.example.com", "beyond the snapshot"]);
        done(&["note", "b.example.com", "beyond the snapshot, again"]);
        stage
    })
}

impl Stage {
    fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::DirBuilder::new()
            .mode(0o700)
            .create(home.path().join("config"))
            .unwrap();
        let config = home.path().join("config/config.toml");
        fs::write(&config, "lock-timeout = \"1s\"\n").unwrap();
        fs::set_permissions(&config, Permissions::from_mode(0o600)).unwrap();
        Self { home }
    }

    /// A copy of the store that everything is planted in: three journals in the history, two
    /// entries, a snapshot and a journal beyond it.
    pub(crate) fn new() -> Self {
        let stage = Self::empty();
        copy(&made().store(), &stage.store());
        stage
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.home.path().join("store")
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.store().join(relative)
    }

    pub(crate) fn read(&self, relative: &str) -> Vec<u8> {
        fs::read(self.path(relative)).unwrap()
    }

    pub(crate) fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(relative), bytes).unwrap();
        fs::set_permissions(self.path(relative), Permissions::from_mode(0o600)).unwrap();
    }

    /// The lines of a file, each with its newline.
    pub(crate) fn lines(&self, relative: &str) -> Vec<String> {
        let text = String::from_utf8(self.read(relative)).unwrap();
        text.split_inclusive('\n').map(str::to_owned).collect()
    }

    /// Changes the lines of a file.
    pub(crate) fn change(&self, relative: &str, change: impl FnOnce(&mut Vec<String>)) {
        let mut lines = self.lines(relative);
        change(&mut lines);
        self.write(relative, lines.concat());
    }

    /// The names in a folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let names = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = names
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_certdeck"))
            .env_clear()
            .env("HOME", self.home.path())
            .args([Path::new("--store"), &self.store()])
            .arg("--config")
            .arg(self.home.path().join("config/config.toml"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `doctor` with these flags as JSON, which agrees with itself.
    pub(crate) fn doctor(&self, flags: &[&str]) -> Value {
        let said = self.run(&[&["doctor", "--json"], flags].concat());
        let json: Value = serde_json::from_str(&said.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err));
        assert_eq!(json["exit"], said.code, "{json:#}");
        json
    }

    /// What the library finds, without the program around it.
    pub(crate) fn examine(&self) -> Examination {
        examine(&RealDisk::default(), &self.store(), Timestamp::now())
    }

    /// The entries as the list gives them.
    pub(crate) fn list(&self) -> String {
        self.run(&["list", "--json", "--archived"]).out
    }

    pub(crate) fn everything(&self) -> Everything {
        let mut found = Everything::new();
        gather(&self.store(), &mut found);
        found
    }
}

fn gather(path: &Path, found: &mut Everything) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let times = (metadata.mtime(), metadata.mtime_nsec());
    let mut bytes = Vec::new();
    if metadata.is_file() {
        bytes = fs::read(path).unwrap();
    } else if metadata.is_dir() {
        for item in fs::read_dir(path).unwrap() {
            gather(&item.unwrap().path(), found);
        }
    }
    found.insert(path.to_owned(), (bytes, metadata.mode(), times));
}

fn copy(from: &Path, to: &Path) {
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let to = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &to);
        } else {
            fs::copy(item.path(), &to).unwrap();
        }
    }
}

/// A line with another value in it and the checksum that belongs to that.
pub(crate) fn edited(line: &str, from: &str, to: &str) -> String {
    assert!(line.contains(from), "{from} is not in {line}");
    let (body, _) = line.rsplit_once(",\"crc\":").unwrap();
    sealed(&(body.replacen(from, to, 1) + "}"))
}

/// A JSON object as a line of the store.
pub(crate) fn sealed(json: &str) -> String {
    let sum = crc32fast::hash(json.as_bytes());
    let open = json.strip_suffix('}').unwrap();
    format!("{open},\"crc\":\"{sum:08x}\"}}\n")
}

/// The findings of an examination that are more than a note.
pub(crate) fn wrong(examination: &Examination) -> Vec<Finding> {
    use certdeck::store::doctor::Level;
    let sorted = examination.findings.sorted();
    let wrong = sorted
        .into_iter()
        .filter(|finding| finding.level < Level::Note);
    wrong.cloned().collect()
}

/// Whether a line has the checksum that belongs to it.
pub(crate) fn is_whole(line: &str) -> bool {
    let body = line
        .rsplit_once(",\"crc\":")
        .map(|(body, _)| format!("{body}}}"));
    body.is_some_and(|body| sealed(&body).trim_end() == line)
}
