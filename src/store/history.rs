//! What happened: the events of the journal and of all journals before it.
//!
//! It reads and changes nothing. Lines that cannot be read are left out; `Store::snapshot` names
//! those of the journal. The engine calls it for the History tab and `certdeck history`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use memchr::memmem;

use crate::domain::entry::EntryId;
use crate::domain::event::Event;

use super::Store;
use super::compact::history_number;
use super::disk::How;
use super::error::{StoreError, failed};
use super::image::JOURNAL;
use super::line::pieces;
use super::mend::HISTORY;
use super::record::JournalEvents;
use super::stretch::{BLOCK, Buffer, Stretch};

/// One event, and the transaction that brought it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLine {
    /// The transaction's sequence number; events of one transaction share it.
    pub seq: u64,
    /// When it was written, in UTC by the system's clock.
    pub at: Timestamp,
    /// Who did it.
    pub who: String,
    /// What happened.
    pub event: Event,
}

impl Store {
    /// Everything that happened to one entry, oldest first.
    ///
    /// # Errors
    /// What the file system said.
    pub fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, StoreError> {
        let needle = memmem::Finder::new(id.as_str().as_bytes());
        let mut found = BTreeMap::new();
        for name in self.journal_names()? {
            self.collect(&name, |text| needle.find(text).is_some(), &mut found)?;
        }
        let lines = found.into_values().flat_map(lines);
        Ok(lines.filter(|line| line.event.entry == *id).collect())
    }

    /// The last `limit` events of all entries, oldest first.
    ///
    /// # Errors
    /// What the file system said.
    pub fn history_all(&self, limit: usize) -> Result<Vec<HistoryLine>, StoreError> {
        let mut found = BTreeMap::new();
        for name in self.journal_names()?.iter().rev() {
            self.collect(name, |_| true, &mut found)?;
            let events: usize = found.values().map(|line| line.events.len()).sum();
            if events >= limit {
                break;
            }
        }
        let mut lines: Vec<_> = found.into_values().flat_map(lines).collect();
        lines.drain(..lines.len().saturating_sub(limit));
        Ok(lines)
    }

    /// Every journal, oldest first, relative to the store.
    fn journal_names(&self) -> Result<Vec<String>, StoreError> {
        let folder = self.dir().join(HISTORY);
        let look = self
            .disk()
            .look(&folder)
            .map_err(failed("look at", &folder))?;
        let mut names = match look {
            Some(_) => self
                .disk()
                .names(&folder)
                .map_err(failed("read the folder", &folder))?,
            None => Vec::new(),
        };
        names.retain(|name| history_number(name).is_some());
        names.sort_by_key(|name| history_number(name));
        let mut paths: Vec<_> = names
            .iter()
            .map(|name| format!("{HISTORY}/{name}"))
            .collect();
        paths.push(JOURNAL.to_owned());
        Ok(paths)
    }

    /// Reads the intact lines of a journal that `wanted` lets through; none where it was moved away
    /// meanwhile. By number, so that a journal that is read under both of its names while it is
    /// moved counts once.
    fn collect(
        &self,
        name: &str,
        wanted: impl Fn(&[u8]) -> bool,
        found: &mut BTreeMap<u64, JournalEvents>,
    ) -> Result<(), StoreError> {
        let path = self.dir().join(name);
        let look = self.disk().look(&path).map_err(failed("look at", &path))?;
        let Some(look) = look else {
            return Ok(());
        };
        let file = self.disk().open(&path, How::Read);
        let file = file.map_err(failed("open", &path))?;
        let mut buffer = Buffer::default();
        let mut at = 0;
        while at < look.length {
            let end = look.length.min(at + BLOCK);
            let stretch = buffer.lines(file.as_ref(), at..end, true);
            let stretch = stretch.map_err(failed("read", &path))?;
            if stretch.bytes.is_empty() {
                break;
            }
            at = stretch.end();
            take(stretch, &wanted, found);
        }
        Ok(())
    }
}

fn take(
    stretch: Stretch<'_>,
    wanted: &impl Fn(&[u8]) -> bool,
    found: &mut BTreeMap<u64, JournalEvents>,
) {
    // Most stretches hold nothing that is wanted; their checksums need not be looked at.
    if !wanted(stretch.bytes) {
        return;
    }
    for piece in pieces(stretch.bytes) {
        let text = &stretch.bytes[piece.start..piece.text_end];
        if !piece.intact || !wanted(text) {
            continue;
        }
        if let Ok(line) = serde_json::from_slice::<JournalEvents>(text) {
            found.insert(line.seq, line);
        }
    }
}

fn lines(line: JournalEvents) -> impl Iterator<Item = HistoryLine> {
    let JournalEvents {
        seq,
        at,
        who,
        events,
    } = line;
    events.into_iter().map(move |event| HistoryLine {
        seq,
        at,
        who: who.clone(),
        event,
    })
}
