//! Draws the model.
//!
//! Changes nothing, knows no clock, does no I/O; the same model gives the same screen. Every text
//! of others is made harmless on its way (`Look::fit`, `wrap`). Split by the part of the screen;
//! the runtime calls [`view`] and nobody else does, besides tests.

mod ascii;
mod bulk;
mod certificate;
mod details;
mod expanded;
mod findings;
mod footer;
mod general;
mod greeting;
mod header;
mod history;
mod lifecycle;
mod list;
mod menu;
mod place;
mod probed;
mod product;
mod records;
mod sheet;
mod standing;
mod toasts;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::layout::Arrangement;
use super::look::Look;
use super::model::{Layer, Model};
pub(crate) use details::content as details_content;
pub(crate) use general::capitalised;
pub(crate) use header::speed as clock_speed;
pub(crate) use list::position_at;
pub(crate) use sheet::grouped;

impl Model {
    /// What the views draw with.
    #[must_use]
    pub fn look(&self) -> Look<'_> {
        Look {
            theme: &self.settings.theme,
            symbols: self.settings.symbols(),
            keymap: &self.settings.keymap,
        }
    }
}

/// Draws the whole screen. It keeps to the frame even where the model still believes in another
/// size, since windows shrink between two messages.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return;
    }
    let look = model.look();
    let screen = super::layout::arrange(area, model.focus, model.list_rows());
    if screen.arrangement == Arrangement::TooSmall {
        greeting::too_small(frame, area, &look);
    } else {
        header::draw(model, frame, screen.header, &look);
        list::draw(model, frame, &screen, &look);
        details::draw(model, frame, &screen, &look);
        footer::draw(model, frame, screen.footer, &look);
    }
    over_the_panes(model, frame, area, &look);
    if model.settings.ascii {
        ascii::enforce(frame.buffer_mut());
    }
}

fn over_the_panes(model: &Model, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    // The footer stays in sight: it has the hints for what lies over the panes.
    let middle = Rect {
        height: area.height.saturating_sub(1).max(area.height.min(1)),
        ..area
    };
    match &model.layer {
        Some(Layer::Actions(actions)) => menu::draw(model, actions, frame, middle, look),
        Some(Layer::Bulk(menu)) => bulk::menu(menu, frame, middle, look),
        Some(Layer::Outcomes) => {
            if let Some(outcomes) = &model.outcomes {
                bulk::outcomes(outcomes, frame, middle, look);
            }
        }
        Some(Layer::Overlay(overlay)) => overlay.view(frame, middle, look),
        None => {}
    }
    if matches!(model.layer, Some(Layer::Overlay(_))) {
        // What somebody fills in or decides stays in sight; the rest is told when it is done.
        toasts::draw_newest(model, frame, middle, look);
    } else {
        toasts::draw(model, frame, middle, look);
    }
}
