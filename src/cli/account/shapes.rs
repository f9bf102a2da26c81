//! The JSON of `certdeck account`: its shapes are stable, keys are only ever added.
//!
//! Pure data; see `cli::shapes`.

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::command::{
    AccountAdded, AccountCheck, AccountRemoved, Discovered, Discoveries, Discovery, SyncReport,
};

/// `account list --json`.
#[derive(Debug, Serialize)]
pub(super) struct AccountsShape {
    /// The accounts, by name.
    pub(super) accounts: Vec<AccountShape>,
}

/// One account.
#[derive(Debug, Serialize)]
pub(super) struct AccountShape {
    /// Its name.
    pub(super) name: String,
    /// `by-hand`, `files` or `sandbox`; left out where it is not configured any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    /// Its usual lifecycle, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lifecycle: Option<String>,
    /// Every lifecycle that can be ordered through it, by id, the usual one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lifecycles: Vec<String>,
    /// Whether there is such an account, and not only entries of it.
    pub(super) configured: bool,
    /// Whether nothing may be changed through it.
    pub(super) read_only: bool,
    /// How many entries it has in the list.
    pub(super) entries: usize,
    /// How many of them need someone.
    pub(super) needs_someone: usize,
    /// The link of the provider's own panel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) panel: Option<String>,
    /// What the chances of a sandbox hang on; left out before its first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    /// How its zone stands: `active`, `pending`, `moved` or `initializing`; left out where its
    /// entries live in none, or where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<&'static str>,
    /// How watching goes, where it watches anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) watched: Option<WatchedShape>,
    /// Its file; left out where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
}

/// How watching goes.
#[derive(Debug, Serialize)]
pub(super) struct WatchedShape {
    /// Files, folders and servers.
    pub(super) places: Vec<String>,
    /// When it was looked at last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) looked: Option<Timestamp>,
    /// What cannot be read now.
    pub(super) trouble: Vec<TroubleShape>,
}

/// Something that cannot be read.
#[derive(Debug, Serialize)]
pub(super) struct TroubleShape {
    /// The file, folder or server.
    pub(super) place: String,
    /// Why, and what to do.
    pub(super) why: String,
}

impl TroubleShape {
    pub(super) fn all(troubles: &[(String, String)]) -> Vec<Self> {
        let one = |(place, why): &(String, String)| Self {
            place: place.clone(),
            why: why.clone(),
        };
        troubles.iter().map(one).collect()
    }
}

/// `account add --json`, also each account that `--discover` added.
#[derive(Debug, Serialize)]
pub(super) struct AddedShape {
    /// Its name.
    pub(super) name: String,
    /// The file that was written.
    pub(super) file: String,
    /// What the first look saw; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_look: Option<LookShape>,
}

impl AddedShape {
    pub(super) fn of(added: &AccountAdded, look: Option<&SyncReport>) -> Self {
        Self {
            name: added.name.clone(),
            file: added.file.display().to_string(),
            first_look: look.map(LookShape::of),
        }
    }
}

/// What a first look saw.
#[derive(Debug, Serialize)]
pub(super) struct LookShape {
    /// How many files and servers were looked at.
    looked: usize,
    /// How many certificates were new.
    new: usize,
    /// What cannot be read.
    trouble: Vec<TroubleShape>,
}

impl LookShape {
    fn of(report: &SyncReport) -> Self {
        Self {
            looked: report.looked,
            new: report.new,
            trouble: TroubleShape::all(&report.trouble),
        }
    }
}

/// `account remove --json`.
#[derive(Debug, Serialize)]
pub(super) struct RemovedShape {
    /// Its name.
    name: String,
    /// How many entries were archived.
    archived: usize,
    /// Where its file lies now.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl RemovedShape {
    pub(super) fn of(removed: &AccountRemoved) -> Self {
        let file = removed.file.as_ref();
        Self {
            name: removed.name.clone(),
            archived: removed.archived,
            file: file.map(|file| file.display().to_string()),
        }
    }
}

/// `account check --json`.
#[derive(Debug, Serialize)]
pub(super) struct ChecksShape {
    /// One for each account.
    pub(super) accounts: Vec<CheckShape>,
}

/// What the check of one account found.
#[derive(Debug, Serialize)]
pub(super) struct CheckShape {
    /// The account.
    name: String,
    /// Everything that was looked at.
    findings: Vec<FindingShape>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct FindingShape {
    /// What: a file, a server, `lifecycle`, …
    what: String,
    /// Whether it is as it has to be.
    fine: bool,
    /// What was found, or what is wrong and what to do.
    says: String,
}

impl CheckShape {
    pub(super) fn of(check: &AccountCheck) -> Self {
        let one = |(what, found): &(String, Result<String, String>)| FindingShape {
            what: what.clone(),
            fine: found.is_ok(),
            says: found.clone().unwrap_or_else(|wrong| wrong),
        };
        Self {
            name: check.name.clone(),
            findings: check.findings.iter().map(one).collect(),
        }
    }
}

/// `account add --discover --json`.
#[derive(Debug, Serialize)]
pub(super) struct DiscoveriesShape {
    /// Programs that keep certificates.
    found: Vec<DiscoveryShape>,
    /// Folders that could not be searched.
    unreadable: Vec<TroubleShape>,
    /// The accounts that were added.
    pub(super) added: Vec<AddedShape>,
}

/// A program and its certificates.
#[derive(Debug, Serialize)]
struct DiscoveryShape {
    /// The program.
    program: &'static str,
    /// Where it keeps them.
    folder: String,
    /// What the account that would watch them is called; left out where nothing is to be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// The account that watches them already.
    #[serde(skip_serializing_if = "Option::is_none")]
    watched_by: Option<String>,
    /// The files and folders to watch.
    paths: Vec<String>,
    /// Patterns of the files in them.
    include: Vec<String>,
    /// Patterns that keep files out.
    exclude: Vec<String>,
    /// The certificates.
    certificates: Vec<DiscoveredShape>,
    /// What could not be read or followed.
    unreadable: Vec<TroubleShape>,
    /// What else is to be said.
    notes: Vec<String>,
}

/// A certificate that was found.
#[derive(Debug, Serialize)]
struct DiscoveredShape {
    /// Its file.
    file: String,
    /// The names that it protects.
    names: Vec<String>,
    /// The end of its validity.
    not_after: Timestamp,
}

impl DiscoveriesShape {
    pub(super) fn of(discoveries: &Discoveries) -> Self {
        Self {
            found: discoveries.found.iter().map(DiscoveryShape::of).collect(),
            unreadable: TroubleShape::all(&discoveries.unreadable),
            added: Vec::new(),
        }
    }
}

impl DiscoveryShape {
    fn of(discovery: &Discovery) -> Self {
        let draft = &discovery.draft;
        let addable = discovery.can_be_added();
        let one = |found: &Discovered| DiscoveredShape {
            file: found.path.display().to_string(),
            names: found.names.clone(),
            not_after: found.not_after,
        };
        Self {
            program: discovery.program,
            folder: discovery.folder.display().to_string(),
            account: addable.then(|| draft.name.clone()),
            watched_by: discovery.watched_by.clone(),
            paths: draft.paths.clone(),
            include: draft.include.clone(),
            exclude: draft.exclude.clone(),
            certificates: discovery.certificates.iter().map(one).collect(),
            unreadable: TroubleShape::all(&discovery.unreadable),
            notes: discovery.notes.clone(),
        }
    }
}
