//! The list pane: rows, what of them is shown and in which order, and which one is selected.
//!
//! The selection is an entry, not a position: it stays when rows move, and goes to a neighbour
//! when its row is gone. A short list is arranged at once. A long one is arranged elsewhere
//! ([`Work`]): what is there stays usable until the answer comes, and an answer that nobody waits
//! for any more is dropped.

mod widest;
mod work;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use tui_input::Input;

use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
pub(crate) use crate::domain::query::ARCHIVED;
use crate::domain::query::{Query, QueryError, SortKey, keep_in_order};
use crate::domain::row::Row;
use crate::domain::rows::{Changed, Rows};
use widest::Measured;
pub use widest::Widest;
pub(crate) use widest::ready_word;
pub use work::{Arranged, Work};
use work::{Arrangement, Order, Source, is_shown};

/// How many neighbours of the selected row are candidates to take its place.
const NEIGHBOURS: usize = 50;
/// A list of up to so many entries is arranged at once.
const AT_ONCE: usize = 100_000;

/// What is to be arranged elsewhere, or is being arranged there.
#[derive(Debug)]
struct Waiting {
    /// Counted up with each wish; an answer to an older one is dropped.
    generation: u64,
    /// The wish that no work was begun for yet.
    wish: Option<Wish>,
    /// What tells the work that is under way that nobody waits for it any more.
    under_way: Option<Arc<AtomicBool>>,
    /// The rows that changed since that work was begun.
    changed: BTreeSet<u32>,
    /// What all rows are to be made of anew; nothing unless that is waited for.
    latest: Option<(Inventory, Timestamp)>,
    /// Whether the first row is to be selected when the answer comes.
    from_the_top: bool,
    /// A list of up to so many entries is arranged at once.
    at_once: usize,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            generation: 0,
            wish: None,
            under_way: None,
            changed: BTreeSet::new(),
            latest: None,
            from_the_top: false,
            at_once: AT_ONCE,
        }
    }
}

/// What is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// The rows that are there in another order, or others of them.
    Arrange,
    /// All rows made anew.
    Anew,
}

/// The list of entries.
#[derive(Debug, Default)]
pub struct ListPane {
    /// The rows of all entries.
    pub rows: Rows,
    measured: Measured,
    /// How much room the texts want.
    pub widest: Widest,
    /// All rows, in order.
    order: Order,
    /// The numbers of the rows that are shown, in the order in which they are.
    pub visible: Vec<u32>,
    /// The selected entry.
    pub selected: Option<EntryId>,
    /// Where the selected entry stands among the visible ones.
    pub cursor: usize,
    /// The first visible row that is drawn.
    pub offset: usize,
    /// What the rows are ordered by.
    pub sort: SortKey,
    /// What was typed as a filter.
    pub filter: Input,
    /// The filter by which the visible rows were found: what was typed, as far as it is right.
    query: Query,
    /// What is wrong with what was typed.
    pub problem: Option<QueryError>,
    /// Whether the filter is being typed.
    pub typing: bool,
    /// An entry to be selected as soon as it is there.
    pub wanted: Option<EntryId>,
    waiting: Waiting,
}

impl ListPane {
    /// One that arranges lists of more than so many entries elsewhere.
    #[must_use]
    pub fn with_at_once(at_once: usize) -> Self {
        let mut list = Self::default();
        list.waiting.at_once = at_once;
        list
    }

    /// Takes over what there is now; the selection stays with its entry.
    pub fn refill(&mut self, inventory: &Inventory, now: Timestamp) {
        if let Some(changed) = self.rows.renew(inventory, now) {
            self.put_in_place(&changed);
            if self.waiting.latest.is_some() {
                self.waiting.latest = Some((inventory.clone(), now));
            }
        } else {
            self.waiting.latest = Some((inventory.clone(), now));
            self.wish(Wish::Anew);
        }
    }

    /// Filters and orders again, after filter or order changed.
    pub fn arrange(&mut self) {
        self.wish(Wish::Arrange);
    }

    /// Filters again; the cursor goes to the first that is found, as whoever searches expects.
    pub fn search(&mut self) {
        self.arrange();
        self.select(0);
        self.waiting.from_the_top = self.is_waiting();
    }

    /// Whether what is shown is not yet what was asked for.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waiting.wish.is_some() || self.waiting.under_way.is_some()
    }

    /// The work that has to be done elsewhere, if there is any; to be asked after every message.
    #[must_use]
    pub fn take_work(&mut self) -> Option<Work> {
        if self.waiting.under_way.is_some() {
            return None;
        }
        let wish = self.waiting.wish.take()?;
        let work = self.work(wish);
        self.waiting.under_way = Some(Arc::clone(&work.stop));
        self.waiting.changed.clear();
        Some(work)
    }

    /// Takes over what came of work that was done elsewhere, unless something else was asked for
    /// meanwhile.
    pub fn take_over(&mut self, arranged: Arranged) {
        if arranged.generation != self.waiting.generation {
            // The one that is waited for is begun next.
            self.waiting.under_way = None;
            return;
        }
        self.waiting.under_way = None;
        let Some(list) = arranged.list else {
            return;
        };
        let candidates = self.candidates();
        let made_anew = list.rows.is_some();
        self.put_in(list);
        self.catch_up(made_anew);
        if std::mem::take(&mut self.waiting.from_the_top) && self.wanted.is_none() {
            self.select(0);
        } else {
            self.follow_selection(&candidates);
        }
    }

    /// What changed while the work was done.
    fn catch_up(&mut self, made_anew: bool) {
        if made_anew && let Some((inventory, now)) = self.waiting.latest.take() {
            self.refill(&inventory, now);
            return;
        }
        let changed = std::mem::take(&mut self.waiting.changed);
        self.keep_in_order(&changed.into_iter().collect::<Vec<_>>());
    }

    /// Wishes for something: done at once where the list is short, and else as soon as nothing
    /// else is under way.
    fn wish(&mut self, wish: Wish) {
        self.read_filter();
        self.waiting.generation += 1;
        self.waiting.from_the_top = false;
        if let Some(stop) = &self.waiting.under_way {
            stop.store(true, Ordering::Relaxed);
        }
        let anew = self.waiting.latest.is_some();
        self.waiting.wish = Some(if anew { Wish::Anew } else { wish });
        if self.count() <= self.waiting.at_once && self.waiting.under_way.is_none() {
            self.arrange_at_once();
        }
    }

    fn arrange_at_once(&mut self) {
        let Some(wish) = self.waiting.wish.take() else {
            return;
        };
        let candidates = self.candidates();
        if let Some(list) = self.work(wish).arranged() {
            self.put_in(list);
        }
        self.waiting.latest = None;
        self.follow_selection(&candidates);
    }

    /// How many entries there are.
    fn count(&self) -> usize {
        let latest = self.waiting.latest.as_ref();
        latest.map_or(self.rows.len(), |(inventory, _)| inventory.entries.len())
    }

    fn work(&mut self, wish: Wish) -> Work {
        let anew = self.waiting.latest.clone().filter(|_| wish == Wish::Anew);
        let source = match anew {
            Some((inventory, now)) => Source::Anew(inventory, now),
            None => Source::There(self.rows.clone()),
        };
        Work {
            generation: self.waiting.generation,
            source,
            sort: self.sort,
            order: Some(self.order.clone()),
            query: self.typed().0,
            stop: Arc::default(),
        }
    }

    fn put_in(&mut self, list: Arrangement) {
        if let Some((rows, measured)) = list.rows {
            self.rows = rows;
            self.measured = measured;
            self.widest = self.measured.widest();
        }
        self.order = list.order;
        self.visible = list.visible;
        self.query = list.query;
    }

    /// Puts rows that changed where they belong now.
    fn put_in_place(&mut self, changed: &[Changed]) {
        if changed.is_empty() {
            return;
        }
        let candidates = self.candidates();
        for change in changed {
            if let Some(before) = &change.before {
                self.measured.remove_row(before);
            }
            if let Some(row) = self.rows.row(change.number) {
                self.measured.add_row(&row);
            }
        }
        self.widest = self.measured.widest();
        let numbers = changed
            .iter()
            .map(|change| u32::try_from(change.number).unwrap_or(u32::MAX));
        let numbers: Vec<u32> = numbers.collect();
        if self.waiting.under_way.is_some() {
            self.waiting.changed.extend(&numbers);
        }
        self.keep_in_order(&numbers);
        self.follow_selection(&candidates);
    }

    fn keep_in_order(&mut self, changed: &[u32]) {
        if changed.is_empty() {
            return;
        }
        let by = self.order.by;
        let is_shown = |number: &u32| is_shown(&self.rows, &self.query, *number as usize);
        let shown: Vec<u32> = changed.iter().copied().filter(is_shown).collect();
        let order = Arc::make_mut(&mut self.order.numbers);
        keep_in_order(order, &self.rows, by, changed, changed);
        keep_in_order(&mut self.visible, &self.rows, by, changed, &shown);
    }

    /// What was typed, as far as it is right, and what is wrong with it. With a mistake in the
    /// filter, what stands before it stays applied: the list must not go empty while a key is being
    /// typed.
    fn typed(&self) -> (Query, Option<QueryError>) {
        let typed = self.filter.value();
        match Query::parse(typed) {
            Ok(query) => (query, None),
            Err(problem) => {
                let before: String = typed.chars().take(problem.at.saturating_sub(1)).collect();
                (Query::parse(&before).unwrap_or_default(), Some(problem))
            }
        }
    }

    fn read_filter(&mut self) {
        self.problem = self.typed().1;
    }

    /// The row at a position among the visible ones.
    #[must_use]
    pub fn row(&self, position: usize) -> Option<Row> {
        self.rows.row(self.number_at(position)?)
    }

    /// Whether the row at a position has a remark, which may want a line of its own: what the
    /// provider said, or that nobody knows what came of a request.
    #[must_use]
    pub fn has_remark(&self, position: usize) -> bool {
        let number = self.number_at(position);
        number.is_some_and(|number| {
            self.rows.said(number).is_some() || self.rows.is_unsettled(number)
        })
    }

    /// The entry at a position among the visible ones.
    #[must_use]
    pub fn entry_at(&self, position: usize) -> Option<EntryId> {
        self.rows.id(self.number_at(position)?)
    }

    fn number_at(&self, position: usize) -> Option<usize> {
        self.visible.get(position).map(|number| *number as usize)
    }

    /// Selects the visible row at `position`, or the last one before it.
    pub fn select(&mut self, position: usize) {
        self.waiting.from_the_top = false;
        self.cursor = position.min(self.visible.len().saturating_sub(1));
        self.selected = self.entry_at(self.cursor);
    }

    /// Selects an entry, if it is visible.
    pub fn select_entry(&mut self, id: &EntryId) -> bool {
        let position = self.position_of(id);
        if let Some(position) = position {
            self.select(position);
        }
        position.is_some()
    }

    /// Moves the selection by so many rows, not beyond the ends.
    pub fn step(&mut self, by: isize) {
        self.select(self.cursor.saturating_add_signed(by));
    }

    /// Scrolls so that the selected row is within `height` rows.
    pub fn scroll_to_cursor(&mut self, height: usize) {
        let height = height.max(1);
        let last_first = self.visible.len().saturating_sub(height);
        self.offset = self
            .offset
            .min(self.cursor)
            .max((self.cursor + 1).saturating_sub(height))
            .min(last_first);
    }

    fn position_of(&self, id: &EntryId) -> Option<usize> {
        let number = u32::try_from(self.rows.number_of(id)?).ok()?;
        self.visible.iter().position(|visible| *visible == number)
    }

    /// What to select: the selected entry, else the nearest below it, else the nearest above it.
    fn candidates(&self) -> Vec<EntryId> {
        let below = (self.cursor + 1)..(self.cursor + 1 + NEIGHBOURS);
        let above = (self.cursor.saturating_sub(NEIGHBOURS)..self.cursor).rev();
        let neighbours = below.chain(above).filter_map(|at| self.entry_at(at));
        let selected = self.selected.iter().cloned();
        selected.chain(neighbours).collect()
    }

    fn follow_selection(&mut self, candidates: &[EntryId]) {
        if let Some(wanted) = self.wanted.take() {
            if self.select_entry(&wanted) {
                return;
            }
            self.wanted = Some(wanted);
        }
        let from_the_top = self.waiting.from_the_top;
        self.select(self.first_visible_of(candidates).unwrap_or(self.cursor));
        self.waiting.from_the_top = from_the_top;
    }

    /// Where the first of these stands that is visible.
    fn first_visible_of(&self, candidates: &[EntryId]) -> Option<usize> {
        let selected = candidates.first().and_then(|id| self.position_of(id));
        if selected.is_some() {
            return selected;
        }
        // One look at all rows for all of the others.
        let numbers = candidates.iter().enumerate().skip(1);
        let places: HashMap<u32, usize> = numbers
            .filter_map(|(place, id)| {
                let number = u32::try_from(self.rows.number_of(id)?).ok()?;
                Some((number, place))
            })
            .collect();
        let visible = self.visible.iter().enumerate();
        let found = visible.filter_map(|(at, number)| Some((*places.get(number)?, at)));
        found.min().map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests;
