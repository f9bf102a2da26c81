//! Asking a filter of all entries.
//!
//! Pure. The panel and `list`, `check` build one for each new set of rows and ask it at every
//! letter that is typed.

use super::Query;
use super::haystack::Haystack;
use super::keys::{Fact, Needs, Ready, TextKey, TimeKey};
use super::parse::digits;
use super::term::{Asks, Term};
use super::text::Pattern;
use crate::domain::account::AccountKind;
use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{Lifecycle, Phase, Readiness, Who, standing};
use crate::domain::name;
use crate::domain::row::Row;
use crate::domain::rows::Rows;

/// Everything that a filter can be asked of.
#[derive(Clone, Debug, Default)]
pub struct Search {
    haystack: Haystack,
    inventory: Inventory,
}

/// One entry with what belongs to it.
struct Subject<'a> {
    entry: &'a Entry,
    row: &'a Row,
    inventory: &'a Inventory,
}

impl Search {
    /// Makes ready to search. `rows` are all rows of this inventory, as `Inventory::rows` gives
    /// them.
    #[must_use]
    pub fn of(inventory: &Inventory, rows: &Rows) -> Self {
        Self {
            haystack: Haystack::of(&inventory.entries, rows.all()),
            inventory: inventory.clone(),
        }
    }

    /// The positions of the rows that a query lets through, in their own order. What was put away
    /// is found like everything else.
    #[must_use]
    pub fn find(&self, rows: &Rows, query: &Query) -> Vec<usize> {
        let mut fits = vec![true; rows.len()];
        let (words, mut others): (Vec<&Term>, Vec<&Term>) = query
            .terms
            .iter()
            .partition(|term| matches!(term.asks, Asks::Word(_)));
        for term in words {
            let Asks::Word(word) = &term.asks else {
                continue;
            };
            let found = self.haystack.rows_with(word);
            for (fit, found) in fits.iter_mut().zip(found) {
                *fit &= found != term.negated;
            }
        }
        if !others.is_empty() {
            // Most rows are out before anything but the row is looked at.
            others.sort_by_key(|term| looks_beyond_the_row(&term.asks));
            self.ask(&mut fits, rows.all(), &others);
        }
        let found = fits.iter().enumerate().filter(|(_, fit)| **fit);
        found.map(|(index, _)| index).collect()
    }

    /// Asks the terms that are no words of every row that still fits.
    fn ask(&self, fits: &mut [bool], rows: &[Row], terms: &[&Term]) {
        for (fit, row) in fits.iter_mut().zip(rows).filter(|(fit, _)| **fit) {
            let Some(entry) = self.inventory.get(&row.id) else {
                continue;
            };
            let subject = Subject {
                entry: &entry,
                row,
                inventory: &self.inventory,
            };
            *fit = terms
                .iter()
                .all(|term| subject.answers(&term.asks) != term.negated);
        }
    }
}

/// Whether the row alone does not answer it, so that the entry has to be fetched from memory.
fn looks_beyond_the_row(asks: &Asks) -> bool {
    match asks {
        Asks::Text(key, _) => !matches!(
            key,
            TextKey::Status | TextKey::Product | TextKey::Account | TextKey::Id
        ),
        Asks::YesNo(fact, _) => *fact == Fact::Trouble,
        Asks::Needs(needs) => *needs == Needs::You,
        Asks::Word(_) | Asks::Known(_) | Asks::Time(..) | Asks::Phase(_) | Asks::Ready(_) => false,
    }
}

impl Subject<'_> {
    fn lifecycle(&self) -> Option<&Lifecycle> {
        self.inventory.lifecycle_of(self.entry).map(AsRef::as_ref)
    }

    fn kind(&self) -> Option<AccountKind> {
        let account = self.inventory.accounts.get(&self.entry.account);
        account.map(|account| account.kind)
    }

    fn answers(&self, asks: &Asks) -> bool {
        match asks {
            // Words are looked for in the haystack.
            Asks::Word(_) => true,
            Asks::Text(key, pattern) => self.is_like(*key, pattern),
            Asks::Known(key) => self.time(*key).is_some(),
            Asks::Time(key, side, bound) => {
                let at = self.time(*key);
                at.is_some_and(|at| bound.has(*side, at, self.row.now))
            }
            Asks::YesNo(fact, yes) => self.is(*fact) == *yes,
            Asks::Phase(phase) => self.row.phase == *phase,
            Asks::Needs(needs) => self.needs(*needs),
            Asks::Ready(ready) => self.row.ready.as_ref().is_some_and(|is| fits(*ready, is)),
        }
    }

    fn is_like(&self, key: TextKey, pattern: &Pattern) -> bool {
        let (entry, row) = (self.entry, self.row);
        match key {
            TextKey::Name => is_name_like(entry.name(), pattern),
            TextKey::San => entry.names.iter().any(|name| is_name_like(name, pattern)),
            TextKey::Account => pattern.fits(&row.account),
            TextKey::Provider => self.is_provided_by(pattern),
            TextKey::Lifecycle => pattern.fits(&entry.lifecycle),
            TextKey::Status => is_state_like(row, pattern),
            TextKey::Product => pattern.fits(&row.product),
            TextKey::Issuer => entry
                .serving()
                .is_some_and(|held| pattern.fits(&held.issuer)),
            TextKey::Key => {
                let ordered = || entry.order.key_type.as_deref();
                let serving = entry.serving().map(|held| held.key.as_str());
                let key = serving.or_else(ordered);
                key.is_some_and(|key| pattern.fits(key))
            }
            TextKey::Serial => entry
                .serving()
                .is_some_and(|held| pattern.fits(&digits(&held.serial))),
            TextKey::Id => pattern.fits(row.id.as_str()),
            TextKey::Note => pattern.fits(&entry.note),
        }
    }

    /// The provider by its lifecycle and by the kind of account: either is what people call it.
    fn is_provided_by(&self, pattern: &Pattern) -> bool {
        let provider = self.lifecycle().map(|table| table.provider.as_str());
        pattern.fits(provider.unwrap_or(&self.entry.lifecycle))
            || self.kind().is_some_and(|kind| pattern.fits(kind.id()))
    }

    fn time(&self, key: TimeKey) -> Option<jiff::Timestamp> {
        match key {
            TimeKey::Expires => self.row.validity.map(|(_, to)| to),
            TimeKey::Paid => self.row.paid_until,
        }
    }

    fn is(&self, fact: Fact) -> bool {
        match fact {
            Fact::Due => self.row.is_due(),
            Fact::Archived => self.row.archived,
            Fact::Superseded => self.row.superseded,
            Fact::Ca => self.row.is_ca,
            Fact::Expired => self.row.has_expired(),
            Fact::Trouble => self.entry.trouble.is_some(),
        }
    }

    fn needs(&self, needs: Needs) -> bool {
        let someone = self.row.needs_someone();
        match needs {
            Needs::Someone => someone,
            Needs::Nothing => !someone,
            Needs::You => someone && !self.waits_for_customer_alone(),
        }
    }

    /// Whether nothing but a customer's move is missing.
    fn waits_for_customer_alone(&self) -> bool {
        let (entry, row) = (self.entry, self.row);
        if row.phase != Some(Phase::ActionNeeded) || row.is_due() || row.reminder.is_some() {
            return false;
        }
        let Some(table) = self.lifecycle() else {
            return false;
        };
        let stands = standing(entry, table, row.now);
        let states = stands.tracks.iter();
        let mut asking = states
            .filter_map(|(_, state)| table.find(state))
            .filter(|state| state.phase == Phase::ActionNeeded);
        entry.trouble.is_none()
            && asking.all(|state| state.who_with(entry.order.method) == Who::Customer)
    }
}

/// A status is found by what is shown of all tracks, of any of them, and by the states' ids.
fn is_state_like(row: &Row, pattern: &Pattern) -> bool {
    let several = || row.state_ids.contains('+');
    pattern.fits(&row.state)
        || row.state_ids.split('+').any(|id| pattern.fits(id))
        || (several() && row.state.split(" · ").any(|label| pattern.fits(label)))
}

fn fits(wanted: Ready, is: &Readiness) -> bool {
    match is {
        Readiness::Yes => wanted == Ready::Yes,
        Readiness::No(_) => wanted == Ready::No,
        Readiness::Unknown(_) => wanted == Ready::Unknown,
    }
}

/// Names are found as certificates carry them and as people read them.
fn is_name_like(ascii: &str, pattern: &Pattern) -> bool {
    pattern.fits(ascii) || (ascii.contains("xn--") && pattern.fits(&name::unicode(ascii)))
}
