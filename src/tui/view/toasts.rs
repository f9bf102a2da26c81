//! Short messages over the lower right corner, just above the hints.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

use super::list::padded;
use crate::engine::command::Tone;
use crate::tui::look::{Look, wrap};
use crate::tui::model::{Model, Toast};
use crate::tui::theme::Role;

/// How wide a message is at most.
const WIDEST: u16 = 64;

/// Draws the newest messages, the newest at the bottom, as many as there is room for.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let width = area.width.min(WIDEST);
    if width < 8 {
        return;
    }
    let mut bottom = area.bottom();
    for toast in model.toasts.shown().iter().rev() {
        let lines = lines(toast, usize::from(width), look);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        // At least half of the screen stays free for what the person was doing.
        if bottom.saturating_sub(height) < area.y + area.height / 2 && bottom < area.bottom() {
            return;
        }
        let height = height.min(bottom.saturating_sub(area.y));
        let place = Rect {
            x: area.right() - width,
            y: bottom - height,
            width,
            height,
        };
        frame.render_widget(Clear, place);
        frame.render_widget(
            Paragraph::new(lines).style(look.style(role(toast.tone))),
            place,
        );
        bottom -= height;
    }
}

fn lines(toast: &Toast, width: usize, look: &Look<'_>) -> Vec<Line<'static>> {
    let sign = match toast.tone {
        Tone::Good => look.symbols.live,
        Tone::Plain => look.symbols.separator,
        Tone::Warning => look.symbols.action_needed,
        Tone::Bad => look.symbols.failed,
    };
    let text = wrap(&toast.says, width.saturating_sub(4));
    let line = |(index, text): (usize, String)| {
        let sign = if index == 0 { sign } else { " " };
        Line::from(padded(&format!(" {sign} {text}"), width))
    };
    text.into_iter().enumerate().map(line).collect()
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Good => Role::ToastGood,
        Tone::Plain => Role::Toast,
        Tone::Warning | Tone::Bad => Role::ToastBad,
    }
}
