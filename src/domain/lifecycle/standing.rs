//! Where an entry stands as a whole: all of its tracks, as one line and one phase.
//!
//! Pure. Rows, the gate's circumstances and the check whether an entry moved meanwhile ask here.

use jiff::Timestamp;

use super::{Lifecycle, Phase, State, effective_track};
use crate::domain::entry::{Entry, StateRef};

/// Where an entry stands on all of its tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Track by track, in the table's order: the track's id and its state.
    pub tracks: Vec<(String, StateRef)>,
}

/// Where an entry stands at `now`, in its account's time.
#[must_use]
pub fn standing(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> Standing {
    let known = lifecycle.tracks.iter().map(|track| &track.id);
    // A track that the table does not know is shown after those that it does.
    let strange = entry
        .tracks
        .keys()
        .filter(|id| lifecycle.tracks.iter().all(|track| track.id != **id));
    let tracks = known.chain(strange).filter_map(|id| {
        let state = effective_track(entry, id, lifecycle, now)?;
        Some((id.clone(), state))
    });
    Standing {
        tracks: tracks.collect(),
    }
}

impl Standing {
    /// What the provider's panel shows, track by track: `Active · Pending Validation`.
    #[must_use]
    pub fn label(&self, lifecycle: &Lifecycle) -> String {
        match self.tracks.as_slice() {
            [] => return "no state".to_owned(),
            [(_, only)] => return lifecycle.label(only).to_owned(),
            _ => {}
        }
        let labels: Vec<&str> = self
            .tracks
            .iter()
            .map(|(_, state)| lifecycle.label(state))
            .collect();
        labels.join(" · ")
    }

    /// The class of the whole: that of the track that asks for the most. Nothing where a state is
    /// not known and no other track asks for anything.
    #[must_use]
    pub fn phase(&self, lifecycle: &Lifecycle) -> Option<Phase> {
        let leading = self.leading(lifecycle)?;
        let phase = leading.1?.phase;
        let all_known = self
            .tracks
            .iter()
            .all(|(_, state)| lifecycle.find(state).is_some());
        let asks = matches!(phase, Phase::Failed | Phase::ActionNeeded);
        (all_known || asks).then_some(phase)
    }

    /// The track that asks for the most, and its state where the table knows it.
    #[must_use]
    pub fn leading<'a>(&'a self, lifecycle: &'a Lifecycle) -> Option<(&'a str, Option<&'a State>)> {
        let tracks = self
            .tracks
            .iter()
            .map(|(id, state)| (id.as_str(), lifecycle.find(state)));
        tracks.min_by_key(|(_, state)| state.map_or(u8::MAX, |state| rank(state.phase)))
    }

    /// The states alone, as one text that differs wherever a state differs, also where two states
    /// share a label.
    #[must_use]
    pub fn key(&self) -> String {
        if let [(_, only)] = self.tracks.as_slice() {
            return only.as_str().to_owned();
        }
        let states: Vec<&str> = self
            .tracks
            .iter()
            .map(|(_, state)| state.as_str())
            .collect();
        states.join("+")
    }
}

/// How much a track in this phase asks for, against the others of its entry: the least first.
fn rank(phase: Phase) -> u8 {
    match phase {
        Phase::Failed => 0,
        Phase::ActionNeeded => 1,
        Phase::InProgress => 2,
        Phase::WindingDown => 3,
        Phase::Ended => 4,
        Phase::Live => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{entry, table};
    use super::*;

    fn stands(states: &[&str]) -> Standing {
        standing(&entry(states), &table(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn both_statuses_are_shown_and_the_one_that_asks_for_more_leads() {
        let table = table();
        let both = stands(&["host-pending", "active"]);
        assert_eq!(both.label(&table), "Pending · Active");
        assert_eq!(both.key(), "host-pending+active");
        assert_eq!(both.phase(&table), Some(Phase::ActionNeeded));
        assert_eq!(both.leading(&table).unwrap().0, "hostname");
        let live = stands(&["host-active", "active"]);
        assert_eq!(live.phase(&table), Some(Phase::Live));
        assert_eq!(stands(&["host-active"]).label(&table), "Active");
    }

    #[test]
    fn an_unknown_state_has_no_class_unless_the_other_track_asks_for_something() {
        let table = table();
        for (hostname, expected) in [
            ("host-active", None),
            ("host-pending", Some(Phase::ActionNeeded)),
        ] {
            let mut entry = entry(&[hostname, "active"]);
            entry.tracks.get_mut("certificate").unwrap().state = StateRef::unknown("WHAT");
            let stands = standing(&entry, &table, Timestamp::UNIX_EPOCH);
            assert_eq!(stands.phase(&table), expected, "{hostname}");
            assert!(stands.label(&table).ends_with("WHAT"));
        }
    }
}
