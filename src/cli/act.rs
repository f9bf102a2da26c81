//! `certdeck act`, `withdraw`, `archive`, `restore`: an action with one or several entries.
//!
//! The gate is asked before a person is; what it refuses is left out and named.

use std::fmt::Write as _;
use std::sync::Arc;

use super::args::IdsArguments;
use super::ask::{self, Wanted};
use super::by_hand::{is_by_hand, lines};
use super::error::CliError;
use super::exit::Exit;
use super::output::{self, say};
use super::session::{Session, entry_words, unexpected};
use super::shapes::{ResultShape, ResultsShape};
use crate::config::nearest;
use crate::domain::action::{self, ActionSpec, Danger, Kind};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::gate::Verdict;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Confirm;
use crate::domain::text::sanitise;
use crate::engine::command::Answers;
use crate::engine::command::{Command, Done};
use crate::engine::{EngineError, by_hand};

/// Does `action` with the entries that were named.
pub(super) async fn run(
    session: &Session,
    action: &str,
    arguments: &IdsArguments,
) -> Result<(), CliError> {
    let spec = find(action)?;
    let entries = session.resolve_all(&arguments.ids)?;
    with_entries(session, spec, entries, arguments.yes, arguments.json).await
}

/// The action with that id, if the command line can do it.
fn find(given: &str) -> Result<&'static ActionSpec, CliError> {
    let Some(spec) = action::spec(given) else {
        let known = || action::CATALOGUE.iter().map(|spec| spec.id);
        let meant = nearest(given, known()).map(|id| format!(" Did you mean {id:?}?"));
        return Err(CliError::Usage(format!(
            "no action is called {given:?}.{} The actions are {}",
            meant.unwrap_or_default(),
            known().collect::<Vec<_>>().join(", ")
        )));
    };
    let instead = match spec.id {
        "play-event" => "use `certdeck sandbox play EVENT ID`",
        "reveal-key" => "use `certdeck reveal-key ID`",
        "note" => "use `certdeck note ID TEXT`",
        "record" => "use `certdeck record EVENT ID`",
        "describe" => "use `certdeck record --describe ID`",
        "copy" => "it is the panel's; `certdeck show ID` prints what can be copied",
        _ => return Ok(spec),
    };
    Err(CliError::Usage(format!(
        "{:?} cannot be done with `act`; {instead}",
        spec.id
    )))
}

/// What came of one entry.
struct Outcome {
    id: EntryId,
    name: String,
    result: Result<(String, Option<EntryId>), CliError>,
}

/// Does an action with these entries, after asking where it has to be asked.
pub(super) async fn with_entries(
    session: &Session,
    spec: &'static ActionSpec,
    entries: Vec<Arc<Entry>>,
    yes: bool,
    json: bool,
) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let judged = entries.into_iter().map(|entry| {
        let verdict = inventory.verdict(spec.id, &entry, system);
        (entry, verdict)
    });
    let judged: Vec<(Arc<Entry>, Verdict)> = judged.collect();
    // Nobody is asked about what is only said how to do.
    let asks = |entry: &Entry| !is_by_hand(&inventory, &entry.account);
    let possible: Vec<_> = judged
        .iter()
        .filter(|(entry, verdict)| verdict.is_possible() && asks(entry))
        .collect();
    if !possible.is_empty() && spec.kind == Kind::Provider && spec.danger > Danger::Calm && !yes {
        ask_first(spec, &possible, &judged, &inventory)?;
    }
    let mut outcomes = Vec::new();
    for (entry, verdict) in &judged {
        let result = match verdict {
            Verdict::Possible { .. } => do_it(session, spec, entry, &inventory).await,
            Verdict::Refused(reason) => Err(EngineError::Refused {
                action: title(spec, entry, &inventory),
                name: sanitise(entry.name()).into_owned(),
                reason: reason.clone(),
            }
            .into()),
        };
        let (id, name) = (entry.id.clone(), entry.name().to_owned());
        outcomes.push(Outcome { id, name, result });
    }
    report(outcomes, json)
}

fn title(spec: &ActionSpec, entry: &Entry, inventory: &Inventory) -> String {
    let own = inventory
        .lifecycle_of(entry)
        .map(|table| table.action_title(spec.id));
    own.unwrap_or_else(|| spec.title.to_owned())
}

/// Says what will happen in the provider's own words, and asks.
fn ask_first(
    spec: &ActionSpec,
    possible: &[&(Arc<Entry>, Verdict)],
    judged: &[(Arc<Entry>, Verdict)],
    inventory: &Inventory,
) -> Result<(), CliError> {
    let mut text = String::new();
    for (entry, verdict) in possible {
        let _ = writeln!(
            text,
            "{}: {}",
            spec.title,
            entry_words(entry.name(), &entry.id)
        );
        if let Some(confirm) = dialog(entry, verdict, inventory) {
            let _ = writeln!(text, "  {}", sanitise(&confirm.text));
        }
    }
    for (entry, verdict) in judged {
        if let Verdict::Refused(reason) = verdict {
            let name = entry_words(entry.name(), &entry.id);
            let _ = writeln!(text, "Left out: {name}: {}", sanitise(&reason.to_string()));
        }
    }
    let (entry, verdict) = possible[0];
    let question = match (possible.len(), dialog(entry, verdict, inventory)) {
        (1, Some(confirm)) => format!("{}?", confirm.submit),
        (1, None) => format!("{}?", spec.title),
        (count, _) => format!("{} for these {count} entries?", spec.title),
    };
    let name = sanitise(entry.name());
    let wanted = match spec.danger {
        Danger::WantsTheName if possible.len() == 1 => Wanted::Name(&name),
        Danger::WantsTheName => Wanted::Name(spec.id),
        Danger::Asks | Danger::Calm => Wanted::Yes,
    };
    ask::confirm(text.trim_end(), &question, &wanted)
}

fn dialog<'a>(entry: &Entry, verdict: &Verdict, inventory: &'a Inventory) -> Option<&'a Confirm> {
    let Verdict::Possible { row: Some(row) } = verdict else {
        return None;
    };
    inventory
        .lifecycle_of(entry)?
        .actions
        .get(*row)?
        .confirm
        .as_ref()
}

async fn do_it(
    session: &Session,
    spec: &ActionSpec,
    entry: &Entry,
    inventory: &Inventory,
) -> Result<(String, Option<EntryId>), CliError> {
    let (id, action) = (entry.id.clone(), spec.id.to_owned());
    let command = match spec.id {
        "open-invoice" => return Ok((invoice(entry), None)),
        "contact-support" => return Ok((support(entry, inventory), None)),
        "archive" => Command::Archive { entry: id },
        "restore" => Command::Restore { entry: id },
        _ if is_by_hand(inventory, &entry.account) => {
            return Err(in_panel(spec, entry, inventory).into());
        }
        _ => Command::Act {
            entry: id,
            action,
            with: Answers::default(),
            seen_state: inventory.standing_key(entry, session.engine.now()),
        },
    };
    match session.run(command).await? {
        Done::Acted {
            says, successor, ..
        } => Ok((says, successor)),
        Done::Kept if spec.id == "archive" => Ok(("Archived.".to_owned(), None)),
        Done::Kept => Ok(("Back in the list.".to_owned(), None)),
        other => Err(unexpected(&other)),
    }
}

/// What to do in the provider's own panel, and how to write it down afterwards.
fn in_panel(spec: &ActionSpec, entry: &Entry, inventory: &Inventory) -> EngineError {
    let guidance = by_hand::guidance(spec.id, entry, inventory);
    EngineError::ByHand {
        name: sanitise(entry.name()).into_owned(),
        says: format!(
            "{}Then write it down: certdeck record {} {}",
            lines(&guidance),
            spec.id,
            entry.id
        ),
    }
}

/// The state that the decision was made on, by its label.
fn invoice(entry: &Entry) -> String {
    let Some(invoice) = &entry.product.invoice else {
        return "There is no invoice.".to_owned();
    };
    let link = invoice.link.as_deref().unwrap_or("no link is known");
    format!("Invoice {} over {}: {link}", invoice.number, invoice.amount)
}

fn support(entry: &Entry, inventory: &Inventory) -> String {
    let lifecycle = inventory.lifecycle_of(entry);
    match lifecycle.and_then(|table| table.support.as_ref()) {
        Some(support) => format!("Write to {}", support.mail),
        None => "No mailbox of the provider's support is known; look at its panel.".to_owned(),
    }
}

/// Prints what came of each, and ends as all of them together end.
fn report(outcomes: Vec<Outcome>, json: bool) -> Result<(), CliError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_actions_list_the_known_ones_and_guess() {
        let error = find("renw").unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Usage);
        let error = error.to_string();
        assert!(
            error.contains("Did you mean \"renew\"?") && error.contains("withdraw"),
            "{error}"
        );
    }

    #[test]
    fn every_action_can_be_done_or_says_what_to_use_instead() {
        for spec in action::CATALOGUE {
            match find(spec.id) {
                Ok(found) => assert_eq!(found, spec),
                Err(error) => assert!(error.to_string().contains("certdeck "), "{error}"),
            }
        }
    }
}
