//! Accounts that are added, checked, watched and removed while certdeck runs.
//!
//! Plain data. The faces fill it in, the engine reads it and answers with it.

use std::path::PathBuf;

use jiff::Timestamp;

/// An account as a person describes it, every answer as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountDraft {
    /// Its name.
    pub name: String,
    /// Its kind, by id: `by-hand`, `files` or `sandbox`.
    pub kind: String,
    /// Its lifecycles, by id, for `by-hand` and `sandbox`; the usual one where nothing is said.
    pub lifecycles: Vec<String>,
    /// Where the provider's own panel is, for `by-hand`.
    pub panel: Option<String>,
    /// Files and folders to watch, for `files`.
    pub paths: Vec<String>,
    /// Patterns for the files in them.
    pub include: Vec<String>,
    /// Patterns that keep files out.
    pub exclude: Vec<String>,
    /// Servers to watch: `HOST`, `HOST:PORT`, `NAME@HOST:PORT`.
    pub hosts: Vec<String>,
    /// How often servers are looked at: `5m`.
    pub every: Option<String>,
    /// Whether nothing may be changed through it.
    pub read_only: bool,
}

/// What came of adding an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAdded {
    /// Its name.
    pub name: String,
    /// The file that was written.
    pub file: PathBuf,
}

/// What came of removing an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRemoved {
    /// Its name.
    pub name: String,
    /// How many of its entries were archived now.
    pub archived: usize,
    /// Where its file lies now, if it had one.
    pub file: Option<PathBuf>,
}

/// What a check of an account found; nothing was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountCheck {
    /// Its name.
    pub name: String,
    /// What was looked at (a folder, a server, the lifecycle), and what came of it: a sentence,
    /// good or bad.
    pub findings: Vec<(String, Result<String, String>)>,
}

/// What one look at a watched account found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// The account.
    pub account: String,
    /// How many files and servers were looked at.
    pub looked: usize,
    /// Certificates that nobody knew.
    pub new: usize,
    /// Of them, how many renew one that was known.
    pub renewed: usize,
    /// Certificates that lie elsewhere now.
    pub moved: usize,
    /// Certificates whose place cannot be read any more.
    pub lost: usize,
    /// Certificates whose place can be read again.
    pub found_again: usize,
    /// Files and servers that cannot be read now, each with the reason and what to do.
    pub trouble: Vec<(String, String)>,
}

/// How far something long has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is under way: `Reading files`.
    pub what: String,
    /// How many are done.
    pub done: usize,
    /// How many there are, where that is known.
    pub total: Option<usize>,
    /// When it began, in the system's time.
    pub since: Timestamp,
}

/// What a search for certificates found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discoveries {
    /// Programs that keep certificates, each at one place.
    pub found: Vec<Discovery>,
    /// Folders that could not be searched, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Certificates that another program keeps on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The program: `certbot`, `lego`, `acme.sh`, `Caddy`, `nginx`.
    pub program: &'static str,
    /// Where.
    pub folder: PathBuf,
    /// The account that would watch it.
    pub draft: AccountDraft,
    /// The certificates there.
    pub certificates: Vec<Discovered>,
    /// What could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// The account that watches all of it already; adding another would show everything twice.
    pub watched_by: Option<String>,
    /// What else is to be said of it, in sentences.
    pub notes: Vec<String>,
}

impl Discovery {
    /// Whether an account of its own would show something that nobody watches yet.
    #[must_use]
    pub fn can_be_added(&self) -> bool {
        self.watched_by.is_none() && !self.draft.paths.is_empty()
    }
}

/// A certificate that another program keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The file.
    pub path: PathBuf,
    /// The names that it protects.
    pub names: Vec<String>,
    /// The end of its validity.
    pub not_after: Timestamp,
}
