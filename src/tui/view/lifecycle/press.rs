//! Rows of the drawing as lines of so many columns.
//!
//! Pure. Where there is room, states stand on the left and what is said of them in a column of its
//! own; where there is not, below. Everything is made harmless here.

use ratatui::text::{Line, Span};

use crate::domain::text;
use crate::domain::wrap::wrap;
use crate::tui::look::Look;
use crate::tui::theme::Role;

/// From this width on, what is said of states has a column of its own.
pub(super) const WIDE: usize = 56;

/// One row of the drawing; it goes over several lines where it must.
pub(super) struct Row {
    /// The rails and the sign in front.
    pub(super) rails: String,
    /// How bright the sign is, which is the last part of the rails.
    pub(super) role: Role,
    /// The rails on the lines below.
    pub(super) below: String,
    /// The state, or where a way leads.
    pub(super) label: String,
    /// What is said of it.
    pub(super) notes: Vec<Note>,
}

/// What is said of a state or a way.
pub(super) struct Note {
    /// The key that takes the step.
    pub(super) key: Option<String>,
    /// The words.
    pub(super) says: String,
    /// How bright they are.
    pub(super) role: Role,
}

impl Note {
    /// A note without a key.
    pub(super) fn of(says: String, role: Role) -> Self {
        let key = None;
        Self { key, says, role }
    }
}

/// Puts rows into lines.
pub(super) struct Press<'a> {
    look: Look<'a>,
    width: usize,
    /// Where the notes begin, where they have a column of their own.
    column: Option<usize>,
}

impl<'a> Press<'a> {
    /// A press for these rows, and for so many columns.
    pub(super) fn of(look: Look<'a>, width: usize, rows: &[Row]) -> Self {
        let beside = |row: &&Row| !row.notes.is_empty() && !row.label.is_empty();
        let widths = rows.iter().filter(beside);
        let widths = widths.map(|row| text::width(&row.rails) + text::width(&row.label));
        let widest = widths.filter(|needed| *needed + 2 <= width / 2 + 4).max();
        let column = (width >= WIDE).then(|| widest.unwrap_or(0).max(16) + 2);
        Self {
            look,
            width,
            column,
        }
    }

    /// The lines of the rows.
    pub(super) fn print(&self, rows: &[Row]) -> Vec<Line<'static>> {
        let lines = rows.iter().flat_map(|row| self.row(row));
        lines.map(|line| self.clipped(line)).collect()
    }

    fn row(&self, row: &Row) -> Vec<Line<'static>> {
        let indent = self.indent(row);
        let notes = self.notes(row, indent);
        let mut lines = self.left(row);
        let begins = lines
            .last()
            .and_then(|last| self.beside(row, last.width(), &notes));
        let mut notes = notes.into_iter();
        if let Some(at) = begins
            && let Some(last) = lines.pop()
        {
            lines.push(joined(last, at, notes.next().unwrap_or_default()));
        }
        for note in notes {
            let rails = Span::styled(row.below.clone(), self.look.style(Role::Dim));
            lines.push(joined(Line::from(rails), indent, note));
        }
        lines
    }

    /// Where the notes of a row begin, unless they stand beside the state.
    fn indent(&self, row: &Row) -> usize {
        let rails = text::width(&row.rails);
        match self.column {
            _ if row.label.is_empty() => rails,
            Some(column) => column.max(text::width(&row.below)),
            None => text::width(&row.below),
        }
    }

    /// Where the first note begins beside the state, if there is room for it.
    fn beside(&self, row: &Row, used: usize, notes: &[Line<'static>]) -> Option<usize> {
        let first = notes.first()?;
        if row.label.is_empty() {
            return Some(used);
        }
        match self.column {
            Some(column) => (used + 2 <= column).then_some(column),
            None => {
                (notes.len() == 1 && used + 2 + first.width() <= self.width).then_some(used + 2)
            }
        }
    }

    /// The rails, the sign and the state.
    fn left(&self, row: &Row) -> Vec<Line<'static>> {
        let room = self.width.saturating_sub(text::width(&row.rails)).max(1);
        let (rails, sign) = split(&row.rails);
        let (dim, bright) = (self.look.style(Role::Dim), self.look.style(row.role));
        let labels = wrap(&row.label, room).into_iter().enumerate();
        let line = |(index, label): (usize, String)| {
            let before = if index == 0 {
                vec![
                    Span::styled(rails.to_owned(), dim),
                    Span::styled(sign.to_owned(), bright),
                ]
            } else {
                vec![Span::styled(row.below.clone(), dim)]
            };
            let mut line = Line::from(before);
            line.push_span(Span::styled(label, bright));
            line
        };
        labels.map(line).collect()
    }

    /// The notes, in lines that fit where they begin.
    fn notes(&self, row: &Row, indent: usize) -> Vec<Line<'static>> {
        let room = self.width.saturating_sub(indent).max(1);
        row.notes
            .iter()
            .flat_map(|note| self.note(note, room))
            .collect()
    }

    fn note(&self, note: &Note, room: usize) -> Vec<Line<'static>> {
        let key = note
            .key
            .as_ref()
            .map_or_else(String::new, |key| format!("{key} "));
        let key = self.look.fit(&key, room.saturating_sub(4));
        let air = " ".repeat(text::width(&key));
        let says = wrap(&note.says, room.saturating_sub(air.len()).max(1));
        let line = |(index, says): (usize, String)| {
            let before = if index == 0 { key.clone() } else { air.clone() };
            Line::from(vec![
                Span::styled(before, self.look.style(Role::Key)),
                Span::styled(says, self.look.style(note.role)),
            ])
        };
        says.into_iter().enumerate().map(line).collect()
    }

    /// The line, no wider than there are columns.
    fn clipped(&self, line: Line<'static>) -> Line<'static> {
        if line.width() <= self.width {
            return line;
        }
        let mut clipped = Line::default();
        for span in line.spans {
            let room = self.width - clipped.width();
            let fitted = text::fit_with(&span.content, room, ' ').into_owned();
            clipped.push_span(Span::styled(fitted, span.style));
        }
        clipped
    }
}

/// The rails without the last sign, and that sign with what follows it.
fn split(rails: &str) -> (&str, &str) {
    let trimmed = rails.trim_end();
    let last = trimmed.char_indices().next_back();
    rails.split_at(last.map_or(0, |(at, _)| at))
}

/// A line and another one that begins at a column.
fn joined(mut left: Line<'static>, at: usize, right: Line<'static>) -> Line<'static> {
    let air = at.saturating_sub(left.width());
    left.push_span(Span::raw(" ".repeat(air)));
    left.extend(right.spans);
    left
}
