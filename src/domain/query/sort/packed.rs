//! The order of the rows that lie packed in the base, by numbers that order as the rows do.
//!
//! Pure. A million of them are ordered in some hundredths of a second: no text is compared but
//! where urgencies are alike.

use std::cmp::Ordering;

use super::SortKey;
use super::compare::names;
use crate::domain::entries::Moment;
use crate::domain::halves;
use crate::domain::rows::{Rows, URGENCY};

/// So many names are compared at most to order rows of the same urgency; for more, the names of all
/// are put in order first.
const FEW: usize = 250_000;
/// How many bits a key may have that is ordered together with a place.
const KEY: u32 = URGENCY;

/// The numbers of all packed rows, in order.
pub(super) fn order(rows: &Rows, key: SortKey, reversed: bool) -> Vec<u32> {
    let base = rows.base();
    let last = u32::try_from(base.len()).unwrap_or(u32::MAX);
    let numbers = (0..last).filter(|number| !rows.is_held(*number as usize));
    let slims = base.slims();
    let at = |number: u32| &slims[number as usize];
    let time = |moment: Moment| time(moment, reversed);
    let urgent = |reversed| by_urgency(numbers.clone(), rows, reversed);
    let stable = |key: &dyn Fn(u32) -> u64| stable(urgent(false), rows, key);
    match key {
        SortKey::Id if reversed => numbers.rev().collect(),
        SortKey::Id => numbers.collect(),
        SortKey::Urgency => urgent(reversed),
        SortKey::Name => by_name(rows, reversed),
        SortKey::Expiry => stable(&|number| time(at(number).ends)),
        SortKey::Issued => stable(&|number| time(at(number).begins)),
        SortKey::Paid => stable(&|number| time(at(number).paid)),
        SortKey::Created => stable(&|number| time(at(number).created)),
        SortKey::Product => {
            let places = places(&base.shared().products, reversed, Ord::cmp);
            stable(&|number| places[usize::from(at(number).product)])
        }
        SortKey::Account => {
            let places = places(&base.shared().accounts, reversed, Ord::cmp);
            stable(&|number| places[usize::from(at(number).account)])
        }
        SortKey::State => {
            let states = rows.by_code((None, String::new()), |judged| {
                (judged.phase, judged.label.clone())
            });
            let places = places(&states, reversed, Ord::cmp);
            stable(&|number| places[usize::from(rows.code(number as usize))])
        }
    }
}

/// A time as a number that orders as it does; what is none comes last, whichever way round.
fn time(moment: Moment, reversed: bool) -> u64 {
    const LAST: u64 = 1 << (KEY - 1);
    if !moment.is_some() {
        return LAST;
    }
    let seconds = u64::try_from(moment.seconds()).unwrap_or_default();
    if reversed {
        LAST - 1 - seconds
    } else {
        seconds
    }
}

/// The place of each value among all of them; those that are alike have the same.
fn places<T>(values: &[T], reversed: bool, compare: impl Fn(&T, &T) -> Ordering) -> Vec<u64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| compare(&values[*left], &values[*right]));
    let mut places = vec![0; values.len()];
    let mut place = 0;
    for (index, at) in order.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &values[order[before]]);
        let differs = before.is_some_and(|before| compare(before, &values[*at]).is_ne());
        place += u64::from(differs);
        places[*at] = if reversed {
            u64::from(u32::MAX) - place
        } else {
            place
        };
    }
    places
}

/// How many bits of a number of 64 are left for a place beside a key.
const PLACE: u32 = u64::BITS - KEY;

/// Orders by a key of at most [`KEY`] bits; what is alike stays in the order in which it is.
fn stable(order: Vec<u32>, rows: &Rows, key: impl Fn(u32) -> u64) -> Vec<u32> {
    if rows.base().len() > 1 << PLACE {
        let mut order = order;
        order.sort_by_cached_key(|number| key(*number));
        return order;
    }
    let mut places = vec![u32::MAX; rows.base().len()];
    for (place, number) in (0..).zip(&order) {
        places[*number as usize] = place;
    }
    // The place goes into the key, so that plain numbers are ordered; and rows are looked at one
    // after the other, as they lie in memory.
    let numbers = (0..).zip(&places).filter(|(_, place)| **place != u32::MAX);
    let mut keys: Vec<u64> = Vec::with_capacity(order.len());
    keys.extend(numbers.map(|(number, place)| key(number) << PLACE | u64::from(*place)));
    drop(places);
    halves::sort(&mut keys);
    keys.into_iter().map(|key| order[low(key)]).collect()
}

/// The place in a key.
fn low(key: u64) -> usize {
    usize::try_from(key & ((1 << PLACE) - 1)).unwrap_or_default()
}

/// By urgency; those that are alike by name, then by id.
fn by_urgency(numbers: impl Iterator<Item = u32>, rows: &Rows, reversed: bool) -> Vec<u32> {
    let turned = |number: u32| {
        let urgency = rows.packed_urgency(number as usize);
        if reversed {
            (1 << KEY) - 1 - urgency
        } else {
            urgency
        }
    };
    if rows.base().len() > 1 << PLACE {
        let mut keys: Vec<_> = numbers.map(|number| (turned(number), number)).collect();
        keys.sort_unstable();
        let ends: Vec<usize> = ends(&keys, |key| key.0);
        return by_names(keys.into_iter().map(|key| key.1).collect(), &ends, rows);
    }
    let mut keys: Vec<u64> = Vec::with_capacity(rows.base().len());
    keys.extend(numbers.map(|number| turned(number) << PLACE | u64::from(number)));
    halves::sort(&mut keys);
    let ends = ends(&keys, |key| key >> PLACE);
    let order = keys
        .into_iter()
        .map(|key| u32::try_from(low(key)).unwrap_or(u32::MAX));
    by_names(order.collect(), &ends, rows)
}

/// Where runs of the same key begin and end that are longer than one.
fn ends<T>(keys: &[T], key: impl Fn(&T) -> u64) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut begin = 0;
    for run in keys.chunk_by(|left, right| key(left) == key(right)) {
        if run.len() > 1 {
            ends.extend([begin, begin + run.len()]);
        }
        begin += run.len();
    }
    ends
}

/// Orders each of the runs by name, then by id.
fn by_names(mut order: Vec<u32>, ends: &[usize], rows: &Rows) -> Vec<u32> {
    let (runs, _) = ends.as_chunks::<2>();
    let compared = |run: &[usize; 2]| {
        let length = run[1] - run[0];
        length * (length.ilog2() as usize)
    };
    if runs.iter().map(compared).sum::<usize>() <= FEW {
        for [from, to] in runs {
            order[*from..*to]
                .sort_unstable_by(|left, right| names(rows, *left as usize, *right as usize));
        }
    } else {
        let ranks = rows.base().ranks();
        for [from, to] in runs {
            order[*from..*to].sort_unstable_by_key(|number| ranks.place(*number as usize));
        }
    }
    order
}

/// By name; those that are called alike by urgency, then by id.
fn by_name(rows: &Rows, reversed: bool) -> Vec<u32> {
    let ranks = rows.base().ranks();
    let order = ranks.in_order();
    let mut sorted = Vec::with_capacity(order.len());
    let mut add = |run: &[u32]| {
        let from = sorted.len();
        sorted.extend(
            run.iter()
                .copied()
                .filter(|number| !rows.is_held(*number as usize)),
        );
        sorted[from..].sort_by_key(|number| rows.packed_urgency(*number as usize));
    };
    let mut runs = Vec::new();
    let mut begin = 0;
    for end in 1..=order.len() {
        if end == order.len() || !ranks.is_same(end) {
            if reversed {
                runs.push((begin, end));
            } else {
                add(&order[begin..end]);
            }
            begin = end;
        }
    }
    for (begin, end) in runs.into_iter().rev() {
        add(&order[begin..end]);
    }
    sorted
}
