//! What must hold for rows among each other: every track begins, nobody waits for an answer that
//! cannot come, and nothing is written that nobody would ever read.
//!
//! Pure. `check` calls it; what the states must hold stands there.

use std::collections::BTreeSet;
use std::ops::Range;

use super::error::Complaints;
use super::raw::{RawEvent, RawLifecycle};
use super::{ActionRow, Bring, Condition, EntryPoint, EventRow, Lifecycle, PREVIOUS};

pub(super) fn check(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    check_beginnings(lifecycle, raw, complaints);
    check_zone(lifecycle, raw, complaints);
    check_event_ids(raw, complaints);
    check_open_requests(lifecycle, raw, complaints);
    check_refusals(lifecycle, raw, complaints);
    for (row, placed) in lifecycle.events.iter().zip(&raw.event) {
        check_event(row, placed, complaints);
    }
    for (row, placed) in lifecycle.actions.iter().zip(&raw.action) {
        if !row.also.is_empty() && row.to.is_none() {
            let problem = "`also` says where other tracks go with `to`, and there is no `to`";
            complaints.add(&placed.id.span(), "action.also", problem);
        }
    }
}

/// Every track begins somewhere, whatever the zone.
fn check_beginnings(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    for track in &lifecycle.tracks {
        let points = || {
            let points = lifecycle.entry_points.iter();
            points.filter(|point| point.track == track.id)
        };
        let begins = |when: Option<Condition>| points().any(|point| point.when == when);
        let in_any_zone =
            begins(Some(Condition::ZoneActive)) && begins(Some(Condition::ZoneNotActive));
        // A condition that is none, or no entry point at all, is complained of for itself.
        let is_strange = points().any(|point| !begins_by_zone(point));
        let is_said = is_strange || lifecycle.entry_points.is_empty();
        if begins(None) || in_any_zone || is_said {
            continue;
        }
        let problem = match points().next() {
            None => format!("no [[entry]] begins on the track {:?}", track.id),
            Some(_) => format!(
                "nothing begins on the track {:?} where no condition holds; expected an [[entry]] \
                 without `when`",
                track.id
            ),
        };
        let place = place_of_track(lifecycle, raw, &track.id);
        complaints.add(&place, "entry", problem);
    }
    for (point, placed) in lifecycle.entry_points.iter().zip(&raw.entry) {
        if !begins_by_zone(point) {
            let problem = "an entry begins where it may always, or `when` \"zone-active\" or \
                           \"zone-not-active\"";
            complaints.add(&placed.state.span(), "entry.when", problem);
        }
    }
}

fn begins_by_zone(point: &EntryPoint) -> bool {
    matches!(
        point.when,
        None | Some(Condition::ZoneActive | Condition::ZoneNotActive)
    )
}

/// Where the file speaks of a track first: one of its states, or else the beginning.
fn place_of_track(lifecycle: &Lifecycle, raw: &RawLifecycle, track: &str) -> Range<usize> {
    let on_track = lifecycle.states.iter().find(|state| state.track == track);
    let placed = on_track.and_then(|state| raw.state.get(&state.id));
    placed.map_or_else(|| raw.id.span(), toml::Spanned::span)
}

/// Who speaks of a zone says that there is one.
fn check_zone(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    if lifecycle.zone {
        return;
    }
    let of_zone = |when: Option<Condition>| {
        matches!(when, Some(Condition::ZoneActive | Condition::ZoneNotActive))
    };
    let problem =
        "the table has no zone that this could speak of; expected `zone = true` at its top";
    for point in raw.entry.iter().filter(|point| of_zone(point.when)) {
        complaints.add(&point.state.span(), "entry.when", problem);
    }
    for row in raw.event.iter().filter(|row| of_zone(row.when)) {
        complaints.add(&row.id.span(), "event.when", problem);
    }
}

/// An event is called by its id, so from one state an id means one row.
fn check_event_ids(raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    let mut seen = BTreeSet::new();
    for row in &raw.event {
        for from in &row.from {
            if !seen.insert((row.id.get_ref(), from.get_ref())) {
                let problem = format!(
                    "the event {:?} leads on from {:?} already; give one of them another id",
                    row.id.get_ref(),
                    from.get_ref()
                );
                complaints.add(&row.id.span(), "event.id", problem);
            }
        }
    }
}

/// What stays open is answered where it was opened, and nothing answers what cannot be open.
fn check_open_requests(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    let answering = |id: &str| {
        let events = lifecycle.events.iter();
        let id = id.to_owned();
        events.filter(move |row| row.answers.as_deref() == Some(id.as_str()))
    };
    for (row, placed) in lifecycle.actions.iter().zip(&raw.action) {
        // That nothing answers it at all is said elsewhere.
        if row.opens.is_none() || answering(&row.id).next().is_none() {
            continue;
        }
        let answered: BTreeSet<_> = answering(&row.id).flat_map(|row| &row.from).collect();
        let waits = waits_in(row);
        if let Some(stuck) = waits.into_iter().find(|state| !answered.contains(state)) {
            let problem = format!(
                "no event answers {:?} in the state {stuck:?}, so its request would stay open for \
                 ever",
                row.id
            );
            complaints.add(&placed.id.span(), "action.opens", problem);
        }
    }
}

/// Where a track waits while the request of a row is open.
fn waits_in(row: &ActionRow) -> Vec<&String> {
    match &row.to {
        Some(to) if to.starts_with('@') => Vec::new(),
        Some(to) => vec![to],
        None => row.from.iter().collect(),
    }
}

/// A refusal that no gate would ever give is a mistake about the states.
fn check_refusals(lifecycle: &Lifecycle, raw: &RawLifecycle, complaints: &mut Complaints<'_>) {
    for (refusal, placed) in lifecycle.refusals.iter().zip(&raw.refuse) {
        let mut rows = lifecycle.rows_of(&refusal.action).peekable();
        if rows.peek().is_some() && refusal.from.is_empty() {
            let problem = format!(
                "{:?} has rows of its own; expected in `from` the states that this speaks of",
                refusal.action
            );
            complaints.add(&placed.action.span(), "refuse.from", problem);
            continue;
        }
        let allowed: BTreeSet<_> = rows.flat_map(|row| &row.from).collect();
        if let Some(both) = placed
            .from
            .iter()
            .find(|from| allowed.contains(from.get_ref()))
        {
            let problem = format!(
                "a row makes {:?} possible from {:?}; what its guards say is the reason there",
                refusal.action,
                both.get_ref()
            );
            complaints.add(&both.span(), "refuse.from", problem);
        }
    }
}

/// What an event says of itself fits together.
fn check_event(row: &EventRow, placed: &RawEvent, complaints: &mut Complaints<'_>) {
    let carries = !row.brings.is_empty() || row.sandbox.is_some() || row.result.is_some();
    if row.is_made_by_time() && (carries || !row.also.is_empty()) {
        let problem = "what time alone makes is never stored: it brings nothing, takes nothing \
                       along and needs no `sandbox`";
        complaints.add(&placed.id.span(), "event.when", problem);
    }
    let place = |bring| row.brings.iter().position(|other| *other == bring);
    let (names, certificate) = (place(Bring::NamesAdded), place(Bring::Certificate));
    if names.is_some() && certificate.is_some() && names > certificate {
        let problem =
            "\"names-added\" stands before \"certificate\", or the new names are not in it";
        complaints.add(&placed.id.span(), "event.brings", problem);
    }
    if row.to == PREVIOUS && !row.also.is_empty() {
        let problem = "`also` names states, and \"@previous\" is none; name a state in `to`";
        complaints.add(&placed.to.span(), "event.to", problem);
    }
}
