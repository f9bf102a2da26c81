//! Asking a filter of all entries.
//!
//! Pure. The panel and `list`, `check` ask it. What rows know is asked first; entries are read from
//! the disk only for what nobody else knows, and only those that everything else lets through.

mod packed;
mod whole;

use std::sync::atomic::{AtomicBool, Ordering};

use super::Query;
use super::haystack;
use super::keys::TextKey;
use super::term::{Asks, Term};
use super::text::Pattern;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Readiness;
use crate::domain::name;
use crate::domain::rows::{Bits, Rows, Seen};
use packed::Packed;
use whole::Subject;

/// Everything that a filter can be asked of.
#[derive(Clone, Debug, Default)]
pub struct Search {
    inventory: Inventory,
}

impl Search {
    /// Makes ready to search. `rows` are all rows of this inventory, as `Inventory::rows` gives
    /// them.
    #[must_use]
    pub fn of(inventory: &Inventory, _rows: &Rows) -> Self {
        Self {
            inventory: inventory.clone(),
        }
    }

    /// The numbers of the rows that a query lets through, in their own order. What was put away
    /// is found like everything else.
    #[must_use]
    pub fn find(&self, rows: &Rows, query: &Query) -> Vec<usize> {
        let never = AtomicBool::new(false);
        let fits = self.fits(rows, query, &never);
        fits.map(|fits| fits.iter().collect()).unwrap_or_default()
    }

    /// For each row, whether a query lets it through; nothing where `stop` said meanwhile that
    /// nobody waits for it any more.
    pub(crate) fn fits(&self, rows: &Rows, query: &Query, stop: &AtomicBool) -> Option<Bits> {
        let mut fits = Bits::all(rows.len(), true);
        for term in &query.terms {
            if let Asks::Word(word) = &term.asks {
                fits.keep(&haystack::rows_with(rows, word), !term.negated);
            }
        }
        let others = query
            .terms
            .iter()
            .filter(|term| !matches!(term.asks, Asks::Word(_)));
        let (read, known): (Vec<&Term>, Vec<&Term>) =
            others.partition(|term| needs_reading(&term.asks));
        Self::ask_known(rows, &mut fits, &known);
        self.ask_held(rows, &mut fits, &query.terms);
        let packed = |number: usize| matches!(rows.seen(number), Some(Seen::Packed(_)));
        if !read.is_empty() {
            fits.retain(|number| !packed(number) || self.read(rows, number, &read, stop));
        }
        (!stop.load(Ordering::Relaxed)).then_some(fits)
    }

    /// Whether a query lets one row through.
    pub(crate) fn lets_through(&self, rows: &Rows, query: &Query, number: usize) -> bool {
        let Some(row) = rows.row(number) else {
            return false;
        };
        let mut words = query.terms.iter().filter_map(|term| match &term.asks {
            Asks::Word(word) => Some((word, term.negated)),
            _ => None,
        });
        let outline = self.inventory.entries.outline(&row.id);
        let needs_reading = query.terms.iter().any(|term| needs_reading(&term.asks));
        let entry = if needs_reading {
            self.inventory.get(&row.id).or(outline)
        } else {
            outline
        };
        entry.is_some_and(|entry| {
            let subject = Subject::new(&entry, &row, &self.inventory);
            words.all(|(word, negated)| subject.holds(word) != negated)
                && subject.fits(query.terms.iter())
        })
    }

    /// Asks of what lies packed all that the rows know.
    fn ask_known(rows: &Rows, fits: &mut Bits, terms: &[&Term]) {
        if terms.is_empty() {
            return;
        }
        let packed = Packed::new(rows);
        let tests: Vec<_> = terms
            .iter()
            .map(|term| (packed.test(&term.asks), term.negated))
            .collect();
        fits.retain(|number| match rows.seen(number) {
            Some(Seen::Packed(slim)) => tests
                .iter()
                .all(|(test, negated)| test(number, slim) != *negated),
            _ => true,
        });
    }

    /// Asks what is held, row by row.
    fn ask_held(&self, rows: &Rows, fits: &mut Bits, terms: &[Term]) {
        for (number, held) in rows.all_held().filter(|_| !terms.is_empty()) {
            let number = number as usize;
            if !fits.get(number) {
                continue;
            }
            let now = self.inventory.time_of(&held.row.account, rows.system());
            let row = crate::domain::row::Row {
                now,
                ..held.row.clone()
            };
            let entry = self.inventory.entries.outline(&row.id);
            let is = entry.is_some_and(|entry| {
                Subject::new(&entry, &row, &self.inventory).fits(terms.iter())
            });
            fits.set(number, is);
        }
    }

    /// Reads an entry for what its row does not know.
    fn read(&self, rows: &Rows, number: usize, terms: &[&Term], stop: &AtomicBool) -> bool {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        let has_note = rows
            .base()
            .slim(number)
            .is_some_and(|slim| rows.base().kind(slim).has_note);
        let only_notes = terms
            .iter()
            .all(|term| matches!(term.asks, Asks::Text(TextKey::Note, _)));
        if only_notes && !has_note {
            let says =
                |term: &&Term| matches!(&term.asks, Asks::Text(_, pattern) if pattern.fits(""));
            return terms.iter().all(|term| says(term) != term.negated);
        }
        let (Some(row), Ok(entry)) = (rows.row(number), rows.base().entry(number)) else {
            return false;
        };
        Subject::new(&entry, &row, &self.inventory).fits(terms.iter().copied())
    }
}

/// Whether only the whole entry answers it.
fn needs_reading(asks: &Asks) -> bool {
    matches!(asks, Asks::Text(TextKey::Serial | TextKey::Note, _))
}

/// A status is found by what is shown of all tracks, of any of them, and by the states' ids.
fn is_state_like(label: &str, ids: &str, pattern: &Pattern) -> bool {
    let several = || ids.contains('+');
    pattern.fits(label)
        || ids.split('+').any(|id| pattern.fits(id))
        || (several() && label.split(" · ").any(|label| pattern.fits(label)))
}

fn is_ready(wanted: super::keys::Ready, is: &Readiness) -> bool {
    use super::keys::Ready;
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
