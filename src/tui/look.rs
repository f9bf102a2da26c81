//! How the panel looks: theme, signs and keys together, and the few drawing steps that every
//! screen shares: the dialog's frame, buttons, wrapped and fitted text, a scrolled body.
//!
//! Draws and decides nothing. All text of others goes through [`Look::fit`] or [`wrap`], which
//! make it harmless. Called by the views only.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::keymap::{Binding, Keymap, Scope};
use super::symbols::Symbols;
use super::theme::{Role, Theme};
use super::ui_action::UiAction;
use crate::domain::lifecycle::Phase;
use crate::domain::text;
pub use crate::domain::wrap::wrap;

/// What every view needs to draw.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The style of each role.
    pub theme: &'a Theme,
    /// The signs.
    pub symbols: &'a Symbols,
    /// The keys, for hints and help.
    pub keymap: &'a Keymap,
}

/// One button of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button<'a> {
    /// What is written on it.
    pub label: &'a str,
    /// Whether it does something that cannot be undone.
    pub danger: bool,
}

impl<'a> Button<'a> {
    /// A button that is harmless.
    #[must_use]
    pub fn calm(label: &'a str) -> Self {
        Self {
            label,
            danger: false,
        }
    }
}

/// The lines of a scrolled area, and which of them must be in sight.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Every line.
    pub lines: Vec<Line<'static>>,
    /// The first and the last line that must be in sight, counted from 0.
    pub focus: Option<(usize, usize)>,
    /// The first line to draw, where nothing has the focus; never beyond the last screenful.
    pub top: usize,
    /// Where the text cursor stands: line and column, both counted from 0.
    pub cursor: Option<(usize, usize)>,
}

impl Body {
    /// Adds a line.
    pub fn push(&mut self, line: impl Into<Line<'static>>) {
        self.lines.push(line.into());
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.lines.push(Line::default());
    }

    /// Says that the lines from `first` to the last one so far must be in sight.
    pub fn focus_from(&mut self, first: usize) {
        self.focus = Some((first, self.lines.len().saturating_sub(1).max(first)));
    }
}

impl Look<'_> {
    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The text, harmless and at most `columns` wide; what was cut is marked.
    #[must_use]
    pub fn fit(&self, raw: &str, columns: usize) -> String {
        let mark = self.symbols.ellipsis.chars().next().unwrap_or('~');
        text::fit_with(&text::sanitise(raw), columns, mark).into_owned()
    }

    /// Fitted text in the style of a role.
    #[must_use]
    pub fn span(&self, raw: &str, columns: usize, role: Role) -> Span<'static> {
        Span::styled(self.fit(raw, columns), self.style(role))
    }

    /// A whole line of fitted text in the style of a role.
    #[must_use]
    pub fn line(&self, raw: &str, columns: usize, role: Role) -> Line<'static> {
        Line::from(self.span(raw, columns, role))
    }

    /// Text over as many lines as it needs.
    #[must_use]
    pub fn paragraph(&self, raw: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
        let style = self.style(role);
        wrap(raw, columns)
            .into_iter()
            .map(|line| Line::styled(line, style))
            .collect()
    }

    /// The sign and the role of a phase; no phase is an unknown state.
    #[must_use]
    pub fn phase(&self, phase: Option<Phase>) -> (&'static str, Role) {
        let signs = self.symbols;
        match phase {
            Some(Phase::ActionNeeded) => (signs.action_needed, Role::PhaseActionNeeded),
            Some(Phase::InProgress) => (signs.in_progress, Role::PhaseInProgress),
            Some(Phase::Live) => (signs.live, Role::PhaseLive),
            Some(Phase::WindingDown) => (signs.winding_down, Role::PhaseWindingDown),
            Some(Phase::Ended) => (signs.ended, Role::PhaseEnded),
            Some(Phase::Failed) => (signs.failed, Role::PhaseFailed),
            None => ("?", Role::Dim),
        }
    }

    /// Clears a centred area of at most this size, frames it and gives back what is inside.
    /// A title beginning with [`SANDBOX`] says so in the sandbox's own style.
    pub fn dialog(&self, frame: &mut Frame<'_>, area: Rect, size: (u16, u16), title: &str) -> Rect {
        let outer = centred(area, size.0, size.1);
        frame.render_widget(Clear, outer);
        let block = self.block(title, outer.width, true);
        let inner = padded(block.inner(outer));
        frame.render_widget(block, outer);
        inner
    }

    /// A frame with a title, for an area so wide.
    #[must_use]
    pub fn block(&self, title: &str, width: u16, focused: bool) -> Block<'static> {
        let role = if focused {
            Role::BorderFocused
        } else {
            Role::Border
        };
        // Two corners, and a blank on each side of the title.
        let room = usize::from(width).saturating_sub(4);
        let block = Block::bordered()
            .border_set(self.symbols.border)
            .border_style(self.style(role))
            .style(self.style(Role::Text));
        if room == 0 || title.is_empty() {
            return block;
        }
        block.title(self.title(title, room))
    }

    fn title(&self, title: &str, room: usize) -> Line<'static> {
        let title = title.replace(" · ", &format!(" {} ", self.symbols.separator));
        let fitted = self.fit(&title, room);
        let (mark, rest) = match fitted.strip_prefix(SANDBOX) {
            Some(rest) => (SANDBOX, rest.to_owned()),
            None => ("", fitted),
        };
        Line::from(vec![
            Span::raw(" "),
            Span::styled(mark, self.style(Role::Sandbox)),
            Span::styled(rest, self.style(Role::Title)),
            Span::raw(" "),
        ])
    }

    /// A row of buttons, over several lines where they do not fit side by side. The focused one
    /// stands between pointers, so that it is known without colours.
    #[must_use]
    pub fn buttons(
        &self,
        buttons: &[Button<'_>],
        focused: Option<usize>,
        width: usize,
    ) -> Vec<Line<'static>> {
        let mut lines = vec![Line::default()];
        let mut used = 0;
        for (index, button) in buttons.iter().enumerate() {
            let span = self.button(*button, focused == Some(index), width);
            if used > 0 && used + 2 + span.width() > width {
                lines.push(Line::default());
                used = 0;
            }
            let Some(line) = lines.last_mut() else {
                continue;
            };
            if used > 0 {
                line.push_span(Span::raw("  "));
                used += 2;
            }
            used += span.width();
            line.push_span(span);
        }
        lines
    }

    fn button(&self, button: Button<'_>, focused: bool, width: usize) -> Span<'static> {
        let label = self.fit(button.label, width.saturating_sub(6));
        let role = match (focused, button.danger) {
            (true, true) => Role::ButtonDanger,
            (true, false) => Role::ButtonFocused,
            (false, _) => Role::Button,
        };
        let drawn = if focused {
            format!("[> {label} <]")
        } else {
            format!("[  {label}  ]")
        };
        Span::styled(text::fit(&drawn, width).into_owned(), self.style(role))
    }

    /// The keys of a scope that the table gives a hint for, with the words of that hint. What a
    /// menu does to an entry stands on its lines, not in its hints.
    #[must_use]
    pub fn hints(&self, scope: Scope, width: usize) -> Line<'static> {
        self.hints_but(scope, None, width)
    }

    /// The same without what does nothing here.
    #[must_use]
    pub fn hints_but(&self, scope: Scope, not: Option<UiAction>, width: usize) -> Line<'static> {
        self.hints_where(scope, width, |action| {
            let of_entry = scope == Scope::Menu && matches!(action, UiAction::Do(_));
            !of_entry && Some(action) != not
        })
    }

    /// The hints of a scope for those actions alone that are `apt`.
    #[must_use]
    pub fn hints_where(
        &self,
        scope: Scope,
        width: usize,
        apt: impl Fn(UiAction) -> bool,
    ) -> Line<'static> {
        let mut line = Line::default();
        let rows = self.keymap.for_scope(scope);
        for row in rows.filter(|row: &&Binding| apt(row.action)) {
            let (Some(hint), Some(key)) = (&row.hint, row.key_label()) else {
                continue;
            };
            let key = self.span(&key, width, Role::Key);
            let hint = self.span(&format!(" {hint}  "), width, Role::Hint);
            if line.width() + key.width() + hint.width() > width + 2 {
                break;
            }
            line.push_span(key);
            line.push_span(hint);
        }
        line
    }

    /// Draws a body, scrolled so far that what must be in sight is; signs at the right edge say
    /// whether there is more. Gives back the first line that was drawn.
    pub fn scrolled(&self, frame: &mut Frame<'_>, area: Rect, body: &Body) -> usize {
        let height = usize::from(area.height);
        if height == 0 || area.width == 0 {
            return 0;
        }
        let top = scroll_to(body, height);
        let shown: Vec<_> = body.lines.iter().skip(top).take(height).cloned().collect();
        frame.render_widget(Paragraph::new(shown), area);
        self.more_signs(frame, area, top, body.lines.len());
        place_cursor(frame, area, top, body.cursor);
        top
    }

    fn more_signs(&self, frame: &mut Frame<'_>, area: Rect, top: usize, total: usize) {
        let right = area.right().saturating_sub(1);
        let last = area.bottom().saturating_sub(1);
        let signs = [
            (top > 0, area.y, self.symbols.up),
            (
                total > top + usize::from(area.height),
                last,
                self.symbols.down,
            ),
        ];
        for (more, row, sign) in signs {
            if more && let Some(cell) = frame.buffer_mut().cell_mut(Position::new(right, row)) {
                cell.set_symbol(sign).set_style(self.style(Role::Accent));
            }
        }
    }
}

/// How titles of the sandbox's dialogs begin.
pub const SANDBOX: &str = "sandbox";

/// A dialog's title, marked where it is the sandbox's.
#[must_use]
pub fn titled(sandbox: bool, title: &str, symbols: &Symbols) -> String {
    if sandbox {
        format!("{SANDBOX} {} {title}", symbols.separator)
    } else {
        title.to_owned()
    }
}

/// An area of this size in the middle of another, never larger than that.
#[must_use]
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// One column of air on each side, where there is room for it.
fn padded(area: Rect) -> Rect {
    if area.width < 24 {
        return area;
    }
    Rect {
        x: area.x + 1,
        width: area.width - 2,
        ..area
    }
}

/// Cuts the top `height` lines off an area: those, and the rest.
#[must_use]
pub fn split_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let top = Rect { height, ..area };
    let rest = Rect {
        y: area.y + height,
        height: area.height - height,
        ..area
    };
    (top, rest)
}

/// Cuts the bottom `height` lines off an area: the rest, and those.
#[must_use]
pub fn split_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    split_top(area, area.height.saturating_sub(height))
}

/// The first line to draw so that the focus is in sight; its beginning where it is too tall, but
/// never without the cursor.
fn scroll_to(body: &Body, height: usize) -> usize {
    let latest = body.lines.len().saturating_sub(height);
    let Some((first, last)) = body.focus else {
        return body.top.min(latest);
    };
    let showing = |line: usize| (line + 1).saturating_sub(height);
    let cursor = body.cursor.map_or(0, |(line, _)| showing(line));
    // One line of what follows, where there is room, shows that something does.
    let wanted = showing(last + 1).min(first);
    wanted.max(cursor).min(latest)
}

fn place_cursor(frame: &mut Frame<'_>, area: Rect, top: usize, cursor: Option<(usize, usize)>) {
    let Some((line, column)) = cursor else { return };
    let row = line
        .checked_sub(top)
        .and_then(|row| u16::try_from(row).ok());
    let (Some(row), Ok(column)) = (row, u16::try_from(column)) else {
        return;
    };
    if row < area.height && column < area.width {
        frame.set_cursor_position(Position::new(area.x + column, area.y + row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_in_the_middle_never_leaves_its_frame() {
        let frame = Rect::new(3, 4, 10, 5);
        assert_eq!(centred(frame, 4, 3), Rect::new(6, 5, 4, 3));
        assert_eq!(centred(frame, 40, 30), frame);
        assert_eq!(centred(Rect::ZERO, 4, 3), Rect::ZERO);
    }

    #[test]
    fn a_body_scrolls_no_further_than_it_must() {
        let body = |focus, cursor| Body {
            lines: vec![Line::default(); 20],
            focus,
            cursor,
            top: 0,
        };
        for (focus, cursor, height, top) in [
            (None, None, 5, 0),
            (Some((0, 1)), None, 5, 0),
            (Some((9, 9)), None, 5, 6),
            (Some((19, 19)), None, 5, 15),
            // What is taller than the screen begins at its top, unless the cursor is further down.
            (Some((4, 12)), None, 5, 4),
            (Some((4, 12)), Some((10, 0)), 5, 6),
        ] {
            assert_eq!(scroll_to(&body(focus, cursor), height), top, "{focus:?}");
        }
    }
}
