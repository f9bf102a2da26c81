//! Reading people's files: walking what they name, and finding certificates in it; and writing
//! new ones.
//!
//! May not: overwrite or delete anything, or wait for a file that is no file. It judges nothing
//! either: what is new, double or wrong with a certificate is the engine's business.
//! Called by the engine (import) and by the headless face (configuration, a CSR of one's own).

pub mod discover;
mod place;
mod placing;
mod put;
mod read;
mod survey;
mod walk;
pub mod watch;
mod write;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use thiserror::Error;

use crate::pki::bundle::{self, Found};
use crate::pki::csr::CsrInfo;
use crate::pki::findings;

pub use place::{move_aside, move_back, names_in, place_new};
pub use placing::Placing;
pub use put::{
    NewFile, PassingFolder, PutError, check as check_put, is_folder, put_all, strange_folder,
};
pub use read::{open_file, read_file, read_text};
pub use survey::{Survey, survey};
pub use write::write_new;

/// Larger files are refused: the biggest bundles of certificates that people have (all roots of
/// every trust store together) are a few MiB.
pub const LARGEST: u64 = 32 * 1024 * 1024;

/// A path as text that no other path has: bytes that are no UTF-8 are written as `\\xNN`.
#[must_use]
pub fn path_text(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Why a file or folder could not be read; the path stands beside it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FileError {
    /// The system refused.
    #[error("{trying} failed: {why}; check that it exists and that you may read it")]
    System {
        /// What was tried: `opening`, `reading`, `looking at`, `listing`.
        trying: &'static str,
        /// What the system said.
        why: String,
    },
    /// It is a pipe, a device or a socket.
    #[error("it is {what}, not a file")]
    Special {
        /// What it is.
        what: &'static str,
    },
    /// It is larger than [`LARGEST`].
    #[error("it is larger than {} MiB, which no bundle of certificates is; cut it into pieces", LARGEST / 1024 / 1024)]
    TooLarge,
    /// A folder that lies in itself, through a symbolic link.
    #[error("this link leads back to a folder that it lies in; it was not followed")]
    Loop,
    /// Folders within folders without an end.
    #[error(
        "its folders are nested deeper than {}; name a folder further down",
        walk::DEEPEST
    )]
    TooDeep,
    /// It was named itself, and what lies in it is something else.
    #[error("it holds no certificate, only {holds}; name the file with the certificate itself")]
    NoCertificate {
        /// What lies in it.
        holds: String,
    },
    /// A text was expected.
    #[error("it is not valid UTF-8 text")]
    NotText,
}

impl FileError {
    fn system(trying: &'static str, error: &std::io::Error) -> Self {
        let why = error.to_string();
        Self::System { trying, why }
    }
}

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The file, as it was named or reached.
    pub path: PathBuf,
    /// Whether it was named itself and not found in a folder.
    pub named: bool,
    /// Everything that lies in it, never empty; or why it could not be read.
    pub found: Result<Vec<Found>, FileError>,
}

/// Files that were named or lie in named folders, one after the other.
#[derive(Debug)]
pub struct Reader {
    reached: std::vec::IntoIter<walk::Reached>,
    total: usize,
    passphrase: Option<SecretString>,
    keys: bool,
}

impl Reader {
    /// Finds everything under these paths: files, and folders with all that is in them, each
    /// folder in the order of its names. Nothing is read yet. Blocks while it lists.
    #[must_use]
    pub fn new(paths: &[PathBuf]) -> Self {
        let mut reached = Vec::new();
        for path in paths {
            walk::walk(path, &mut |one| reached.push(one));
        }
        Self {
            total: reached.len(),
            reached: reached.into_iter(),
            passphrase: None,
            keys: false,
        }
    }

    /// The same, with a passphrase for what needs one.
    #[must_use]
    pub fn with_passphrase(self, passphrase: Option<SecretString>) -> Self {
        Self { passphrase, ..self }
    }

    /// The same, for whoever takes private keys as well: a file that was named and holds nothing else
    /// is well, and those in folders are not passed over.
    #[must_use]
    pub fn with_keys(self, keys: bool) -> Self {
        Self { keys, ..self }
    }

    /// How many files there are, read or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many files were read so far.
    #[must_use]
    pub fn done(&self) -> usize {
        self.total - self.reached.len()
    }
}

impl Iterator for Reader {
    /// What came of the next file; nothing where it was passed over.
    type Item = Option<Read>;

    /// Reads the next file. Blocks.
    ///
    /// A file that was named itself is always reported on, also where it holds no certificate but
    /// something else that is well, like a key. One that was found in a folder is passed over
    /// where it does not look like a certificate (`pki::bundle::looks_like_certificate`); one that
    /// cannot be looked at is always reported.
    fn next(&mut self) -> Option<Option<Read>> {
        let passphrase = self.passphrase.as_ref();
        let next = self.reached.next();
        next.map(|reached| read_one(reached, passphrase, self.keys))
    }
}

/// What came of everything that was named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The files that hold something or should, in the order of their walk.
    pub read: Vec<Read>,
    /// How many files in folders do not look like certificates and were passed over.
    pub passed_over: usize,
}

/// Reads everything under these paths at once; see [`Reader`]. Blocks while it reads.
#[must_use]
pub fn read(paths: &[PathBuf]) -> Reading {
    let mut reading = Reading::default();
    for one in Reader::new(paths) {
        match one {
            Some(read) => reading.read.push(read),
            None => reading.passed_over += 1,
        }
    }
    reading
}

fn read_one(reached: walk::Reached, passphrase: Option<&SecretString>, keys: bool) -> Option<Read> {
    let bytes = reached.outcome.and_then(|_| read::read_file(&reached.path));
    let (path, named) = (reached.path, reached.named);
    let found = match bytes {
        Err(error) => Err(error),
        Ok(bytes) if named => of_interest(bundle::read_with(&bytes, passphrase), keys),
        Ok(bytes) if looks_like_certificate(&path, &bytes) => Ok(bundle::read(&bytes)),
        Ok(bytes) if keys && bundle::has_key_label(&bytes) => Ok(keys_alone(&bytes)?),
        Ok(_) => return None,
    };
    Some(Read { path, named, found })
}

/// The private keys of a file in a folder that promises no certificate, if they are of those that
/// certificates have: everything else in it is somebody else's.
fn keys_alone(bytes: &[u8]) -> Option<Vec<Found>> {
    let is_key = |one: &Found| matches!(one, Found::PrivateKey(key) if key.encrypted || key.spki_sha256.is_some());
    let found: Vec<Found> = bundle::read(bytes).into_iter().filter(is_key).collect();
    (!found.is_empty()).then_some(found)
}

/// What was found, unless all of it is well and none of it a certificate, or a key where those count.
fn of_interest(found: Vec<Found>, keys: bool) -> Result<Vec<Found>, FileError> {
    let mut others: Vec<String> = Vec::new();
    for one in &found {
        let other = match one {
            Found::Certificate(_)
            | Found::Crl(_)
            | Found::Locked { .. }
            | Found::Unreadable { .. } => return Ok(found),
            Found::PrivateKey(_) if keys => return Ok(found),
            Found::Csr(request) => in_words(request),
            Found::PrivateKey(key) if key.encrypted => "an encrypted private key".to_owned(),
            Found::PrivateKey(_) => "a private key".to_owned(),
            Found::Other { label } => label.clone(),
        };
        if !others.contains(&other) {
            others.push(other);
        }
    }
    let holds = others.join(" and ");
    Err(FileError::NoCertificate { holds })
}

/// A request, and what is wrong with it.
fn in_words(request: &CsrInfo) -> String {
    let name = request
        .names
        .first()
        .map_or_else(|| request.subject.clone(), crate::pki::AltName::text);
    let mut words = format!("a certificate request for {name} ({})", request.key.label());
    for finding in findings::of_request(request) {
        let (says, advice) = (finding.says, finding.advice);
        let _ = write!(words, " [{}: {says}; {advice}]", finding.severity.word());
    }
    words
}

fn looks_like_certificate(path: &std::path::Path, bytes: &[u8]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    bundle::looks_like_certificate(bytes, &name)
}

#[cfg(test)]
mod tests;
