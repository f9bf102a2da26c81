//! A yes or no for each row.
//!
//! Pure. The search answers with it, rows keep what they have no byte for.

use crate::domain::halves;

/// Fewer answers than this are there before a thread has begun; tests have no patience for more.
const MANY: usize = if cfg!(test) { 300 } else { 1 << 17 };

/// So many answers, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// The same answer for all.
    pub(crate) fn all(count: usize, yes: bool) -> Self {
        let word = if yes { u64::MAX } else { 0 };
        let mut bits = Self {
            words: vec![word; count.div_ceil(64)],
            count,
        };
        bits.cut();
        bits
    }

    /// An answer for each; many are asked for in two halves side by side.
    pub(crate) fn of(count: usize, answer: impl Fn(usize) -> bool + Sync) -> Self {
        let mut words = vec![0; count.div_ceil(64)];
        let fill = |words: &mut [u64], first: usize| {
            for (index, word) in words.iter_mut().enumerate() {
                let from = (first + index) * 64;
                let to = (from + 64).min(count);
                *word = (from..to).fold(0, |word, at| word | u64::from(answer(at)) << (at - from));
            }
        };
        let middle = words.len() / 2;
        let (lower, upper) = words.split_at_mut(middle);
        if count < MANY {
            fill(lower, 0);
            fill(upper, middle);
        } else {
            halves::both(|| fill(lower, 0), || fill(upper, middle));
        }
        Self { words, count }
    }

    /// Those of the numbers that are answered with yes, in their order.
    pub(crate) fn kept(&self, numbers: &[u32]) -> Vec<u32> {
        halves::kept(numbers, |number| self.get(number as usize))
    }

    /// The first number from `at` on that is answered with no, if it is below `end`.
    pub(crate) fn next_no(&self, at: usize, end: usize) -> Option<usize> {
        let mut at = at;
        while at < end {
            let word = self.words.get(at / 64).copied().unwrap_or_default();
            let yes = (word >> (at % 64)).trailing_ones() as usize;
            let to_the_next = 64 - at % 64;
            if yes < to_the_next {
                return (at + yes < end).then_some(at + yes);
            }
            at += to_the_next;
        }
        None
    }

    /// Answers with yes as well what the other one does, whose answers begin at `first` here, a
    /// number of whole words.
    pub(crate) fn add(&mut self, other: &Self, first: usize) {
        let words = self.words.iter_mut().skip(first / 64);
        for (own, other) in words.zip(&other.words) {
            *own |= *other;
        }
        self.cut();
    }

    /// Nothing is answered beyond the last.
    fn cut(&mut self) {
        let over = self.count % 64;
        if over > 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << over) - 1;
        }
    }

    pub(crate) fn get(&self, at: usize) -> bool {
        (self.words.get(at / 64)).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(crate) fn set(&mut self, at: usize, yes: bool) {
        if at >= self.count {
            return;
        }
        let bit = 1 << (at % 64);
        if yes {
            self.words[at / 64] |= bit;
        } else {
            self.words[at / 64] &= !bit;
        }
    }

    /// Leaves what the other one answers with yes, or with no.
    pub(crate) fn keep(&mut self, other: &Self, yes: bool) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own &= if yes { *other } else { !*other };
        }
    }

    /// The numbers with yes, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                if left == 0 {
                    return None;
                }
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                Some(index * 64 + bit)
            })
        })
    }

    /// Asks every number with yes once more.
    pub(crate) fn retain(&mut self, mut stays: impl FnMut(usize) -> bool) {
        for (index, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                if !stays(index * 64 + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_asked_for_each_and_put_together() {
        for count in [0, 1, 63, 64, 65, 130, MANY - 1, MANY, MANY + 70] {
            let third = |at: usize| at.is_multiple_of(3);
            let bits = Bits::of(count, third);
            let expected: Vec<usize> = (0..count).filter(|at| third(*at)).collect();
            assert_eq!(bits.iter().collect::<Vec<_>>(), expected);
            let all: Vec<u32> = (0..u32::try_from(count).unwrap()).rev().collect();
            let kept: Vec<usize> = bits
                .kept(&all)
                .into_iter()
                .rev()
                .map(|at| at as usize)
                .collect();
            assert_eq!(kept, expected);
            let mut both = Bits::of(count, |at| at < 128 && at.is_multiple_of(2));
            let later = Bits::of(count.saturating_sub(128), |at| third(at + 128));
            both.add(&later, 128);
            let is = |at: usize| {
                if at < 128 {
                    at.is_multiple_of(2)
                } else {
                    third(at)
                }
            };
            assert_eq!(both, Bits::of(count, is), "{count}");
        }
    }

    #[test]
    fn the_next_no_is_found_across_words() {
        let bits = Bits::of(300, |at| at < 70 || (128..256).contains(&at));
        for (from, end, found) in [
            (0, 300, Some(70)),
            (0, 70, None),
            (0, 71, Some(70)),
            (71, 300, Some(71)),
            (128, 300, Some(256)),
            (130, 256, None),
            (299, 300, Some(299)),
            (300, 300, None),
        ] {
            assert_eq!(bits.next_no(from, end), found, "{from} to {end}");
        }
        assert_eq!(Bits::all(64, true).next_no(0, 64), None);
    }

    #[test]
    fn answers_are_kept_by_number_and_none_lies_beyond_the_last() {
        for count in [0, 1, 63, 64, 65, 130] {
            let mut bits = Bits::all(count, true);
            assert_eq!(bits.iter().count(), count);
            bits.set(count, true);
            assert!(!bits.get(count));
            bits.retain(|at| at % 3 == 0);
            let expected: Vec<usize> = (0..count).step_by(3).collect();
            assert_eq!(bits.iter().collect::<Vec<_>>(), expected);
            let mut rest = Bits::all(count, true);
            rest.keep(&bits, false);
            assert!(rest.iter().all(|at| !bits.get(at)));
            assert_eq!(rest.iter().count(), count - expected.len());
        }
    }
}
