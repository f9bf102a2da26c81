//! The entries that lie on the disk: in memory what the list needs of each, packed; the rest is
//! read on demand.
//!
//! Pure: a [`Shelf`] reads. [`BaseBuilder`] makes it; `rows`, `query` and [`Entries`] ask it.
//!
//! [`BaseBuilder`]: super::BaseBuilder
//! [`Entries`]: super::Entries

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::Unreadable;
use super::codes::{Kind, Make};
use super::milestones::Milestones;
use super::names::Names;
use super::ranks::Ranks;
use super::slim::{Slim, WHOLE};
use super::ties::{End, Ties};
use crate::domain::entry::{Entry, EntryId, LinkKind};

/// Where the line of an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    fn read(&self, place: Place) -> Result<Arc<Entry>, String>;

    /// The order of the names of so many entries as it was packed; nothing where nobody has it.
    fn ranks(&self, entries: usize) -> Option<Ranks> {
        let _ = entries;
        None
    }
}

/// What entries share, by number.
#[derive(Debug, Default)]
pub(in crate::domain) struct Shared {
    pub(in crate::domain) kinds: Vec<Kind>,
    pub(in crate::domain) accounts: Vec<String>,
    pub(in crate::domain) products: Vec<String>,
    pub(in crate::domain) makes: Vec<Make>,
}

/// The entries that lie on the disk, in the order of their ids, called by number from 0 on.
#[derive(Default)]
pub struct Base {
    pub(super) slims: Vec<Slim>,
    /// Where the part of each begins among the names.
    pub(super) starts: Vec<u32>,
    pub(super) names: Names,
    pub(super) shared: Shared,
    pub(super) ties: Ties,
    /// Those that are held whole.
    pub(super) whole: BTreeMap<u32, Arc<Entry>>,
    pub(super) far: BTreeMap<u32, Place>,
    pub(super) lines: Option<Arc<dyn Shelf>>,
    pub(super) ranks: OnceLock<Arc<Ranks>>,
    pub(super) milestones: Milestones,
    /// Whether some id is not in the text of names as it is.
    pub(super) odd_ids: bool,
}

impl fmt::Debug for Base {
    /// How many there are; nobody wants to read a million.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base")
            .field("entries", &self.slims.len())
            .field("whole", &self.whole.len())
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

/// The number of an entry as the base's own tables have it.
pub(super) fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Base {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slims.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slims.is_empty()
    }

    /// How many bytes of memory it takes, about, without what is held whole.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.slims.capacity() * (size_of::<Slim>() + size_of::<u32>())
            + self.names.bytes()
            + self.ties.bytes()
    }

    /// The id of one.
    #[must_use]
    pub fn id(&self, at: usize) -> EntryId {
        EntryId::new(self.id_text(at))
    }

    pub(in crate::domain) fn id_text(&self, at: usize) -> &str {
        let odd = self.odd_ids.then(|| self.whole(at)).flatten();
        odd.map_or_else(|| self.names.id(self.start(at)), |entry| entry.id.as_str())
    }

    /// Where the line of one lies.
    #[must_use]
    pub fn place(&self, at: usize) -> Place {
        let slim = &self.slims[at];
        if slim.line == Slim::FAR {
            let far = self.far.get(&short(at)).copied();
            return far.unwrap_or_else(|| slim.line());
        }
        slim.line()
    }

    /// Where an id stands.
    #[must_use]
    pub fn find(&self, id: &EntryId) -> Option<usize> {
        self.find_text(id.as_str())
    }

    pub(super) fn find_text(&self, id: &str) -> Option<usize> {
        let at = self.first_from_text(id);
        (at < self.len() && self.id_text(at) == id).then_some(at)
    }

    /// Where the first stands whose id is not before this one.
    #[must_use]
    pub fn first_from(&self, id: &EntryId) -> usize {
        self.first_from_text(id.as_str())
    }

    fn first_from_text(&self, id: &str) -> usize {
        let Range {
            start: mut low,
            end: mut high,
        } = self.milestones.around(id, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.id_text(middle) < id {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The whole of one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn entry(&self, at: usize) -> Result<Arc<Entry>, Unreadable> {
        let id = self.id(at);
        let read = match &self.lines {
            Some(lines) => lines.read(self.place(at)),
            None => Err("nobody knows where it lies".to_owned()),
        };
        match read {
            Ok(entry) if entry.id == id => Ok(entry),
            Ok(_) => Err("another entry stands in its place".to_owned()),
            Err(why) => Err(why),
        }
        .map_err(|why| Unreadable { id, why })
    }

    /// Whether one is of this account.
    #[must_use]
    pub fn may_be_of(&self, at: usize, account: &str) -> bool {
        match self.slim(at) {
            Some(slim) => self.account(slim) == account,
            None => self.whole(at).is_none_or(|entry| entry.account == account),
        }
    }

    /// Whether one is called so, in small letters, as certificates carry names or as people read
    /// them.
    #[must_use]
    pub fn may_be_called(&self, at: usize, name: &str) -> bool {
        if self.slim(at).is_none() {
            return true;
        }
        let mut called = self.names.called(self.part(at));
        called.any(|own| own == name) || self.id_text(at) == name
    }

    /// Whether one waits for the answer to a request.
    #[must_use]
    pub fn may_have_request(&self, at: usize) -> bool {
        self.slim(at).is_none() && (self.whole(at)).is_none_or(|entry| entry.request.is_some())
    }

    /// Whether one has the certificate of a certification authority.
    #[must_use]
    pub fn may_be_authority(&self, at: usize) -> bool {
        self.slim(at).is_none_or(|slim| self.kind(slim).is_ca)
    }

    /// One that is packed; nothing where it is held whole.
    pub(in crate::domain) fn slim(&self, at: usize) -> Option<&Slim> {
        self.slims.get(at).filter(|slim| slim.kind != WHOLE)
    }

    /// All of them, packed or not.
    pub(in crate::domain) fn slims(&self) -> &[Slim] {
        &self.slims
    }

    /// One that is held whole.
    pub(in crate::domain) fn whole(&self, at: usize) -> Option<&Arc<Entry>> {
        if self.slims.get(at)?.kind == WHOLE {
            self.whole.get(&short(at))
        } else {
            None
        }
    }

    /// All that are not packed, by number.
    pub(in crate::domain) fn all_whole(&self) -> &BTreeMap<u32, Arc<Entry>> {
        &self.whole
    }

    pub(in crate::domain) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(in crate::domain) fn kind(&self, slim: &Slim) -> &Kind {
        &self.shared.kinds[usize::from(slim.kind)]
    }

    pub(in crate::domain) fn account(&self, slim: &Slim) -> &str {
        &self.shared.accounts[usize::from(slim.account)]
    }

    pub(in crate::domain) fn product(&self, slim: &Slim) -> &str {
        &self.shared.products[usize::from(slim.product)]
    }

    pub(in crate::domain) fn make(&self, slim: &Slim) -> &Make {
        &self.shared.makes[usize::from(slim.make)]
    }

    /// The names of one that is packed, as certificates carry them.
    pub(in crate::domain) fn names_of(&self, at: usize) -> impl Iterator<Item = &str> + Clone {
        self.names.names(short(at), self.part(at))
    }

    /// What people call one that is packed: its first name, or its id.
    pub(in crate::domain) fn name(&self, at: usize) -> &str {
        let mut names = self.names_of(at);
        names.next().unwrap_or_else(|| self.id_text(at))
    }

    /// The ids and names of all, in small letters, one part behind the other.
    pub(in crate::domain) fn text(&self) -> &str {
        self.names.text()
    }

    /// Where the part of one in the text of all lies.
    pub(in crate::domain) fn part(&self, at: usize) -> Range<usize> {
        let next = self.starts.get(at + 1);
        self.start(at)..next.map_or(self.names.end(), |next| *next as usize)
    }

    /// Where the part of one begins.
    pub(in crate::domain) fn start(&self, at: usize) -> usize {
        self.starts[at] as usize
    }

    /// Where the first name of one lies in the text of all; nothing where it has none, or where it
    /// is not written in small letters.
    pub(super) fn name_at(&self, at: usize) -> Option<usize> {
        self.slim(at)?;
        self.names.first_at(short(at), self.part(at))
    }

    /// The ties of one that is packed.
    pub(in crate::domain) fn ties_of(
        &self,
        at: usize,
    ) -> impl Iterator<Item = (LinkKind, End<'_>)> {
        self.ties.of(short(at))
    }

    /// Every entry that has ties and is packed, by number, with the place of its ties.
    pub(in crate::domain) fn tied(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        self.ties.each()
    }

    /// The successors among the ties that lie there.
    pub(in crate::domain) fn successors_at(
        &self,
        place: Range<usize>,
    ) -> impl Iterator<Item = End<'_>> {
        self.ties.successors_at(place)
    }

    /// The place of each among all names in order; reckoned when it is asked for first, unless it is
    /// at hand.
    pub(in crate::domain) fn ranks(&self) -> Arc<Ranks> {
        let at_hand = self.ranks_at_hand();
        at_hand.unwrap_or_else(|| Arc::clone(self.ranks.get_or_init(|| Arc::new(Ranks::of(self)))))
    }

    /// The same where it was reckoned before, or was packed; what was packed is read each time, since
    /// reading it is quick and holding it costs memory.
    pub(in crate::domain) fn ranks_at_hand(&self) -> Option<Arc<Ranks>> {
        if let Some(ranks) = self.ranks.get() {
            return Some(Arc::clone(ranks));
        }
        self.lines.as_ref()?.ranks(self.len()).map(Arc::new)
    }
}
