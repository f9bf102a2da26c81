//! The JSON of `store export` and `store import`: stable shapes, keys are only ever added.
//!
//! Pure data.

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::archive::ArchiveHead;

/// What is in an archive; in both answers.
#[derive(Debug, Serialize)]
pub(super) struct ArchiveShape<'a> {
    /// When it was made.
    pub(super) made_at: Timestamp,
    /// The version of the certdeck that made it.
    pub(super) certdeck: &'a str,
    /// The last change that is in it.
    pub(super) seq: u64,
    pub(super) encrypted: bool,
    /// Whether the private keys were left out.
    pub(super) without_keys: bool,
    pub(super) entries: u64,
    pub(super) keys: u64,
    pub(super) certificates: u64,
    /// Files of the configuration.
    pub(super) config: u64,
    /// Lines of the store that are damaged, and in the archive as they are.
    pub(super) damaged_lines: u64,
}

impl<'a> ArchiveShape<'a> {
    pub(super) fn of(head: &'a ArchiveHead) -> Self {
        Self {
            made_at: head.made_at,
            certdeck: &head.certdeck,
            seq: head.seq,
            encrypted: head.encrypted,
            without_keys: head.without_keys,
            entries: head.counts.entries,
            keys: head.counts.keys,
            certificates: head.counts.certificates,
            config: head.counts.config,
            damaged_lines: head.counts.damaged_lines,
        }
    }
}

/// `store export --json`.
#[derive(Debug, Serialize)]
pub(super) struct ExportShape<'a> {
    pub(super) file: String,
    pub(super) archive: ArchiveShape<'a>,
    /// Files of the store that belong to nothing, and are not in it.
    pub(super) left_out: u64,
    /// What is missing from the store itself.
    pub(super) lacks: &'a [String],
}

/// `store import --json`.
#[derive(Debug, Serialize)]
pub(super) struct ImportShape<'a> {
    /// The folder of the store.
    pub(super) store: String,
    pub(super) archive: ArchiveShape<'a>,
    /// What became of each file of the configuration.
    pub(super) config: Vec<PlacedShape>,
    /// What of the store cannot be read.
    pub(super) warnings: &'a [String],
    /// Folders that earlier imports left when they were cut off.
    pub(super) leftovers: Vec<String>,
}

/// A file of the configuration.
#[derive(Debug, Serialize)]
pub(super) struct PlacedShape {
    /// Where it belongs.
    pub(super) place: String,
    /// `in-place`, `same`, `beside` or `failed`.
    pub(super) outcome: &'static str,
    /// Where it lies, if beside its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) beside: Option<String>,
    /// Why it is not in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}
