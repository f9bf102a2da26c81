//! The state of the store in memory, and how the lines of snapshot and journal become it.
//!
//! Pure: it is handed lines and never touches a file. Whatever it cannot read becomes a
//! [`Damage`]; it never guesses and never panics. `files` and `replay` call it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::account::AccountRecord;
use crate::domain::entries::{Entries, Shelf};
use crate::domain::entry::Entry;

use super::damage::{Damage, Harm, note};
use super::packed::Unpacked;
use super::record::{Header, JournalValues, VERSION};
use super::snapshot::Content;

/// All account records, by name.
pub type Accounts = BTreeMap<String, AccountRecord>;

/// Where the snapshot lies, relative to the store.
pub(crate) const INVENTORY: &str = "inventory.jsonl";
/// Where the journal lies, relative to the store.
pub(crate) const JOURNAL: &str = "journal.jsonl";

/// The state of the store, and what was wrong with the bytes it was read from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) entries: Entries,
    pub(crate) accounts: Arc<Accounts>,
    /// The last transaction that is in it.
    pub(crate) seq: u64,
    /// The last transaction that the snapshot held.
    pub(crate) through: u64,
    /// When the last transaction of the journal was written.
    pub(crate) written: Option<Timestamp>,
    pub(crate) damage: Vec<Damage>,
}

/// What the first line of a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// A header that is well.
    Header(Header),
    /// A header of a newer version.
    Newer(u32),
    /// Nothing readable.
    Unreadable,
}

impl First {
    pub(crate) fn header(&self) -> Option<&Header> {
        match self {
            Self::Header(header) => Some(header),
            Self::Newer(_) | Self::Unreadable => None,
        }
    }
}

/// What a first line says, given whether its checksum matches.
pub(crate) fn meaning(text: &[u8], intact: bool, format: &str) -> First {
    let header = serde_json::from_slice::<Header>(text).ok();
    // The checksum rule of this one line holds for every version to come, so that a flipped
    // digit is never mistaken for a newer version.
    let Some(header) = header.filter(|header| intact && header.format == format) else {
        return First::Unreadable;
    };
    match header.version {
        VERSION => First::Header(header),
        version if version > VERSION => First::Newer(version),
        _ => First::Unreadable,
    }
}

fn by_name(accounts: Vec<AccountRecord>) -> Accounts {
    let named = |account: AccountRecord| (account.name.clone(), account);
    accounts.into_iter().map(named).collect()
}

impl Image {
    /// Takes in a snapshot, whose lines are read from there.
    pub(crate) fn load_snapshot(
        &mut self,
        header: Option<&Header>,
        content: Content,
        lines: Arc<dyn Shelf>,
    ) {
        self.damage.extend(content.damage);
        self.entries = Entries::of(Arc::new(content.entries.finish(lines)));
        self.accounts = Arc::new(by_name(content.accounts));
        self.believe(header, content.found);
    }

    /// Takes in a snapshot whose lines need not be taken apart.
    pub(crate) fn load_unpacked(&mut self, header: Option<&Header>, unpacked: Unpacked) {
        self.entries = Entries::of(Arc::new(unpacked.base));
        self.accounts = Arc::new(by_name(unpacked.accounts));
        self.believe(header, unpacked.source.lines());
    }

    /// Takes from a snapshot's header how far it goes, and how many lines there should be.
    fn believe(&mut self, header: Option<&Header>, found: u64) {
        let Some(header) = header else {
            let harm = if found == 0 {
                Harm::Ruined
            } else {
                Harm::Header
            };
            self.damage.push(Damage::whole(INVENTORY, harm));
            return;
        };
        self.through = header.through_seq;
        self.seq = header.through_seq;
        let expected = header.count.unwrap_or(found);
        if expected != found {
            let harm = Harm::Count { expected, found };
            self.damage.push(Damage::whole(INVENTORY, harm));
        }
    }

    /// Notes a journal's header. A snapshot that cannot say how far it goes takes it from here;
    /// one that does not go as far as the journal needs has lost transactions.
    pub(crate) fn meet_journal(&mut self, first: &First, snapshot_header: bool) {
        let Some(header) = first.header() else {
            self.damage.push(Damage::whole(JOURNAL, Harm::Header));
            return;
        };
        if !snapshot_header {
            self.through = header.through_seq;
            self.seq = header.through_seq;
        } else if header.through_seq > self.seq {
            let harm = Harm::Missing {
                from: self.seq + 1,
                to: header.through_seq,
            };
            self.damage.push(Damage::whole(INVENTORY, harm));
            self.seq = header.through_seq;
        }
    }

    /// Replays a line of the journal that begins so far into it; gives its number, if it has one.
    pub(crate) fn replay_line(&mut self, text: &[u8], place: &Damage) -> Option<u64> {
        let Ok(values) = serde_json::from_slice::<JournalValues>(text) else {
            note(&mut self.damage, place.clone());
            return None;
        };
        let seq = values.seq;
        self.written = values.at.or(self.written);
        if seq <= self.through {
            return Some(seq);
        }
        if seq <= self.seq {
            let harm = Harm::OutOfOrder { seq };
            let place = place.clone();
            note(&mut self.damage, Damage { harm, ..place });
            return Some(seq);
        }
        if seq > self.seq + 1 {
            let harm = Harm::Missing {
                from: self.seq + 1,
                to: seq - 1,
            };
            self.damage.push(Damage::whole(JOURNAL, harm));
        }
        self.take(
            seq,
            values.entries.into_iter().map(Arc::new),
            values.accounts,
        );
        Some(seq)
    }

    /// Whether a snapshot was found of which nothing could be read.
    pub(crate) fn is_ruined(&self) -> bool {
        self.damage.iter().any(|damage| damage.harm == Harm::Ruined)
    }

    /// Puts the values of one transaction in place.
    pub(crate) fn take(
        &mut self,
        seq: u64,
        entries: impl IntoIterator<Item = Arc<Entry>>,
        accounts: impl IntoIterator<Item = AccountRecord>,
    ) {
        self.entries.extend(entries);
        let mut accounts = accounts.into_iter().peekable();
        if accounts.peek().is_some() {
            let held = Arc::make_mut(&mut self.accounts);
            held.extend(accounts.map(|account| (account.name.clone(), account)));
        }
        self.seq = seq;
    }
}
