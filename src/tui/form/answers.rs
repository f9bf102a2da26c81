//! What a person has to say for an action, where the lifecycle's table asks for it: fields first,
//! filled in with what the entry has, then the question with the action's own words and buttons,
//! which repeats what was answered.
//!
//! Nothing is sent but by the question's own button, which does not have the focus at first. Going
//! back from the question leads to the fields, and what was filled in is never lost unasked. The
//! engine says what is wrong with each answer (`engine::answers`). Made by the panel.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::particulars::names;
use super::sheet_form::{FormField, FormStep, FormWords, SheetForm};
use super::summary::both_forms;
use crate::domain::entry::{Entry, Method};
use crate::domain::lifecycle::{ActionRow, Ask};
use crate::domain::name;
use crate::engine::answers::{self, LONGEST_REASON};
use crate::engine::command::{Answers, Command, Field, FieldError};
use crate::pki::CertName;
use crate::tui::dialog::steer::{Move, steer};
use crate::tui::dialog::{Confirm, Question};
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};

/// An action whose answers are being filled in.
#[derive(Clone, Debug)]
pub struct AnswerForm {
    entry: Arc<Entry>,
    row: ActionRow,
    /// What the person saw when deciding.
    seen_state: Option<String>,
    question: Question,
    form: SheetForm,
    /// The question, once every answer is right.
    asked: Option<Box<Confirm>>,
}

impl AnswerForm {
    /// The form for an action that `row` allows; `question` is asked after it. `seen_state` is what
    /// the person saw, as the command carries it.
    #[must_use]
    pub fn new(
        question: Question,
        entry: &Arc<Entry>,
        row: &ActionRow,
        seen_state: Option<String>,
    ) -> Self {
        let words = FormWords {
            title: question.title.clone(),
            sandbox: question.sandbox,
            introduction: question.text.clone(),
            submit: "Go on".to_owned(),
            waiting: "It was sent; the answer is awaited.".to_owned(),
        };
        let fields = row.asks.iter().flat_map(|ask| fields(*ask, entry));
        let mut made = Self {
            form: SheetForm::new(words, fields.collect()),
            entry: Arc::clone(entry),
            row: row.clone(),
            seen_state,
            question,
            asked: None,
        };
        made.refresh();
        made
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        if self.asked.is_some() && !matches!(input, Input::Failed { .. }) {
            return self.on_question(input);
        }
        self.asked = None;
        let step = self.form.handle(input);
        self.follow(step)
    }

    fn on_question(&mut self, input: &Input) -> Outcome {
        if steer(input) == Some(Move::Cancel) {
            self.asked = None;
            return Outcome::Stay;
        }
        let outcome = self.asked.as_mut().map(|asked| asked.handle(input));
        match outcome {
            Some(Outcome::Run(command)) => {
                self.asked = None;
                self.form.wait();
                Outcome::RunHere(command)
            }
            Some(outcome) => outcome,
            None => Outcome::Stay,
        }
    }

    fn follow(&mut self, step: FormStep) -> Outcome {
        match step {
            FormStep::Stay => {}
            FormStep::Changed => {
                self.refresh();
                let next = self.form.go_on();
                return self.follow(next);
            }
            FormStep::Cancel => return Outcome::Close,
            FormStep::Read { path } => return Outcome::ReadFile { path },
            FormStep::Submit => self.asked = Some(Box::new(self.confirm())),
        }
        Outcome::Stay
    }

    /// The question, with what was answered.
    fn confirm(&self) -> Confirm {
        let (with, _) = answers::judge(&self.given(), &self.row, &self.entry);
        let question = Question {
            text: format!("{}\n\n{}", self.question.text, summary(&with, &self.row)),
            ..self.question.clone()
        };
        let command = Command::Act {
            entry: self.entry.id.clone(),
            action: self.row.id.clone(),
            with,
            seen_state: self.seen_state.clone(),
        };
        Confirm::new(question, command)
    }

    fn given(&self) -> Answers {
        let list = |field| self.form.text(field).map(|typed| names(&typed));
        let line = |field| self.form.text(field).filter(|text| !text.is_empty());
        let chosen = self.form.chosen_words(Field::Method);
        let method = |method: &Method| Some(method.words()) == chosen;
        Answers {
            reason: line(Field::Reason),
            names: list(Field::Names).unwrap_or_default(),
            new_names: list(Field::NewNames).unwrap_or_default(),
            method: Method::ALL.into_iter().find(method),
            mailbox: line(Field::Mailbox),
        }
    }

    fn refresh(&mut self) {
        let by_mail = self.form.chosen_words(Field::Method) == Some(Method::Email.words());
        self.form.show(Field::Mailbox, by_mail);
        let (_, mut problems) = answers::judge(&self.given(), &self.row, &self.entry);
        // An empty list means to the engine that the names stay; here somebody emptied it.
        let typed = self.form.text(Field::Names);
        if typed.is_some_and(|typed| names(&typed).is_empty()) {
            problems.push(FieldError {
                field: Field::Names,
                says: "give at least one name, for example www.example.com".to_owned(),
            });
        }
        self.form.set_problems(problems);
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match &self.asked {
            Some(asked) => asked.scope(),
            None => self.form.scope(),
        }
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        match &self.asked {
            Some(asked) => asked.view(frame, area, look),
            None => self.form.view(frame, area, look),
        }
    }
}

/// The fields for what is asked, filled in with what the entry has.
fn fields(ask: Ask, entry: &Entry) -> Vec<FormField> {
    let expects = "one to a line, or pasted: www.example.org, *.example.org";
    match ask {
        Ask::Reason => {
            let hint = format!("may be left empty; {LONGEST_REASON} characters at most");
            vec![FormField::line(Field::Reason, "Reason", &hint, "")]
        }
        Ask::Names => {
            let known = entry.names.iter().map(|known| name::unicode(known));
            let known = known.collect::<Vec<_>>().join("\n");
            vec![FormField::area(Field::Names, "Names", expects, &known)]
        }
        Ask::NewNames => vec![FormField::area(Field::NewNames, "New names", expects, "")],
        Ask::Method => {
            let options = Method::ALL.map(|method| method.words().to_owned());
            let now = |method: &Method| Some(*method) == entry.order.method;
            let at = Method::ALL.iter().position(now).unwrap_or_default();
            let mailbox = entry.order.mailbox.clone().unwrap_or_default();
            let hint = format!(
                "for example admin@{}",
                entry.name().trim_start_matches("*.")
            );
            vec![
                FormField::choice(Field::Method, "Verification", options.to_vec(), at),
                FormField::line(Field::Mailbox, "Mailbox", &hint, &mailbox),
            ]
        }
    }
}

/// What will be sent beside the action itself, line by line; what stays is said, too.
fn summary(with: &Answers, row: &ActionRow) -> String {
    let lines = row.asks.iter().map(|ask| match ask {
        Ask::Reason => match &with.reason {
            Some(reason) => format!("Reason: {reason}"),
            None => "Without a reason.".to_owned(),
        },
        Ask::Names if with.names.is_empty() => "The names stay as they are.".to_owned(),
        Ask::Names => format!("Names from now on: {}", list(&with.names)),
        Ask::NewNames => format!("New names: {}", list(&with.new_names)),
        Ask::Method => match (with.method, &with.mailbox) {
            (None, _) => "The verification stays as it is.".to_owned(),
            (Some(method), None) => format!("Verification: {}", method.words()),
            (Some(method), Some(mailbox)) => {
                format!("Verification: {} to {mailbox}", method.words())
            }
        },
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn list(names: &[String]) -> String {
    let shown = names.iter().map(|name| match CertName::parse(name) {
        Ok(name) => both_forms(&name),
        Err(_) => name.clone(),
    });
    shown.collect::<Vec<_>>().join(", ")
}
