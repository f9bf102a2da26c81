//! Mending what can be mended without losing anything: modes, leftovers, and what the next writer
//! would put right; and entries that only the history still has.
//!
//! It works under the lock and by the rules of `store::mend`: what cannot be read is copied or
//! moved to `damaged/` and synced before anything else happens. Nothing is deleted. The engine
//! calls it after an examination that found something to mend.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::account::AccountRecord;
use crate::domain::entry::{Entry, EntryId};
use crate::store::OpenOptions;
use crate::store::compact;
use crate::store::disk::Disk;
use crate::store::error::{StoreError, failed};
use crate::store::files::Files;
use crate::store::first_page::FIRST_PAGE;
use crate::store::image::{INVENTORY, JOURNAL};
use crate::store::line::seal;
use crate::store::lock;
use crate::store::mend::{DAMAGED, need_folder, sync_parent};
use crate::store::packed::PACKED;
use crate::store::record::{JournalLine, ReadJournalLine};

use super::finding::{Findings, Kind, Level};
use super::lines::Lines;
use super::places::{self, Places};
use super::snapshot::Missing;
use super::{Examination, examine_alone};

/// Who the journal names for what is brought back.
const DOCTOR: &str = "doctor";

/// One thing that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The file or folder, relative to the store.
    pub file: String,
    /// What was done, in a sentence without a full stop.
    pub says: String,
}

impl Mended {
    fn new(file: &str, says: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            says: says.into(),
        }
    }

    /// That what the list keeps of the snapshot was packed anew, which is not done here.
    pub(crate) fn packed() -> Self {
        Self::new(PACKED, "it was written anew")
    }

    /// That the first page was written anew, which is not done here.
    pub(crate) fn first_page() -> Self {
        Self::new(FIRST_PAGE, "it was written anew")
    }
}

/// Mends what an examination of the store at `dir` found and what can be mended without loss. Gives
/// what was mended, also where something stood in the way of the rest.
///
/// # Errors
/// [`StoreError::ReadOnly`]; [`StoreError::Locked`] after the lock's timeout; else what stood in
/// the way.
pub fn mend(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    options: &OpenOptions,
    examination: &Examination,
) -> (Vec<Mended>, Result<(), StoreError>) {
    let mut mended = Vec::new();
    let done = mend_all(disk, dir, options, examination, &mut mended);
    (mended, done)
}

fn mend_all(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    options: &OpenOptions,
    examination: &Examination,
    mended: &mut Vec<Mended>,
) -> Result<(), StoreError> {
    if options.read_only {
        let dir = dir.to_owned();
        return Err(StoreError::ReadOnly { dir });
    }
    let findings = &examination.findings;
    // What cannot be used is not touched, least of all a folder that is no store.
    if findings.fixable() == 0 || findings.worst() == Some(Level::Unusable) {
        return Ok(());
    }
    let _lock = lock::take(disk.as_ref(), dir, options.lock_timeout)?;
    make_private(disk.as_ref(), dir, mended)?;
    put_leftovers_aside(disk.as_ref(), dir, mended)?;
    if needs_writer(findings) {
        as_the_next_writer(disk, dir, mended)?;
    }
    if !examination.missing.is_empty() || examination.needs_snapshot() {
        let now = (options.clock)();
        bring_back(disk, dir, now, mended)?;
    }
    Ok(())
}

impl Missing {
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.accounts.is_empty()
    }
}

impl Examination {
    /// Whether the snapshot is damaged, and nothing of it is lost.
    fn needs_snapshot(&self) -> bool {
        let damaged = [Kind::Line, Kind::Count].into_iter();
        let of_snapshot = |kind| self.findings.fixes(INVENTORY, kind);
        self.missing.all && damaged.into_iter().any(of_snapshot)
    }
}

/// Whether the next writer would put something right.
fn needs_writer(findings: &Findings) -> bool {
    let kinds = [
        Kind::TornTail,
        Kind::Absorbed,
        Kind::Header,
        Kind::FileMissing,
    ];
    let in_either = |kind| findings.fixes(JOURNAL, kind) || findings.fixes(INVENTORY, kind);
    kinds.into_iter().any(in_either)
}

fn make_private(disk: &dyn Disk, dir: &Path, mended: &mut Vec<Mended>) -> Result<(), StoreError> {
    let user = disk.user();
    for path in places::ours(disk, dir) {
        let look = disk.look(&path).map_err(failed("look at", &path))?;
        // A link's mode is nobody's, and what it leads to is not certdeck's.
        let ours = look.filter(|look| look.owner == user && look.is_regular());
        if ours.is_some_and(|look| look.is_loose()) {
            disk.make_private(&path)
                .map_err(failed("change the mode of", &path))?;
            mended.push(Mended::new(&relative(dir, &path), "it is private now"));
        }
    }
    Ok(())
}

fn put_leftovers_aside(
    disk: &dyn Disk,
    dir: &Path,
    mended: &mut Vec<Mended>,
) -> Result<(), StoreError> {
    let survey = Places { disk, dir }.survey(&mut Findings::default());
    // While another process writes a new snapshot, what it writes is left to it.
    let alone = compact::alone(disk, dir)?;
    for (path, process, _) in survey.unfinished {
        let running = process.is_some_and(|process| disk.is_running(process));
        if running || path.ends_with(places::BESIDE) && alone.is_none() {
            continue;
        }
        need_folder(disk, &dir.join(DAMAGED))?;
        let aside = move_aside(disk, dir, &path)?;
        mended.push(Mended::new(&path, format!("it was moved to {aside}")));
    }
    Ok(())
}

/// Moves a file to `damaged/` under a name that is free; gives the name, relative to the store.
fn move_aside(disk: &dyn Disk, dir: &Path, path: &str) -> Result<String, StoreError> {
    let from = dir.join(path);
    for turn in 1_u32.. {
        let stem = path.replace('/', "-");
        let name = match turn {
            1 => format!("{DAMAGED}/{stem}"),
            turn => format!("{DAMAGED}/{stem}-{turn}"),
        };
        let to = dir.join(&name);
        match disk.rename_new(&from, &to) {
            Ok(()) => {
                sync_parent(disk, &to)?;
                sync_parent(disk, &from)?;
                return Ok(name);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("move aside", &from)(error)),
        }
    }
    Ok(path.to_owned())
}

/// Does what the next writer would do before it writes.
fn as_the_next_writer(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    mended: &mut Vec<Mended>,
) -> Result<(), StoreError> {
    let mut files = Files::load(Arc::clone(disk), dir, false, Arc::default())?;
    if files.is_ready() {
        // Another writer was faster.
        return Ok(());
    }
    files.prepare()?;
    for damage in files.warnings() {
        if let Some(aside) = &damage.aside {
            let says = format!("what was damaged is kept in {aside}");
            mended.push(Mended::new(&damage.file, says));
        }
    }
    mended.push(Mended::new(JOURNAL, "the next change can be written"));
    Ok(())
}

/// Brings back what only the history has, as one transaction, and replaces a damaged snapshot once
/// nothing of it is lost any more.
fn bring_back(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    now: Timestamp,
    mended: &mut Vec<Mended>,
) -> Result<(), StoreError> {
    // Under the lock nobody else can have changed anything since this look.
    let examination = examine_alone(disk.as_ref(), dir, now);
    let found = collect(disk.as_ref(), dir, &examination.missing)?;
    let mut files = Files::load(Arc::clone(disk), dir, false, Arc::default())?;
    files.prepare()?;
    if !found.is_empty() {
        let line = seal(&JournalLine {
            seq: files.next_seq(),
            at: now,
            who: DOCTOR,
            events: &[],
            entries: found.entries.values().collect(),
            accounts: found.accounts.values().collect(),
        });
        files.append(&line.map_err(|source| StoreError::Encode { source })?)?;
        files.reload()?;
        mended.extend(found.entries.keys().map(|id| {
            Mended::new(
                INVENTORY,
                format!("entry {id} is back, as the history had it"),
            )
        }));
        mended.extend(found.accounts.keys().map(|name| {
            let says = format!("the record of account {name} is back, as the history had it");
            Mended::new(INVENTORY, says)
        }));
    }
    if examination.missing.all && examination.needs_snapshot() {
        files.swap()?;
        let says = "a new snapshot took its place; the damaged one is kept whole in damaged/";
        mended.push(Mended::new(INVENTORY, says));
    }
    Ok(())
}

/// What was found in the history.
#[derive(Default)]
struct Found {
    entries: BTreeMap<EntryId, Entry>,
    accounts: BTreeMap<String, AccountRecord>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.accounts.is_empty()
    }
}

/// The last values of what is missing.
fn collect(disk: &dyn Disk, dir: &Path, missing: &Missing) -> Result<Found, StoreError> {
    let mut found = Found::default();
    if missing.is_empty() {
        return Ok(found);
    }
    let survey = Places { disk, dir }.survey(&mut Findings::default());
    let history = survey.history.into_iter().map(|(_, name)| name);
    for name in history.chain([JOURNAL.to_owned()]) {
        let Some(mut lines) = Lines::open(disk, &dir.join(&name))? else {
            continue;
        };
        lines.each(|line| {
            let read = || serde_json::from_slice::<ReadJournalLine>(line.text).ok();
            if let Some(transaction) = line.intact.then(read).flatten() {
                found.take(transaction, missing);
            }
        })?;
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, transaction: ReadJournalLine, missing: &Missing) {
        let entries = transaction.entries.into_iter();
        let wanted = entries.filter(|entry| missing.entries.contains(&entry.id));
        self.entries
            .extend(wanted.map(|entry| (entry.id.clone(), entry)));
        let accounts = transaction.accounts.into_iter();
        let wanted = accounts.filter(|account| missing.accounts.contains(&account.name));
        self.accounts
            .extend(wanted.map(|account| (account.name.clone(), account)));
    }
}

fn relative(dir: &Path, path: &Path) -> String {
    let below = path.strip_prefix(dir).unwrap_or(path);
    if below.as_os_str().is_empty() {
        dir.display().to_string()
    } else {
        below.display().to_string()
    }
}
