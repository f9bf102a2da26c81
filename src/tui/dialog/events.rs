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
use crate::domain::account::ZoneStatus;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::{Account, Inventory};
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
    account: String,
    /// Where the account's zone can move, for entries that live in one.
    zones: Vec<ZoneStatus>,
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
        let zones = zones(entry, inventory);
        let of_zone = zones
            .iter()
            .map(|status| zone_item(*status, &entry.account));
        let list = MenuList::new(items.chain(of_zone).collect());
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            state: about::standing(entry, inventory, system).0,
            account: entry.account.clone(),
            list,
            events,
            zones,
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
        let at = self.list.at();
        if let Some(event) = self.events.get(at) {
            return Outcome::Run(Command::Play {
                entry: self.entry.clone(),
                event: event.id.clone(),
            });
        }
        let zone = at.checked_sub(self.events.len());
        let zone = zone.and_then(|at| self.zones.get(at));
        zone.map_or(Outcome::Close, |status| {
            Outcome::Run(Command::Zone {
                account: self.account.clone(),
                status: *status,
            })
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
        if !self.list.items.is_empty() {
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

/// Where the zone of an entry's account can move in the sandbox; nowhere where its entries live in
/// none.
fn zones(entry: &Entry, inventory: &Inventory) -> Vec<ZoneStatus> {
    let has_zone = inventory
        .lifecycle_of(entry)
        .is_some_and(|table| table.zone);
    if !has_zone || !about::is_sandbox(entry, inventory) {
        return Vec::new();
    }
    let account = inventory.accounts.get(&entry.account);
    let now = account.and_then(Account::zone_status);
    let moves = [ZoneStatus::Active, ZoneStatus::Pending, ZoneStatus::Moved];
    moves
        .into_iter()
        .filter(|status| now != Some(*status))
        .collect()
}

fn zone_item(status: ZoneStatus, account: &str) -> Item {
    let label = match status {
        ZoneStatus::Active => "The zone becomes active",
        ZoneStatus::Pending => "The zone is pending",
        ZoneStatus::Moved => "The zone moves away",
        ZoneStatus::Initializing => "The zone is set up anew",
    };
    Item {
        label: label.to_owned(),
        detail: format!("for everything of {account}"),
    }
}
