//! What `doctor` finds: one sentence each, how bad it is, and what to do now.
//!
//! Plain data. The checks beside it make findings, the engine adds its own, the command line
//! prints them. What they quote of others is raw: whoever prints makes it harmless.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::entry::EntryId;
use crate::store::image::{INVENTORY, JOURNAL};

/// How many findings of one kind are kept whole; of the others only the number is.
const MOST_ALIKE: usize = 100;

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// This certdeck can do nothing with the store.
    Unusable,
    /// Something is lost, or will be.
    Broken,
    /// Nothing is lost, and yet somebody should look at it.
    Look,
    /// Worth knowing.
    Note,
}

impl Level {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Unusable, Self::Broken, Self::Look, Self::Note];

    /// The level as JSON writes it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Unusable => "unusable",
            Self::Broken => "broken",
            Self::Look => "look",
            Self::Note => "note",
        }
    }

    /// The level as a heading.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unusable => "The store cannot be used",
            Self::Broken => "Broken",
            Self::Look => "To look at",
            Self::Note => "Notes",
        }
    }
}

/// What kind of finding it is; the id is stable, new ones are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// There is no store.
    Absent,
    /// A newer certdeck wrote it.
    Newer,
    /// It, or a part of it, belongs to somebody else.
    Owner,
    /// Something else stands where a file or folder of the store belongs.
    Planted,
    /// The system did not let it be read.
    Unreadable,
    /// A whole file is missing.
    FileMissing,
    /// A header cannot be read.
    Header,
    /// A line does not match its checksum, or has no meaning.
    Line,
    /// The snapshot has another number of lines than its header says.
    Count,
    /// Snapshot and journal do not belong together.
    Generation,
    /// Transactions are missing.
    TransactionsMissing,
    /// A transaction or an entry comes twice, or too late.
    Twice,
    /// The last line is incomplete.
    TornTail,
    /// The snapshot holds the journal already.
    Absorbed,
    /// An entry or account is not what the journals say.
    Changed,
    /// An entry or account that the journals know is not there.
    Lost,
    /// An entry or account is there that no journal knows.
    Unknown,
    /// The history begins later, because somebody asked for it.
    Pruned,
    /// A certificate that an entry names is missing.
    CertificateMissing,
    /// A certificate's file is not what its name says.
    CertificateWrong,
    /// No entry names this certificate.
    CertificateUnused,
    /// A revocation list's file does not hold the list that its name says.
    ListWrong,
    /// A private key that is held here, as an entry says, is missing.
    KeyMissing,
    /// A private key's file is not what its name says.
    KeyWrong,
    /// No entry uses this private key.
    KeyUnused,
    /// A private key is encrypted, so that nobody can say whether it is whole.
    KeyEncrypted,
    /// Others may read or change it.
    Loose,
    /// A crash left it.
    Leftover,
    /// It is not certdeck's.
    Stranger,
    /// Damaged bytes are kept here.
    KeptAside,
    /// The copy of what the list begins with is not of use.
    FirstPage,
    /// What is packed of the snapshot is not of use.
    Packed,
    /// A request was sent and nobody can say what came of it.
    OutcomeUnknown,
    /// A request has been waiting for its answer for long.
    RequestOpen,
    /// Entries belong to an account that is not configured.
    AccountMissing,
    /// Entries follow a lifecycle whose table is missing.
    LifecycleMissing,
    /// The clock looks wrong.
    Clock,
    /// The configuration is wrong, or others may read it.
    Configuration,
}

impl Kind {
    /// The kind as JSON writes it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Newer => "newer",
            Self::Owner => "owner",
            Self::Planted => "planted",
            Self::Unreadable => "unreadable",
            Self::FileMissing => "file-missing",
            Self::Header => "header",
            Self::Line => "line",
            Self::Count => "count",
            Self::Generation => "generation",
            Self::TransactionsMissing => "transactions-missing",
            Self::Twice => "twice",
            Self::TornTail => "torn-tail",
            Self::Absorbed => "absorbed",
            Self::Changed => "changed",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
            Self::Pruned => "pruned",
            Self::CertificateMissing => "certificate-missing",
            Self::CertificateWrong => "certificate-wrong",
            Self::CertificateUnused => "certificate-unused",
            Self::ListWrong => "list-wrong",
            Self::KeyMissing => "key-missing",
            Self::KeyWrong => "key-wrong",
            Self::KeyUnused => "key-unused",
            Self::KeyEncrypted => "key-encrypted",
            Self::Loose => "loose",
            Self::Leftover => "leftover",
            Self::Stranger => "stranger",
            Self::KeptAside => "kept-aside",
            Self::FirstPage => "first-page",
            Self::Packed => "packed",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::RequestOpen => "request-open",
            Self::AccountMissing => "account-missing",
            Self::LifecycleMissing => "lifecycle-missing",
            Self::Clock => "clock",
            Self::Configuration => "configuration",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What kind of finding it is.
    pub kind: Kind,
    /// The file or folder, relative to the store, or with its whole path where it lies elsewhere;
    /// empty where none is meant.
    pub file: String,
    /// The line in it, counted from 1; 0 where no single line is meant.
    pub line: u64,
    /// The entry that it is about.
    pub entry: Option<EntryId>,
    /// The transactions that it is about: the first and the last.
    pub transactions: Option<(u64, u64)>,
    /// What is so, in a sentence without its place and without a full stop.
    pub says: String,
    /// What to do now, in a sentence without a full stop.
    pub advice: String,
    /// Whether `doctor --fix` mends it, without losing anything.
    pub fixable: bool,
}

impl Finding {
    /// A finding about a file or folder; empty for none.
    pub(crate) fn new(level: Level, kind: Kind, file: &str, says: impl Into<String>) -> Self {
        Self {
            level,
            kind,
            file: file.to_owned(),
            line: 0,
            entry: None,
            transactions: None,
            says: says.into(),
            advice: String::new(),
            fixable: false,
        }
    }

    /// With the line.
    pub(crate) fn line(mut self, line: u64) -> Self {
        self.line = line;
        self
    }

    /// With the entry.
    pub(crate) fn entry(mut self, entry: &EntryId) -> Self {
        self.entry = Some(entry.clone());
        self
    }

    /// With the transactions.
    pub(crate) fn transactions(mut self, first: u64, last: u64) -> Self {
        self.transactions = Some((first, last));
        self
    }

    /// With what to do.
    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// That `--fix` mends it, with what it does.
    pub(crate) fn fixable(mut self, does: &str) -> Self {
        self.advice = format!("`certdeck doctor --fix` {does}");
        self.fixable = true;
        self
    }
}

/// Everything that was found. Of many alike the first are kept, and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    counts: BTreeMap<(Level, Kind), usize>,
    fixable: usize,
    /// What was found of the snapshot and of the journal, and whether `--fix` mends it: what is done
    /// next hangs on it, also where it is not kept whole.
    of_the_two: BTreeSet<(&'static str, Kind, bool)>,
}

impl Findings {
    /// Adds one.
    pub(crate) fn push(&mut self, finding: Finding) {
        let count = self
            .counts
            .entry((finding.level, finding.kind))
            .or_default();
        *count += 1;
        self.fixable += usize::from(finding.fixable);
        let of_the_two = [INVENTORY, JOURNAL].into_iter();
        for file in of_the_two.filter(|file| *file == finding.file) {
            let found = (file, finding.kind, finding.fixable);
            self.of_the_two.insert(found);
        }
        if *count <= MOST_ALIKE {
            self.list.push(finding);
        }
    }

    /// Adds all of them.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.push(finding);
        }
    }

    /// Those that were kept whole, in the order in which they were found.
    pub(crate) fn into_list(self) -> Vec<Finding> {
        self.list
    }

    /// Those that were kept whole, the worst first, otherwise in the order in which they were
    /// found.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut sorted: Vec<_> = self.list.iter().collect();
        sorted.sort_by_key(|finding| finding.level);
        sorted
    }

    /// The worst level; nothing where nothing was found.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.counts.keys().map(|(level, _)| *level).min()
    }

    /// How many there are of a level, those that were left off included.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        let of_level = self.counts.iter().filter(|((of, _), _)| *of == level);
        of_level.map(|(_, count)| count).sum()
    }

    /// How many there are of a kind, those that were left off included.
    #[must_use]
    pub fn of(&self, kind: Kind) -> usize {
        let of_kind = self.counts.iter().filter(|((_, of), _)| *of == kind);
        of_kind.map(|(_, count)| count).sum()
    }

    /// How many `--fix` mends, those that were left off included.
    #[must_use]
    pub fn fixable(&self) -> usize {
        self.fixable
    }

    /// Whether `--fix` mends something of this kind in the snapshot or in the journal.
    pub(crate) fn fixes(&self, file: &'static str, kind: Kind) -> bool {
        self.of_the_two.contains(&(file, kind, true))
    }

    /// Whether there is one of this kind about the snapshot or the journal.
    pub(crate) fn about(&self, file: &'static str, kind: Kind) -> bool {
        self.fixes(file, kind) || self.of_the_two.contains(&(file, kind, false))
    }

    /// Of which there are more than were kept, and how many more.
    pub fn left_off(&self) -> impl Iterator<Item = (Level, Kind, usize)> {
        let many = self.counts.iter().filter(|(_, count)| **count > MOST_ALIKE);
        many.map(|((level, kind), count)| (*level, *kind, count - MOST_ALIKE))
    }

    /// Whether one of this kind is among them, or was left off.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.counts.keys().any(|(_, of)| *of == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_alike_the_first_are_kept_and_all_are_counted() {
        let mut findings = Findings::default();
        for number in 0..MOST_ALIKE + 7 {
            let says = format!("number {number}");
            findings.push(Finding::new(Level::Note, Kind::Stranger, "x", says));
        }
        let broken = Finding::new(Level::Broken, Kind::Line, "y", "torn").fixable("mends it");
        findings.push(broken);
        assert_eq!(findings.sorted().len(), MOST_ALIKE + 1);
        assert_eq!(findings.sorted()[0].level, Level::Broken);
        assert_eq!(findings.count(Level::Note), MOST_ALIKE + 7);
        assert_eq!(findings.worst(), Some(Level::Broken));
        assert_eq!(findings.fixable(), 1);
        for _ in 0..MOST_ALIKE {
            findings.push(Finding::new(Level::Broken, Kind::Line, "y", "torn"));
        }
        let late = Finding::new(Level::Broken, Kind::Line, INVENTORY, "torn");
        findings.push(late.fixable("mends it"));
        assert!(
            findings.fixes(INVENTORY, Kind::Line),
            "though it is not kept"
        );
        assert!(!findings.about(JOURNAL, Kind::Line));
        let left: Vec<_> = findings.left_off().collect();
        let lines = (Level::Broken, Kind::Line, 2);
        assert_eq!(left, [lines, (Level::Note, Kind::Stranger, 7)]);
    }
}
