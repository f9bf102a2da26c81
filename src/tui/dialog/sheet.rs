//! The common shape of dialogs: a frame with a title, a body that scrolls, and a foot that stays
//! in sight: buttons, and a line of hints where there is room.
//!
//! Draws only. Called by the dialogs beside it and by the order form.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::tui::look::{Body, Look, split_bottom};

/// Lines above and below the inside of a frame.
const FRAME: u16 = 2;

/// What a dialog shows, laid out for a known width.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Sheet {
    /// What scrolls.
    pub(in crate::tui) body: Body,
    /// What stays in sight.
    pub(in crate::tui) foot: Vec<Line<'static>>,
    /// Keys, shown where there is room for them.
    pub(in crate::tui) hints: Line<'static>,
}

/// Draws a dialog, at most `width` wide; `lay_out` gets the columns that there are inside.
pub(in crate::tui) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    look: &Look<'_>,
    title: &str,
    width: u16,
    lay_out: impl Fn(usize) -> Sheet,
) {
    let sheet = lay_out(columns_inside(width.min(area.width)));
    let wanted = lines(&sheet.body.lines) + lines(&sheet.foot) + FRAME;
    // A gap before the foot and a line of hints, where there is room for both.
    let gap = u16::from(!sheet.foot.is_empty());
    let spacious = wanted.saturating_add(gap + 1) <= area.height || area.height >= 10;
    let extra = if spacious { gap + 1 } else { 0 };
    let inner = look.dialog(frame, area, (width, wanted.saturating_add(extra)), title);
    let (inner, hints) = split_bottom(inner, u16::from(spacious));
    let (inner, foot) = split_bottom(inner, lines(&sheet.foot));
    let (body, _) = split_bottom(inner, if spacious { gap } else { 0 });
    look.scrolled(frame, body, &sheet.body);
    frame.render_widget(Paragraph::new(sheet.foot), foot);
    frame.render_widget(Paragraph::new(sheet.hints), hints);
}

/// The columns inside a frame so wide, with the air that the frame leaves.
fn columns_inside(width: u16) -> usize {
    let inside = width.saturating_sub(FRAME);
    usize::from(if inside < 24 { inside } else { inside - 2 })
}

fn lines(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX / 2)
}

/// A focus that goes round a number of things.
pub(in crate::tui) fn round(focus: usize, count: usize, forward: bool) -> usize {
    if count == 0 {
        return 0;
    }
    (focus + if forward { 1 } else { count - 1 }) % count
}
