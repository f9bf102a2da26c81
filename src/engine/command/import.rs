//! What an import found.
//!
//! Plain data; the engine fills it, the faces say it.

use jiff::Timestamp;

use super::Lock;
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
    /// How many private keys lie in the files.
    pub keys_seen: usize,
    /// The private keys that are in the store now and were not before, each with its entry.
    pub keys_taken: Vec<KeyTaken>,
    /// Private keys beside certificates that were not taken: the file, and why.
    pub keys_left: Vec<(String, String)>,
    /// Of these, the files whose keys a passphrase would open, and none that fits was given.
    pub locked_keys: Vec<String>,
    /// How many encrypted keys lie in folders, away from certificates, and were not opened.
    pub keys_closed: usize,
    /// How many keys belong to nothing that is here.
    pub keys_of_nobody: usize,
    /// What the store itself needs before it keeps a key, and the files with such keys.
    pub needs: Option<(Lock, Vec<String>)>,
    /// What is wrong with the certificates that were read, the new ones and the others.
    pub findings: FindingsReport,
    /// The revocation lists, and what came of each.
    pub lists: Vec<ListReport>,
}

/// A private key that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTaken {
    /// The entry whose key it is.
    pub entry: EntryId,
    /// What that is called.
    pub name: String,
    /// The file that the key came from.
    pub file: String,
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
    /// Whether it is kept: it, or the same one, is the newest of its issuer here.
    pub kept: bool,
    /// When the newer one was made that is here; then nothing of this one was written down.
    pub newer: Option<Timestamp>,
    /// Why it could not be kept though it counts.
    pub trouble: Option<String>,
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
        self.keys_closed += later.keys_closed;
        self.keys_of_nobody += later.keys_of_nobody;
        if let Some((lock, files)) = later.needs {
            let known = self.needs.get_or_insert((lock, Vec::new()));
            known.1.extend(files);
        }
        self.take_keys(later.keys_taken, later.keys_left, later.locked_keys);
        self.lists.extend(later.lists);
        self.findings.more += later.findings.more;
        for (place, finding) in later.findings.listed {
            self.findings.take(&place, vec![finding]);
        }
    }
}

impl ImportReport {
    /// Takes in what became of private keys that were read once more, and of nothing else.
    pub fn extend_keys(&mut self, later: Self) {
        if later.needs.is_some() {
            self.needs = later.needs;
        }
        self.unreadable.extend(later.unreadable);
        self.take_keys(later.keys_taken, later.keys_left, later.locked_keys);
    }

    fn take_keys(
        &mut self,
        taken: Vec<KeyTaken>,
        left: Vec<(String, String)>,
        locked: Vec<String>,
    ) {
        self.keys_taken.extend(taken);
        self.keys_left.extend(left);
        self.locked_keys.extend(locked);
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
