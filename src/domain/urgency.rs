//! How soon somebody must look at an entry.
//!
//! Pure: a few facts go in, a class and a time come out, which together order the list. Rows are
//! made with it; `check` says the same in sentences. The rule, in one sentence: the urgency of an
//! entry is the earliest of what its state asks for and the renewal window of the certificate that
//! serves; one that failed or expired is first if nothing serves in its place, and last otherwise.

use jiff::Timestamp;

use super::lifecycle::Phase;
use super::renewal;

/// How soon somebody must look at an entry: first the class, then the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency {
    /// The class.
    pub class: UrgencyClass,
    /// What the class orders by: since when somebody waits, or until when there is time.
    pub at: Timestamp,
}

impl Urgency {
    /// The same without parts of a second.
    #[must_use]
    pub fn in_whole_seconds(self) -> Self {
        Self {
            at: super::time::whole_second(self.at),
            ..self
        }
    }
}

/// The classes of urgency, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UrgencyClass {
    /// Failed or expired, and nothing serves in its place.
    Broken,
    /// You or your customer must act, the renewal window is open, or a place cannot be read.
    NeedsYou,
    /// The provider or the CA is at it, or nobody knows the state.
    Moving,
    /// It serves.
    Serving,
    /// It is on its way out.
    Leaving,
    /// Nothing will ever be urgent here: over, superseded, archived, or a CA's own.
    Never,
}

/// What the urgency hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The class of its state; nothing where no table knows the state.
    pub phase: Option<Phase>,
    /// Since when the state holds.
    pub since: Timestamp,
    /// The validity of the certificate that serves.
    pub validity: Option<(Timestamp, Timestamp)>,
    /// Since when the place that it was read from cannot be read.
    pub trouble: Option<Timestamp>,
    /// Superseded, archived, or a CA's own.
    pub never: bool,
    /// The account's time.
    pub now: Timestamp,
}

impl Facts {
    /// How urgent that is.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        let (class, at) = match self.phase {
            _ if self.never => (UrgencyClass::Never, self.end_of_the_harmless()),
            Some(Phase::Ended) => (UrgencyClass::Never, self.end()),
            Some(Phase::Failed) => (UrgencyClass::Broken, self.expired().unwrap_or(self.since)),
            // It goes because somebody wants it to; its end asks nothing of anyone.
            Some(Phase::WindingDown) => (UrgencyClass::Leaving, self.end()),
            phase => self.of_the_living(phase),
        };
        Urgency { class, at }
    }

    fn of_the_living(&self, phase: Option<Phase>) -> (UrgencyClass, Timestamp) {
        if let Some(end) = self.expired() {
            return (UrgencyClass::Broken, end);
        }
        let state_asks = (phase == Some(Phase::ActionNeeded)).then_some(self.since);
        let window = self.window();
        let asked = [
            state_asks,
            window.filter(|at| *at <= self.now),
            self.trouble,
        ];
        match asked.into_iter().flatten().min() {
            Some(earliest) => (UrgencyClass::NeedsYou, earliest),
            None if phase == Some(Phase::Live) => {
                (UrgencyClass::Serving, window.unwrap_or(Timestamp::MAX))
            }
            None => (UrgencyClass::Moving, self.since),
        }
    }

    /// When the certificate that serves is due for renewal.
    fn window(&self) -> Option<Timestamp> {
        self.validity
            .map(|(from, to)| renewal::window_opens(from, to))
    }

    /// When it expired, if it has.
    fn expired(&self) -> Option<Timestamp> {
        self.validity.map(|(_, to)| to).filter(|to| *to < self.now)
    }

    /// The end of the certificate that serves; without one, since when it has stood so.
    fn end(&self) -> Timestamp {
        self.validity.map_or(self.since, |(_, to)| to)
    }

    /// Among those that are never urgent, the one that failed or expired is the last.
    fn end_of_the_harmless(&self) -> Timestamp {
        if self.phase == Some(Phase::Failed) || self.expired().is_some() {
            Timestamp::MAX
        } else {
            self.end()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time;

    fn days(from_now: i64) -> Timestamp {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        time::later(now, time::days(from_now))
    }

    #[test]
    fn each_phase_with_a_certificate_that_is_fine_due_over_or_not_there() {
        use Phase::{ActionNeeded, Ended, Failed, InProgress, Live, WindingDown};
        use UrgencyClass::{Broken, Leaving, Moving, NeedsYou, Never, Serving};
        let (none, fine, due, over) = (None, Some((-10, 80)), Some((-80, 10)), Some((-100, -10)));
        // phase, certificate, class, at: days from now; it stands so for four days
        let cases = [
            (Some(ActionNeeded), none, NeedsYou, -4),
            (Some(ActionNeeded), fine, NeedsYou, -4),
            (Some(ActionNeeded), due, NeedsYou, -20),
            (Some(ActionNeeded), over, Broken, -10),
            (Some(InProgress), none, Moving, -4),
            (Some(InProgress), fine, Moving, -4),
            (Some(InProgress), due, NeedsYou, -20),
            (Some(InProgress), over, Broken, -10),
            (Some(Live), fine, Serving, 50),
            (Some(Live), due, NeedsYou, -20),
            (Some(Live), over, Broken, -10),
            (Some(WindingDown), none, Leaving, -4),
            (Some(WindingDown), due, Leaving, 10),
            (Some(WindingDown), over, Leaving, -10),
            (Some(Ended), none, Never, -4),
            (Some(Ended), over, Never, -10),
            (Some(Failed), none, Broken, -4),
            (Some(Failed), fine, Broken, -4),
            (Some(Failed), over, Broken, -10),
            (None, none, Moving, -4),
            (None, due, NeedsYou, -20),
            (None, over, Broken, -10),
        ];
        for (phase, life, class, at) in cases {
            let facts = Facts {
                phase,
                since: days(-4),
                validity: life.map(|(from, to)| (days(from), days(to))),
                trouble: None,
                never: false,
                now: days(0),
            };
            let urgency = facts.urgency();
            let expected = Urgency {
                class,
                at: days(at),
            };
            assert_eq!(urgency, expected, "{phase:?} {life:?}");
            let never = Facts {
                never: true,
                ..facts
            };
            assert_eq!(never.urgency().class, Never, "{phase:?} {life:?}");
            let lost = Facts {
                trouble: Some(days(-30)),
                ..facts
            };
            let asks = !matches!(class, Broken | Leaving | Never);
            let expected = if asks {
                Urgency {
                    class: NeedsYou,
                    at: days(-30),
                }
            } else {
                urgency
            };
            assert_eq!(lost.urgency(), expected, "{phase:?} {life:?}, not readable");
        }
    }
}
