//! Which of two rows stands first.
//!
//! Pure. The rule of the order, for any two rows; what lies packed is ordered by numbers that say
//! the same.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::SortKey;
use crate::domain::lifecycle::Phase;
use crate::domain::probed::Served;
use crate::domain::rows::{Rows, Seen};

/// Compares two rows by number. No two of them are alike.
pub(super) fn compare(
    rows: &Rows,
    key: SortKey,
    reversed: bool,
    left: u32,
    right: u32,
) -> Ordering {
    let (left, right) = (left as usize, right as usize);
    let first = by_key(rows, key, reversed, left, right);
    first.then_with(|| ties(rows, left, right))
}

/// How rows are ordered that are alike otherwise.
fn ties(rows: &Rows, left: usize, right: usize) -> Ordering {
    let urgency = rows.urgency(left).cmp(&rows.urgency(right));
    urgency.then_with(|| names(rows, left, right))
}

/// By name, then by id.
pub(super) fn names(rows: &Rows, left: usize, right: usize) -> Ordering {
    let names = name(rows, left).cmp(name(rows, right));
    names.then_with(|| rows.id_text(left).cmp(rows.id_text(right)))
}

fn by_key(rows: &Rows, key: SortKey, reversed: bool, left: usize, right: usize) -> Ordering {
    let times = |time: fn(&Rows, usize) -> Option<Timestamp>| {
        match (time(rows, left), time(rows, right)) {
            (Some(left), Some(right)) => turned(left.cmp(&right), reversed),
            // What has no such time comes last, whichever way round.
            (left, right) => left.is_none().cmp(&right.is_none()),
        }
    };
    let plain = match key {
        SortKey::Expiry => return times(ends),
        SortKey::Issued => return times(begins),
        SortKey::Paid => return times(paid),
        SortKey::Probe => {
            let place = |number| probe_place(served(rows, number), reversed);
            return place(left).cmp(&place(right));
        }
        SortKey::Urgency => rows.urgency(left).cmp(&rows.urgency(right)),
        SortKey::Name => name(rows, left).cmp(name(rows, right)),
        SortKey::Product => product(rows, left).cmp(product(rows, right)),
        SortKey::Account => account(rows, left).cmp(account(rows, right)),
        SortKey::State => state(rows, left).cmp(&state(rows, right)),
        SortKey::Created => created(rows, left).cmp(&created(rows, right)),
        SortKey::Id => rows.id_text(left).cmp(rows.id_text(right)),
    };
    turned(plain, reversed)
}

fn turned(order: Ordering, reversed: bool) -> Ordering {
    if reversed { order.reverse() } else { order }
}

fn ends(rows: &Rows, number: usize) -> Option<Timestamp> {
    match rows.seen(number)? {
        Seen::Packed(slim) => slim.ends.at(),
        Seen::Held(held) => held.row.validity.map(|(_, to)| to),
    }
}

fn begins(rows: &Rows, number: usize) -> Option<Timestamp> {
    match rows.seen(number)? {
        Seen::Packed(slim) => slim.begins.at(),
        Seen::Held(held) => held.row.validity.map(|(from, _)| from),
    }
}

fn paid(rows: &Rows, number: usize) -> Option<Timestamp> {
    match rows.seen(number)? {
        Seen::Packed(slim) => slim.paid.at(),
        Seen::Held(held) => held.row.paid_until,
    }
}

fn created(rows: &Rows, number: usize) -> Option<Timestamp> {
    match rows.seen(number)? {
        Seen::Packed(slim) => slim.created.at(),
        Seen::Held(held) => Some(held.row.created),
    }
}

/// What is seen at a place of the order by probes: the worst first or last, and where nobody looked
/// behind that, whichever way round.
pub(super) fn probe_place(served: Option<Served>, reversed: bool) -> u32 {
    let known = Served::ALL.iter().position(|known| Some(*known) == served);
    let last = u32::try_from(Served::ALL.len()).unwrap_or(u32::MAX);
    match known.and_then(|known| u32::try_from(known).ok()) {
        None => last,
        Some(known) if reversed => known,
        Some(known) => last - 1 - known,
    }
}

fn served(rows: &Rows, number: usize) -> Option<Served> {
    match rows.seen(number)? {
        Seen::Packed(slim) => rows.base().kind(slim).served,
        Seen::Held(held) => held.row.served,
    }
}

fn name(rows: &Rows, number: usize) -> &str {
    match rows.seen(number) {
        Some(Seen::Packed(_)) => rows.base().name(number),
        Some(Seen::Held(held)) => &held.row.name,
        None => "",
    }
}

fn product(rows: &Rows, number: usize) -> &str {
    match rows.seen(number) {
        Some(Seen::Packed(slim)) => rows.base().product(slim),
        Some(Seen::Held(held)) => &held.row.product,
        None => "",
    }
}

fn account(rows: &Rows, number: usize) -> &str {
    match rows.seen(number) {
        Some(Seen::Packed(slim)) => rows.base().account(slim),
        Some(Seen::Held(held)) => &held.row.account,
        None => "",
    }
}

fn state(rows: &Rows, number: usize) -> (Option<Phase>, &str) {
    match rows.seen(number) {
        Some(Seen::Held(held)) => (held.row.phase, &held.row.state),
        _ => rows
            .judged(number)
            .map_or((None, ""), |judged| (judged.phase, &judged.label)),
    }
}
