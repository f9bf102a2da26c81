//! What came of a request, worked out from what a person recorded: the provider's panel shows a state
//! and names, and the table says which event leads there.
//!
//! Pure. The conclusion is certdeck's own and says so; no provider is quoted. `plan` asks it.

use crate::domain::entry::{Entry, StateRef};
use crate::domain::event::What;
use crate::domain::lifecycle::{Bring, EventRow, Lifecycle};
use crate::pki::AltName;
use crate::pki::belong::Material;

/// Whether names that were asked for may still come, or come with what is recorded now.
pub(super) fn is_adding(entry: &Entry, track: &str, lifecycle: &Lifecycle) -> bool {
    let stands = entry.tracks.get(track);
    let stands = stands.map(|track| track.state.as_str());
    !entry.adding.is_empty() || stands.is_some_and(|state| adds_names(track, state, lifecycle))
}

/// Whether names are being added in a state.
fn adds_names(track: &str, state: &str, lifecycle: &Lifecycle) -> bool {
    let mut events = lifecycle.events_from(track, state);
    events.any(|row| row.brings.contains(&Bring::NamesAdded))
}

/// The names that the certificate protects, as a person gave them or as the certificate says; nothing
/// where neither was given.
pub(super) fn names_seen(typed: Option<&[String]>, material: &Material) -> Option<Vec<String>> {
    let in_certificate = || {
        let leaf = material.leaf.as_ref()?;
        let names = leaf.names.iter().filter_map(|name| match name {
            AltName::Dns(name) => Some(name.to_lowercase()),
            _ => None,
        });
        Some(names.collect())
    };
    typed.map(<[String]>::to_vec).or_else(in_certificate)
}

/// What becomes of the names that were asked for with an event; `typed` are all names of the
/// certificate, where a person gave them.
pub(super) fn names_of_event(
    row: &EventRow,
    entry: &Entry,
    typed: Option<&[String]>,
) -> Option<What> {
    if row.brings.contains(&Bring::NamesAdded) {
        let names = typed.map_or_else(|| with_added(entry), <[String]>::to_vec);
        let is_new = names != entry.names || !entry.adding.is_empty();
        return is_new.then_some(What::NamesAdded { names });
    }
    let dropped = row.brings.contains(&Bring::NamesDropped) && !entry.adding.is_empty();
    dropped.then_some(What::NamesDropped)
}

/// All names that the certificate has once those that were asked for are in it.
pub(super) fn with_added(entry: &Entry) -> Vec<String> {
    entry.names.iter().chain(&entry.adding).cloned().collect()
}

/// What becomes of the names that were asked for where the panel shows a state; nothing while they
/// may still come, and where the names of the certificate cannot be told.
pub(super) fn names_of_state(
    entry: &Entry,
    track: &str,
    to: &str,
    lifecycle: &Lifecycle,
    seen: Option<&[String]>,
) -> Option<What> {
    if !is_adding(entry, track, lifecycle) || adds_names(track, to, lifecycle) {
        return None;
    }
    let seen = seen?;
    let asked = |name: &&String| match entry.adding.as_slice() {
        [] => !entry.names.contains(name),
        adding => adding.contains(name),
    };
    let came: Vec<String> = seen.iter().filter(asked).cloned().collect();
    if came.is_empty() {
        return (!entry.adding.is_empty()).then_some(What::NamesDropped);
    }
    let names = entry.names.iter().cloned().chain(came).collect();
    Some(What::NamesAdded { names })
}

/// What the row says of a request once the panel shows a state.
pub(super) fn result_of_state(
    entry: &Entry,
    track: &str,
    to: &str,
    lifecycle: &Lifecycle,
    seen: Option<&[String]>,
) -> Option<What> {
    let result = lifecycle.result_of(entry, track, to, seen);
    let says = result.or_else(|| told_apart_later(entry, track, to, lifecycle, seen))?;
    Some(told(&says, lifecycle))
}

/// Where it could not be told at first, and the names are given now.
fn told_apart_later(
    entry: &Entry,
    track: &str,
    to: &str,
    lifecycle: &Lifecycle,
    seen: Option<&[String]>,
) -> Option<String> {
    let waits = lifecycle.not_stated.is_some() && entry.said == lifecycle.not_stated;
    let stands = entry.tracks.get(track)?;
    let previous = stands.previous.clone()?;
    if !waits || seen.is_none() || stands.state != StateRef::known(to) {
        return None;
    }
    let mut before = entry.clone();
    before.tracks.get_mut(track)?.state = previous;
    lifecycle.result_of(&before, track, to, seen)
}

/// A result as it stands on the row: nobody but certdeck draws the conclusion.
pub(super) fn told(result: &str, lifecycle: &Lifecycle) -> What {
    let not_stated = lifecycle.not_stated.as_deref() == Some(result);
    let says = if not_stated {
        result.to_owned()
    } else {
        format!("{result} (certdeck's conclusion from what was recorded)")
    };
    What::Told { says }
}
