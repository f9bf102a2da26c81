//! How a base that was gathered is finished: put in order, its ties tied, read where need be.
//!
//! Pure. The end of [`BaseBuilder`]'s work.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::base::{Base, Place, Shared, Shelf};
use super::builder::BaseBuilder;
use super::milestones::Milestones;
use super::names::Names;
use super::outline::unreadable;
use crate::domain::entry::{Entry, EntryId};

impl BaseBuilder {
    /// The base, read from these lines. Lines that are not in the order of their ids are put in
    /// order; of several with one id the last counts.
    #[must_use]
    pub fn finish(self, lines: Arc<dyn Shelf>) -> Base {
        let mut builder = self;
        let whole = builder.read_whole(lines.as_ref());
        builder.names.shrink();
        builder.slims.shrink_to_fit();
        builder.starts.shrink_to_fit();
        let mut base = Base {
            slims: builder.slims,
            starts: builder.starts,
            names: builder.names,
            shared: Shared {
                kinds: builder.kinds.into_values(),
                accounts: builder.accounts.into_values(),
                products: builder.products.into_values(),
                makes: builder.makes.into_values(),
            },
            whole,
            far: builder.far,
            lines: Some(lines),
            odd_ids: builder.order.odd_ids,
            ..Base::default()
        };
        if !builder.order.is_kept {
            let old = base.put_in_order();
            builder.ties.renumber(|from| old.get(&from).copied());
        }
        base.milestones = Milestones::of(&base);
        base.ties = builder
            .ties
            .tied(|id| base.find_text(id).and_then(|at| u32::try_from(at).ok()));
        base
    }

    /// Those that are not packed, read where only their line is known.
    fn read_whole(&mut self, lines: &dyn Shelf) -> BTreeMap<u32, Arc<Entry>> {
        let whole = std::mem::take(&mut self.whole);
        let read = whole.into_iter().map(|(at, entry)| {
            let entry = entry.unwrap_or_else(|| self.read(at, lines));
            (at, entry)
        });
        read.collect()
    }

    fn read(&self, number: u32, lines: &dyn Shelf) -> Arc<Entry> {
        let at = number as usize;
        let slim = &self.slims[at];
        let place = self.far.get(&number).copied();
        let place: Place = place.unwrap_or_else(|| slim.line());
        let id = EntryId::new(self.names.id(self.starts[at] as usize));
        let read = lines.read(place).ok().filter(|entry| entry.id == id);
        read.unwrap_or_else(|| Arc::new(unreadable(id)))
    }
}

impl Base {
    /// Puts entries in the order of their ids; gives the new number of each that stays, by its old
    /// one.
    fn put_in_order(&mut self) -> BTreeMap<u32, u32> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|left, right| {
            let ids = self.id_text(*left).cmp(self.id_text(*right));
            // Of several with one id the last stands first.
            ids.then(right.cmp(left))
        });
        order.dedup_by(|later, earlier| self.id_text(*later) == self.id_text(*earlier));
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut sorted = Base {
            slims: Vec::with_capacity(order.len()),
            starts: Vec::with_capacity(order.len()),
            names: Names::with_room(self.names.end()),
            ..Base::default()
        };
        let mut numbers = BTreeMap::new();
        for (new, &old) in order.iter().enumerate() {
            sorted.starts.push(short(sorted.names.end()));
            sorted
                .names
                .copy(&self.names, self.part(old), short(old), short(new));
            sorted.slims.push(self.slims[old]);
            numbers.insert(short(old), short(new));
        }
        let renumbered = |old: u32| numbers.get(&old).copied();
        let whole = std::mem::take(&mut self.whole).into_iter();
        self.whole = whole
            .filter_map(|(at, entry)| Some((renumbered(at)?, entry)))
            .collect();
        let far = std::mem::take(&mut self.far).into_iter();
        self.far = far
            .filter_map(|(at, place)| Some((renumbered(at)?, place)))
            .collect();
        (self.slims, self.starts, self.names) = (sorted.slims, sorted.starts, sorted.names);
        self.ranks = OnceLock::new();
        numbers
    }
}
