//! What the forms of records and of orders by hand have in common: every change is judged anew, and
//! the command comes out of the form's own button alone.
//!
//! May not: judge; each form asks the engine itself. Called by the two forms.

use super::sheet_form::{FormStep, SheetForm};
use crate::engine::command::Command;
use crate::tui::overlay::{Input, Outcome};

/// A form whose content is judged at every change.
pub(super) trait Judged {
    /// The fields.
    fn form(&mut self) -> &mut SheetForm;

    /// Judges what is filled in, and shows what is wrong with it.
    fn refresh(&mut self);

    /// What is sent.
    fn command(&self) -> Command;

    /// Takes something in.
    fn take(&mut self, input: &Input) -> Outcome {
        let step = self.form().handle(input);
        self.follow(step)
    }

    /// What a step of the form comes to.
    fn follow(&mut self, step: FormStep) -> Outcome {
        match step {
            FormStep::Stay => Outcome::Stay,
            FormStep::Changed => {
                self.refresh();
                let next = self.form().go_on();
                self.follow(next)
            }
            FormStep::Cancel => Outcome::Close,
            FormStep::Read { path } => Outcome::ReadFile { path },
            FormStep::Submit => {
                self.form().wait();
                Outcome::RunHere(self.command())
            }
        }
    }
}
