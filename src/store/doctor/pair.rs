//! Snapshot and journal, opened together so that they belong together, and what their headers say
//! of each other.
//!
//! It reads and judges. `doctor` calls it first.

use std::path::Path;

use crate::store::disk::Disk;
use crate::store::error::{StoreError, failed};
use crate::store::image::{First, INVENTORY, JOURNAL, meaning};
use crate::store::record::{INVENTORY_FORMAT, JOURNAL_FORMAT, VERSION};

use super::calm::{Calm, Left};
use super::finding::{Finding, Findings, Kind, Level};
use super::lines::Lines;

/// How often both are opened again because another process swapped them meanwhile.
const TRIES: usize = 8;

/// What is damaged goes away with the next snapshot.
const NEW_SNAPSHOT: &str = "writes a new snapshot, and with it a new header; the damaged bytes are \
    kept";
const SNAPSHOT_FROM_BACKUP: &str =
    "put it back from a backup; certdeck changes nothing before that";
const NAMELESS: &str = "put both files back from a backup; certdeck changes nothing before that";

/// Both files.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) snapshot: Option<Lines>,
    pub(super) journal: Option<Lines>,
    pub(super) snapshot_first: First,
    pub(super) journal_first: First,
    /// Whether the snapshot's first line is no line at all, rather than a part of its content.
    pub(super) snapshot_has_head: bool,
    /// Whether there is a snapshot of which no line can be read.
    ruined: bool,
    /// Whether another process is in the middle of putting them in place.
    busy: bool,
}

impl Pair {
    /// Opens both, and waits a moment where another process is swapping them just now: what a crash
    /// left half-way looks the same, and stays.
    pub(super) fn open_calm(calm: &Calm<'_>) -> Result<Self, StoreError> {
        let half_way = |pair: &Result<Self, _>| pair.as_ref().is_ok_and(|pair| !pair.is_calm());
        let mut pair = Self::open(calm.disk, calm.dir);
        if !half_way(&pair) {
            return pair;
        }
        let left = calm.judge(|| {
            pair = Self::open(calm.disk, calm.dir);
            half_way(&pair)
        });
        let mut pair = pair?;
        pair.busy = left == Left::Busy;
        Ok(pair)
    }

    /// Whether nothing about the two is half-way.
    fn is_calm(&self) -> bool {
        let generation = |first: &First| first.header().map(|header| header.generation);
        let (snapshot, journal) = (&self.snapshot_first, &self.journal_first);
        self.journal.is_some() && generation(snapshot) == generation(journal)
            || self.is_nothing()
            || self.newer().is_some()
    }

    /// Opens both.
    fn open(disk: &dyn Disk, dir: &Path) -> Result<Self, StoreError> {
        let (inventory, journal) = (dir.join(INVENTORY), dir.join(JOURNAL));
        let mut tries = 0;
        loop {
            tries += 1;
            let mut snapshot = Lines::open(disk, &inventory)?;
            let mut journal = Lines::open(disk, &journal)?;
            let look = disk
                .look(&inventory)
                .map_err(failed("look at", &inventory))?;
            let same = look.map(|look| look.identity)
                == snapshot.as_ref().map(|snapshot| snapshot.identity);
            // A swap between the two would pair an old snapshot with a new journal.
            if !same && tries < TRIES {
                continue;
            }
            let (snapshot_first, snapshot_has_head) = first(&mut snapshot, INVENTORY_FORMAT)?;
            let (journal_first, _) = first(&mut journal, JOURNAL_FORMAT)?;
            let ruined = is_ruined(snapshot.as_mut(), &snapshot_first)?;
            return Ok(Self {
                snapshot,
                journal,
                snapshot_first,
                journal_first,
                snapshot_has_head,
                ruined,
                busy: false,
            });
        }
    }

    /// Whether neither is there.
    pub(super) fn is_nothing(&self) -> bool {
        self.snapshot.is_none() && self.journal.is_none()
    }

    /// That a newer certdeck wrote one of them.
    pub(super) fn newer(&self) -> Option<Finding> {
        let both = [
            (INVENTORY, &self.snapshot_first),
            (JOURNAL, &self.journal_first),
        ];
        let newer = both.into_iter().find_map(|(file, first)| match first {
            First::Newer(version) => Some((file, version)),
            _ => None,
        });
        newer.map(|(file, version)| {
            let says = format!(
                "it has format version {version}, and this certdeck knows versions up to {VERSION}"
            );
            let finding = Finding::new(Level::Unusable, Kind::Newer, file, says).line(1);
            finding.advice("use the newer certdeck; nothing was looked at, and nothing is changed")
        })
    }

    /// The last transaction that there has to be, by what the headers say.
    pub(super) fn through(&self) -> u64 {
        let headers = [self.snapshot_first.header(), self.journal_first.header()];
        let through = headers
            .into_iter()
            .flatten()
            .map(|header| header.through_seq);
        through.max().unwrap_or(0)
    }

    /// Says what is missing or does not fit; `mark` is the last transaction that was acknowledged.
    pub(super) fn say(&self, mark: u64, findings: &mut Findings) {
        let (snapshot, journal) = (self.snapshot_first.header(), self.journal_first.header());
        if self.snapshot.is_none() {
            findings.push(self.snapshot_gone());
        } else if snapshot.is_none() {
            findings.push(self.snapshot_header());
        }
        if self.journal.is_none() {
            findings.push(self.journal_gone(mark));
        }
        let (Some(snapshot), Some(journal)) = (snapshot, journal) else {
            return;
        };
        if self.is_mixed() {
            let says = "it belongs to another store than inventory.jsonl, so it is not read";
            let mixed = Finding::new(Level::Broken, Kind::Generation, JOURNAL, says).line(1);
            findings.push(mixed.advice("put both back from one backup"));
        } else if journal.generation > snapshot.generation
            || journal.through_seq > snapshot.through_seq
        {
            let says = format!(
                "it is the snapshot number {} through transaction {}, and the journal continues \
                 number {} from transaction {}: the two do not belong together",
                snapshot.generation, snapshot.through_seq, journal.generation, journal.through_seq
            );
            let finding = Finding::new(Level::Broken, Kind::Generation, INVENTORY, says);
            findings.push(finding.advice("put both back from one backup"));
        }
    }

    fn snapshot_gone(&self) -> Finding {
        let says = "it is missing, and with it every entry that did not change since";
        let gone = Finding::new(Level::Broken, Kind::FileMissing, INVENTORY, says);
        // A journal that continues nothing holds everything.
        let whole = self.journal_first.header();
        if whole.is_some_and(|header| header.through_seq == 0) {
            return gone.fixable("writes it anew out of the journal, which holds everything");
        }
        gone.advice(SNAPSHOT_FROM_BACKUP)
    }

    fn journal_gone(&self, mark: u64) -> Finding {
        let through = self
            .snapshot_first
            .header()
            .map(|header| header.through_seq);
        if through.is_some_and(|through| mark <= through) {
            if self.busy {
                return in_the_middle();
            }
            let says = "it is missing; the snapshot holds everything that was acknowledged";
            return Finding::new(Level::Look, Kind::FileMissing, JOURNAL, says)
                .fixable("begins a new one, as the next change would");
        }
        let says = "it is missing, and with it what happened since the snapshot";
        Finding::new(Level::Broken, Kind::FileMissing, JOURNAL, says)
            .advice("put it back from a backup; certdeck changes nothing before that")
    }

    fn snapshot_header(&self) -> Finding {
        let continued = self.journal_first.header().map(|header| header.through_seq);
        let finding = |says| Finding::new(Level::Broken, Kind::Header, INVENTORY, says).line(1);
        let (lost, header) = (
            "nothing of it can be read, and with it every entry is lost that did not change since",
            "its header cannot be read; the lines after it are",
        );
        match continued {
            Some(0) => finding(header).fixable(NEW_SNAPSHOT),
            Some(_) if self.ruined => finding(lost).advice(SNAPSHOT_FROM_BACKUP),
            Some(_) => finding(header).fixable(NEW_SNAPSHOT),
            None => finding(if self.ruined { lost } else { header }).advice(NAMELESS),
        }
    }

    /// Whether the two are halves of two stores.
    pub(super) fn is_mixed(&self) -> bool {
        let names = [&self.snapshot_first, &self.journal_first];
        let names = names.map(|first| first.header().and_then(|header| header.store.as_ref()));
        matches!(names, [Some(snapshot), Some(journal)] if snapshot != journal)
    }

    /// That the snapshot has taken the journal in, which was not moved away yet.
    pub(super) fn absorbed(&self) -> Option<Finding> {
        let (snapshot, journal) = (self.snapshot_first.header()?, self.journal_first.header()?);
        (journal.generation < snapshot.generation && !self.is_mixed()).then(|| {
            if self.busy {
                return in_the_middle();
            }
            let says = "the snapshot holds all of it already: a crash kept it from being moved into \
                        the history";
            Finding::new(Level::Look, Kind::Absorbed, JOURNAL, says)
                .fixable("moves it there, as the next change would")
        })
    }
}

/// What looks like a crash's, while somebody holds the lock.
fn in_the_middle() -> Finding {
    let says = "another process is putting a new snapshot in place just now, it seems";
    Finding::new(Level::Note, Kind::Absorbed, JOURNAL, says)
        .advice("wait until that process is done, and look again")
}

/// Whether no line of a snapshot without a header can be read.
fn is_ruined(snapshot: Option<&mut Lines>, first: &First) -> Result<bool, StoreError> {
    let Some(lines) = snapshot.filter(|_| first.header().is_none()) else {
        return Ok(false);
    };
    let mut intact = false;
    lines.each(|line| intact |= line.intact)?;
    Ok(!intact)
}

/// What the first line says, and whether it is no part of the content.
fn first(lines: &mut Option<Lines>, format: &str) -> Result<(First, bool), StoreError> {
    let Some(lines) = lines else {
        return Ok((First::Unreadable, false));
    };
    let Some((text, intact)) = lines.first()? else {
        return Ok((First::Unreadable, false));
    };
    let first = meaning(&text, intact, format);
    let is_head = first != First::Unreadable || !intact;
    Ok((first, is_head))
}
