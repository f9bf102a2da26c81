//! `certdeck lifecycle`: every lifecycle that is known, or one of them whole: as text, as a state
//! diagram, as JSON.
//!
//! May not: open the store; the tables are all it needs.

mod mermaid;
mod shapes;
mod text;

use super::args::{Flags, Format, LifecycleArguments};
use super::error::CliError;
use super::output::{self, Output, say};
use super::start::{Places, Tables, read_tables};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::nearest::nearest;
use shapes::{ListedShape, ListedShapes, TableShape};

/// Where a table comes from that is built into the program.
const BUILT_IN: &str = "built in";

/// Lists the lifecycles, or prints one.
pub(super) fn run(flags: &Flags, arguments: &LifecycleArguments) -> Result<(), CliError> {
    let places = Places::find(flags)?;
    let tables = read_tables(&places.lifecycles)?;
    for problem in &tables.skipped {
        say(&format!(
            "certdeck: this lifecycle table is left out: {problem}"
        ));
    }
    match &arguments.id {
        Some(id) => one(&tables, id, arguments.wanted()),
        None => all(&tables, &places, arguments.wanted()),
    }
}

/// Where a table comes from.
fn origin(tables: &Tables, table: &Lifecycle) -> String {
    let file = tables.files.get(&table.id);
    file.map_or_else(|| BUILT_IN.to_owned(), |file| file.display().to_string())
}

fn one(tables: &Tables, id: &str, format: Format) -> Result<(), CliError> {
    let table = tables.lifecycles.get(id).ok_or_else(|| {
        let known: Vec<&str> = ids(tables).collect();
        unknown(id, &known)
    })?;
    match format {
        Format::Table => {
            let columns = Output::look(false).text_columns();
            output::print(&text::render(table, &origin(tables, table), columns))
        }
        Format::Mermaid => output::print(&mermaid::render(table)),
        Format::Json => output::print_json(&TableShape::of(table, &origin(tables, table))),
    }
}

fn ids(tables: &Tables) -> impl Iterator<Item = &str> {
    tables.lifecycles.iter().map(|table| table.id.as_str())
}

fn unknown(given: &str, known: &[&str]) -> CliError {
    let meant = nearest(given, known.iter().copied());
    let meant = meant.map_or_else(String::new, |id| format!("; did you mean {id:?}?"));
    CliError::Usage(format!(
        "no lifecycle is called {given:?}{meant}; the lifecycles are {}",
        known.join(", ")
    ))
}

fn all(tables: &Tables, places: &Places, format: Format) -> Result<(), CliError> {
    let listed = tables.lifecycles.iter();
    match format {
        Format::Table => {
            let columns = Output::look(false).text_columns();
            let listed = listed.map(|table| (table.as_ref(), origin(tables, table)));
            let listed: Vec<_> = listed.collect();
            output::print(&text::list(&listed, columns))?;
            let folder = places.lifecycles.display();
            say(&format!("Tables of your own belong into {folder}"));
            Ok(())
        }
        Format::Json => {
            let listed = listed.map(|table| ListedShape::of(table, origin(tables, table)));
            output::print_json(&ListedShapes {
                lifecycles: listed.collect(),
            })
        }
        Format::Mermaid => {
            let known: Vec<&str> = ids(tables).collect();
            Err(CliError::Usage(format!(
                "a diagram is drawn of one lifecycle: certdeck lifecycle ID --format mermaid; the \
                 lifecycles are {}",
                known.join(", ")
            )))
        }
    }
}
