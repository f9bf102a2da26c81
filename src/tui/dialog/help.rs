//! Contract only so far.

use crate::tui::keymap::Keymap;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use crate::tui::symbols::Symbols;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Contract only so far.
#[derive(Clone, Debug)]
pub struct Help {}

impl Help {
    /// Help made of the key table.
    #[must_use]
    pub fn new(keymap: &Keymap, symbols: &Symbols) -> Self {
        let _ = (keymap, symbols);
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
