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

use super::judged::Judged;
use super::particulars::{self, Taken};
use super::recognised;
use super::sheet_form::{FormField, FormWords, SheetForm};
use crate::domain::inventory::{Account, Inventory};
use crate::domain::lifecycle::{Circumstances, Lifecycle, State, TrackDefinition};
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
    /// An empty form for an account by hand and one of its lifecycles, the usual one where none is
    /// named; `None` if there is no such account, or no such table. `system` is the system's time.
    #[must_use]
    pub fn of(
        account: &str,
        lifecycle: Option<&str>,
        inventory: &Arc<Inventory>,
        system: Timestamp,
    ) -> Option<Self> {
        let account = inventory.accounts.get(account)?;
        let id = lifecycle.unwrap_or_else(|| account.usual_lifecycle());
        let lifecycle = inventory.lifecycles.get(id)?.clone();
        let mut made = Self {
            account: account.name.clone(),
            form: SheetForm::new(
                words(account, &lifecycle, inventory),
                fields(&lifecycle, around(Some(account))),
            ),
            inventory: inventory.clone(),
            lifecycle,
            system,
        };
        made.refresh();
        Some(made)
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        self.take(input)
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
            lifecycle: Some(self.lifecycle.id.clone()),
            states: self.states(),
            without: self.without(),
            csr,
            key_type,
            wishes: crate::engine::command::Wishes::default(),
            with,
        }
    }

    /// What was chosen, track by track.
    fn chosen(&self) -> Vec<(&TrackDefinition, Choice<'_>)> {
        let tracks = self.lifecycle.tracks.iter();
        let chosen = self.form.all_chosen(Field::State);
        let chosen = tracks.zip(chosen).filter_map(|(track, at)| {
            let choice = choices(track, &self.lifecycle, self.around()).nth(at);
            Some((track, choice?))
        });
        chosen.collect()
    }

    /// The states that were chosen; what is left to the lifecycle is not among them.
    fn states(&self) -> Vec<String> {
        let chosen = self.chosen().into_iter();
        let states = chosen.filter_map(|(_, choice)| match choice {
            Choice::Shown(state) => Some(state.id.clone()),
            Choice::Usual(_) | Choice::Without => None,
        });
        states.collect()
    }

    fn without(&self) -> Vec<String> {
        let chosen = self.chosen().into_iter();
        let without = chosen.filter(|(_, choice)| matches!(choice, Choice::Without));
        without.map(|(track, _)| track.id.clone()).collect()
    }

    fn around(&self) -> Circumstances {
        around(self.inventory.accounts.get(&self.account))
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

impl Judged for HandOrderForm {
    fn form(&mut self) -> &mut SheetForm {
        &mut self.form
    }

    fn command(&self) -> Command {
        Command::OrderByHand(Box::new(self.order()))
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
}

fn words(account: &Account, lifecycle: &Lifecycle, inventory: &Inventory) -> FormWords {
    let guidance = by_hand::order_guidance(&account.name, Some(&lifecycle.id), inventory);
    let what = match account.lifecycles.len() {
        0 | 1 => String::new(),
        _ => format!(" · {}", lifecycle.title),
    };
    FormWords {
        title: format!("Order by hand · {}{what}", account.name),
        introduction: introduction(&guidance),
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
fn fields(lifecycle: &Lifecycle, around: Circumstances) -> Vec<FormField> {
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
    fields.extend(state_fields(lifecycle, around));
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

/// What can be said of one track of an order.
#[derive(Clone, Copy)]
enum Choice<'a> {
    /// It is where such orders begin.
    Usual(Option<&'a State>),
    /// The panel shows this.
    Shown(&'a State),
    /// It has no such track.
    Without,
}

impl Choice<'_> {
    fn words(self, lifecycle: &Lifecycle) -> String {
        let label = |state| by_hand::distinct_label(state, lifecycle);
        match self {
            Self::Usual(None) => "the beginning".to_owned(),
            Self::Usual(Some(state)) => format!("{}, where orders begin", label(state)),
            Self::Shown(state) => label(state),
            Self::Without => "none".to_owned(),
        }
    }
}

fn around(account: Option<&Account>) -> Circumstances {
    Circumstances {
        zone_active: account.and_then(Account::zone_is_active),
        ..Circumstances::default()
    }
}

/// What can be said of a track: where orders begin, every other state, and that it is not there.
fn choices<'a>(
    track: &'a TrackDefinition,
    lifecycle: &'a Lifecycle,
    around: Circumstances,
) -> impl Iterator<Item = Choice<'a>> {
    let begins = lifecycle.beginnings(&[], &[], around).into_iter();
    let mut begins = begins.filter_map(|id| lifecycle.state(id));
    let usual = begins.find(|state| state.track == track.id);
    let states = lifecycle.states.iter();
    let others = states.filter(move |state| {
        state.track == track.id && usual.is_none_or(|usual| usual.id != state.id)
    });
    let without = track.optional.then_some(Choice::Without);
    std::iter::once(Choice::Usual(usual))
        .chain(others.map(Choice::Shown))
        .chain(without)
}

/// A field for each track; with several, each choice says of which it speaks.
fn state_fields(lifecycle: &Lifecycle, around: Circumstances) -> Vec<FormField> {
    let several = lifecycle.tracks.len() > 1;
    let of_track = |track: &TrackDefinition| {
        let words = choices(track, lifecycle, around).map(|choice| choice.words(lifecycle));
        let options = words.map(|words| {
            if several {
                format!("{}: {words}", track.title)
            } else {
                words
            }
        });
        FormField::choice(Field::State, "Panel shows", options.collect(), 0)
    };
    lifecycle.tracks.iter().map(of_track).collect()
}
