//! A yes or no for each row.
//!
//! Pure. The search answers with it, rows keep what they have no byte for.

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
