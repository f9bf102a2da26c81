//! How times and spans are written for people. Everything is UTC.
//!
//! Pure text. Both faces call it.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The beginning of the second in which a point in time lies; the last one that can be said stays.
#[must_use]
pub fn whole_second(at: Timestamp) -> Timestamp {
    if at == Timestamp::MAX {
        return at;
    }
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// `2027-02-01`.
#[must_use]
pub fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// `2027-02-01 14:02:09 UTC`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M:%S UTC")
        .to_string()
}

/// `2027-02-01 14:02`.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// `14:02`.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string()
}

/// A span in its largest unit, rounded down: `41 d`, `3 h`, `12 min`, `now`.
#[must_use]
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().abs();
    match seconds {
        DAY.. => format!("{} d", seconds / DAY),
        HOUR.. => format!("{} h", seconds / HOUR),
        MINUTE.. => format!("{} min", seconds / MINUTE),
        _ => "now".to_owned(),
    }
}

/// How far `at` is from `now`: `41 d` ahead, `3 d ago` behind.
#[must_use]
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    let text = span(now.duration_until(at));
    if at < now && text != "now" {
        format!("{text} ago")
    } else {
        text
    }
}

/// How long ago `at` was: `2 min ago`, `just now`. What lies ahead is just now.
#[must_use]
pub fn ago(now: Timestamp, at: Timestamp) -> String {
    let text = span(now.duration_until(at));
    if at < now && text != "now" {
        format!("{text} ago")
    } else {
        "just now".to_owned()
    }
}

/// So many days as a span.
#[must_use]
pub fn days(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count.saturating_mul(DAY))
}

/// `at` plus `span`, or the end of time that a timestamp can say.
#[must_use]
pub fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// `at` minus `span`, or the beginning of time that a timestamp can say.
#[must_use]
pub fn earlier(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_sub(span).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let cases = [
            ("2027-01-02T12:00:00Z", "41 d"),
            ("2026-11-19T11:00:00Z", "3 d ago"),
            ("2026-11-22T15:30:00Z", "3 h"),
            ("2026-11-22T11:48:00Z", "12 min ago"),
            ("2026-11-22T11:59:59Z", "now"),
        ];
        for (at, expected) in cases {
            assert_eq!(relative(now, at.parse().unwrap()), expected, "{at}");
        }
        let past = "2026-11-22T11:48:00Z".parse().unwrap();
        assert_eq!(ago(now, past), "12 min ago");
        assert_eq!(ago(past, now), "just now", "a clock that was put back");
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        assert_eq!(later(Timestamp::MAX, days(1)), Timestamp::MAX);
        assert_eq!(earlier(Timestamp::MIN, days(1)), Timestamp::MIN);
        assert!(!date(Timestamp::MAX).is_empty());
        assert!(!moment(Timestamp::MIN).is_empty());
    }
}
