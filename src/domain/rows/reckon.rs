//! Urgency, stages and turns of a certificate's life, reckoned in whole numbers for many rows.
//!
//! Pure. The rule is that of `urgency`, `renewal` and `lifecycle::effective`; a property test
//! compares row by row.

use jiff::Timestamp;

use crate::domain::entries::{Moment, Slim};
use crate::domain::lifecycle::Phase;
use crate::domain::renewal;
use crate::domain::row::{Urgency, UrgencyClass};

/// Added to seconds so that none is negative.
const FROM_THE_FIRST: i64 = 377_705_116_800;
/// How many bits the seconds take.
const SECONDS: u32 = 40;
/// How many bits an urgency takes.
pub(in crate::domain) const URGENCY: u32 = SECONDS + 3;
/// A life of less than ten days is short: half of it must be left, not a third.
const SHORT_LIFE: i64 = 10 * 86_400;

const CLASSES: [UrgencyClass; 6] = [
    UrgencyClass::Broken,
    UrgencyClass::NeedsYou,
    UrgencyClass::Moving,
    UrgencyClass::Serving,
    UrgencyClass::Leaving,
    UrgencyClass::Never,
];

/// An urgency as a number that orders as urgencies do.
pub(in crate::domain) fn pack(urgency: Urgency) -> u64 {
    packed(urgency.class, urgency.at.as_second())
}

fn packed(class: UrgencyClass, seconds: i64) -> u64 {
    let seconds = u64::try_from(seconds.saturating_add(FROM_THE_FIRST)).unwrap_or_default();
    (class as u64) << SECONDS | seconds.min((1 << SECONDS) - 1)
}

/// A packed urgency in so many bits, at least three: in the order of urgencies, though some that lie
/// far from `now` become the same.
pub(in crate::domain) fn squeezed(packed: u64, now: Timestamp, bits: u32) -> u64 {
    if bits >= URGENCY {
        return packed;
    }
    let room = 1 << (bits - (URGENCY - SECONDS));
    let seconds = packed & ((1 << SECONDS) - 1);
    let now = u64::try_from(now.as_second().saturating_add(FROM_THE_FIRST)).unwrap_or_default();
    let first = now.saturating_sub(room / 2);
    (packed >> SECONDS) * room + seconds.saturating_sub(first).min(room - 1)
}

/// The class of a packed urgency.
pub(in crate::domain) fn class(packed: u64) -> UrgencyClass {
    let index = usize::try_from(packed >> SECONDS).unwrap_or_default();
    CLASSES.get(index).copied().unwrap_or(UrgencyClass::Never)
}

/// A point in time as seconds and parts of one, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(i64, i32);

impl Instant {
    pub(super) fn of(at: Timestamp) -> Self {
        Self(at.as_second(), at.subsec_nanosecond())
    }

    fn of_moment(moment: Moment) -> Self {
        let parts = if moment.is_last() { 999_999_999 } else { 0 };
        Self(moment.seconds(), parts)
    }

    /// The second in which it lies.
    pub(super) fn second(self) -> i64 {
        self.0
    }
}

/// The turns of a certificate's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    begins: Instant,
    opens: Instant,
    ends: Instant,
}

impl Life {
    pub(super) fn of(slim: &Slim) -> Option<Self> {
        slim.has_certificate().then(|| Self {
            begins: Instant::of_moment(slim.begins),
            opens: opens(slim.begins, slim.ends),
            ends: Instant::of_moment(slim.ends),
        })
    }

    pub(super) fn stage(&self, now: Instant) -> Stage {
        let bits = [now < self.begins, now >= self.opens, now > self.ends];
        let bits = bits.into_iter().enumerate();
        Stage(bits.fold(Stage::KNOWN, |stage, (bit, is)| {
            stage | u16::from(is) << bit
        }))
    }

    /// The last turn that lies behind: the end, the renewal window, the beginning.
    pub(super) fn turned(&self, now: Instant) -> Option<i64> {
        let turns = [self.ends, self.opens, self.begins];
        turns
            .into_iter()
            .find(|turn| *turn <= now)
            .map(Instant::second)
    }

    /// The first second after which it may stand otherwise than at `now`.
    pub(super) fn next_turn(&self, now: Instant) -> i64 {
        let turns = [self.begins, self.opens, self.ends].into_iter();
        let ahead = turns.filter(|turn| *turn >= now).map(Instant::second);
        ahead.min().unwrap_or(i64::MAX)
    }
}

/// When the renewal window opens: [`renewal::window_opens`] in whole numbers.
fn opens(begins: Moment, ends: Moment) -> Instant {
    if ends.is_last() || begins.is_last() {
        // It ends between two seconds, which is left to whoever reckons with parts of one.
        let (from, to) = (
            begins.at().unwrap_or_default(),
            ends.at().unwrap_or_default(),
        );
        return Instant::of(renewal::window_opens(from, to));
    }
    let (begins, ends) = (begins.seconds(), ends.seconds());
    let life = ends - begins;
    if life <= 0 {
        return Instant(ends, 0);
    }
    let share = if life < SHORT_LIFE { 2 } else { 3 };
    let whole = ends - life / share;
    match (share, life % share) {
        (_, 0) => Instant(whole, 0),
        (2, _) => Instant(whole - 1, 500_000_000),
        (_, 1) => Instant(whole - 1, 666_666_667),
        _ => Instant(whole - 1, 333_333_334),
    }
}

/// Where a certificate stands in its life: before it, in its renewal window, after it; or that
/// there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stage(u16);

impl Stage {
    /// How many there are.
    pub(super) const COUNT: usize = 16;
    /// Without a certificate.
    pub(super) const NONE: Self = Self(0);
    const KNOWN: u16 = 8;

    pub(super) fn number(self) -> u16 {
        self.0
    }

    /// The stage of a code.
    pub(super) fn of_code(code: u16) -> Self {
        Self(code % 16)
    }

    pub(super) fn window_is_open(self) -> bool {
        self.0 & 2 != 0
    }

    pub(super) fn has_ended(self) -> bool {
        self.0 & 4 != 0
    }
}

/// What an urgency hangs on.
pub(super) struct Reckoned {
    pub(super) phase: Option<Phase>,
    pub(super) since: i64,
    pub(super) life: Option<Life>,
    pub(super) stage: Stage,
    pub(super) never: bool,
}

impl Reckoned {
    /// How urgent that is, packed: [`Facts::urgency`] in whole numbers.
    ///
    /// [`Facts::urgency`]: crate::domain::urgency::Facts::urgency
    pub(super) fn urgency(&self) -> u64 {
        let (class, at) = match self.phase {
            phase if self.never => {
                let failed = phase == Some(Phase::Failed) || self.stage.has_ended();
                let last = Timestamp::MAX.as_second();
                (UrgencyClass::Never, if failed { last } else { self.end() })
            }
            Some(Phase::Ended) => (UrgencyClass::Never, self.end()),
            Some(Phase::Failed) => (UrgencyClass::Broken, self.expired().unwrap_or(self.since)),
            Some(Phase::WindingDown) => (UrgencyClass::Leaving, self.end()),
            phase => self.of_the_living(phase),
        };
        packed(class, at)
    }

    fn of_the_living(&self, phase: Option<Phase>) -> (UrgencyClass, i64) {
        if let Some(end) = self.expired() {
            return (UrgencyClass::Broken, end);
        }
        let window = self.life.map(|life| life.opens.second());
        let asks = (phase == Some(Phase::ActionNeeded)).then_some(self.since);
        let open = window.filter(|_| self.stage.window_is_open());
        match (asks, open) {
            (Some(one), Some(other)) => (UrgencyClass::NeedsYou, one.min(other)),
            (Some(at), None) | (None, Some(at)) => (UrgencyClass::NeedsYou, at),
            (None, None) if phase == Some(Phase::Live) => {
                let last = Timestamp::MAX.as_second();
                (UrgencyClass::Serving, window.unwrap_or(last))
            }
            (None, None) => (UrgencyClass::Moving, self.since),
        }
    }

    fn expired(&self) -> Option<i64> {
        let end = self.life.map(|life| life.ends.second());
        end.filter(|_| self.stage.has_ended())
    }

    fn end(&self) -> i64 {
        self.life.map_or(self.since, |life| life.ends.second())
    }
}
