//! What each line of the store's files says: headers, snapshot lines, journal lines.
//!
//! Plain data; `line` puts the checksum around it. Only the store knows it.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::account::AccountRecord;
use crate::domain::entry::Entry;
use crate::domain::event::Event;

/// The `format` of a snapshot.
pub(crate) const INVENTORY_FORMAT: &str = "certdeck-inventory";
/// The `format` of a journal.
pub(crate) const JOURNAL_FORMAT: &str = "certdeck-journal";
/// The `format` of a first page.
pub(crate) const FIRST_PAGE_FORMAT: &str = "certdeck-first-page";
/// The `format` of what is packed of a snapshot.
pub(crate) const PACKED_FORMAT: &str = "certdeck-packed";
/// The one version of all that this certdeck writes and reads.
pub(crate) const VERSION: u32 = 1;

/// The highest number of a transaction, generation or file: every reader of JSON holds it exactly
/// (RFC 8259 section 6), and one more can still be reckoned with. What goes beyond was not written
/// here.
pub(crate) const HIGHEST: u64 = (1 << 53) - 1;

/// A number that certdeck counts with.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if number > HIGHEST {
        return Err(D::Error::custom(
            "the number is too high to be counted with",
        ));
    }
    Ok(number)
}

/// The first line of a snapshot or journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) format: String,
    pub(crate) version: u32,
    /// How many snapshots there have been; a journal carries that of the snapshot it follows.
    #[serde(deserialize_with = "number")]
    pub(crate) generation: u64,
    /// The last transaction that the snapshot holds; the journal's lines come after it.
    #[serde(deserialize_with = "number")]
    pub(crate) through_seq: u64,
    /// How many lines follow, in a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    /// Which store this is: made up once, the same in all of its files. Absent in those that were
    /// written before it was thought of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<String>,
}

/// A line of a snapshot, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SnapshotLine<'a> {
    Entry(&'a Entry),
    Account(&'a AccountRecord),
}

/// A line of a snapshot, as it is read.
#[derive(Deserialize)]
pub(crate) struct ReadSnapshotLine {
    #[serde(default)]
    pub(crate) entry: Option<Entry>,
    #[serde(default)]
    pub(crate) account: Option<AccountRecord>,
}

/// A line of the journal, as it is written.
#[derive(Serialize)]
pub(crate) struct JournalLine<'a> {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) who: &'a str,
    pub(crate) events: &'a [Event],
    pub(crate) entries: Vec<&'a Entry>,
    pub(crate) accounts: Vec<&'a AccountRecord>,
}

/// What loading needs of a journal line: its values. The events are left alone.
#[derive(Deserialize)]
pub(crate) struct JournalValues {
    #[serde(deserialize_with = "number")]
    pub(crate) seq: u64,
    #[serde(default)]
    pub(crate) at: Option<Timestamp>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) accounts: Vec<AccountRecord>,
}

/// What the history needs of a journal line: its events.
#[derive(Deserialize)]
pub(crate) struct JournalEvents {
    #[serde(deserialize_with = "number")]
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) who: String,
    pub(crate) events: Vec<Event>,
}

/// A whole line of the journal, as `doctor` reads it.
#[derive(Deserialize)]
pub(crate) struct ReadJournalLine {
    #[serde(deserialize_with = "number")]
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) events: Vec<Event>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) accounts: Vec<AccountRecord>,
}

/// The line in the lock file: the last transaction that was acknowledged.
#[derive(Serialize, Deserialize)]
pub(crate) struct Mark {
    #[serde(deserialize_with = "number")]
    pub(crate) seq: u64,
}
