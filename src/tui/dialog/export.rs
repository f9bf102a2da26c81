//! Writing certificate, chain and key into files: first what for, then where to.
//!
//! What an entry has not cannot be chosen, and says why. May not: write anything; the engine does,
//! and over nothing that is there before a person has said so.

use std::path::PathBuf;

use crossterm::event::KeyCode;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::about;
use super::menu::{Item, MenuList};
use super::passphrase::secret_field;
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::engine::command::{Command, Export, ExportForm, Field};
use crate::tui::form::secret_line::SecretLine;
use crate::tui::form::text_input::TextLine;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;
use crate::tui::ui_action::UiAction;

const WIDTH: u16 = 74;
/// Where exports go unless something else is said.
const USUAL: &str = "~/certificates/";

/// An export that is being filled in.
#[derive(Clone, Debug)]
pub struct ExportDialog {
    entry: EntryId,
    name: String,
    sandbox: bool,
    /// Why a form is not possible, form by form.
    reasons: Vec<Option<String>>,
    list: MenuList,
    /// Whether the account's deploy command can run afterwards.
    deploys: bool,
    /// The form that was chosen, and where it goes.
    chosen: Option<Chosen>,
}

#[derive(Clone, Debug)]
struct Chosen {
    form: ExportForm,
    to: TextLine,
    /// The password and the same once more, where the form has one.
    passwords: Vec<SecretLine>,
    focus: usize,
    refused: Option<String>,
    /// Whether files are in the way and the next press writes over them.
    overwrites: bool,
    /// Whether the deploy command runs afterwards; nothing where there is none.
    deploy: Option<bool>,
    asked: bool,
}

impl ExportDialog {
    /// What can be exported of an entry.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Self {
        let reasons: Vec<_> = ExportForm::ALL.map(|form| reason(entry, form)).into();
        let items = ExportForm::ALL.iter().zip(&reasons);
        let items = items.map(|(form, reason)| Item {
            label: form.title().to_owned(),
            detail: reason.clone().unwrap_or_else(|| form.says().to_owned()),
        });
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            sandbox: about::is_sandbox(entry, inventory),
            list: MenuList::new(items.collect()),
            deploys: inventory.verdict("run-deploy", entry, system).is_possible(),
            reasons,
            chosen: None,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        let Some(chosen) = &mut self.chosen else {
            return self.choose(input);
        };
        match chosen.handle(input, &self.entry) {
            Outcome::Close => {
                self.chosen = None;
                Outcome::Stay
            }
            other => other,
        }
    }

    fn choose(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => return Outcome::Close,
            Some(Move::Press) => {
                let at = self.list.at();
                let possible = self.reasons.get(at).is_some_and(Option::is_none);
                let form = ExportForm::ALL.get(at).copied().filter(|_| possible);
                let deploy = self.deploys.then_some(false);
                self.chosen = form.map(|form| Chosen::of(form, deploy));
            }
            Some(step) => self.list.go(step),
            None => {}
        }
        Outcome::Stay
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self.chosen {
            None => Scope::Menu,
            Some(_) => Scope::Form,
        }
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = format!("Export {} {}", look.symbols.separator, self.name);
        let title = titled(self.sandbox, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| {
            match &self.chosen {
                None => Sheet {
                    body: self.list.body(look, columns),
                    hints: look.hints(Scope::Menu, columns),
                    ..Sheet::default()
                },
                Some(chosen) => chosen.sheet(look, columns, &self.name),
            }
        });
    }
}

/// Why an entry cannot be exported so.
fn reason(entry: &Entry, form: ExportForm) -> Option<String> {
    if form.has_certificate() && entry.certificates.is_empty() {
        return Some("there is no certificate yet".to_owned());
    }
    if form.has_key() && !entry.order.key_held {
        return Some("the private key is not held here".to_owned());
    }
    None
}

/// The keys that go through the choices of a field, as in the order form.
fn switches(code: KeyCode) -> bool {
    matches!(code, KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right)
}

impl Chosen {
    fn of(form: ExportForm, deploy: Option<bool>) -> Self {
        let passwords = if form.wants_password() { 2 } else { 0 };
        Self {
            form,
            to: TextLine::with(USUAL),
            passwords: vec![SecretLine::default(); passwords],
            focus: 0,
            refused: None,
            overwrites: false,
            deploy,
            asked: false,
        }
    }

    fn fields(&self) -> usize {
        1 + self.passwords.len() + usize::from(self.deploy.is_some())
    }

    /// Whether the switch of the deploy command has the focus.
    fn is_on_switch(&self) -> bool {
        self.deploy.is_some() && self.focus + 1 == self.fields()
    }

    fn handle(&mut self, input: &Input, entry: &EntryId) -> Outcome {
        match input {
            Input::Paste(pasted) => self.paste(pasted),
            Input::Action(UiAction::FormSubmit) => return self.submit(entry),
            Input::Text(key) if self.is_on_switch() && switches(key.code) => {
                self.deploy = self.deploy.map(|deploys| !deploys);
            }
            Input::Text(key) if self.types(*key) => {
                self.refused = None;
                // Another place has other files in it.
                self.overwrites &= self.focus != 0;
            }
            Input::Failed { fields, says } => {
                self.asked = false;
                self.overwrites = fields.iter().any(|error| error.field == Field::Overwrite);
                self.refused = Some(says.clone());
                self.focus = if self.overwrites {
                    self.fields() + 1
                } else {
                    0
                };
            }
            _ => return steer(input).map_or(Outcome::Stay, |step| self.go(step, entry)),
        }
        Outcome::Stay
    }

    fn types(&mut self, key: crossterm::event::KeyEvent) -> bool {
        match self.focus.checked_sub(1) {
            None => self.to.key(key),
            Some(at) => (self.passwords.get_mut(at)).is_some_and(|line| line.key(key)),
        }
    }

    fn paste(&mut self, pasted: &str) {
        match self.focus.checked_sub(1) {
            None => self.to.paste(pasted),
            Some(at) => {
                if let Some(line) = self.passwords.get_mut(at) {
                    line.paste(pasted);
                }
            }
        }
    }

    fn go(&mut self, step: Move, entry: &EntryId) -> Outcome {
        let stops = self.fields() + 2;
        match step {
            Move::Press if self.focus + 1 < self.fields() => self.focus += 1,
            Move::Press if self.focus <= self.fields() => return self.submit(entry),
            Move::Press | Move::Cancel => return Outcome::Close,
            Move::Next | Move::Down => self.focus = sheet::round(self.focus, stops, true),
            Move::Previous | Move::Up => self.focus = sheet::round(self.focus, stops, false),
            _ => {}
        }
        Outcome::Stay
    }

    fn submit(&mut self, entry: &EntryId) -> Outcome {
        if self.asked {
            return Outcome::Stay;
        }
        let wrong = match self.passwords.as_slice() {
            _ if self.to.value().trim().is_empty() => Some("say where to"),
            [first, ..] if first.is_empty() => Some("a password is needed"),
            [first, again] if !first.is_same(again) => Some("the two passwords differ"),
            _ => None,
        };
        self.refused = wrong.map(str::to_owned);
        if wrong.is_some() {
            return Outcome::Stay;
        }
        self.asked = true;
        let export = Export {
            entry: entry.clone(),
            form: self.form,
            to: PathBuf::from(self.to.value().trim()),
            overwrite: self.overwrites,
            password: self.passwords.first().map(SecretLine::secret),
            deploy: self.deploy == Some(true),
        };
        Outcome::RunHere(Command::Export(Box::new(export)))
    }

    fn sheet(&self, look: &Look<'_>, columns: usize, name: &str) -> Sheet {
        let mut body = Body::default();
        let form = self.form;
        let intro = format!("{}: {}.", form.title(), form.says());
        body.lines
            .extend(look.paragraph(&intro, columns, Role::Text));
        if form.has_key() {
            let says = "The private key leaves certdeck with it; the history remembers that.";
            body.lines.extend(look.paragraph(says, columns, Role::Warn));
        }
        body.gap();
        self.place(look, &mut body, columns);
        for (index, line) in self.passwords.iter().enumerate() {
            let label = if index == 0 { "Password" } else { "Once more" };
            let focused = self.focus == index + 1;
            secret_field(look, &mut body, (label, line), focused, columns);
        }
        if let Some(deploys) = self.deploy {
            self.switch(look, &mut body, deploys, columns);
        }
        body.gap();
        for path in form.paths(name, &PathBuf::from(self.to.value().trim())) {
            let says = format!("  {}", path.display());
            body.push(look.line(&says, columns, Role::Dim));
        }
        if let Some(says) = &self.refused {
            let says = format!("{} {says}", look.symbols.failed);
            body.lines.extend(look.paragraph(&says, columns, Role::Bad));
        }
        let write = if self.overwrites {
            Button {
                label: "Write over them",
                danger: true,
            }
        } else {
            Button::calm("Write")
        };
        let focused = self.focus.checked_sub(self.fields());
        Sheet {
            body,
            foot: look.buttons(&[write, Button::calm("Back")], focused, columns),
            hints: look.hints_but(Scope::Form, Some(UiAction::FormSubmit), columns),
        }
    }

    /// Whether the deploy command runs when the files are there.
    fn switch(&self, look: &Look<'_>, body: &mut Body, deploys: bool, columns: usize) {
        let focused = self.is_on_switch();
        let (sign, role) = if focused {
            (look.symbols.selected, Role::FieldFocused)
        } else {
            (" ", Role::Field)
        };
        let mark = if deploys { "[x]" } else { "[ ]" };
        if focused {
            body.focus_from(body.lines.len());
        }
        let says = format!("{sign} {mark} then run the account's deploy command");
        body.push(look.line(&says, columns, role));
    }

    fn place(&self, look: &Look<'_>, body: &mut Body, columns: usize) {
        const LABEL: usize = 12;
        let focused = self.focus == 0;
        let room = columns.saturating_sub(LABEL + 2);
        let window = self.to.window(room, look.symbols.ellipsis);
        let (sign, role) = if focused {
            (look.symbols.selected, Role::FieldFocused)
        } else {
            (" ", Role::Field)
        };
        if focused {
            body.cursor = Some((body.lines.len(), LABEL + 2 + window.cursor));
            body.focus_from(body.lines.len());
        }
        body.push(Line::from(vec![
            Span::raw(format!("{sign} {:<LABEL$}", "To")),
            Span::styled(window.shown, look.style(role)),
        ]));
    }
}
