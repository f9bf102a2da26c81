//! The order form: what to order, then a summary, and only then the order.
//!
//! Keys and pastes go in, an outcome comes out (`tui::overlay`). What is wrong with a field is said
//! below it, as the engine's own check says it. A paste never sends anything, and nothing that was
//! filled in is thrown away without a question. The panel makes and draws it.

pub(in crate::tui) mod account;
mod answers;
mod draft;
mod fields;
mod hand_order;
mod judged;
mod mailboxes;
mod pages;
mod particulars;
mod recognised;
mod record;
pub(in crate::tui) mod secret_line;
pub(in crate::tui) mod sheet_form;
mod summary;
pub(in crate::tui) mod text_input;
mod widgets;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::inventory::Inventory;
use crate::engine::command::{FieldError, Offer};
use crate::engine::order;
use crate::pki::csr;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};
use crate::tui::ui_action::UiAction;
use draft::{Draft, Slot};
use pages::Page;

pub use answers::AnswerForm;
pub use hand_order::HandOrderForm;
pub use record::{RecordForm, RecordWords};

/// The line that every private key in PEM has (RFC 7468 sections 10 and 11, and the older forms).
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// The order form.
#[derive(Clone, Debug)]
pub struct OrderFormScreen {
    inventory: Arc<Inventory>,
    draft: Draft,
    focus: Slot,
    page: Page,
    /// The slots whose problems are shown: those that were left, or all after a try.
    visited: BTreeSet<Slot>,
    /// What the engine's check finds now.
    problems: Vec<(Slot, String)>,
    /// What was said of a slot once, until it is edited: an unreadable file, a refusal.
    said: Vec<(Slot, String)>,
    /// Why the order was not placed, as a whole.
    refused: Option<String>,
    /// Whether anything was filled in.
    touched: bool,
}

impl OrderFormScreen {
    /// An empty form. `offers` holds what each account sells, by account; accounts without offers
    /// and read-only ones are not offered.
    #[must_use]
    pub fn new(inventory: Arc<Inventory>, offers: BTreeMap<String, Vec<Offer>>) -> Self {
        let draft = Draft::new(&inventory, offers);
        let mut form = Self {
            // With one account there is nothing to choose.
            focus: match draft.shops.as_slice() {
                [_, _, ..] => Slot::Account,
                _ if draft.kinds().len() > 1 => Slot::Lifecycle,
                _ => Slot::Product,
            },
            inventory,
            draft,
            page: Page::Fields,
            visited: BTreeSet::new(),
            problems: Vec::new(),
            said: Vec::new(),
            refused: None,
            touched: false,
        };
        form.refresh();
        form
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match input {
            Input::File(answer) => self.take_file(answer),
            Input::Failed { fields, says } => self.take_refusal(fields, says),
            _ if self.page != Page::Fields => return self.handle_page(input),
            Input::Action(action) => return self.act(*action),
            Input::Text(key) if key.kind != KeyEventKind::Release => return self.key(*key),
            Input::Text(_) | Input::Answer(_) | Input::Accounts(_) | Input::Timeline(_) => {}
            Input::Paste(pasted) => self.paste(pasted),
        }
        Outcome::Stay
    }

    fn act(&mut self, action: UiAction) -> Outcome {
        match action {
            UiAction::FormNextField => self.move_focus(true),
            UiAction::FormPreviousField => self.move_focus(false),
            UiAction::CursorDown => self.line_or_field(true),
            UiAction::CursorUp => self.line_or_field(false),
            UiAction::FormSubmit => self.review(),
            UiAction::FormCancel | UiAction::Back if self.touched => self.page = Page::leaving(),
            UiAction::FormCancel | UiAction::Back => return Outcome::Close,
            _ => {}
        }
        Outcome::Stay
    }

    /// A line up or down within a text of several lines, else a field.
    fn line_or_field(&mut self, down: bool) {
        let area = match self.focus {
            Slot::Names => Some(&mut self.draft.names),
            Slot::CsrText => Some(&mut self.draft.csr),
            _ => None,
        };
        let moved = area.is_some_and(|area| if down { area.down() } else { area.up() });
        if !moved {
            self.move_focus(down);
        }
    }

    fn move_focus(&mut self, forward: bool) {
        self.visited.insert(self.focus);
        let slots = self.draft.slots();
        let at = slots.iter().position(|slot| *slot == self.focus);
        let next = match (at, forward) {
            (Some(at), true) => at + 1,
            (Some(at), false) => at + slots.len() - 1,
            (None, _) => 0,
        };
        if let Some(slot) = slots.get(next % slots.len()) {
            self.focus = *slot;
        }
    }

    fn key(&mut self, key: KeyEvent) -> Outcome {
        let enter = key.code == KeyCode::Enter;
        match self.focus {
            Slot::Names if self.draft.names.key(key) => self.edited(),
            Slot::CsrText if self.draft.csr.key(key) => self.edited(),
            Slot::CsrFile if enter => return self.read_file(),
            Slot::CsrFile if self.draft.csr_file.key(key) => self.edited(),
            Slot::OtherMailbox if self.draft.other_mailbox.key(key) => self.edited(),
            Slot::Part(part) if self.draft.part_mut(part).key(key) => self.edited(),
            Slot::Review if enter => self.review(),
            Slot::TakeNames if enter => self.take_names(),
            Slot::Names | Slot::CsrText => {}
            _ if enter => self.move_focus(true),
            _ => self.choose(key.code),
        }
        Outcome::Stay
    }

    /// Left, right and space go through the choices of a field.
    fn choose(&mut self, code: KeyCode) {
        let forward = match code {
            KeyCode::Right | KeyCode::Char(' ') => true,
            KeyCode::Left => false,
            _ => return,
        };
        let before = self.draft.procedure();
        let Some((count, chosen)) = self.draft.choice(self.focus) else {
            return;
        };
        if count < 2 {
            return;
        }
        *chosen = (*chosen + if forward { 1 } else { count - 1 }) % count;
        self.draft.chosen_anew(self.focus, before);
        self.edited();
    }

    fn read_file(&mut self) -> Outcome {
        let path = self.draft.csr_file.value().trim().to_owned();
        if path.is_empty() {
            self.move_focus(true);
            return Outcome::Stay;
        }
        Outcome::ReadFile { path }
    }

    fn take_file(&mut self, answer: &Result<String, String>) {
        self.said.retain(|(slot, _)| *slot != Slot::CsrFile);
        if self.page != Page::Placing {
            // A summary shown meanwhile would not be true any more.
            self.page = Page::Fields;
        }
        match answer {
            Ok(text) if text.contains(PRIVATE_KEY) => self.refuse_key(Slot::CsrFile, text),
            Ok(text) => {
                let whole = self.draft.csr.replace(text);
                self.edited_at(Slot::CsrText);
                self.visited.insert(Slot::CsrText);
                if !whole {
                    self.say(
                        Slot::CsrFile,
                        "the file is longer than 64 KiB; a request is not",
                    );
                }
            }
            Err(says) => self.say(Slot::CsrFile, says),
        }
    }

    fn paste(&mut self, pasted: &str) {
        let slot = self.focus;
        if pasted.contains(PRIVATE_KEY) {
            return self.refuse_key(slot, pasted);
        }
        let whole = match slot {
            Slot::Names => self.draft.names.paste(pasted),
            Slot::CsrText => self.draft.csr.paste(pasted),
            Slot::CsrFile => line_paste(&mut self.draft.csr_file, pasted),
            Slot::OtherMailbox => line_paste(&mut self.draft.other_mailbox, pasted),
            Slot::Part(part) => line_paste(self.draft.part_mut(part), pasted),
            _ => {
                return self.say(
                    slot,
                    "nothing can be pasted here; go to a field for text first",
                );
            }
        };
        self.edited();
        // Whoever pastes has finished typing.
        self.visited.insert(slot);
        if !whole {
            self.say(slot, "that was more than 64 KiB; its end is missing");
        }
    }

    /// A private key is not even held in the form.
    fn refuse_key(&mut self, slot: Slot, text: &str) {
        let says = csr::read(text.as_bytes()).err().map_or_else(
            || "this holds a private key: take it out and paste the request alone".to_owned(),
            |error| error.to_string(),
        );
        self.say(slot, &says);
    }

    fn say(&mut self, slot: Slot, says: &str) {
        self.said.retain(|(at, _)| *at != slot);
        self.said.push((slot, says.to_owned()));
    }

    fn take_names(&mut self) {
        if let Some(names) = self.draft.names_to_take() {
            self.draft.names.replace(&names.join("\n"));
            self.edited_at(Slot::Names);
            self.visited.insert(Slot::Names);
        }
    }

    fn edited(&mut self) {
        self.edited_at(self.focus);
    }

    fn edited_at(&mut self, slot: Slot) {
        self.touched = true;
        self.refused = None;
        self.said.retain(|(at, _)| *at != slot);
        self.refresh();
    }

    fn refresh(&mut self) {
        self.draft.refresh();
        let found = order::check(&self.draft.order(), &self.inventory, self.draft.offers());
        self.problems = found
            .into_iter()
            .map(|problem| (self.draft.slot_of(problem.field), problem.says))
            .collect();
        // A field that is not there any more cannot keep the focus.
        if !self.draft.slots().contains(&self.focus) {
            self.focus = if self.draft.methods().is_empty() {
                Slot::CsrBy
            } else {
                Slot::Method
            };
        }
    }

    /// What is shown below a slot.
    fn problems_at(&self, slot: Slot) -> impl Iterator<Item = &str> {
        let found = self.problems.iter();
        let found = found.filter(move |(at, _)| *at == slot && self.visited.contains(at));
        let said = self.said.iter().filter(move |(at, _)| *at == slot);
        said.chain(found).map(|(_, says)| says.as_str())
    }

    /// Shows the summary, or what is still wrong.
    fn review(&mut self) {
        self.visited.extend(self.draft.slots());
        self.refused = None;
        match self.problems.iter().map(|(slot, _)| *slot).min() {
            Some(slot) => self.focus = slot,
            None => self.page = Page::summary(),
        }
    }

    fn take_refusal(&mut self, fields: &[FieldError], says: &str) {
        self.page = Page::Fields;
        self.refused = Some(says.to_owned());
        for problem in fields {
            let slot = self.draft.slot_of(problem.field);
            self.say(slot, &problem.says);
        }
        if let Some(first) = fields.first() {
            self.focus = self.draft.slot_of(first.field);
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        if self.page == Page::Fields {
            Scope::Form
        } else {
            Scope::Dialog
        }
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        match self.page {
            Page::Fields => self.view_fields(frame, area, look),
            _ => self.view_page(frame, area, look),
        }
    }
}

/// A line is never too long for what is pasted into it by intention.
fn line_paste(line: &mut text_input::TextLine, pasted: &str) -> bool {
    line.paste(pasted);
    true
}
