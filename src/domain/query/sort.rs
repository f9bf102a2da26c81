//! The order of the list.
//!
//! Pure. The panel and `list` ask it.

mod compare;
mod order;
mod packed;

use crate::domain::rows::{Bits, Rows};
pub use order::{all as in_order, first, keep_in_order, place};

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// The most urgent first.
    #[default]
    Urgency,
    /// The soonest expiry first.
    Expiry,
    /// By name.
    Name,
    /// By status.
    State,
    /// By account.
    Account,
    /// By product.
    Product,
    /// By the beginning of the certificate's validity, the oldest first.
    Issued,
    /// By when it came into being, the oldest first.
    Created,
    /// By the end of what is paid for, the soonest first.
    Paid,
    /// By what its servers were last seen to serve, the worst first.
    Probe,
    /// By id.
    Id,
}

impl SortKey {
    /// Every key, in the order in which help lists them.
    pub const ALL: [Self; 11] = [
        Self::Urgency,
        Self::Expiry,
        Self::Name,
        Self::State,
        Self::Account,
        Self::Product,
        Self::Issued,
        Self::Created,
        Self::Paid,
        Self::Probe,
        Self::Id,
    ];

    /// Those whose column the panel shows, in the order in which `s` goes through them.
    pub const SHOWN: [Self; 7] = [
        Self::Urgency,
        Self::Expiry,
        Self::Name,
        Self::State,
        Self::Account,
        Self::Product,
        Self::Probe,
    ];

    /// The key in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Expiry => "expiry",
            Self::Name => "name",
            Self::State => "status",
            Self::Account => "account",
            Self::Product => "product",
            Self::Issued => "issued",
            Self::Created => "created",
            Self::Paid => "paid",
            Self::Probe => "probe",
            Self::Id => "id",
        }
    }

    /// The next key of the panel.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::SHOWN.iter().position(|key| *key == self);
        let next = at.map_or(0, |at| at + 1);
        Self::SHOWN[next % Self::SHOWN.len()]
    }
}

/// Orders the rows that `numbers` name; ties keep urgency, then name, then id.
pub fn sort(numbers: &mut Vec<usize>, rows: &Rows, key: SortKey) {
    arrange(numbers, rows, key, false);
}

/// The same the other way round; what has no value for the key stays last, and ties stay as they
/// are.
pub fn sort_reversed(numbers: &mut Vec<usize>, rows: &Rows, key: SortKey) {
    arrange(numbers, rows, key, true);
}

fn arrange(numbers: &mut Vec<usize>, rows: &Rows, key: SortKey, reversed: bool) {
    let mut wanted = Bits::all(rows.len(), false);
    for number in numbers.iter() {
        wanted.set(*number, true);
    }
    let order = order::all(rows, key, reversed).into_iter();
    let order = order.map(|number| number as usize);
    *numbers = order.filter(|number| wanted.get(*number)).collect();
}
