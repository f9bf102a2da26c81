//! Examining a store: reading everything in it without changing anything, and saying what is
//! wrong, how bad that is, and what to do.
//!
//! It takes no lock, so that it never holds up a writer, and works on stores that
//! [`Store::open`](super::Store::open) refuses. Entries pass by one at a time: what is held of each
//! is a digest. `mend` alone changes anything, under the lock. The engine calls both.
//!
//! What is compared: every line with its checksum; every transaction's number with the one before,
//! through all journals; each entry in the snapshot with the value that the journals wrote last;
//! the lock's mark with the last transaction; keys and certificates with their names and with who
//! names them. A checksum is no signature: an edit that has a right checksum is found where it
//! makes snapshot and history disagree, and a past that nothing disagrees with is believed.

mod finding;
mod journals;
mod ledger;
pub(super) mod lines;
mod mend;
mod pair;
mod places;
mod snapshot;
mod vault;

use std::path::Path;

use jiff::Timestamp;

use super::disk::Disk;
use super::error::StoreError;
use super::image::{First, INVENTORY, JOURNAL, meaning};
use super::line::pieces;
use super::lock::read_mark;
use super::mend::HISTORY;
use super::prune;
use super::record::JOURNAL_FORMAT;
use crate::domain::{clock_doubt, time};

pub use finding::{Finding, Findings, Kind, Level};
pub use ledger::{Named, Present, Waiting};
pub use mend::{Mended, mend};

use journals::{Journals, Spot};
use ledger::Ledger;
use lines::Lines;
use pair::Pair;
use places::{Places, Survey};
use snapshot::{Judge, Missing};

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Snapshot and journals.
    pub files: u64,
    /// Lines in them.
    pub lines: u64,
    /// Transactions in the journals.
    pub transactions: u64,
    /// Events in them.
    pub events: u64,
    /// Entries.
    pub entries: u64,
    /// Records of accounts in the snapshot.
    pub accounts: u64,
    /// Private keys.
    pub keys: u64,
    /// Certificates.
    pub certificates: u64,
}

/// What an examination found.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    /// What is wrong, or worth knowing.
    pub findings: Findings,
    /// How much was looked at.
    pub looked: Looked,
    /// The entries as they are, for what only the engine can judge.
    pub present: Present,
    /// When the last transaction was written.
    pub last_written: Option<Timestamp>,
    /// What can be brought back out of the history.
    missing: Missing,
}

impl Examination {
    /// Whether the history may be the only place where something still stands: then nothing of it
    /// may be removed.
    #[must_use]
    pub fn needs_history(&self) -> bool {
        let unusable = self.findings.worst() == Some(Level::Unusable);
        let lost = [
            Kind::Lost,
            Kind::Line,
            Kind::Count,
            Kind::Header,
            Kind::FileMissing,
        ];
        let in_snapshot = |kind| self.findings.about(INVENTORY, kind);
        unusable || lost.into_iter().any(in_snapshot)
    }

    /// Adds what somebody else found.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Examines the store at `dir`; `now` is what the system's clock shows. It never fails: what
/// cannot be read is a finding.
#[must_use]
pub fn examine(disk: &dyn Disk, dir: &Path, now: Timestamp) -> Examination {
    let mut examination = Examination::default();
    let places = Places { disk, dir };
    if !places.root(&mut examination.findings) {
        return examination;
    }
    // Before the journal: read after it, it could name a line written meanwhile.
    let mark = read_mark(disk, dir);
    let pair = Pair::open_calm(disk, dir);
    // After it: read before, it could lack what was the journal then.
    let survey = places.survey(&mut examination.findings);
    let refusal = match &pair {
        Err(error) => Some(refused(error, Level::Unusable)),
        Ok(pair) if pair.is_nothing() && survey.history.is_empty() && mark == 0 => {
            Some(nothing(dir))
        }
        Ok(pair) => pair.newer(),
    };
    if let Some(refusal) = refusal {
        // What else lies in a folder that is no store, or a newer one, is not this one's business.
        examination.findings = Findings::default();
        examination.findings.push(refusal);
        return examination;
    }
    if let Ok(pair) = pair {
        let read = read(&places, &survey, pair, mark, now, &mut examination);
        let refused = read.err().map(|error| refused(&error, Level::Broken));
        examination.findings.extend(refused);
    }
    places.say_unfinished(&survey, &mut examination.findings);
    examination
}

/// Reads everything.
fn read(
    places: &Places<'_>,
    survey: &Survey,
    mut pair: Pair,
    mark: u64,
    now: Timestamp,
    examination: &mut Examination,
) -> Result<(), StoreError> {
    let mut ledger = Ledger::default();
    let through = pair.through();
    pair.say(mark, &mut examination.findings);
    let mut journals = Journals::new(
        &mut examination.findings,
        &mut ledger,
        &mut examination.looked,
        pair.snapshot_first
            .header()
            .map(|header| header.through_seq),
    );
    let journal = pair.journal.as_ref().map(|journal| journal.identity);
    walk_history(places, survey, journal, &mut journals)?;
    if let Some(journal) = &mut pair.journal {
        journals.walk(JOURNAL, journal)?;
    }
    let torn = journals.end(through.max(mark), pair.journal.is_some());
    let (seq, gap, last_at) = (journals.seq, journals.gap, journals.last_at);
    examination.last_written = last_at;
    examination.findings.extend(pair.absorbed(seq));
    if let Some(snapshot) = &mut pair.snapshot {
        let header = pair.snapshot_first.header();
        let judge = Judge {
            gap,
            comparable: header.is_some(),
            count: header.and_then(|header| header.count),
            has_head: pair.snapshot_has_head,
        };
        examination.missing = snapshot::walk(
            snapshot,
            &judge,
            &mut ledger,
            &mut examination.looked,
            &mut examination.findings,
        )?;
    }
    ledger.settle();
    say_clock(now, last_at, &ledger, &mut examination.findings);
    vault::look(
        places,
        survey,
        std::mem::take(&mut ledger.wanted),
        &mut examination.findings,
    );
    examination.looked.keys = survey.keys.len() as u64;
    examination.looked.certificates = survey.certificates.len() as u64;
    examination.looked.entries = ledger.present.entries;
    examination.present = ledger.present;
    if let (Some(journal), Some(spot)) = (&mut pair.journal, torn) {
        examination.findings.extend(torn_tail(journal, &spot)?);
    }
    Ok(())
}

/// Walks through the history, oldest first.
fn walk_history(
    places: &Places<'_>,
    survey: &Survey,
    journal: Option<(u64, u64)>,
    journals: &mut Journals<'_>,
) -> Result<(), StoreError> {
    let (pruned, damaged) = prune::read_markers(places.disk, places.dir);
    say_pruned(pruned.as_ref(), &damaged, survey, journals.findings);
    let mut expected = 1;
    if let Some(marker) = &pruned {
        let (number, seq) = beginning(places, survey, marker)?;
        journals.begin_after(seq);
        expected = number;
    }
    for (number, name) in &survey.history {
        let Some(mut lines) = Lines::open(places.disk, &places.dir.join(name))? else {
            continue;
        };
        // Moved here since the journal was opened: it is read as the journal.
        if Some(lines.identity) == journal {
            break;
        }
        if *number > expected {
            journals.miss_files(expected..=number - 1);
        }
        journals.walk(name, &mut lines)?;
        expected = number + 1;
    }
    Ok(())
}

/// Says what was removed, and what should have been.
fn say_pruned(
    pruned: Option<&prune::Marker>,
    damaged: &[u64],
    survey: &Survey,
    findings: &mut Findings,
) {
    let file = format!("{HISTORY}/{}", prune::MARKER);
    let damaged = damaged.iter().map(|line| {
        let says = "this line does not match its checksum; what was removed from the history stood \
                    there";
        Finding::new(Level::Look, Kind::Line, &file, says)
            .line(*line)
            .advice("put the file back from a backup")
    });
    findings.extend(damaged);
    let Some(pruned) = pruned else {
        return;
    };
    let says = format!(
        "the history up to transaction {} was removed with `certdeck store prune` on {}",
        pruned.seq,
        time::date(pruned.at)
    );
    findings.push(Finding::new(Level::Note, Kind::Pruned, &file, says));
    let still_there = survey.history.iter();
    let still_there = still_there.filter(|(number, _)| *number <= pruned.through);
    findings.extend(still_there.map(|(_, name)| {
        let says = "it was to be removed with `certdeck store prune`, and is still there";
        Finding::new(Level::Look, Kind::Leftover, name, says)
            .advice("remove it with the same command, which was interrupted")
    }));
}

/// The number of the first file that has to be there after some were removed, and the transaction
/// before it.
fn beginning(
    places: &Places<'_>,
    survey: &Survey,
    marker: &prune::Marker,
) -> Result<(u64, u64), StoreError> {
    let announced = (marker.through + 1, marker.seq);
    let first = survey.history.first();
    let Some((number, name)) = first.filter(|(number, _)| *number <= marker.through) else {
        return Ok(announced);
    };
    // Announced as removed, and a crash was quicker.
    let Some(mut lines) = Lines::open(places.disk, &places.dir.join(name))? else {
        return Ok(announced);
    };
    let first = lines
        .first()?
        .map(|(text, intact)| meaning(&text, intact, JOURNAL_FORMAT));
    let header = first.as_ref().and_then(First::header);
    Ok((*number, header.map_or(0, |header| header.through_seq)))
}

fn say_clock(now: Timestamp, last_at: Option<Timestamp>, ledger: &Ledger, findings: &mut Findings) {
    let last = last_at.into_iter().chain(ledger.latest()).max();
    findings.extend(clock_doubt::doubt(now, last).map(|doubt| {
        Finding::new(Level::Look, Kind::Clock, "", doubt.to_string()).advice(doubt.advice())
    }));
}

/// What stands behind the last whole line of the journal, unless its writer has finished it since.
fn torn_tail(journal: &mut Lines, spot: &Spot) -> Result<Option<Finding>, StoreError> {
    let tail = journal.tail(spot.offset)?;
    if pieces(&tail).first().is_none_or(|piece| piece.intact) {
        return Ok(None);
    }
    let says = "the last line is incomplete: it is being written now, or a crash left it; all \
        before it is whole";
    let torn = Finding::new(Level::Look, Kind::TornTail, JOURNAL, says).line(spot.line);
    Ok(Some(
        torn.fixable("moves it to damaged/, as the next change would"),
    ))
}

fn refused(error: &StoreError, level: Level) -> Finding {
    let kind = match error {
        StoreError::Planted { .. } => Kind::Planted,
        _ => Kind::Unreadable,
    };
    // The sentence says what to do, behind its last colon.
    Finding::new(level, kind, "", error.to_string())
}

fn nothing(dir: &Path) -> Finding {
    let says = "there is no store in this folder";
    Finding::new(
        Level::Unusable,
        Kind::Absent,
        &dir.display().to_string(),
        says,
    )
    .advice("check the path; any command that changes something makes a store")
}
