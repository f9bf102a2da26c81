//! The menu of actions: every action of the catalogue in its fixed order, possible or not.
//!
//! Pure: it asks the inventory's gate and draws nothing. `update` opens and walks it, `view`
//! draws it.

use jiff::Timestamp;

use super::keymap::{Keymap, Scope};
use super::ui_action::UiAction;
use crate::domain::action::{CATALOGUE, Danger};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;

/// The menu over one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionsMenu {
    /// The entry.
    pub entry: EntryId,
    /// Which line the cursor is on.
    pub cursor: usize,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLine {
    /// The action, by id.
    pub action: &'static str,
    /// What the provider calls it.
    pub title: String,
    /// Its key, as the key table writes it.
    pub key: Option<String>,
    /// Why it is not possible now; nothing where it is.
    pub reason: Option<String>,
}

impl ActionsMenu {
    /// The menu over an entry, the cursor on the first action that is possible.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Self {
        let possible = |id: &str| inventory.verdict(id, entry, system).is_possible();
        let first = CATALOGUE.iter().position(|spec| possible(spec.id));
        Self {
            entry: entry.id.clone(),
            cursor: first.unwrap_or_default(),
        }
    }

    /// Moves the cursor by so many lines, not beyond the ends.
    pub fn step(&mut self, by: isize) {
        let last = CATALOGUE.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// The action under the cursor.
    #[must_use]
    pub fn action(&self) -> Option<&'static str> {
        CATALOGUE.get(self.cursor).map(|spec| spec.id)
    }
}

/// Every line of the menu over an entry, as of now.
#[must_use]
pub fn lines(
    entry: &Entry,
    inventory: &Inventory,
    keymap: &Keymap,
    system: Timestamp,
) -> Vec<MenuLine> {
    let line = |spec: &crate::domain::action::ActionSpec| {
        let verdict = inventory.verdict(spec.id, entry, system);
        let mut title = title(entry, inventory, spec.id);
        if spec.danger > Danger::Calm {
            title.push('…');
        }
        MenuLine {
            action: spec.id,
            title,
            key: key_of(spec.id, keymap),
            reason: verdict.reason().map(ToString::to_string),
        }
    };
    CATALOGUE.iter().map(line).collect()
}

/// What the entry's provider calls an action.
#[must_use]
pub fn title(entry: &Entry, inventory: &Inventory, action: &str) -> String {
    let shared = crate::domain::action::spec(action).map_or(action, |spec| spec.title);
    inventory
        .lifecycle_of(entry)
        .map_or_else(|| shared.to_owned(), |table| table.action_title(action))
}

/// The key of an action, as the key table writes it.
#[must_use]
pub fn key_of(action: &str, keymap: &Keymap) -> Option<String> {
    let asked_by = match action {
        "copy" => UiAction::Copy,
        "play-event" => UiAction::NextEvent,
        "restore" => UiAction::from_id("do.archive")?,
        other => UiAction::from_id(&format!("do.{other}"))?,
    };
    keymap
        .key_label_in(Scope::List, asked_by)
        .or_else(|| keymap.key_label(asked_by))
}
