//! Long work on numbers in two halves side by side.
//!
//! Pure: what comes out is what one after the other would bring. `query`, `entries` and the panel's
//! list sort and choose with it.

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

/// The numbers that are kept, in their order; of many, two halves are looked through side by side.
pub(super) fn kept(numbers: &[u32], keep: impl Fn(u32) -> bool + Sync) -> Vec<u32> {
    if numbers.len() < LONG {
        let numbers = numbers.iter().copied();
        return numbers.filter(|number| keep(*number)).collect();
    }
    let mut kept = vec![0; numbers.len()];
    let gather = |numbers: &[u32], into: &mut [u32]| {
        let mut count = 0;
        for number in numbers {
            into[count] = *number;
            count += usize::from(keep(*number));
        }
        count
    };
    let middle = numbers.len() / 2;
    let (lower, upper) = numbers.split_at(middle);
    let (first, last) = kept.split_at_mut(middle);
    let (first, last) = both(|| gather(lower, first), || gather(upper, last));
    kept.copy_within(middle..middle + last, first);
    kept.truncate(first + last);
    kept.shrink_to_fit();
    kept
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
    fn what_is_kept_keeps_its_order() {
        for count in [0, 1, 2, LONG - 1, LONG, LONG + 1, 3 * LONG] {
            let numbers: Vec<u32> = (0..u32::try_from(count).unwrap()).rev().collect();
            let some = |number: u32| number % 7 == 3 || number > 100_000;
            for (name, keep) in [
                ("none", &(|_| false) as &(dyn Fn(u32) -> bool + Sync)),
                ("all", &|_| true),
                ("some", &some),
            ] {
                let mut expected = numbers.clone();
                expected.retain(|number| keep(*number));
                assert!(kept(&numbers, keep) == expected, "{name} of {count}");
            }
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
