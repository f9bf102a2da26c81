//! When a certificate is due.
//!
//! Pure. The list's bar, the `Due` state and the urgency ask it.

use jiff::{SignedDuration, Timestamp};

use super::time;

/// A life of fewer days is short: half of it must be left, not a third.
///
/// Source: the Let's Encrypt integration guide, whose backstop is a third of the life, or half
/// where it is shorter than ten days.
const SHORT_LIFE_DAYS: i64 = 10;

/// From when a certificate with this validity is due for renewal: when a third of its life is
/// left, or half where the life is shorter than ten days.
#[must_use]
pub fn window_opens(not_before: Timestamp, not_after: Timestamp) -> Timestamp {
    let life = not_before.duration_until(not_after);
    if life <= SignedDuration::ZERO {
        return not_after;
    }
    let share = if life < time::days(SHORT_LIFE_DAYS) {
        2
    } else {
        3
    };
    time::earlier(not_after, life / share)
}

/// How much of its life a certificate has left at `now`: 1 before it begins, 0 after its end.
#[must_use]
pub fn fraction_left(not_before: Timestamp, not_after: Timestamp, now: Timestamp) -> f64 {
    let life = not_before.duration_until(not_after).as_secs_f64();
    if life <= 0.0 {
        return 0.0;
    }
    (now.duration_until(not_after).as_secs_f64() / life).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_third_of_a_long_life_and_half_of_a_short_one() {
        let start = at("2026-01-01T00:00:00Z");
        let cases = [
            ("2026-04-01T00:00:00Z", "2026-03-02T00:00:00Z"), // 90 days: 30 left
            ("2026-01-07T00:00:00Z", "2026-01-04T00:00:00Z"), // 6 days: 3 left
            ("2026-01-11T00:00:00Z", "2026-01-07T16:00:00Z"), // 10 days: a third left
        ];
        for (end, opens) in cases {
            assert_eq!(window_opens(start, at(end)), at(opens), "{end}");
        }
    }

    #[test]
    fn a_life_that_ends_before_it_begins_is_over() {
        let (start, end) = (at("2026-02-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
        assert_eq!(window_opens(start, end), end);
        assert!(fraction_left(start, end, start) <= 0.0);
    }

    #[test]
    fn the_fraction_left_stays_between_none_and_all() {
        let (start, end) = (at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z"));
        let left = |now: &str| fraction_left(start, end, at(now));
        assert!((left("2025-01-01T00:00:00Z") - 1.0).abs() < 1e-9);
        assert!((left("2026-01-06T00:00:00Z") - 0.5).abs() < 1e-9);
        assert!(left("2030-01-01T00:00:00Z").abs() < 1e-9);
    }
}
