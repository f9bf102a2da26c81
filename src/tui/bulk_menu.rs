//! The menu of actions over all marked entries, whatever their lifecycles: to how many of them
//! each action applies, and why the others are left out.
//!
//! Pure: it asks the gate through `domain::bulk` when it is made, so that drawing costs nothing.
//! `update` opens, walks and refreshes it, `view` draws it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::actions_menu::key_in_menu;
use super::keymap::Keymap;
use crate::domain::action::{ActionSpec, Danger};
use crate::domain::bulk::{self, Bulk};
use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;

/// So many reasons are said for each action; the others are counted.
const REASONS: usize = 4;

/// The menu over the marked entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkMenu {
    /// How many entries are marked.
    pub marked: usize,
    /// Its lines, in the catalogue's order.
    pub lines: Vec<BulkLine>,
    /// Which line the cursor is on.
    pub cursor: usize,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkLine {
    /// The action, by id.
    pub action: &'static str,
    /// What it is called; an ellipsis says that it is dangerous enough to ask in its own way.
    pub title: String,
    /// Its key, as the key table writes it.
    pub key: Option<String>,
    /// To how many of the marked entries it applies.
    pub fits: usize,
    /// Why the others are left out, in sentences with how many each is for.
    pub left_out: Vec<String>,
}

impl BulkMenu {
    /// The menu over these entries, the cursor on the first action that applies to any.
    #[must_use]
    pub fn of(
        marks: &BTreeSet<EntryId>,
        inventory: &Inventory,
        keymap: &Keymap,
        system: Timestamp,
    ) -> Self {
        let line = |spec: &'static ActionSpec| {
            let judged = bulk::judge(spec, marks, inventory, system);
            BulkLine::of(spec, &judged, inventory, keymap)
        };
        let lines: Vec<_> = bulk::offered(marks, inventory)
            .into_iter()
            .map(line)
            .collect();
        let first = lines.iter().position(|line| line.fits > 0);
        Self {
            marked: marks.len(),
            lines,
            cursor: first.unwrap_or_default(),
        }
    }

    /// Moves the cursor by so many lines, not beyond the ends.
    pub fn step(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// The action under the cursor.
    #[must_use]
    pub fn action(&self) -> Option<&'static str> {
        self.lines.get(self.cursor).map(|line| line.action)
    }

    /// The same menu as of now, the cursor on the same action.
    #[must_use]
    pub fn again(
        &self,
        marks: &BTreeSet<EntryId>,
        inventory: &Inventory,
        keymap: &Keymap,
        system: Timestamp,
    ) -> Self {
        let mut menu = Self::of(marks, inventory, keymap, system);
        let at = |line: &BulkLine| Some(line.action) == self.action();
        menu.cursor = menu.lines.iter().position(at).unwrap_or(menu.cursor);
        menu
    }
}

impl BulkLine {
    fn of(
        spec: &'static ActionSpec,
        judged: &Bulk,
        inventory: &Inventory,
        keymap: &Keymap,
    ) -> Self {
        let mut title = title(spec, judged, inventory);
        if judged.danger(spec, inventory) > Danger::Calm {
            title.push('…');
        }
        Self {
            action: spec.id,
            title,
            key: key_in_menu(spec.id, keymap),
            fits: judged.fits.len(),
            left_out: left_out(judged),
        }
    }
}

/// The provider's word where all that it applies to have the same, else the catalogue's.
#[must_use]
pub fn title(spec: &ActionSpec, judged: &Bulk, inventory: &Inventory) -> String {
    let own = |id: &EntryId| {
        let table = inventory.lifecycle_of(&*inventory.get(id)?)?;
        Some(table.action_title(spec.id))
    };
    let mut titles: Vec<String> = Vec::new();
    for title in judged.fits.iter().filter_map(|fit| own(&fit.entry)) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    match titles.as_slice() {
        [only] => only.clone(),
        _ => spec.title.to_owned(),
    }
}

/// `2 left out: possible while …` and `1: a withdrawal has been submitted`.
#[must_use]
pub fn left_out(judged: &Bulk) -> Vec<String> {
    let reasons = judged.reasons();
    let mut says: Vec<String> = reasons
        .iter()
        .take(REASONS)
        .enumerate()
        .map(|(index, (count, why))| match index {
            0 => format!("{count} left out: {why}"),
            _ => format!("{count}: {why}"),
        })
        .collect();
    let more: usize = reasons.iter().skip(REASONS).map(|(count, _)| count).sum();
    if more > 0 {
        says.push(format!("{more} for other reasons"));
    }
    says
}
