//! Walking through the snapshot, and comparing each line with what the journals say.
//!
//! It reads and judges, and holds one line at a time. `doctor` calls it after the journals.

use std::collections::{BTreeSet, HashSet};

use crate::domain::account::AccountRecord;
use crate::domain::entry::{Entry, EntryId};
use crate::store::error::StoreError;
use crate::store::image::INVENTORY;
use crate::store::record::ReadSnapshotLine;

use super::Looked;
use super::finding::{Finding, Findings, Kind, Level};
use super::ledger::{Digest, Ledger, digest};
use super::lines::{Line, Lines};

const FROM_BACKUP: &str = "put the whole store back from a backup; certdeck works with what it \
    could read meanwhile, and nothing is written over it";
const COMPARE: &str = "compare it with `certdeck history` and with the provider; if somebody edited \
    the file on purpose, `certdeck store prune` makes an end of the history that contradicts it";
const RESTORES: &str =
    "brings it back as the history has it, and keeps the damaged file in damaged/";

/// What the walk goes by.
pub(super) struct Judge {
    /// What was written last up to this transaction may have been changed by one that nobody can
    /// read.
    pub(super) gap: u64,
    /// Whether the snapshot's header says how far it goes; without that nothing can be compared.
    pub(super) comparable: bool,
    /// How many lines the header says there are.
    pub(super) count: Option<u64>,
    /// Whether the first line is the header, or what is left of it.
    pub(super) has_head: bool,
}

/// What came of the walk.
#[derive(Clone, Debug, Default)]
pub(super) struct Missing {
    /// Entries that are not there, and whose last value stands in the history.
    pub(super) entries: BTreeSet<EntryId>,
    /// Accounts likewise.
    pub(super) accounts: BTreeSet<String>,
    /// Whether everything that is damaged can be brought back.
    pub(super) all: bool,
}

/// Walks through the snapshot.
pub(super) fn walk(
    lines: &mut Lines,
    judge: &Judge,
    ledger: &mut Ledger,
    looked: &mut Looked,
    findings: &mut Findings,
) -> Result<Missing, StoreError> {
    let mut walk = Walk {
        judge,
        ledger,
        looked,
        findings,
        unknown: HashSet::new(),
        damaged: Vec::new(),
        found: 0,
    };
    walk.looked.files += 1;
    lines.each(|line| walk.line(&line, read(line)))?;
    Ok(walk.end())
}

struct Walk<'a> {
    judge: &'a Judge,
    ledger: &'a mut Ledger,
    looked: &'a mut Looked,
    findings: &'a mut Findings,
    /// Entries of which no journal knows.
    unknown: HashSet<EntryId>,
    damaged: Vec<u64>,
    found: u64,
}

/// What a line says.
enum Said {
    Entry(Box<Entry>, Digest),
    Account(AccountRecord, Digest),
    Nothing,
}

fn read(line: Line<'_>) -> Said {
    let read = || serde_json::from_slice::<ReadSnapshotLine>(line.text).ok();
    let read = line.intact.then(read).flatten();
    match read.map(|read| (read.entry, read.account)) {
        Some((Some(entry), None)) => {
            let digest = digest(&entry);
            Said::Entry(Box::new(entry), digest)
        }
        Some((None, Some(account))) => {
            let digest = digest(&account);
            Said::Account(account, digest)
        }
        _ => Said::Nothing,
    }
}

impl Walk<'_> {
    fn line(&mut self, line: &Line<'_>, said: Said) {
        self.looked.lines += 1;
        if line.number == 1 && self.judge.has_head {
            return;
        }
        match said {
            Said::Entry(entry, digest) => self.entry(line.number, &entry, digest),
            Said::Account(account, digest) => self.account(line.number, &account, digest),
            Said::Nothing => self.damaged.push(line.number),
        }
    }

    fn entry(&mut self, line: u64, entry: &Entry, digest: Digest) {
        self.found += 1;
        let (mut twice, mut changed) = (false, None);
        match self.ledger.entries.get_mut(&entry.id) {
            Some(known) => {
                twice = std::mem::replace(&mut known.seen, true);
                let differs = known.digest != digest && known.seq > self.judge.gap;
                changed = differs.then_some(known.seq);
            }
            None => twice |= !self.unknown.insert(entry.id.clone()),
        }
        let what = format!("entry {}", entry.id);
        if twice {
            self.push(
                Kind::Twice,
                line,
                &entry.id,
                format!("{what} stands here twice"),
            );
        } else if self.judge.comparable {
            if let Some(seq) = changed {
                self.push(Kind::Changed, line, &entry.id, differs(&what, seq));
            } else if self.judge.gap == 0 && self.unknown.contains(&entry.id) {
                self.push(Kind::Unknown, line, &entry.id, unknown(&what));
            }
        }
        if !twice {
            self.ledger.entry_in_snapshot(entry);
        }
    }

    fn account(&mut self, line: u64, account: &AccountRecord, digest: Digest) {
        self.found += 1;
        self.looked.accounts += 1;
        let what = format!("the record of account {}", account.name);
        let known = self.ledger.accounts.get_mut(&account.name);
        let twice = known.is_some_and(|known| std::mem::replace(&mut known.seen, true));
        let finding = match self.ledger.accounts.get(&account.name) {
            _ if !self.judge.comparable => None,
            Some(_) if twice => Some((Kind::Twice, format!("{what} stands here twice"))),
            Some(known) if known.digest != digest && known.seq > self.judge.gap => {
                Some((Kind::Changed, differs(&what, known.seq)))
            }
            None if self.judge.gap == 0 => Some((Kind::Unknown, unknown(&what))),
            _ => None,
        };
        if let Some((kind, says)) = finding {
            let finding = Finding::new(Level::Broken, kind, INVENTORY, says);
            self.findings.push(finding.line(line).advice(COMPARE));
        }
        self.ledger.account_now(account);
    }

    fn push(&mut self, kind: Kind, line: u64, entry: &EntryId, says: String) {
        let finding = Finding::new(Level::Broken, kind, INVENTORY, says);
        self.findings
            .push(finding.line(line).entry(entry).advice(COMPARE));
    }

    /// What should be there and is not.
    fn end(mut self) -> Missing {
        let mut missing = Missing {
            all: self.judge.comparable,
            ..Missing::default()
        };
        let mut lost = Vec::new();
        for (id, known) in &self.ledger.entries {
            if !known.seen && self.judge.comparable && !self.ledger.beyond.contains_key(id) {
                lost.push((id.clone(), known.seq > self.judge.gap));
            }
        }
        lost.sort();
        for (id, latest) in lost {
            missing.all &= latest;
            self.findings.push(lost_entry(&id, latest));
            missing.entries.extend(latest.then_some(id));
        }
        let accounts = self.ledger.accounts.iter();
        let lost: Vec<_> = accounts
            .filter(|(name, known)| {
                let beyond = self.ledger.accounts_beyond.contains(*name);
                !known.seen && self.judge.comparable && !beyond
            })
            .map(|(name, known)| (name.clone(), known.seq > self.judge.gap))
            .collect();
        for (name, latest) in lost {
            missing.all &= latest;
            self.findings.push(lost_account(&name, latest));
            missing.accounts.extend(latest.then_some(name));
        }
        // Where the history does not reach back to the beginning, a damaged line may have held what
        // it does not know.
        missing.all &= self.judge.gap == 0;
        self.say_damage(missing.all);
        missing
    }

    fn say_damage(&mut self, restorable: bool) {
        for line in std::mem::take(&mut self.damaged) {
            self.found += 1;
            let says = "this line does not match its checksum; what it says cannot be used";
            let finding = Finding::new(Level::Broken, Kind::Line, INVENTORY, says);
            self.findings.push(mendable(finding.line(line), restorable));
        }
        let found = self.found;
        let Some(expected) = self.judge.count.filter(|expected| *expected != found) else {
            return;
        };
        let says =
            format!("its header says {expected} entries and accounts, and {found} are there");
        let finding = Finding::new(Level::Broken, Kind::Count, INVENTORY, says);
        self.findings.push(mendable(finding, restorable));
    }
}

/// With what to do: everything is in the history, or not.
fn mendable(finding: Finding, restorable: bool) -> Finding {
    if restorable {
        finding.fixable(RESTORES)
    } else {
        finding.advice(FROM_BACKUP)
    }
}

fn differs(what: &str, seq: u64) -> String {
    format!("{what} is not what transaction {seq}, the last that wrote it, says: it was edited")
}

fn unknown(what: &str) -> String {
    format!("{what} stands here, and no transaction ever wrote it")
}

fn lost_entry(id: &EntryId, latest: bool) -> Finding {
    let says = format!("entry {id} is not there, though the journals say that it should be");
    let finding = Finding::new(Level::Broken, Kind::Lost, INVENTORY, says).entry(id);
    mendable(finding, latest)
}

fn lost_account(name: &str, latest: bool) -> Finding {
    let says =
        format!("the record of account {name} is not there, though the journals say it should be");
    let finding = Finding::new(Level::Broken, Kind::Lost, INVENTORY, says);
    mendable(finding, latest)
}
