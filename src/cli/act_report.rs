//! What came of an action with one or several entries: printed, and as an exit code.
//!
//! May not: do or ask anything. Called by `act`.

use std::fmt::Write as _;

use super::error::CliError;
use super::exit::Exit;
use super::output::{self, say};
use super::session::entry_words;
use super::shapes::{ResultShape, ResultsShape};
use crate::domain::entry::EntryId;
use crate::domain::text::sanitise;

/// What came of one entry.
pub(super) struct Outcome {
    pub(super) id: EntryId,
    pub(super) name: String,
    /// What the provider or certdeck says, and the successor that it made.
    pub(super) result: Result<(String, Option<EntryId>), CliError>,
}

/// Prints what came of each, and ends as all of them together end.
pub(super) fn report(outcomes: Vec<Outcome>, json: bool) -> Result<(), CliError> {
    let exits: Vec<Exit> = outcomes
        .iter()
        .map(|outcome| outcome.result.as_ref().err().map_or(Exit::Done, Exit::of))
        .collect();
    if json {
        let results = outcomes.into_iter().map(shape).collect();
        output::print_json(&ResultsShape { results })?;
    } else {
        print(&outcomes)?;
    }
    match Exit::of_several(&exits) {
        Exit::Done => Ok(()),
        exit => Err(CliError::Told(exit)),
    }
}

fn print(outcomes: &[Outcome]) -> Result<(), CliError> {
    let mut text = String::new();
    for outcome in outcomes {
        match &outcome.result {
            // The error names the entry's name by itself.
            Err(error) => say(&format!("certdeck: {}: {error}", outcome.id)),
            Ok((says, successor)) => {
                let name = entry_words(&outcome.name, &outcome.id);
                let _ = write!(text, "{name}: {}", sanitise(says));
                if let Some(successor) = successor {
                    let _ = write!(text, " The new entry is {successor}.");
                }
                text.push('\n');
            }
        }
    }
    output::print(&text)
}

fn shape(outcome: Outcome) -> ResultShape {
    let exit = outcome.result.as_ref().err().map_or(Exit::Done, Exit::of);
    let (says, successor) = match outcome.result {
        Ok((says, successor)) => (says, successor),
        Err(error) => (error.to_string(), None),
    };
    ResultShape {
        id: outcome.id,
        name: outcome.name,
        done: exit == Exit::Done,
        says,
        successor,
        exit: exit.code(),
    }
}
