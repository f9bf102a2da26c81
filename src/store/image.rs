//! The state of the store in memory, and how the bytes of snapshot and journal become it.
//!
//! Pure: it is handed bytes and never touches a file. Whatever it cannot read becomes a
//! [`Damage`]; it never guesses and never panics. `files` calls it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::account::AccountRecord;
use crate::domain::entries::Entries;
use crate::domain::entry::Entry;

use super::damage::{Damage, Harm};
use super::line::{Piece, SEAL, pieces};
use super::record::{Header, JournalValues, VERSION};
use super::snapshot::{self, Value};

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

/// The lines of one file, and the meaning of the first.
pub(crate) struct Sheet<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) first: First,
    /// The first line, unless it belongs to the content.
    pub(crate) head: Option<Piece>,
    pub(crate) rest: Vec<Piece>,
    /// How many lines stand before `rest`.
    pub(crate) skipped: u64,
}

impl<'a> Sheet<'a> {
    /// Cuts a whole file into its header and its lines.
    pub(crate) fn read(bytes: &'a [u8], format: &str) -> Self {
        let mut rest = pieces(bytes);
        let first = rest
            .first()
            .map_or(First::Unreadable, |piece| first(bytes, *piece, format));
        // A first line that is intact and no header belongs to the content: the header was lost.
        let content = first == First::Unreadable && rest.first().is_some_and(|piece| piece.intact);
        let head = (!content && !rest.is_empty()).then(|| rest.remove(0));
        let skipped = u64::from(head.is_some());
        Self {
            bytes,
            first,
            head,
            rest,
            skipped,
        }
    }

    pub(crate) fn text(&self, piece: Piece) -> &'a [u8] {
        &self.bytes[piece.start..piece.text_end]
    }
}

fn first(bytes: &[u8], piece: Piece, format: &str) -> First {
    let text = &bytes[piece.start..piece.text_end];
    let header = serde_json::from_slice::<Header>(text).ok();
    // The checksum rule of this one line holds for every version to come, so that a flipped
    // digit is never mistaken for a newer version.
    let Some(header) = header.filter(|header| piece.intact && header.format == format) else {
        return First::Unreadable;
    };
    match header.version {
        VERSION => First::Header(header),
        version if version > VERSION => First::Newer(version),
        _ => First::Unreadable,
    }
}

/// What came of replaying a journal, or a part of it.
pub(crate) struct Replayed {
    /// How many of the bytes were used: up to the end of the last intact line.
    pub(crate) used: usize,
    /// How many lines were used.
    pub(crate) lines: u64,
    /// The last bytes that were used: the checksum of the last intact line.
    pub(crate) seal: Option<Vec<u8>>,
    /// Whether the last intact line lacks its newline.
    pub(crate) open_ended: bool,
    /// Whether the state changed.
    pub(crate) changed: bool,
    /// What is left behind the last intact line.
    pub(crate) torn: Option<Damage>,
}

impl Image {
    /// Takes in a snapshot.
    pub(crate) fn load_snapshot(&mut self, sheet: &Sheet<'_>) {
        let mut entries = Vec::with_capacity(sheet.rest.len());
        let mut accounts = Accounts::new();
        let values = snapshot::values(sheet);
        for ((piece, line), value) in sheet.rest.iter().zip(sheet.skipped + 1..).zip(values) {
            match value {
                Some(Value::Entry(entry)) => entries.push(entry),
                Some(Value::Account(account)) => {
                    accounts.insert(account.name.clone(), account);
                }
                None => self
                    .damage
                    .push(at_piece(INVENTORY, *piece, 0, line, Harm::Line)),
            }
        }
        let found = (entries.len() + accounts.len()) as u64;
        self.entries = entries.into_iter().collect();
        self.accounts = Arc::new(accounts);
        self.believe(sheet.first.header(), found);
    }

    /// Takes from a snapshot's header how far it goes, and how many lines there should be.
    fn believe(&mut self, header: Option<&Header>, found: u64) {
        let Some(header) = header else {
            self.damage.push(Damage::whole(INVENTORY, Harm::Header));
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

    /// Replays journal lines that begin `offset` bytes and `lines` lines into the journal.
    /// Damage before the last intact line is noted for good; what follows it may be a line that
    /// is being written now.
    pub(crate) fn replay(
        &mut self,
        bytes: &[u8],
        rest: &[Piece],
        offset: u64,
        lines: u64,
    ) -> Replayed {
        let used = rest
            .iter()
            .rposition(|piece| piece.intact)
            .map_or(0, |at| at + 1);
        let (good, tail) = rest.split_at(used);
        let before = self.seq;
        for (piece, line) in good.iter().zip(lines + 1..) {
            self.replay_line(bytes, *piece, offset, line);
        }
        let last = good.last();
        Replayed {
            used: last.map_or(0, |piece| piece.end),
            lines: good.len() as u64,
            seal: last.map(|piece| bytes[piece.text_end - SEAL..piece.text_end].to_vec()),
            open_ended: last.is_some_and(|piece| piece.end == piece.text_end),
            changed: self.seq != before,
            torn: torn(tail, offset, lines + good.len() as u64 + 1),
        }
    }

    fn replay_line(&mut self, bytes: &[u8], piece: Piece, offset: u64, line: u64) {
        let text = &bytes[piece.start..piece.text_end];
        let values = piece
            .intact
            .then(|| serde_json::from_slice::<JournalValues>(text).ok());
        let Some(values) = values.flatten() else {
            self.damage
                .push(at_piece(JOURNAL, piece, offset, line, Harm::Line));
            return;
        };
        let seq = values.seq;
        self.written = values.at.or(self.written);
        if seq <= self.through {
            return;
        }
        if seq <= self.seq {
            self.damage.push(at_piece(
                JOURNAL,
                piece,
                offset,
                line,
                Harm::OutOfOrder { seq },
            ));
            return;
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

fn at_piece(file: &str, piece: Piece, offset: u64, line: u64, harm: Harm) -> Damage {
    Damage {
        file: file.to_owned(),
        line,
        offset: offset + piece.start as u64,
        length: (piece.end - piece.start) as u64,
        harm,
        aside: None,
    }
}

fn torn(tail: &[Piece], offset: u64, line: u64) -> Option<Damage> {
    let (first, last) = (tail.first()?, tail.last()?);
    let piece = Piece {
        end: last.end,
        ..*first
    };
    Some(at_piece(JOURNAL, piece, offset, line, Harm::TornTail))
}
