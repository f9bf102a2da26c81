//! What `import --json` prints.
//!
//! Pure data, under the rules of `shapes`: keys are only ever added, texts are raw.

use jiff::Timestamp;
use serde::Serialize;

use super::shapes_of_certificates::FindingShape;
use crate::domain::entry::EntryId;

/// `import --json`.
#[derive(Debug, Serialize)]
pub(super) struct ImportShape<'a> {
    /// The new entries.
    pub(super) imported: Vec<ImportedShape<'a>>,
    /// What could not be read.
    pub(super) unreadable: Vec<UnreadableShape<'a>>,
    /// How many certificates were there already.
    pub(super) duplicates: usize,
    /// How many chain certificates were kept beside their leaf.
    pub(super) chained: usize,
    /// How many files hold no certificate.
    pub(super) passed_over: usize,
    /// How many private keys lie in the files.
    pub(super) keys_seen: usize,
    /// The private keys that are in the store now and were not before: whose, and the file.
    pub(super) keys_taken: Vec<ImportedShape<'a>>,
    /// Those beside certificates that were not taken: the file, and why.
    pub(super) keys_left: Vec<UnreadableShape<'a>>,
    /// How many belong to nothing that is here; none of them is taken.
    pub(super) keys_of_nobody: usize,
    /// What is wrong with the certificates that were read.
    pub(super) findings: Vec<PlaceFindingShape<'a>>,
    /// How many more faults and warnings there are.
    pub(super) more_findings: usize,
    /// The revocation lists, and what came of each.
    pub(super) lists: Vec<ListImportShape<'a>>,
}

/// What is wrong with a certificate in a file or on a server.
#[derive(Debug, Serialize)]
pub(super) struct PlaceFindingShape<'a> {
    /// The file or server.
    pub(super) file: &'a str,
    /// What is wrong.
    #[serde(flatten)]
    pub(super) finding: FindingShape<'a>,
}

/// What came of a revocation list.
#[derive(Debug, Serialize)]
pub(super) struct ListImportShape<'a> {
    /// The file.
    pub(super) file: &'a str,
    /// Who issued it.
    pub(super) issuer: &'a str,
    /// Its number in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<&'a str>,
    /// When it was made.
    pub(super) made: Timestamp,
    /// When the next one is there at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<Timestamp>,
    /// How many certificates it revokes.
    pub(super) count: usize,
    /// How many certificates of its issuer are here.
    pub(super) known: usize,
    /// The entries that it concerns.
    pub(super) revoked: Vec<&'a EntryId>,
    /// How many certificates here it revokes no longer.
    pub(super) lifted: usize,
    /// Whether it is kept as the newest one of its issuer.
    pub(super) kept: bool,
    /// When the newer list was made that is here; then nothing of this one counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) newer: Option<Timestamp>,
    /// Why it is not believed; left out where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) doubt: Option<&'a str>,
}

/// A new entry and its file.
#[derive(Debug, Serialize)]
pub(super) struct ImportedShape<'a> {
    /// The entry.
    pub(super) id: &'a EntryId,
    /// The file that it came from.
    pub(super) file: &'a str,
}

/// A file that could not be read.
#[derive(Debug, Serialize)]
pub(super) struct UnreadableShape<'a> {
    /// The file.
    pub(super) file: &'a str,
    /// Why.
    pub(super) why: &'a str,
}
