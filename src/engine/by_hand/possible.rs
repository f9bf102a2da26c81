//! What can be recorded of an entry now: events first, then actions, then every state.
//!
//! Pure. The panel's form and `certdeck record --what` list it; `plan` asks it again.

use jiff::Timestamp;

use crate::domain::account::AccountKind;
use crate::domain::action::{CATALOGUE, Kind};
use crate::domain::entry::{Entry, StateRef};
use crate::domain::gate::Verdict;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{
    ActionRow, Bring, EventRow, Lifecycle, PREVIOUS, State, effective_track,
};
use crate::domain::lifecycle::{Circumstances, possible_events};

/// Everything that can be recorded of an entry now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recordable {
    /// What the lifecycle says can happen next, in the table's order.
    pub events: Vec<RecordableEvent>,
    /// What can be submitted in the provider's own panel now, in the catalogue's order.
    pub submitted: Vec<RecordableAction>,
    /// Every state, to say that the panel shows it, in the table's order.
    pub states: Vec<RecordableState>,
}

/// An event that can be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordableEvent {
    /// Its id.
    pub id: String,
    /// What happened: `Invoice paid`.
    pub label: String,
    /// The label of the state that it leads to.
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
    /// Its id.
    pub id: String,
    /// Its label; with a word behind it where several have the same label.
    pub label: String,
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
    }
}

fn events(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> Vec<RecordableEvent> {
    let rows = possible_events(entry, lifecycle, now, Circumstances::default());
    rows.map(|row| RecordableEvent {
        id: row.id.clone(),
        label: row.label.clone(),
        leads_to: leads_to(entry, lifecycle, row),
        brings: row.brings.clone(),
    })
    .collect()
}

fn leads_to(entry: &Entry, lifecycle: &Lifecycle, row: &EventRow) -> String {
    let to = target(entry, &row.track, &row.to);
    lifecycle.label(&to).to_owned()
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
    let to = target(entry, &row.track, row.to.as_deref()?);
    Some(lifecycle.label(&to).to_owned())
}

fn states(entry: &Entry, lifecycle: &Lifecycle, now: Timestamp) -> Vec<RecordableState> {
    let listed = lifecycle.states.iter().map(|state| {
        let stands = effective_track(entry, &state.track, lifecycle, now);
        RecordableState {
            track: state.track.clone(),
            id: state.id.clone(),
            label: distinct_label(state, lifecycle),
            is_now: stands.is_some_and(|stands| stands == StateRef::known(&state.id)),
        }
    });
    listed.collect()
}

/// The label of a state, with its short word where the table has that label twice, or its id where
/// that word does not tell them apart either.
#[must_use]
pub(super) fn distinct_label(state: &State, lifecycle: &Lifecycle) -> String {
    let same = || {
        let others = lifecycle.states.iter().filter(|other| other.id != state.id);
        others.filter(|other| other.label == state.label)
    };
    if same().next().is_none() {
        return state.label.clone();
    }
    let is_told_apart = same().all(|other| other.short != state.short);
    let word = if is_told_apart {
        &state.short
    } else {
        &state.id
    };
    format!("{} ({word})", state.label)
}
