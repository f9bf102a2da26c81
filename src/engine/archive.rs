//! A whole store into one file and back, with the configuration that lies beside it.
//!
//! It needs no open engine: an export reads the store as it lies there, an import makes one where
//! none is. It never writes over a file of a person. `certdeck store` calls it.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::error::EngineError;
use crate::config::Partial;
use crate::files;
use crate::store::archive::{self, ArchiveError};
use crate::store::{Disk, OpenOptions, RealDisk};

pub use crate::store::archive::{
    ArchiveHead, ConfigFile, Counts, ExportPlan, Exported, ITERATIONS, Imported, OpenArchive,
};

/// The configuration's own file, in an archive.
const CONFIG_FILE: &str = "config.toml";
/// The folders beside it whose files belong into an archive.
const FOLDERS: [&str; 3] = ["accounts", "accounts/removed", "lifecycles"];
/// What a file of the configuration ends with.
const TOML: &str = ".toml";
/// What is put behind the name of one that is not put in place.
const BESIDE: &str = "imported";
/// Nobody imports the same file beside another more often than this.
const MOST_NAMES: usize = 1_000;

/// An archive that may come from anywhere.
pub type Incoming = OpenArchive<Box<dyn Read>>;

/// What became of one file of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where it belongs.
    pub place: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in its place.
    InPlace,
    /// It was there already, with the same content.
    Same,
    /// It lies beside its place.
    Beside {
        /// Where it lies.
        path: PathBuf,
        /// Why it is not in its place.
        why: &'static str,
    },
    /// It could not be written.
    Failed(String),
}

fn disk() -> Arc<dyn Disk> {
    Arc::new(RealDisk::default())
}

impl From<ArchiveError> for EngineError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(error) => Self::Store(error),
            usage @ (ArchiveError::NeedsPassphrase
            | ArchiveError::NotEncrypted
            | ArchiveError::Occupied { .. }) => Self::Usage(usage.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// How many private keys a store holds.
///
/// # Errors
/// When it cannot be read.
pub fn keys_held(store: &Path) -> Result<usize, EngineError> {
    Ok(archive::keys_in(disk().as_ref(), store)?)
}

/// The configuration's files as they lie beside `config`: itself, accounts, also removed ones, and
/// lifecycles.
///
/// # Errors
/// When one is there and cannot be read.
pub fn read_config(config: &Path) -> Result<Vec<ConfigFile>, EngineError> {
    let folder = config.parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    if files::watch::is_there(config) {
        found.push(read_one(config, CONFIG_FILE.to_owned())?);
    }
    for below in FOLDERS {
        let place = folder.join(below);
        let names = files::names_in(&place).map_err(|error| unread(&place, &error))?;
        let mut names: Vec<_> = names
            .iter()
            .filter_map(|name| name.to_str())
            .filter(|name| name.ends_with(TOML) && !name.starts_with('.'))
            .collect();
        names.sort_unstable();
        for name in names {
            found.push(read_one(&place.join(name), format!("{below}/{name}"))?);
        }
    }
    Ok(found)
}

fn read_one(place: &Path, path: String) -> Result<ConfigFile, EngineError> {
    let bytes = files::read_file(place).map_err(|error| unread(place, &error))?;
    Ok(ConfigFile { path, bytes })
}

fn unread(place: &Path, error: &files::FileError) -> EngineError {
    EngineError::Failed(format!(
        "could not read {}: {error}; no archive was written",
        files::path_text(place)
    ))
}

/// Writes an archive to a new file, which has its name only once it is whole and on the disk.
///
/// # Errors
/// When something has that name, or the store cannot be read, or the file not be written; then
/// nothing is left behind.
pub fn export_to_file(
    store: &Path,
    plan: &ExportPlan,
    file: &Path,
) -> Result<Exported, EngineError> {
    let mut placing = files::Placing::begin(file).map_err(|error| unplaced(file, error))?;
    let exported = archive::export(&disk(), store, plan, &mut placing)?;
    placing.finish().map_err(|error| unplaced(file, error))?;
    Ok(exported)
}

fn unplaced(file: &Path, source: io::Error) -> EngineError {
    let name = files::path_text(file);
    match source.kind() {
        io::ErrorKind::AlreadyExists => EngineError::Usage(format!(
            "{name} is there already, and nothing is written over it; name another file"
        )),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename => EngineError::Usage(format!(
            "could not create {name}: {source}; name a file in a folder that is there"
        )),
        _ => ArchiveError::Writing { source }.into(),
    }
}

/// Writes an archive to a stream.
///
/// # Errors
/// As [`export_to_file`]; what was written by then is no archive.
pub fn export_to(
    store: &Path,
    plan: &ExportPlan,
    out: &mut dyn Write,
) -> Result<Exported, EngineError> {
    // Headers are short, and each would be a write of its own.
    let mut out = io::BufWriter::with_capacity(256 * 1024, out);
    Ok(archive::export(&disk(), store, plan, &mut out)?)
}

/// Opens an archive, without a passphrase yet.
///
/// # Errors
/// When it cannot be read.
pub fn open_file(file: &Path) -> Result<Incoming, EngineError> {
    let opened = files::open_file(file).map_err(|error| {
        EngineError::Usage(format!(
            "could not read {}: {error}",
            files::path_text(file)
        ))
    })?;
    open_stream(Box::new(opened))
}

/// Opens an archive that comes from a stream.
///
/// # Errors
/// When it cannot be read.
pub fn open_stream(stream: Box<dyn Read>) -> Result<Incoming, EngineError> {
    Ok(OpenArchive::begin(stream)?)
}

/// Whether an archive could be imported to `store`.
///
/// # Errors
/// When there is a store in which something happened, or anything else.
pub fn check_place(store: &Path) -> Result<(), EngineError> {
    Ok(archive::check_place(&disk(), store)?)
}

/// Makes a store of an archive. The configuration's files are handed back; [`place_config`] puts
/// them where they belong.
///
/// # Errors
/// Whatever an archive, a passphrase or a disk can give; everything is as it was then.
pub fn import(
    store: &Path,
    archive: Incoming,
    passphrase: Option<&SecretString>,
    lock_timeout: Duration,
) -> Result<Imported, EngineError> {
    let options = OpenOptions {
        lock_timeout,
        ..OpenOptions::default()
    };
    Ok(archive::import(
        &disk(),
        store,
        archive,
        passphrase,
        &options,
    )?)
}

/// Puts the configuration's files where they belong, beside `config`; where something is, beside
/// that, under a name that certdeck does not read.
#[must_use]
pub fn place_config(config: &Path, files: &[ConfigFile]) -> Vec<Placed> {
    let folder = config.parent().unwrap_or(Path::new(""));
    let place = |file: &ConfigFile| {
        let (place, doubt) = if file.path == CONFIG_FILE {
            (config.to_owned(), doubt(&file.bytes))
        } else {
            (folder.join(&file.path), None)
        };
        let outcome = put(&place, &file.bytes, doubt);
        Placed { place, outcome }
    };
    files.iter().map(place).collect()
}

/// Why a configuration should be looked at before it counts: where it names a store, the one that
/// was just imported would not be found; and a command would be run.
fn doubt(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok();
    let Some(Ok(settings)) = text.map(|text| Partial::parse(CONFIG_FILE, text)) else {
        return Some("something in it is wrong");
    };
    if settings.notice_command.is_some() {
        return Some("it names a command that certdeck would run");
    }
    settings
        .store
        .is_some()
        .then_some("it names a store of its own")
}

fn put(place: &Path, bytes: &[u8], doubt: Option<&'static str>) -> Outcome {
    let there = files::watch::is_there(place);
    if there && has(place, bytes) {
        return Outcome::Same;
    }
    match doubt {
        None if !there => match files::place_new(place, bytes) {
            Ok(()) => Outcome::InPlace,
            Err(error) => Outcome::Failed(error.to_string()),
        },
        _ if there => put_beside(place, bytes, "another one is there"),
        Some(why) => put_beside(place, bytes, why),
        None => put_beside(place, bytes, "another one is there"),
    }
}

fn put_beside(place: &Path, bytes: &[u8], why: &'static str) -> Outcome {
    for number in 1..=MOST_NAMES {
        let mut path = place.as_os_str().to_owned();
        path.push(".");
        path.push(BESIDE);
        if number > 1 {
            path.push(format!("-{number}"));
        }
        let path = PathBuf::from(path);
        if files::watch::is_there(&path) {
            if has(&path, bytes) {
                return Outcome::Beside { path, why };
            }
            continue;
        }
        return match files::place_new(&path, bytes) {
            Ok(()) => Outcome::Beside { path, why },
            Err(error) => Outcome::Failed(error.to_string()),
        };
    }
    Outcome::Failed(format!("there are {MOST_NAMES} files beside it already"))
}

fn has(path: &Path, bytes: &[u8]) -> bool {
    files::read_file(path).is_ok_and(|held| *held == bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use zeroize::Zeroizing;

    use super::*;

    fn file(path: &str, text: &str) -> ConfigFile {
        ConfigFile {
            path: path.to_owned(),
            bytes: Zeroizing::new(text.as_bytes().to_vec()),
        }
    }

    #[test]
    fn what_lies_beside_the_configuration_is_found_and_put_back_elsewhere() {
        let from = tempfile::tempdir().unwrap();
        let all = [
            ("config.toml", "theme = \"mono\"\n"),
            ("accounts/shop.toml", "kind = \"sandbox\"\n"),
            ("accounts/removed/old.toml", "kind = \"files\"\n"),
            ("lifecycles/mine.toml", "id = \"mine\"\n"),
        ];
        for (path, text) in all {
            let path = from.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::write(from.path().join("accounts/.hidden.toml"), "").unwrap();
        fs::write(from.path().join("accounts/notes.txt"), "").unwrap();
        let found = read_config(&from.path().join("config.toml")).unwrap();
        let paths: Vec<_> = found.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, all.map(|(path, _)| path));

        let to = tempfile::tempdir().unwrap();
        let config = to.path().join("other.toml");
        let placed = place_config(&config, &found);
        assert!(
            placed
                .iter()
                .all(|placed| placed.outcome == Outcome::InPlace)
        );
        assert_eq!(fs::read_to_string(&config).unwrap(), all[0].1);
        for (path, text) in &all[1..] {
            assert_eq!(fs::read_to_string(to.path().join(path)).unwrap(), *text);
        }
        let again = place_config(&config, &found);
        assert!(again.iter().all(|placed| placed.outcome == Outcome::Same));
    }

    #[test]
    fn nothing_is_written_over_and_the_same_file_lies_beside_once() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        let shop = folder.path().join("accounts/shop.toml");
        fs::create_dir(folder.path().join("accounts")).unwrap();
        fs::write(&shop, "mine").unwrap();
        for (text, name) in [("a", "imported"), ("a", "imported"), ("b", "imported-2")] {
            let placed = place_config(&config, &[file("accounts/shop.toml", text)]);
            let beside = folder.path().join(format!("accounts/shop.toml.{name}"));
            let why = "another one is there";
            let path = beside.clone();
            assert_eq!(placed[0].outcome, Outcome::Beside { path, why });
            assert_eq!(fs::read_to_string(beside).unwrap(), text);
        }
        assert_eq!(fs::read_to_string(&shop).unwrap(), "mine");
        assert_eq!(fs::read_dir(shop.parent().unwrap()).unwrap().count(), 3);
    }

    #[test]
    fn a_configuration_that_would_run_something_or_lead_elsewhere_is_to_be_looked_at_first() {
        for text in [
            "notice-command = [\"sh\"]\n",
            "store = \"/elsewhere\"\n",
            "no toml",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let config = folder.path().join("config.toml");
            let placed = place_config(&config, &[file("config.toml", text)]);
            assert!(
                matches!(&placed[0].outcome, Outcome::Beside { .. }),
                "{text}: {placed:?}"
            );
            assert!(!config.exists());
        }
    }
}
