//! Plain tables and field lists, aligned by what a terminal draws.
//!
//! Pure. Every cell is made harmless here, so commands hand over what strangers wrote as it is.

use std::fmt::Write as _;

use crate::domain::text;

/// Between two columns.
const GAP: &str = "  ";

/// No column is made narrower than this.
const NARROWEST: usize = 8;

/// Rows under headings.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        let headings = headings.iter().map(|&heading| heading.to_owned()).collect();
        Self {
            rows: vec![headings],
        }
    }

    /// A table without headings, of as many columns as its first row has.
    pub(super) fn bare() -> Self {
        Self { rows: Vec::new() }
    }

    pub(super) fn push<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let cells = cells
            .into_iter()
            .map(|cell| text::sanitise(cell).into_owned());
        self.rows.push(cells.collect());
    }

    /// The table as text; in so many columns where there is a limit, the widest cells cut.
    pub(super) fn render(&self, columns: Option<usize>, cut_mark: char) -> String {
        let mut widths = self.widths();
        if let Some(columns) = columns {
            narrow(&mut widths, columns);
        }
        let mut rendered = String::new();
        for row in &self.rows {
            let start = rendered.len();
            for (cell, width) in row.iter().zip(&widths) {
                let cell = text::fit_with(cell, *width, cut_mark);
                rendered.push_str(&cell);
                rendered.extend(std::iter::repeat_n(' ', width - text::width(&cell)));
                rendered.push_str(GAP);
            }
            rendered.truncate(start + rendered[start..].trim_end().len());
            rendered.push('\n');
        }
        rendered
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.rows.first().map_or(0, Vec::len)];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = text::width(cell).max(*width);
            }
        }
        widths
    }
}

/// Takes from the widest column until the row fits, or nothing more can be taken.
fn narrow(widths: &mut [usize], columns: usize) {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > columns {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
}

/// Names and values below each other under headings.
#[derive(Default)]
pub(super) struct Sheet {
    text: String,
}

impl Sheet {
    /// A heading, with an empty line before it.
    pub(super) fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&text::sanitise(heading));
        self.text.push('\n');
    }

    /// A value with its name; nothing where the value is empty.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let (name, value) = (text::sanitise(name), text::sanitise(value));
            let _ = writeln!(self.text, "  {name:<15} {value}");
        }
    }

    /// A value that may be missing.
    pub(super) fn optional(&mut self, name: &str, value: Option<&str>) {
        self.field(name, value.unwrap_or_default());
    }

    /// A line of its own.
    pub(super) fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "  {}", text::sanitise(line));
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["ID", "NAME", "STATUS"]);
        table.push(["a1", "shop.example", "Expired"]);
        table.push(["b2", "日本語.example", ""]);
        table.push(["c3", "e\u{1b}[31mvil", "ok"]);
        table
    }

    #[test]
    fn columns_are_aligned_as_drawn_and_strangers_are_harmless() {
        assert_eq!(
            table().render(None, '…'),
            "ID  NAME            STATUS\n\
             a1  shop.example    Expired\n\
             b2  日本語.example\n\
             c3  e\\u{1b}[31mvil  ok\n"
        );
    }

    #[test]
    fn on_a_terminal_no_line_is_wider_than_it() {
        for columns in 30..60 {
            let rendered = table().render(Some(columns), '~');
            assert!(
                rendered.lines().all(|line| text::width(line) <= columns),
                "{rendered}"
            );
        }
        // Too narrow for anything: still a table, and no panic.
        assert_eq!(table().render(Some(0), '~').lines().count(), 4);
    }

    #[test]
    fn sheets_leave_out_what_is_empty() {
        let mut sheet = Sheet::default();
        sheet.heading("General");
        sheet.field("Status", "Issued\u{7}");
        sheet.optional("Note", None);
        sheet.heading("Product");
        sheet.line("nothing");
        assert_eq!(
            sheet.finish(),
            "General\n  Status          Issued\\u{7}\n\nProduct\n  nothing\n"
        );
    }
}
