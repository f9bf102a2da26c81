//! A form of any fields, one below the other: lines, texts, documents and choices.
//!
//! Plain data: keys and pastes go in, a [`FormStep`] comes out, and whoever made the form decides
//! what is wrong and what is sent. What is wrong with a field is said below it once it was left, or
//! after a try. A paste goes whole into its field and never sends anything; nothing that was filled
//! in is thrown away without a question. Called by the forms for records, orders and accounts.

mod document;
mod draw;
mod field;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};
use secrecy::SecretString;

use crate::engine::command::{Field, FieldError};
use crate::tui::dialog::sheet;
use crate::tui::dialog::steer::{Move, steer};
use crate::tui::keymap::Scope;
use crate::tui::overlay::Input;
use crate::tui::ui_action::UiAction;

pub(in crate::tui) use field::{FieldKind, FormField};

/// Said where a private key was about to land in a field that is drawn.
const NO_KEY_HERE: &str =
    "this holds a private key; it was not kept, this field is for something else";

/// The words around the fields.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct FormWords {
    /// What the form is for.
    pub(in crate::tui) title: String,
    /// Whether it is the sandbox's; the title says so.
    pub(in crate::tui) sandbox: bool,
    /// Above the fields; may be empty.
    pub(in crate::tui) introduction: String,
    /// On the button that sends it: `Record it`.
    pub(in crate::tui) submit: String,
    /// Shown while the answer is awaited.
    pub(in crate::tui) waiting: String,
}

/// What came of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum FormStep {
    /// Nothing that concerns anybody else.
    Stay,
    /// A field has another value: judge it anew with [`SheetForm::set_problems`], then call
    /// [`SheetForm::go_on`].
    Changed,
    /// Close the form; what was filled in was asked about already.
    Cancel,
    /// Send it off; it has no problems. Call [`SheetForm::wait`].
    Submit,
    /// Read this file and hand the answer in as [`Input::File`].
    Read {
        /// The path as typed.
        path: String,
    },
}

/// Something worth saying below a field that is no problem: what was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct FieldNote {
    /// The field.
    pub(in crate::tui) field: Field,
    /// The sentence.
    pub(in crate::tui) says: String,
    /// Whether it says that something is right, with a sign before it.
    pub(in crate::tui) good: bool,
}

/// Which page of the form is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Fields,
    Waiting,
    /// The question before everything is thrown away.
    Leaving {
        focus: usize,
    },
}

/// The safe button stands at the right, as in every question.
const SAFE: usize = 1;

/// The form.
#[derive(Clone, Debug)]
pub(in crate::tui) struct SheetForm {
    words: FormWords,
    fields: Vec<FormField>,
    /// The field with the focus by its place; one beyond the last is the button.
    focus: usize,
    page: Page,
    /// The fields whose problems are shown: those that were left, or all after a try.
    visited: BTreeSet<Field>,
    /// Whether sending it was tried.
    tried: bool,
    problems: Vec<FieldError>,
    notes: Vec<FieldNote>,
    /// What was said of a field once, until it is edited: an unreadable file, a refusal.
    said: Vec<FieldError>,
    /// Why it was not accepted, as a whole.
    refused: Option<String>,
    /// The field that asked for a file.
    reading: Option<Field>,
    /// Whether it is to be sent once that file is read.
    sending: bool,
}

impl SheetForm {
    /// A form with these fields, the focus on the first of them.
    #[must_use]
    pub(in crate::tui) fn new(words: FormWords, fields: Vec<FormField>) -> Self {
        let mut form = Self {
            words,
            fields,
            focus: 0,
            page: Page::Fields,
            visited: BTreeSet::new(),
            tried: false,
            problems: Vec::new(),
            notes: Vec::new(),
            said: Vec::new(),
            refused: None,
            reading: None,
            sending: false,
        };
        form.keep_focus();
        form
    }

    /// Takes something in.
    pub(in crate::tui) fn handle(&mut self, input: &Input) -> FormStep {
        match input {
            Input::File(answer) => return self.take_file(answer),
            Input::Failed { fields, says } => self.refuse(fields, says),
            _ if self.page != Page::Fields => return self.on_page(input),
            Input::Action(action) => return self.act(*action),
            Input::Text(key) if key.kind != KeyEventKind::Release => return self.key(*key),
            Input::Paste(pasted) => return self.paste(pasted),
            Input::Text(_) | Input::Answer(_) | Input::Accounts(_) | Input::Timeline(_) => {}
        }
        FormStep::Stay
    }

    fn act(&mut self, action: UiAction) -> FormStep {
        match action {
            UiAction::FormNextField => self.step(true),
            UiAction::FormPreviousField => self.step(false),
            UiAction::CursorDown => self.line_or_field(true),
            UiAction::CursorUp => self.line_or_field(false),
            UiAction::FormSubmit => return self.submit(),
            UiAction::FormCancel | UiAction::Back if self.is_changed() => {
                self.page = Page::Leaving { focus: SAFE };
            }
            UiAction::FormCancel | UiAction::Back => return FormStep::Cancel,
            _ => {}
        }
        FormStep::Stay
    }

    /// A line up or down within a text of several lines, else a field.
    fn line_or_field(&mut self, down: bool) {
        let moved = match self.focused().map(|field| &mut field.kind) {
            Some(FieldKind::Area(area)) if down => area.down(),
            Some(FieldKind::Area(area)) => area.up(),
            _ => false,
        };
        if !moved {
            self.step(down);
        }
    }

    /// To the next field that is shown, round through the button.
    fn step(&mut self, forward: bool) {
        if let Some(field) = self.fields.get(self.focus) {
            self.visited.insert(field.field);
        }
        let stops = self.fields.len() + 1;
        for _ in 0..stops {
            self.focus = sheet::round(self.focus, stops, forward);
            if self.fields.get(self.focus).is_none_or(|field| field.shown) {
                return;
            }
        }
    }

    fn key(&mut self, key: KeyEvent) -> FormStep {
        let enter = key.code == KeyCode::Enter;
        let Some(field) = self.focused() else {
            return if enter { self.submit() } else { FormStep::Stay };
        };
        let id = field.field;
        if enter && let Some(path) = field.path_to_read() {
            self.reading = Some(id);
            return FormStep::Read { path };
        }
        if field.key(key) {
            return self.edited(id);
        }
        if enter {
            self.step(true);
        }
        FormStep::Stay
    }

    fn paste(&mut self, pasted: &str) -> FormStep {
        let Some(field) = self.focused() else {
            return FormStep::Stay;
        };
        let id = field.field;
        if !field.takes_text() {
            self.say(
                id,
                "nothing can be pasted here; go to a field for text first",
            );
            return FormStep::Stay;
        }
        if field.is_drawn() && pasted.contains(super::PRIVATE_KEY) {
            self.say(id, NO_KEY_HERE);
            return FormStep::Stay;
        }
        let whole = field.paste(pasted);
        let step = self.edited(id);
        // Whoever pastes has finished typing.
        self.visited.insert(id);
        if !whole {
            self.say(id, "that was more than 64 KiB; its end is missing");
        }
        step
    }

    fn take_file(&mut self, answer: &Result<String, String>) -> FormStep {
        let Some(id) = self.reading.take() else {
            return FormStep::Stay;
        };
        let Some(field) = self.fields.iter_mut().find(|field| field.field == id) else {
            return FormStep::Stay;
        };
        let sending = std::mem::take(&mut self.sending);
        match answer {
            Ok(text) => {
                let whole = field.take_file(text);
                let step = self.edited(id);
                self.sending = sending && whole;
                self.visited.insert(id);
                if !whole {
                    self.say(id, "the file is longer than 64 KiB; its end is missing");
                }
                step
            }
            Err(says) => {
                self.say(id, says);
                FormStep::Stay
            }
        }
    }

    fn edited(&mut self, id: Field) -> FormStep {
        self.refused = None;
        self.sending = false;
        self.said.retain(|said| said.field != id);
        FormStep::Changed
    }

    fn say(&mut self, field: Field, says: &str) {
        self.said.retain(|said| said.field != field);
        let says = says.to_owned();
        self.said.push(FieldError { field, says });
    }

    /// Sends it off, or shows what is still wrong and goes to the first of it.
    fn submit(&mut self) -> FormStep {
        self.tried = true;
        self.refused = None;
        self.visited
            .extend(self.fields.iter().map(|field| field.field));
        if let Some(read) = self.read_typed_path() {
            return read;
        }
        if self.problems.is_empty() {
            return FormStep::Submit;
        }
        let wrong = |field: &FormField| self.problems.iter().any(|p| p.field == field.field);
        let first = self.fields.iter().position(|f| f.shown && wrong(f));
        self.focus = first.unwrap_or(self.focus);
        FormStep::Stay
    }

    /// A path that was typed and not read yet is read first: what it names is meant to be sent too.
    fn read_typed_path(&mut self) -> Option<FormStep> {
        let unread = |field: &FormField| field.path_to_read().filter(|_| field.shown);
        let (at, path) = self
            .fields
            .iter()
            .map(unread)
            .enumerate()
            .find_map(|(at, path)| path.map(|path| (at, path)))?;
        self.focus = at;
        self.reading = self.fields.get(at).map(|field| field.field);
        self.sending = true;
        Some(FormStep::Read { path })
    }

    /// After a change was judged: goes on with sending, where that waited for a file.
    pub(in crate::tui) fn go_on(&mut self) -> FormStep {
        if std::mem::take(&mut self.sending) {
            return self.submit();
        }
        FormStep::Stay
    }

    fn on_page(&mut self, input: &Input) -> FormStep {
        let Some(step) = steer(input) else {
            return FormStep::Stay;
        };
        match (self.page, step) {
            // What was sent goes on by itself; only the view of it is closed.
            (Page::Waiting, Move::Cancel) => return FormStep::Cancel,
            (Page::Leaving { focus }, Move::Press) if focus != SAFE => return FormStep::Cancel,
            (Page::Leaving { .. }, Move::Press | Move::Cancel) => self.page = Page::Fields,
            (Page::Leaving { focus }, Move::Next | Move::Previous) => {
                let focus = sheet::round(focus, 2, true);
                self.page = Page::Leaving { focus };
            }
            _ => {}
        }
        FormStep::Stay
    }

    fn focused(&mut self) -> Option<&mut FormField> {
        self.fields.get_mut(self.focus)
    }

    /// A field that is not shown any more cannot keep the focus.
    fn keep_focus(&mut self) {
        let shown = |at: usize| self.fields.get(at).is_none_or(|field| field.shown);
        while !shown(self.focus) {
            self.focus += 1;
        }
    }

    fn shown(&self, id: Field) -> Option<&FormField> {
        let mut shown = self.fields.iter().filter(|field| field.shown);
        shown.find(|field| field.field == id)
    }

    /// Whether anything is filled in otherwise than it was at first.
    #[must_use]
    pub(in crate::tui) fn is_changed(&self) -> bool {
        self.fields.iter().any(FormField::is_changed)
    }

    /// What was typed: a line without the blanks around it, a text as it is. Nothing for a field
    /// that is not shown, and for documents, whose text is [`SheetForm::secret`].
    #[must_use]
    pub(in crate::tui) fn text(&self, field: Field) -> Option<String> {
        self.shown(field)?.text()
    }

    /// The same, where it is not what the form began with.
    #[must_use]
    pub(in crate::tui) fn changed_text(&self, field: Field) -> Option<String> {
        let field = self.shown(field)?;
        field.is_changed().then(|| field.text())?
    }

    /// The text of a document, if there is any.
    #[must_use]
    pub(in crate::tui) fn secret(&self, field: Field) -> Option<SecretString> {
        match &self.shown(field)?.kind {
            FieldKind::Document(document) => document.secret(),
            _ => None,
        }
    }

    /// Which choice is chosen, counted from 0.
    #[must_use]
    pub(in crate::tui) fn chosen(&self, field: Field) -> Option<usize> {
        match &self.shown(field)?.kind {
            FieldKind::Choice { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// The same for each field of that kind, in the form's order.
    #[must_use]
    pub(in crate::tui) fn all_chosen(&self, field: Field) -> Vec<usize> {
        let fields = self.fields.iter().filter(|one| one.field == field);
        let chosen = fields.filter_map(|one| match &one.kind {
            FieldKind::Choice { at, .. } => Some(*at),
            _ => None,
        });
        chosen.collect()
    }

    /// The same in its words.
    #[must_use]
    pub(in crate::tui) fn chosen_words(&self, field: Field) -> Option<&str> {
        match &self.shown(field)?.kind {
            FieldKind::Choice { options, at } => options.get(*at).map(String::as_str),
            _ => None,
        }
    }

    /// Whether a field is filled in otherwise than it was at first.
    #[must_use]
    pub(in crate::tui) fn is_field_changed(&self, field: Field) -> bool {
        self.shown(field).is_some_and(FormField::is_changed)
    }

    /// Shows or hides a field. What was filled in is kept and counts again when it comes back.
    pub(in crate::tui) fn show(&mut self, field: Field, shown: bool) {
        for found in self.fields.iter_mut().filter(|found| found.field == field) {
            found.shown = shown;
        }
        self.keep_focus();
    }

    /// What is wrong now; shown below the fields that were left.
    pub(in crate::tui) fn set_problems(&mut self, problems: Vec<FieldError>) {
        self.problems = problems;
    }

    /// What was recognised in the fields; shown at once.
    pub(in crate::tui) fn set_notes(&mut self, notes: Vec<FieldNote>) {
        self.notes = notes;
    }

    /// It was not accepted: everything that was filled in is there again, with the reason.
    pub(in crate::tui) fn refuse(&mut self, fields: &[FieldError], says: &str) {
        self.page = Page::Fields;
        self.refused = Some(says.to_owned());
        for problem in fields {
            self.say(problem.field, &problem.says);
        }
        let first = fields.first().map(|problem| problem.field);
        let place = |id| self.fields.iter().position(|f| f.shown && f.field == id);
        self.focus = first.and_then(place).unwrap_or(self.focus);
    }

    /// It was sent; the fields wait for the answer.
    pub(in crate::tui) fn wait(&mut self) {
        self.page = Page::Waiting;
    }

    /// Where its keys are looked up.
    #[must_use]
    pub(in crate::tui) fn scope(&self) -> Scope {
        match self.page {
            Page::Fields => Scope::Form,
            Page::Waiting | Page::Leaving { .. } => Scope::Dialog,
        }
    }
}
