//! The invoice of an entry: number, amount, link, whether it is paid; and how to get to it.
//!
//! The sandbox's invoice can be paid right here, since nobody else will.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::about;
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::entry::{Entry, Invoice};
use crate::domain::inventory::Inventory;
use crate::domain::text::{is_clean, sanitise};
use crate::domain::time;
use crate::engine::command::Command;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;

const WIDTH: u16 = 70;
/// The column in which the values begin.
const LABELS: usize = 9;

/// What a button does.
#[derive(Clone, Debug)]
enum Press {
    Open(String),
    Copy(String),
    Pay(Command),
    Close,
}

impl Press {
    fn label(&self) -> &'static str {
        match self {
            Self::Open(_) => "Open link",
            Self::Copy(_) => "Copy link",
            Self::Pay(_) => "Pay (sandbox)",
            Self::Close => "Close",
        }
    }
}

/// The invoice of an entry.
#[derive(Clone, Debug)]
pub struct InvoiceDialog {
    name: String,
    sandbox: bool,
    invoice: Invoice,
    buttons: Vec<Press>,
    focus: usize,
}

impl InvoiceDialog {
    /// The invoice of an entry; `None` if it has none. `system` is the system's time.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Option<Self> {
        let invoice = entry.product.invoice.clone()?;
        let sandbox = about::is_sandbox(entry, inventory);
        let mut buttons = Vec::new();
        if let Some(link) = &invoice.link {
            if is_web(link) {
                buttons.push(Press::Open(link.clone()));
            }
            buttons.push(Press::Copy(sanitise(link).into_owned()));
        }
        if sandbox && invoice.paid_at.is_none() {
            buttons.extend(pay(entry, inventory, system));
        }
        buttons.push(Press::Close);
        Some(Self {
            name: entry.name().to_owned(),
            sandbox,
            invoice,
            buttons,
            focus: 0,
        })
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => return Outcome::Close,
            Some(Move::Press) => return self.press(),
            Some(Move::Next | Move::Down) => self.turn(true),
            Some(Move::Previous | Move::Up) => self.turn(false),
            _ => {}
        }
        Outcome::Stay
    }

    fn turn(&mut self, forward: bool) {
        self.focus = sheet::round(self.focus, self.buttons.len(), forward);
    }

    fn press(&self) -> Outcome {
        match self.buttons.get(self.focus) {
            Some(Press::Open(link)) => Outcome::OpenLink { link: link.clone() },
            Some(Press::Copy(link)) => Outcome::Copy {
                what: "the invoice's link".to_owned(),
                text: link.clone(),
            },
            Some(Press::Pay(command)) => Outcome::Run(command.clone()),
            Some(Press::Close) | None => Outcome::Close,
        }
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Dialog
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = format!("Invoice {} {}", look.symbols.separator, self.name);
        let title = titled(self.sandbox, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| {
            self.sheet(look, columns)
        });
    }

    fn sheet(&self, look: &Look<'_>, columns: usize) -> Sheet {
        let labels: Vec<_> = self
            .buttons
            .iter()
            .map(|press| Button::calm(press.label()))
            .collect();
        Sheet {
            body: self.body(look, columns),
            foot: look.buttons(&labels, Some(self.focus), columns),
            hints: look.hints(Scope::Dialog, columns),
        }
    }

    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let room = columns.saturating_sub(LABELS);
        let (status, role) = match self.invoice.paid_at {
            Some(at) => (format!("paid on {}", time::date(at)), Role::Good),
            None => ("not paid yet".to_owned(), Role::Warn),
        };
        let amount = self.invoice.amount.to_string();
        let mut body = Body::default();
        let rows = [
            ("Number", self.invoice.number.as_str(), Role::Text),
            ("Amount", amount.as_str(), Role::Text),
            ("Status", status.as_str(), role),
        ];
        for (label, value, role) in rows {
            body.push(labelled(look, label, look.span(value, room, role)));
        }
        let link = self.invoice.link.as_deref();
        let link = link.unwrap_or("the provider gave none");
        for (index, line) in look
            .paragraph(link, room, Role::Link)
            .into_iter()
            .enumerate()
        {
            let label = if index == 0 { "Link" } else { "" };
            let text: String = line
                .spans
                .iter()
                .map(|span| span.content.as_ref())
                .collect();
            let span = Span::styled(text, look.style(Role::Link));
            body.push(labelled(look, label, span));
        }
        body
    }
}

/// Only addresses of the web are handed to a program that opens whatever it gets.
pub(super) fn is_web(link: &str) -> bool {
    let schemes = ["https://", "http://"];
    schemes.iter().any(|scheme| link.starts_with(scheme)) && is_clean(link) && !link.contains(' ')
}

/// The step that the sandbox takes when the invoice is paid, if it can be taken now.
fn pay(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Option<Press> {
    let events = about::events_now(entry, inventory, system);
    let paying = events.into_iter().find(|event| event.brings_receipt)?;
    Some(Press::Pay(Command::Play {
        entry: entry.id.clone(),
        event: paying.id,
    }))
}

fn labelled(look: &Look<'_>, label: &str, value: Span<'static>) -> Line<'static> {
    let label = format!("{label:<LABELS$}");
    Line::from(vec![look.span(&label, LABELS, Role::Dim), value])
}
