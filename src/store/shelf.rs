//! Entries that are read from the snapshot one by one, when somebody asks for them.
//!
//! It holds the file of its generation open, so that a swap takes nothing away from whoever still
//! reads what was before. A line is believed only if its checksum matches. `snapshot` and `compact`
//! make one; who asks is behind [`Shelf`].

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::domain::entries::{Place, Ranks, Shelf};
use crate::domain::entry::Entry;

use super::disk::DiskFile;
use super::hold;
use super::line::is_intact;
use super::packed::PackedFile;
use super::record::ReadSnapshotLine;
use super::stretch::part;

/// Of the entries that were read last at least so many are kept, and at most twice as many: the
/// cursor, the marked ones, a screen or two.
const KEPT: usize = 256;

/// The lines of one snapshot.
#[derive(Debug)]
pub(crate) struct FileShelf {
    file: Arc<dyn DiskFile>,
    /// Its name, for sentences; another file may have it by now.
    path: PathBuf,
    kept: Mutex<Kept>,
    /// Where the order of the names is packed.
    packed: Option<PackedFile>,
}

/// Entries that were read lately, by the places of their lines.
#[derive(Debug, Default)]
struct Kept {
    young: HashMap<u64, Arc<Entry>>,
    /// Those that nobody asked for since the young ones began to be gathered.
    old: HashMap<u64, Arc<Entry>>,
}

impl Kept {
    fn get(&mut self, offset: u64) -> Option<Arc<Entry>> {
        if let Some(entry) = self.young.get(&offset) {
            return Some(Arc::clone(entry));
        }
        let entry = self.old.remove(&offset)?;
        self.put(offset, Arc::clone(&entry));
        Some(entry)
    }

    fn put(&mut self, offset: u64, entry: Arc<Entry>) {
        if self.young.len() >= KEPT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(offset, entry);
    }
}

impl FileShelf {
    pub(crate) fn new(file: Arc<dyn DiskFile>, path: PathBuf) -> Self {
        Self {
            file,
            path,
            kept: Mutex::default(),
            packed: None,
        }
    }

    /// The same, where the order of the names is packed there.
    pub(crate) fn with_ranks(mut self, packed: PackedFile) -> Self {
        self.packed = Some(packed);
        self
    }

    fn read_line(&self, place: Place) -> Result<Entry, String> {
        let path = self.path.display();
        let bytes = part(self.file.as_ref(), place.offset, u64::from(place.length))
            .map_err(|error| format!("reading {path} failed: {error}; check the disk"))?;
        let line: Option<ReadSnapshotLine> = is_intact(&bytes)
            .then(|| serde_json::from_slice(&bytes).ok())
            .flatten();
        line.and_then(|line| line.entry).ok_or_else(|| {
            let end = place.offset + u64::from(place.length);
            format!(
                "its line in {path} (bytes {} to {end}) was damaged since certdeck was started; \
                 close certdeck and put the file back from a backup",
                place.offset
            )
        })
    }
}

impl Shelf for FileShelf {
    fn read(&self, place: Place) -> Result<Arc<Entry>, String> {
        if let Some(entry) = hold(&self.kept).get(place.offset) {
            return Ok(entry);
        }
        let entry = Arc::new(self.read_line(place)?);
        hold(&self.kept).put(place.offset, Arc::clone(&entry));
        Ok(entry)
    }

    fn ranks(&self, entries: usize) -> Option<Ranks> {
        self.packed.as_ref()?.ranks(entries)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::EntryId;

    #[test]
    fn what_is_asked_for_again_is_kept_and_the_rest_is_let_go_of() {
        let entry = || {
            let id = EntryId::new("a");
            Arc::new(Entry::new(id, "a", "none", "s", Timestamp::UNIX_EPOCH))
        };
        let mut kept = Kept::default();
        for offset in 0..10_000 {
            kept.put(offset, entry());
            assert!(kept.get(7).is_some() || offset < 7, "at {offset}");
            assert!(kept.young.len() + kept.old.len() <= 2 * KEPT);
        }
        assert!(kept.get(9_000).is_none());
    }
}
