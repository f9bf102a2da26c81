//! Points in time as a filter writes them: a span from now on, or a day, a month, a year.
//!
//! Pure. `now` is the time of the entry's account.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::domain::time;

/// What is expected of a bound, for errors and help.
pub(super) const EXPECTED: &str = "a span from now (30d, 2w, 6mo, 1y, 12h; -3d lies behind) or a date (2027-01-31, 2027-01, 2027)";

/// The units of spans and their seconds. A month has 30 days, a year 365: a filter looks ahead, it
/// reckons no birthdays.
const UNITS: [(&str, i64); 8] = [
    ("s", 1),
    ("min", 60),
    ("m", 60),
    ("h", 3_600),
    ("d", 86_400),
    ("w", 7 * 86_400),
    ("mo", 30 * 86_400),
    ("y", 365 * 86_400),
];

/// On which side of a bound something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Before it begins.
    Before,
    /// Within it.
    Within,
    /// After it ended.
    After,
}

/// A bound, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    text: String,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// So far from now.
    Ahead(SignedDuration),
    /// A day, a month or a year of UTC: where it begins, and where the next one does.
    Period(Timestamp, Timestamp),
}

impl Bound {
    /// Reads a bound; nothing where it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = super::text::fold(text);
        let meaning = span(&text)
            .map(Meaning::Ahead)
            .or_else(|| period(&text).map(|(from, to)| Meaning::Period(from, to)))?;
        Some(Self { text, meaning })
    }

    /// The bound as it can be typed again.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it has a length, so that something can lie within it.
    pub(super) fn is_period(&self) -> bool {
        matches!(self.meaning, Meaning::Period(..))
    }

    /// Whether `at` lies on that side of it.
    pub(super) fn has(&self, side: Side, at: Timestamp, now: Timestamp) -> bool {
        let (from, to) = match self.meaning {
            Meaning::Ahead(span) => {
                let bound = time::later(now, span);
                (bound, time::later(bound, SignedDuration::from_nanos(1)))
            }
            Meaning::Period(from, to) => (from, to),
        };
        match side {
            Side::Before => at < from,
            Side::Within => from <= at && at < to,
            Side::After => at >= to,
        }
    }
}

fn span(text: &str) -> Option<SignedDuration> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let count: i64 = count.parse().ok()?;
    let (_, seconds) = UNITS.iter().find(|(known, _)| *known == unit)?;
    Some(SignedDuration::from_secs(
        count.checked_mul(*seconds)?.checked_mul(sign)?,
    ))
}

fn period(text: &str) -> Option<(Timestamp, Timestamp)> {
    let parts: Vec<&str> = text.split('-').collect();
    let widths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.iter().all(is_number) || !matches!(*widths, [4] | [4, 2] | [4, 2, 2]) {
        return None;
    }
    let number = |at: usize| parts.get(at).map_or(Ok(1), |part| part.parse::<i8>()).ok();
    let year: i16 = parts[0].parse().ok()?;
    let first = Date::new(year, number(1)?, number(2)?).ok()?;
    let next = match widths.len() {
        1 => Date::new(year.checked_add(1)?, 1, 1).ok()?,
        2 => first.last_of_month().tomorrow().ok()?,
        _ => first.tomorrow().ok()?,
    };
    let begins = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    Some((begins(first)?, begins(next)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn spans_and_dates_have_a_before_a_within_and_an_after() {
        use Side::{After, Before, Within};
        let now = at("2026-11-22T12:00:00Z");
        let cases = [
            ("30d", "2026-12-22T11:59:59Z", Before),
            ("30d", "2026-12-22T12:00:01Z", After),
            ("-3d", "2026-11-19T11:00:00Z", Before),
            ("1y", "2027-11-22T12:00:01Z", After),
            ("6mo", "2027-05-21T11:00:00Z", Before),
            ("90min", "2026-11-22T13:31:00Z", After),
            ("0d", "2026-11-22T11:59:59Z", Before),
            ("2027-01-01", "2026-12-31T23:59:59Z", Before),
            ("2027-01-01", "2027-01-01T00:00:00Z", Within),
            ("2027-01-01", "2027-01-02T00:00:00Z", After),
            ("2027-12", "2027-12-31T23:59:59Z", Within),
            ("2027-12", "2028-01-01T00:00:00Z", After),
            ("2028", "2028-12-31T23:00:00Z", Within),
        ];
        for (bound, point, side) in cases {
            let read = Bound::parse(bound).unwrap();
            for other in [Before, Within, After] {
                let has = read.has(other, at(point), now);
                assert_eq!(has, other == side, "{point} against {bound}: {other:?}");
            }
        }
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for text in [
            "",
            "d",
            "30",
            "30 d",
            "30days",
            "--3d",
            "-",
            "2027-13",
            "2027-02-30",
            "27-01-01",
            "2027-1-1",
            "2027-01-01-01",
            "99999999999999999999d",
            "tomorrow",
            "９d",
            "+3d",
        ] {
            assert_eq!(Bound::parse(text), None, "{text}");
        }
        assert!(Bound::parse("9999").is_none(), "its end cannot be said");
        assert!(Bound::parse("2027").unwrap().is_period());
        assert!(!Bound::parse("30D").unwrap().is_period());
    }
}
