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
        let lines = lines(toast, width, most(toast.tone, area), look);
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

/// How many lines the newest message may take of what lies over the panes.
const OVER: u16 = 3;

/// Draws the newest message alone and on the last lines, for as long as something lies over the
/// panes that somebody fills in or decides.
pub(super) fn draw_newest(model: &Model, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
    let width = area.width.min(WIDEST);
    let Some(toast) = model.toasts.shown().last().filter(|_| width >= 8) else {
        return;
    };
    let lines = lines(toast, width, usize::from(OVER), look);
    let height = u16::try_from(lines.len()).unwrap_or(OVER).min(area.height);
    let place = Rect {
        x: area.right() - width,
        y: area.bottom() - height,
        width,
        height,
    };
    frame.render_widget(Clear, place);
    let style = look.style(role(toast.tone));
    frame.render_widget(Paragraph::new(lines).style(style), place);
}

/// How many lines a message may take. Bad news is told whole; the rest leaves half of the screen
/// to what it speaks of.
fn most(tone: Tone, area: Rect) -> usize {
    usize::from(match tone {
        Tone::Good | Tone::Plain => area.height / 2,
        Tone::Warning | Tone::Bad => area.height,
    })
}

fn lines(toast: &Toast, width: u16, most: usize, look: &Look<'_>) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let sign = match toast.tone {
        Tone::Good => look.symbols.live,
        Tone::Plain => look.symbols.separator,
        Tone::Warning => look.symbols.action_needed,
        Tone::Bad => look.symbols.failed,
    };
    let mut text = wrap(&toast.says, width.saturating_sub(4));
    if text.len() > most {
        text.truncate(most.max(1));
        if let Some(last) = text.last_mut() {
            let marked = format!("{last} {}", look.symbols.ellipsis);
            *last = if crate::domain::text::width(&marked) <= width.saturating_sub(4) {
                marked
            } else {
                look.fit(&format!("{last}  "), width.saturating_sub(4))
            };
        }
    }
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
