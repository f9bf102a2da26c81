//! What an import found.
//!
//! Plain data; the engine fills it, the faces say it.

use jiff::Timestamp;

use crate::domain::entry::EntryId;
use crate::pki::findings::{Finding, Severity};

/// So many findings are listed; the rest is counted. Ten thousand files may have the same fault.
const MOST_LISTED: usize = 500;

/// What an import found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The new entries, with the file that each came from.
    pub imported: Vec<(EntryId, String)>,
    /// How many certificates were there already.
    pub duplicates: usize,
    /// Chain certificates that were kept beside their leaf and are no entries of their own.
    pub chained: usize,
    /// What could not be read: the file, and why.
    pub unreadable: Vec<(String, String)>,
    /// Of these, the files that a passphrase protects, and none that fits was given.
    pub locked: Vec<String>,
    /// How many files hold no certificate and were passed over.
    pub passed_over: usize,
    /// How many private keys lie in the files; none of them is taken.
    pub keys_seen: usize,
    /// What is wrong with the certificates that were read, the new ones and the others.
    pub findings: FindingsReport,
    /// The revocation lists, and what came of each.
    pub lists: Vec<ListReport>,
}

/// What is wrong with what was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingsReport {
    /// The file or server, and what is wrong there; the first few hundred.
    pub listed: Vec<(String, Finding)>,
    /// How many more there are that are faults or warnings.
    pub more: usize,
}

/// What came of one revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListReport {
    /// The file.
    pub file: String,
    /// Who issued it, in the manner of RFC 4514.
    pub issuer: String,
    /// Its number in lower-case hexadecimal.
    pub number: Option<String>,
    /// When it was made.
    pub made: Timestamp,
    /// When the next one is there at the latest.
    pub next: Option<Timestamp>,
    /// How many certificates it revokes.
    pub count: usize,
    /// How many certificates of its issuer are here.
    pub known: usize,
    /// The entries with a certificate, or one above it, that it revokes; with their names.
    pub revoked: Vec<(EntryId, String)>,
    /// How many certificates here it revokes no longer.
    pub lifted: usize,
    /// Why it is not believed, and what to do; then nothing of it was written down.
    pub doubt: Option<String>,
}

impl ImportReport {
    /// Takes in what was found later.
    pub fn extend(&mut self, later: Self) {
        self.imported.extend(later.imported);
        self.unreadable.extend(later.unreadable);
        self.locked.extend(later.locked);
        self.duplicates += later.duplicates;
        self.chained += later.chained;
        self.passed_over += later.passed_over;
        self.keys_seen += later.keys_seen;
        self.lists.extend(later.lists);
        self.findings.more += later.findings.more;
        for (place, finding) in later.findings.listed {
            self.findings.take(&place, vec![finding]);
        }
    }
}

impl FindingsReport {
    /// Takes in what is wrong in one place.
    pub(in crate::engine) fn take(&mut self, place: &str, found: Vec<Finding>) {
        for finding in found {
            if self.listed.len() < MOST_LISTED {
                self.listed.push((place.to_owned(), finding));
            } else if finding.severity != Severity::Note {
                self.more += 1;
            }
        }
    }
}
