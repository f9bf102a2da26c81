//! The pieces that fields are drawn with: choices, a line of text, a few lines of a longer text.
//!
//! Draws only. Each piece knows the columns it has and where the text cursor is in it.

use ratatui::text::{Line, Span};

use super::text_input::{TextArea, TextLine};
use crate::domain::text;
use crate::tui::look::{Body, Button, Look};
use crate::tui::theme::Role;

/// Lines of a long list or text that are shown at once.
const SHOWN: usize = 5;

/// A drawn field.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) lines: Vec<Line<'static>>,
    /// Where the text cursor is: line and column.
    pub(super) cursor: Option<(usize, usize)>,
}

/// Choices side by side, over several lines where they do not fit.
pub(super) fn choices(
    look: &Look<'_>,
    labels: &[&str],
    chosen: usize,
    focused: bool,
    columns: usize,
) -> Piece {
    let mut lines = vec![Line::default()];
    let mut used = 0;
    for (index, label) in labels.iter().enumerate() {
        let span = choice(look, label, index == chosen, focused, columns);
        if used > 0 && used + 2 + span.width() > columns {
            lines.push(Line::default());
            used = 0;
        }
        let air = if used > 0 { 2 } else { 0 };
        used += air + span.width();
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::raw(" ".repeat(air)));
            line.push_span(span);
        }
    }
    Piece {
        lines,
        cursor: None,
    }
}

/// Choices below each other; of many, those around the chosen one.
pub(super) fn list(
    look: &Look<'_>,
    labels: &[String],
    chosen: usize,
    focused: bool,
    columns: usize,
) -> Piece {
    let (first, last) = around(chosen, labels.len());
    let mut lines = Vec::new();
    lines.extend(more(look, first, "above", columns));
    for (index, label) in labels.iter().enumerate().take(last).skip(first) {
        let span = choice(look, label, index == chosen, focused, columns);
        lines.push(Line::from(span));
    }
    lines.extend(more(look, labels.len() - last, "below", columns));
    Piece {
        lines,
        cursor: None,
    }
}

fn choice(
    look: &Look<'_>,
    label: &str,
    chosen: bool,
    focused: bool,
    columns: usize,
) -> Span<'static> {
    let mark = if chosen { "(x) " } else { "( ) " };
    let role = match (chosen, focused) {
        (true, true) => Role::FieldFocused,
        (true, false) => Role::Field,
        (false, _) => Role::Dim,
    };
    look.span(&format!("{mark}{label}"), columns, role)
}

/// A line to type in; while it is empty it says what it expects.
pub(super) fn line(
    look: &Look<'_>,
    typed: &TextLine,
    expects: &str,
    focused: bool,
    columns: usize,
) -> Piece {
    if typed.is_empty() {
        return placeholder(look, expects, focused, columns);
    }
    let (line, cursor) = text_line(look, typed, focused, columns);
    Piece {
        lines: vec![line],
        cursor: focused.then_some((0, cursor)),
    }
}

/// Several lines to type in; of many, those around the cursor.
pub(super) fn area(
    look: &Look<'_>,
    typed: &TextArea,
    expects: &str,
    focused: bool,
    columns: usize,
) -> Piece {
    let all = typed.lines();
    if all.len() == 1 && all.iter().all(TextLine::is_empty) {
        return placeholder(look, expects, focused, columns);
    }
    let row = if focused { typed.row() } else { 0 };
    let (first, last) = around(row, all.len());
    let mut piece = Piece::default();
    piece.lines.extend(more(look, first, "above", columns));
    for (index, line) in all.iter().enumerate().take(last).skip(first) {
        let (line, cursor) = text_line(look, line, focused, columns);
        if focused && index == row {
            piece.cursor = Some((piece.lines.len(), cursor));
        }
        piece.lines.push(line);
    }
    let below = all.len() - last;
    piece.lines.extend(more(look, below, "below", columns));
    piece
}

fn placeholder(look: &Look<'_>, expects: &str, focused: bool, columns: usize) -> Piece {
    Piece {
        lines: vec![look.line(expects, columns, Role::Placeholder)],
        cursor: focused.then_some((0, 0)),
    }
}

fn text_line(
    look: &Look<'_>,
    typed: &TextLine,
    focused: bool,
    columns: usize,
) -> (Line<'static>, usize) {
    let role = if focused {
        Role::FieldFocused
    } else {
        Role::Field
    };
    let window = typed.window(columns, look.symbols.ellipsis);
    let line = Line::styled(window.shown, look.style(role));
    (line, window.cursor)
}

/// The part of a long list that is shown: around one line of it.
fn around(at: usize, count: usize) -> (usize, usize) {
    let first = at
        .saturating_sub(SHOWN / 2)
        .min(count.saturating_sub(SHOWN));
    (first, (first + SHOWN).min(count))
}

fn more(look: &Look<'_>, count: usize, side: &str, columns: usize) -> Option<Line<'static>> {
    let says = format!("{} {count} more {side}", look.symbols.ellipsis);
    (count > 0).then(|| look.line(&says, columns, Role::Dim))
}

/// A field under or beside its label, which begins at a column (`indent`) of all the `columns`.
pub(super) fn labelled(
    look: &Look<'_>,
    label: &str,
    piece: Piece,
    focused: bool,
    (columns, indent): (usize, usize),
    body: &mut Body,
) {
    let first = body.lines.len();
    let label = label_line(look, label, focused, columns);
    let beside = label_fits(indent);
    let mut piece_first = first;
    if !beside {
        body.push(label.clone());
        piece_first += 1;
    }
    for (index, line) in piece.lines.into_iter().enumerate() {
        let start = if beside && index == 0 {
            label.clone()
        } else {
            Line::default()
        };
        body.push(joined(start, line, indent));
    }
    if focused {
        body.focus_from(first);
        body.cursor = piece
            .cursor
            .map(|(line, column)| (piece_first + line, column + indent));
    }
}

/// Fields that begin this far to the left have their labels above them.
fn label_fits(indent: usize) -> bool {
    indent > 2
}

fn label_line(look: &Look<'_>, label: &str, focused: bool, columns: usize) -> Line<'static> {
    let (sign, role) = if focused {
        (look.symbols.selected, Role::Accent)
    } else {
        (" ", Role::Dim)
    };
    look.line(&format!("{sign}{label}"), columns, role)
}

/// A line behind another one, beginning at a column.
fn joined(start: Line<'static>, line: Line<'static>, indent: usize) -> Line<'static> {
    let air = indent.saturating_sub(start.width());
    let mut whole = start;
    whole.push_span(Span::raw(" ".repeat(air)));
    for span in line.spans {
        let style = line.style.patch(span.style);
        whole.push_span(Span::styled(span.content, style));
    }
    whole
}

/// A single button.
pub(super) fn button(look: &Look<'_>, label: &str, focused: bool, room: usize) -> Piece {
    let buttons = [Button::calm(label)];
    Piece {
        lines: look.buttons(&buttons, focused.then_some(0), room),
        cursor: None,
    }
}

/// What is wrong, with a sign in front of each sentence.
pub(super) fn problems<'a>(
    look: &Look<'_>,
    says: impl Iterator<Item = &'a str>,
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut left_out = 0;
    for says in says {
        if lines.len() > 2 * SHOWN {
            left_out += 1;
            continue;
        }
        let says = format!("{} {}", look.symbols.failed, capital(says));
        lines.extend(look.paragraph(&says, columns, Role::Bad));
    }
    lines.extend(more(look, left_out, "of this kind", columns));
    lines
}

/// The sentence with a capital letter, unless it begins with somebody's name.
fn capital(says: &str) -> String {
    let mut letters = says.chars();
    match (letters.next(), says.split(' ').next()) {
        (Some(first), Some(word)) if !word.contains('.') && text::is_clean(word) => {
            format!("{}{}", first.to_uppercase(), letters.as_str())
        }
        _ => says.to_owned(),
    }
}
