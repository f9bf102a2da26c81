//! Contract only so far.

use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Contract only so far.
#[derive(Clone, Debug)]
pub struct InvoiceDialog {}

impl InvoiceDialog {
    /// The invoice of an entry; `None` if it has none. `system` is the system's time.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Option<Self> {
        let _ = (entry, inventory, system);
        None
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        let _ = input;
        Outcome::Close
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let _ = (frame, area, look);
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Dialog
    }
}
