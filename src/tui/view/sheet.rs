//! A page of labelled values that is scrolled: built line by line, but drawn only where it is
//! looked at, so that a certificate with ten thousand names costs no more than one with ten.

use ratatui::text::{Line, Span};

use crate::domain::text;
use crate::tui::look::{Look, wrap};
use crate::tui::theme::Role;

/// How wide the labels are.
const LABEL: usize = 13;
/// Below this width, labels stand on lines of their own.
const NARROW: usize = 36;
/// How many lines of something long are shown while it is folded.
pub(crate) const FOLDED: usize = 8;

/// A function that makes one of many lines when it is looked at.
type LineMaker<'a> = Box<dyn Fn(usize) -> Line<'static> + 'a>;

enum Part<'a> {
    One(Line<'static>),
    Many { count: usize, make: LineMaker<'a> },
}

/// The page.
pub(crate) struct Sheet<'a> {
    /// What it is drawn with.
    pub(crate) look: Look<'a>,
    width: usize,
    expanded: bool,
    parts: Vec<Part<'a>>,
}

impl<'a> Sheet<'a> {
    /// An empty page, so many columns wide. Long lists are folded unless it is expanded.
    pub(crate) fn new(look: Look<'a>, width: usize, expanded: bool) -> Self {
        Self {
            look,
            width,
            expanded,
            parts: Vec::new(),
        }
    }

    /// Whether what is long is shown whole.
    pub(crate) fn is_expanded(&self) -> bool {
        self.expanded
    }

    /// Adds a label of any width with its value, which goes on below itself where it is long.
    pub(crate) fn field_wide(&mut self, label: &str, raw: &str) {
        let label = text::sanitise(label).into_owned();
        let indent = text::width(&label) + 1;
        let (dim, plain) = (self.look.style(Role::Dim), self.look.style(Role::Text));
        let room = self.width.saturating_sub(indent).max(1);
        for (index, line) in wrap(raw, room).into_iter().enumerate() {
            let before = if index == 0 {
                format!("{label} ")
            } else {
                " ".repeat(indent)
            };
            self.push(Line::from(vec![
                Span::styled(before, dim),
                Span::styled(line, plain),
            ]));
        }
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// How many lines it has.
    pub(crate) fn height(&self) -> usize {
        let lines = self.parts.iter().map(|part| match part {
            Part::One(_) => 1,
            Part::Many { count, .. } => *count,
        });
        lines.sum()
    }

    /// The lines from `from` on, at most `count` of them.
    pub(crate) fn lines(&self, from: usize, count: usize) -> Vec<Line<'static>> {
        let mut lines = Vec::with_capacity(count);
        let mut first = 0;
        for part in &self.parts {
            let here = match part {
                Part::One(_) => 1,
                Part::Many { count, .. } => *count,
            };
            let skipped = from.saturating_sub(first).min(here);
            for index in skipped..here {
                if lines.len() >= count {
                    return lines;
                }
                lines.push(match part {
                    Part::One(line) => line.clone(),
                    Part::Many { make, .. } => make(index),
                });
            }
            first += here;
        }
        lines
    }

    /// Adds a line as it is.
    pub(crate) fn push(&mut self, line: Line<'static>) {
        self.parts.push(Part::One(line));
    }

    /// Adds an empty line, unless the page is empty or ends with one.
    pub(crate) fn gap(&mut self) {
        let ends_empty = match self.parts.last() {
            Some(Part::One(line)) => line.width() == 0,
            Some(Part::Many { .. }) => false,
            None => true,
        };
        if !ends_empty {
            self.push(Line::default());
        }
    }

    /// Adds a heading with some air above it.
    pub(crate) fn heading(&mut self, raw: &str) {
        self.gap();
        let line = self.look.line(raw, self.width, Role::Heading);
        self.push(line);
    }

    /// Adds text over as many lines as it needs.
    pub(crate) fn text(&mut self, raw: &str, role: Role) {
        for line in self.look.paragraph(raw, self.width, role) {
            self.push(line);
        }
    }

    /// Adds a label with its value, which goes on below itself where it is long.
    pub(crate) fn field(&mut self, label: &str, raw: &str) {
        self.field_in(label, raw, Role::Text);
    }

    /// The same, with the value in a style of its own.
    pub(crate) fn field_in(&mut self, label: &str, raw: &str, role: Role) {
        if self.width < NARROW {
            self.text(label, Role::Dim);
        }
        let style = self.look.style(role);
        for (index, line) in wrap(raw, self.value_width()).into_iter().enumerate() {
            let label = self.label(if index == 0 { label } else { "" });
            self.push(Line::from(vec![label, Span::styled(line, style)]));
        }
    }

    /// The same, if there is a value.
    pub(crate) fn field_if(&mut self, label: &str, raw: Option<&str>) {
        if let Some(raw) = raw.filter(|raw| !raw.is_empty()) {
            self.field(label, raw);
        }
    }

    /// Adds a label with one line of spans.
    pub(crate) fn field_line(&mut self, label: &str, spans: Vec<Span<'static>>) {
        if self.width < NARROW {
            self.text(label, Role::Dim);
        }
        let mut line = Line::from(self.label(label));
        line.extend(spans);
        self.push(line);
    }

    /// Adds a label with many values, one on each line. Folded, the first of them are shown and how
    /// many more there are; `value` is asked only for what is looked at.
    pub(crate) fn many(&mut self, label: &str, count: usize, value: impl Fn(usize) -> String + 'a) {
        if self.width < NARROW && count > 0 {
            self.text(label, Role::Dim);
        }
        let shown = if self.expanded || count <= FOLDED + 1 {
            count
        } else {
            FOLDED
        };
        let (look, room) = (self.look, self.value_width());
        let first_label = self.label(label);
        let other_label = self.label("");
        let make = move |index: usize| {
            let label = if index == 0 {
                &first_label
            } else {
                &other_label
            };
            let value = look.span(&value(index), room, Role::Text);
            Line::from(vec![label.clone(), value])
        };
        self.parts.push(Part::Many {
            count: shown,
            make: Box::new(make),
        });
        if shown < count {
            let more = format!("… and {} more; x shows them all", grouped(count - shown));
            self.field_in_value(&more);
        }
    }

    /// Adds text lines as they are: PEM, a question. Folded, only how long it is is shown.
    pub(crate) fn block(&mut self, label: &str, raw: &'a str, role: Role) {
        let count = raw.lines().count();
        if !self.expanded {
            self.field_in(
                label,
                &format!("{count} lines; x shows them, y copies"),
                Role::Dim,
            );
            return;
        }
        self.text(label, Role::Dim);
        self.text(raw.trim_end(), role);
    }

    fn field_in_value(&mut self, raw: &str) {
        let label = self.label("");
        let room = self.value_width();
        let value = self.look.span(raw, room, Role::Dim);
        self.push(Line::from(vec![label, value]));
    }

    /// How many columns a value has.
    pub(crate) fn value_width(&self) -> usize {
        if self.width < NARROW {
            self.width.saturating_sub(1).max(1)
        } else {
            self.width - LABEL
        }
    }

    fn label(&self, raw: &str) -> Span<'static> {
        if self.width < NARROW {
            return Span::raw(" ");
        }
        let fitted = self.look.fit(raw, LABEL - 1);
        let air = LABEL - text::width(&fitted);
        Span::styled(
            format!("{fitted}{}", " ".repeat(air)),
            self.look.style(Role::Dim),
        )
    }
}

/// A number with a comma at the thousands: `9,950`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::tui::keymap::Keymap;
    use crate::tui::symbols;
    use crate::tui::theme::Theme;

    #[test]
    fn only_what_is_looked_at_is_made() {
        let (theme, keymap) = (Theme::named("mono").unwrap(), Keymap::embedded().unwrap());
        let look = Look {
            theme: &theme,
            symbols: &symbols::UNICODE,
            keymap: &keymap,
        };
        let made = Rc::new(Cell::new(0));
        let counter = made.clone();
        let mut sheet = Sheet::new(look, 60, true);
        sheet.many("Names", 10_000, move |index| {
            counter.set(counter.get() + 1);
            format!("n{index}.example")
        });
        sheet.field("Last", "one");
        assert_eq!(sheet.height(), 10_001);
        let lines = sheet.lines(5_000, 20);
        assert_eq!((lines.len(), made.get()), (20, 20));
        assert!(lines[0].to_string().ends_with("n5000.example"));
        assert!(sheet.lines(10_000, 20)[0].to_string().contains("one"));
        assert!(sheet.lines(99_999, 20).is_empty());
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (7, "7"),
            (950, "950"),
            (9_950, "9,950"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
