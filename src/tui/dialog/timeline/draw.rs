//! How the timeline looks: what is due grows upwards from the axis, what ends hangs below it.
//!
//! Draws only. As many weeks as fit are shown, the one under the cursor among them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::TimelineScreen;
use crate::domain::timeline::{Happens, RULES, Timeline, Week};
use crate::tui::keymap::Scope;
use crate::tui::look::{Look, split_bottom};
use crate::tui::theme::Role;
use crate::tui::view::grouped;

/// On fewer columns than this, sentences are short.
const NARROW: usize = 64;
/// On fewer than this, the year has no room.
const TINY: usize = 26;
/// The least that is a chart: something above the axis, the axis, something below.
const LEAST: usize = 3;
/// From so many lines on, the months have one of them.
const WITH_MONTHS: usize = 5;
/// On more rows than this, the hints are inside.
const WITH_HINTS: u16 = 10;
/// What a line above the axis is divided into.
const ABOVE: usize = 8;
/// The same below it.
const BELOW: usize = 2;

impl TimelineScreen {
    /// Draws it over the whole area.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let dot = look.symbols.separator;
        let title = match self.filter.as_str() {
            "" => format!("Timeline {dot} the next twelve months"),
            filter => format!("Timeline {dot} the next twelve months of {filter}"),
        };
        let inner = look.dialog(frame, area, (area.width, area.height), &title);
        let hints = u16::from(area.height >= WITH_HINTS);
        let (inner, foot) = split_bottom(inner, hints);
        let columns = usize::from(inner.width);
        let Some(line) = &self.line else {
            let says = look.line("Counting the weeks", columns, Role::Dim);
            frame.render_widget(Paragraph::new(says), inner);
            return;
        };
        let lines = self.lines(line, inner, look);
        frame.render_widget(Paragraph::new(lines), inner);
        let hints = look.hints(Scope::Timeline, usize::from(foot.width));
        frame.render_widget(Paragraph::new(hints), foot);
    }

    fn lines(&self, line: &Timeline, inner: Rect, look: &Look<'_>) -> Vec<Line<'static>> {
        let (columns, rows) = (usize::from(inner.width), usize::from(inner.height));
        let mut texts = self.texts(line, columns, look);
        texts.truncate(rows.saturating_sub(LEAST));
        let chart = Chart::of(line, self.cursor, columns, rows - texts.len());
        let mut lines = chart.lines(look);
        lines.extend(texts);
        lines
    }

    /// What is told below the chart, the most important first.
    fn texts(&self, line: &Timeline, columns: usize, look: &Look<'_>) -> Vec<Line<'static>> {
        let narrow = columns < NARROW;
        let week = line.weeks.get(self.cursor);
        let week = week.map_or_else(Line::default, |week| self.week_words(week, columns, look));
        let mut texts = vec![week, look.line(&totals(line, narrow), columns, Role::Text)];
        for (at, renewals) in line.renewals.iter().enumerate() {
            let marked = at > 0 && line.week_of(renewals.rule.from).is_some();
            let sign = if marked { look.symbols.up } else { " " };
            let (from, days) = (renewals.rule.from, renewals.rule.days);
            let count = grouped(renewals.in_a_year);
            let says = if narrow {
                format!("{sign} {from}: {days} d, {count} a year")
            } else {
                let when = if at == 0 { "now, since" } else { "from" };
                format!("{sign} {when} {from} on, at most {days} days: {count} renewals a year")
            };
            let role = if marked { Role::Warn } else { Role::Text };
            texts.push(look.line(&says, columns, role));
        }
        if !narrow {
            let says = "  if each is publicly trusted, and renewed as soon as it is due";
            texts.push(look.line(says, columns, Role::Dim));
        }
        texts
    }

    /// What happens in a week; of its two halves the chosen one is marked.
    fn week_words(&self, week: &Week, columns: usize, look: &Look<'_>) -> Line<'static> {
        if self.has_nothing {
            let says = nothing_words(self.what, columns);
            return look.line(says, columns, Role::Warn);
        }
        let part = |what: Happens| {
            let is_chosen = self.what == what;
            let sign = if is_chosen {
                look.symbols.selected
            } else {
                " "
            };
            let role = if is_chosen { Role::Accent } else { Role::Text };
            let text = format!("{sign}{}", count_words(what, week.count(what), columns));
            look.span(&text, columns, role)
        };
        let begins = if columns < TINY {
            week.monday.strftime("%m-%d").to_string()
        } else if columns < NARROW {
            format!("{}:", week.monday)
        } else {
            format!("Week of {}:", week.monday)
        };
        let mut line = look.line(&format!("{begins} "), columns, Role::Text);
        if columns < TINY {
            // There is room for one of them.
            line.push_span(part(self.what));
        } else {
            line.push_span(part(Happens::Due));
            line.push_span(look.span(" ", columns, Role::Text));
            line.push_span(part(Happens::Ends));
        }
        line
    }
}

/// How often something happens, as long as there is room for.
fn count_words(what: Happens, count: usize, columns: usize) -> String {
    let words = match (what, columns < NARROW, count == 1) {
        (Happens::Due, true, _) => "due",
        (Happens::Due, false, true) => "renewal due",
        (Happens::Due, false, false) => "renewals due",
        (Happens::Ends, true, true) => "ends",
        (Happens::Ends, true, false) => "end",
        (Happens::Ends, false, true) => "certificate ends",
        (Happens::Ends, false, false) => "certificates end",
    };
    format!("{} {words}", grouped(count))
}

/// What is said where there is nothing to list.
fn nothing_words(what: Happens, columns: usize) -> &'static str {
    match (what, columns < NARROW) {
        (Happens::Due, true) => "Nothing is due then",
        (Happens::Due, false) => {
            "Nothing becomes due in that week; down chooses what ends, other weeks have more"
        }
        (Happens::Ends, true) => "Nothing ends then",
        (Happens::Ends, false) => {
            "Nothing ends in that week; up chooses what is due, other weeks have more"
        }
    }
}

fn totals(line: &Timeline, narrow: bool) -> String {
    let [all, expired, due, later] =
        [line.certificates, line.expired, line.overdue, line.later].map(grouped);
    if narrow {
        return format!("{all}: {expired} expired, {due} due now");
    }
    let what = if line.certificates == 1 {
        "certificate"
    } else {
        "certificates"
    };
    format!("{all} {what}: {expired} expired, {due} due already, {later} end after that year")
}

/// A chart for a known room.
struct Chart<'a> {
    line: &'a Timeline,
    cursor: usize,
    first: usize,
    shown: usize,
    /// How many columns a week has.
    per: usize,
    /// How many columns the figures at the left have.
    label: usize,
    above: usize,
    below: usize,
    months: bool,
}

impl<'a> Chart<'a> {
    fn of(line: &'a Timeline, cursor: usize, columns: usize, rows: usize) -> Self {
        let (due, ends) = line.most();
        let digits = grouped(due.max(ends)).len().max(3);
        let label = if columns >= 4 * digits { digits + 1 } else { 0 };
        let room = (columns - label).max(1);
        let per = (room / line.weeks.len().max(1)).clamp(1, 3);
        let shown = (room / per).clamp(1, line.weeks.len().max(1));
        let months = rows >= WITH_MONTHS;
        let rest = rows.saturating_sub(1 + usize::from(months));
        Self {
            line,
            cursor,
            first: (cursor + 1).saturating_sub(shown),
            shown,
            per,
            label,
            above: rest.div_ceil(2),
            below: rest / 2,
            months,
        }
    }

    fn lines(&self, look: &Look<'_>) -> Vec<Line<'static>> {
        let mut lines: Vec<_> = (0..self.above).map(|row| self.due(row, look)).collect();
        lines.push(self.axis(look));
        lines.extend((0..self.below).map(|row| self.ends(row, look)));
        if self.months {
            lines.push(self.month_names(look));
        }
        lines
    }

    fn weeks(&self) -> impl Iterator<Item = (usize, &Week)> {
        let weeks = self.line.weeks.iter().enumerate();
        weeks.skip(self.first).take(self.shown)
    }

    /// A line above the axis, counted from the top.
    fn due(&self, row: usize, look: &Look<'_>) -> Line<'static> {
        let (most, _) = self.line.most();
        let from_below = self.above - 1 - row;
        let cells = self.weeks().map(|(_, week)| {
            let level = level(week.due, most, self.above * ABOVE);
            let filled = level.saturating_sub(from_below * ABOVE).min(ABOVE);
            self.cell(look.symbols.column[filled])
        });
        let figure = match row {
            0 => grouped(most),
            _ if from_below == 0 => "due".to_owned(),
            _ => String::new(),
        };
        self.with_label(&figure, cells.collect(), Role::Accent, look)
    }

    /// A line below the axis, counted from the axis.
    fn ends(&self, row: usize, look: &Look<'_>) -> Line<'static> {
        let (_, most) = self.line.most();
        let cells = self.weeks().map(|(_, week)| {
            let level = level(week.ends, most, self.below * BELOW);
            let filled = level.saturating_sub(row * BELOW).min(BELOW);
            self.cell(look.symbols.hanging[filled])
        });
        let figure = match row {
            _ if row + 1 == self.below => grouped(most),
            0 => "end".to_owned(),
            _ => String::new(),
        };
        self.with_label(&figure, cells.collect(), Role::Warn, look)
    }

    /// The axis, with the week under the cursor and the weeks in which rules begin.
    fn axis(&self, look: &Look<'_>) -> Line<'static> {
        let signs = look.symbols;
        let rules: Vec<usize> = (RULES.iter())
            .filter_map(|rule| self.line.week_of(rule.from))
            .collect();
        let cells = self.weeks().map(|(number, _)| {
            let sign = match number {
                _ if number == self.cursor => signs.track_here,
                _ if rules.contains(&number) => signs.up,
                _ => signs.track_line,
            };
            format!("{sign}{}", signs.track_line.repeat(self.per - 1))
        });
        self.with_label("", cells.collect(), Role::Text, look)
    }

    /// The names of the months, each where its first Monday is and there is room.
    fn month_names(&self, look: &Look<'_>) -> Line<'static> {
        let mut text = String::new();
        let mut before = None;
        for (at, (_, week)) in self.weeks().enumerate() {
            let month = week.monday.month();
            let column = at * self.per;
            let is_new = before.replace(month) != Some(month);
            if is_new && (text.is_empty() || text.len() < column) && column >= text.len() {
                text.extend(std::iter::repeat_n(' ', column - text.len()));
                text.push_str(&week.monday.strftime("%b").to_string());
            }
        }
        let room = self.shown * self.per;
        self.with_label("", look.fit(&text, room), Role::Dim, look)
    }

    fn cell(&self, sign: &str) -> String {
        match self.per {
            1 => sign.to_owned(),
            per => format!("{} ", sign.repeat(per - 1)),
        }
    }

    fn with_label(
        &self,
        figure: &str,
        cells: String,
        role: Role,
        look: &Look<'_>,
    ) -> Line<'static> {
        let figure = match self.label {
            0 => String::new(),
            label => format!("{figure:>width$} ", width = label - 1),
        };
        Line::from(vec![
            Span::styled(figure, look.style(Role::Dim)),
            Span::styled(cells, look.style(role)),
        ])
    }
}

/// How many of so many steps a number reaches; what is there at all is seen.
fn level(number: usize, most: usize, steps: usize) -> usize {
    match (number, most) {
        (0, _) | (_, 0) => 0,
        _ => (number * steps / most).max(1),
    }
}
