//! What dialogs say of an entry: whether it is the sandbox's, where it stands, what can happen.
//!
//! Reads the inventory and decides nothing. Called by the dialogs beside it, and by the details.

use jiff::Timestamp;

use crate::domain::account::AccountKind;
use crate::domain::entry::{Entry, StateRef, ValidationRecord};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{
    Bring, EventRow, GONE, Lifecycle, PREVIOUS, Phase, possible_events,
};

/// An event that can happen now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventNow {
    pub(super) id: String,
    pub(super) label: String,
    /// The label of the state that it leads to.
    pub(super) leads_to: String,
    pub(super) brings_receipt: bool,
}

/// Whether the sandbox plays the entry.
pub(in crate::tui) fn is_sandbox(entry: &Entry, inventory: &Inventory) -> bool {
    let account = inventory.accounts.get(&entry.account);
    account.is_some_and(|account| account.kind == AccountKind::Sandbox)
}

/// Whether the entry is kept by hand.
pub(in crate::tui) fn is_by_hand(entry: &Entry, inventory: &Inventory) -> bool {
    let account = inventory.accounts.get(&entry.account);
    account.is_some_and(|account| account.kind == AccountKind::ByHand)
}

/// The label and the phase of where an entry stands.
pub(super) fn standing(
    entry: &Entry,
    inventory: &Inventory,
    system: Timestamp,
) -> (String, Option<Phase>) {
    let row = inventory.row(entry, system);
    (row.state, row.phase)
}

/// Steps one below the other, with numbers where there are several.
pub(in crate::tui) fn numbered(steps: &[String]) -> Vec<String> {
    let several = steps.len() > 1;
    let lines = steps.iter().enumerate().map(|(index, step)| {
        if several {
            format!("{}. {step}", index + 1)
        } else {
            step.clone()
        }
    });
    lines.collect()
}

/// What is to be published or looked at now. Where an order is over or done, nobody looks at the
/// records any more.
pub(in crate::tui) fn awaited<'a>(
    entry: &'a Entry,
    inventory: &Inventory,
    system: Timestamp,
) -> &'a [ValidationRecord] {
    match inventory.row(entry, system).phase {
        None | Some(Phase::ActionNeeded | Phase::InProgress) => &entry.records,
        Some(Phase::Live | Phase::WindingDown | Phase::Ended | Phase::Failed) => &[],
    }
}

/// What can happen to an entry now, time's own events left out: nobody can make those happen.
pub(super) fn events_now(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Vec<EventNow> {
    let Some(lifecycle) = inventory.lifecycle_of(entry) else {
        return Vec::new();
    };
    let now = inventory.time_of(&entry.account, system);
    let around = inventory.circumstances(entry, system);
    let possible = possible_events(entry, lifecycle, now, around);
    possible
        .map(|event| EventNow {
            id: event.id.clone(),
            label: event.label.clone(),
            leads_to: leads_to(event, entry, lifecycle),
            brings_receipt: event.brings.contains(&Bring::Receipt),
        })
        .collect()
}

/// Where an event leads, as the provider's panel shows it.
fn leads_to(event: &EventRow, entry: &Entry, lifecycle: &Lifecycle) -> String {
    let previous = || {
        let track = entry.tracks.get(&event.track)?;
        Some(lifecycle.label(track.previous.as_ref()?).to_owned())
    };
    match event.to.as_str() {
        PREVIOUS => previous().unwrap_or_default(),
        GONE => format!("gone at {}", lifecycle.provider),
        state => lifecycle.label(&StateRef::known(state)).to_owned(),
    }
}
