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
        let mut names: Vec<Name> = (0..last).map(|number| Name::of(base, number)).collect();
        let mut ranks = Self {
            places: vec![0; count],
            same: vec![0; count.div_ceil(64)],
        };
        ranks.order(base, &mut names, 0, 0);
        for (place, name) in (0..).zip(&names) {
            ranks.places[name.number as usize] = place;
        }
        ranks
    }

    /// Orders names that are the same up to the byte `from`, the first of which gets the place
    /// `first`.
    fn order(&mut self, base: &Base, names: &mut [Name], from: usize, first: usize) {
        names.sort_unstable();
        let mut begin = first;
        for run in names.chunk_by_mut(|left, right| left.step == right.step) {
            let length = run.len();
            if length > 1 {
                self.order_run(base, run, from, begin);
            }
            begin += length;
        }
    }

    fn order_run(&mut self, base: &Base, run: &mut [Name], from: usize, first: usize) {
        if run[0].has_ended() {
            for place in first + 1..first + run.len() {
                self.same[place / 64] |= 1 << (place % 64);
            }
            return;
        }
        let from = from + STEP;
        for name in run.iter_mut() {
            name.look(base, from);
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
