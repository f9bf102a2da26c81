//! A line of one's own that is kept with an entry.
//!
//! An empty note takes it away. What was pasted becomes one line and is not sent off by its line
//! breaks.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::about;
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::engine::command::Command;
use crate::tui::form::text_input::TextLine;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

const WIDTH: u16 = 70;
const FIELD: usize = 0;
const SAVE: usize = 1;
const STOPS: usize = 3;

/// A note that is being written.
#[derive(Clone, Debug)]
pub struct NotePrompt {
    entry: EntryId,
    name: String,
    sandbox: bool,
    note: TextLine,
    focus: usize,
    /// Why it was not kept; nothing that was written is lost over it.
    refused: Option<String>,
}

impl NotePrompt {
    /// The note of an entry, to be changed.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory) -> Self {
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            sandbox: about::is_sandbox(entry, inventory),
            note: TextLine::with(&entry.note),
            focus: FIELD,
            refused: None,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match input {
            Input::Paste(pasted) => self.note.paste(pasted),
            Input::Action(UiAction::FormSubmit) => return self.save(),
            Input::Text(key) if self.focus == FIELD && self.note.key(*key) => self.refused = None,
            Input::Failed { says, .. } => self.refused = Some(says.clone()),
            _ => return steer(input).map_or(Outcome::Stay, |step| self.go(step)),
        }
        Outcome::Stay
    }

    fn go(&mut self, step: Move) -> Outcome {
        match step {
            Move::Press if self.focus <= SAVE => return self.save(),
            Move::Press | Move::Cancel => return Outcome::Close,
            Move::Next | Move::Down => self.focus = sheet::round(self.focus, STOPS, true),
            Move::Previous | Move::Up => self.focus = sheet::round(self.focus, STOPS, false),
            _ => {}
        }
        Outcome::Stay
    }

    fn save(&self) -> Outcome {
        Outcome::RunHere(Command::Note {
            entry: self.entry.clone(),
            note: self.note.value().trim().to_owned(),
        })
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Form
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = format!("Note {} {}", look.symbols.separator, self.name);
        let title = titled(self.sandbox, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| {
            self.sheet(look, columns)
        });
    }

    fn sheet(&self, look: &Look<'_>, columns: usize) -> Sheet {
        let mut body = Body::default();
        let focused = self.focus == FIELD;
        let window = self
            .note
            .window(columns.saturating_sub(2), look.symbols.ellipsis);
        let (sign, role) = if focused {
            (look.symbols.selected, Role::FieldFocused)
        } else {
            (" ", Role::Field)
        };
        if self.note.is_empty() && !focused {
            body.push(look.line("  (no note)", columns, Role::Placeholder));
        } else {
            body.push(Line::from(vec![
                Span::raw(format!("{sign} ")),
                Span::styled(window.shown, look.style(role)),
            ]));
        }
        if focused {
            body.cursor = Some((0, window.cursor + 2));
        }
        if let Some(says) = &self.refused {
            let says = format!("{} {says}", look.symbols.failed);
            body.lines.extend(look.paragraph(&says, columns, Role::Bad));
        }
        let buttons = [Button::calm("Keep the note"), Button::calm("Close")];
        Sheet {
            body,
            foot: look.buttons(&buttons, self.focus.checked_sub(1), columns),
            hints: hints(look, columns),
        }
    }
}

/// The form's hints; a note is not reviewed first, but kept at once.
fn hints(look: &Look<'_>, columns: usize) -> Line<'static> {
    let mut line = Line::default();
    if let Some(key) = look.keymap.key_label_in(Scope::Form, UiAction::FormSubmit) {
        line.push_span(look.span(&key, columns, Role::Key));
        line.push_span(look.span(" keep  ", columns, Role::Hint));
    }
    let room = columns.saturating_sub(line.width());
    let others = look.hints_but(Scope::Form, Some(UiAction::FormSubmit), room);
    line.spans.extend(others.spans);
    line
}
