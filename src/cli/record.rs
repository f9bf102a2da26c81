//! `certdeck record`: what happened in a provider's own panel, or what it shows now.
//!
//! May not: decide what can be recorded; the engine does.

use std::fmt::Write as _;
use std::sync::Arc;

use super::args::RecordArguments;
use super::by_hand::{particulars, state};
use super::by_hand_shapes::{
    RecordableActionShape, RecordableEventShape, RecordableShape, RecordableStateShape,
    RecordedShape,
};
use super::error::CliError;
use super::output;
use super::session::{Session, entry_words, unexpected};
use crate::config::nearest;
use crate::domain::action::{CATALOGUE, Kind};
use crate::domain::entry::Entry;
use crate::domain::gate::Reason;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::text::sanitise;
use crate::engine::EngineError;
use crate::engine::by_hand::{self, Recordable};
use crate::engine::command::{Command, Done, Field, Particulars, Record, Recorded};

/// Writes it down, or lists what can be.
pub(super) async fn run(session: &Session, arguments: &RecordArguments) -> Result<(), CliError> {
    let (event, id) = words(arguments)?;
    let entry = session.resolve(id)?;
    if arguments.what {
        return what(session, &entry, arguments.json);
    }
    let (inventory, system) = session.look();
    let what = match inventory.lifecycle_of(&entry) {
        Some(table) => meant(arguments, event, table)?,
        // The engine says that the table is missing.
        None => Recorded::Described,
    };
    let seen_state = inventory.standing_key(&entry, system);
    let record = Record {
        entry: entry.id.clone(),
        what,
        with: with(arguments)?,
        seen_state,
    };
    tell(
        session.run(Command::Record(Box::new(record))).await?,
        session,
        arguments.json,
    )
}

/// The event and the entry; the entry alone where a flag says what is recorded.
fn words(arguments: &RecordArguments) -> Result<(Option<&str>, &str), CliError> {
    let by_flag = arguments.what || meant_by_flag(arguments) || arguments.shows.is_some();
    match (arguments.words.as_slice(), by_flag) {
        ([id], true) => Ok((None, id)),
        ([event, id], false) => Ok((Some(event), id)),
        ([event, _, ..], _) => Err(CliError::Usage(format!(
            "{event:?} and the flag both say what is recorded; with a flag that says \
             it, give the entry alone"
        ))),
        ([id], _) => Err(CliError::Usage(format!(
            "give the event and the entry: certdeck record EVENT {id}; `certdeck record --what \
             {id}` lists what can be recorded now"
        ))),
        ([], _) => Err(CliError::Usage("give the event and the entry".to_owned())),
    }
}

fn meant(
    arguments: &RecordArguments,
    event: Option<&str>,
    table: &Lifecycle,
) -> Result<Recorded, CliError> {
    if let Some(shown) = &arguments.shows {
        let (track, state) = state(shown, table)?;
        return Ok(Recorded::Shows { track, state });
    }
    if arguments.gone {
        return Ok(Recorded::Gone);
    }
    if arguments.closed {
        return Ok(Recorded::Closed);
    }
    if let Some(status) = arguments.zone {
        return Ok(Recorded::Zone(status));
    }
    event.map_or(Ok(Recorded::Described), |event| named(event, table))
}

/// Whether a flag without a state says what is recorded.
fn meant_by_flag(arguments: &RecordArguments) -> bool {
    arguments.gone || arguments.closed || arguments.zone.is_some() || arguments.describe
}

/// An event of the table, by id or label, or an action that was submitted.
fn named(given: &str, table: &Lifecycle) -> Result<Recorded, CliError> {
    let fits = |text: &str| text.to_lowercase() == given.trim().to_lowercase();
    let by_id = table.events.iter().find(|row| row.id == given);
    let by_label = || table.events.iter().find(|row| fits(&row.label));
    if let Some(row) = by_id.or_else(by_label) {
        return Ok(Recorded::Event(row.id.clone()));
    }
    let actions = CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider);
    let mut actions = actions.filter(|spec| table.mentions(spec.id));
    if let Some(spec) = actions.clone().find(|spec| spec.id == given) {
        return Ok(Recorded::Submitted(spec.id.to_owned()));
    }
    let events = table.events.iter().filter(|row| !row.is_made_by_time());
    let mut known: Vec<&str> = events.map(|row| row.id.as_str()).collect();
    known.extend(actions.by_ref().map(|spec| spec.id));
    let meant = nearest(given, known.iter().copied());
    let meant = meant.map_or_else(String::new, |meant| format!(" Did you mean {meant:?}?"));
    Err(CliError::Usage(format!(
        "{} has no event and no action {given:?}.{meant} It has {}; `certdeck record --what ID` \
         lists what can be recorded now",
        table.title,
        known.join(", ")
    )))
}

fn with(arguments: &RecordArguments) -> Result<Particulars, CliError> {
    let with = particulars(&arguments.panel, arguments.csr.as_deref())?;
    let some = |names: &Vec<String>| (!names.is_empty()).then(|| names.clone());
    Ok(Particulars {
        names: some(&arguments.names),
        new_names: some(&arguments.new_names),
        reason: arguments.reason.clone(),
        product: arguments.product.clone(),
        method: arguments.method,
        mailbox: arguments.mailbox.clone(),
        ..with
    })
}

fn tell(done: Done, session: &Session, json: bool) -> Result<(), CliError> {
    let Done::Recorded {
        entry: id,
        says,
        successor,
    } = done
    else {
        return Err(unexpected(&done));
    };
    let inventory = session.engine.inventory();
    let made = successor.as_ref().and_then(|id| inventory.get(id));
    let csr = made.and_then(|made| made.order.csr.clone().filter(|_| made.order.key_held));
    if json {
        return output::print_json(&RecordedShape {
            id,
            says,
            successor,
            csr,
            steps: Vec::new(),
            link: None,
        });
    }
    let mut text = format!("{id}: {}", sanitise(&says));
    if let Some(successor) = &successor {
        let _ = write!(text, " Its id is {successor}.");
    }
    if csr.is_some()
        && let Some(successor) = &successor
    {
        let _ = write!(
            text,
            " certdeck made its CSR: `certdeck show --csr {successor}` prints it."
        );
    }
    text.push('\n');
    output::print(&text)
}

/// Lists what can be recorded of an entry now.
fn what(session: &Session, entry: &Arc<Entry>, json: bool) -> Result<(), CliError> {
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
    let takes = |event: &str| {
        let what = Recorded::Event(event.to_owned());
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
    takes: impl Fn(&str) -> Vec<&'static str>,
) -> RecordableShape<'a> {
    let events = possible.events.iter().map(|event| RecordableEventShape {
        id: &event.id,
        label: &event.label,
        leads_to: &event.leads_to,
        takes: takes(&event.id),
    });
    let submitted = possible
        .submitted
        .iter()
        .map(|action| RecordableActionShape {
            id: &action.id,
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
    }
}

fn listed(
    entry: &Entry,
    possible: &Recordable,
    takes: impl Fn(&str) -> Vec<&'static str>,
) -> String {
    let id = &entry.id;
    let mut text = format!("{}\n", entry_words(entry.name(), id));
    let _ = writeln!(text, "\nWhat happened: certdeck record EVENT {id}");
    for event in &possible.events {
        let flags: Vec<_> = takes(&event.id)
            .iter()
            .map(|flag| format!("--{flag}"))
            .collect();
        let (label, leads_to) = (sanitise(&event.label), sanitise(&event.leads_to));
        let _ = writeln!(text, "  {:<22} {label}, leads to {leads_to}", event.id);
        if !flags.is_empty() {
            let _ = writeln!(text, "  {:<22} with {}", "", flags.join(" "));
        }
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
        let _ = writeln!(
            text,
            "  {:<22} {}{then}",
            action.id,
            sanitise(&action.title)
        );
    }
    let _ = writeln!(
        text,
        "\nWhat the panel shows now: certdeck record --shows STATE {id}"
    );
    for state in &possible.states {
        let now = if state.is_now { " (it is there)" } else { "" };
        let _ = writeln!(text, "  {:<22} {}{now}", state.id, sanitise(&state.label));
    }
    text
}
