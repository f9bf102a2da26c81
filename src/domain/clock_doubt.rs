//! Whether the machine's clock can be right, judged by what was written under it before.
//!
//! Pure: the time comes in as an argument, and nothing is done about a doubt here. `doctor` and
//! the engine ask, and say it; nobody refuses work because of it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::time;

/// Two machines that share a store, or a clock that is being corrected, may differ by so much
/// without anybody's having set anything wrong.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Nobody can run certdeck before it was written: 2026-01-01, the year of its first version, in
/// seconds since 1970.
const FIRST_YEAR: i64 = 1_767_225_600;

/// Why the clock looks wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It shows an earlier time than when the store was last written: it is wrong now, or it was
    /// wrong then.
    Back {
        /// What it shows.
        now: Timestamp,
        /// When the store was last written, by the clock of then.
        last_written: Timestamp,
    },
    /// It shows a time at which there was no certdeck yet.
    TooEarly {
        /// What it shows.
        now: Timestamp,
        /// Before this there was none.
        earliest: Timestamp,
    },
}

impl Doubt {
    /// What a person does about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Back { .. } => {
                "look at the date of this machine; if it is right, it was wrong when the store was \
                 written, and this passes by itself"
            }
            Self::TooEarly { .. } => "set the date of this machine",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Back { now, last_written } => write!(
                f,
                "the clock looks wrong: it shows {}, and the store was last written at {}, which \
                 is still to come",
                time::moment(*now),
                time::moment(*last_written)
            ),
            Self::TooEarly { now, earliest } => write!(
                f,
                "the clock looks wrong: it shows {}, and there was no certdeck before {}",
                time::moment(*now),
                time::date(*earliest)
            ),
        }
    }
}

/// Whether the clock can be right. `last_written` is when the store was last written, by the
/// clock of then (the journal's last `at`); nothing where it never was.
///
/// A clock that has jumped ahead cannot be told from a machine that was off for long, so that is
/// never doubted.
#[must_use]
pub fn doubt(now: Timestamp, last_written: Option<Timestamp>) -> Option<Doubt> {
    let earliest = Timestamp::from_second(FIRST_YEAR).unwrap_or(Timestamp::UNIX_EPOCH);
    if now < earliest {
        return Some(Doubt::TooEarly { now, earliest });
    }
    let last_written = last_written?;
    (time::later(now, SLACK) < last_written).then_some(Doubt::Back { now, last_written })
}

/// No public certificate that is issued today lives so long (200 days since 2026-03-15, CA/Browser
/// Forum ballot SC-081v3; 398 before), so a store that was untouched for longer has nothing left
/// that a renewal by itself could still save.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(400 * 24);

/// By how much the clock has leapt ahead since the store was last written, where that is further
/// than any certificate lives: by it everything would be due at once, so nothing is renewed on its
/// account without a person.
#[must_use]
pub fn leap(now: Timestamp, last_written: Option<Timestamp>) -> Option<SignedDuration> {
    let passed = last_written?.duration_until(now);
    (passed > LONGEST_LIFE).then_some(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_is_doubted_only_where_it_contradicts_what_was_written() {
        let written = Some(at("2026-11-22T12:00:00Z"));
        let cases = [
            ("2026-11-22T12:00:00Z", written, false),
            ("2026-11-22T11:55:00Z", written, false),
            ("2026-11-22T11:54:59Z", written, true),
            ("2031-01-01T00:00:00Z", written, false),
            ("2026-11-22T12:00:00Z", None, false),
            ("2025-12-31T23:59:59Z", None, true),
            ("1970-01-01T00:00:00Z", written, true),
        ];
        for (now, last, doubted) in cases {
            assert_eq!(doubt(at(now), last).is_some(), doubted, "{now}");
        }
    }

    #[test]
    fn a_leap_is_further_than_any_certificate_lives() {
        let written = Some(at("2026-11-22T12:00:00Z"));
        assert_eq!(leap(at("2027-12-01T00:00:00Z"), written), None);
        assert!(leap(at("2036-11-22T12:00:00Z"), written).is_some());
        assert_eq!(leap(at("2020-01-01T00:00:00Z"), written), None);
        assert_eq!(leap(at("2036-11-22T12:00:00Z"), None), None);
    }

    #[test]
    fn both_times_are_said() {
        let back = doubt(at("2026-11-22T12:00:00Z"), Some(at("2029-03-15T08:30:00Z")));
        assert_eq!(
            back.unwrap().to_string(),
            "the clock looks wrong: it shows 2026-11-22 12:00:00 UTC, and the store was last \
             written at 2029-03-15 08:30:00 UTC, which is still to come"
        );
        let early = doubt(at("1970-01-01T00:00:07Z"), None).unwrap();
        assert_eq!(
            early.to_string(),
            "the clock looks wrong: it shows 1970-01-01 00:00:07 UTC, and there was no certdeck \
             before 2026-01-01"
        );
        assert!(early.advice().contains("date of this machine"));
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            for last in [None, Some(Timestamp::MIN), Some(Timestamp::MAX)] {
                if let Some(doubt) = doubt(now, last) {
                    assert!(!doubt.to_string().is_empty());
                }
            }
        }
    }
}
