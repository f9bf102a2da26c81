//! What can be recorded of an entry now: events first, then actions, then every state of every
//! track, and what lies beside the states: that it is gone, that a request is over, the zone.
//!
//! Pure. The panel's form and `certdeck record --what` list it; `plan` asks it again.

use jiff::Timestamp;

use super::fields::event_brings;
use crate::domain::account::{AccountKind, ZoneStatus};
use crate::domain::action::{CATALOGUE, Kind};
use crate::domain::entry::{Entry, StateRef};
use crate::domain::gate::{Verdict, open_request};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{
    ActionRow, Bring, EventRow, GONE, Lifecycle, PREVIOUS, State, effective_track,
};
use crate::domain::lifecycle::{Circumstances, TrackDefinition, possible_events};

/// Everything that can be recorded of an entry now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recordable {
    /// What the lifecycle says can happen next, in the table's order.
    pub events: Vec<RecordableEvent>,
    /// What can be submitted in the provider's own panel now, in the catalogue's order.
    pub submitted: Vec<RecordableAction>,
    /// Every state, to say that the panel shows it; track by track, in the table's order.
    pub states: Vec<RecordableState>,
    /// Whether it can be said that the panel does not have it any more.
    pub gone: bool,
    /// The request that the provider has still to carry out, in the words of the table.
    pub open: Option<String>,
    /// Where the zone of the account can be put; nothing where its entries live in none.
    pub zones: Vec<RecordableZone>,
}

/// A status that the account's zone can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordableZone {
    /// The status.
    pub status: ZoneStatus,
    /// Whether it is known to be that now.
    pub is_now: bool,
}

/// An event that can be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordableEvent {
    /// Its id.
    pub id: String,
    /// What happened: `Invoice paid`.
    pub label: String,
    /// The label of the state that it leads to; of the states, where several tracks move.
    pub leads_to: String,
    /// What comes with it, and so what has to be given.
    pub brings: Vec<Bring>,
}

/// An action that can be submitted in the provider's own panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordableAction {
    /// Its id.
    pub id: String,
    /// What the provider calls it.
    pub title: String,
    /// The label of the state that it leads to, where it moves the entry.
    pub leads_to: Option<String>,
    /// Whether a new entry comes of it that takes this one's place.
    pub makes_successor: bool,
}

/// A state that the provider's panel can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordableState {
    /// Its track.
    pub track: String,
    /// What people call that track, where the lifecycle has several.
    pub track_title: Option<String>,
    /// Its id.
    pub id: String,
    /// Its label; with a word behind it where several have the same label.
    pub label: String,
    /// That word.
    pub word: Option<String>,
    /// Whether the entry stands there now.
    pub is_now: bool,
}

/// What can be recorded of an entry now; nothing where it is not kept by hand, is archived, or its
/// account is read-only. `system` is the system's time.
#[must_use]
pub fn recordable(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Recordable {
    let by_hand = inventory
        .accounts
        .get(&entry.account)
        .is_some_and(|account| account.kind == AccountKind::ByHand && !account.read_only);
    let Some(lifecycle) = inventory.lifecycle_of(entry).filter(|_| by_hand) else {
        return Recordable::default();
    };
    if entry.archived {
        return Recordable::default();
    }
    let now = inventory.time_of(&entry.account, system);
    Recordable {
        events: events(entry, lifecycle, now),
        submitted: submitted(entry, lifecycle, inventory, system),
        states: states(entry, lifecycle, now),
        gone: entry.gone.is_none(),
        open: open_request(entry, Some(lifecycle)),
        zones: zones(entry, lifecycle, inventory),
    }
}

fn events(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> Vec<RecordableEvent> {
    let rows = possible_events(entry, lifecycle, now, Circumstances::default());
    rows.map(|row| RecordableEvent {
        id: row.id.clone(),
        label: row.label.clone(),
        leads_to: leads_to(entry, lifecycle, row),
        brings: event_brings(row, entry, lifecycle),
    })
    .collect()
}

fn leads_to(entry: &Entry, lifecycle: &Lifecycle, row: &EventRow) -> String {
    let own = target_words(entry, lifecycle, &row.track, &row.to);
    with_others(own, entry, lifecycle, &row.also)
}

/// Where a row leads, in the provider's words.
fn target_words(entry: &Entry, lifecycle: &Lifecycle, track: &str, to: &str) -> String {
    match target(entry, track, to) {
        StateRef::Known(to) if to == GONE => "gone".to_owned(),
        StateRef::Known(to) if to == PREVIOUS => "where it was before".to_owned(),
        to => lifecycle.label(&to).to_owned(),
    }
}

/// The same with the tracks that go with it.
fn with_others(own: String, entry: &Entry, lifecycle: &Lifecycle, also: &[String]) -> String {
    let states = also.iter().filter_map(|id| lifecycle.state(id));
    let others = states.filter(|state| entry.tracks.contains_key(&state.track));
    let all = std::iter::once(own).chain(others.map(|state| state.label.clone()));
    all.collect::<Vec<_>>().join(" · ")
}

/// The state that a row's `to` means for an entry.
pub(super) fn target(entry: &Entry, track: &str, to: &str) -> StateRef {
    let previous = || entry.tracks.get(track)?.previous.clone();
    let back = (to == PREVIOUS).then(previous).flatten();
    back.unwrap_or_else(|| StateRef::known(to))
}

fn submitted(
    entry: &Entry,
    lifecycle: &Lifecycle,
    inventory: &Inventory,
    system: Timestamp,
) -> Vec<RecordableAction> {
    let actions = CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider);
    let possible = actions.filter_map(|spec| {
        let Verdict::Possible { row: Some(row) } = inventory.verdict(spec.id, entry, system) else {
            return None;
        };
        lifecycle.actions.get(row)
    });
    possible
        .map(|row| RecordableAction {
            id: row.id.clone(),
            title: lifecycle.action_title(&row.id),
            leads_to: moves_to(entry, lifecycle, row),
            makes_successor: row.makes.is_some(),
        })
        .collect()
}

fn moves_to(entry: &Entry, lifecycle: &Lifecycle, row: &ActionRow) -> Option<String> {
    let own = target_words(entry, lifecycle, &row.track, row.to.as_deref()?);
    Some(with_others(own, entry, lifecycle, &row.also))
}

fn states(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> Vec<RecordableState> {
    let several = lifecycle.tracks.len() > 1;
    let of_track = |track: &'_ TrackDefinition| {
        let states = lifecycle.states.iter();
        let states = states.filter(|state| state.track == track.id);
        let stands = effective_track(entry, &track.id, lifecycle, now);
        let listed = states.map(|state| RecordableState {
            track: state.track.clone(),
            track_title: several.then(|| track.title.clone()),
            id: state.id.clone(),
            label: distinct_label(state, lifecycle),
            word: word(state, lifecycle).map(str::to_owned),
            is_now: stands == Some(StateRef::known(&state.id)),
        });
        listed.collect::<Vec<_>>()
    };
    lifecycle.tracks.iter().flat_map(of_track).collect()
}

fn zones(entry: &Entry, lifecycle: &Lifecycle, inventory: &Inventory) -> Vec<RecordableZone> {
    if !lifecycle.zone {
        return Vec::new();
    }
    let account = inventory.accounts.get(&entry.account);
    let known = account.and_then(|account| account.zone);
    let statuses = ZoneStatus::ALL.into_iter();
    let listed = statuses.map(|status| RecordableZone {
        status,
        is_now: known.is_some_and(|zone| zone.status == status),
    });
    listed.collect()
}

/// The label of a state, with a word behind it where its track has that label twice.
#[must_use]
pub fn distinct_label(state: &State, lifecycle: &Lifecycle) -> String {
    match word(state, lifecycle) {
        Some(word) => format!("{} ({word})", state.label),
        None => state.label.clone(),
    }
}

/// What tells a state from the others of its track with the same label: its short word, or its id
/// where that word does not tell them apart either.
fn word<'a>(state: &'a State, lifecycle: &Lifecycle) -> Option<&'a str> {
    let others = lifecycle.states.iter().filter(|other| other.id != state.id);
    let others = others.filter(|other| other.track == state.track);
    let mut same = others.filter(|other| other.label == state.label).peekable();
    same.peek()?;
    let is_told_apart = same.all(|other| other.short != state.short);
    Some(if is_told_apart {
        &state.short
    } else {
        &state.id
    })
}
