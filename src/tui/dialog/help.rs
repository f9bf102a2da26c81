//! Every key, made from the key table, so that help cannot say something else than what happens;
//! below them how a filter is written and what the signs mean.
//!
//! `/` searches: only what holds all words stays.

use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::sheet::{self, Sheet};
use super::steer::{Move, line_after, steer};
use crate::domain::lifecycle::Phase;
use crate::domain::query::{EXAMPLES, KeyHelp, keys};
use crate::domain::text;
use crate::tui::form::text_input::TextLine;
use crate::tui::keymap::{Binding, Keymap, Scope};
use crate::tui::look::{Body, Look, wrap};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::symbols::Symbols;
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

const WIDTH: u16 = 78;
/// The widest column of keys.
const KEYS: usize = 20;

/// A line of help.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Row {
    Heading(&'static str),
    /// What to press or type, and what it does.
    Pair(String, String),
    /// A phase: sign and meaning.
    Sign(Phase),
}

/// The help screen.
#[derive(Clone, Debug)]
pub struct Help {
    rows: Vec<Row>,
    search: TextLine,
    searching: bool,
    /// The row at the top, counted among those that the search leaves.
    top: usize,
}

impl Help {
    /// Help made of the key table.
    #[must_use]
    pub fn new(keymap: &Keymap, symbols: &Symbols) -> Self {
        let mut rows = Vec::new();
        for (scope, _) in Scope::ALL {
            let keys: Vec<_> = keymap.for_scope(scope).filter_map(pair).collect();
            if !keys.is_empty() {
                rows.push(Row::Heading(heading(scope)));
                rows.extend(keys);
            }
        }
        rows.push(Row::Heading("How to write a filter"));
        rows.extend(EXAMPLES.into_iter().map(filter));
        rows.push(Row::Pair(
            format!("{} Enter, Esc", symbols.ellipsis),
            "Enter keeps the filter, Esc drops it".to_owned(),
        ));
        rows.push(Row::Heading("What a filter can ask"));
        rows.extend(keys().map(filter));
        rows.push(Row::Heading("What the signs mean"));
        rows.extend(Phase::ALL.map(Row::Sign));
        Self {
            rows,
            search: TextLine::default(),
            searching: false,
            top: 0,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match input {
            Input::Action(UiAction::Filter) if !self.searching => self.searching = true,
            Input::Action(UiAction::FilterKeep) => self.searching = false,
            Input::Action(UiAction::FilterClear) => self.drop_search(),
            Input::Paste(pasted) if self.searching => {
                self.search_changed(|line| line.paste(pasted));
            }
            Input::Text(key) if self.searching => self.search_changed(|line| {
                line.key(*key);
            }),
            Input::Text(key) if key.code == KeyCode::Char('/') => self.searching = true,
            Input::Action(UiAction::Help) => return Outcome::Close,
            _ => return steer(input).map_or(Outcome::Stay, |step| self.go(step)),
        }
        Outcome::Stay
    }

    fn go(&mut self, step: Move) -> Outcome {
        match step {
            // The first Esc undoes the search, the next one closes.
            Move::Cancel if !self.search.is_empty() => self.drop_search(),
            Move::Cancel => return Outcome::Close,
            _ => self.top = line_after(self.top, self.found().len(), step),
        }
        Outcome::Stay
    }

    fn drop_search(&mut self) {
        self.search = TextLine::default();
        self.searching = false;
        self.top = 0;
    }

    fn search_changed(&mut self, change: impl FnOnce(&mut TextLine)) {
        change(&mut self.search);
        self.top = 0;
    }

    /// The rows that hold every word that is looked for, with their headings.
    fn found(&self) -> Vec<&Row> {
        let words: Vec<_> = self
            .search
            .value()
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let mut found: Vec<&Row> = Vec::new();
        let mut heading = None;
        for row in &self.rows {
            let text = match row {
                Row::Heading(_) => {
                    heading = Some(row);
                    continue;
                }
                Row::Pair(keys, says) => format!("{keys} {says}").to_lowercase(),
                Row::Sign(phase) => format!("{} {}", phase.id(), meaning(*phase)).to_lowercase(),
            };
            if words.iter().all(|word| text.contains(word)) {
                found.extend(heading.take());
                found.push(row);
            }
        }
        found
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        if self.searching {
            Scope::Filter
        } else {
            Scope::Help
        }
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        sheet::draw(frame, area, look, "Help", WIDTH, |columns| Sheet {
            body: self.body(look, columns),
            foot: self.search_line(look, columns),
            hints: look.hints(self.scope(), columns),
        });
    }

    fn search_line(&self, look: &Look<'_>, columns: usize) -> Vec<Line<'static>> {
        if !self.searching && self.search.is_empty() {
            return vec![look.line("/ searches", columns, Role::Dim)];
        }
        let cursor = if self.searching { "_" } else { "" };
        let room = columns.saturating_sub(3);
        let window = self.search.window(room, look.symbols.ellipsis);
        vec![Line::from(vec![
            look.span("/ ", columns, Role::Key),
            Span::styled(window.shown, look.style(Role::FieldFocused)),
            look.span(cursor, 1, Role::FieldFocused),
        ])]
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut body = Body::default();
        let found = self.found();
        let top = self.top.min(found.len().saturating_sub(1));
        for (index, row) in found.iter().enumerate() {
            if index == top {
                body.top = body.lines.len();
            }
            draw_row(look, row, columns, &mut body);
        }
        if found.is_empty() {
            body.push(look.line("Nothing in the help holds that.", columns, Role::Warn));
        }
        body
    }
}

/// A row of the key table; none for what is not bound.
fn pair(row: &Binding) -> Option<Row> {
    let keys = row.key_labels().join(", ");
    (!keys.is_empty()).then(|| Row::Pair(keys, row.says.clone()))
}

/// A row of the filter language, which the command line explains by the same table.
fn filter(help: KeyHelp) -> Row {
    Row::Pair(help.example.to_owned(), help.says.to_owned())
}

fn heading(scope: Scope) -> &'static str {
    match scope {
        Scope::Global => "Everywhere",
        Scope::List => "In the list",
        Scope::Details => "In the details",
        Scope::Menu => "In a menu",
        Scope::Accounts => "Among the accounts",
        Scope::Timeline => "In the timeline",
        Scope::Dialog => "In a dialog",
        Scope::Form => "In a form",
        Scope::Help => "In this help",
        Scope::Filter => "While a filter is typed",
    }
}

fn meaning(phase: Phase) -> &'static str {
    match phase {
        Phase::ActionNeeded => "you or your customer must do something",
        Phase::InProgress => "the provider or the CA is at it",
        Phase::Live => "it serves",
        Phase::WindingDown => "it is on its way out",
        Phase::Ended => "it is over, as somebody wanted",
        Phase::Failed => "it is over, as nobody wanted; expired ones, too",
    }
}

fn draw_row(look: &Look<'_>, row: &Row, columns: usize, body: &mut Body) {
    match row {
        Row::Heading(words) => {
            if !body.lines.is_empty() {
                body.gap();
            }
            body.push(look.line(words, columns, Role::Heading));
        }
        Row::Pair(keys, says) => draw_pair(look, keys, says, Role::Key, columns, body),
        Row::Sign(phase) => {
            let (sign, role) = look.phase(Some(*phase));
            let label = format!("{sign} {}", phase.id());
            draw_pair(look, &label, meaning(*phase), role, columns, body);
        }
    }
}

/// Two columns, the second over as many lines as it needs.
fn draw_pair(
    look: &Look<'_>,
    left: &str,
    right: &str,
    role: Role,
    columns: usize,
    body: &mut Body,
) {
    let column = KEYS.min(columns / 2);
    let room = columns.saturating_sub(column + 1);
    // What is too long for its column stands above its sentence, and can be read whole.
    let is_beside = text::width(left) <= column;
    if !is_beside {
        body.push(look.line(left, columns, role));
    }
    for (index, piece) in wrap(right, room).into_iter().enumerate() {
        let left = if index == 0 && is_beside {
            look.fit(left, column)
        } else {
            String::new()
        };
        let air = " ".repeat((column + 1).saturating_sub(text::width(&left)));
        body.push(Line::from(vec![
            Span::styled(left, look.style(role)),
            Span::raw(air),
            Span::styled(piece, look.style(Role::Text)),
        ]));
    }
}
