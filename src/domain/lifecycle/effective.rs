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

/// A state in which a track stands for a while, as time goes by and nothing else happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay<'a> {
    /// The state, by id.
    pub state: &'a str,
    /// Since when.
    pub since: Timestamp,
    /// Until when, where time alone ends it.
    pub until: Option<Timestamp>,
}

/// Where a track stands from its last move on, one stay after the other: as it is stored, and then
/// as its certificate turns. Nothing where no table knows its state.
#[must_use]
pub fn stays<'a>(entry: &Entry, track: &str, lifecycle: &'a Lifecycle) -> Vec<Stay<'a>> {
    let mut stays = Vec::new();
    let stored = entry.tracks.get(track);
    let mut stands = stored.and_then(|stored| Some((lifecycle.find(&stored.state)?, stored.since)));
    while let Some((state, since)) = stands.filter(|_| stays.len() < lifecycle.states.len()) {
        let rows = lifecycle.events.iter();
        let rows = rows.filter(|row| row.track == track && row.from.contains(&state.id));
        let turns = rows.filter_map(|row| Some((turns_at(row, entry.serving()?)?.max(since), row)));
        let next = turns.min_by_key(|(at, _)| *at);
        stays.push(Stay {
            state: &state.id,
            since,
            until: next.map(|(at, _)| at),
        });
        stands = next.and_then(|(at, row)| Some((lifecycle.state(&row.to)?, at)));
    }
    stays
}

/// When time alone makes an event happen. What holds only before a certificate's beginning never
/// comes later.
fn turns_at(row: &EventRow, certificate: &CertificateRecord) -> Option<Timestamp> {
    match row.when? {
        Condition::NotAfter => Some(certificate.not_after),
        Condition::RenewalWindow => Some(renewal::window_opens(
            certificate.not_before,
            certificate.not_after,
        )),
        _ => None,
    }
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
