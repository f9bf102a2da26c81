//! What happens next in the sandbox, and when.
//!
//! A pure function of the seed, the entry and the table: of the events that can happen in the
//! state where a track stands, the first race that is won, or else the first event that is
//! certain; so long after the state began as the table says, varied by a quarter.

use jiff::{SignedDuration, Timestamp};

use super::chance;
use crate::domain::entry::{Entry, OpenRequest, StateRef, Track};
use crate::domain::lifecycle::{
    Circumstances, Condition, EventRow, Lifecycle, SandboxTiming, due_at,
};
use crate::domain::time;

/// An event and the moment at which it happens by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due<'a> {
    /// When, in sandbox time.
    pub at: Timestamp,
    /// What.
    pub event: &'a EventRow,
}

pub(super) fn next<'a>(
    seed: u64,
    entry: &Entry,
    lifecycle: &'a Lifecycle,
    around: Circumstances,
) -> Option<Due<'a>> {
    // Nothing moves while a request waits for its answer, or once the entry was put away.
    let waits = |request: &OpenRequest| !request.accepted;
    if entry.request.as_ref().is_some_and(waits) || entry.archived {
        return None;
    }
    let of_tracks = entry
        .tracks
        .iter()
        .filter_map(|(id, track)| of_track(seed, entry, id, track, lifecycle, around));
    of_tracks.min_by_key(|due| due.at)
}

fn of_track<'a>(
    seed: u64,
    entry: &Entry,
    id: &str,
    track: &Track,
    lifecycle: &'a Lifecycle,
    around: Circumstances,
) -> Option<Due<'a>> {
    let StateRef::Known(state) = &track.state else {
        return None;
    };
    let purpose = |event: &EventRow, what: &str| {
        let since = age_of(entry, track.since);
        chance::fraction(
            seed,
            &[entry.id.as_str(), id, state, &since, &event.id, what],
        )
    };
    let mut certain = None;
    let candidates = lifecycle
        .events
        .iter()
        .filter(|row| row.track == id && row.from.contains(state))
        .filter(|row| row.fits_request(entry) && row.fits(entry))
        .filter(|row| row.condition_holds(around));
    for (row, timing) in candidates.filter_map(|row| Some((row, row.sandbox?))) {
        let wins = timing
            .chance
            .is_some_and(|chance| purpose(row, "race") < chance);
        if wins {
            certain = Some((row, timing));
            break;
        }
        if timing.chance.is_none() && certain.is_none() {
            certain = Some((row, timing));
        }
    }
    let (event, timing) = certain?;
    // What waits for the zone or a successor does not happen before they are so far.
    let begins = match event.when {
        Some(Condition::CertificateDue) => Some(due_at(entry)?),
        // What is asked for does not move the track: the last change is the provider's yes, or
        // came after it.
        _ if event.answers.is_some() => Some(entry.changed),
        _ => event.holds_since(around),
    };
    let begins = begins.map_or(track.since, |begins| begins.max(track.since));
    let at = time::later(begins, varied(timing, purpose(event, "time")));
    Some(Due { at, event })
}

/// How long after the entry's beginning something is: the same each time the same story is played,
/// whenever that is.
pub(super) fn age_of(entry: &Entry, at: Timestamp) -> String {
    entry.created.duration_until(at).as_secs().to_string()
}

/// The table's span, a quarter shorter to a quarter longer.
fn varied(timing: SandboxTiming, fraction: f64) -> SignedDuration {
    let factor = 0.75 + fraction / 2.0;
    let seconds = timing.after.as_secs_f64() * factor;
    SignedDuration::try_from_secs_f64(seconds).unwrap_or(timing.after)
}
