//! The form of an order that was placed in a provider's own panel: nothing is ordered by it, it is
//! written down.
//!
//! Which fields there are follows what is filled in, as the engine says. Opened by the panel for
//! accounts by hand.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use secrecy::ExposeSecret;

use super::particulars::{self, Taken};
use super::recognised;
use super::sheet_form::{FormField, FormStep, FormWords, SheetForm};
use crate::domain::inventory::{Account, Inventory};
use crate::domain::lifecycle::{Lifecycle, State};
use crate::engine::by_hand::{self, Guidance};
use crate::engine::command::{Command, CsrChoice, Field, HandOrder, Particulars, RECORD_FIELDS};
use crate::pki::KeyType;
use crate::pki::belong::Expected;
use crate::tui::dialog::about;
use crate::tui::keymap::Scope;
use crate::tui::look::Look;
use crate::tui::overlay::{Input, Outcome};

/// The field that says who makes key and CSR; the kind of key is part of the answer.
const MAKER: Field = Field::KeyType;

/// An order by hand that is being filled in.
#[derive(Clone, Debug)]
pub struct HandOrderForm {
    account: String,
    lifecycle: Arc<Lifecycle>,
    inventory: Arc<Inventory>,
    /// The system's time when it was opened.
    system: Timestamp,
    form: SheetForm,
}

impl HandOrderForm {
    /// An empty form for an account by hand; `None` if there is no such account, or no table of its
    /// lifecycle. `system` is the system's time.
    #[must_use]
    pub fn of(account: &str, inventory: &Arc<Inventory>, system: Timestamp) -> Option<Self> {
        let account = inventory.accounts.get(account)?;
        let lifecycle = inventory.lifecycles.get(account.usual_lifecycle())?.clone();
        let mut made = Self {
            account: account.name.clone(),
            form: SheetForm::new(words(account, inventory), fields(&lifecycle)),
            inventory: inventory.clone(),
            lifecycle,
            system,
        };
        made.refresh();
        Some(made)
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        let step = self.form.handle(input);
        self.follow(step)
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
            FormStep::Submit => {
                self.form.wait();
                return Outcome::RunHere(Command::OrderByHand(Box::new(self.order())));
            }
        }
        Outcome::Stay
    }

    fn order(&self) -> HandOrder {
        let (csr, key_type) = self.maker();
        // A CSR of one's own is the answer to who makes it, and is given once.
        let with = Particulars {
            csr: None,
            ..particulars::read(&self.form, Taken::All)
        };
        HandOrder {
            account: self.account.clone(),
            state: self.state(),
            csr,
            key_type,
            with,
        }
    }

    /// The state that was chosen; the first choice leaves it to the lifecycle.
    fn state(&self) -> Option<String> {
        let at = self.form.chosen(Field::State)?.checked_sub(1)?;
        let state = other_states(&self.lifecycle).nth(at);
        state.map(|state| state.id.clone())
    }

    fn maker(&self) -> (CsrChoice, KeyType) {
        let usual = KeyType::Rsa2048;
        let at = self.form.chosen(MAKER).unwrap_or(0);
        if let Some(kind) = by_certdeck().get(at) {
            return (CsrChoice::Certdeck, *kind);
        }
        if at == KeyType::ALL.len() {
            return (CsrChoice::Provider, usual);
        }
        let own = self.form.secret(Field::Csr);
        let own = own.map_or_else(String::new, |text| text.expose_secret().to_owned());
        (CsrChoice::Own(own), usual)
    }

    fn refresh(&mut self) {
        // What was filled in decides which fields there are, and these which answers count.
        let order = self.order();
        let mut asked = by_hand::order_fields(&order, &self.lifecycle);
        asked.push(MAKER);
        asked.retain(|field| *field != Field::Csr);
        if matches!(order.csr, CsrChoice::Own(_)) {
            asked.push(Field::Csr);
        }
        for field in RECORD_FIELDS {
            self.form.show(field, asked.contains(&field));
        }
        let order = self.order();
        let problems = by_hand::check_order(&order, &self.inventory, self.system);
        self.form.set_problems(problems);
        let names = order.with.names.unwrap_or_default();
        let expected = Expected {
            names: &names,
            spki_sha256: None,
            at: self.inventory.time_of(&self.account, self.system),
            may_be_expired: true,
        };
        let notes = recognised::notes(&self.form, &expected);
        self.form.set_notes(notes);
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

fn words(account: &Account, inventory: &Inventory) -> FormWords {
    FormWords {
        title: format!("Order by hand · {}", account.name),
        introduction: introduction(&by_hand::order_guidance(&account.name, inventory)),
        submit: "Write the order down".to_owned(),
        waiting: "The order is being written down. Making an RSA key can take a few seconds; you \
                  may close this, it goes on."
            .to_owned(),
        ..FormWords::default()
    }
}

/// What to do in the provider's own panel first, and what this is for.
fn introduction(guidance: &Guidance) -> String {
    let mut lines = about::numbered(&guidance.steps);
    lines.extend(guidance.link.clone());
    lines.push(
        "This writes the order down, and makes key and CSR if you choose so below. Nothing is sent."
            .to_owned(),
    );
    lines.join("\n")
}

/// Every field that an order can have, in the order of the form.
fn fields(lifecycle: &Lifecycle) -> Vec<FormField> {
    let nothing = Particulars::default();
    let field = |asked| particulars::field(asked, &nothing);
    let mut fields = Vec::new();
    fields.extend(
        [Field::Names, Field::Product, Field::Level]
            .into_iter()
            .filter_map(field),
    );
    fields.push(FormField::choice(MAKER, "Key and CSR", makers(), 0));
    fields.extend(
        [Field::Csr, Field::Method, Field::Mailbox]
            .into_iter()
            .filter_map(field),
    );
    let numbers = [
        Field::OrderNumber,
        Field::InvoiceNumber,
        Field::InvoiceLink,
        Field::Price,
        Field::Term,
        Field::PaidUntil,
    ];
    fields.extend(numbers.into_iter().filter_map(field));
    fields.push(FormField::choice(
        Field::State,
        "Panel shows",
        states(lifecycle),
        0,
    ));
    let of_state = [
        Field::Proof,
        Field::Question,
        Field::Certificate,
        Field::Chain,
        Field::Key,
    ];
    fields.extend(of_state.into_iter().filter_map(field));
    fields
}

/// The kinds of keys that certdeck makes, first the one that every server and every old device
/// understands.
fn by_certdeck() -> Vec<KeyType> {
    let mut kinds = KeyType::ALL.to_vec();
    kinds.sort_by_key(|kind| *kind != KeyType::Rsa2048);
    kinds
}

fn makers() -> Vec<String> {
    let kinds = by_certdeck().into_iter();
    let made = kinds.map(|kind| format!("certdeck makes them, {}", kind.label()));
    let others = ["the provider makes them", "me: I have a CSR"].map(str::to_owned);
    made.chain(others).collect()
}

fn states(lifecycle: &Lifecycle) -> Vec<String> {
    let as_usual = beginning(lifecycle).map_or_else(
        || "the beginning".to_owned(),
        |state| format!("{}, where orders begin", state.label),
    );
    let others = other_states(lifecycle).map(|state| state.label.clone());
    std::iter::once(as_usual).chain(others).collect()
}

/// The state in which an order begins where nothing else is said.
fn beginning(lifecycle: &Lifecycle) -> Option<&State> {
    let mut begins = lifecycle.entry_points.iter();
    let usual = begins.find(|point| point.when.is_none())?;
    lifecycle.state(&usual.state)
}

/// Every state but the one in which orders begin.
fn other_states(lifecycle: &Lifecycle) -> impl Iterator<Item = &State> {
    let first = beginning(lifecycle).map(|state| state.id.as_str());
    let states = lifecycle.states.iter();
    states.filter(move |state| Some(state.id.as_str()) != first)
}
