//! The order of all rows, and how it is kept when some of them change.
//!
//! Pure. Rows that lie packed and rows that are held are ordered each in their own way and put
//! together.

use super::SortKey;
use super::compare::compare;
use super::packed;
use crate::domain::halves;
use crate::domain::rows::{Bits, Rows};

/// So many changed rows are put in place one by one.
const FEW: usize = 8;
/// Fewer places than this are found before a thread has begun.
const MANY: usize = 256;

/// The numbers of all rows, in order.
#[must_use]
pub fn all(rows: &Rows, key: SortKey, reversed: bool) -> Vec<u32> {
    let held = rows.all_held().map(|(number, _)| number).collect();
    merged(
        packed::order(rows, key, reversed),
        held,
        rows,
        key,
        reversed,
    )
}

/// The first `count` rows of an order, of those that are `wanted`; without putting all rows in order.
pub fn first(rows: &Rows, key: SortKey, count: usize, wanted: impl Fn(usize) -> bool) -> Vec<u32> {
    let order = |left: &u32, right: &u32| compare(rows, key, false, *left, *right);
    let mut kept: Vec<u32> = Vec::with_capacity(2 * count);
    // The last one of those that came first so far: what stands behind it is none of them.
    let mut worst: Option<u32> = None;
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for number in (0..last).filter(|number| rows.seen(*number as usize).is_some()) {
        let is_behind = worst.is_some_and(|worst| order(&worst, &number).is_lt());
        if is_behind || !wanted(number as usize) {
            continue;
        }
        kept.push(number);
        if kept.len() >= 2 * count {
            kept.sort_unstable_by(order);
            kept.truncate(count);
            worst = kept.last().copied();
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(count);
    kept
}

/// Brings an order up to date after rows changed or came to be: takes those with these numbers out
/// and puts others where they belong now.
pub fn keep_in_order(order: &mut Vec<u32>, rows: &Rows, key: SortKey, out: &[u32], put: &[u32]) {
    take_out(order, rows, out);
    if put.len() <= FEW {
        for number in put {
            let at = place(order, rows, key, *number);
            order.insert(at, *number);
        }
        return;
    }
    *order = merged(std::mem::take(order), put.to_vec(), rows, key, false);
}

/// Where a row stands in an order that does not have it.
#[must_use]
pub fn place(order: &[u32], rows: &Rows, key: SortKey, number: u32) -> usize {
    order.partition_point(|other| compare(rows, key, false, *other, number).is_lt())
}

fn take_out(order: &mut Vec<u32>, rows: &Rows, changed: &[u32]) {
    if changed.len() <= FEW {
        for number in changed {
            if let Some(at) = order.iter().position(|other| other == number) {
                order.remove(at);
            }
        }
        return;
    }
    let mut gone = Bits::all(rows.len(), false);
    for number in changed {
        gone.set(*number as usize, true);
    }
    order.retain(|number| !gone.get(*number as usize));
}

/// Puts rows into an order that does not have them.
fn merged(
    order: Vec<u32>,
    mut others: Vec<u32>,
    rows: &Rows,
    key: SortKey,
    reversed: bool,
) -> Vec<u32> {
    others.sort_by(|left, right| compare(rows, key, reversed, *left, *right));
    others.dedup();
    if others.is_empty() {
        return order;
    }
    let place = |other: &u32| {
        order.partition_point(|number| compare(rows, key, reversed, *number, *other).is_lt())
    };
    let mut merged = Vec::with_capacity(order.len() + others.len());
    let mut from = 0;
    for (other, place) in others.iter().zip(places(&others, place)) {
        merged.extend_from_slice(&order[from..place]);
        merged.push(*other);
        from = place;
    }
    merged.extend_from_slice(&order[from..]);
    merged
}

/// The place of each; those of many are looked for in two halves side by side.
fn places(numbers: &[u32], place: impl Fn(&u32) -> usize + Sync) -> Vec<usize> {
    let all = |numbers: &[u32]| numbers.iter().map(&place).collect::<Vec<usize>>();
    if numbers.len() < MANY {
        return all(numbers);
    }
    let (lower, upper) = numbers.split_at(numbers.len() / 2);
    let (mut places, later) = halves::both(|| all(lower), || all(upper));
    places.extend(later);
    places
}
