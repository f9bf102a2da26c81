//! Removing the oldest journals of the history, where somebody asked for it: the one thing of the
//! store that is ever removed, and never the journal or the snapshot.
//!
//! `history/pruned.jsonl` remembers it: one line for each time, `{"through":NNN,"seq":S,
//! "events":N,"at":…,"crc":…}` – the files up to number `through` were removed, and with them the
//! transactions up to `S`. The numbers of files go on behind it. The line is written and synced
//! before the first file goes, so that a crash between the two leaves files that are announced as
//! removed and never a gap that nobody explains. The engine calls it.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenOptions;
use super::compact::history_number;
use super::disk::{Disk, How};
use super::doctor::lines::Lines;
use super::error::{StoreError, failed};
use super::image::{First, INVENTORY, JOURNAL, meaning};
use super::line::{pieces, seal};
use super::lock;
use super::mend::{HISTORY, replace};
use super::record::{INVENTORY_FORMAT, JOURNAL_FORMAT, JournalEvents};

/// Where it is remembered, in the history.
pub(crate) const MARKER: &str = "pruned.jsonl";

/// One time that journals were removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    /// The number of the last file that was removed.
    #[serde(deserialize_with = "super::record::number")]
    pub(crate) through: u64,
    /// The last transaction in it.
    #[serde(deserialize_with = "super::record::number")]
    pub(crate) seq: u64,
    /// How many events were removed this time.
    #[serde(default)]
    pub(crate) events: u64,
    /// When.
    pub(crate) at: Timestamp,
}

/// Which journals are to be removed; always the oldest ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that were written before this moment, all of it.
    Before(Timestamp),
    /// All but so many.
    AllBut(usize),
}

/// What would be removed, and with it lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files, oldest first, relative to the store.
    pub files: Vec<String>,
    /// How many journals of the history stay.
    pub left: usize,
    /// How long they are together (bytes).
    pub bytes: u64,
    /// How many transactions stand in them.
    pub transactions: u64,
    /// How many events.
    pub events: u64,
    /// When the first and the last transaction in them were written; nothing where none can be
    /// read.
    pub written: Option<(Timestamp, Timestamp)>,
    /// The number of the last file.
    through: u64,
    /// The last transaction in them.
    seq: u64,
}

/// Looks what would be removed; changes nothing.
///
/// # Errors
/// What the file system said.
pub fn plan(disk: &dyn Disk, dir: &Path, which: Which) -> Result<Plan, StoreError> {
    let names = journals(disk, dir)?;
    let most = match which {
        Which::Before(_) => names.len(),
        Which::AllBut(keep) => names.len().saturating_sub(keep),
    };
    let mut plan = Plan::default();
    for (number, name) in &names[..most] {
        let Some(mut lines) = Lines::open(disk, &dir.join(name))? else {
            break;
        };
        let journal = Journal::read(&mut lines)?;
        let young = |before: Timestamp| journal.written.is_some_and(|(_, last)| last >= before);
        if matches!(which, Which::Before(before) if young(before)) {
            break;
        }
        plan.take(*number, name, lines.length, &journal);
    }
    plan.left = names.len() - plan.files.len();
    if !plan.files.is_empty() {
        let next = names.get(plan.files.len()).map(|(_, name)| name.as_str());
        plan.seq = plan
            .seq
            .max(follows(disk, dir, next.unwrap_or(JOURNAL), JOURNAL_FORMAT)?);
    }
    Ok(plan)
}

/// Removes what was planned, for good.
///
/// # Errors
/// [`StoreError::ReadOnly`]; [`StoreError::Locked`] after the lock's timeout;
/// [`StoreError::Damaged`] if the snapshot does not hold what is to be removed, or if the history is
/// not what it was when that was planned, and nothing was removed then; else what the file system
/// said, and the rest is removed by the next call.
pub fn prune(
    disk: &dyn Disk,
    dir: &Path,
    options: &OpenOptions,
    plan: &Plan,
) -> Result<(), StoreError> {
    if options.read_only {
        let dir = dir.to_owned();
        return Err(StoreError::ReadOnly { dir });
    }
    if plan.files.is_empty() {
        return Ok(());
    }
    let _lock = lock::take(disk, dir, options.lock_timeout)?;
    check(disk, dir, plan)?;
    remember(disk, dir, plan, (options.clock)())?;
    for file in &plan.files {
        let path = dir.join(file);
        disk.remove(&path).map_err(failed("remove", &path))?;
    }
    let history = dir.join(HISTORY);
    let synced = disk.sync_folder(&history);
    synced.map_err(failed("sync the folder", &history))
}

/// Refuses where the history is the only place where something stands, or where it is another one
/// than what a person agreed to.
fn check(disk: &dyn Disk, dir: &Path, plan: &Plan) -> Result<(), StoreError> {
    let refused = |file: &str, what: &str| {
        let (path, what) = (dir.join(file), what.to_owned());
        Err(StoreError::Damaged { path, what })
    };
    if follows(disk, dir, INVENTORY, INVENTORY_FORMAT)? < plan.seq {
        return refused(
            INVENTORY,
            "it does not hold what stands in the journals that were to be removed",
        );
    }
    let names = journals(disk, dir)?;
    let oldest = names.iter().map(|(_, name)| name).take(plan.files.len());
    if !oldest.eq(plan.files.iter()) {
        return refused(HISTORY, "somebody else changed the history meanwhile");
    }
    Ok(())
}

/// Writes down what is about to be removed.
fn remember(disk: &dyn Disk, dir: &Path, plan: &Plan, at: Timestamp) -> Result<(), StoreError> {
    let path = dir.join(HISTORY).join(MARKER);
    let marker = Marker {
        through: plan.through,
        seq: plan.seq,
        events: plan.events,
        at,
    };
    let line = seal(&marker).map_err(|source| StoreError::Encode { source })?;
    let mut bytes = read(disk, &path)?.unwrap_or_default();
    if bytes.last().is_some_and(|last| *last != b'\n') {
        bytes.push(b'\n');
    }
    bytes.extend(line);
    replace(disk, &path, &bytes)
}

/// What stands in one journal.
#[derive(Default)]
struct Journal {
    transactions: u64,
    events: u64,
    written: Option<(Timestamp, Timestamp)>,
    seq: u64,
}

impl Journal {
    fn read(lines: &mut Lines) -> Result<Self, StoreError> {
        let mut journal = Self::default();
        lines.each(|line| {
            let read = || serde_json::from_slice::<JournalEvents>(line.text).ok();
            let Some(transaction) = line.intact.then(read).flatten() else {
                return;
            };
            journal.transactions += 1;
            journal.events += transaction.events.len() as u64;
            journal.seq = journal.seq.max(transaction.seq);
            let at = (transaction.at, transaction.at);
            journal.written = wider(journal.written, Some(at));
        })?;
        Ok(journal)
    }
}

/// The span that covers both.
fn wider(
    one: Option<(Timestamp, Timestamp)>,
    other: Option<(Timestamp, Timestamp)>,
) -> Option<(Timestamp, Timestamp)> {
    let both = one.into_iter().chain(other);
    both.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)))
}

impl Plan {
    fn take(&mut self, number: u64, name: &str, bytes: u64, journal: &Journal) {
        self.files.push(name.to_owned());
        self.bytes += bytes;
        self.transactions += journal.transactions;
        self.events += journal.events;
        self.written = wider(self.written, journal.written);
        self.through = number;
        self.seq = self.seq.max(journal.seq);
    }
}

/// The journals of the history, oldest first, with their numbers, relative to the store.
fn journals(disk: &dyn Disk, dir: &Path) -> Result<Vec<(u64, String)>, StoreError> {
    let folder = dir.join(HISTORY);
    let names = disk
        .names(&folder)
        .map_err(failed("read the folder", &folder))?;
    let numbered = names
        .iter()
        .filter_map(|name| Some((history_number(name)?, format!("{HISTORY}/{name}"))));
    let mut numbered: Vec<_> = numbered.collect();
    numbered.sort();
    Ok(numbered)
}

/// The transaction that a file's header says it follows, or holds; 0 where it says nothing.
fn follows(disk: &dyn Disk, dir: &Path, file: &str, format: &str) -> Result<u64, StoreError> {
    let Some(mut lines) = Lines::open(disk, &dir.join(file))? else {
        return Ok(0);
    };
    let first = lines.first()?;
    let first = first.map(|(text, intact)| meaning(&text, intact, format));
    let header = first.as_ref().and_then(First::header);
    Ok(header.map_or(0, |header| header.through_seq))
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    if disk.look(path).map_err(failed("look at", path))?.is_none() {
        return Ok(None);
    }
    let opened = disk.open(path, How::Read);
    let bytes = opened.and_then(|mut file| file.read_from(0));
    bytes.map(Some).map_err(failed("read", path))
}

/// The last time that journals were removed, and the lines of the marker that cannot be read.
pub(crate) fn read_markers(disk: &dyn Disk, dir: &Path) -> (Option<Marker>, Vec<u64>) {
    let path = dir.join(HISTORY).join(MARKER);
    // What cannot be opened is said where the folder is looked at.
    let bytes = read(disk, &path).ok().flatten().unwrap_or_default();
    let (mut last, mut damaged) = (None, Vec::new());
    for (piece, line) in pieces(&bytes).iter().zip(1..) {
        let text = &bytes[piece.start..piece.text_end];
        let marker = || serde_json::from_slice::<Marker>(text).ok();
        match piece.intact.then(marker).flatten() {
            Some(marker) => last = Some(marker),
            None => damaged.push(line),
        }
    }
    (last, damaged)
}

/// The highest number of a journal that was removed; 0 where none was.
pub(crate) fn removed_through(disk: &dyn Disk, dir: &Path) -> u64 {
    read_markers(disk, dir).0.map_or(0, |marker| marker.through)
}
