//! A list of lines, one of which is chosen. The common part of the menus beside it.
//!
//! Draws and moves; what a line does is the menu's own business.

use ratatui::text::{Line, Span};

use super::steer::{Move, line_after};
use crate::domain::text;
use crate::domain::wrap::wrap;
use crate::tui::look::{Body, Look};
use crate::tui::theme::Role;

/// Below this, details stand under their labels.
const NARROW: usize = 50;

/// A line of a menu: what it is, and something of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) label: String,
    pub(super) detail: String,
}

/// The lines and the cursor on them.
#[derive(Clone, Debug, Default)]
pub(super) struct MenuList {
    pub(super) items: Vec<Item>,
    at: usize,
    /// Above which lines something is said, and what.
    headings: Vec<(usize, String)>,
}

impl MenuList {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self {
            items,
            at: 0,
            headings: Vec::new(),
        }
    }

    /// The same with a line of words above the item `before`, which nothing can be done with.
    pub(super) fn with_heading(mut self, before: usize, says: &str) -> Self {
        self.headings.push((before, says.to_owned()));
        self
    }

    /// The same with the cursor on that line, if there is one.
    pub(super) fn beginning_at_line(mut self, line: usize) -> Self {
        self.at = line.min(self.items.len().saturating_sub(1));
        self
    }

    /// The same with the cursor on the first line called so, if there is one.
    pub(super) fn beginning_at(mut self, label: &str) -> Self {
        let found = self.items.iter().position(|item| item.label == label);
        self.at = found.unwrap_or(self.at);
        self
    }

    /// The line with the cursor, counted from 0.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go(&mut self, step: Move) {
        self.at = line_after(self.at, self.items.len(), step);
    }

    /// To the first line of the next part, or of the one before; where there is none, to the end.
    pub(super) fn go_to_part(&mut self, forward: bool) {
        let last = self.items.len().saturating_sub(1);
        let parts = self.headings.iter().map(|(line, _)| *line);
        let parts = parts.filter(|line| *line <= last);
        self.at = if forward {
            parts.filter(|line| *line > self.at).min().unwrap_or(last)
        } else {
            parts.filter(|line| *line < self.at).max().unwrap_or(0)
        };
    }

    /// Every line, the cursor's in sight.
    pub(super) fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let column = self.column(columns);
        let mut body = Body::default();
        for (index, item) in self.items.iter().enumerate() {
            self.push_heading(index, look, columns, &mut body);
            let first = body.lines.len();
            let chosen = index == self.at;
            if columns < NARROW {
                one_below_the_other(look, item, chosen, columns, &mut body);
            } else {
                side_by_side(look, item, chosen, (column, columns), &mut body);
            }
            if chosen {
                body.focus_from(first);
            }
        }
        body
    }

    /// How wide the labels are: as wide as they want to be where the details leave the room, else
    /// half of what there is.
    fn column(&self, columns: usize) -> usize {
        let widest = |of: fn(&Item) -> &str| {
            let widths = self.items.iter().map(|item| text::width(of(item)));
            widths.max().unwrap_or(0)
        };
        let left = columns.saturating_sub(widest(|item| &item.detail) + 4);
        widest(|item| &item.label).min(left.max(columns / 2))
    }

    fn push_heading(&self, index: usize, look: &Look<'_>, columns: usize, body: &mut Body) {
        let here = self.headings.iter().filter(|(at, _)| *at == index);
        for (_, says) in here {
            let rule = look.symbols.border.horizontal_top.repeat(2);
            let says = format!("{rule} {says} {rule}");
            body.push(look.line(&says, columns, Role::Dim));
        }
    }
}

/// Lines of a menu are told apart by their words, so long ones go on below instead of being cut.
fn one_below_the_other(
    look: &Look<'_>,
    item: &Item,
    chosen: bool,
    columns: usize,
    body: &mut Body,
) {
    let column = columns.saturating_sub(2).max(1);
    for (index, part) in wrap(&item.label, column).iter().enumerate() {
        let pointed = chosen && index == 0;
        body.push(Line::from(label(look, part, (chosen, pointed), column)));
    }
    if !item.detail.is_empty() {
        let detail = format!("    {}", item.detail);
        body.push(look.line(&detail, columns, Role::Dim));
    }
}

fn side_by_side(
    look: &Look<'_>,
    item: &Item,
    chosen: bool,
    (column, columns): (usize, usize),
    body: &mut Body,
) {
    let room = columns.saturating_sub(column + 4);
    for (index, part) in wrap(&item.label, column.max(1)).iter().enumerate() {
        let first = index == 0;
        let mut line = Line::from(label(look, part, (chosen, chosen && first), column));
        if first {
            line.push_span(Span::raw("  "));
            line.push_span(look.span(&item.detail, room, Role::Dim));
        }
        body.push(line);
    }
}

/// A part of a label, as wide as its column: whether it is chosen, and whether the cursor's sign
/// stands before it.
fn label(
    look: &Look<'_>,
    part: &str,
    (chosen, pointed): (bool, bool),
    columns: usize,
) -> Span<'static> {
    let role = if chosen { Role::Selection } else { Role::Text };
    let sign = if pointed { look.symbols.selected } else { " " };
    let part = look.fit(part, columns);
    let air = " ".repeat(columns.saturating_sub(text::width(&part)));
    Span::styled(format!("{sign} {part}{air}"), look.style(role))
}
