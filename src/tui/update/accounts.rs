//! What happens with accounts: their dialog, what is told of them, and looking at what is watched.
//!
//! Pure, as all of `update`. The dialog itself is `dialog::accounts`.

use std::sync::Arc;

use super::{actions, overlay};
use crate::domain::account::AccountKind;
use crate::engine::command::{Command, Done, Tone};
use crate::tui::dialog::{Accounts, AccountsNow, synced_words};
use crate::tui::message::Effect;
use crate::tui::model::{Layer, Model};
use crate::tui::overlay::{Input, Overlay};
use crate::tui::view::grouped;

/// Opens the dialog.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let dialog = Accounts::new(now(model));
    model.layer = Some(Layer::Overlay(Overlay::Accounts(Box::new(dialog))));
    Vec::new()
}

fn now(model: &Model) -> Arc<AccountsNow> {
    let read_only = model.settings.read_only;
    let inventory = Arc::clone(&model.inventory);
    Arc::new(AccountsNow::of(
        inventory,
        &model.list.rows,
        model.now,
        read_only,
    ))
}

/// Brings the dialog up to date, if it is open.
pub(super) fn tell_overlay(model: &mut Model) {
    if matches!(model.layer, Some(Layer::Overlay(Overlay::Accounts(_)))) {
        let input = Input::Accounts(now(model));
        // What the dialog is told changes what it shows and nothing else.
        let effects = overlay::input(model, &input);
        debug_assert!(effects.is_empty());
    }
}

/// Tells what came of a command about accounts; what the dialog shows as well is told only where it
/// has to stay in mind.
pub(super) fn say(model: &mut Model, done: &Done, shown: bool) {
    let (tone, says) = match done {
        Done::AccountAdded(added) => {
            let file = added.file.display();
            let says = format!("The account {} is there; its file is {file}", added.name);
            (Tone::Good, says)
        }
        Done::AccountRemoved(removed) => (Tone::Plain, removed_words(removed)),
        Done::Synced(reports) if !shown => synced_words(reports),
        Done::AccountChecked(check) if !shown => {
            let bad = check.findings.iter().find(|(_, found)| found.is_err());
            match bad {
                Some((what, Err(why))) => (Tone::Warning, format!("{}: {what}: {why}", check.name)),
                _ => (Tone::Good, format!("{}: it can be used", check.name)),
            }
        }
        Done::Discovered(found) if !shown => {
            let says = format!(
                "{} places with certificates were found; look among the accounts",
                found.found.len()
            );
            (Tone::Plain, says)
        }
        _ => return,
    };
    model.toasts.push(model.now, tone, says);
}

fn removed_words(removed: &crate::engine::command::AccountRemoved) -> String {
    let entries = match removed.archived {
        0 => "it had no entries to archive".to_owned(),
        1 => "its entry is archived".to_owned(),
        count => format!("its {} entries are archived", grouped(count)),
    };
    let file = removed.file.as_ref().map_or_else(String::new, |file| {
        format!("; its file lies in {} now", file.display())
    });
    format!("The account {} is removed: {entries}{file}", removed.name)
}

/// Asks again whoever knows more about the selected entry; where nobody does, says so.
pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    if let Some(loaded) = &mut model.details.loaded {
        loaded.outdated = true;
    }
    let account = model.selected().map(|entry| entry.account.clone());
    let account = account.and_then(|name| model.inventory.accounts.get(&name));
    if let Some(watched) = account.filter(|account| account.watched.is_some()) {
        let account = Some(watched.name.clone());
        return actions::run(model, Command::Sync { account }, false);
    }
    let says = match account.map(|account| account.kind) {
        Some(AccountKind::ByHand) => {
            "This is kept by hand: only you can see what its provider's panel shows now"
        }
        Some(AccountKind::Files) => {
            "This was imported once and is not watched; `certdeck import` reads it again"
        }
        None if model.selected().is_some() => {
            "The account of this entry is not configured, so there is nobody to ask"
        }
        _ => "The sandbox is always up to date; there is no other provider to ask",
    };
    model.toasts.plain(model.now, says);
    Vec::new()
}
