//! `certdeck act`, `withdraw`, `archive`, `restore`: an action with one or several entries.
//!
//! The gate is asked before a person is; what it refuses is left out and named.

use std::sync::Arc;

use super::act_question::{Judged, ask_first, check};
use super::act_report::{Outcome, report};
use super::args::{IdsArguments, elsewhere};
use super::by_hand::{is_by_hand, lines};
use super::error::CliError;
use super::session::{Session, unexpected};
use crate::config::nearest;
use crate::domain::action::{self, ActionSpec};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::gate::Verdict;
use crate::domain::inventory::Inventory;
use crate::domain::text::sanitise;
use crate::engine::command::{Answers, Command, Done};
use crate::engine::{EngineError, by_hand};

/// How an action is asked for.
#[derive(Default)]
pub(super) struct Manner {
    /// What was said for it.
    pub(super) answers: Answers,
    /// What is to be adopted, by the provider's id.
    pub(super) candidate: Option<String>,
    /// Whether it is done without asking.
    pub(super) yes: bool,
    /// Whether JSON is printed.
    pub(super) json: bool,
}

/// Does `action` with the entries that were named; `said` is what was said for it.
pub(super) async fn run(
    session: &Session,
    action: &str,
    arguments: &IdsArguments,
    said: Manner,
) -> Result<(), CliError> {
    let spec = find(action)?;
    let entries = session.resolve_all(&arguments.ids)?;
    if said.candidate.is_some() && (spec.id != action::ADOPT || entries.len() != 1) {
        let says = "--candidate belongs to `act adopt` with one entry";
        return Err(CliError::Usage(says.to_owned()));
    }
    let manner = Manner {
        yes: arguments.yes,
        json: arguments.json,
        ..said
    };
    with_entries(session, spec, entries, &manner).await
}

/// The action with that id, if `act` does it.
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
    match elsewhere(spec.id) {
        None => Ok(spec),
        Some(instead) => Err(CliError::Usage(format!(
            "{:?} cannot be done with `act`; {instead}",
            spec.id
        ))),
    }
}

/// Does an action with these entries, after asking where it has to be asked.
pub(super) async fn with_entries(
    session: &Session,
    spec: &'static ActionSpec,
    entries: Vec<Arc<Entry>>,
    manner: &Manner,
) -> Result<(), CliError> {
    let (inventory, system) = session.look();
    let judged = entries.into_iter().map(|entry| Judged {
        verdict: inventory.verdict(spec.id, &entry, system),
        entry,
    });
    let judged: Vec<Judged> = judged.collect();
    // Nobody is asked about what is only said how to do.
    let asks = |judged: &&Judged| !is_by_hand(&inventory, &judged.entry.account);
    let possible: Vec<_> = judged
        .iter()
        .filter(|judged| judged.verdict.is_possible())
        .filter(asks)
        .collect();
    check(spec, &possible, &manner.answers, &inventory)?;
    if !manner.yes {
        ask_first(
            spec,
            &possible,
            &judged,
            &manner.answers,
            (&inventory, system),
        )?;
    }
    let mut outcomes = Vec::new();
    for Judged { entry, verdict } in &judged {
        let result = match verdict {
            Verdict::Possible { .. } => do_it(session, spec, entry, &inventory, manner).await,
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
    report(outcomes, manner.json)
}

fn title(spec: &ActionSpec, entry: &Entry, inventory: &Inventory) -> String {
    let own = inventory
        .lifecycle_of(entry)
        .map(|table| table.action_title(spec.id));
    own.unwrap_or_else(|| spec.title.to_owned())
}

async fn do_it(
    session: &Session,
    spec: &ActionSpec,
    entry: &Entry,
    inventory: &Inventory,
    manner: &Manner,
) -> Result<(String, Option<EntryId>), CliError> {
    let (id, action) = (entry.id.clone(), spec.id.to_owned());
    let command = match spec.id {
        "open-invoice" => return Ok((invoice(entry), None)),
        "contact-support" => return Ok((support(entry, inventory), None)),
        action::DESTROY_KEY => Command::DestroyKey { entry: id },
        "archive" => Command::Archive { entry: id },
        "restore" => Command::Restore { entry: id },
        action::ADOPT => Command::Adopt {
            entry: id,
            candidate: manner.candidate.clone(),
        },
        action::SEND_AGAIN => Command::SendAgain { entry: id },
        action::GIVE_UP => Command::GiveUp { entry: id },
        _ if is_by_hand(inventory, &entry.account) => {
            return Err(in_panel(spec, entry, inventory).into());
        }
        _ => Command::Act {
            entry: id,
            action,
            with: manner.answers.clone(),
            seen_state: inventory.standing_key(entry, session.engine.now()),
        },
    };
    match session.run(command).await? {
        Done::Acted {
            says, successor, ..
        } => Ok((says, successor)),
        // An order that was found, or sent again.
        Done::Ordered { says, .. } => Ok((says, None)),
        Done::KeyDestroyed { .. } => Ok(("The private key is destroyed.".to_owned(), None)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit::Exit;

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
