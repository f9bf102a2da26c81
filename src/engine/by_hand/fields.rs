//! What the forms of records ask, in order, and what they are filled with.
//!
//! Pure. The panel's forms and the checks ask it.

use crate::domain::entry::{Entry, Method, ValidationRecord};
use crate::domain::lifecycle::{Bring, Lifecycle};
use crate::domain::name;
use crate::domain::time;
use crate::engine::command::{CsrChoice, Field, HandOrder, Particulars, Recorded};

/// What the form of a record asks, in order; nothing where it needs no more than to be confirmed.
#[must_use]
pub fn fields(what: &Recorded, entry: &Entry, lifecycle: &Lifecycle) -> Vec<Field> {
    match what {
        Recorded::Event(id) => {
            let row = lifecycle.events.iter().find(|row| row.id == *id);
            row.map_or_else(Vec::new, |row| of_all(&row.brings, Some(entry)))
        }
        Recorded::Submitted(id) => {
            let makes = lifecycle.rows_of(id).any(|row| row.makes.is_some());
            let of_successor = [
                Field::OrderNumber,
                Field::InvoiceNumber,
                Field::Price,
                Field::InvoiceLink,
            ];
            if makes {
                of_successor.to_vec()
            } else {
                Vec::new()
            }
        }
        Recorded::Shows { state, .. } => of_all(&brings_of(state, lifecycle), Some(entry)),
        Recorded::Described => DESCRIBED.to_vec(),
    }
}

/// What describes an entry.
const DESCRIBED: [Field; 11] = [
    Field::Names,
    Field::Product,
    Field::Level,
    Field::OrderNumber,
    Field::InvoiceNumber,
    Field::InvoiceLink,
    Field::Price,
    Field::Term,
    Field::PaidUntil,
    Field::Method,
    Field::Mailbox,
];

/// What the form of an order by hand asks, in order, as far as it is filled in.
#[must_use]
pub fn order_fields(order: &HandOrder, lifecycle: &Lifecycle) -> Vec<Field> {
    let mut asked = vec![
        Field::Account,
        Field::Names,
        Field::Product,
        Field::Level,
        Field::State,
        Field::Csr,
    ];
    if matches!(order.csr, CsrChoice::Certdeck) {
        asked.push(Field::KeyType);
    }
    asked.push(Field::Method);
    if order.with.method == Some(Method::Email) {
        asked.push(Field::Mailbox);
    }
    asked.extend([
        Field::OrderNumber,
        Field::InvoiceNumber,
        Field::InvoiceLink,
        Field::Price,
        Field::Term,
        Field::PaidUntil,
    ]);
    let state = order.state.as_deref();
    let brought = state.map_or_else(Vec::new, |state| brings_of(state, lifecycle));
    for field in of_all(&brought, None) {
        if !asked.contains(&field) {
            asked.push(field);
        }
    }
    asked
}

/// What comes with a state, whatever leads there.
pub(super) fn brings_of(state: &str, lifecycle: &Lifecycle) -> Vec<Bring> {
    let mut brings: Vec<Bring> = Vec::new();
    let of_events = lifecycle.events.iter().filter(|row| row.to == state);
    let of_events = of_events.flat_map(|row| &row.brings);
    let beginnings = lifecycle
        .entry_points
        .iter()
        .filter(|point| point.state == state);
    for bring in beginnings.flat_map(|point| &point.brings).chain(of_events) {
        if !brings.contains(bring) {
            brings.push(*bring);
        }
    }
    brings
}

fn of_all(brings: &[Bring], entry: Option<&Entry>) -> Vec<Field> {
    brings.iter().flat_map(|bring| of(*bring, entry)).collect()
}

/// What has to be given for what an event brings.
fn of(bring: Bring, entry: Option<&Entry>) -> Vec<Field> {
    match bring {
        Bring::Invoice => vec![Field::InvoiceNumber, Field::Price, Field::InvoiceLink],
        Bring::Receipt => vec![Field::PaidUntil],
        Bring::ValidationRecords => vec![Field::Method, Field::Mailbox, Field::Proof],
        Bring::Question => vec![Field::Question],
        Bring::Certificate => {
            let mut fields = vec![Field::Certificate, Field::Chain];
            if !entry.is_some_and(|entry| entry.order.csr.is_some()) {
                fields.push(Field::Csr);
            }
            if !entry.is_some_and(|entry| entry.order.key_held) {
                fields.push(Field::Key);
            }
            fields
        }
    }
}

/// What is known of an entry now, as text to fill a form with; never a key, a certificate or a
/// CSR.
#[must_use]
pub fn known(entry: &Entry) -> Particulars {
    let product = &entry.product;
    let invoice = product.invoice.as_ref();
    let price = product.price.as_ref().map(ToString::to_string);
    let amount = || invoice.map(|invoice| invoice.amount.to_string());
    Particulars {
        names: Some(
            entry
                .names
                .iter()
                .map(|ascii| name::unicode(ascii).into_owned())
                .collect(),
        ),
        product: Some(product.name.clone()).filter(|name| !name.is_empty()),
        level: product.level.clone(),
        order_number: product.order_number.clone(),
        invoice_number: invoice.map(|invoice| invoice.number.clone()),
        invoice_link: invoice.and_then(|invoice| invoice.link.clone()),
        price: price.or_else(amount),
        term: product.term_months.map(|months| months.to_string()),
        paid_until: product.paid_until.map(time::date),
        method: entry.order.method,
        mailbox: entry.order.mailbox.clone(),
        proof: proof(&entry.records),
        question: entry.said.clone(),
        certificate: None,
        chain: None,
        csr: None,
        key: None,
    }
}

/// The validation records as they are typed, one a line.
fn proof(records: &[ValidationRecord]) -> Option<String> {
    let lines = records.iter().filter_map(|record| match record {
        ValidationRecord::Email { .. } => None,
        ValidationRecord::Dns {
            record,
            kind,
            value,
            ..
        } => Some(format!("{record} {kind} {value}")),
        ValidationRecord::File { url, content, .. } => Some(format!("{url} {content}")),
    });
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
