//! The order of the rows that lie packed in the base, by numbers that order as the rows do.
//!
//! Pure. A million of them are ordered in some hundredths of a second: no text is compared but
//! where urgencies are alike.

use std::cmp::Ordering;
use std::ops::Range;

use super::SortKey;
use super::compare::{names, probe_place};
use crate::domain::by_key::{self, Ordered};
use crate::domain::entries::{Moment, Slim};
use crate::domain::halves;
use crate::domain::rows::{Rows, URGENCY, squeezed};

/// So many names are compared at most to order rows of the same urgency; for more, the names of all
/// are put in order first.
const FEW: usize = 250_000;
/// For fewer it is not worth while to read the order of all names, where it is packed.
const SOME: usize = 20_000;

/// The numbers of all packed rows, in order.
pub(super) fn order(rows: &Rows, key: SortKey, reversed: bool) -> Vec<u32> {
    let base = rows.base();
    let last = u32::try_from(base.len()).unwrap_or(u32::MAX);
    let numbers = (0..last).filter(|number| !rows.is_held(*number as usize));
    let slims = base.slims();
    let by_time = |time: fn(&Slim) -> Moment| {
        by_key_then_urgency(rows, u32::BITS, |at| number(time(&slims[at]), reversed))
    };
    let by_place = |places: &[u32], code: fn(&Slim) -> u16| {
        by_key_then_urgency(rows, bits(places), |at| place(places, code(&slims[at])))
    };
    match key {
        SortKey::Id if reversed => numbers.rev().collect(),
        SortKey::Id => numbers.collect(),
        SortKey::Urgency => by_urgency(rows, reversed),
        SortKey::Name => by_name(rows, reversed),
        SortKey::Expiry => by_time(|slim| slim.ends),
        SortKey::Issued => by_time(|slim| slim.begins),
        SortKey::Paid => by_time(|slim| slim.paid),
        SortKey::Created => by_time(|slim| slim.created),
        SortKey::Product => {
            let places = places(&base.shared().products, reversed, Ord::cmp);
            by_place(&places, |slim| slim.product)
        }
        SortKey::Probe => {
            let kinds = base.shared().kinds.iter();
            let places: Vec<u32> = kinds
                .map(|kind| probe_place(kind.served, reversed))
                .collect();
            by_place(&places, |slim| slim.kind)
        }
        SortKey::Account => {
            let places = places(&base.shared().accounts, reversed, Ord::cmp);
            by_place(&places, |slim| slim.account)
        }
        SortKey::State => {
            let states = rows.by_code((None, String::new()), |judged| {
                (judged.phase, judged.label.clone())
            });
            let places = places(&states, reversed, Ord::cmp);
            by_key_then_urgency(rows, bits(&places), |at| place(&places, rows.code(at)))
        }
    }
}

/// A time as a number that orders as it does; what is none comes last, whichever way round.
fn number(moment: Moment, reversed: bool) -> u32 {
    match moment.number() {
        None => u32::MAX,
        Some(number) if reversed => u32::MAX - 1 - number,
        Some(number) => number,
    }
}

/// The place of each value among all of them; those that are alike have the same.
fn places<T>(values: &[T], reversed: bool, compare: impl Fn(&T, &T) -> Ordering) -> Vec<u32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| compare(&values[*left], &values[*right]));
    let mut places = vec![0; values.len()];
    let mut place = 0;
    for (index, at) in order.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &values[order[before]]);
        let differs = before.is_some_and(|before| compare(before, &values[*at]).is_ne());
        place += u32::from(differs);
        places[*at] = place;
    }
    if reversed {
        for own in &mut places {
            *own = place - *own;
        }
    }
    places
}

/// How many bits places have.
fn bits(places: &[u32]) -> u32 {
    let last = places.iter().max().copied().unwrap_or_default();
    u32::BITS - last.leading_zeros()
}

/// The place of the value with a number.
fn place(places: &[u32], number: u16) -> u32 {
    places.get(usize::from(number)).copied().unwrap_or_default()
}

/// By a key of so many bits for each; those that are alike by urgency, then by name, then by id.
fn by_key_then_urgency(rows: &Rows, bits: u32, key: impl Fn(usize) -> u32 + Sync) -> Vec<u32> {
    let room = by_key::KEY - bits;
    let squeezed = |at: usize| squeezed(rows.packed_urgency(at), rows.system(), room);
    // One after the other as they lie in memory, before they are asked for in any order.
    let keys = halves::each(rows.base().len(), key);
    let about = |at: usize| u64::from(keys[at]) << room | squeezed(at);
    let counted = |at: usize| (!rows.is_held(at)).then(|| about(at));
    let order = by_key::in_order(rows.base().len(), counted);
    settled(order, |at| (keys[at], rows.packed_urgency(at)), rows)
}

/// By urgency; those that are alike by name, then by id.
fn by_urgency(rows: &Rows, reversed: bool) -> Vec<u32> {
    const { assert!(URGENCY <= by_key::KEY) };
    let turned = |at: usize| {
        let urgency = rows.packed_urgency(at);
        if reversed {
            (1 << URGENCY) - 1 - urgency
        } else {
            urgency
        }
    };
    let counted = |at: usize| (!rows.is_held(at)).then(|| turned(at));
    let order = by_key::in_order(rows.base().len(), counted);
    settled(order, |_| (), rows)
}

/// The order where those whose keys are alike stand as is right: exactly, then by name, then by id.
fn settled<K: Ord>(order: Ordered, exact: impl Fn(usize) -> K + Sync, rows: &Rows) -> Vec<u32> {
    let Ordered { mut numbers, alike } = order;
    let lengths = alike.iter().map(Range::len);
    let compared: usize = lengths.map(|length| length * length.ilog2() as usize).sum();
    let ranks = match compared {
        0..SOME => None,
        SOME..=FEW => rows.base().ranks_at_hand(),
        _ => Some(rows.base().ranks()),
    };
    let compare = |left: &u32, right: &u32| {
        let (left, right) = (*left as usize, *right as usize);
        let exactly = exact(left).cmp(&exact(right));
        exactly.then_with(|| match &ranks {
            Some(ranks) => ranks.place(left).cmp(&ranks.place(right)),
            None => names(rows, left, right),
        })
    };
    let (few, many) = alike.split_at(alike.len() / 2);
    let middle = many.first().map_or(numbers.len(), |run| run.start);
    let (lower, upper) = numbers.split_at_mut(middle);
    let settle = |numbers: &mut [u32], runs: &[Range<usize>], first: usize| {
        for run in runs {
            numbers[run.start - first..run.end - first].sort_unstable_by(compare);
        }
    };
    halves::both(|| settle(lower, few, 0), || settle(upper, many, middle));
    numbers
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
