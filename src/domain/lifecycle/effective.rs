//! States that only time makes: computed from validity and the account's clock, never stored.
//!
//! Pure. Everybody who shows or judges a state asks here, so that a clock that jumps leaves no
//! trace in the store.

use jiff::Timestamp;

use super::{Condition, EventRow, Lifecycle};
use crate::domain::entry::{CertificateRecord, Entry, MAIN_TRACK, StateRef};
use crate::domain::renewal;

/// The state of the entry's first track at `now`.
#[must_use]
pub fn effective(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> StateRef {
    let first = lifecycle
        .tracks
        .first()
        .map_or(MAIN_TRACK, |track| &track.id);
    effective_track(entry, first, lifecycle, now).unwrap_or_else(|| StateRef::unknown("no state"))
}

/// The state of one track at `now`, if the entry has that track.
#[must_use]
pub fn effective_track(
    entry: &Entry,
    track: &str,
    lifecycle: &Lifecycle,
    now: Timestamp,
) -> Option<StateRef> {
    let stored = entry.tracks.get(track)?.state.clone();
    let Some(certificate) = entry.serving() else {
        return Some(stored);
    };
    let mut state = stored;
    // Each step follows one row; a table with a circle of such rows must not turn for ever.
    for _ in 0..lifecycle.states.len() {
        let Some(next) = next_by_time(&state, track, lifecycle, certificate, now) else {
            break;
        };
        state = next;
    }
    Some(state)
}

/// Where time alone has taken a state, one row further.
fn next_by_time(
    state: &StateRef,
    track: &str,
    lifecycle: &Lifecycle,
    certificate: &CertificateRecord,
    now: Timestamp,
) -> Option<StateRef> {
    let id = &lifecycle.find(state)?.id;
    let mut rows = lifecycle
        .events_from(track, id)
        .filter(|row| row.is_made_by_time());
    rows.find(|row| has_come(row, certificate, now))
        .map(|row| StateRef::known(&row.to))
}

fn has_come(row: &EventRow, certificate: &CertificateRecord, now: Timestamp) -> bool {
    match row.when {
        Some(Condition::NotBefore) => now < certificate.not_before,
        Some(Condition::NotAfter) => now > certificate.not_after,
        Some(Condition::RenewalWindow) => {
            now >= renewal::window_opens(certificate.not_before, certificate.not_after)
        }
        _ => false,
    }
}
