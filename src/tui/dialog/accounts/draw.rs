//! How the pages of the accounts look.
//!
//! Draws only.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::now::AccountLine;
use super::words::Finding;
use super::{Accounts, Page, Report, Reporting};
use crate::domain::account::AccountKind;
use crate::domain::text;
use crate::tui::dialog::sheet::{self, Sheet};
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Look, titled};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;
use crate::tui::view::grouped;

const WIDTH: u16 = 100;
/// From so many columns on, an account is one line of a table.
const TABLE: usize = 70;
/// From so many columns on, the table names the lifecycles.
const WITH_LIFECYCLE: usize = 90;
/// ` ⚠ 12 unreadable`.
const TROUBLE: usize = 16;
/// Of many accounts, so many around the cursor are laid out; more than any screen has lines.
const LAID_OUT: usize = 400;
/// How wide labels are.
const LABEL: usize = 13;

/// Keys with the words that say what they do here.
type Hints = &'static [(UiAction, &'static str)];

const LIST: Hints = &[
    (UiAction::Open, "details"),
    (UiAction::AccountNew, "new"),
    (UiAction::AccountFind, "find"),
    (UiAction::AccountCheck, "check"),
    (UiAction::Refresh, "look now"),
    (UiAction::AccountRemove, "remove"),
    (UiAction::Back, "close"),
];
const ONE: Hints = &[
    (UiAction::AccountCheck, "check"),
    (UiAction::Refresh, "look now"),
    (UiAction::AccountRemove, "remove"),
    (UiAction::Back, "back"),
];
const FOUND: Hints = &[
    (UiAction::Mark, "mark"),
    (UiAction::Open, "watch what is marked"),
    (UiAction::Back, "back"),
];

impl Accounts {
    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        match &self.page {
            Page::Remove(confirm) => return confirm.view(frame, area, look),
            Page::New(form) => return form.view(frame, area, look),
            _ => {}
        }
        let title = self.title(look);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            body: self.body(look, columns),
            foot: self.foot(look, columns),
            hints: hints(look, self.hints(), columns),
        });
    }

    fn title(&self, look: &Look<'_>) -> String {
        let dot = look.symbols.separator;
        let name = self.selected.as_deref().unwrap_or_default();
        match &self.page {
            Page::Details(_) => {
                let line = self.line();
                let sandbox = line.is_some_and(|line| line.account.kind == AccountKind::Sandbox);
                titled(sandbox, &format!("Account {dot} {name}"), look.symbols)
            }
            Page::Report(report) => {
                let what = match report.kind {
                    Reporting::Check => "Check",
                    Reporting::Look => "Look",
                };
                let name = report.account.as_deref().unwrap_or("every watched account");
                format!("{what} {dot} {name}")
            }
            Page::Found(_) => "Certificates on this machine".to_owned(),
            _ => "Accounts".to_owned(),
        }
    }

    fn hints(&self) -> Hints {
        match &self.page {
            Page::Details(_) | Page::Report(_) => ONE,
            Page::Found(_) => FOUND,
            _ => LIST,
        }
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        match &self.page {
            Page::Details(top) => self.line().map_or_else(Body::default, |line| Body {
                top: *top,
                ..self.details(line, look, columns)
            }),
            Page::Report(report) => report.body(look, columns),
            Page::Found(found) => found.body(&self.now, look, columns),
            Page::List | Page::Remove(_) | Page::Removing | Page::New(_) => {
                self.list(look, columns)
            }
        }
    }

    /// What came of the last command, or what is under way.
    fn foot(&self, look: &Look<'_>, columns: usize) -> Vec<Line<'static>> {
        let waits = match &self.page {
            Page::Removing => Some("Removing the account".to_owned()),
            Page::Found(found) if found.is_adding() => Some("Adding".to_owned()),
            Page::Found(found) if found.marked() > 0 => {
                let says = format!("{} marked", found.marked());
                return vec![look.line(&says, columns, Role::Accent)];
            }
            _ => None,
        };
        if let Some(waits) = waits {
            let says = format!("{waits} {}", look.symbols.ellipsis);
            return vec![look.line(&says, columns, Role::PhaseInProgress)];
        }
        match &self.said {
            None => Vec::new(),
            Some(Ok(says)) => {
                let says = format!("{} {says}", look.symbols.live);
                look.paragraph(&says, columns, Role::Good)
            }
            Some(Err(says)) => {
                let says = format!("{} {says}", look.symbols.failed);
                look.paragraph(&says, columns, Role::Bad)
            }
        }
    }

    fn list(&self, look: &Look<'_>, columns: usize) -> Body {
        let at = self.position().unwrap_or_default();
        let first = at.saturating_sub(LAID_OUT / 2);
        let widths = Widths::of(&self.now.lines, columns);
        let mut body = Body::default();
        if columns >= TABLE {
            body.push(widths.line(look, HEADINGS.map(str::to_owned), Role::Dim));
        }
        for (index, line) in self.now.lines.iter().enumerate().skip(first).take(LAID_OUT) {
            let start = body.lines.len();
            let chosen = index == at;
            if columns >= TABLE {
                body.push(self.row(line, &widths, look, chosen));
            } else {
                self.two_lines(&mut body, line, look, (columns, chosen));
            }
            if chosen {
                // The heading stays in sight above the first one.
                body.focus_from(if index == 0 { 0 } else { start });
            }
        }
        body
    }

    fn row(
        &self,
        line: &AccountLine,
        widths: &Widths,
        look: &Look<'_>,
        chosen: bool,
    ) -> Line<'static> {
        let needing = match line.needing {
            0 => look.symbols.none.to_owned(),
            count => grouped(count),
        };
        let watched = line.account.watched.as_ref();
        let places = watched.map_or_else(
            || look.symbols.none.to_owned(),
            |watched| watched.places.len().to_string(),
        );
        let looked = watched.and_then(|watched| watched.looked);
        let looked = match (watched, looked) {
            (None, _) => look.symbols.none.to_owned(),
            (_, None) => "not yet".to_owned(),
            (_, Some(at)) => self.now.ago(at),
        };
        let cells = [
            line.account.name.clone(),
            line.kind().to_owned(),
            line.account.lifecycle_words(),
            grouped(line.entries),
            needing,
            places,
            looked,
        ];
        let role = if chosen { Role::Selection } else { Role::Text };
        let mut drawn = widths.line(look, cells, role);
        if chosen && let Some(first) = drawn.spans.first_mut() {
            *first = Span::styled(look.symbols.selected, look.style(role));
        }
        if let Some(says) = trouble(line, look) {
            drawn.push_span(Span::styled(format!(" {says}"), look.style(Role::Warn)));
        }
        drawn
    }

    fn two_lines(
        &self,
        body: &mut Body,
        line: &AccountLine,
        look: &Look<'_>,
        (columns, chosen): (usize, bool),
    ) {
        let sign = if chosen { look.symbols.selected } else { " " };
        let role = if chosen { Role::Selection } else { Role::Text };
        let dot = look.symbols.separator;
        let name = format!("{sign} {} {dot} {}", line.account.name, line.kind());
        body.push(look.line(&name, columns, role));
        let mut says = line.counted();
        if let Some(looked) = line.looked(&self.now) {
            says = format!("{says} {dot} {looked}");
        }
        body.push(look.line(&format!("    {says}"), columns, Role::Dim));
        if let Some(says) = trouble(line, look) {
            body.push(look.line(&format!("    {says}"), columns, Role::Warn));
        }
    }
}

fn trouble(line: &AccountLine, look: &Look<'_>) -> Option<String> {
    let count = line.troubles();
    (count > 0).then(|| format!("{} {count} unreadable", look.symbols.trouble))
}

impl Report {
    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut fields = Fields::new(look, columns);
        let Some(findings) = &self.findings else {
            let says = match self.kind {
                Reporting::Check => "Checking; nothing is changed",
                Reporting::Look => "Looking",
            };
            let says = format!("{says} {}", look.symbols.ellipsis);
            fields.body.lines = look.paragraph(&says, columns, Role::PhaseInProgress);
            return fields.body;
        };
        for finding in findings {
            fields.finding(finding);
        }
        Body {
            top: self.top,
            ..fields.body
        }
    }
}

/// Labels with their values, one below the other.
pub(super) struct Fields<'a, 'b> {
    pub(super) look: &'a Look<'b>,
    columns: usize,
    pub(super) body: Body,
}

impl<'a, 'b> Fields<'a, 'b> {
    pub(super) fn new(look: &'a Look<'b>, columns: usize) -> Self {
        Self {
            look,
            columns,
            body: Body::default(),
        }
    }

    pub(super) fn add(&mut self, label: &str, value: &str, role: Role) {
        let wide = self.columns >= 36;
        let indent = if wide { LABEL } else { 1 };
        if !wide && !label.is_empty() {
            self.body
                .push(self.look.line(label, self.columns, Role::Dim));
        }
        let room = self.columns.saturating_sub(indent);
        for (index, mut line) in self
            .look
            .paragraph(value, room, role)
            .into_iter()
            .enumerate()
        {
            let label = if wide && index == 0 { label } else { "" };
            let shown = padded(&self.look.fit(label, indent), indent);
            let style = self.look.style(Role::Dim);
            // The paragraph's own style is the line's; the label keeps its own.
            let value_style = line.style;
            for span in &mut line.spans {
                span.style = value_style.patch(span.style);
            }
            line.style = ratatui::style::Style::default();
            line.spans.insert(0, Span::styled(shown, style));
            self.body.push(line);
        }
    }

    /// What was looked at, and what came of it.
    fn finding(&mut self, (what, found): &Finding) {
        let (sign, says, role) = match found {
            Ok(says) => (self.look.symbols.live, says, Role::Good),
            Err(says) => (self.look.symbols.failed, says, Role::Bad),
        };
        let (whole, role) = if what.is_empty() {
            (format!("{sign} {says}"), role)
        } else {
            (format!("{sign} {what}: {says}"), role)
        };
        let role = if role == Role::Good { Role::Text } else { role };
        let lines = self.look.paragraph(&whole, self.columns, role);
        self.body.lines.extend(lines);
    }
}

const HEADINGS: [&str; 7] = [
    "Account",
    "Kind",
    "Lifecycle",
    "Entries",
    "Need",
    "Places",
    "Looked",
];

/// How wide the columns of the table are.
struct Widths([usize; 7]);

impl Widths {
    fn of(lines: &[AccountLine], columns: usize) -> Self {
        let longest = |text: fn(&AccountLine) -> String| {
            let widths = lines.iter().map(|line| text::width(&text(line)));
            widths.max().unwrap_or_default()
        };
        // The lifecycle stands in the details, too; the trouble must be read here.
        let lifecycle = match columns {
            0..WITH_LIFECYCLE => 0,
            _ => longest(|line| line.account.lifecycle_words()).clamp(9, 14),
        };
        let others = 8 + lifecycle + 7 + 4 + 6 + 10 + 8;
        let room = columns.saturating_sub(others + TROUBLE);
        let name = longest(|line| line.account.name.clone()).clamp(7, room.clamp(7, 24));
        Self([name, 8, lifecycle, 7, 4, 6, 10])
    }

    /// A blank for the sign, then the cells; numbers to the right.
    fn line(&self, look: &Look<'_>, cells: [String; 7], role: Role) -> Line<'static> {
        let mut line = Line::from(Span::raw(" "));
        for (index, (cell, width)) in cells.into_iter().zip(self.0).enumerate() {
            if width == 0 {
                continue;
            }
            let cell = look.fit(&cell, width);
            let air = " ".repeat(width - text::width(&cell));
            let is_number = (3..=5).contains(&index);
            let cell = if is_number {
                format!(" {air}{cell}")
            } else {
                format!(" {cell}{air}")
            };
            line.push_span(Span::styled(cell, look.style(role)));
        }
        line
    }
}

/// The text with blanks up to `width` columns.
fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text::width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Keys with their words, as many as fit.
fn hints(look: &Look<'_>, wanted: Hints, columns: usize) -> Line<'static> {
    let mut line = Line::default();
    for (action, word) in wanted {
        let Some(key) = look.keymap.key_label_in(Scope::Accounts, *action) else {
            continue;
        };
        let key = look.span(&key, columns, Role::Key);
        let word = look.span(&format!(" {word}  "), columns, Role::Hint);
        if line.width() + key.width() + word.width() > columns + 2 {
            break;
        }
        line.push_span(key);
        line.push_span(word);
    }
    line
}
