//! Opening the timeline: of what the filter shows, counted at once or beside the loop.

use std::sync::Arc;

use crate::engine::command::Tone;
use crate::tui::dialog::TimelineScreen;
use crate::tui::message::Effect;
use crate::tui::model::{AT_ONCE, Layer, Model, TimelineWork};
use crate::tui::overlay::{Input, Overlay};

/// Opens it.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if model.list.rows.is_first_page() {
        let says = "The list is still loading; ask again in a moment";
        model.toasts.push(model.now, Tone::Warning, says);
        return Vec::new();
    }
    let filter = model.list.filter.value().to_owned();
    // What is put away does not count, so a list without a filter is the whole.
    let chosen = (!filter.trim().is_empty()).then(|| model.list.visible.clone());
    let work = TimelineWork {
        rows: model.list.rows.clone(),
        chosen,
    };
    let screen = TimelineScreen::of(&filter);
    model.layer = Some(Layer::Overlay(Overlay::Timeline(screen)));
    if work.rows.len() > AT_ONCE {
        return vec![Effect::Count(Box::new(work))];
    }
    super::overlay::input(model, &Input::Timeline(Arc::new(work.run())))
}
