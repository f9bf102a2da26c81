//! Examining a store: reading everything in it without changing anything, and saying what is
//! wrong, how bad that is, and what to do.
//!
//! It holds no lock, so that it never holds up a writer, and works on stores that
//! [`Store::open`](super::Store::open) refuses. Where something looks half-way it takes the lock for
//! an instant, to tell what a crash left from what somebody does just now; where something looks
//! wrong and others swapped or pruned meanwhile, it looks again. Entries pass by one at a time: what is held of each
//! is a digest. `mend` alone changes anything, under the lock. The engine calls both.
//!
//! What is compared: every line with its checksum; every transaction's number with the one before,
//! through all journals; each entry in the snapshot with the value that the journals wrote last;
//! the lock's mark with the last transaction; keys and certificates with their names and with who
//! names them. A checksum is no signature: an edit that has a right checksum is found where it
//! makes snapshot and history disagree, and a past that nothing disagrees with is believed.

mod beside;
mod calm;
mod finding;
mod journals;
mod ledger;
pub(super) mod lines;
mod mend;
mod pair;
mod places;
mod snapshot;
mod vault;
mod watched;

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;

use super::compact::history_number;
use super::disk::Disk;
use super::error::StoreError;
use super::image::{First, INVENTORY, JOURNAL, meaning};
use super::line::pieces;
use super::lock::read_mark;
use super::mend::HISTORY;
use super::prune;
use super::record::{Header, JOURNAL_FORMAT};
use crate::domain::{clock_doubt, time};

pub use finding::{Finding, Findings, Kind, Level};
pub use ledger::{Named, Present, Waiting};
pub use mend::{Mended, mend};
pub use watched::{Seen, Watched};

use calm::{Calm, Left};
use journals::{Journals, Spot};
use ledger::{Fingerprint, Ledger, fingerprint};
use lines::Lines;
use pair::Pair;
use places::{Places, Survey};
use snapshot::{Judge, Missing};

/// How often everything is looked at, where others change it meanwhile.
const LOOKS: usize = 5;

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

    /// Whether something was found that others may have caused while it was looked for.
    fn is_doubtful(&self) -> bool {
        let unused = [Kind::KeyUnused, Kind::CertificateUnused];
        self.findings.fixable() > 0
            || self
                .findings
                .worst()
                .is_some_and(|worst| worst < Level::Note)
            || unused.into_iter().any(|kind| self.findings.has(kind))
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
    for _ in 1..LOOKS {
        let before = moment(disk, dir);
        let examination = examine_once(&Calm::new(disk, dir, false), now);
        // What looks wrong may come from files that were moved or removed while they were read.
        if !examination.is_doubtful() || moment(disk, dir) == before {
            return examination;
        }
    }
    examine_once(&Calm::new(disk, dir, false), now)
}

/// The same for who holds the lock.
fn examine_alone(disk: &dyn Disk, dir: &Path, now: Timestamp) -> Examination {
    examine_once(&Calm::new(disk, dir, true), now)
}

/// What changes with each swap and each prune: the names in the history, and who the snapshot is.
fn moment(disk: &dyn Disk, dir: &Path) -> (Vec<String>, Option<(u64, u64)>) {
    let mut names = disk.names(&dir.join(HISTORY)).unwrap_or_default();
    names.retain(|name| history_number(name).is_some());
    names.sort_unstable();
    let look = disk.look(&dir.join(INVENTORY)).ok().flatten();
    (names, look.map(|look| look.identity))
}

/// Looks at everything once.
fn examine_once(calm: &Calm<'_>, now: Timestamp) -> Examination {
    let mut examination = examine_inside(calm, now);
    beside::say_cut_off(calm.disk, calm.dir, &mut examination.findings);
    examination
}

fn examine_inside(calm: &Calm<'_>, now: Timestamp) -> Examination {
    let (disk, dir) = (calm.disk, calm.dir);
    let mut examination = Examination::default();
    let places = Places { disk, dir };
    if !places.root(&mut examination.findings) {
        return examination;
    }
    // Before the journal: read after it, it could name a line written meanwhile.
    let mark = read_mark(disk, dir);
    let pair = Pair::open_calm(calm);
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
        let scene = Scene {
            places: &places,
            calm,
            survey: &survey,
            mark,
        };
        let read = scene.read(pair, now, &mut examination);
        let refused = read.err().map(|error| refused(&error, Level::Broken));
        examination.findings.extend(refused);
    }
    places.say_unfinished(&survey, calm, &mut examination.findings);
    beside::say_first_page(disk, dir, &mut examination.findings);
    beside::say_packed(disk, dir, &mut examination.findings);
    examination
}

/// What an examination goes by.
struct Scene<'a> {
    places: &'a Places<'a>,
    calm: &'a Calm<'a>,
    survey: &'a Survey,
    /// The last transaction that was acknowledged.
    mark: u64,
}

impl Scene<'_> {
    /// Reads everything.
    fn read(
        &self,
        mut pair: Pair,
        now: Timestamp,
        examination: &mut Examination,
    ) -> Result<(), StoreError> {
        let mut ledger = Ledger::default();
        pair.say(self.mark, &mut examination.findings);
        let walked = self.walk_journals(&mut pair, &mut ledger, examination)?;
        examination.last_written = walked.last_at;
        compare(&mut pair, walked.gap, &mut ledger, examination)?;
        ledger.settle();
        say_clock(now, walked.last_at, &ledger, &mut examination.findings);
        let mut wanted = std::mem::take(&mut ledger.wanted);
        if let Some(journal) = &mut pair.journal {
            wanted.since = named_since(journal)?;
        }
        let survey = self.survey;
        vault::look(self.places, survey, wanted, &mut examination.findings);
        examination.looked.keys = survey.keys.len() as u64;
        examination.looked.certificates = survey.certificates.len() as u64;
        examination.looked.entries = ledger.present.entries;
        examination.present = ledger.present;
        if let (Some(journal), Some(spot)) = (&mut pair.journal, walked.torn) {
            let torn = torn_tail(journal, &spot, self.calm)?;
            examination.findings.extend(torn);
        }
        Ok(())
    }

    fn walk_journals(
        &self,
        pair: &mut Pair,
        ledger: &mut Ledger,
        examination: &mut Examination,
    ) -> Result<Walked, StoreError> {
        let mixed = pair.is_mixed();
        let header = pair.snapshot_first.header();
        let mut journals = Journals::new(
            &mut examination.findings,
            ledger,
            &mut examination.looked,
            header.map(|header| header.through_seq),
        );
        self.walk_history(pair, &mut journals)?;
        if let Some(journal) = pair.journal.as_mut().filter(|_| !mixed) {
            journals.walk(JOURNAL, journal)?;
        }
        let acknowledged = if mixed {
            0
        } else {
            pair.through().max(self.mark)
        };
        let torn = journals.end(acknowledged, pair.journal.is_some());
        let (gap, last_at) = (journals.gap, journals.last_at);
        examination.findings.extend(pair.absorbed());
        Ok(Walked { gap, last_at, torn })
    }

    /// Walks through the history, oldest first.
    fn walk_history(&self, pair: &Pair, journals: &mut Journals<'_>) -> Result<(), StoreError> {
        let (places, survey) = (self.places, self.survey);
        let journal = pair.journal.as_ref().map(|journal| journal.identity);
        let generation = pair.journal_first.header().map(|header| header.generation);
        let generation = generation.filter(|_| !pair.is_mixed());
        let (pruned, damaged) = prune::read_markers(places.disk, places.dir);
        self.say_pruned(pruned.as_ref(), &damaged, journals.findings);
        let mut expected = 1;
        if let Some(marker) = &pruned {
            let (number, seq) = beginning(places, survey, marker)?;
            journals.begin_after(seq);
            expected = number;
        }
        for (number, name) in &survey.history {
            let mut lines = match Lines::open(places.disk, &places.dir.join(name)) {
                Ok(Some(lines)) => lines,
                Ok(None) => continue,
                Err(error) => {
                    journals.findings.push(refused(&error, Level::Broken));
                    expected = number + 1;
                    continue;
                }
            };
            // Brought here since the journal was opened, or before a crash: it is read as the journal.
            let of_history = header_of(&mut lines)?.map(|header| header.generation);
            let is_journal = of_history.is_some_and(|of| generation.is_some_and(|now| of >= now));
            if is_journal || Some(lines.identity) == journal {
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
    fn say_pruned(&self, pruned: Option<&prune::Marker>, damaged: &[u64], findings: &mut Findings) {
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
        let still_there = self.survey.history.iter();
        let still_there = still_there.filter(|(number, _)| *number <= pruned.through);
        for (_, name) in still_there {
            let path = self.places.dir.join(name);
            let is_there = || matches!(self.places.disk.look(&path), Ok(Some(_)));
            if self.calm.judge(is_there) != Left::ByCrash {
                // It is being removed just now.
                continue;
            }
            let says = "it was to be removed with `certdeck store prune`, and is still there";
            let left = Finding::new(Level::Look, Kind::Leftover, name, says);
            findings.push(left.advice("remove it with the same command, which was interrupted"));
        }
    }
}

/// What came of the walk through all journals.
struct Walked {
    gap: u64,
    last_at: Option<Timestamp>,
    torn: Option<Spot>,
}

/// Compares the snapshot with what the journals wrote last.
fn compare(
    pair: &mut Pair,
    gap: u64,
    ledger: &mut Ledger,
    examination: &mut Examination,
) -> Result<(), StoreError> {
    let Some(snapshot) = &mut pair.snapshot else {
        return Ok(());
    };
    let header = pair.snapshot_first.header();
    let judge = Judge {
        gap,
        comparable: header.is_some(),
        count: header.and_then(|header| header.count),
        has_head: pair.snapshot_has_head,
    };
    let Examination {
        looked, findings, ..
    } = examination;
    examination.missing = snapshot::walk(snapshot, &judge, ledger, looked, findings)?;
    Ok(())
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
    let header = header_of(&mut lines)?;
    Ok((*number, header.map_or(0, |header| header.through_seq)))
}

/// A journal's header.
fn header_of(lines: &mut Lines) -> Result<Option<Header>, StoreError> {
    let first = lines.first()?;
    let first = first.map(|(text, intact)| meaning(&text, intact, JOURNAL_FORMAT));
    Ok(first.as_ref().and_then(First::header).cloned())
}

fn say_clock(now: Timestamp, last_at: Option<Timestamp>, ledger: &Ledger, findings: &mut Findings) {
    let last = last_at.into_iter().chain(ledger.latest()).max();
    findings.extend(clock_doubt::doubt(now, last).map(|doubt| {
        Finding::new(Level::Look, Kind::Clock, "", doubt.to_string()).advice(doubt.advice())
    }));
}

/// The keys and certificates that are named in what was appended since a journal was opened: their
/// files were seen, and the lines that name them were not.
fn named_since(journal: &mut Lines) -> Result<HashSet<Fingerprint>, StoreError> {
    let tail = journal.tail(journal.length)?;
    let words = tail.split(|byte| !byte.is_ascii_hexdigit());
    let names = words.filter_map(|word| fingerprint(std::str::from_utf8(word).ok()?));
    Ok(names.collect())
}

/// What stands behind the last whole line of the journal, unless its writer has finished it since.
fn torn_tail(
    journal: &mut Lines,
    spot: &Spot,
    calm: &Calm<'_>,
) -> Result<Option<Finding>, StoreError> {
    let mut read = Ok(());
    let left = calm.judge(|| match journal.tail(spot.offset) {
        Ok(tail) => pieces(&tail).first().is_some_and(|piece| !piece.intact),
        Err(error) => {
            read = Err(error);
            false
        }
    });
    read?;
    let torn = |level, says| Finding::new(level, Kind::TornTail, JOURNAL, says).line(spot.line);
    if left == Left::Busy {
        let says = "the last line is being written just now, it seems";
        let busy = torn(Level::Note, says);
        return Ok(Some(busy.advice("wait until that is done, and look again")));
    }
    if left == Left::Nothing {
        return Ok(None);
    }
    let says = "the last line is incomplete: a crash left it; all before it is whole";
    let torn = torn(Level::Look, says);
    let does = "moves it to damaged/, as the next change would";
    Ok(Some(torn.fixable(does)))
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
