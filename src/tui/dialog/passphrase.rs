//! The passphrase of private keys, asked for once while the panel is open; then goes on what needed
//! it.
//!
//! May not: show what is typed, or keep it once it was handed over.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::engine::command::{Command, Lock};
use crate::tui::form::secret_line::SecretLine;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

const WIDTH: u16 = 66;

/// A passphrase that is being typed.
#[derive(Clone, Debug)]
pub struct PassphraseDialog {
    lock: Lock,
    /// What needs it.
    waiting: Box<Command>,
    /// Whether a form below waits for what needs it.
    form_waits: bool,
    /// The passphrase, and the same once more where it is new.
    lines: Vec<SecretLine>,
    focus: usize,
    refused: Option<String>,
    asked: bool,
}

impl PassphraseDialog {
    /// Asks for what opens `lock`, for the sake of a command.
    #[must_use]
    pub fn new(lock: Lock, waiting: Command, form_waits: bool) -> Self {
        let lines = if matches!(lock, Lock::New) { 2 } else { 1 };
        Self {
            lock,
            waiting: Box::new(waiting),
            form_waits,
            lines: vec![SecretLine::default(); lines],
            focus: 0,
            refused: None,
            asked: false,
        }
    }

    /// What goes on now, and whether a form waits for it.
    #[must_use]
    pub fn waiting(self) -> (Command, bool) {
        (*self.waiting, self.form_waits)
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        let at = self.focus;
        match input {
            Input::Paste(pasted) => {
                if let Some(line) = self.lines.get_mut(at) {
                    line.paste(pasted);
                    self.refused = None;
                }
            }
            Input::Action(UiAction::FormSubmit) => return self.submit(),
            Input::Text(key) if self.lines.get_mut(at).is_some_and(|line| line.key(*key)) => {
                self.refused = None;
            }
            Input::Failed { says, .. } => {
                self.asked = false;
                self.refused = Some(says.clone());
                self.lines.iter_mut().for_each(SecretLine::clear);
                self.focus = 0;
            }
            _ => return steer(input).map_or(Outcome::Stay, |step| self.go(step)),
        }
        Outcome::Stay
    }

    fn go(&mut self, step: Move) -> Outcome {
        let stops = self.lines.len() + 2;
        match step {
            Move::Press if self.focus + 1 < self.lines.len() => self.focus += 1,
            Move::Press if self.focus <= self.lines.len() => return self.submit(),
            Move::Press | Move::Cancel => return Outcome::Close,
            Move::Next | Move::Down => self.focus = sheet::round(self.focus, stops, true),
            Move::Previous | Move::Up => self.focus = sheet::round(self.focus, stops, false),
            _ => {}
        }
        Outcome::Stay
    }

    fn submit(&mut self) -> Outcome {
        if self.asked {
            return Outcome::Stay;
        }
        let Some(first) = self.lines.first().filter(|line| !line.is_empty()) else {
            self.refused = Some("type it first".to_owned());
            return Outcome::Stay;
        };
        if self.lines.iter().any(|line| !line.is_same(first)) {
            self.refused = Some("the two differ; type it twice".to_owned());
            return Outcome::Stay;
        }
        self.asked = true;
        self.refused = None;
        Outcome::RunHere(Command::Unlock {
            passphrase: first.secret(),
            lock: self.lock.clone(),
        })
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Form
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        sheet::draw(frame, area, look, "Passphrase", WIDTH, |columns| {
            self.sheet(look, columns)
        });
    }

    fn sheet(&self, look: &Look<'_>, columns: usize) -> Sheet {
        let mut body = Body::default();
        let why = match self.lock {
            Lock::New => {
                "A private key is to be encrypted, and it is the first one here. Choose a \
                 passphrase for it and for all that follow: without it nobody can use them, you \
                 neither."
            }
            Lock::Brought { .. } => "The private key that was given is encrypted.",
            Lock::Stored { .. } | Lock::Keep => "Private keys are encrypted here.",
        };
        let why = format!("{why} The passphrase is kept in memory until the panel is closed.");
        body.lines.extend(look.paragraph(&why, columns, Role::Text));
        body.gap();
        for (index, line) in self.lines.iter().enumerate() {
            let label = if index == 0 {
                "Passphrase"
            } else {
                "Once more"
            };
            secret_field(look, &mut body, (label, line), self.focus == index, columns);
        }
        if self.asked {
            body.push(look.line("  trying it…", columns, Role::Dim));
        }
        if let Some(says) = &self.refused {
            let says = format!("{} {says}", look.symbols.failed);
            body.lines.extend(look.paragraph(&says, columns, Role::Bad));
        }
        let buttons = [Button::calm("Unlock"), Button::calm("Close")];
        let focused = self.focus.checked_sub(self.lines.len());
        Sheet {
            body,
            foot: look.buttons(&buttons, focused, columns),
            hints: look.hints_but(Scope::Form, Some(UiAction::FormSubmit), columns),
        }
    }
}

/// A field whose content is shown as signs.
pub(super) fn secret_field(
    look: &Look<'_>,
    body: &mut Body,
    (label, line): (&str, &SecretLine),
    focused: bool,
    columns: usize,
) {
    const LABEL: usize = 12;
    let room = columns.saturating_sub(LABEL + 2);
    let (sign, role) = if focused {
        (look.symbols.selected, Role::FieldFocused)
    } else {
        (" ", Role::Field)
    };
    let shown = line.shown(room, "*");
    if focused {
        body.cursor = Some((body.lines.len(), LABEL + 2 + shown.len()));
        body.focus_from(body.lines.len());
    }
    body.push(Line::from(vec![
        Span::raw(format!("{sign} {label:<LABEL$}")),
        Span::styled(shown, look.style(role)),
    ]));
}
