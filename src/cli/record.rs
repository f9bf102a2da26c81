//! `certdeck record`: what happened in a provider's own panel, or what it shows now.
//!
//! May not: decide what can be recorded; the engine does.

use std::fmt::Write as _;

use super::args::RecordArguments;
use super::by_hand::{particulars, state};
use super::by_hand_shapes::RecordedShape;
use super::error::CliError;
use super::output;
use super::recordable;
use super::session::{Session, unexpected};
use crate::config::nearest;
use crate::domain::action::{CATALOGUE, Kind};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::text::sanitise;
use crate::engine::command::{Command, Done, Particulars, Record, Recorded};

/// Writes it down, or lists what can be.
pub(super) async fn run(session: &Session, arguments: &RecordArguments) -> Result<(), CliError> {
    let (event, id) = words(arguments)?;
    let entry = session.resolve(id)?;
    if arguments.what {
        return recordable::what(session, &entry, arguments.json);
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
