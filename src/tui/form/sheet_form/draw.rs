//! The form, drawn: the fields below each other with what is said of each, scrolled to the one with
//! the focus; the wait, and the question before everything is thrown away.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::document::Document;
use super::{FieldKind, FormField, Page, SheetForm};
use crate::domain::text;
use crate::engine::command::Field;
use crate::tui::dialog::sheet::{self, Sheet};
use crate::tui::form::PRIVATE_KEY;
use crate::tui::form::text_input::{TextArea, TextLine};
use crate::tui::form::widgets::{self, Piece};
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

const WIDTH: u16 = 86;
/// From here on labels stand beside their fields.
const WIDE: usize = 60;
/// Up to so many choices stand side by side.
const BESIDE: usize = 4;

impl SheetForm {
    /// Draws it.
    pub(in crate::tui) fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = match self.page {
            Page::Leaving { .. } => "Throw away what you filled in?",
            Page::Fields | Page::Waiting => &self.words.title,
        };
        let title = titled(self.words.sandbox, title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| {
            self.sheet(look, columns)
        });
    }

    fn sheet(&self, look: &Look<'_>, columns: usize) -> Sheet {
        let says = |text: &str| Body {
            lines: look.paragraph(text, columns, Role::Text),
            ..Body::default()
        };
        let hints = look.hints(Scope::Dialog, columns);
        match self.page {
            Page::Fields => Sheet {
                body: self.body(look, columns),
                hints: self.hints(look, columns),
                ..Sheet::default()
            },
            Page::Waiting => Sheet {
                body: says(&self.words.waiting),
                hints,
                ..Sheet::default()
            },
            Page::Leaving { focus } => Sheet {
                body: says("What you filled in is not kept."),
                foot: look.buttons(
                    &["Throw it away", "Go on filling in"].map(Button::calm),
                    Some(focus),
                    columns,
                ),
                hints,
            },
        }
    }

    /// What the focused field does with keys, then the form's own keys.
    fn hints(&self, look: &Look<'_>, columns: usize) -> Line<'static> {
        let (key, does) = match self.fields.get(self.focus).map(|field| &field.kind) {
            Some(FieldKind::Area(_)) => ("enter", "new line"),
            Some(FieldKind::Document(document)) if document.path_to_read().is_some() => {
                ("enter", "read the file")
            }
            Some(FieldKind::Choice { .. }) => ("left/right", "choose"),
            None => ("enter", self.words.submit.as_str()),
            Some(_) => ("enter", "go on"),
        };
        let mut hints = vec![(key.to_owned(), does)];
        let submit = look.keymap.key_label_in(Scope::Form, UiAction::FormSubmit);
        if let Some(key) = submit.filter(|_| self.focus < self.fields.len()) {
            hints.push((key, self.words.submit.as_str()));
        }
        let mut line = Line::default();
        for (key, does) in hints {
            line.push_span(look.span(&key, columns, Role::Key));
            let does = format!(" {}  ", small(does));
            line.push_span(look.span(&does, columns, Role::Hint));
        }
        let room = columns.saturating_sub(line.width());
        let others = look.hints_but(Scope::Form, Some(UiAction::FormSubmit), room);
        line.spans.extend(others.spans);
        line
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut body = Body::default();
        if !self.words.introduction.is_empty() {
            let says = &self.words.introduction;
            body.lines.extend(look.paragraph(says, columns, Role::Dim));
            body.gap();
        }
        let refused = widgets::problems(look, self.said_of_the_whole(), columns);
        if !refused.is_empty() {
            body.lines.extend(refused);
            body.gap();
        }
        let indent = self.indent(columns);
        for (place, field) in self.fields.iter().enumerate() {
            if field.shown {
                let focused = place == self.focus;
                let room = columns.saturating_sub(indent);
                let mut piece = piece(look, field, focused, room);
                piece.lines.extend(self.notes_of(look, field.field, room));
                let says = self.said_of(field.field);
                piece.lines.extend(widgets::problems(look, says, room));
                widgets::labelled(
                    look,
                    field.label,
                    piece,
                    focused,
                    (columns, indent),
                    &mut body,
                );
            }
        }
        let focused = self.focus == self.fields.len();
        let room = columns.saturating_sub(indent);
        let button = widgets::button(look, &self.words.submit, focused, room);
        widgets::labelled(look, "", button, focused, (columns, indent), &mut body);
        body
    }

    /// The column of the fields; labels stand above them where there is little room.
    fn indent(&self, columns: usize) -> usize {
        if columns < WIDE {
            return 2;
        }
        let shown = self.fields.iter().filter(|field| field.shown);
        let widest = shown.map(|field| text::width(field.label)).max();
        // The sign of the focus before the label, a blank behind it.
        widest.unwrap_or(0) + 2
    }

    /// Why it was not accepted, and what is wrong with fields that are not shown.
    fn said_of_the_whole(&self) -> impl Iterator<Item = &str> {
        let elsewhere = self.problems.iter().filter(|_| self.tried);
        let elsewhere = elsewhere.chain(&self.said);
        let elsewhere = elsewhere.filter(|problem| self.shown(problem.field).is_none());
        let refused = self.refused.iter().map(String::as_str);
        refused.chain(elsewhere.map(|problem| problem.says.as_str()))
    }

    fn said_of(&self, field: Field) -> impl Iterator<Item = &str> {
        let visited = self.visited.contains(&field);
        let found = self.problems.iter().filter(move |_| visited);
        let all = self.said.iter().chain(found);
        all.filter(move |problem| problem.field == field)
            .map(|problem| problem.says.as_str())
    }

    fn notes_of(&self, look: &Look<'_>, field: Field, room: usize) -> Vec<Line<'static>> {
        let notes = self.notes.iter().filter(|note| note.field == field);
        let lines = notes.flat_map(|note| {
            let (sign, role) = if note.good {
                (look.symbols.live, Role::Good)
            } else {
                (look.symbols.arrow, Role::Dim)
            };
            look.paragraph(&format!("{sign} {}", note.says), room, role)
        });
        lines.collect()
    }
}

fn piece(look: &Look<'_>, field: &FormField, focused: bool, room: usize) -> Piece {
    match &field.kind {
        FieldKind::Line(line) => widgets::line(look, line, &field.hint, focused, room),
        FieldKind::Area(area) if holds_key(area) => masked(look, room),
        FieldKind::Area(area) => widgets::area(look, area, &field.hint, focused, room),
        FieldKind::Document(held) => document(look, held, &field.hint, focused, room),
        FieldKind::Choice { options, at } if options.len() <= BESIDE => {
            let labels: Vec<_> = options.iter().map(String::as_str).collect();
            widgets::choices(look, &labels, *at, focused, room)
        }
        FieldKind::Choice { options, at } => widgets::list(look, options, *at, focused, room),
    }
}

/// How long it is, and the path that is being typed; never the text.
fn document(look: &Look<'_>, held: &Document, expects: &str, focused: bool, room: usize) -> Piece {
    if held.is_empty() {
        return widgets::line(look, held.path(), expects, focused, room);
    }
    let mut size = held.size();
    if focused {
        size = format!("{size} {} backspace empties it", look.symbols.separator);
    }
    let role = if focused {
        Role::FieldFocused
    } else {
        Role::Field
    };
    let mut piece = Piece {
        lines: vec![look.line(&size, room, role)],
        cursor: None,
    };
    if !held.path().is_empty() {
        let path = widgets::line(look, held.path(), "", focused, room);
        piece.cursor = path.cursor.map(|(line, column)| (line + 1, column));
        piece.lines.extend(path.lines);
    }
    piece
}

/// Whether a key came in letter by letter, so that it could not be turned away.
fn holds_key(area: &TextArea) -> bool {
    let mut lines = area.lines().iter().map(TextLine::value);
    lines.any(|line| line.contains(PRIVATE_KEY))
}

fn masked(look: &Look<'_>, room: usize) -> Piece {
    let hidden = look.symbols.masked.repeat(12);
    Piece {
        lines: vec![look.line(&hidden, room, Role::Secret)],
        cursor: None,
    }
}

/// The words of a button as a hint.
fn small(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_lowercase(), letters.as_str())
    })
}
