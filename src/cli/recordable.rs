//! `certdeck record --what`: what can be recorded of an entry now.
//!
//! May not: decide it; the engine does. `record` comes here.

use std::fmt::Write as _;
use std::sync::Arc;

use super::by_hand_shapes::{
    RecordableActionShape, RecordableEventShape, RecordableShape, RecordableStateShape,
};
use super::error::CliError;
use super::output;
use super::session::{Session, entry_words};
use crate::domain::entry::Entry;
use crate::domain::gate::Reason;
use crate::domain::text::sanitise;
use crate::engine::EngineError;
use crate::engine::by_hand::{self, Recordable};
use crate::engine::command::{Field, Recorded};

/// Lists what can be recorded of an entry now.
pub(super) fn what(session: &Session, entry: &Arc<Entry>, json: bool) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let possible = by_hand::recordable(entry, &inventory, system);
    let table = inventory.lifecycle_of(entry);
    if possible.states.is_empty() {
        let missing = || {
            Reason::new(format!(
                "its lifecycle table {:?} is missing",
                entry.lifecycle
            ))
        };
        let verdict = inventory.verdict("record", entry, system);
        let refused = EngineError::Refused {
            action: "Record".to_owned(),
            name: sanitise(entry.name()).into_owned(),
            reason: verdict.reason().cloned().unwrap_or_else(missing),
        };
        return Err(refused.into());
    }
    let takes = |what: Recorded| {
        let fields = table.map(|table| by_hand::fields(&what, entry, table));
        fields
            .unwrap_or_default()
            .into_iter()
            .map(Field::id)
            .collect::<Vec<_>>()
    };
    if json {
        return output::print_json(&shape(entry, &possible, takes));
    }
    output::print(&listed(entry, &possible, takes))
}

fn shape<'a>(
    entry: &'a Entry,
    possible: &'a Recordable,
    takes: impl Fn(Recorded) -> Vec<&'static str>,
) -> RecordableShape<'a> {
    let events = possible.events.iter().map(|event| RecordableEventShape {
        id: &event.id,
        label: &event.label,
        leads_to: &event.leads_to,
        takes: takes(Recorded::Event(event.id.clone())),
    });
    let submitted = possible
        .submitted
        .iter()
        .map(|action| RecordableActionShape {
            id: &action.id,
            takes: takes(Recorded::Submitted(action.id.clone())),
            title: &action.title,
            leads_to: action.leads_to.as_deref(),
            makes_successor: action.makes_successor,
        });
    let states = possible.states.iter().map(|state| RecordableStateShape {
        track: &state.track,
        id: &state.id,
        label: &state.label,
        is_now: state.is_now,
    });
    RecordableShape {
        id: &entry.id,
        events: events.collect(),
        submitted: submitted.collect(),
        states: states.collect(),
        open: possible.open.as_deref(),
        zones: possible.zones.iter().map(|zone| zone.status.id()).collect(),
    }
}

fn listed(
    entry: &Entry,
    possible: &Recordable,
    takes: impl Fn(Recorded) -> Vec<&'static str>,
) -> String {
    let id = &entry.id;
    let mut text = format!("{}\n", entry_words(entry.name(), id));
    if let Some(open) = &possible.open {
        let _ = writeln!(text, "\nStill open: {}", sanitise(open));
    }
    let _ = writeln!(text, "\nWhat happened: certdeck record EVENT {id}");
    for event in &possible.events {
        let (label, leads_to) = (sanitise(&event.label), sanitise(&event.leads_to));
        let _ = writeln!(text, "  {:<22} {label}, leads to {leads_to}", event.id);
        flags(&mut text, &takes(Recorded::Event(event.id.clone())));
    }
    if possible.events.is_empty() {
        text.push_str("  nothing comes next by itself\n");
    }
    if !possible.submitted.is_empty() {
        let _ = writeln!(text, "\nWhat you submitted: certdeck record ACTION {id}");
    }
    for action in &possible.submitted {
        let then = match &action.leads_to {
            Some(state) => format!(", leads to {}", sanitise(state)),
            None if action.makes_successor => ", a new entry comes of it".to_owned(),
            None => String::new(),
        };
        let title = sanitise(&action.title);
        let _ = writeln!(text, "  {:<22} {title}{then}", action.id);
        flags(&mut text, &takes(Recorded::Submitted(action.id.clone())));
    }
    text.push_str(&shown(entry, possible));
    text
}

/// The flags for what comes with it.
fn flags(text: &mut String, takes: &[&'static str]) {
    if !takes.is_empty() {
        let flags: Vec<_> = takes.iter().map(|flag| format!("--{flag}")).collect();
        let _ = writeln!(text, "  {:<22} with {}", "", flags.join(" "));
    }
}

/// Every state of every track, and what lies beside them.
fn shown(entry: &Entry, possible: &Recordable) -> String {
    let id = &entry.id;
    let mut text = format!("\nWhat the panel shows now: certdeck record --shows STATE {id}\n");
    let mut track = None;
    for state in &possible.states {
        if state.track_title != track {
            track.clone_from(&state.track_title);
            let title = track.as_deref().unwrap_or_default();
            let _ = writeln!(text, "  {}:", sanitise(title));
        }
        let now = if state.is_now { " (it is there)" } else { "" };
        let _ = writeln!(text, "  {:<22} {}{now}", state.id, sanitise(&state.label));
    }
    if possible.gone {
        let _ = writeln!(
            text,
            "\nIt is not in the panel any more: certdeck record --gone {id}"
        );
    }
    if possible.open.is_some() {
        let _ = writeln!(
            text,
            "What was submitted came to nothing: certdeck record --closed {id}"
        );
    }
    if !possible.zones.is_empty() {
        let zones: Vec<_> = possible.zones.iter().map(|zone| zone.status.id()).collect();
        let _ = writeln!(
            text,
            "The zone of {} ({}): certdeck record --zone STATUS {id}",
            entry.account,
            zones.join(", ")
        );
    }
    text
}
