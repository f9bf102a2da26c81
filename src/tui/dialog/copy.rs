//! Contract only so far.

use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::engine::command::Details;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Contract only so far.
#[derive(Clone, Debug)]
pub struct CopyMenu {}

impl CopyMenu {
    /// What can be copied of an entry; `details` may still be loading.
    #[must_use]
    pub fn of(entry: &Entry, details: Option<&Details>, inventory: &Inventory) -> Self {
        let _ = (entry, details, inventory);
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
