//! Whether what happened to an entry is what one row of its table says, no more and no less.

use std::collections::BTreeMap;

use certdeck::domain::entry::{Entry, StateRef};
use certdeck::domain::event::{Cause, What};
use certdeck::domain::lifecycle::{GONE, Lifecycle, PREVIOUS, effective_track};
use jiff::Timestamp;

/// What a row says of the states: where its own track goes, and where others go with it.
pub(crate) struct Row<'a> {
    pub(crate) track: &'a str,
    pub(crate) to: Option<&'a str>,
    pub(crate) also: &'a [String],
    pub(crate) by: Cause,
    /// Where the row begins, and when it is gone along.
    pub(crate) from: &'a [String],
    pub(crate) now: Timestamp,
}

/// What does not fit between the row and what happened; nothing if all does.
pub(crate) fn misfit(
    row: &Row<'_>,
    entry: &Entry,
    lifecycle: &Lifecycle,
    happened: &[What],
) -> Option<String> {
    let gone = happened.iter().any(|what| matches!(what, What::Gone));
    if gone != (row.to == Some(GONE)) {
        return Some(format!("gone is {gone}, the row leads to {:?}", row.to));
    }
    let mut moved = BTreeMap::new();
    for what in happened {
        let What::Moved {
            track,
            from,
            to,
            by,
        } = what
        else {
            continue;
        };
        let stored = entry.tracks.get(track).map(|stands| stands.state.clone());
        // Time alone may have taken it where the row begins.
        let by_time = effective_track(entry, track, lifecycle, row.now);
        let begins = |state: &StateRef| row.from.iter().any(|from| from == state.as_str());
        let stood = by_time.filter(begins).or(stored);
        if stood.as_ref() != Some(from) || *by != row.by {
            return Some(format!(
                "{track} stood at {stood:?}, not {from:?}; or {by:?}"
            ));
        }
        if moved.insert(track.clone(), to.clone()).is_some() {
            return Some(format!("{track} moved twice"));
        }
    }
    let expected = expected(row, entry, lifecycle);
    (moved != expected).then(|| format!("{moved:?} instead of {expected:?}"))
}

/// Where the row leads, track by track; tracks that the entry has not are left out.
fn expected(row: &Row<'_>, entry: &Entry, lifecycle: &Lifecycle) -> BTreeMap<String, StateRef> {
    let mut expected = BTreeMap::new();
    let stands = entry.tracks.get(row.track);
    let own = match row.to {
        None | Some(GONE) => None,
        Some(PREVIOUS) => stands.and_then(|stands| stands.previous.clone()),
        Some(state) => Some(StateRef::known(state)),
    };
    expected.extend(own.map(|to| (row.track.to_owned(), to)));
    for id in row.also.iter().filter(|_| row.to.is_some()) {
        let track = lifecycle.state(id).map(|state| state.track.clone());
        let track = track.filter(|track| entry.tracks.contains_key(track));
        expected.extend(track.map(|track| (track, StateRef::known(id))));
    }
    expected
}
