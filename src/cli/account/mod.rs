//! `certdeck account`: accounts are added, listed, checked and removed.
//!
//! May not: read or write an account's file; the engine does that.

mod add;
mod check;
mod discover;
mod guide;
mod list;
mod shapes;

use super::args::{AccountArguments, AccountVerb};
use super::ask::{self, Wanted};
use super::error::CliError;
use super::output;
use super::session::{Session, unexpected};
use crate::config::BUILT_IN_ACCOUNTS;
use crate::domain::text::sanitise;
use crate::engine::command::{AccountRemoved, Command, Done};
use shapes::RemovedShape;

/// Does what was asked.
pub(super) async fn run(session: &Session, arguments: &AccountArguments) -> Result<(), CliError> {
    match &arguments.verb {
        AccountVerb::Add(arguments) => match &arguments.discover {
            Some(folders) => discover::run(session, arguments, folders).await,
            None => add::run(session, arguments).await,
        },
        AccountVerb::List { json } => list::run(session, *json),
        AccountVerb::Check { name, json } => check::run(session, name.as_deref(), *json).await,
        AccountVerb::Remove { name, yes, json } => remove(session, name, *yes, *json).await,
    }
}

async fn remove(session: &Session, name: &str, yes: bool, json: bool) -> Result<(), CliError> {
    let (inventory, _) = session.look();
    let is_built_in = BUILT_IN_ACCOUNTS.iter().any(|(known, _)| *known == name);
    // What cannot be removed is told without a question before.
    if inventory.accounts.contains_key(name) && !is_built_in && !yes {
        let entries = inventory.entries.of_account(name);
        let shown = entries.filter(|entry| !entry.archived);
        let text = format!(
            "{name}: its entries that are not archived yet ({}) are archived, its file is moved \
             into the folder removed beside it. Nothing is deleted.",
            shown.count()
        );
        ask::confirm(&text, &format!("Remove the account {name}?"), &Wanted::Yes)?;
    }
    let name = name.to_owned();
    let removed = match session.run(Command::RemoveAccount { name }).await? {
        Done::AccountRemoved(removed) => removed,
        other => return Err(unexpected(&other)),
    };
    if json {
        return output::print_json(&RemovedShape::of(&removed));
    }
    output::print(&what_was_removed(&removed))
}

fn what_was_removed(removed: &AccountRemoved) -> String {
    let AccountRemoved {
        name,
        archived,
        file,
    } = removed;
    let entries = match archived {
        0 => "it had no entries in the list".to_owned(),
        1 => "its entry is archived".to_owned(),
        several => format!("its {several} entries are archived"),
    };
    let back = match file {
        Some(file) => format!(
            "its file is {} now; moved back it brings the account back, and `certdeck restore ID` \
             an entry",
            sanitise(&file.display().to_string())
        ),
        None => "it had no file".to_owned(),
    };
    format!("The account {name} is removed: {entries}, {back}.\n")
}
