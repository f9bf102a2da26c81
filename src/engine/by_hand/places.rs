//! Where an order by hand stands: a state on each of its tracks, as the panel shows it and as it is
//! stored.
//!
//! Pure. What only time makes is never stored. The plan of an order and its form ask it.

use super::time_made::made_by_time;
use super::words::no_state;
use crate::config::nearest;
use crate::domain::lifecycle::{Circumstances, Lifecycle, State};
use crate::engine::command::{Field, FieldError, HandOrder};

/// One track of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// What the panel shows.
    pub(super) shown: &'a State,
    /// What is stored for it.
    pub(super) stored: &'a State,
}

impl Place<'_> {
    /// Whether time alone leads from what is stored to what is shown.
    pub(super) fn is_by_time(&self) -> bool {
        self.shown.id != self.stored.id
    }
}

/// Where it stands on every track that it is not without: as the panel shows, or where such orders
/// begin.
pub(super) fn of<'a>(
    order: &HandOrder,
    lifecycle: &'a Lifecycle,
    around: Circumstances,
) -> Result<Vec<Place<'a>>, Vec<FieldError>> {
    without(order, lifecycle)?;
    let mut shown: Vec<Place<'a>> = Vec::new();
    for id in order.states.iter().filter(|id| !id.trim().is_empty()) {
        let place = place(id, lifecycle)?;
        let track = &place.shown.track;
        if let Some(other) = shown.iter().find(|other| other.shown.track == *track) {
            return Err(wrong(format!(
                "{} and {} are both states of {}; give one",
                other.shown.label,
                place.shown.label,
                lifecycle.track_title(track)
            )));
        }
        if order.without.contains(track) {
            return Err(wrong(format!(
                "{} is a state of {}, which the order is said to be without",
                place.shown.label,
                lifecycle.track_title(track)
            )));
        }
        shown.push(place);
    }
    let chosen: Vec<String> = shown.iter().map(|place| place.stored.id.clone()).collect();
    let stored = lifecycle.beginnings(&chosen, &order.without, around);
    let stored = stored.into_iter().filter_map(|id| lifecycle.state(id));
    let places = stored.map(|stored| {
        let named = shown.iter().find(|place| place.stored.id == stored.id);
        named.copied().unwrap_or(Place {
            shown: stored,
            stored,
        })
    });
    let places: Vec<Place<'a>> = places.collect();
    if places.is_empty() {
        return Err(wrong(no_state("", lifecycle)));
    }
    Ok(places)
}

fn wrong(says: String) -> Vec<FieldError> {
    let field = Field::State;
    vec![FieldError { field, says }]
}

/// Only what is optional can be left out.
fn without(order: &HandOrder, lifecycle: &Lifecycle) -> Result<(), Vec<FieldError>> {
    let mut optional = lifecycle.tracks.iter().filter(|track| track.optional);
    let is_optional = |id: &&String| lifecycle.tracks.iter().any(|t| t.optional && t.id == **id);
    let Some(given) = order.without.iter().find(|id| !is_optional(id)) else {
        return Ok(());
    };
    let says = match optional.next() {
        None => format!("a {} is never without {given:?}", lifecycle.title),
        Some(first) => {
            let ids = std::iter::once(first).chain(optional);
            let ids: Vec<_> = ids.map(|track| track.id.as_str()).collect();
            format!(
                "a {} is never without {given:?}; it may be without {}",
                lifecycle.title,
                ids.join(", ")
            )
        }
    };
    Err(wrong(says))
}

/// The state that the panel shows, and the one that is stored for it.
fn place<'a>(id: &str, lifecycle: &'a Lifecycle) -> Result<Place<'a>, Vec<FieldError>> {
    let Some(shown) = lifecycle.state(id) else {
        let known = lifecycle.states.iter().map(|state| state.id.as_str());
        let meant = nearest(id, known)
            .map(|id| format!(" (did you mean {id:?}?)"))
            .unwrap_or_default();
        return Err(wrong(no_state(id, lifecycle) + &meant));
    };
    let before = made_by_time(shown, lifecycle);
    let on_path = |state: &&&State| lifecycle.order.contains(&state.id);
    let stored = before.iter().rfind(on_path).or_else(|| before.first());
    let stored = stored.copied().unwrap_or(shown);
    Ok(Place { shown, stored })
}
