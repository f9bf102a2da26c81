//! What can be recorded of an entry that is kept by hand: what happened, what was submitted, and
//! below a line what the provider's own panel shows now.
//!
//! Nothing is recorded from the menu itself: a form or a question follows. The engine says what is
//! possible (`engine::by_hand`). Opened by the panel.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::confirm::{Confirm, Question};
use super::menu::MenuList;
use super::record_lines::{Choice, Parts};
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::action::Danger;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::engine::by_hand;
use crate::engine::command::{Command, Particulars, Record, Recorded};
use crate::tui::form::{RecordForm, RecordWords};
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Look, titled};
use crate::tui::overlay::{Input, Outcome, Overlay};
use crate::tui::theme::Role;

const WIDTH: u16 = 76;

/// What can be recorded of an entry.
#[derive(Clone, Debug)]
pub struct RecordMenu {
    entry: EntryId,
    name: String,
    state: String,
    inventory: Arc<Inventory>,
    system: Timestamp,
    choices: Vec<Choice>,
    list: MenuList,
}

impl RecordMenu {
    /// What can be recorded of an entry where it stands. `system` is the system's time.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Arc<Inventory>, system: Timestamp) -> Self {
        let found = by_hand::recordable(entry, inventory, system);
        let above = found.events.len() + found.submitted.len();
        let table = inventory.lifecycle_of(entry);
        // Where nothing can happen, the cursor is not on a correction that nobody asked for.
        let now = found.states.iter().position(|state| state.is_now);
        let begin = if above == 0 {
            now.unwrap_or_default()
        } else {
            0
        };
        let provider = provider(entry, inventory);
        let parts = Parts {
            entry,
            provider: &provider,
            table: table.map(AsRef::as_ref),
        };
        let (list, choices) = parts.menu(found);
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            state: inventory.row(entry, system).state,
            inventory: inventory.clone(),
            system,
            choices,
            list: list.beginning_at_line(begin),
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => Outcome::Close,
            Some(Move::Press) => self.choose(),
            Some(Move::Next) => {
                self.list.go_to_part(true);
                Outcome::Stay
            }
            Some(Move::Previous) => {
                self.list.go_to_part(false);
                Outcome::Stay
            }
            Some(step) => {
                self.list.go(step);
                Outcome::Stay
            }
            None => Outcome::Stay,
        }
    }

    fn choose(&self) -> Outcome {
        let asked = self.choices.get(self.list.at()).and_then(|choice| {
            let Choice { what, title, says } = choice.clone();
            ask(
                what,
                &title,
                &says,
                &self.entry,
                &self.inventory,
                self.system,
            )
        });
        asked.map_or(Outcome::Close, |overlay| Outcome::Ask(Box::new(overlay)))
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Menu
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let dot = look.symbols.separator;
        let title = format!(
            "Record {dot} {} {dot} {} {dot} by hand",
            self.name, self.state
        );
        sheet::draw(
            frame,
            area,
            look,
            &titled(false, &title, look.symbols),
            WIDTH,
            |columns| Sheet {
                body: self.body(look, columns),
                hints: look.hints(Scope::Menu, columns),
                ..Sheet::default()
            },
        );
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        if !self.choices.is_empty() {
            return self.list.body(look, columns);
        }
        let says = "Nothing can be recorded here: the account or its lifecycle is missing, or it is \
                    read-only.";
        Body {
            lines: look.paragraph(says, columns, Role::Text),
            ..Body::default()
        }
    }
}

/// The form for a record, or where nothing has to be given the question before it. `None` if the
/// entry is gone.
pub(super) fn ask(
    what: Recorded,
    title: &str,
    says: &str,
    entry: &EntryId,
    inventory: &Arc<Inventory>,
    system: Timestamp,
) -> Option<Overlay> {
    let held = inventory.entries.get(entry)?;
    let title = format!("Record by hand: {title} · {}", held.name());
    let sent = "You write down what you saw; nothing is sent.";
    let words = RecordWords {
        title: title.clone(),
        introduction: format!("{says} {sent}").trim().to_owned(),
    };
    if let Some(form) = RecordForm::of(what.clone(), words, entry, inventory, system) {
        return Some(Overlay::Record(Box::new(form)));
    }
    let question = Question {
        title,
        text: format!("{says} {sent}").trim().to_owned(),
        submit: "Record it".to_owned(),
        keep: "Not now".to_owned(),
        sandbox: false,
        danger: Danger::Asks,
        name: held.name().to_owned(),
    };
    let record = Record {
        entry: entry.clone(),
        what,
        with: Particulars::default(),
        seen_state: inventory.standing_key(&held, system),
    };
    let command = Command::Record(Box::new(record));
    Some(Overlay::Confirm(Box::new(Confirm::new(question, command))))
}

/// The form for what describes an entry; `None` if it is gone, or the table of its lifecycle is.
#[must_use]
pub fn describe(entry: &EntryId, inventory: &Arc<Inventory>, system: Timestamp) -> Option<Overlay> {
    let held = inventory.entries.get(entry)?;
    let words = RecordWords {
        title: format!("Order and product, by hand · {}", held.name()),
        introduction: "Nothing moves: what is known of it is put right. What you empty is taken \
                       away."
            .to_owned(),
    };
    let form = RecordForm::of(Recorded::Described, words, entry, inventory, system)?;
    Some(Overlay::Record(Box::new(form)))
}

/// Whose panel it is.
pub(super) fn provider(entry: &Entry, inventory: &Inventory) -> String {
    inventory
        .lifecycle_of(entry)
        .map_or_else(|| entry.account.clone(), |table| table.provider.clone())
}
