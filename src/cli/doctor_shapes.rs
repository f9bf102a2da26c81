//! The JSON of `doctor`: its shape is stable, keys are only ever added.
//!
//! Pure data, by the same rules as the other shapes.

use serde::Serialize;

use crate::engine::doctor::{Examination, Finding, Level, Mended};

/// `doctor --json`.
#[derive(Debug, Serialize)]
pub(super) struct DoctorShape<'a> {
    /// The exit code: 0 nothing wrong, 10 something to look at, 11 broken, 5 unusable.
    exit: u8,
    /// The store's folder.
    store: &'a str,
    /// How much was looked at.
    looked_at: LookedShape,
    /// How many findings there are of each level.
    counts: CountsShape,
    /// What was mended, in the order in which it was.
    mended: Vec<MendedShape<'a>>,
    /// What is wrong or worth knowing, the worst first.
    findings: Vec<FindingShape<'a>>,
    /// Of which kinds there are more than `findings` lists, and how many more.
    left_off: Vec<LeftOffShape>,
}

#[derive(Debug, Serialize)]
struct LookedShape {
    files: u64,
    lines: u64,
    transactions: u64,
    events: u64,
    entries: u64,
    keys: u64,
    certificates: u64,
}

#[derive(Debug, Serialize)]
struct CountsShape {
    unusable: usize,
    broken: usize,
    look: usize,
    note: usize,
    /// How many of them `--fix` mends.
    fixable: usize,
}

#[derive(Debug, Serialize)]
struct MendedShape<'a> {
    /// Relative to the store.
    file: &'a str,
    says: &'a str,
}

#[derive(Debug, Serialize)]
struct FindingShape<'a> {
    /// `unusable`, `broken`, `look` or `note`.
    level: &'static str,
    /// What kind of finding it is, for example `line`, `key-missing`, `loose`.
    kind: &'static str,
    /// Relative to the store, or with its whole path where it lies elsewhere; left out where no
    /// file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// The line in it, counted from 1; left out where no single line is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The entry that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<&'a str>,
    /// The first and the last transaction that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    transactions: Option<[u64; 2]>,
    /// What is so.
    says: &'a str,
    /// What to do now.
    #[serde(skip_serializing_if = "str::is_empty")]
    advice: &'a str,
    /// Whether `--fix` mends it without losing anything.
    fixable: bool,
}

#[derive(Debug, Serialize)]
struct LeftOffShape {
    level: &'static str,
    kind: &'static str,
    count: usize,
}

impl<'a> DoctorShape<'a> {
    pub(super) fn of(
        store: &'a str,
        exit: u8,
        examination: &'a Examination,
        mended: &'a [Mended],
    ) -> Self {
        let (findings, looked) = (&examination.findings, &examination.looked);
        let left_off = findings
            .left_off()
            .map(|(level, kind, count)| LeftOffShape {
                level: level.id(),
                kind: kind.id(),
                count,
            });
        Self {
            exit,
            store,
            looked_at: LookedShape {
                files: looked.files,
                lines: looked.lines,
                transactions: looked.transactions,
                events: looked.events,
                entries: looked.entries,
                keys: looked.keys,
                certificates: looked.certificates,
            },
            counts: CountsShape {
                unusable: findings.count(Level::Unusable),
                broken: findings.count(Level::Broken),
                look: findings.count(Level::Look),
                note: findings.count(Level::Note),
                fixable: findings.fixable(),
            },
            mended: mended
                .iter()
                .map(|one| MendedShape {
                    file: &one.file,
                    says: &one.says,
                })
                .collect(),
            findings: findings.sorted().into_iter().map(finding).collect(),
            left_off: left_off.collect(),
        }
    }
}

fn finding(finding: &Finding) -> FindingShape<'_> {
    FindingShape {
        level: finding.level.id(),
        kind: finding.kind.id(),
        file: Some(finding.file.as_str()).filter(|file| !file.is_empty()),
        line: Some(finding.line).filter(|line| *line > 0),
        entry: finding
            .entry
            .as_ref()
            .map(crate::domain::entry::EntryId::as_str),
        transactions: finding.transactions.map(|(first, last)| [first, last]),
        says: &finding.says,
        advice: &finding.advice,
        fixable: finding.fixable,
    }
}
