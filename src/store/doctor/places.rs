//! What lies in the store's folder: what is missing its privacy, what is not what it should be,
//! what a crash left, and what is not certdeck's.
//!
//! It looks at names, owners and modes and opens nothing. `doctor` calls it, and `mend` goes by the
//! same rules.

use std::path::{Path, PathBuf};

use crate::store::compact::{COMPACTING, history_number};
use crate::store::disk::{Disk, Kind as DiskKind, Look};
use crate::store::error::StoreError;
use crate::store::first_page::FIRST_PAGE;
use crate::store::image::{INVENTORY, JOURNAL};
use crate::store::lock::LOCK;
use crate::store::mend::{CERTS, DAMAGED, HISTORY, KEYS, LISTS, check_link, look_at_place};
use crate::store::packed::PACKED;
use crate::store::prune::MARKER;
use crate::store::trouble::tried_by;

use super::calm::{Calm, Left};
use super::finding::{Finding, Findings, Kind, Level};
use super::ledger::fingerprint;

/// The files and folders of a store; others are not certdeck's.
const FILES: [&str; 6] = [INVENTORY, JOURNAL, LOCK, COMPACTING, FIRST_PAGE, PACKED];
const FOLDERS: [&str; 5] = [KEYS, CERTS, LISTS, HISTORY, DAMAGED];
/// What certdeck writes has this ending until it is whole.
const NEW: &str = ".new";
/// What is written of a new snapshot while others go on writing has this one.
pub(super) const BESIDE: &str = ".next.new";

/// What a name in a folder of the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A file that belongs there.
    Ours,
    /// One that was never finished; by this process, where the name says so.
    Unfinished(Option<u32>),
    /// Somebody else's.
    Stranger,
}

/// What is there.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The journals of the history, oldest first.
    pub(super) history: Vec<(u64, String)>,
    /// The private keys' files.
    pub(super) keys: Vec<String>,
    /// The certificates' files.
    pub(super) certificates: Vec<String>,
    /// The files of revocation lists.
    pub(super) lists: Vec<String>,
    /// What was never finished, and who it is.
    pub(super) unfinished: Vec<(String, Option<u32>, (u64, u64))>,
}

/// The store's folder and what is looked at there.
pub(super) struct Places<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) dir: &'a Path,
}

impl Places<'_> {
    /// Looks at the store's own folder; `false` if nothing more can be looked at.
    pub(super) fn root(&self, findings: &mut Findings) -> bool {
        let shown = self.dir.display().to_string();
        let unusable = |kind, says: String, advice: &str| {
            Finding::new(Level::Unusable, kind, &shown, says).advice(advice)
        };
        let link = match look_at_place(self.disk, self.dir) {
            Err(error) => return refuse(&error, findings),
            Ok(look) => look.is_some_and(|look| look.kind == DiskKind::Link),
        };
        if let Some(Err(error)) = link.then(|| check_link(self.disk, self.dir)) {
            return refuse(&error, findings);
        }
        // The store's own place may be a link that its owner made: what it leads to counts.
        let path = if link {
            self.dir.join(".")
        } else {
            self.dir.to_owned()
        };
        let finding = match self.disk.look(&path) {
            Ok(Some(look)) if look.kind == DiskKind::Folder => {
                self.judge_owner(&shown, &look, Level::Unusable, findings);
                judge_mode(&shown, &look, self.disk.user(), findings);
                return true;
            }
            Ok(Some(look)) => {
                let says = format!("it is {}, where the store needs a folder", words(look.kind));
                unusable(
                    Kind::Planted,
                    says,
                    "move it away, or choose another store with --store",
                )
            }
            Ok(None) => unusable(
                Kind::Absent,
                "there is no store here".to_owned(),
                "check the path; any command that changes something makes a store",
            ),
            Err(error) => unusable(
                Kind::Unreadable,
                format!("looking at it failed: {error}"),
                "check who owns it and its permissions",
            ),
        };
        findings.push(finding);
        false
    }

    /// Looks at everything in it.
    pub(super) fn survey(&self, findings: &mut Findings) -> Survey {
        let mut survey = Survey::default();
        for name in self.names("", findings) {
            match root_name(&name) {
                _ if FOLDERS.contains(&name.as_str()) => {}
                Name::Ours => drop(self.check(&name, DiskKind::File, findings)),
                Name::Unfinished(process) => self.unfinished(name, process, &mut survey),
                Name::Stranger => findings.push(stranger(&name)),
            }
        }
        for folder in FOLDERS {
            self.folder(folder, &mut survey, findings);
        }
        survey.history.sort();
        survey.keys.sort();
        survey.certificates.sort();
        survey.lists.sort();
        survey
    }

    fn folder(&self, folder: &str, survey: &mut Survey, findings: &mut Findings) {
        if self.check(folder, DiskKind::Folder, findings).is_none() {
            return;
        }
        let names = self.names(folder, findings);
        if folder == DAMAGED {
            findings.extend(kept_aside(names.len()));
            return;
        }
        for name in names {
            let path = format!("{folder}/{name}");
            match name_in(folder, &name) {
                Name::Unfinished(process) => self.unfinished(path, process, survey),
                Name::Stranger => findings.push(stranger(&path)),
                // Thousands of them: they are looked at when they are read.
                Name::Ours if folder == KEYS => survey.keys.push(name),
                Name::Ours if folder == CERTS => survey.certificates.push(name),
                Name::Ours if folder == LISTS => survey.lists.push(name),
                Name::Ours => {
                    let file = self.check(&path, DiskKind::File, findings);
                    let number = history_number(&name).filter(|_| file.is_some());
                    survey.history.extend(number.map(|number| (number, path)));
                }
            }
        }
    }

    fn names(&self, folder: &str, findings: &mut Findings) -> Vec<String> {
        let read = self.disk.names(&self.dir.join(folder));
        let mut names = read.unwrap_or_else(|error| {
            findings.push(unreadable(folder, "listing this folder", &error));
            Vec::new()
        });
        names.sort();
        names
    }

    fn unfinished(&self, path: String, process: Option<u32>, survey: &mut Survey) {
        if let Ok(Some(look)) = self.disk.look(&self.dir.join(&path)) {
            survey.unfinished.push((path, process, look.identity));
        }
    }

    /// Looks at one file or folder; nothing where it is not what it has to be.
    pub(super) fn check(
        &self,
        relative: &str,
        needed: DiskKind,
        findings: &mut Findings,
    ) -> Option<Look> {
        let looked = self.disk.look(&self.dir.join(relative));
        let look = match looked {
            Ok(look) => look?,
            Err(error) => {
                findings.push(unreadable(relative, "looking at it", &error));
                return None;
            }
        };
        if look.kind != needed {
            findings.push(planted(relative, look.kind, needed));
            return None;
        }
        let level = match needed {
            DiskKind::Folder => Level::Broken,
            _ => Level::Look,
        };
        self.judge_owner(relative, &look, level, findings);
        judge_mode(relative, &look, self.disk.user(), findings);
        Some(look)
    }

    fn judge_owner(&self, shown: &str, look: &Look, level: Level, findings: &mut Findings) {
        let user = self.disk.user();
        if look.owner == user {
            return;
        }
        let says = format!(
            "it belongs to user {}, and certdeck runs as user {user}",
            look.owner
        );
        let owner = Finding::new(level, Kind::Owner, shown, says);
        findings.push(owner.advice("run certdeck as the owner, or give it back with chown"));
    }

    /// Says of what was never finished whether a crash left it: what is still the same while nobody
    /// is at work who could finish it.
    pub(super) fn say_unfinished(&self, survey: &Survey, calm: &Calm<'_>, findings: &mut Findings) {
        for (path, process, identity) in &survey.unfinished {
            let is_there = || {
                let now = self.disk.look(&self.dir.join(path));
                matches!(now, Ok(Some(look)) if look.identity == *identity)
            };
            let left = match process {
                _ if !is_there() => Left::Nothing,
                Some(process) if self.disk.is_running(*process) => Left::Busy,
                // It may have ended well, or have begun another of the same identity, meanwhile.
                Some(_) if is_there() => Left::ByCrash,
                Some(_) => Left::Nothing,
                None if path.ends_with(BESIDE) => calm.judge_compacting(is_there),
                None => calm.judge(is_there),
            };
            match left {
                Left::Nothing => {}
                Left::ByCrash => findings.push(unfinished(path, false)),
                Left::Busy => findings.push(unfinished(path, true)),
            }
        }
    }
}

/// That something else stands where the store should, or above it.
fn refuse(error: &StoreError, findings: &mut Findings) -> bool {
    let kind = match error {
        StoreError::Planted { .. } => Kind::Planted,
        _ => Kind::Unreadable,
    };
    // The sentence says what to do, behind its last colon.
    findings.push(Finding::new(Level::Unusable, kind, "", error.to_string()));
    false
}

fn unfinished(path: &str, busy: bool) -> Finding {
    if busy {
        let says = "another process is writing it just now, it seems";
        return Finding::new(Level::Note, Kind::Leftover, path, says)
            .advice("wait until that process is done");
    }
    let says = "it was never finished: a crash left it, and nothing needs it";
    Finding::new(Level::Look, Kind::Leftover, path, says).fixable("moves it to damaged/")
}

/// The name that a file was to get which was never finished.
fn unfinished_name(name: &str) -> Option<&str> {
    name.strip_suffix(BESIDE).or_else(|| name.strip_suffix(NEW))
}

/// What a name in the store's own folder is; folders are known before.
pub(super) fn root_name(name: &str) -> Name {
    if let Some(process) = tried_by(name) {
        return Name::Unfinished(Some(process));
    }
    match unfinished_name(name) {
        Some(INVENTORY | JOURNAL | FIRST_PAGE | PACKED) => Name::Unfinished(None),
        None if FILES.contains(&name) => Name::Ours,
        _ => Name::Stranger,
    }
}

/// What a name in one of its folders is.
pub(super) fn name_in(folder: &str, name: &str) -> Name {
    if folder == HISTORY {
        return match unfinished_name(name) {
            Some(MARKER | JOURNAL) => Name::Unfinished(None),
            None if name == MARKER || history_number(name).is_some() => Name::Ours,
            _ => Name::Stranger,
        };
    }
    if is_pem(name) {
        return Name::Ours;
    }
    // `<fingerprint>.<process>-<turn>.new`
    let process = name.strip_suffix(NEW).and_then(|rest| {
        let (stem, number) = rest.split_once('.')?;
        let (process, turn) = number.split_once('-')?;
        turn.parse::<u64>().ok()?;
        fingerprint(stem).and(process.parse::<u32>().ok())
    });
    match process {
        Some(process) => Name::Unfinished(Some(process)),
        None => Name::Stranger,
    }
}

fn is_pem(name: &str) -> bool {
    name.strip_suffix(".pem").and_then(fingerprint).is_some()
}

/// A finding where others may read or change it.
pub(super) fn judge_mode(shown: &str, look: &Look, user: u32, findings: &mut Findings) {
    if !look.is_loose() {
        return;
    }
    let needed = if look.kind == DiskKind::Folder {
        "0700"
    } else {
        "0600"
    };
    let says = format!(
        "others than its owner may look at it or change it: its mode is {:04o}, and {needed} is \
         needed",
        look.mode & 0o7777
    );
    let loose = Finding::new(Level::Look, Kind::Loose, shown, says);
    findings.push(if look.owner == user {
        loose.fixable(&format!("makes it {needed}"))
    } else {
        loose.advice("its owner can change that with chmod")
    });
}

/// A finding where something else stands in the way.
pub(super) fn planted(relative: &str, found: DiskKind, needed: DiskKind) -> Finding {
    let says = format!(
        "it is {}, where the store needs {}; nothing behind it is read",
        words(found),
        words(needed)
    );
    Finding::new(Level::Broken, Kind::Planted, relative, says)
        .advice("see who put it there, and move it away")
}

/// A finding where the system says no.
pub(super) fn unreadable(relative: &str, doing: &str, error: &std::io::Error) -> Finding {
    let says = format!("{doing} failed: {error}");
    Finding::new(Level::Broken, Kind::Unreadable, relative, says)
        .advice("check who owns it, its permissions, and the disk")
}

fn stranger(path: &str) -> Finding {
    let says = "this is not certdeck's, and certdeck leaves it alone";
    Finding::new(Level::Note, Kind::Stranger, path, says)
        .advice("move it elsewhere if you do not know it")
}

fn kept_aside(count: usize) -> Option<Finding> {
    let says = match count {
        0 => return None,
        1 => "one thing that was damaged or never finished is kept here".to_owned(),
        count => format!("{count} things that were damaged or never finished are kept here"),
    };
    let finding = Finding::new(Level::Note, Kind::KeptAside, DAMAGED, says);
    Some(finding.advice("delete them yourself when you are sure that you need none of it"))
}

fn words(kind: DiskKind) -> &'static str {
    match kind {
        DiskKind::File => "a regular file",
        DiskKind::Folder => "a folder",
        DiskKind::Link => "a symbolic link",
        DiskKind::Other => "a device, pipe or socket",
    }
}

/// All files and folders of the store that should be private, with their paths: what `mend` walks.
pub(super) fn ours(disk: &dyn Disk, dir: &Path) -> Vec<PathBuf> {
    // Also where the store's own place is a link that its owner made.
    let mut found = vec![dir.join(".")];
    let names = |folder: &Path| disk.names(folder).unwrap_or_default();
    for name in FILES {
        found.push(dir.join(name));
    }
    for folder in FOLDERS {
        let path = dir.join(folder);
        let ours = |name: &String| folder != DAMAGED && name_in(folder, name) == Name::Ours;
        let is_folder = matches!(disk.look(&path), Ok(Some(look)) if look.kind == DiskKind::Folder);
        if is_folder {
            found.extend(
                names(&path)
                    .iter()
                    .filter(|name| ours(name))
                    .map(|name| path.join(name)),
            );
        }
        found.push(path);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let digits = "0a".repeat(32);
        let temporary = format!("{digits}.4711-3.new");
        let cases = [
            (KEYS, format!("{digits}.pem"), Name::Ours),
            (KEYS, temporary.clone(), Name::Unfinished(Some(4711))),
            (CERTS, temporary, Name::Unfinished(Some(4711))),
            (CERTS, format!("{digits}.new"), Name::Stranger),
            (CERTS, "notes.txt".to_owned(), Name::Stranger),
            (
                CERTS,
                format!("{}.pem", digits.to_uppercase()),
                Name::Stranger,
            ),
            (HISTORY, "001.jsonl".to_owned(), Name::Ours),
            (HISTORY, MARKER.to_owned(), Name::Ours),
            (HISTORY, format!("{MARKER}.new"), Name::Unfinished(None)),
            (HISTORY, "001.jsonl.bak".to_owned(), Name::Stranger),
        ];
        for (folder, name, expected) in cases {
            assert_eq!(name_in(folder, &name), expected, "{folder}/{name}");
        }
        assert_eq!(root_name("journal.jsonl"), Name::Ours);
        assert_eq!(root_name("inventory.jsonl.new"), Name::Unfinished(None));
        assert_eq!(
            root_name("inventory.jsonl.next.new"),
            Name::Unfinished(None)
        );
        assert_eq!(root_name("first-page.jsonl"), Name::Ours);
        assert_eq!(
            name_in(HISTORY, "journal.jsonl.next.new"),
            Name::Unfinished(None)
        );
        assert_eq!(root_name("lock.new"), Name::Stranger);
        assert_eq!(root_name("room.4711.new"), Name::Unfinished(Some(4711)));
        assert_eq!(root_name("room.new"), Name::Stranger);
        assert_eq!(root_name("todo.txt"), Name::Stranger);
    }
}
