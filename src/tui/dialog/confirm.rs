//! A question before something happens: what will happen, and two buttons that cannot be mistaken
//! for each other.
//!
//! The safe button has the focus at first. What cannot be undone wants the entry's name typed. The
//! command comes out only when its own button is pressed; a paste presses nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::action::Danger;
use crate::engine::command::Command;
use crate::pki::CertName;
use crate::tui::form::text_input::TextLine;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

/// As wide as a sentence reads well.
const WIDTH: u16 = 66;

/// What is asked, and with which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The title.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// The button that does it.
    pub submit: String,
    /// The button that does not; the default.
    pub keep: String,
    /// Whether it is the sandbox's; the title says so.
    pub sandbox: bool,
    /// How much it can break; [`Danger::WantsTheName`] wants `name` typed.
    pub danger: Danger,
    /// The entry's name.
    pub name: String,
}

/// What has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    Name,
    Submit,
    Keep,
}

/// A question with the command that waits for its answer.
#[derive(Clone, Debug)]
pub struct Confirm {
    question: Question,
    command: Command,
    focus: Focus,
    typed: TextLine,
    /// What has to be typed, in a word.
    wanted: &'static str,
    /// Said when the button was pressed before the name was right.
    complaint: Option<String>,
    top: usize,
}

impl Confirm {
    /// Asks before running `command`. Make the command with the state that the person sees.
    #[must_use]
    pub fn new(question: Question, command: Command) -> Self {
        let wants_name = question.danger == Danger::WantsTheName;
        Self {
            focus: if wants_name { Focus::Name } else { Focus::Keep },
            question,
            command,
            typed: TextLine::default(),
            wanted: "name",
            complaint: None,
            top: 0,
        }
    }

    /// The same about several entries: what cannot be undone wants their number typed, which
    /// stands in the place of the name.
    #[must_use]
    pub fn about_several(self) -> Self {
        Self {
            wanted: "number of entries",
            ..self
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match input {
            Input::Paste(pasted) if self.focus == Focus::Name => self.typed.paste(pasted),
            Input::Text(key) if self.focus == Focus::Name && self.typed.key(*key) => {
                self.complaint = None;
            }
            _ => return steer(input).map_or(Outcome::Stay, |step| self.go(step)),
        }
        Outcome::Stay
    }

    fn go(&mut self, step: Move) -> Outcome {
        match step {
            Move::Cancel => return Outcome::Close,
            Move::Press => return self.press(),
            Move::Next => self.focus = self.beside(true),
            Move::Previous => self.focus = self.beside(false),
            Move::Down | Move::FarDown => self.top = (self.top + 1).min(self.longest()),
            Move::Up | Move::FarUp => self.top = self.top.saturating_sub(1),
            Move::Top => self.top = 0,
            Move::Bottom => self.top = self.longest(),
        }
        Outcome::Stay
    }

    /// The line beyond which there is nothing to scroll to, on any terminal.
    fn longest(&self) -> usize {
        crate::tui::look::wrap(&self.question.text, 20).len()
    }

    fn beside(&self, forward: bool) -> Focus {
        let all: &[Focus] = if self.wants_name() {
            &[Focus::Name, Focus::Submit, Focus::Keep]
        } else {
            &[Focus::Submit, Focus::Keep]
        };
        let at = all.iter().position(|focus| *focus == self.focus);
        let next = sheet::round(at.unwrap_or_default(), all.len(), forward);
        all.get(next).copied().unwrap_or(Focus::Keep)
    }

    fn press(&mut self) -> Outcome {
        match self.focus {
            Focus::Keep => Outcome::Close,
            Focus::Submit if self.name_is_right() => Outcome::Run(self.command.clone()),
            Focus::Name if self.name_is_right() => {
                self.focus = Focus::Submit;
                Outcome::Stay
            }
            Focus::Name | Focus::Submit => {
                self.focus = Focus::Name;
                self.complaint = Some(format!(
                    "Type the {} first: {}",
                    self.wanted, self.question.name
                ));
                Outcome::Stay
            }
        }
    }

    fn wants_name(&self) -> bool {
        self.question.danger == Danger::WantsTheName
    }

    fn name_is_right(&self) -> bool {
        let typed = self.typed.value().trim();
        let same = |typed: &str| typed.eq_ignore_ascii_case(&self.question.name);
        !self.wants_name()
            || same(typed)
            || CertName::parse(typed).is_ok_and(|name| same(name.ascii()))
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        if self.wants_name() {
            Scope::Form
        } else {
            Scope::Dialog
        }
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = titled(self.question.sandbox, &self.question.title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| {
            self.sheet(look, columns)
        });
    }

    fn sheet(&self, look: &Look<'_>, columns: usize) -> Sheet {
        let mut body = Body {
            lines: look.paragraph(&self.question.text, columns, Role::Text),
            top: self.top,
            ..Body::default()
        };
        if self.wants_name() {
            self.name_field(look, columns, &mut body);
        }
        Sheet {
            body,
            foot: self.buttons(look, columns),
            hints: look.hints_but(self.scope(), Some(UiAction::FormSubmit), columns),
        }
    }

    fn name_field(&self, look: &Look<'_>, columns: usize, body: &mut Body) {
        body.gap();
        let first = body.lines.len();
        let asks = match self.wanted {
            "name" => format!("Type {} to go on:", self.question.name),
            wanted => format!("Type the {wanted}, {}, to go on:", self.question.name),
        };
        body.lines
            .extend(look.paragraph(&asks, columns, Role::Text));
        let focused = self.focus == Focus::Name;
        let role = if focused {
            Role::FieldFocused
        } else {
            Role::Field
        };
        let window = self
            .typed
            .window(columns.saturating_sub(2), look.symbols.ellipsis);
        let sign = if focused { look.symbols.selected } else { " " };
        body.push(Line::from(vec![
            Span::raw(format!("{sign} ")),
            Span::styled(window.shown, look.style(role)),
        ]));
        let line = body.lines.len() - 1;
        if let Some(complaint) = &self.complaint {
            body.lines
                .extend(look.paragraph(complaint, columns, Role::Bad));
        }
        if focused {
            body.focus_from(first);
            body.cursor = Some((line, window.cursor + 2));
        }
    }

    fn buttons(&self, look: &Look<'_>, columns: usize) -> Vec<Line<'static>> {
        let buttons = [
            Button {
                label: &self.question.submit,
                danger: self.wants_name(),
            },
            Button::calm(&self.question.keep),
        ];
        let focused = match self.focus {
            Focus::Name => None,
            Focus::Submit => Some(0),
            Focus::Keep => Some(1),
        };
        look.buttons(&buttons, focused, columns)
    }
}
