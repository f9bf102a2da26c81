//! The entries that lie on the disk: their ids and places in memory, the rest read on demand.
//!
//! Pure: a [`Shelf`] reads. The store builds it while it reads a snapshot, line by line and in the
//! order of ids.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::Unreadable;
use crate::domain::entry::{Entry, EntryId};

/// Where the line of an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its first byte, counted from the beginning of the file.
    pub offset: u64,
    /// How many bytes it has, without its newline.
    pub length: u32,
}

/// What entries are read from on demand.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// The entry whose line lies there.
    ///
    /// # Errors
    /// What came back and what to do, as a part of a sentence: the file system failed, or the line
    /// is damaged.
    fn read(&self, place: Place) -> Result<Entry, String>;
}

/// What is kept in memory of an entry that lies on the disk, as it is read from its line.
#[derive(Clone, Debug, Deserialize)]
pub struct Thin<'a> {
    /// The entry's id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

impl Thin<'_> {
    /// Whether what is kept of it is enough; else the whole entry is held in memory.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        true
    }
}

/// The entries that lie on the disk, in the order of their ids.
#[derive(Debug, Default)]
pub struct Base {
    ids: Vec<EntryId>,
    places: Vec<Place>,
    shelf: Option<Arc<dyn Shelf>>,
}

impl Base {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id of one.
    #[must_use]
    pub fn id(&self, at: usize) -> EntryId {
        self.ids[at].clone()
    }

    /// Where the line of one lies.
    #[must_use]
    pub fn place(&self, at: usize) -> Place {
        self.places[at]
    }

    /// Where an id stands.
    #[must_use]
    pub fn find(&self, id: &EntryId) -> Option<usize> {
        self.ids.binary_search(id).ok()
    }

    /// Where the first stands whose id is not before this one.
    #[must_use]
    pub fn first_from(&self, id: &EntryId) -> usize {
        self.ids.partition_point(|held| held < id)
    }

    /// The whole of one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn entry(&self, at: usize) -> Result<Arc<Entry>, Unreadable> {
        let id = self.id(at);
        let read = match &self.shelf {
            Some(shelf) => shelf.read(self.places[at]),
            None => Err("nobody knows where it lies".to_owned()),
        };
        match read {
            Ok(entry) if entry.id == id => Ok(Arc::new(entry)),
            Ok(_) => Err("another entry stands in its place".to_owned()),
            Err(why) => Err(why),
        }
        .map_err(|why| Unreadable { id, why })
    }

    /// Whether one may be of this account; `false` is certain.
    #[must_use]
    pub fn may_be_of(&self, _at: usize, _account: &str) -> bool {
        true
    }

    /// Whether one may be called so, in small letters; `false` is certain.
    #[must_use]
    pub fn may_be_called(&self, _at: usize, _name: &str) -> bool {
        true
    }

    /// Whether one may wait for the answer to a request; `false` is certain.
    #[must_use]
    pub fn may_have_request(&self, _at: usize) -> bool {
        true
    }
}

/// Gathers a base, line by line. Several can be gathered side by side and put together.
#[derive(Debug, Default)]
pub struct BaseBuilder {
    ids: Vec<EntryId>,
    places: Vec<Place>,
}

impl BaseBuilder {
    /// One with room for so many entries.
    #[must_use]
    pub fn with_room(count: usize) -> Self {
        Self {
            ids: Vec::with_capacity(count),
            places: Vec::with_capacity(count),
        }
    }

    /// Adds the entry of a line.
    pub fn add(&mut self, thin: &Thin<'_>, place: Place) {
        self.ids.push(EntryId::new(thin.id.as_ref()));
        self.places.push(place);
    }

    /// Adds an entry of which the whole is held in memory, where [`Thin::is_enough`] says no.
    pub fn keep(&mut self, entry: &Arc<Entry>, place: Place) {
        self.ids.push(entry.id.clone());
        self.places.push(place);
    }

    /// Adds everything of another one behind its own.
    pub fn append(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.places.extend(other.places);
    }

    /// The base, read from this shelf. Lines that are not in the order of their ids are put in
    /// order; of several with one id the last counts.
    #[must_use]
    pub fn finish(self, shelf: Arc<dyn Shelf>) -> Base {
        let Self {
            mut ids,
            mut places,
        } = self;
        if !ids.is_sorted_by(|left, right| left < right) {
            let mut both: Vec<_> = ids.into_iter().zip(places).collect();
            both.reverse();
            both.sort_by(|left, right| left.0.cmp(&right.0));
            both.dedup_by(|later, earlier| later.0 == earlier.0);
            (ids, places) = both.into_iter().unzip();
        }
        ids.shrink_to_fit();
        places.shrink_to_fit();
        Base {
            ids,
            places,
            shelf: Some(shelf),
        }
    }
}
