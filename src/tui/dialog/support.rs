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
pub struct SupportMail {}

impl SupportMail {
    /// The mail about an entry; `None` where the provider has no mailbox for support.
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
