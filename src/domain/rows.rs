//! All rows of the list at one moment: what ordering, filtering and counting need of each, and the
//! whole row of those that are looked at.
//!
//! Pure. The inventory makes them; the panel, `list` and `check` ask them. A row keeps its number as
//! long as entries are only changed and added: first the entries of the base, in its order, then
//! those that came to be since.

mod bits;
mod columns;
mod held;
mod judged;
mod parts;
mod reckon;
mod renew;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::entries::{Base, Slim};
use super::entry::EntryId;
use super::inventory::Inventory;
use super::lifecycle::Phase;
use super::row::{Row, UrgencyClass};
use columns::{Columns, Maker};
use tally::Tally;

pub(crate) use bits::Bits;
pub(super) use held::Held;
pub(super) use judged::{Judged, waits_for_customer};
pub use parts::{Parts, Shared};
use reckon::Stage;
pub(super) use reckon::{URGENCY, class, pack, squeezed};
pub use renew::Changed;

/// How many rows an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub entries: usize,
    /// Those about which somebody has to do something.
    pub needs_someone: usize,
}

/// All rows, by number. Cloning them copies no row.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    inventory: Inventory,
    system: Timestamp,
    /// When all of them were made.
    made: Timestamp,
    columns: Arc<Columns>,
    /// The rows that are held whole, by number.
    held: Arc<BTreeMap<u32, Arc<Held>>>,
    added: Arc<Added>,
    /// How the held rows are counted.
    tally: Tally,
    /// For each account the first second after which a row of it may be another.
    turns: Arc<BTreeMap<String, i64>>,
}

/// The entries that the base has not, in the order of their numbers.
#[derive(Clone, Debug, Default)]
struct Added {
    ids: Vec<EntryId>,
    numbers: BTreeMap<EntryId, u32>,
}

impl Added {
    fn add(&mut self, id: &EntryId, first: usize) {
        let number = u32::try_from(first + self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(id.clone());
        self.numbers.insert(id.clone(), number);
    }
}

/// A row as far as it is known without making it.
pub(super) enum Seen<'a> {
    /// Of an entry that lies packed in the base.
    Packed(&'a Slim),
    /// One that is held.
    Held(&'a Held),
}

impl Rows {
    /// The rows of all entries when the system's clock shows `system`.
    #[must_use]
    pub fn of(inventory: &Inventory, system: Timestamp) -> Self {
        let base = inventory.entries.base();
        let over = inventory.entries.over();
        let mut rows = Self {
            inventory: inventory.clone(),
            system,
            made: system,
            ..Self::default()
        };
        let mut whole = Bits::all(base.len(), false);
        let (mut held, mut added) = (BTreeMap::new(), Added::default());
        for (number, entry) in base.all_whole() {
            whole.set(*number as usize, true);
            held.insert(*number, Arc::clone(entry));
        }
        for entry in over {
            let number = base.find(&entry.id).unwrap_or_else(|| {
                added.add(&entry.id, base.len());
                base.len() + added.ids.len() - 1
            });
            whole.set(number, true);
            held.insert(short(number), Arc::clone(entry));
        }
        rows.added = Arc::new(added);
        let (columns, turns) = Maker::new(inventory, system).columns(whole);
        rows.columns = Arc::new(columns);
        rows.turns = Arc::new(turns.into_iter().collect());
        let held = held.into_iter().map(|(number, entry)| {
            let row = inventory.row(&entry, system);
            (number, Arc::new(Held::of(&entry, row)))
        });
        rows.held = Arc::new(held.collect());
        for held in Arc::clone(&rows.held).values() {
            rows.tally.add(held.row.counts_as());
            rows.watch(&held.row);
        }
        rows
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.base().len() + self.added.ids.len()
    }

    /// Whether these are the rows of the first page alone, and the rest is not read yet.
    #[must_use]
    pub fn is_first_page(&self) -> bool {
        self.inventory.is_loading()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole row with a number. Nothing is read for it.
    #[must_use]
    pub fn row(&self, number: usize) -> Option<Row> {
        match self.seen(number)? {
            Seen::Held(held) => Some(Row {
                now: self.inventory.time_of(&held.row.account, self.system),
                ..held.row.clone()
            }),
            Seen::Packed(_) => {
                let outline = self.base().outline(number);
                let superseded = self.columns.superseded.get(number);
                Some(self.inventory.row_with(&outline, self.system, superseded))
            }
        }
    }

    /// Every row, one after the other. Each is made for it: for what people wait for, ask for some
    /// of them.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len()).filter_map(|number| self.row(number))
    }

    /// The entry of a row.
    #[must_use]
    pub fn id(&self, number: usize) -> Option<EntryId> {
        (number < self.len()).then(|| EntryId::new(self.id_text(number)))
    }

    /// The number of an entry's row.
    #[must_use]
    pub fn number_of(&self, id: &EntryId) -> Option<usize> {
        let added = || self.added.numbers.get(id).map(|number| *number as usize);
        self.base().find(id).or_else(added)
    }

    /// Whether the entry of a row was put away.
    #[must_use]
    pub fn is_archived(&self, number: usize) -> bool {
        match self.seen(number) {
            Some(Seen::Packed(slim)) => self.base().kind(slim).archived,
            Some(Seen::Held(held)) => held.row.archived,
            None => false,
        }
    }

    /// Leaves out the rows whose entries were put away.
    pub(crate) fn without_archived(&self, shown: &mut Bits) {
        let kinds = &self.base().shared().kinds;
        if kinds.iter().any(|kind| kind.archived) {
            let is_archived = |at: usize| {
                let kind = kinds.get(judged::kind(self.code(at)));
                !self.columns.whole.get(at) && kind.is_some_and(|kind| kind.archived)
            };
            shown.keep(&Bits::of(self.base().len(), is_archived), false);
        }
        let archived = self.all_held().filter(|(_, held)| held.row.archived);
        for (number, _) in archived {
            shown.set(number as usize, false);
        }
    }

    /// What the provider said last about the entry of a row, where it belongs on the row.
    #[must_use]
    pub fn said(&self, number: usize) -> Option<&str> {
        self.held(number)?.row.said.as_deref()
    }

    /// How many rows there are of each kind, as the bar at the top and `check` count them alike.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<Phase, usize> {
        let mut counts = self.columns.tally.counts();
        for (phase, count) in self.tally.counts() {
            *counts.entry(phase).or_insert(0) += count;
        }
        counts
    }

    /// Whether somebody has to do something about the entry of a row.
    #[must_use]
    pub fn needs_someone(&self, number: usize) -> bool {
        number < self.len() && class(self.urgency(number)) <= UrgencyClass::NeedsYou
    }

    /// How many rows each account has, without what was put away.
    #[must_use]
    pub fn by_account(&self) -> BTreeMap<String, Count> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        let shared = self.base().shared();
        let mut packed = vec![Count::default(); shared.accounts.len()];
        for number in 0..self.base().len() {
            if let Some(Seen::Packed(slim)) = self.seen(number)
                && !self.base().kind(slim).archived
            {
                let count = &mut packed[usize::from(slim.account)];
                count.entries += 1;
                count.needs_someone += usize::from(self.needs_someone(number));
            }
        }
        let packed = shared.accounts.iter().zip(packed);
        counts.extend(
            packed
                .filter(|(_, count)| count.entries > 0)
                .map(|(name, count)| (name.clone(), count)),
        );
        for held in self.held.values().filter(|held| !held.row.archived) {
            let count = counts.entry(held.row.account.clone()).or_default();
            count.entries += 1;
            count.needs_someone += usize::from(held.row.needs_someone());
        }
        counts
    }
}

/// What ordering and filtering ask of rows without making them.
impl Rows {
    /// The system's time of these rows.
    pub(super) fn system(&self) -> Timestamp {
        self.system
    }

    /// What they are the rows of.
    pub(crate) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    pub(super) fn base(&self) -> &Arc<Base> {
        self.inventory.entries.base()
    }

    /// The row with a number, as far as it is known.
    pub(super) fn seen(&self, number: usize) -> Option<Seen<'_>> {
        if number < self.base().len() && !self.columns.whole.get(number) {
            return self.base().slim(number).map(Seen::Packed);
        }
        self.held.get(&short(number)).map(|held| Seen::Held(held))
    }

    /// A row that is held.
    pub(super) fn held(&self, number: usize) -> Option<&Held> {
        match self.seen(number) {
            Some(Seen::Held(held)) => Some(held),
            _ => None,
        }
    }

    /// All rows that are held, by number.
    pub(super) fn all_held(&self) -> impl Iterator<Item = (u32, &Held)> {
        self.held
            .iter()
            .map(|(number, held)| (*number, held.as_ref()))
    }

    /// Whether a row is held.
    pub(super) fn is_held(&self, number: usize) -> bool {
        number >= self.base().len() || self.columns.whole.get(number)
    }

    /// What the table says of a row that is packed.
    pub(super) fn judged(&self, number: usize) -> Option<&Judged> {
        self.columns.memo.get(*self.columns.judged.get(number)?)
    }

    /// The code under which a row that is packed was judged.
    pub(super) fn code(&self, number: usize) -> u16 {
        self.columns.judged.get(number).copied().unwrap_or_default()
    }

    /// Whether the renewal window of the certificate of a row that is packed is open, or it has ended.
    pub(super) fn window_is_open(&self, number: usize) -> bool {
        Stage::of_code(self.code(number)).window_is_open()
    }

    /// Whether the certificate of a row that is packed has ended.
    pub(super) fn has_ended(&self, number: usize) -> bool {
        Stage::of_code(self.code(number)).has_ended()
    }

    /// One answer for each code.
    pub(super) fn by_code<T: Clone>(&self, otherwise: T, answer: impl Fn(&Judged) -> T) -> Vec<T> {
        self.columns.memo.table(otherwise, answer)
    }

    pub(super) fn is_superseded(&self, number: usize) -> bool {
        match self.held(number) {
            Some(held) => held.row.superseded,
            None => self.columns.superseded.get(number),
        }
    }

    /// How urgent a row is, packed.
    pub(super) fn urgency(&self, number: usize) -> u64 {
        match self.held(number) {
            Some(held) => pack(held.row.urgency),
            None => self.packed_urgency(number),
        }
    }

    /// How urgent a row is that lies packed, packed.
    pub(super) fn packed_urgency(&self, number: usize) -> u64 {
        (self.columns.urgency.get(number)).map_or(0, |urgent| urgent.packed())
    }

    pub(super) fn id_text(&self, number: usize) -> &str {
        match number.checked_sub(self.base().len()) {
            None => self.base().id_text(number),
            Some(added) => self.added.ids.get(added).map_or("", EntryId::as_str),
        }
    }

    /// The time of each account of the base, by its number there.
    pub(super) fn times(&self) -> Vec<Timestamp> {
        let accounts = self.base().shared().accounts.iter();
        accounts
            .map(|name| self.inventory.time_of(name, self.system))
            .collect()
    }

    /// Remembers when a held row turns.
    fn watch(&mut self, row: &Row) {
        let turn = renew::next_turn(row);
        let turns = Arc::make_mut(&mut self.turns);
        let next = turns.entry(row.account.clone()).or_insert(i64::MAX);
        *next = turn.min(*next);
    }
}

/// A number as tables have it.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
