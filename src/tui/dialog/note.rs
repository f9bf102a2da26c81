//! Contract only so far.

use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Contract only so far.
#[derive(Clone, Debug)]
pub struct NotePrompt {}

impl NotePrompt {
    /// The note of an entry, to be changed.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory) -> Self {
        let _ = (entry, inventory);
        Self {}
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
