//! A list of lines, one of which is chosen. The common part of the menus beside it.
//!
//! Draws and moves; what a line does is the menu's own business.

use ratatui::text::{Line, Span};

use super::steer::{Move, line_after};
use crate::domain::text;
use crate::tui::look::{Body, Look};
use crate::tui::theme::Role;

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
}

impl MenuList {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self { items, at: 0 }
    }

    /// The line with the cursor, counted from 0.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go(&mut self, step: Move) {
        self.at = line_after(self.at, self.items.len(), step);
    }

    /// Every line, the cursor's in sight.
    pub(super) fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let widths = self.items.iter().map(|item| text::width(&item.label));
        let column = widths.max().unwrap_or(0).min(columns / 2);
        let lines = self.items.iter().enumerate();
        let lines = lines.map(|(index, item)| self.line(look, index, item, column, columns));
        Body {
            lines: lines.collect(),
            focus: Some((self.at, self.at)),
            ..Body::default()
        }
    }

    fn line(
        &self,
        look: &Look<'_>,
        index: usize,
        item: &Item,
        column: usize,
        columns: usize,
    ) -> Line<'static> {
        let chosen = index == self.at;
        let role = if chosen { Role::Selection } else { Role::Text };
        let sign = if chosen { look.symbols.selected } else { " " };
        let column = if item.detail.is_empty() {
            columns.saturating_sub(2)
        } else {
            column
        };
        let label = look.fit(&item.label, column);
        let air = " ".repeat(column.saturating_sub(text::width(&label)));
        let room = columns.saturating_sub(column + 4);
        Line::from(vec![
            Span::styled(format!("{sign} {label}{air}"), look.style(role)),
            Span::raw("  "),
            look.span(&item.detail, room, Role::Dim),
        ])
    }
}
