//! The order form. Contract only so far.

pub(in crate::tui) mod text_input;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::inventory::Inventory;
use crate::engine::command::Offer;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use ratatui::Frame;
use ratatui::layout::Rect;

/// The order form.
#[derive(Clone, Debug)]
pub struct OrderFormScreen {}

impl OrderFormScreen {
    /// An empty form. `offers` holds what each account sells, by account; accounts without offers
    /// and read-only ones are not offered.
    #[must_use]
    pub fn new(inventory: Arc<Inventory>, offers: BTreeMap<String, Vec<Offer>>) -> Self {
        let _ = (inventory, offers);
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
