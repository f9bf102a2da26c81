//! The list pane: rows, what of them is shown and in which order, and which one is selected.
//!
//! The selection is an entry, not a position: it stays when rows move, and goes to a neighbour
//! when its row is gone.

use jiff::Timestamp;
use tui_input::Input;

use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Readiness;
pub(crate) use crate::domain::query::ARCHIVED;
use crate::domain::query::{Query, QueryError, Search, SortKey, sort};
use crate::domain::row::Row;
use crate::domain::rows::Rows;
use crate::domain::text;

/// How many neighbours of the selected row are candidates to take its place.
const NEIGHBOURS: usize = 50;
/// A sign, a blank, and ` (unreadable)`: what stands beside the state of an entry in trouble.
const TROUBLE: usize = 15;
/// `gone (was )`: what stands around the state of an entry that the provider has deleted.
const GONE: usize = 11;
/// No column is made wider for a single long text than this.
const WIDEST: usize = 48;

/// How many columns the texts of each kind want, so that the list shares its width well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widest {
    /// The names, with the number of further ones.
    pub name: usize,
    /// The products.
    pub product: usize,
    /// The accounts.
    pub account: usize,
    /// The states.
    pub state: usize,
}

impl Widest {
    fn of(rows: &Rows) -> Self {
        let mut widths = [const { Widths::new() }; 4];
        for row in rows.iter() {
            let more = if row.more_names > 0 { 5 } else { 0 };
            let wanted = [
                width(&row.name) + more,
                width(&row.product),
                width(&row.account_words),
                width(&row.state) + beside_state(&row),
            ];
            for (widths, wanted) in widths.iter_mut().zip(wanted) {
                widths.add(wanted);
            }
        }
        let [name, product, account, state] = widths;
        Self {
            name: name.enough(),
            product: product.most(),
            account: account.most(),
            state: state.most(),
        }
    }
}

/// How much room the state wants beside itself: for what must be read with it, and for a sign that
/// there is more. What was said stands on a line of its own.
fn beside_state(row: &Row) -> usize {
    if row.trouble {
        return TROUBLE;
    }
    let ready = row
        .ready
        .as_ref()
        .map_or(0, |ready| 3 + ready_word(ready).len());
    let accepted = row.request_words().filter(|_| row.accepted);
    let accepted = accepted.map_or(0, |words| 3 + words.len());
    let gone = row.gone.map_or(0, |_| GONE);
    let more = row.superseded || row.request.is_some() || row.reminder.is_some();
    (ready + accepted + gone).max(usize::from(more))
}

/// Whether it is ready for production, in a word or two.
pub(crate) fn ready_word(ready: &Readiness) -> &'static str {
    match ready {
        Readiness::Yes => "ready",
        Readiness::No(_) => "not ready",
        Readiness::Unknown(_) => "ready?",
    }
}

/// How many texts there are of each width.
struct Widths([usize; WIDEST + 1]);

impl Widths {
    const fn new() -> Self {
        Self([0; WIDEST + 1])
    }

    fn add(&mut self, width: usize) {
        self.0[width.min(WIDEST)] += 1;
    }

    /// The greatest width.
    fn most(&self) -> usize {
        self.0.iter().rposition(|count| *count > 0).unwrap_or(0)
    }

    /// The width that is enough for four of five texts, so that some long names do not take the
    /// room of all the others.
    fn enough(&self) -> usize {
        let all: usize = self.0.iter().sum();
        let mut seen = 0;
        let mut widths = self.0.iter().enumerate();
        let enough = widths.find(|(_, count)| {
            seen += **count;
            seen * 5 >= all * 4
        });
        enough.map_or(0, |(width, _)| width)
    }
}

/// The width of a text as it is drawn, without looking further than a column can be.
fn width(raw: &str) -> usize {
    let fitted = text::fit(raw, WIDEST);
    text::width(&text::sanitise(&fitted)).min(WIDEST)
}

/// The list of entries.
#[derive(Debug, Default)]
pub struct ListPane {
    /// The rows of all entries, in the order of their ids.
    pub rows: Rows,
    search: Search,
    /// How much room the texts want.
    pub widest: Widest,
    /// The positions of all rows, in order, and what they are ordered by.
    order: Vec<usize>,
    ordered_by: SortKey,
    /// The positions of the rows that are shown, in the order in which they are.
    pub visible: Vec<usize>,
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
    /// The filter that is applied: what was typed, as far as it is right.
    query: Query,
    /// What is wrong with what was typed.
    pub problem: Option<QueryError>,
    /// Whether the filter is being typed.
    pub typing: bool,
    /// An entry to be selected as soon as it is there.
    pub wanted: Option<EntryId>,
}

impl ListPane {
    /// Takes over new rows; the selection stays with its entry.
    pub fn refill(&mut self, inventory: &Inventory, now: Timestamp) {
        let candidates = self.candidates();
        self.rows = inventory.rows(now);
        self.search = Search::of(inventory, &self.rows);
        self.widest = Widest::of(&self.rows);
        self.put_in_order();
        self.find();
        self.follow_selection(&candidates);
    }

    /// Filters and orders again, after filter or order changed.
    pub fn arrange(&mut self) {
        let candidates = self.candidates();
        if self.ordered_by != self.sort {
            self.put_in_order();
        }
        self.find();
        self.follow_selection(&candidates);
    }

    /// With a mistake in the filter, what stands before it stays applied: the list must not go
    /// empty while a key is being typed.
    fn find(&mut self) {
        let typed = self.filter.value();
        let (query, problem) = match Query::parse(typed) {
            Ok(query) => (query, None),
            Err(problem) => {
                let before: String = typed.chars().take(problem.at.saturating_sub(1)).collect();
                (Query::parse(&before).unwrap_or_default(), Some(problem))
            }
        };
        (self.query, self.problem) = (query, problem);
        let all = self.query.asks_for_archived();
        let mut shown = vec![false; self.rows.len()];
        for index in self.search.find(&self.rows, &self.query) {
            shown[index] = all || !self.rows.is_archived(index);
        }
        let in_order = self.order.iter().copied();
        self.visible = in_order.filter(|&index| shown[index]).collect();
    }

    /// Orders all rows, so that a letter of the filter need not order anything.
    fn put_in_order(&mut self) {
        self.order = (0..self.rows.len()).collect();
        sort(&mut self.order, &self.rows, self.sort);
        self.ordered_by = self.sort;
    }

    /// The row at a position among the visible ones.
    #[must_use]
    pub fn row(&self, position: usize) -> Option<Row> {
        self.rows.row(*self.visible.get(position)?)
    }

    /// The entry at a position among the visible ones.
    #[must_use]
    pub fn entry_at(&self, position: usize) -> Option<EntryId> {
        self.rows.id(*self.visible.get(position)?)
    }

    /// Selects the visible row at `position`, or the last one before it.
    pub fn select(&mut self, position: usize) {
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
        let number = self.rows.number_of(id)?;
        self.visible.iter().position(|&index| index == number)
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
        let kept = candidates.iter().find_map(|id| self.position_of(id));
        self.select(kept.unwrap_or(self.cursor));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::entry::Entry;

    fn inventory(ids: &[&str]) -> Inventory {
        let entry = |id: &&str| {
            let id = EntryId::new(*id);
            let entry = Entry::new(id, "a", "none", "s", Timestamp::UNIX_EPOCH);
            Arc::new(entry)
        };
        Inventory {
            entries: ids.iter().map(entry).collect(),
            ..Inventory::default()
        }
    }

    fn selected(list: &ListPane) -> &str {
        list.selected.as_ref().map_or("", EntryId::as_str)
    }

    #[test]
    fn the_selection_stays_with_its_entry_and_goes_to_a_neighbour_when_it_is_gone() {
        let now = Timestamp::UNIX_EPOCH;
        let mut list = ListPane::default();
        list.refill(&inventory(&["b", "c", "d"]), now);
        list.step(1);
        assert_eq!(selected(&list), "c");
        list.refill(&inventory(&["a", "b", "c", "d"]), now);
        assert_eq!((selected(&list), list.cursor), ("c", 2));
        list.refill(&inventory(&["a", "b", "d"]), now);
        assert_eq!(selected(&list), "d");
        list.refill(&inventory(&["a"]), now);
        assert_eq!(selected(&list), "a");
        list.refill(&inventory(&[]), now);
        assert_eq!((list.selected.is_none(), list.cursor), (true, 0));
    }

    #[test]
    fn the_window_follows_the_cursor_and_leaves_no_gap_at_the_end() {
        let ids: Vec<String> = (100..200).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut list = ListPane::default();
        list.refill(&inventory(&ids), Timestamp::UNIX_EPOCH);
        list.step(99);
        list.scroll_to_cursor(10);
        assert_eq!((list.cursor, list.offset), (99, 90));
        list.step(-200);
        list.scroll_to_cursor(10);
        assert_eq!((list.cursor, list.offset), (0, 0));
        list.step(95);
        list.scroll_to_cursor(10);
        list.scroll_to_cursor(50);
        assert_eq!(list.offset, 50);
    }
}
