//! Long work on numbers in two halves side by side.
//!
//! Pure: what comes out is what one after the other would bring. `query` and `entries` sort with it.

use std::thread;

/// Fewer values than this are sorted before a thread has begun.
const LONG: usize = 1 << 16;

/// Sorts values; those that are alike may change places.
pub(super) fn sort<T: Ord + Send>(values: &mut [T]) {
    let middle = values.len() / 2;
    if values.len() < LONG {
        values.sort_unstable();
        return;
    }
    let (lower, _, upper) = values.select_nth_unstable(middle);
    both(|| lower.sort_unstable(), || upper.sort_unstable());
}

/// A value for each number below `count`, those of many made in two halves side by side.
pub(super) fn each<T: Clone + Default + Send>(
    count: usize,
    value: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let mut values = vec![T::default(); count];
    let fill = |values: &mut [T], first: usize| {
        for (at, into) in (first..).zip(values) {
            *into = value(at);
        }
    };
    let (lower, upper) = values.split_at_mut(count / 2);
    if count < LONG {
        fill(lower, 0);
        fill(upper, count / 2);
    } else {
        both(|| fill(lower, 0), || fill(upper, count / 2));
    }
    values
}

/// Does two things side by side.
pub(super) fn both<A, B: Send>(
    one: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        match other.join() {
            Ok(other) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gets_its_value() {
        for count in [0, 1, 5, LONG - 1, LONG, LONG + 1] {
            let expected: Vec<usize> = (0..count).map(|at| at * 3).collect();
            assert!(each(count, |at| at * 3) == expected, "{count}");
        }
    }

    #[test]
    fn long_and_short_are_sorted_alike() {
        for count in [0, 1, 2, LONG - 1, LONG, LONG + 1, 3 * LONG] {
            let mut state = 7_u64;
            let mut values: Vec<u64> = (0..count)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    state >> 48
                })
                .collect();
            let mut expected = values.clone();
            expected.sort_unstable();
            sort(&mut values);
            assert!(values == expected, "{count}");
        }
    }
}
