//! Points in time as the base keeps them: whole seconds in four bytes.
//!
//! Pure. `thin` decides what can be kept so, `base` keeps it, `rows` reckons with the seconds.

use jiff::Timestamp;

/// What stands for no point in time.
const NONE: u32 = u32::MAX;
/// What stands for the last one that can be said, with which certificates without an end are read.
const LAST: u32 = u32::MAX - 1;

/// A point in time from 1970 to 2106, the last one that can be said, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) struct Moment(u32);

impl Moment {
    pub(in crate::domain) const NONE: Self = Self(NONE);

    /// The whole second in which a point in time lies; nothing where it cannot be kept.
    pub(super) fn of(at: Timestamp) -> Option<Self> {
        if at == Timestamp::MAX {
            return Some(Self(LAST));
        }
        let seconds = u32::try_from(at.as_second()).ok()?;
        (seconds < LAST && at.subsec_nanosecond() >= 0).then_some(Self(seconds))
    }

    /// The same, where nothing is lost by it.
    pub(super) fn exactly(at: Timestamp) -> Option<Self> {
        Self::of(at).filter(|kept| kept.at() == Some(at))
    }

    /// The four bytes as a number, from which [`Moment::unpacked`] makes the same.
    pub(super) fn packed(self) -> u32 {
        self.0
    }

    /// What [`Moment::packed`] says.
    pub(super) fn unpacked(number: u32) -> Self {
        Self(number)
    }

    pub(in crate::domain) fn is_some(self) -> bool {
        self.0 != NONE
    }

    /// It as a number that orders as it does, never the highest one; nothing where there is none.
    pub(in crate::domain) fn number(self) -> Option<u32> {
        self.is_some().then_some(self.0)
    }

    /// Whether it is the last one that can be said, which lies between two seconds.
    pub(in crate::domain) fn is_last(self) -> bool {
        self.0 == LAST
    }

    /// The seconds since 1970; what is none lies behind everything.
    pub(in crate::domain) fn seconds(self) -> i64 {
        match self.0 {
            NONE => i64::MAX,
            LAST => Timestamp::MAX.as_second(),
            seconds => i64::from(seconds),
        }
    }

    /// The point in time; nothing where there is none.
    pub(in crate::domain) fn at(self) -> Option<Timestamp> {
        match self.0 {
            NONE => None,
            LAST => Some(Timestamp::MAX),
            seconds => Timestamp::from_second(i64::from(seconds)).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn seconds_come_back_as_they_were_and_what_cannot_be_kept_is_said() {
        let whole = at("2026-11-22T12:00:01Z");
        assert_eq!(Moment::exactly(whole).unwrap().at(), Some(whole));
        let part = at("2026-11-22T12:00:01.5Z");
        assert_eq!(Moment::of(part).unwrap().at(), Some(whole));
        assert_eq!(Moment::exactly(part), None);
        let last = Moment::exactly(Timestamp::MAX).unwrap();
        assert_eq!((last.at(), last.is_last()), (Some(Timestamp::MAX), true));
        assert_eq!(last.seconds(), Timestamp::MAX.as_second());
        for outside in [
            "1969-12-31T23:59:59.5Z",
            "1950-01-01T00:00:00Z",
            "2200-01-01T00:00:00Z",
        ] {
            assert_eq!(Moment::of(at(outside)), None, "{outside}");
        }
        assert!(!Moment::NONE.is_some());
        assert_eq!(Moment::NONE.at(), None);
    }
}
