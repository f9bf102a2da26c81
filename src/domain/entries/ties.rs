//! The ties between the entries of a base: who renews or replaces whom.
//!
//! Pure. While a base is gathered the other end of a tie is an id; when it is finished, a number.

use std::ops::Range;

use super::milestones::beginning;
use super::thin::Thin;
use crate::domain::entry::LinkKind;
use crate::domain::halves;

/// Fewer ties than this are looked up before a thread has begun.
const MANY: usize = 1 << 12;

/// A tie while a base is gathered: from a number to the id that lies there.
#[derive(Clone, Copy, Debug)]
struct Loose {
    from: u32,
    id: (u32, u16),
    kind: LinkKind,
}

/// The ties of a base that is being gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct LooseTies {
    ids: String,
    ties: Vec<Loose>,
}

impl LooseTies {
    /// Adds the ties of an entry; whether there was room for them.
    pub(super) fn add(&mut self, from: u32, thin: &Thin<'_>) -> bool {
        let length: usize = thin.links.iter().map(|link| link.entry.len()).sum();
        let fits = u32::try_from(self.ids.len() + length).is_ok()
            && (thin.links.iter()).all(|link| u16::try_from(link.entry.len()).is_ok());
        if !fits {
            return false;
        }
        for link in &thin.links {
            let start = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
            let length = u16::try_from(link.entry.len()).unwrap_or(u16::MAX);
            self.ids.push_str(&link.entry);
            self.ties.push(Loose {
                from,
                id: (start, length),
                kind: link.kind,
            });
        }
        true
    }

    /// Adds all of another one, whose numbers begin at `first` here; those for which there is no
    /// room are given back as numbers.
    pub(super) fn append(&mut self, other: Self, first: u32) -> Vec<u32> {
        let before = self.ids.len();
        let fits = u32::try_from(before + other.ids.len()).is_ok();
        if !fits {
            return other.ties.iter().map(|tie| first + tie.from).collect();
        }
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        self.ids.push_str(&other.ids);
        self.ties.extend(other.ties.into_iter().map(|tie| Loose {
            from: first + tie.from,
            id: (before + tie.id.0, tie.id.1),
            kind: tie.kind,
        }));
        Vec::new()
    }

    /// Gives every entry another number; those without one lose their ties.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> Option<u32>) {
        self.ties.retain_mut(|tie| {
            let new = number(tie.from);
            tie.from = new.unwrap_or(tie.from);
            new.is_some()
        });
        self.ties.sort_by_key(|tie| tie.from);
    }

    /// The ties by number, where `find` knows the other end.
    pub(super) fn tied(self, find: impl Fn(&str) -> Option<u32> + Sync) -> Ties {
        let places = self.by_id();
        let found = self.found(&places, find);
        let mut strangers = Vec::new();
        let mut ties: Vec<Tie> = (self.ties.iter())
            .map(|tie| Tie {
                from: tie.from,
                to: 0,
                kind: tie.kind,
                known: false,
            })
            .collect();
        for ((_, at), found) in places.into_iter().zip(found) {
            let tie = &mut ties[at as usize];
            tie.known = found.is_some();
            tie.to = found.unwrap_or_else(|| {
                strangers.push(self.id(at).into());
                u32::try_from(strangers.len() - 1).unwrap_or(u32::MAX)
            });
        }
        Ties { ties, strangers }
    }

    /// What `find` knows of the other end of the ties at these places.
    fn found(
        &self,
        places: &[(u64, u32)],
        find: impl Fn(&str) -> Option<u32> + Sync,
    ) -> Vec<Option<u32>> {
        let all = |places: &[(u64, u32)]| -> Vec<_> {
            places.iter().map(|(_, at)| find(self.id(*at))).collect()
        };
        if places.len() < MANY {
            return all(places);
        }
        let (first, second) = places.split_at(places.len() / 2);
        let (mut found, second) = halves::both(|| all(first), || all(second));
        found.extend(second);
        found
    }

    /// The places of all ties in the order of the ids they lead to, with their beginnings: who looks
    /// for them so finds what lies side by side one after the other.
    fn by_id(&self) -> Vec<(u64, u32)> {
        let places = (0..).take(self.ties.len());
        let mut places: Vec<_> = places.map(|at| (beginning(self.id(at)), at)).collect();
        halves::sort(&mut places);
        places
    }

    fn id(&self, at: u32) -> &str {
        let (start, length) = self.ties[at as usize].id;
        let start = start as usize;
        &self.ids[start..start + usize::from(length)]
    }
}

/// A tie of one entry to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tie {
    pub(super) from: u32,
    /// A number, or one of the strangers.
    pub(super) to: u32,
    pub(super) kind: LinkKind,
    pub(super) known: bool,
}

/// The other end of a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) enum End<'a> {
    /// An entry of the base, by number.
    Here(u32),
    /// An entry that the base has not, by id.
    Elsewhere(&'a str),
}

/// The ties of a base, in the order of numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties {
    ties: Vec<Tie>,
    strangers: Vec<Box<str>>,
}

impl Ties {
    /// How many bytes of memory they take, about.
    pub(super) fn bytes(&self) -> usize {
        self.ties.capacity() * size_of::<Tie>()
    }

    /// Ties that are in the order of numbers; nothing where one of them leads nowhere, or where there
    /// are only so many entries.
    pub(super) fn checked(ties: Vec<Tie>, strangers: Vec<Box<str>>, entries: u32) -> Option<Self> {
        let leads = |tie: &Tie| {
            let known = tie.known && tie.to < entries;
            tie.from < entries && (known || !tie.known && (tie.to as usize) < strangers.len())
        };
        let well = ties.iter().all(leads) && ties.is_sorted_by_key(|tie| tie.from);
        well.then_some(Self { ties, strangers })
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Tie] {
        &self.ties
    }

    /// The ids to which ties lead and that the base has not.
    pub(super) fn strangers(&self) -> &[Box<str>] {
        &self.strangers
    }

    /// The ties of an entry.
    pub(super) fn of(&self, from: u32) -> impl Iterator<Item = (LinkKind, End<'_>)> {
        let first = self.ties.partition_point(|tie| tie.from < from);
        let own = self.ties[first..]
            .iter()
            .take_while(move |tie| tie.from == from);
        own.map(|tie| (tie.kind, self.end(*tie)))
    }

    /// Every entry that has ties, by number, with the place of its ties.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let from = self.ties.get(at)?.from;
            let first = at;
            while self.ties.get(at).is_some_and(|tie| tie.from == from) {
                at += 1;
            }
            Some((from, first..at))
        })
    }

    /// The successors among the ties that lie there.
    pub(super) fn successors_at(&self, place: Range<usize>) -> impl Iterator<Item = End<'_>> {
        let ties = self.ties[place].iter();
        let successors = ties.filter(|tie| tie.kind.is_successor());
        successors.map(|tie| self.end(*tie))
    }

    fn end(&self, tie: Tie) -> End<'_> {
        let stranger = || self.strangers.get(tie.to as usize).map_or("", |id| id);
        if tie.known {
            End::Here(tie.to)
        } else {
            End::Elsewhere(stranger())
        }
    }
}
