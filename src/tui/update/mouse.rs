//! What the mouse does. Nothing needs it; everything it does, keys do too.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::tui::layout::Focus;
use crate::tui::message::Effect;
use crate::tui::model::Model;
use crate::tui::view::position_at;

/// How far the wheel scrolls the details.
const WHEEL_LINES: usize = 3;

/// Clicks select and focus, the wheel scrolls what it is over. Dialogs are for keys alone, so that
/// no stray click confirms anything.
pub(super) fn handle(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.layer.is_some() {
        return Vec::new();
    }
    let at = Position::new(event.column, event.row);
    let screen = model.screen();
    let over_list = screen.list.contains(at);
    let over_details = screen.details.contains(at);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) if over_list => click_list(model, at),
        MouseEventKind::Down(MouseButton::Left) if over_details => model.focus = Focus::Details,
        MouseEventKind::ScrollDown if over_list => model.list.step(1),
        MouseEventKind::ScrollUp if over_list => model.list.step(-1),
        MouseEventKind::ScrollDown if over_details => {
            model.details.scroll = model.details.scroll.saturating_add(WHEEL_LINES);
        }
        MouseEventKind::ScrollUp if over_details => {
            model.details.scroll = model.details.scroll.saturating_sub(WHEEL_LINES);
        }
        _ => {}
    }
    Vec::new()
}

fn click_list(model: &mut Model, at: Position) {
    model.focus = Focus::List;
    let inside = model.screen().list_inside();
    if !inside.contains(at) {
        return;
    }
    if let Some(position) = position_at(model, usize::from(at.y - inside.y)) {
        model.list.select(position);
    }
}
