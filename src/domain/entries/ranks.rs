//! The names of a base in order.
//!
//! Pure. Reckoned once for each base, since no name of it ever changes.

use super::base::Base;
use super::packed;
use crate::domain::halves;

/// Fewer names than this are ordered before a thread has begun.
const MANY: usize = 1 << 14;

/// How many bytes of a name are compared at once.
const STEP: usize = 8;

/// Where each entry stands when all are ordered by name, then by id.
#[derive(Clone, Debug, Default)]
pub struct Ranks {
    /// The place of each, by number.
    places: Vec<u32>,
    /// At which places the name is the same as at the place before.
    same: Vec<u64>,
}

/// A name while names are put in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    /// The bytes that are compared now.
    step: u64,
    /// The entry.
    number: u32,
    /// Where the name lies in the text of all; [`ELSEWHERE`] where it is to be asked for.
    lies: u32,
}

/// What stands for a name that does not lie in the text of all as it is written.
const ELSEWHERE: u32 = u32::MAX;

impl Name {
    fn of(base: &Base, number: u32) -> Self {
        let lies = base
            .name_at(number as usize)
            .and_then(|at| u32::try_from(at).ok());
        let mut name = Self {
            step: 0,
            number,
            lies: lies.unwrap_or(ELSEWHERE),
        };
        name.look(base, 0);
        name
    }

    /// Takes up the bytes from one on.
    fn look(&mut self, base: &Base, from: usize) {
        self.step = if self.lies == ELSEWHERE {
            let name = base.name(self.number as usize).as_bytes();
            step(name.get(from..).unwrap_or_default())
        } else {
            let text = base.text().as_bytes();
            step(text.get(self.lies as usize + from..).unwrap_or_default())
        };
    }

    /// Whether the name ends within the bytes that are compared now.
    fn has_ended(&self) -> bool {
        self.step.trailing_zeros() >= u8::BITS
    }
}

impl Ranks {
    pub(super) fn of(base: &Base) -> Self {
        let count = base.len();
        let last = u32::try_from(count).unwrap_or(u32::MAX);
        let mut names: Vec<Name> = Vec::with_capacity(count);
        names.extend((0..last).map(|number| Name::of(base, number)));
        let same = order_all(base, &mut names);
        let mut ranks = Self {
            places: vec![0; count],
            same: vec![0; count.div_ceil(64)],
        };
        for place in same {
            ranks.same[place / 64] |= 1 << (place % 64);
        }
        for (place, name) in (0..).zip(&names) {
            ranks.places[name.number as usize] = place;
        }
        ranks
    }

    /// Takes back in what was packed of so many entries; `fill` fills what it is given from it.
    /// Nothing where that is no order of so many.
    ///
    /// # Errors
    /// What `fill` said first.
    pub fn from_packed<E>(
        count: usize,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        let mut places = Vec::with_capacity(count);
        packed::take(count, &mut fill, |bytes| {
            places.push(u32::from_le_bytes(*bytes));
        })?;
        let mut same = Vec::with_capacity(count.div_ceil(64));
        packed::take(count.div_ceil(64), &mut fill, |bytes| {
            same.push(u64::from_le_bytes(*bytes));
        })?;
        let are_places = places.iter().all(|place| (*place as usize) < count);
        Ok(are_places.then_some(Self { places, same }))
    }

    /// The place of each entry, by number.
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// At which places the name is the same as at the place before, a bit for each.
    pub(super) fn same(&self) -> &[u64] {
        &self.same
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

/// Orders all names; at which places the name is the same as at the place before.
fn order_all(base: &Base, names: &mut [Name]) -> Vec<usize> {
    halves::sort(names);
    let middle = names.len() / 2;
    // Names that are alike so far stay together.
    let alike = |name: &Name| name.step == names[middle].step;
    let middle = middle
        - names[..middle]
            .iter()
            .rev()
            .take_while(|name| alike(name))
            .count();
    let (lower, upper) = names.split_at_mut(middle);
    let ordered = |names: &mut [Name], first: usize| {
        let mut same = Vec::new();
        order_runs(base, names, 0, first, &mut same);
        same
    };
    if lower.len() < MANY {
        let mut same = ordered(lower, 0);
        same.extend(ordered(upper, middle));
        return same;
    }
    let (mut same, later) = halves::both(|| ordered(lower, 0), || ordered(upper, middle));
    same.extend(later);
    same
}

/// Orders names that are the same up to the byte `from`, the first of which gets the place `first`.
fn order(base: &Base, names: &mut [Name], from: usize, first: usize, same: &mut Vec<usize>) {
    names.sort_unstable();
    order_runs(base, names, from, first, same);
}

/// The same where they are in the order of the bytes from there on.
fn order_runs(base: &Base, names: &mut [Name], from: usize, first: usize, same: &mut Vec<usize>) {
    let mut begin = first;
    for run in names.chunk_by_mut(|left, right| left.step == right.step) {
        let length = run.len();
        if length > 1 {
            order_run(base, run, from, begin, same);
        }
        begin += length;
    }
}

fn order_run(base: &Base, run: &mut [Name], from: usize, first: usize, same: &mut Vec<usize>) {
    if run[0].has_ended() {
        same.extend(first + 1..first + run.len());
        return;
    }
    let from = from + STEP;
    for name in run.iter_mut() {
        name.look(base, from);
    }
    order(base, run, from, first, same);
}

/// The first bytes of a text as a number that orders as they do; one that ends within them, where
/// it ends or at a newline, has zeros behind it. No name has a zero or a newline in it.
fn step(text: &[u8]) -> u64 {
    let mut step = [0; STEP];
    let length = text.len().min(STEP);
    let ends = text[..length].iter().position(|byte| *byte == b'\n');
    let length = ends.unwrap_or(length);
    step[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(step)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::super::tests::Nothing;
    use super::super::{BaseBuilder, Place, Thin};
    use super::MANY;
    use crate::domain::entry::{Entry, EntryId};

    /// Names of which some are alike, some begin alike and some are short, all in small letters or not.
    fn name(number: usize) -> String {
        let number = number * 7_919 % 30_011;
        match number % 5 {
            0 => format!("www.customer-{}.example", number / 3),
            1 => format!("a{}", number % 100),
            2 => format!("Shop.{number}.example"),
            3 => "same.example".to_owned(),
            _ => format!("{number}.api.example"),
        }
    }

    #[test]
    fn few_and_many_names_are_ordered_as_one_by_one() {
        for count in [0, 1, 2, 100, 4 * MANY + 1] {
            let mut builder = BaseBuilder::default();
            for number in 0..count {
                let id = EntryId::new(format!("e{number:08}"));
                let mut entry = Entry::new(id, "a", "none", "s", Timestamp::UNIX_EPOCH);
                entry.names = vec![name(number)];
                let place = Place {
                    offset: 0,
                    length: 1,
                };
                builder.add(&Thin::of(&entry), place);
            }
            let base = builder.finish(Arc::new(Nothing));
            let mut expected: Vec<(String, u32)> = (0..)
                .take(count)
                .map(|number: u32| (name(number as usize), number))
                .collect();
            expected.sort();
            let order = base.ranks().in_order();
            let numbers: Vec<u32> = expected.iter().map(|(_, number)| *number).collect();
            assert!(order == numbers, "{count}");
            for (place, pair) in expected.windows(2).enumerate() {
                let same = pair[0].0 == pair[1].0;
                assert_eq!(base.ranks().is_same(place + 1), same, "{pair:?}");
            }
        }
    }
}
