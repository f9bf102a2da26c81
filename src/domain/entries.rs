//! All entries of a store: most of them on the disk and read when they are asked for, those that
//! changed lately in memory.
//!
//! Pure: what lies on the disk comes through [`Shelf`], which the store implements. A collection
//! never changes what it was read from; the store makes it, everybody reads it.

mod base;
mod builder;
mod codes;
mod finish;
mod milestones;
mod moment;
mod names;
mod outline;
mod over;
mod packed;
mod ranks;
mod slim;
mod thin;
mod ties;
mod written;

use std::sync::Arc;

use thiserror::Error;

use super::entry::{Entry, EntryId};

pub use base::{Base, Place, Shelf};
pub use builder::BaseBuilder;
pub(in crate::domain) use builder::KINDS;
pub(in crate::domain) use codes::Kind;
pub(in crate::domain) use moment::Moment;
pub use over::{Held, Over};
pub use packed::{Columns, PACKED_VERSION, Packed};
pub use ranks::Ranks;
pub(in crate::domain) use slim::Slim;
pub use thin::Thin;
pub(in crate::domain) use ties::End;

/// An entry that is there and cannot be read now.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the entry {id} could not be read: {why}")]
pub struct Unreadable {
    /// The entry.
    pub id: EntryId,
    /// What came back, and what to do.
    pub why: String,
}

/// All entries, by id. Cloning it copies no entry.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    base: Arc<Base>,
    /// What changed since the base was written, and what the base has not.
    over: Over,
    /// How many of those the base has not.
    added: usize,
    /// Whether there are more that nobody has read yet.
    is_first_page: bool,
}

impl Entries {
    /// The entries of a base, and nothing else.
    #[must_use]
    pub fn of(base: Arc<Base>) -> Self {
        Self {
            base,
            ..Self::default()
        }
    }

    /// The same entries, of which more are there that nobody has read yet.
    #[must_use]
    pub fn as_first_page(mut self) -> Self {
        self.is_first_page = true;
        self
    }

    /// Whether there are more that nobody has read yet.
    #[must_use]
    pub fn is_first_page(&self) -> bool {
        self.is_first_page
    }

    /// What lies on the disk.
    #[must_use]
    pub fn base(&self) -> &Arc<Base> {
        &self.base
    }

    /// What is held in memory and goes before what lies on the disk.
    #[must_use]
    pub fn over(&self) -> &Over {
        &self.over
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.base.len() + self.added
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is an entry with this id.
    #[must_use]
    pub fn contains(&self, id: &EntryId) -> bool {
        self.over.get(id).is_some() || self.base.find(id).is_some()
    }

    /// An entry by id; nothing where there is none, or where it cannot be read.
    #[must_use]
    pub fn get(&self, id: &EntryId) -> Option<Arc<Entry>> {
        self.read(id).ok().flatten()
    }

    /// An entry by id; nothing where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, id: &EntryId) -> Result<Option<Arc<Entry>>, Unreadable> {
        if let Some(held) = self.over.get(id) {
            return Ok(Some(Arc::clone(held)));
        }
        match self.base.find(id) {
            Some(at) => self.base.entry(at).map(Some),
            None => Ok(None),
        }
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.merged().map(|met| match met {
            Met::Base(at) => self.base.id(at),
            Met::Over(held) => held.id.clone(),
        })
    }

    /// The ids of the entries that are called so, as certificates carry names or as people read
    /// them, in whatever letters it is given.
    #[must_use]
    pub fn named(&self, given: &str) -> Vec<EntryId> {
        let given = given.to_lowercase();
        let found = self.some(|base, at| base.may_be_called(at, &given));
        let is_called = |entry: &Arc<Entry>| {
            entry.name() == given || super::name::unicode(entry.name()) == given
        };
        let found = found.filter(is_called);
        found.map(|entry| entry.id.clone()).collect()
    }

    /// The ids that begin so, in order.
    pub fn beginning_with(&self, prefix: &str) -> impl Iterator<Item = EntryId> + '_ {
        let from = EntryId::new(prefix);
        let begins = {
            let prefix = prefix.to_owned();
            move |id: &EntryId| id.as_str().starts_with(&prefix)
        };
        let first = self.base.first_from(&from);
        let base = (first..self.base.len()).map(|at| self.base.id(at));
        let base: Vec<EntryId> = base.take_while(&begins).collect();
        let over = self.over.from(&from).map(|held| held.id.clone());
        let mut ids: Vec<EntryId> = over.take_while(begins).chain(base).collect();
        ids.sort();
        ids.dedup();
        ids.into_iter()
    }

    /// Every entry that can be read, in the order of ids. Each is read from the disk: for what
    /// people wait for, ask for some of them.
    pub fn iter(&self) -> impl Iterator<Item = Arc<Entry>> + '_ {
        self.merged().filter_map(|met| match met {
            Met::Base(at) => self.base.entry(at).ok(),
            Met::Over(held) => Some(Arc::clone(held)),
        })
    }

    /// Those of one account, in the order of ids.
    pub fn of_account<'a>(&'a self, account: &'a str) -> impl Iterator<Item = Arc<Entry>> + 'a {
        self.some(move |base, at| base.may_be_of(at, account))
            .filter(move |entry| entry.account == account)
    }

    /// Those that wait for the answer to a request, in the order of ids.
    pub fn with_request(&self) -> impl Iterator<Item = Arc<Entry>> + '_ {
        self.some(Base::may_have_request)
            .filter(|entry| entry.request.is_some())
    }

    /// Those with the certificate of a certification authority, in the order of ids.
    pub fn authorities(&self) -> impl Iterator<Item = Arc<Entry>> + '_ {
        self.some(Base::may_be_authority)
            .filter(|entry| entry.serving().is_some_and(|held| held.is_ca))
    }

    /// Those of the base that `may` lets through, and all that are held in memory.
    fn some<'a>(
        &'a self,
        may: impl Fn(&Base, usize) -> bool + 'a,
    ) -> impl Iterator<Item = Arc<Entry>> + 'a {
        self.merged().filter_map(move |met| match met {
            Met::Base(at) if may(&self.base, at) => self.base.entry(at).ok(),
            Met::Base(_) => None,
            Met::Over(held) => Some(Arc::clone(held)),
        })
    }

    /// Puts an entry in place of the one with its id, or adds it.
    pub fn insert(&mut self, entry: Arc<Entry>) {
        let is_new = self.base.find(&entry.id).is_none();
        let was_held = self.over.insert(entry);
        self.added += usize::from(is_new && !was_held);
    }

    /// Both in the order of ids; what is held in memory hides what lies below it.
    fn merged(&self) -> Merged<'_> {
        Merged {
            base: &self.base,
            at: 0,
            over: self.over.iter(),
            next: None,
        }
        .started()
    }
}

/// An entry where it lies.
enum Met<'a> {
    Base(usize),
    Over(&'a Arc<Entry>),
}

struct Merged<'a> {
    base: &'a Base,
    at: usize,
    over: Held<'a>,
    /// The next of those that are held in memory, and where it stands among those on the disk: at
    /// its own place, or before the first that comes after it.
    next: Option<(&'a Arc<Entry>, usize, bool)>,
}

impl Merged<'_> {
    fn started(mut self) -> Self {
        self.advance();
        self
    }

    fn advance(&mut self) {
        self.next = self.over.next().map(|held| {
            let first = self.base.first_from(&held.id);
            (held, first, self.base.find(&held.id).is_some())
        });
    }
}

impl<'a> Iterator for Merged<'a> {
    type Item = Met<'a>;

    fn next(&mut self) -> Option<Met<'a>> {
        match self.next {
            Some((held, place, hides)) if place <= self.at => {
                self.at += usize::from(hides);
                self.advance();
                Some(Met::Over(held))
            }
            _ if self.at < self.base.len() => {
                self.at += 1;
                Some(Met::Base(self.at - 1))
            }
            _ => None,
        }
    }
}

impl FromIterator<Arc<Entry>> for Entries {
    /// Entries that are all held in memory.
    fn from_iter<I: IntoIterator<Item = Arc<Entry>>>(entries: I) -> Self {
        let over: Over = entries.into_iter().collect();
        Self {
            base: Arc::default(),
            added: over.len(),
            over,
            is_first_page: false,
        }
    }
}

impl Extend<Arc<Entry>> for Entries {
    fn extend<I: IntoIterator<Item = Arc<Entry>>>(&mut self, entries: I) {
        for entry in entries {
            self.insert(entry);
        }
    }
}

impl PartialEq for Entries {
    /// The same entries, wherever they lie.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests;
