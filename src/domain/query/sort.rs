//! The order of the list.
//!
//! Pure. The panel and `list` ask it.

use std::cmp::Ordering;

use crate::domain::row::Row;
use crate::domain::rows::Rows;

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
    /// By id.
    Id,
}

impl SortKey {
    /// Every key, in the order in which help lists them.
    pub const ALL: [Self; 10] = [
        Self::Urgency,
        Self::Expiry,
        Self::Name,
        Self::State,
        Self::Account,
        Self::Product,
        Self::Issued,
        Self::Created,
        Self::Paid,
        Self::Id,
    ];

    /// Those whose column the panel shows, in the order in which `s` goes through them.
    pub const SHOWN: [Self; 6] = [
        Self::Urgency,
        Self::Expiry,
        Self::Name,
        Self::State,
        Self::Account,
        Self::Product,
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

/// Orders the rows that `indices` name; ties keep urgency, then name, then id.
pub fn sort(indices: &mut [usize], rows: &Rows, key: SortKey) {
    order(indices, rows.all(), key, false);
}

/// The same the other way round; what has no value for the key stays last, and ties stay as they
/// are.
pub fn sort_reversed(indices: &mut [usize], rows: &Rows, key: SortKey) {
    order(indices, rows.all(), key, true);
}

fn order(indices: &mut [usize], rows: &[Row], key: SortKey, reversed: bool) {
    indices.sort_by(|left, right| {
        let (left, right) = (&rows[*left], &rows[*right]);
        let first = compare(left, right, key, reversed);
        let rest =
            || (left.urgency, &left.name, &left.id).cmp(&(right.urgency, &right.name, &right.id));
        first.then_with(rest)
    });
}

fn compare(left: &Row, right: &Row, key: SortKey, reversed: bool) -> Ordering {
    let times = |time: fn(&Row) -> Option<jiff::Timestamp>| match (time(left), time(right)) {
        (Some(left), Some(right)) => turned(left.cmp(&right), reversed),
        // What has no such time comes last, whichever way round.
        (left, right) => left.is_none().cmp(&right.is_none()),
    };
    let plain = match key {
        SortKey::Expiry => return times(|row| row.validity.map(|(_, to)| to)),
        SortKey::Issued => return times(|row| row.validity.map(|(from, _)| from)),
        SortKey::Paid => return times(|row| row.paid_until),
        SortKey::Urgency => left.urgency.cmp(&right.urgency),
        SortKey::Name => left.name.cmp(&right.name),
        SortKey::Product => left.product.cmp(&right.product),
        SortKey::Account => left.account.cmp(&right.account),
        SortKey::State => (left.phase, &left.state).cmp(&(right.phase, &right.state)),
        SortKey::Created => left.created.cmp(&right.created),
        SortKey::Id => left.id.cmp(&right.id),
    };
    turned(plain, reversed)
}

fn turned(order: Ordering, reversed: bool) -> Ordering {
    if reversed { order.reverse() } else { order }
}
