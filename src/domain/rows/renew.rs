//! Keeping rows in step with what changes, without making all of them anew.
//!
//! Pure. The panel asks it after each change and whenever its clock moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::columns::{Columns, Maker};
use super::held::Held;
use super::{Added, Rows, Seen, short};
use crate::domain::account::AccountKind;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::domain::renewal;
use crate::domain::row::Row;

/// How long what is kept by hand may be reminded of too late, in seconds.
const REMINDED: i64 = 60;

/// A row that changed or came to be.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Its number.
    pub number: usize,
    /// The row as it was; nothing for a new one.
    pub before: Option<Row>,
}

/// The first second after which a row may be another by time alone, as far as its own certificate
/// says.
pub(super) fn next_turn(row: &Row) -> i64 {
    let Some((from, to)) = row.validity else {
        return i64::MAX;
    };
    let turns = [from, renewal::window_opens(from, to), to];
    let ahead = turns.into_iter().filter(|turn| *turn >= row.now);
    ahead.map(Timestamp::as_second).min().unwrap_or(i64::MAX)
}

impl Rows {
    /// Brings the rows up to this inventory and time by making only those that changed, and names
    /// them; `None`, and nothing is changed, where all have to be made anew ([`Rows::of`]): because
    /// there is another snapshot, the accounts or tables are others, or certificates have turned.
    #[must_use]
    pub fn renew(&mut self, inventory: &Inventory, system: Timestamp) -> Option<Vec<Changed>> {
        if !self.has_grown_to(inventory) || self.has_turned(inventory, system) {
            return None;
        }
        let changed = self.differing(inventory)?;
        let before: Vec<_> = changed
            .iter()
            .map(|id| (id.clone(), self.row_of(id)))
            .collect();
        self.inventory = inventory.clone();
        self.system = system;
        let changed = before.into_iter().map(|(id, before)| Changed {
            number: self.put(&id, before.as_ref()),
            before,
        });
        Some(changed.collect())
    }

    fn row_of(&self, id: &EntryId) -> Option<Row> {
        self.row(self.number_of(id)?)
    }

    /// Whether nothing but single entries differs.
    fn has_grown_to(&self, inventory: &Inventory) -> bool {
        let (old, new) = (&self.inventory, inventory);
        Arc::ptr_eq(old.entries.base(), new.entries.base())
            && Arc::ptr_eq(&old.lifecycles, &new.lifecycles)
            && old.accounts.len() == new.accounts.len()
            && (old.accounts.values().zip(new.accounts.values()))
                .all(|(old, new)| (&old.name, old.kind) == (&new.name, new.kind))
    }

    /// Whether a row may be another by time alone.
    fn has_turned(&self, inventory: &Inventory, system: Timestamp) -> bool {
        self.turns.iter().any(|(account, turn)| {
            let before = self.inventory.time_of(account, self.system);
            let now = inventory.time_of(account, system);
            let kind = inventory.accounts.get(account).map(|account| account.kind);
            let by_hand = kind == Some(AccountKind::ByHand);
            let made = inventory.time_of(account, self.made);
            let late = by_hand && now.as_second() - made.as_second() >= REMINDED;
            now < before || now.as_second() >= *turn && now != before || late
        })
    }

    /// The entries that differ, and those whose rows hang on them; nothing where one is gone.
    fn differing(&self, inventory: &Inventory) -> Option<BTreeSet<EntryId>> {
        let (old, new) = (self.inventory.entries.over(), inventory.entries.over());
        let mut changed = BTreeSet::new();
        for entry in new.differing(old)? {
            changed.insert(entry.id.clone());
            predecessors(entry, inventory, &mut changed);
        }
        Some(changed)
    }

    /// Puts the row of an entry in place; gives its number.
    fn put(&mut self, id: &EntryId, before: Option<&Row>) -> usize {
        let number = self.number_of(id).unwrap_or_else(|| {
            let first = self.base().len();
            Arc::<Added>::make_mut(&mut self.added).add(id, first);
            self.len() - 1
        });
        let is_over = self.inventory.entries.over().contains(id);
        let stays_packed = !is_over && matches!(self.seen(number), Some(Seen::Packed(_)));
        self.uncount(number, before);
        if stays_packed {
            self.fill(number);
        } else {
            self.hold(id, number);
        }
        number
    }

    /// The row as it was is not counted any more.
    fn uncount(&mut self, number: usize, before: Option<&Row>) {
        let Some(before) = before else {
            return;
        };
        if self.is_held(number) {
            self.tally.remove(before.counts_as());
        } else {
            let columns = Arc::<Columns>::make_mut(&mut self.columns);
            columns.tally.remove(before.counts_as());
        }
    }

    /// Fills in the columns of one that lies packed and whose successors have changed.
    fn fill(&mut self, number: usize) {
        let inventory = self.inventory.clone();
        let mut maker = Maker::new(&inventory, self.system);
        let columns = Arc::<Columns>::make_mut(&mut self.columns);
        maker.supersede_one(columns, number);
        maker.fill(columns, number);
    }

    fn hold(&mut self, id: &EntryId, number: usize) {
        let Some(entry) = self.inventory.entries.outline(id) else {
            return;
        };
        let row = self.inventory.row(&entry, self.system);
        if number < self.base().len() && !self.is_held(number) {
            Arc::<Columns>::make_mut(&mut self.columns)
                .whole
                .set(number, true);
        }
        self.tally.add(row.counts_as());
        self.watch(&row);
        let held = Arc::new(Held::of(&entry, row));
        Arc::<BTreeMap<_, _>>::make_mut(&mut self.held).insert(short(number), held);
    }
}

/// Everything that came before an entry: whether a successor serves in its place hangs on it.
fn predecessors(entry: &Entry, inventory: &Inventory, found: &mut BTreeSet<EntryId>) {
    let earlier = |entry: &Entry| -> Vec<EntryId> {
        let links = entry.links.iter().filter(|link| !link.kind.is_successor());
        links.map(|link| link.entry.clone()).collect()
    };
    let mut next = earlier(entry);
    while let Some(id) = next.pop() {
        if found.contains(&id) {
            continue;
        }
        if let Some(before) = inventory.entries.outline(&id) {
            next.extend(earlier(&before));
            found.insert(id);
        }
    }
}
