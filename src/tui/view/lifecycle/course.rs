//! What an entry has been through on one track: where it stands, since when, and what it passed.
//!
//! Pure: the entry, its table and its history come in. The plan of the drawing is made from it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::entry::{CertificateRecord, Entry, StateRef, Track};
use crate::domain::event::What;
use crate::domain::lifecycle::{Condition, Lifecycle, effective_track};
use crate::domain::renewal;
use crate::engine::command::HistoryLine;

/// The course of an entry on one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// Where it stands now, be it by time alone.
    pub(super) here: StateRef,
    /// Since when, where that is known.
    pub(super) since: Option<Timestamp>,
    /// When it came to each state, the oldest first; the last one of `here` is `since`.
    visits: BTreeMap<String, Vec<Timestamp>>,
    /// From where it came to each state the last time.
    came_from: BTreeMap<String, String>,
    /// Whether every move of it is in the history, so that what is not there was not passed.
    pub(super) recorded: bool,
}

impl Course {
    /// The course on a track that the entry has; without a history only where it stands is known.
    pub(super) fn of(
        entry: &Entry,
        table: &Lifecycle,
        track: &str,
        history: Option<&[HistoryLine]>,
        now: Timestamp,
    ) -> Option<Self> {
        let here = effective_track(entry, track, table, now)?;
        let stored = entry.tracks.get(track)?;
        let mut course = Self {
            since: None,
            visits: BTreeMap::new(),
            came_from: BTreeMap::new(),
            recorded: history.is_some() && entry.origin.is_none(),
            here,
        };
        if entry.origin.is_none() {
            course.read(entry, stored, track, history.unwrap_or_default());
        } else if let Some(held) = entry.serving().filter(|held| held.not_before <= now) {
            // Nobody moved it: its certificate's dates did, whenever the file was read.
            course.came_to(stored.state.as_str(), held.not_before, None);
        }
        if course.here != stored.state {
            course.read_dates(entry, table, track, stored.state.as_str(), now);
        }
        let last = course.visits_of(course.here.as_str()).last();
        course.since = last.copied();
        Some(course)
    }

    /// What the history says; the newest line is the first.
    fn read(&mut self, entry: &Entry, stored: &Track, track: &str, history: &[HistoryLine]) {
        let moves = history
            .iter()
            .rev()
            .filter_map(|line| match &line.event.what {
                What::Moved {
                    track: moved,
                    from,
                    to,
                    ..
                } if moved == track => Some((from, to, line.event.at)),
                _ => None,
            });
        for (from, to, at) in moves {
            if self.visits.is_empty() {
                self.came_to(from.as_str(), entry.created, None);
            }
            self.came_to(to.as_str(), at, Some(from.as_str()));
        }
        // The history is read a moment later than the entry, and may not be there at all.
        let known = self
            .visits_of(stored.state.as_str())
            .contains(&stored.since);
        if !known {
            let previous = stored.previous.as_ref().map(StateRef::as_str);
            self.came_to(stored.state.as_str(), stored.since, previous);
        }
    }

    /// What time alone made: the dates of the certificate say when.
    fn read_dates(
        &mut self,
        entry: &Entry,
        table: &Lifecycle,
        track: &str,
        stored: &str,
        now: Timestamp,
    ) {
        let Some(held) = entry.serving() else {
            return;
        };
        for row in table.events_from(track, stored) {
            if let Some(at) = row.when.and_then(|when| turn(when, held))
                && at <= now
            {
                self.came_to(&row.to, at, Some(stored));
            }
        }
        let here = self.here.as_str().to_owned();
        self.came_from
            .entry(here)
            .or_insert_with(|| stored.to_owned());
    }

    fn came_to(&mut self, state: &str, at: Timestamp, from: Option<&str>) {
        self.visits.entry(state.to_owned()).or_default().push(at);
        // A state that was seen again came from where it came from before.
        if let Some(from) = from.filter(|from| *from != state) {
            self.came_from.insert(state.to_owned(), from.to_owned());
        }
    }

    /// When it came to a state, the oldest first.
    pub(super) fn visits_of(&self, state: &str) -> &[Timestamp] {
        self.visits.get(state).map_or(&[], Vec::as_slice)
    }

    /// From where it came to a state the last time.
    pub(super) fn came_from(&self, state: &str) -> Option<&str> {
        self.came_from.get(state).map(String::as_str)
    }

    /// Every state that it came to, and from where.
    pub(super) fn turns(&self) -> impl Iterator<Item = (&str, &str)> {
        let turns = self.came_from.iter();
        turns.map(|(to, from)| (to.as_str(), from.as_str()))
    }
}

/// When a condition of time comes true for good.
fn turn(when: Condition, held: &CertificateRecord) -> Option<Timestamp> {
    match when {
        Condition::NotAfter => Some(held.not_after),
        Condition::RenewalWindow => Some(renewal::window_opens(held.not_before, held.not_after)),
        _ => None,
    }
}

/// When an event that time alone makes will happen, or has.
pub(super) fn time_of(when: Condition, entry: &Entry) -> Option<Timestamp> {
    turn(when, entry.serving()?)
}
