//! The entries that are held in memory, in the order of their ids.
//!
//! Pure. A copy shares everything with the one it was made from, and a change copies one small chunk
//! and the list of chunks, so that it costs next to nothing while somebody keeps the state before it.

use std::collections::BTreeSet;
use std::slice;
use std::sync::Arc;

use crate::domain::entry::{Entry, EntryId};

/// The most entries of one chunk: few enough to be copied at each change.
const CHUNK: usize = 64;

type Chunk = Vec<Arc<Entry>>;

/// Entries by id, in memory.
#[derive(Clone, Debug, Default)]
pub struct Over {
    /// No chunk is empty; everything in one comes before everything in the next.
    chunks: Arc<Vec<Arc<Chunk>>>,
    len: usize,
}

impl Over {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// An entry by id.
    #[must_use]
    pub fn get(&self, id: &EntryId) -> Option<&Arc<Entry>> {
        let chunk = self.chunks.get(self.chunk_of(id))?;
        let at = chunk.binary_search_by(|held| held.id.cmp(id)).ok()?;
        chunk.get(at)
    }

    /// Whether there is an entry with this id.
    #[must_use]
    pub fn contains(&self, id: &EntryId) -> bool {
        self.get(id).is_some()
    }

    /// Those that are not the same as in an earlier state, in the order of their ids; nothing where
    /// the earlier one has some that are not here. What both share is not looked at.
    #[must_use]
    pub fn differing(&self, earlier: &Self) -> Option<Vec<&Arc<Entry>>> {
        let shared = |chunks: &[Arc<Chunk>]| -> BTreeSet<*const Chunk> {
            chunks.iter().map(Arc::as_ptr).collect()
        };
        let (here, there) = (shared(&self.chunks), shared(&earlier.chunks));
        let gone = earlier
            .chunks
            .iter()
            .filter(|chunk| !here.contains(&Arc::as_ptr(chunk)));
        if gone
            .flat_map(|chunk| chunk.iter())
            .any(|entry| !self.contains(&entry.id))
        {
            return None;
        }
        let new = self
            .chunks
            .iter()
            .filter(|chunk| !there.contains(&Arc::as_ptr(chunk)));
        let is_new = |entry: &&Arc<Entry>| {
            let before = earlier.get(&entry.id);
            before.is_none_or(|before| !Arc::ptr_eq(before, entry))
        };
        Some(new.flat_map(|chunk| chunk.iter()).filter(is_new).collect())
    }

    /// All of them, in the order of their ids.
    #[must_use]
    pub fn iter(&self) -> Held<'_> {
        Held {
            chunks: self.chunks.iter(),
            chunk: [].iter(),
        }
    }

    /// Those whose ids are not before this one, in the order of their ids.
    #[must_use]
    pub fn from(&self, id: &EntryId) -> Held<'_> {
        let at = self.chunk_of(id);
        let chunk = self.chunks.get(at).map_or(&[][..], |chunk| &chunk[..]);
        let first = chunk.partition_point(|held| held.id < *id);
        Held {
            chunks: self.chunks[(at + 1).min(self.chunks.len())..].iter(),
            chunk: chunk[first..].iter(),
        }
    }

    /// Puts an entry in place of the one with its id, or adds it; says whether there was one.
    pub fn insert(&mut self, entry: Arc<Entry>) -> bool {
        let at = self.chunk_of(&entry.id);
        let chunks = Arc::make_mut(&mut self.chunks);
        if chunks.is_empty() {
            chunks.push(Arc::default());
        }
        let is_last = at + 1 == chunks.len();
        let chunk = Arc::make_mut(&mut chunks[at]);
        match chunk.binary_search_by(|held| held.id.cmp(&entry.id)) {
            Ok(place) => {
                chunk[place] = entry;
                return true;
            }
            Err(place) => chunk.insert(place, entry),
        }
        self.len += 1;
        if chunk.len() > CHUNK {
            let behind = chunk.split_off(split_at(chunk.len(), is_last));
            chunks.insert(at + 1, Arc::new(behind));
        }
        false
    }

    /// The chunk that an id is in or belongs to.
    fn chunk_of(&self, id: &EntryId) -> usize {
        let is_before = |chunk: &Arc<Chunk>| chunk.first().is_some_and(|first| first.id <= *id);
        self.chunks.partition_point(is_before).saturating_sub(1)
    }
}

/// Where a chunk that grew too long is divided: in the middle, and the last one near its end, since
/// what comes in order comes there.
fn split_at(length: usize, is_last: bool) -> usize {
    if is_last { length - 1 } else { length / 2 }
}

impl<'a> IntoIterator for &'a Over {
    type Item = &'a Arc<Entry>;
    type IntoIter = Held<'a>;

    fn into_iter(self) -> Held<'a> {
        self.iter()
    }
}

/// Entries in memory, one after the other.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    chunks: slice::Iter<'a, Arc<Chunk>>,
    chunk: slice::Iter<'a, Arc<Entry>>,
}

impl<'a> Iterator for Held<'a> {
    type Item = &'a Arc<Entry>;

    fn next(&mut self) -> Option<&'a Arc<Entry>> {
        loop {
            if let Some(held) = self.chunk.next() {
                return Some(held);
            }
            self.chunk = self.chunks.next()?.iter();
        }
    }
}

impl FromIterator<Arc<Entry>> for Over {
    /// Of several with one id the last counts.
    fn from_iter<I: IntoIterator<Item = Arc<Entry>>>(entries: I) -> Self {
        let mut over = Self::default();
        for entry in entries {
            over.insert(entry);
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn entry(number: u16, note: &str) -> Arc<Entry> {
        let id = EntryId::new(format!("{number:05}"));
        let mut entry = Entry::new(id, "a", "none", "s", Timestamp::UNIX_EPOCH);
        note.clone_into(&mut entry.note);
        Arc::new(entry)
    }

    fn notes<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> Vec<(String, String)> {
        let both = |entry: &Arc<Entry>| (entry.id.to_string(), entry.note.clone());
        entries.map(both).collect()
    }

    proptest! {
        #[test]
        fn it_is_a_map_and_a_copy_that_is_kept_does_not_change(
            numbers in proptest::collection::vec(0..400_u16, 0..900),
            kept_at in 0..900_usize,
            from in 0..401_u16,
        ) {
            let (mut over, mut model) = (Over::default(), BTreeMap::new());
            let mut kept = None;
            for (turn, number) in numbers.into_iter().enumerate() {
                if turn == kept_at {
                    kept = Some((over.clone(), model.clone()));
                }
                let entry = entry(number, &turn.to_string());
                let before = model.insert(entry.id.to_string(), entry.note.clone());
                prop_assert_eq!(over.insert(entry), before.is_some());
            }
            for (over, model) in kept.into_iter().chain([(over, model)]) {
                prop_assert_eq!(over.len(), model.len());
                let all: Vec<_> = model.clone().into_iter().collect();
                prop_assert_eq!(notes(over.iter()), all);
                let first = format!("{from:05}");
                let rest: Vec<_> = model.clone().range(first.clone()..)
                    .map(|(id, note)| (id.clone(), note.clone())).collect();
                prop_assert_eq!(notes(over.from(&EntryId::new(first.as_str()))), rest);
                let held = over.get(&EntryId::new(first.as_str())).map(|entry| entry.note.clone());
                prop_assert_eq!(held, model.get(&first).cloned());
            }
        }
    }

    #[test]
    fn what_differs_is_found_and_what_is_gone_is_noticed() {
        let earlier: Over = (0..1_000).map(|number| entry(number, "")).collect();
        assert_eq!(earlier.differing(&earlier).unwrap().len(), 0);
        let mut later = earlier.clone();
        later.insert(entry(500, "new"));
        later.insert(entry(2_000, "added"));
        let differing = later.differing(&earlier).unwrap();
        let ids: Vec<_> = differing.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, ["00500", "02000"]);
        assert!(earlier.differing(&later).is_none());
    }

    #[test]
    fn entries_that_come_in_order_fill_their_chunks() {
        let over: Over = (0..6_400).map(|number| entry(number, "")).collect();
        assert!(over.chunks.len() <= 101, "{} chunks", over.chunks.len());
    }
}
