//! Where things lie in an archive: the only paths that it may have.
//!
//! Pure. A path that is not one of these is refused before anything is written, so that no archive
//! reaches out of the folder that it is unpacked to. Fingerprints are kept as bytes: there may be
//! a million of them. Manifest, export and import call it.

use std::fmt;

use data_encoding::HEXLOWER;

use super::error::ArchiveError;
use crate::store::image::{INVENTORY, JOURNAL};
use crate::store::lock::LOCK;
use crate::store::mend::{CERTS, DAMAGED, HISTORY, KEYS, LISTS};

/// How to read an archive, in plain words.
pub(crate) const README: &str = "README.txt";
/// The folder whose content is a store.
const STORE: &str = "store/";
/// The folder with what lies beside the store.
const CONFIG: &str = "config/";
/// The folders of the configuration, and the one for its own files.
const CONFIG_FOLDERS: [&str; 4] = ["", "accounts/", "accounts/removed/", "lifecycles/"];
/// What names of certificates and keys end with.
const PEM: &str = ".pem";
/// What names of the configuration's files end with.
const TOML: &str = ".toml";

/// A place in an archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MemberPath {
    Readme,
    Inventory,
    Journal,
    Lock,
    /// A file of the history, by its name.
    History(Box<str>),
    Key([u8; 32]),
    Certificate([u8; 32]),
    /// A revocation list, by its issuer and key.
    List([u8; 32]),
    /// Bytes that were put aside, by the name of their file.
    Damaged(Box<str>),
    /// A file of the configuration, by its path below `config/`.
    Config(Box<str>),
}

impl MemberPath {
    /// Reads a path.
    pub(crate) fn parse(path: &str) -> Result<Self, ArchiveError> {
        let known = match path.split_once('/') {
            None if path == README => Some(Self::Readme),
            Some(("store", rest)) => in_store(rest),
            Some(("config", rest)) => is_config(rest).then(|| Self::Config(rest.into())),
            _ => None,
        };
        known.ok_or_else(|| ArchiveError::Strange {
            path: path.to_owned(),
        })
    }

    /// Where it lies in a store; nothing for what does not.
    pub(crate) fn below_store(&self) -> Option<String> {
        match self {
            Self::Readme | Self::Config(_) => None,
            Self::Inventory => Some(INVENTORY.to_owned()),
            Self::Journal => Some(JOURNAL.to_owned()),
            Self::Lock => Some(LOCK.to_owned()),
            Self::History(name) => Some(format!("{HISTORY}/{name}")),
            Self::Key(name) => Some(format!("{KEYS}/{}{PEM}", HEXLOWER.encode(name))),
            Self::Certificate(name) => Some(format!("{CERTS}/{}{PEM}", HEXLOWER.encode(name))),
            Self::List(name) => Some(format!("{LISTS}/{}{PEM}", HEXLOWER.encode(name))),
            Self::Damaged(name) => Some(format!("{DAMAGED}/{name}")),
        }
    }
}

impl fmt::Display for MemberPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.below_store()) {
            (_, Some(path)) => write!(f, "{STORE}{path}"),
            (Self::Config(path), None) => write!(f, "{CONFIG}{path}"),
            (_, None) => f.write_str(README),
        }
    }
}

fn in_store(path: &str) -> Option<MemberPath> {
    match path.split_once('/') {
        None => match path {
            INVENTORY => Some(MemberPath::Inventory),
            JOURNAL => Some(MemberPath::Journal),
            LOCK => Some(MemberPath::Lock),
            _ => None,
        },
        Some((HISTORY, name)) => is_name(name).then(|| MemberPath::History(name.into())),
        Some((DAMAGED, name)) => is_name(name).then(|| MemberPath::Damaged(name.into())),
        Some((KEYS, name)) => fingerprint(name).map(MemberPath::Key),
        Some((CERTS, name)) => fingerprint(name).map(MemberPath::Certificate),
        Some((LISTS, name)) => fingerprint(name).map(MemberPath::List),
        Some(_) => None,
    }
}

/// The fingerprint that a file of the vault is named by.
pub(crate) fn fingerprint(name: &str) -> Option<[u8; 32]> {
    let digits = name.strip_suffix(PEM)?;
    let bytes = HEXLOWER.decode(digits.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// Whether a name leads nowhere but to a file of a folder, and can be shown.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = !name.contains(['/', '\\', '\0']) && crate::domain::text::is_clean(name);
    plain && !name.is_empty() && name.len() <= 100 && !name.starts_with('.')
}

/// Whether this is a file of the configuration, by its path below its folder.
pub(crate) fn is_config(path: &str) -> bool {
    let folder = CONFIG_FOLDERS.into_iter().rev();
    let mut names = folder.filter_map(|folder| path.strip_prefix(folder));
    names.any(|name| is_name(name) && name.ends_with(TOML))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_an_archive_come_back_as_they_were() {
        let hex = "0f".repeat(32);
        for path in [
            "README.txt".to_owned(),
            "store/inventory.jsonl".to_owned(),
            "store/journal.jsonl".to_owned(),
            "store/lock".to_owned(),
            "store/history/001.jsonl".to_owned(),
            format!("store/keys/{hex}.pem"),
            format!("store/certs/{hex}.pem"),
            format!("store/lists/{hex}.pem"),
            "store/damaged/journal.jsonl-12-0badcafe".to_owned(),
            "config/config.toml".to_owned(),
            "config/accounts/shop.toml".to_owned(),
            "config/accounts/removed/shop-2.toml".to_owned(),
            "config/lifecycles/house-ca.toml".to_owned(),
        ] {
            assert_eq!(MemberPath::parse(&path).unwrap().to_string(), path);
        }
    }

    #[test]
    fn nothing_else_is_taken() {
        let long = format!("store/history/{}", "x".repeat(101));
        let upper = format!("store/keys/{}.pem", "0F".repeat(32));
        for path in [
            "",
            "/etc/passwd",
            "README.txt/",
            "store",
            "store/",
            "store/..",
            "store/../x",
            "store//inventory.jsonl",
            "store/./lock",
            "store/history/..",
            "store/history/../lock",
            "store/history/",
            "store/history/a/b",
            "store/history/.hidden",
            "store/damaged/\u{1b}[31m",
            "store/damaged/a\nb",
            "store/keys/short.pem",
            "store/keys/../lock",
            "store/other.txt",
            "config/notes.txt",
            "config/../config.toml",
            "config/accounts/../../x.toml",
            "config//etc/x.toml",
            "config/accounts/.toml",
            "config/other/x.toml",
            "Store/lock",
            &long,
            &upper,
        ] {
            let read = MemberPath::parse(path);
            assert!(matches!(read, Err(ArchiveError::Strange { .. })), "{path}");
        }
    }
}
