//! Putting numbers in order by whole-number keys, many of them in two halves side by side.
//!
//! Pure. `query` orders rows with it: key and number lie in one word, so that nothing is looked up
//! while words are ordered, and both halves are merged from both ends at once.

use std::ops::Range;

use super::halves;

/// How many bits a key may have.
pub(super) const KEY: u32 = 43;
/// How many are left for a number beside it.
const NUMBER: u32 = u64::BITS - KEY;
/// More numbers than this do not fit beside a key.
const MOST: usize = if cfg!(test) { 2_000 } else { (1 << NUMBER) - 1 };
/// Fewer numbers than this are in order before a thread has begun; tests have no patience for more.
const MANY: usize = if cfg!(test) { 500 } else { 1 << 16 };

/// Numbers in the order of their keys.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ordered {
    pub(super) numbers: Vec<u32>,
    /// Where those stand, two or more, that have the same key; in order.
    pub(super) alike: Vec<Range<usize>>,
}

/// The numbers below `count` in the order of their keys; those with the same key in their own order,
/// and those without one not at all.
pub(super) fn in_order(count: usize, key: impl Fn(usize) -> Option<u64> + Sync) -> Ordered {
    if count > MOST {
        return in_tuples(count, key);
    }
    in_words(count, |number| {
        key(number).map(|key| key << NUMBER | number as u64)
    })
}

/// For more numbers than have room in a word.
fn in_tuples(count: usize, key: impl Fn(usize) -> Option<u64>) -> Ordered {
    let numbers = (0..).zip(0..count);
    let keyed = numbers.filter_map(|(short, number)| Some((key(number)?, short)));
    let mut keyed: Vec<(u64, u32)> = keyed.collect();
    keyed.sort_unstable();
    let mut alike = Alike::default();
    for (at, (key, _)) in keyed.iter().enumerate() {
        alike.meet(at, *key);
    }
    Ordered {
        numbers: keyed.into_iter().map(|(_, number)| number).collect(),
        alike: alike.runs,
    }
}

fn in_words(count: usize, word: impl Fn(usize) -> Option<u64> + Sync) -> Ordered {
    let mut words = vec![0; count];
    let middle = if count < MANY { count } else { count / 2 };
    let (lower, upper) = words.split_at_mut(middle);
    if upper.is_empty() {
        let count = sorted(lower, 0, &word);
        let mut numbers = vec![0; count];
        let alike = merge_first(&lower[..count], &[], &mut numbers).runs;
        return Ordered { numbers, alike };
    }
    let (low, high) = halves::both(|| sorted(lower, 0, &word), || sorted(upper, middle, &word));
    let (lower, upper) = (&lower[..low], &upper[..high]);
    let mut numbers = vec![0; low + high];
    let (first, last) = numbers.split_at_mut(low.midpoint(high));
    let middle = first.len();
    let (first, last) = halves::both(
        || merge_first(lower, upper, first),
        || merge_last(lower, upper, last),
    );
    Ordered {
        alike: first.followed_by(last, middle, low + high),
        numbers,
    }
}

/// What was seen of keys that stand side by side.
#[derive(Default)]
struct Alike {
    runs: Vec<Range<usize>>,
    /// The key that was met last, and its place.
    last: Option<(u64, usize)>,
}

impl Alike {
    /// Meets the next key.
    fn meet(&mut self, at: usize, key: u64) {
        match self.last {
            Some((last, before)) if last == key => match self.runs.last_mut() {
                Some(run) if run.end == at => run.end += 1,
                _ => self.runs.push(before..at + 1),
            },
            _ => {}
        }
        self.last = Some((key, at));
    }

    /// The runs of these, and of those behind the first `middle`, which were met from the last of all
    /// `count` on.
    fn followed_by(self, backwards: Self, middle: usize, count: usize) -> Vec<Range<usize>> {
        let mut runs = self.runs;
        let turned = backwards.runs.into_iter().rev();
        let turned = turned.map(|run| count - run.end..count - run.start);
        let before = self.last.map(|(key, _)| key);
        if before.is_none() || before != backwards.last.map(|(key, _)| key) {
            runs.extend(turned);
            return runs;
        }
        // Those on both sides of the middle are alike, too.
        let mut turned = turned.peekable();
        let end = turned
            .next_if(|run| run.start == middle)
            .map_or(middle + 1, |run| run.end);
        let start = match runs.last() {
            Some(run) if run.end == middle => run.start,
            _ => middle - 1,
        };
        runs.retain(|run| run.end != middle);
        runs.push(start..end);
        runs.extend(turned);
        runs
    }
}

/// Fills in the words of numbers, the first of which is `first`, and orders them; how many have one.
fn sorted(words: &mut [u64], first: usize, word: &impl Fn(usize) -> Option<u64>) -> usize {
    let mut filled = 0;
    for number in first..first + words.len() {
        if let Some(word) = word(number) {
            words[filled] = word;
            filled += 1;
        }
    }
    words[..filled].sort_unstable();
    filled
}

/// The number in a word.
fn number(word: u64) -> u32 {
    u32::try_from(word & ((1 << NUMBER) - 1)).unwrap_or(u32::MAX)
}

/// The key in a word.
fn key(word: u64) -> u64 {
    word >> NUMBER
}

/// Fills `into` with the first of two parts that are in order each.
fn merge_first(lower: &[u64], upper: &[u64], into: &mut [u32]) -> Alike {
    let mut alike = Alike::default();
    let (mut low, mut high) = (0, 0);
    for (at, into) in into.iter_mut().enumerate() {
        // What is beyond a part's end comes behind everything.
        let one = lower.get(low).copied().unwrap_or(u64::MAX);
        let other = upper.get(high).copied().unwrap_or(u64::MAX);
        let takes_low = one < other;
        let word = one.min(other);
        low += usize::from(takes_low);
        high += usize::from(!takes_low);
        alike.meet(at, key(word));
        *into = number(word);
    }
    alike
}

/// Fills `into` with the last of two parts that are in order each, the last one first.
fn merge_last(lower: &[u64], upper: &[u64], into: &mut [u32]) -> Alike {
    let mut alike = Alike::default();
    let (mut low, mut high) = (lower.len(), upper.len());
    for (at, into) in into.iter_mut().rev().enumerate() {
        let takes_low = match (low.checked_sub(1), high.checked_sub(1)) {
            (Some(one), Some(other)) => lower[one] > upper[other],
            (one, _) => one.is_some(),
        };
        let word = if takes_low {
            low -= 1;
            lower[low]
        } else {
            high = high.saturating_sub(1);
            upper.get(high).copied().unwrap_or_default()
        };
        alike.meet(at, key(word));
        *into = number(word);
    }
    alike
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same one by one.
    fn expected(count: usize, key: impl Fn(usize) -> Option<u64>) -> Ordered {
        let mut numbers: Vec<usize> = (0..count).filter(|at| key(*at).is_some()).collect();
        numbers.sort_by_key(|at| key(*at));
        let (mut alike, mut begin) = (Vec::new(), 0);
        for run in numbers.chunk_by(|left, right| key(*left) == key(*right)) {
            if run.len() > 1 {
                alike.push(begin..begin + run.len());
            }
            begin += run.len();
        }
        let short = |at: usize| u32::try_from(at).unwrap();
        let numbers = numbers.into_iter().map(short).collect();
        Ordered { numbers, alike }
    }

    proptest! {
        #[test]
        fn it_orders_as_a_stable_sort_does(
            keys in prop::collection::vec(prop::option::weighted(0.9, 0..1_u64 << KEY), 0..MOST + 9),
            few in prop::sample::select(vec![1, 5, 600, 1_u64 << KEY]),
        ) {
            let key = |number: usize| keys[number].map(|key| key % few);
            prop_assert_eq!(in_order(keys.len(), key), expected(keys.len(), key));
        }
    }

    #[test]
    fn few_and_many_alike_and_all_the_same() {
        let highest = (1 << KEY) - 1;
        for count in [0, 1, 2, 3, MANY - 1, MANY, MANY + 1, MOST, MOST + 1] {
            let same = |_: usize| Some(highest);
            assert_eq!(in_order(count, same), expected(count, same));
            let backwards = |at: usize| Some(highest - at as u64);
            assert_eq!(in_order(count, backwards), expected(count, backwards));
            let half = |at: usize| (at < count / 2).then_some(0);
            assert_eq!(in_order(count, half), expected(count, half));
            assert_eq!(in_order(count, |_| None), Ordered::default());
        }
    }
}
