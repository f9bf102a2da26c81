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

    fn end(&self) -> Timestamp {
        self.validity.map_or(Timestamp::MAX, |(_, to)| to)
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
