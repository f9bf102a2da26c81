//! What the sandbox can let happen to an entry now: what it is called and where it leads.
//!
//! Only for entries that the sandbox plays; the gate sees to that before this opens.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::about::{self, EventNow};
use super::menu::{Item, MenuList};
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::engine::command::Command;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;

const WIDTH: u16 = 70;

/// What the sandbox can let happen.
#[derive(Clone, Debug)]
pub struct EventMenu {
    entry: EntryId,
    name: String,
    state: String,
    events: Vec<EventNow>,
    list: MenuList,
}

impl EventMenu {
    /// What the sandbox can let happen to an entry in the state that it is in. `system` is the
    /// system's time.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Self {
        let events = if about::is_sandbox(entry, inventory) {
            about::events_now(entry, inventory, system)
        } else {
            Vec::new()
        };
        let items = events.iter().map(|event| Item {
            label: event.label.clone(),
            detail: format!("to: {}", event.leads_to),
        });
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            state: about::standing(entry, inventory, system).0,
            list: MenuList::new(items.collect()),
            events,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => Outcome::Close,
            Some(Move::Press) => self.play(),
            Some(step) => {
                self.list.go(step);
                Outcome::Stay
            }
            None => Outcome::Stay,
        }
    }

    fn play(&self) -> Outcome {
        let Some(event) = self.events.get(self.list.at()) else {
            return Outcome::Close;
        };
        Outcome::Run(Command::Play {
            entry: self.entry.clone(),
            event: event.id.clone(),
        })
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Menu
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let dot = look.symbols.separator;
        let title = format!("Let it happen {dot} {} {dot} {}", self.name, self.state);
        let title = titled(true, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            body: self.body(look, columns),
            hints: look.hints(Scope::Menu, columns),
            ..Sheet::default()
        });
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        if !self.events.is_empty() {
            return self.list.body(look, columns);
        }
        let says = format!(
            "In the state {:?} only time or you can do something; look into the actions.",
            self.state
        );
        Body {
            lines: look.paragraph(&says, columns, Role::Text),
            ..Body::default()
        }
    }
}
