//! Walking through all journals, oldest first: every line, every number, nothing twice, nothing
//! left out.
//!
//! It reads and judges. What a line says goes into the ledger; what is wrong becomes a finding.
//! `doctor` calls it.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use crate::store::error::StoreError;
use crate::store::image::{First, JOURNAL, meaning};
use crate::store::mend::HISTORY;
use crate::store::record::{Header, JOURNAL_FORMAT, ReadJournalLine};

use super::Looked;
use super::finding::{Finding, Findings, Kind, Level};
use super::ledger::{Digest, Ledger, digest};
use super::lines::{Line, Lines};

/// What to do about a part of the history that is gone.
const FROM_BACKUP: &str = "put the file back from a backup; without one, what it said is lost, and \
    `certdeck store prune` takes a damaged part out of the history when you have accepted that";
/// What to do about a part of the journal that is gone.
const JOURNAL_FROM_BACKUP: &str = "put the whole store back from a backup; without one, what it \
    said is lost, and certdeck goes on with the rest: look at what changed about then";

/// What to do about the end of the history where there is no journal.
const NO_JOURNAL: &str = "put journal.jsonl back from a backup, where they stand";

/// A damaged stretch that no intact line followed yet.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) file: String,
    pub(super) line: u64,
    pub(super) offset: u64,
    /// Its checksum is right, and still it says nothing that this certdeck understands.
    meaningless: bool,
}

/// What a line says, with a digest of each value in it.
struct Read {
    line: ReadJournalLine,
    entries: Vec<Digest>,
    accounts: Vec<Digest>,
}

fn read(line: Line<'_>) -> Option<Read> {
    let read = || serde_json::from_slice::<ReadJournalLine>(line.text).ok();
    let line = line.intact.then(read).flatten()?;
    Some(Read {
        entries: line.entries.iter().map(digest).collect(),
        accounts: line.accounts.iter().map(digest).collect(),
        line,
    })
}

/// The walk.
pub(super) struct Journals<'a> {
    pub(super) findings: &'a mut Findings,
    pub(super) ledger: &'a mut Ledger,
    pub(super) looked: &'a mut Looked,
    /// The last transaction that the snapshot holds; nothing where nobody knows.
    pub(super) through: Option<u64>,
    /// The last transaction that was met.
    pub(super) seq: u64,
    /// The last transaction of which nobody knows what it said: what was written last before it
    /// may have been changed by it.
    pub(super) gap: u64,
    /// When the last transaction was written.
    pub(super) last_at: Option<Timestamp>,
    pending: Vec<Spot>,
    files_missing: Option<RangeInclusive<u64>>,
}

impl<'a> Journals<'a> {
    pub(super) fn new(
        findings: &'a mut Findings,
        ledger: &'a mut Ledger,
        looked: &'a mut Looked,
        through: Option<u64>,
    ) -> Self {
        Self {
            findings,
            ledger,
            looked,
            through,
            seq: 0,
            gap: 0,
            last_at: None,
            pending: Vec::new(),
            files_missing: None,
        }
    }

    /// Begins after this transaction: what was before was taken away on purpose.
    pub(super) fn begin_after(&mut self, seq: u64) {
        self.seq = seq;
        self.gap = seq;
    }

    /// That these numbers of the history have no file.
    pub(super) fn miss_files(&mut self, numbers: RangeInclusive<u64>) {
        self.files_missing = Some(numbers);
    }

    /// Walks through one file.
    pub(super) fn walk(&mut self, name: &str, lines: &mut Lines) -> Result<(), StoreError> {
        self.looked.files += 1;
        lines.each(|line| {
            self.looked.lines += 1;
            if line.number > 1 || !self.is_header(name, &line) {
                self.line(name, &line, read(line));
            }
        })
    }

    /// Whether the first line is no transaction; what it says of the order is checked.
    fn is_header(&mut self, name: &str, line: &Line<'_>) -> bool {
        match meaning(line.text, line.intact, JOURNAL_FORMAT) {
            First::Header(header) => self.header(name, &header),
            First::Newer(version) => {
                let says = format!("it has format version {version}, which a newer certdeck wrote");
                let newer = Finding::new(Level::Broken, Kind::Newer, name, says).line(1);
                self.findings.push(newer.advice("use the newer certdeck"));
            }
            First::Unreadable => {
                let says = "its header cannot be read; the lines after it are";
                let level = match name {
                    JOURNAL => Level::Broken,
                    // Nobody needs it there: the numbers of the lines say what is missing.
                    _ => Level::Note,
                };
                let header = Finding::new(level, Kind::Header, name, says).line(1);
                self.findings.push(match name {
                    // It is made up from the other one, where that can be read.
                    JOURNAL if self.through.is_some() => header.fixable(
                        "writes a new snapshot, and with it a new header; the damaged bytes are \
                         kept",
                    ),
                    JOURNAL => header.advice(JOURNAL_FROM_BACKUP),
                    _ => header,
                });
                // A first line that is whole belongs to the content.
                return !line.intact;
            }
        }
        true
    }

    fn header(&mut self, name: &str, header: &Header) {
        if header.through_seq > self.seq {
            self.missing(name, 1, header.through_seq);
            self.seq = header.through_seq;
        }
    }

    fn line(&mut self, name: &str, line: &Line<'_>, read: Option<Read>) {
        match read {
            Some(read) => self.transaction(name, line.number, read),
            None => self.pending.push(Spot {
                file: name.to_owned(),
                line: line.number,
                offset: line.offset,
                meaningless: line.intact,
            }),
        }
    }

    fn transaction(&mut self, name: &str, line: u64, read: Read) {
        let Read {
            line: transaction,
            entries,
            accounts,
        } = read;
        let seq = transaction.seq;
        self.looked.transactions += 1;
        if seq <= self.seq {
            self.twice(name, line, seq);
            return;
        }
        if seq > self.seq + 1 {
            self.missing(name, line, seq - 1);
        }
        self.nothing_lost();
        self.seq = seq;
        self.last_at = Some(transaction.at);
        for event in &transaction.events {
            self.ledger.event(event);
        }
        self.looked.events += transaction.events.len() as u64;
        if self.through.is_some_and(|through| seq <= through) {
            for (entry, digest) in transaction.entries.into_iter().zip(entries) {
                self.ledger.entry_within(entry, digest, seq);
            }
            for (account, digest) in transaction.accounts.into_iter().zip(accounts) {
                self.ledger.account_within(account, digest, seq);
            }
        } else {
            for entry in &transaction.entries {
                self.ledger.entry_beyond(entry);
            }
            for account in &transaction.accounts {
                self.ledger.account_beyond(account);
            }
        }
    }

    fn twice(&mut self, name: &str, line: u64, seq: u64) {
        let says = format!(
            "transaction {seq} comes twice or too late: transaction {} came before it, and certdeck \
             leaves this line out",
            self.seq
        );
        let twice = Finding::new(Level::Broken, Kind::Twice, name, says);
        self.findings
            .push(twice.line(line).transactions(seq, seq).advice(
                "see whether the file was put together by hand, and put it back from a backup",
            ));
    }

    /// That the transactions after the last one up to `to` are not there.
    fn missing(&mut self, name: &str, line: u64, to: u64) {
        let from = self.seq + 1;
        self.gap = to;
        let spots = std::mem::take(&mut self.pending);
        let readable = spots.len() as u64;
        for (spot, first) in spots
            .iter()
            .zip(std::iter::once(true).chain(std::iter::repeat(false)))
        {
            let lost = if first { Some((from, to)) } else { None };
            self.findings.push(damaged(spot, lost));
        }
        if let Some(numbers) = self.files_missing.take() {
            self.findings.push(file_missing(&numbers, Some((from, to))));
        } else if readable < to - from + 1 {
            let says = format!("{} before this line", are_missing(from, to));
            let finding = Finding::new(Level::Broken, Kind::TransactionsMissing, name, says);
            self.findings.push(
                finding
                    .line(line)
                    .transactions(from, to)
                    .advice(from_backup(name)),
            );
        }
    }

    /// What was held against the last lines did no harm: no transaction is missing.
    fn nothing_lost(&mut self) {
        for spot in std::mem::take(&mut self.pending) {
            self.findings.push(damaged(&spot, None));
        }
        if let Some(numbers) = self.files_missing.take() {
            self.findings.push(file_missing(&numbers, None));
        }
    }

    /// Ends the walk: the transactions up to `acknowledged` have to be there. Gives what is left
    /// behind the last whole line of the journal.
    pub(super) fn end(&mut self, acknowledged: u64, has_journal: bool) -> Option<Spot> {
        let torn = self
            .pending
            .first()
            .filter(|spot| spot.file == JOURNAL)
            .cloned();
        self.pending.retain(|spot| spot.file != JOURNAL);
        self.nothing_lost();
        if acknowledged > self.seq {
            let (from, to) = (self.seq + 1, acknowledged);
            let file = if has_journal { JOURNAL } else { HISTORY };
            let says = format!(
                "{} at the end, though it was acknowledged that everything up to {to} was written",
                are_missing(from, to)
            );
            let finding = Finding::new(Level::Broken, Kind::TransactionsMissing, file, says);
            let advice = if has_journal {
                from_backup(file)
            } else {
                NO_JOURNAL
            };
            self.findings
                .push(finding.transactions(from, to).advice(advice));
            self.gap = to;
        }
        torn
    }
}

/// What to do about what is gone from a file.
fn from_backup(file: &str) -> &'static str {
    if file == JOURNAL {
        JOURNAL_FROM_BACKUP
    } else {
        FROM_BACKUP
    }
}

fn transactions(from: u64, to: u64) -> String {
    if from == to {
        format!("transaction {from}")
    } else {
        format!("transactions {from} to {to}")
    }
}

fn are_missing(from: u64, to: u64) -> String {
    let verb = if from == to { "is" } else { "are" };
    format!("{} {verb} missing", transactions(from, to))
}

fn damaged(spot: &Spot, lost: Option<(u64, u64)>) -> Finding {
    let wrong = if spot.meaningless {
        "this line has the right checksum and no meaning"
    } else {
        "this line does not match its checksum"
    };
    let finding = |level, says: String| {
        Finding::new(level, Kind::Line, &spot.file, format!("{wrong}; {says}")).line(spot.line)
    };
    let Some((from, to)) = lost else {
        return finding(Level::Look, "no transaction is missing".to_owned())
            .advice("see what stands there; certdeck leaves it out");
    };
    let says = format!("what {} did is lost", transactions(from, to));
    finding(Level::Broken, says)
        .transactions(from, to)
        .advice(from_backup(&spot.file))
}

fn file_missing(numbers: &RangeInclusive<u64>, lost: Option<(u64, u64)>) -> Finding {
    let (from, to) = (numbers.start(), numbers.end());
    let name = |number: &u64| format!("{HISTORY}/{number:03}.jsonl");
    let file = name(from);
    let files = if from == to {
        "this file is missing".to_owned()
    } else {
        format!("the files from this one to {} are missing", name(to))
    };
    let Some((from, to)) = lost else {
        let says = format!("{files}; no transaction is");
        return Finding::new(Level::Look, Kind::FileMissing, &file, says)
            .advice("put it back from a backup, if you have it: nothing is lost without it");
    };
    let says = format!(
        "{files}, and with it {} of the history",
        transactions(from, to)
    );
    Finding::new(Level::Broken, Kind::FileMissing, &file, says)
        .transactions(from, to)
        .advice("put it back from a backup; what the entries are now is not touched by this")
}
