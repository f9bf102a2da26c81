//! The names of a base in order.
//!
//! Pure. Reckoned once for each base, since no name of it ever changes.

use super::base::Base;

/// How many bytes of a name are compared at once.
const STEP: usize = 8;

/// Where each entry stands when all are ordered by name, then by id.
#[derive(Clone, Debug, Default)]
pub(in crate::domain) struct Ranks {
    /// The place of each, by number.
    places: Vec<u32>,
    /// At which places the name is the same as at the place before.
    same: Vec<u64>,
}

impl Ranks {
    pub(super) fn of(base: &Base) -> Self {
        let count = base.len();
        let mut order: Vec<(u64, u32)> = (0..count)
            .filter_map(|at| Some((step(base.name(at), 0), u32::try_from(at).ok()?)))
            .collect();
        let mut ranks = Self {
            places: vec![0; count],
            same: vec![0; count.div_ceil(64)],
        };
        ranks.order(base, &mut order, 0, 0);
        for (place, (_, at)) in (0..).zip(&order) {
            ranks.places[*at as usize] = place;
        }
        ranks
    }

    /// Orders names that are the same up to the byte `from`, the first of which gets the place
    /// `first`.
    fn order(&mut self, base: &Base, names: &mut [(u64, u32)], from: usize, first: usize) {
        names.sort_unstable();
        let mut begin = 0;
        for run in names.chunk_by_mut(|left, right| left.0 == right.0) {
            let length = run.len();
            if length > 1 {
                self.order_run(base, run, from, first + begin);
            }
            begin += length;
        }
    }

    fn order_run(&mut self, base: &Base, run: &mut [(u64, u32)], from: usize, first: usize) {
        let has_ended = run[0].0 & 0xff == 0;
        if has_ended {
            for place in first + 1..first + run.len() {
                self.same[place / 64] |= 1 << (place % 64);
            }
            return;
        }
        let from = from + STEP;
        for (key, at) in run.iter_mut() {
            *key = step(base.name(*at as usize), from);
        }
        self.order(base, run, from, first);
    }

    /// The place of an entry.
    pub(in crate::domain) fn place(&self, at: usize) -> u32 {
        self.places.get(at).copied().unwrap_or(u32::MAX)
    }

    /// Whether the entry at a place is called as the one at the place before.
    pub(in crate::domain) fn is_same(&self, place: usize) -> bool {
        (self.same.get(place / 64)).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    /// The numbers of all entries in the order of their names.
    pub(in crate::domain) fn in_order(&self) -> Vec<u32> {
        let mut order = vec![0; self.places.len()];
        for (number, place) in (0..).zip(&self.places) {
            order[*place as usize] = number;
        }
        order
    }
}

/// The bytes of a name from one on, as a number that orders as they do; a name that ends within
/// them has zeros behind it. No name has a zero in it.
fn step(name: &str, from: usize) -> u64 {
    let bytes = name.as_bytes().get(from..).unwrap_or_default();
    let mut step = [0; STEP];
    let length = bytes.len().min(STEP);
    step[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(step)
}
