//! The list pane: rows, what of them is shown and in which order, and which one is selected.
//!
//! The selection is an entry, not a position: it stays when rows move, and goes to a neighbour
//! when its row is gone.

use jiff::Timestamp;
use tui_input::Input;

use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
use crate::domain::query::{Haystack, Query, SortKey, sort};
use crate::domain::row::Row;

/// The word in a filter that shows what was put away, and nothing else.
pub(crate) const ARCHIVED: &str = "archived";

/// The list of entries.
#[derive(Debug, Default)]
pub struct ListPane {
    /// The rows of all entries, in the order of their ids.
    pub rows: Vec<Row>,
    haystack: Haystack,
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
    /// Whether the filter is being typed.
    pub typing: bool,
    /// An entry to be selected as soon as it is there.
    pub wanted: Option<EntryId>,
}

impl ListPane {
    /// Takes over new rows; the selection stays with its entry.
    pub fn refill(&mut self, inventory: &Inventory, now: Timestamp) {
        self.rows = inventory.rows(now);
        self.haystack = Haystack::of(&self.rows);
        self.arrange();
    }

    /// Filters and orders again, after filter, order or rows changed.
    pub fn arrange(&mut self) {
        let (text, archived) = split_filter(self.filter.value());
        let mut found = self.haystack.find(&Query::parse(&text));
        found.retain(|&index| self.rows[index].archived == archived);
        sort(&mut found, &self.rows, self.sort);
        self.visible = found;
        self.follow_selection();
    }

    /// The row at a position among the visible ones.
    #[must_use]
    pub fn row(&self, position: usize) -> Option<&Row> {
        self.visible
            .get(position)
            .and_then(|&index| self.rows.get(index))
    }

    /// Selects the visible row at `position`, or the last one before it.
    pub fn select(&mut self, position: usize) {
        self.cursor = position.min(self.visible.len().saturating_sub(1));
        self.selected = self.row(self.cursor).map(|row| row.id.clone());
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
        self.visible
            .iter()
            .position(|&index| &self.rows[index].id == id)
    }

    fn follow_selection(&mut self) {
        if let Some(wanted) = self.wanted.take() {
            if self.select_entry(&wanted) {
                return;
            }
            self.wanted = Some(wanted);
        }
        let kept = self.selected.as_ref().and_then(|id| self.position_of(id));
        // Where the entry is gone, its neighbour has moved to where it was.
        self.select(kept.unwrap_or(self.cursor));
    }
}

/// The filter's words, and whether what was put away is asked for.
fn split_filter(text: &str) -> (String, bool) {
    let (archived, words): (Vec<_>, Vec<_>) =
        text.split_whitespace().partition(|word| *word == ARCHIVED);
    (words.join(" "), !archived.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::domain::entry::Entry;

    fn inventory(ids: &[&str]) -> Inventory {
        let entry = |id: &&str| {
            let id = EntryId::new(*id);
            let entry = Entry::new(id.clone(), "a", "none", "s", Timestamp::UNIX_EPOCH);
            (id, Arc::new(entry))
        };
        Inventory {
            entries: Arc::new(ids.iter().map(entry).collect::<BTreeMap<_, _>>()),
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
