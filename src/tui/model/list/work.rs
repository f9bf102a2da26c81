//! Making, ordering and filtering rows as a piece of work that can be done elsewhere.
//!
//! Pure data in, pure data out. A short list is arranged at once; for a long one the runtime does
//! the work beside the loop, and the list that is there stays usable meanwhile.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::widest::Measured;
use crate::domain::inventory::Inventory;
use crate::domain::query::{Query, Search, SortKey, in_order};
use crate::domain::rows::{Bits, Rows};

/// What rows are arranged.
#[derive(Clone)]
pub(super) enum Source {
    /// Those that are there.
    There(Rows),
    /// All rows, made anew.
    Anew(Inventory, Timestamp),
}

/// All rows in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    pub(super) numbers: Arc<Vec<u32>>,
    pub(super) by: SortKey,
}

/// A piece of work. [`Work::run`] does it, wherever that is.
pub struct Work {
    pub(super) generation: u64,
    pub(super) source: Source,
    pub(super) sort: SortKey,
    /// The rows in order, where that is known already.
    pub(super) order: Option<Order>,
    pub(super) query: Query,
    pub(super) stop: Arc<AtomicBool>,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Work({})", self.generation)
    }
}

/// What came of a piece of work.
pub struct Arranged {
    pub(super) generation: u64,
    /// Nothing where nobody waits for it any more.
    pub(super) list: Option<Arrangement>,
}

impl fmt::Debug for Arranged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arranged({})", self.generation)
    }
}

/// Rows, in order, and those of them that are shown.
pub(super) struct Arrangement {
    /// New rows and their widths; nothing where they are those that were there.
    pub(super) rows: Option<(Rows, Measured)>,
    pub(super) order: Order,
    pub(super) visible: Vec<u32>,
    pub(super) query: Query,
}

impl Arranged {
    /// That nothing came of it.
    #[must_use]
    pub fn nothing(generation: u64) -> Self {
        Self {
            generation,
            list: None,
        }
    }
}

impl Work {
    /// The number of the wish that it answers.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Does it. Nothing is waited for but the disk, where a filter asks for what only whole entries
    /// know.
    #[must_use]
    pub fn run(self) -> Arranged {
        Arranged {
            generation: self.generation,
            list: self.arranged(),
        }
    }

    pub(super) fn arranged(self) -> Option<Arrangement> {
        let is_stopped = || self.stop.load(Ordering::Relaxed);
        let (rows, made) = match self.source {
            Source::There(rows) => (rows, false),
            Source::Anew(inventory, system) => (Rows::of(&inventory, system), true),
        };
        if is_stopped() {
            return None;
        }
        let order = self.order.filter(|order| order.by == self.sort && !made);
        let order = order.unwrap_or_else(|| Order {
            numbers: Arc::new(in_order(&rows, self.sort, false)),
            by: self.sort,
        });
        let visible = shown(&rows, &self.query, &self.stop)?.kept(&order.numbers);
        Some(Arrangement {
            rows: made.then(|| {
                let measured = Measured::of(&rows);
                (rows, measured)
            }),
            order,
            visible,
            query: self.query,
        })
    }
}

/// Which rows a filter shows; what was put away only where it asks for that.
fn shown(rows: &Rows, query: &Query, stop: &AtomicBool) -> Option<Bits> {
    let mut shown = Search::of(rows.inventory(), rows).fits(rows, query, stop)?;
    if !query.asks_for_archived() {
        rows.without_archived(&mut shown);
    }
    Some(shown)
}

/// Whether a filter shows a row.
pub(super) fn is_shown(rows: &Rows, query: &Query, number: usize) -> bool {
    let all = query.asks_for_archived();
    (all || !rows.is_archived(number))
        && (query.is_empty()
            || Search::of(rows.inventory(), rows).lets_through(rows, query, number))
}
