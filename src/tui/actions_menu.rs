//! The menu of actions: every action that the entry's lifecycle knows, and every local one, in the
//! catalogue's order, possible or not; below them what people look for and what does not exist for
//! such an entry at all, with the reason. What no table of the entry speaks of would only be noise.
//!
//! Pure: it asks the inventory's gate and draws nothing. `update` opens and walks it, `view`
//! draws it.

use jiff::Timestamp;

use super::keymap::{Keymap, Scope};
use super::ui_action::UiAction;
use crate::domain::account::AccountKind;
use crate::domain::action::{ActionSpec, CATALOGUE, Danger, Kind, Need, is_settling};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::gate::{Verdict, is_of_unknown_outcome};
use crate::domain::inventory::Inventory;

/// The menu over one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionsMenu {
    /// The entry.
    pub entry: EntryId,
    /// Which line the cursor is on.
    pub cursor: usize,
    /// What the lines are for, by id.
    actions: Vec<&'static str>,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLine {
    /// The action, by id.
    pub action: &'static str,
    /// What the provider calls it.
    pub title: String,
    /// Its key outside of the menu, as the key table writes it; that of the menu and its own there
    /// where it has none of its own outside.
    pub key: Option<String>,
    /// Its key in the menu.
    pub menu_key: Option<String>,
    /// Why it is not possible now; nothing where it is.
    pub reason: Option<String>,
    /// Whether such an entry never has it, whatever its state.
    pub never: bool,
}

impl ActionsMenu {
    /// The menu over an entry, the cursor on the first action that is possible.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Self {
        let actions: Vec<_> = listed(entry, inventory)
            .into_iter()
            .map(|spec| spec.id)
            .collect();
        let possible = |id: &&str| inventory.verdict(id, entry, system).is_possible();
        let first = actions.iter().position(possible);
        Self {
            entry: entry.id.clone(),
            cursor: first.unwrap_or_default(),
            actions,
        }
    }

    /// Moves the cursor by so many lines, not beyond the ends.
    pub fn step(&mut self, by: isize) {
        let last = self.actions.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// The action under the cursor.
    #[must_use]
    pub fn action(&self) -> Option<&'static str> {
        self.actions.get(self.cursor).copied()
    }
}

/// The actions that the menu over an entry lists, in their order: which ones hangs on its table
/// and its kind of account alone, never on its state. The one exception settles a request of an
/// unknown outcome: that is no state but an accident, and in every other menu it would be noise.
fn listed(entry: &Entry, inventory: &Inventory) -> Vec<&'static ActionSpec> {
    let table = inventory.lifecycle_of(entry);
    let unknown_outcome = is_of_unknown_outcome(entry);
    let known = CATALOGUE.iter().filter(|spec| {
        let is_known =
            spec.kind == Kind::Local || table.is_none_or(|table| table.mentions(spec.id));
        is_known && (unknown_outcome || !is_settling(spec))
    });
    let (has, never): (Vec<_>, Vec<_>) = known.partition(|spec| !is_never(spec, entry, inventory));
    has.into_iter().chain(never).collect()
}

/// Whether such an entry never has an action: its table only says why not, or it belongs to
/// another kind of account.
fn is_never(spec: &ActionSpec, entry: &Entry, inventory: &Inventory) -> bool {
    let kind = inventory
        .accounts
        .get(&entry.account)
        .map(|account| account.kind);
    let belongs_elsewhere = spec.needs.iter().any(|need| match need {
        Need::Sandbox => kind != Some(AccountKind::Sandbox),
        Need::ByHand => kind != Some(AccountKind::ByHand),
        _ => false,
    });
    let only_refused = inventory
        .lifecycle_of(entry)
        .is_some_and(|table| table.mentions(spec.id) && table.rows_of(spec.id).next().is_none());
    belongs_elsewhere || only_refused
}

/// Every line of the menu over an entry, as of now.
#[must_use]
pub fn lines(
    entry: &Entry,
    inventory: &Inventory,
    keymap: &Keymap,
    system: Timestamp,
) -> Vec<MenuLine> {
    let line = |spec: &'static ActionSpec| {
        let verdict = inventory.verdict(spec.id, entry, system);
        let mut title = title(entry, inventory, spec.id);
        if asks_first(spec, entry, inventory, &verdict) {
            title.push('…');
        }
        MenuLine {
            action: spec.id,
            title,
            key: key_of(spec.id, keymap),
            menu_key: key_in_menu(spec.id, keymap),
            reason: verdict.reason().map(ToString::to_string),
            never: is_never(spec, entry, inventory),
        }
    };
    listed(entry, inventory).into_iter().map(line).collect()
}

/// Whether something is asked before it happens, by the row that allows it, else by the catalogue.
fn asks_first(spec: &ActionSpec, entry: &Entry, inventory: &Inventory, verdict: &Verdict) -> bool {
    let index = match verdict {
        Verdict::Possible { row } => *row,
        Verdict::Refused(_) => None,
    };
    let table = inventory.lifecycle_of(entry);
    let row = index.and_then(|index| table?.actions.get(index));
    row.map_or(spec.danger, |row| row.danger(spec)) > Danger::Calm
        || row.is_some_and(|row| !row.asks.is_empty() || row.confirm.is_some())
}

/// What the entry's provider calls an action.
#[must_use]
pub fn title(entry: &Entry, inventory: &Inventory, action: &str) -> String {
    let shared = crate::domain::action::spec(action).map_or(action, |spec| spec.title);
    inventory
        .lifecycle_of(entry)
        .map_or_else(|| shared.to_owned(), |table| table.action_title(action))
}

/// The key of an action in the panel, as the key table writes it: its own, or the menu's key and
/// then its key there.
#[must_use]
pub fn key_of(action: &str, keymap: &Keymap) -> Option<String> {
    let asked_by = asked_by(action)?;
    let own = keymap.key_label_in(Scope::List, asked_by);
    own.or_else(|| keymap.key_label_in(Scope::Details, asked_by))
        .or_else(|| {
            let menu = keymap.key_label_in(Scope::List, UiAction::Actions)?;
            let there = keymap.key_label_in(Scope::Menu, asked_by)?;
            Some(format!("{menu} {there}"))
        })
}

/// The key of an action in the menu, where those that it has in the list work as well.
#[must_use]
pub fn key_in_menu(action: &str, keymap: &Keymap) -> Option<String> {
    let asked_by = asked_by(action)?;
    let there = keymap.key_label_in(Scope::Menu, asked_by);
    there.or_else(|| keymap.key_label_in(Scope::List, asked_by))
}

/// What keys ask for to do an action.
fn asked_by(action: &str) -> Option<UiAction> {
    match action {
        "copy" => Some(UiAction::Copy),
        "play-event" => Some(UiAction::NextEvent),
        // The key for archiving also brings back.
        "restore" => UiAction::from_id("do.archive"),
        other => UiAction::from_id(&format!("do.{other}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::tui::keymap::Key;

    #[test]
    fn every_action_of_the_catalogue_is_one_key_away_in_the_menu() {
        let keymap = Keymap::embedded().unwrap();
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for spec in CATALOGUE {
            let key = key_in_menu(spec.id, &keymap);
            let key = key.unwrap_or_else(|| panic!("{} has no key in the menu", spec.id));
            assert!(
                Key::parse(&key).is_some(),
                "{}: {key} is not one key",
                spec.id
            );
            let other = taken.insert(key.clone(), spec.id);
            let both = (other, spec.id);
            let same = matches!(both, (None, _) | (Some("archive"), "restore"));
            assert!(same, "{key} is for {both:?}");
        }
    }

    #[test]
    fn what_has_no_key_outside_of_the_menu_is_reached_through_it() {
        let keymap = Keymap::embedded().unwrap();
        assert_eq!(key_of("renew", &keymap).as_deref(), Some("r"));
        assert_eq!(key_of("recheck", &keymap).as_deref(), Some("a c"));
        assert_eq!(key_of("restore", &keymap).as_deref(), Some("A"));
        assert_eq!(key_of("nothing", &keymap), None);
    }
}
