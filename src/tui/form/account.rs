//! The form for a new account: its kind first, then the questions of that kind and no others.
//!
//! What is wrong is said below each field, as the engine's own check says it. Keys and pastes go
//! in, an [`AccountStep`] comes out; the dialog of the accounts shows the form and runs what comes
//! of it.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::sheet_form::{FieldNote, FormField, FormStep, FormWords, SheetForm};
use crate::config::DEFAULT_LIFECYCLE;
use crate::domain::account::AccountKind;
use crate::domain::inventory::Inventory;
use crate::engine::accounts::check_draft;
use crate::engine::command::{AccountDraft, Field, FieldError};
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::Input;

/// The kinds in the order in which they are offered, in words, and what each is for.
const KINDS: [(AccountKind, &str, &str); 3] = [
    (
        AccountKind::ByHand,
        "by hand",
        "A provider without an API: you order in its own panel and record here what that shows.",
    ),
    (
        AccountKind::Files,
        "watched files and servers",
        "Certificates in files, folders and on servers: certdeck looks at them and changes nothing.",
    ),
    (
        AccountKind::Sandbox,
        "sandbox",
        "Everything is played and nothing is paid; its certificates are real, its CA is certdeck's.",
    ),
];

/// What came of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum AccountStep {
    /// Nothing that concerns anybody else.
    Stay,
    /// Close the form.
    Cancel,
    /// Add this account; the form waits for the answer.
    Add(Box<AccountDraft>),
}

/// The form.
#[derive(Clone, Debug)]
pub(in crate::tui) struct AccountForm {
    inventory: Arc<Inventory>,
    /// The lifecycles that an account can follow, by id.
    lifecycles: Vec<String>,
    form: SheetForm,
    /// Whether it was sent and waits for the answer.
    sent: bool,
}

impl AccountForm {
    /// An empty form.
    #[must_use]
    pub(in crate::tui) fn new(inventory: Arc<Inventory>) -> Self {
        // What lies in files follows the clock and nobody else; no provider has that lifecycle.
        let of_files = AccountKind::Files.id();
        let tables = inventory.lifecycles.iter();
        let mut tables: Vec<_> = tables.filter(|table| table.id != of_files).collect();
        // What is meant where nothing is chosen stands first.
        tables.sort_by_key(|table| table.id != DEFAULT_LIFECYCLE);
        let tables = tables.into_iter();
        let (lifecycles, titles): (Vec<_>, Vec<_>) = tables
            .map(|table| (table.id.clone(), table.title.clone()))
            .unzip();
        let words = FormWords {
            title: "New account".to_owned(),
            submit: "Add the account".to_owned(),
            waiting: "The account is being added.".to_owned(),
            ..FormWords::default()
        };
        let mut form = Self {
            form: SheetForm::new(words, fields(titles)),
            lifecycles,
            inventory,
            sent: false,
        };
        form.refresh();
        form
    }

    /// Takes something in.
    pub(in crate::tui) fn handle(&mut self, input: &Input) -> AccountStep {
        match self.form.handle(input) {
            FormStep::Cancel => return AccountStep::Cancel,
            FormStep::Changed => self.refresh(),
            FormStep::Submit => {
                self.form.wait();
                self.sent = true;
                return AccountStep::Add(Box::new(self.draft()));
            }
            // No field here is read from a file.
            FormStep::Stay | FormStep::Read { .. } => {}
        }
        AccountStep::Stay
    }

    /// Brings what there is up to date: another account may have taken the name.
    pub(in crate::tui) fn renew(&mut self, inventory: Arc<Inventory>) {
        self.inventory = inventory;
        self.refresh();
    }

    /// It was not accepted; nothing that was filled in is lost.
    pub(in crate::tui) fn refuse(&mut self, fields: &[FieldError], says: &str) {
        self.sent = false;
        self.form.refuse(fields, says);
    }

    fn kind(&self) -> (AccountKind, &'static str) {
        let chosen = self.form.chosen(Field::Kind).unwrap_or_default();
        let (kind, _, says) = KINDS[chosen.min(KINDS.len() - 1)];
        (kind, says)
    }

    /// Whether it waits for the answer.
    #[must_use]
    pub(in crate::tui) fn is_sent(&self) -> bool {
        self.sent
    }

    /// Whether what is described watches something.
    #[must_use]
    pub(in crate::tui) fn watches(&self) -> bool {
        self.kind().0 == AccountKind::Files
    }

    /// Shows the fields of the kind, and judges what is in them.
    fn refresh(&mut self) {
        let (kind, says) = self.kind();
        for field in FIELDS {
            self.form.show(field, belongs(field, kind));
        }
        let note = FieldNote {
            field: Field::Kind,
            says: says.to_owned(),
            good: false,
        };
        self.form.set_notes(vec![note]);
        let problems = check_draft(&self.draft(), &self.inventory);
        self.form.set_problems(problems);
    }

    /// The account as it is described now.
    fn draft(&self) -> AccountDraft {
        let (kind, _) = self.kind();
        let text = |field| self.form.text(field).unwrap_or_default();
        let given = |field| Some(text(field)).filter(|text| !text.is_empty());
        let lifecycle = self.form.chosen(Field::Lifecycle);
        let lifecycle = lifecycle.and_then(|at| self.lifecycles.get(at).cloned());
        AccountDraft {
            name: text(Field::Account),
            kind: kind.id().to_owned(),
            lifecycles: lifecycle
                .filter(|_| belongs(Field::Lifecycle, kind))
                .into_iter()
                .collect(),
            panel: given(Field::Panel),
            paths: lines(&text(Field::Paths)),
            include: words(&text(Field::Include)),
            exclude: words(&text(Field::Exclude)),
            hosts: words(&text(Field::Hosts)),
            every: given(Field::Every),
            read_only: false,
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub(in crate::tui) fn scope(&self) -> Scope {
        self.form.scope()
    }

    /// Draws it.
    pub(in crate::tui) fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        self.form.view(frame, area, look);
    }
}

/// Every field beside kind and name.
const FIELDS: [Field; 7] = [
    Field::Lifecycle,
    Field::Panel,
    Field::Paths,
    Field::Include,
    Field::Exclude,
    Field::Hosts,
    Field::Every,
];

/// Whether an account of this kind is asked for this.
fn belongs(field: Field, kind: AccountKind) -> bool {
    match field {
        Field::Lifecycle => kind != AccountKind::Files,
        Field::Panel => kind == AccountKind::ByHand,
        _ => kind == AccountKind::Files,
    }
}

fn fields(lifecycles: Vec<String>) -> Vec<FormField> {
    let kinds = KINDS.map(|(_, words, _)| words.to_owned()).to_vec();
    let name = "letters, digits and hyphens, for example netcup-main";
    let panel = "where you order: an https link; may stay empty";
    let paths = "files and folders, one to a line: /etc/ssl/certs, ~/certs";
    let include = "patterns such as *.crt; empty: whatever looks like a certificate";
    let hosts = "one to a line: example.com, 10.0.0.7:8443, name@host:port";
    vec![
        FormField::choice(Field::Kind, "Kind", kinds, 0),
        FormField::line(Field::Account, "Name", name, ""),
        FormField::choice(Field::Lifecycle, "Lifecycle", lifecycles, 0),
        FormField::line(Field::Panel, "Panel", panel, ""),
        FormField::area(Field::Paths, "Paths", paths, ""),
        FormField::line(Field::Include, "Only files", include, ""),
        FormField::line(Field::Exclude, "Not files", "patterns; may stay empty", ""),
        FormField::area(Field::Hosts, "Servers", hosts, ""),
        FormField::line(
            Field::Every,
            "Every",
            "how often servers are looked at: 5m",
            "",
        ),
    ]
}

/// One to a line; a path may hold blanks.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Separated by blanks, commas or line breaks.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
