//! The form of a record by hand: what comes with an event, a step or a state that a person saw in
//! the provider's own panel, and what describes an entry.
//!
//! The engine says which fields there are and what is wrong with them, at every key; the command
//! comes out of the form's own button alone. Made by the record menu and by the panel.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::judged::Judged;
use super::particulars::{self, Taken};
use super::recognised;
use super::sheet_form::{FormField, FormWords, SheetForm};
use crate::domain::entry::{Entry, EntryId};
use crate::domain::inventory::Inventory;
use crate::engine::by_hand;
use crate::engine::command::{Command, Field, Particulars, Record, Recorded};
use crate::pki::belong::Expected;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};

/// A record that is being filled in.
#[derive(Clone, Debug)]
pub struct RecordForm {
    entry: Arc<Entry>,
    what: Recorded,
    /// The states that the person saw.
    seen_state: Option<String>,
    inventory: Arc<Inventory>,
    /// The system's time when it was opened.
    system: Timestamp,
    form: SheetForm,
}

/// The words around the fields of a record.
#[derive(Clone, Debug, Default)]
pub struct RecordWords {
    /// The title.
    pub title: String,
    /// What it is about, above the fields.
    pub introduction: String,
}

impl RecordForm {
    /// The form for a record, filled with what is known; `None` where nothing has to be given, so
    /// that a question is enough. `system` is the system's time.
    #[must_use]
    pub fn of(
        what: Recorded,
        words: RecordWords,
        entry: &EntryId,
        inventory: &Arc<Inventory>,
        system: Timestamp,
    ) -> Option<Self> {
        let entry = inventory.entries.get(entry)?;
        let lifecycle = inventory.lifecycle_of(&entry)?;
        let asked = by_hand::fields(&what, &entry, lifecycle);
        let known = known(&what, &entry);
        let fields = asked
            .iter()
            .filter_map(|field| particulars::field(*field, &known));
        let mut fields: Vec<_> = fields.collect();
        if matches!(what, Recorded::Shows { .. }) {
            say_what_names_tell(&mut fields);
        }
        if fields.is_empty() {
            return None;
        }
        let words = FormWords {
            title: words.title,
            introduction: words.introduction,
            submit: "Record it".to_owned(),
            waiting: "It is being written down.".to_owned(),
            ..FormWords::default()
        };
        let mut made = Self {
            seen_state: inventory.standing_key(&entry, system),
            form: SheetForm::new(words, fields),
            inventory: inventory.clone(),
            entry,
            what,
            system,
        };
        made.refresh();
        Some(made)
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        self.take(input)
    }

    fn record(&self) -> Record {
        let taken = if self.what == Recorded::Described {
            Taken::Changed
        } else {
            Taken::All
        };
        Record {
            entry: self.entry.id.clone(),
            what: self.what.clone(),
            with: particulars::read(&self.form, taken),
            seen_state: self.seen_state.clone(),
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.form.scope()
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        self.form.view(frame, area, look);
    }
}

impl Judged for RecordForm {
    fn form(&mut self) -> &mut SheetForm {
        &mut self.form
    }

    fn command(&self) -> Command {
        Command::Record(Box::new(self.record()))
    }

    fn refresh(&mut self) {
        particulars::follow_method(&mut self.form);
        let problems = by_hand::check(&self.record(), &self.inventory, self.system);
        let fits = problems.is_empty();
        self.form.set_problems(problems);
        let expected = Expected {
            names: &self.entry.names,
            spki_sha256: self.entry.order.spki_sha256.as_deref(),
            at: self.inventory.time_of(&self.entry.account, self.system),
            may_be_expired: true,
        };
        let mut notes = recognised::notes(&self.form, &expected);
        if notes.is_empty() && fits {
            // A correction may bring another key than the order's.
            let another = Expected {
                spki_sha256: None,
                ..expected
            };
            notes = recognised::notes(&self.form, &another);
        }
        self.form.set_notes(notes);
    }
}

/// Names that were asked for are there now, or they are not; nobody guesses it.
fn say_what_names_tell(fields: &mut [FormField]) {
    let names = fields
        .iter_mut()
        .filter(|field| field.field == Field::Names);
    for field in names {
        "all names that the certificate has now; empty if you cannot tell"
            .clone_into(&mut field.hint);
    }
}

/// What the form is filled with. What comes with a new order is not the old order's.
fn known(what: &Recorded, entry: &Entry) -> Particulars {
    let known = by_hand::known(entry);
    match what {
        Recorded::Submitted(_) => Particulars {
            names: known.names,
            method: known.method,
            mailbox: known.mailbox,
            price: known.price,
            ..Particulars::default()
        },
        // A new question is not the last one.
        Recorded::Event(_) => Particulars {
            question: None,
            ..known
        },
        // What the names were does not tell what they are now.
        Recorded::Shows { .. } => Particulars {
            names: None,
            ..known
        },
        Recorded::Gone | Recorded::Closed | Recorded::Zone(_) | Recorded::Described => known,
    }
}
