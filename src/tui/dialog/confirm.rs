//! Contract only so far.

use crate::domain::action::Danger;
use crate::engine::command::Command;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use ratatui::Frame;
use ratatui::layout::Rect;

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

/// Contract only so far.
#[derive(Clone, Debug)]
pub struct Confirm {}

impl Confirm {
    /// Asks before running `command`.
    #[must_use]
    pub fn new(question: Question, command: Command) -> Self {
        let _ = (question, command);
        todo!()
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        let _ = input;
        Outcome::Close
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let _ = (frame, area, look);
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Dialog
    }
}
