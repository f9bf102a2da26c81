//! All rows of the list at one moment: what ordering, filtering and counting need of each, and the
//! whole row of those that are looked at.
//!
//! Pure. The inventory makes them; the panel, `list` and `check` ask them. A row keeps its number as
//! long as this lives.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entry::EntryId;
use super::inventory::Inventory;
use super::lifecycle::Phase;
use super::row::Row;

/// How many rows an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub entries: usize,
    /// Those about which somebody has to do something.
    pub needs_someone: usize,
}

/// All rows, by number.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    /// The rows of all entries when the system's clock shows `system`.
    #[must_use]
    pub fn of(inventory: &Inventory, system: Timestamp) -> Self {
        let entries = inventory.entries.iter();
        Self {
            rows: entries.map(|entry| inventory.row(&entry, system)).collect(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole row with a number.
    #[must_use]
    pub fn row(&self, number: usize) -> Option<Row> {
        self.rows.get(number).cloned()
    }

    /// Every row, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows.iter().cloned()
    }

    /// The entry of a row.
    #[must_use]
    pub fn id(&self, number: usize) -> Option<EntryId> {
        self.rows.get(number).map(|row| row.id.clone())
    }

    /// The number of an entry's row.
    #[must_use]
    pub fn number_of(&self, id: &EntryId) -> Option<usize> {
        self.rows.binary_search_by(|row| row.id.cmp(id)).ok()
    }

    /// Whether the entry of a row was put away.
    #[must_use]
    pub fn is_archived(&self, number: usize) -> bool {
        self.rows.get(number).is_some_and(|row| row.archived)
    }

    /// How many rows there are of each kind, as the bar at the top and `check` count them alike.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<Phase, usize> {
        super::row::tally(&self.rows)
    }

    /// Whether somebody has to do something about the entry of a row.
    #[must_use]
    pub fn needs_someone(&self, number: usize) -> bool {
        self.rows.get(number).is_some_and(Row::needs_someone)
    }

    /// How many rows each account has, without what was put away.
    #[must_use]
    pub fn by_account(&self) -> BTreeMap<String, Count> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| !row.archived) {
            let count = counts.entry(row.account.clone()).or_default();
            count.entries += 1;
            count.needs_someone += usize::from(row.needs_someone());
        }
        counts
    }

    /// All rows as they stand in memory.
    pub(super) fn all(&self) -> &[Row] {
        &self.rows
    }
}
