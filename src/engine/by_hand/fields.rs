//! What the forms of records ask, in order, and what they are filled with.
//!
//! Pure. The panel's forms and the checks ask it.

use super::time_made::made_by_time;
use crate::domain::entry::{Entry, Method, ValidationRecord};
use crate::domain::lifecycle::{Bring, Lifecycle, Phase};
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
        Recorded::Shows { state, .. } => of_all(&shown_with(state, lifecycle), Some(entry)),
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
    let brought = state.map_or_else(Vec::new, |state| shown_with(state, lifecycle));
    for field in of_all(&brought, None) {
        if !asked.contains(&field) {
            asked.push(field);
        }
    }
    asked
}

/// What can be given with a state that the panel shows: what comes with it, and the certificate
/// where its dates have a say.
fn shown_with(id: &str, lifecycle: &Lifecycle) -> Vec<Bring> {
    let mut brings = brings_of(id, lifecycle);
    let dates_count = lifecycle.state(id).is_some_and(|state| {
        state.phase == Phase::Live || !made_by_time(state, lifecycle).is_empty()
    });
    if dates_count && !brings.contains(&Bring::Certificate) {
        brings.push(Bring::Certificate);
    }
    brings
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
        Bring::Receipt => {
            let billed = entry.is_none_or(|entry| entry.product.invoice.is_some());
            let bill = [Field::InvoiceNumber, Field::Price];
            let bill = bill.into_iter().filter(|_| !billed);
            std::iter::once(Field::PaidUntil).chain(bill).collect()
        }
        Bring::ValidationRecords => vec![Field::Method, Field::Mailbox, Field::Proof],
        Bring::Question | Bring::ValidationErrors => vec![Field::Question],
        Bring::OwnershipRecords => vec![Field::Proof],
        Bring::RecordsVoid
        | Bring::NamesAdded
        | Bring::NamesDropped
        | Bring::DnsPoints
        | Bring::DnsElsewhere
        | Bring::AuthorizationsPending
        | Bring::AuthorizationsProcessing
        | Bring::AuthorizationsValid
        | Bring::AuthorizationsInvalid
        | Bring::AuthorizationsDeactivated => Vec::new(),
        Bring::Certificate => {
            let mut fields = vec![Field::Certificate, Field::Chain];
            if entry.is_none_or(|entry| entry.order.csr.is_none()) {
                fields.push(Field::Csr);
            }
            if entry.is_none_or(|entry| !entry.order.key_held) {
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::{EntryId, Invoice, Price};
    use crate::domain::lifecycle::Lifecycles;
    use crate::pki::KeyType;

    fn registering() -> Entry {
        let (id, begun) = (EntryId::new("a1"), Timestamp::UNIX_EPOCH);
        let mut entry = Entry::new(id, "main", "netcup", "registration", begun);
        let amount = Price {
            cents: 1,
            currency: "EUR".to_owned(),
        };
        entry.product.invoice = Some(Invoice {
            number: "1".to_owned(),
            amount,
            link: None,
            paid_at: None,
        });
        entry
    }

    #[test]
    fn each_form_asks_for_what_comes_with_it() {
        let lifecycles = Lifecycles::built_in().unwrap();
        let netcup = lifecycles.get("netcup").unwrap();
        let mut entry = registering();
        let event = |id: &str| Recorded::Event(id.to_owned());
        let shows = |state: &str| Recorded::Shows {
            track: "main".to_owned(),
            state: state.to_owned(),
        };
        let material = [Field::Certificate, Field::Chain, Field::Csr, Field::Key];
        let bill = [
            Field::OrderNumber,
            Field::InvoiceNumber,
            Field::Price,
            Field::InvoiceLink,
        ];
        for (what, asked) in [
            (event("invoice-paid"), &[Field::PaidUntil][..]),
            (event("cancelled"), &[]),
            (event("more-information"), &[Field::Question]),
            (event("issued"), &material),
            (shows("issued"), &material),
            (shows("expired"), &material),
            (shows("cancelled"), &[]),
            (Recorded::Submitted("renew".to_owned()), &bill),
        ] {
            assert_eq!(fields(&what, &entry, netcup), asked, "{what:?}");
        }
        // What is here already is not asked for again.
        entry.order.csr = Some(String::new());
        entry.order.key_held = true;
        assert_eq!(fields(&event("issued"), &entry, netcup), material[..2]);
    }

    #[test]
    fn the_form_of_an_order_grows_with_what_is_chosen() {
        let lifecycles = Lifecycles::built_in().unwrap();
        let netcup = lifecycles.get("netcup").unwrap();
        let mut order = HandOrder {
            account: "main".to_owned(),
            state: None,
            csr: CsrChoice::Certdeck,
            key_type: KeyType::P256,
            with: Particulars::default(),
        };
        let has = |order: &HandOrder, field| order_fields(order, netcup).contains(&field);
        assert!(has(&order, Field::KeyType) && !has(&order, Field::Mailbox));
        assert!(!has(&order, Field::Certificate));
        order.csr = CsrChoice::Provider;
        order.with.method = Some(Method::Email);
        order.state = Some("issued".to_owned());
        assert!(!has(&order, Field::KeyType) && has(&order, Field::Mailbox));
        assert!(has(&order, Field::Certificate) && has(&order, Field::Key));
    }
}
