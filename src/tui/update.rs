//! What every message does to the model, and which effects come of it.
//!
//! Pure: no clock, no I/O, nothing waited for. The runtime calls it with each message and carries
//! out what comes back; tests replay whole sessions with it. Split by the part of the screen.

mod accounts;
mod actions;
mod background;
mod bulk;
mod details;
mod keys;
mod list;
mod locked;
mod mouse;
mod overlay;
mod probing;
mod timeline;
mod unsettled;

use super::message::{Effect, Message};
use super::model::{Layer, Model};
use super::overlay::Input;

/// Takes one message in.
#[must_use]
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let before = model.list.selected.clone();
    let mut effects = handle(model, message);
    if model.list.selected != before {
        model.details.leave();
    }
    details::load(model, &mut effects);
    settle(model);
    effects.extend(model.list.take_work().map(Box::new).map(Effect::Arrange));
    effects
}

fn handle(model: &mut Model, message: Message) -> Vec<Effect> {
    if let Message::Clock(now) = message {
        model.now = now;
        return Vec::new();
    }
    if !matches!(message, Message::Tick(_)) {
        model.stale = true;
    }
    match message {
        Message::Key(event) => keys::press(model, event),
        Message::Paste(text) => overlay::paste(model, text),
        Message::Mouse(event) => mouse::handle(model, event),
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            // Between two sizes a terminal may have cut or moved anything, also when it ends up
            // as large as it was before.
            vec![Effect::Redraw]
        }
        Message::Counted(line) => overlay::input(model, &Input::Timeline(line)),
        Message::Offers(offers) => overlay::open_order(model, offers),
        Message::File(answer) => overlay::file(model, answer),
        Message::Terminate => vec![Effect::Quit],
        other => background::handle(model, other),
    }
}

/// Brings what depends on the size of the screen back within it.
fn settle(model: &mut Model) {
    model.look_at_selected();
    let screen = model.screen();
    let rows = usize::from(screen.list_inside().height);
    model.list.scroll_to_cursor(rows);
    details::clamp_scroll(model);
    let gone = match &model.layer {
        Some(Layer::Actions(menu)) => model.inventory.get(&menu.entry).is_none(),
        _ => false,
    };
    if gone {
        model.layer = None;
    }
}
