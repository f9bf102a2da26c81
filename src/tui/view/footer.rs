//! The bar at the bottom: the keys that make sense here, and what is under way.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::tui::look::Look;
use crate::tui::model::{Layer, Model};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

/// On more rows than this, dialogs show their hints themselves.
const HIGH_ENOUGH: u16 = 10;

/// Draws the bar.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let width = usize::from(area.width);
    let under_way = under_way(model, width / 2, look);
    let room = width.saturating_sub(under_way.width() + 1);
    let mut line = Line::from(" ");
    line.extend(hints(model, room, look));
    frame.render_widget(Paragraph::new(line), area);
    let taken = u16::try_from(under_way.width())
        .unwrap_or(area.width)
        .min(area.width);
    let place = Rect {
        x: area.right() - taken,
        width: taken,
        ..area
    };
    frame.render_widget(Paragraph::new(under_way), place);
}

fn hints(model: &Model, room: usize, look: &Look<'_>) -> Vec<Span<'static>> {
    let mut line = if has_own_hints(model) {
        Line::default()
    } else {
        look.hints_where(model.scope(), room, |action| is_apt(model, action))
    };
    let help = look.keymap.key_label_in(model.scope(), UiAction::Help);
    // What lies over the panes would be lost behind help, so there is none.
    let help = help.filter(|_| !matches!(model.layer, Some(Layer::Overlay(_))));
    if let Some(key) = help {
        let used: usize = line.width();
        if used + key.len() + 5 <= room {
            line.push_span(look.span(&key, room, Role::Key));
            line.push_span(look.span(" help", room, Role::Hint));
        }
    }
    line.spans
}

/// What is done to an entry is a hint only where it can be done to the one with the cursor; the
/// menu says why not of all the others. In the menu itself its lines say it.
fn is_apt(model: &Model, action: UiAction) -> bool {
    match action {
        // There it goes to the entry, which the list says itself.
        UiAction::Open if matches!(model.layer, Some(Layer::Outcomes)) => false,
        UiAction::Do(_) if model.layer.is_some() => false,
        UiAction::Do(id) => model.selected_allows(id),
        UiAction::Open | UiAction::Actions => model.layer.is_some() || model.shown().is_some(),
        _ => true,
    }
}

/// A form or a dialog has its hints at its own foot, where it is high enough for that.
fn has_own_hints(model: &Model) -> bool {
    model.size.1 > HIGH_ENOUGH && matches!(model.layer, Some(Layer::Overlay(_)))
}

fn under_way(model: &Model, room: usize, look: &Look<'_>) -> Line<'static> {
    let count = model.jobs.iter().count();
    let Some(job) = model.jobs.iter().next() else {
        return Line::default();
    };
    let more = if count > 1 {
        format!(" +{}", count - 1)
    } else {
        String::new()
    };
    look.line(
        &format!(" waiting: {}{more} ", job.label),
        room,
        Role::PhaseInProgress,
    )
}
