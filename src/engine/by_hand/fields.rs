//! What the forms of records ask, in order, and what they are filled with.
//!
//! Pure. The panel's forms and the checks ask it.

use super::guidance::row_of;
use super::outcome;
use super::time_made::made_by_time;
use crate::domain::entry::{Entry, Method, ValidationRecord};
use crate::domain::lifecycle::{Ask, Bring, EventRow, Lifecycle, Phase};
use crate::domain::name;
use crate::domain::time;
use crate::engine::command::{CsrChoice, Field, HandOrder, Particulars, Recorded};

/// What the form of a record asks, in order; nothing where it needs no more than to be confirmed.
#[must_use]
pub fn fields(what: &Recorded, entry: &Entry, lifecycle: &Lifecycle) -> Vec<Field> {
    match what {
        Recorded::Event(id) => {
            let row = lifecycle.events.iter().find(|row| row.id == *id);
            row.map_or_else(Vec::new, |row| {
                of_all(&event_brings(row, entry, lifecycle), Some(entry))
            })
        }
        Recorded::Submitted(id) => submitted(id, entry, lifecycle),
        Recorded::Shows { track, state } => {
            let mut fields = of_all(&shown_with(state, lifecycle), Some(entry));
            // The names tell what came of a request for new ones.
            if outcome::is_adding(entry, track, lifecycle) {
                fields.insert(0, Field::Names);
            }
            fields
        }
        Recorded::Gone | Recorded::Closed | Recorded::Zone(_) => Vec::new(),
        Recorded::Described => DESCRIBED.to_vec(),
    }
}

/// What the row of an action asks, what comes with it, and what is known of the order that it makes.
fn submitted(id: &str, entry: &Entry, lifecycle: &Lifecycle) -> Vec<Field> {
    let Some(row) = row_of(id, entry, lifecycle) else {
        return Vec::new();
    };
    let asked = row.asks.iter().flat_map(|ask| match ask {
        Ask::Names => vec![Field::Names],
        Ask::NewNames => vec![Field::NewNames],
        Ask::Method => vec![Field::Method, Field::Mailbox],
        Ask::Reason => vec![Field::Reason],
    });
    let mut fields: Vec<Field> = asked.collect();
    fields.extend(of_all(&row.brings, Some(entry)));
    if row.makes.is_some() {
        fields.extend([
            Field::OrderNumber,
            Field::InvoiceNumber,
            Field::Price,
            Field::InvoiceLink,
        ]);
    }
    let mut once = Vec::new();
    fields.retain(|field| {
        let is_new = !once.contains(field);
        once.push(*field);
        is_new
    });
    fields
}

/// What comes with an event by hand: what the table says, and the certificate where nobody has given
/// it yet. A provider may show it long after the step that the table has it come with.
pub(super) fn event_brings(row: &EventRow, entry: &Entry, lifecycle: &Lifecycle) -> Vec<Bring> {
    let mut brings = row.brings.clone();
    let came_before = || {
        let mut from = row.from.iter();
        from.any(|from| brings_of(from, lifecycle).contains(&Bring::Certificate))
    };
    let is_late = is_live(&row.to, lifecycle)
        && has_certificates(&row.track, lifecycle)
        && (entry.serving().is_none() || came_before());
    if is_late && !brings.contains(&Bring::Certificate) {
        brings.push(Bring::Certificate);
    }
    brings
}

/// Whether a certificate has to be given where a track comes to a state: where it serves and nothing
/// is known of it, or a new one comes with it. Elsewhere the provider's panel may not show it yet.
pub(super) fn needs_certificate(to: &str, comes_new: bool, lifecycle: &Lifecycle) -> bool {
    let track = lifecycle.state(to).map(|state| state.track.as_str());
    let shows_them = track.is_some_and(|track| brings_certificates(Some(track), lifecycle));
    is_live(to, lifecycle) && (comes_new || shows_them)
}

fn is_live(state: &str, lifecycle: &Lifecycle) -> bool {
    let state = lifecycle.state(state);
    state.is_some_and(|state| state.phase == Phase::Live)
}

/// Whether certificates come on a track; on each, where the table does not say on which.
fn has_certificates(track: &str, lifecycle: &Lifecycle) -> bool {
    brings_certificates(Some(track), lifecycle) || !brings_certificates(None, lifecycle)
}

fn brings_certificates(track: Option<&str>, lifecycle: &Lifecycle) -> bool {
    let points = lifecycle.entry_points.iter();
    let points = points.map(|point| (&point.track, &point.brings));
    let events = lifecycle.events.iter();
    let events = events.map(|row| (&row.track, &row.brings));
    points.chain(events).any(|(of, brings)| {
        track.is_none_or(|track| track == of) && brings.contains(&Bring::Certificate)
    })
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
    let states = order.states.iter();
    let brought: Vec<Bring> = states.flat_map(|id| shown_with(id, lifecycle)).collect();
    for field in of_all(&brought, None) {
        if !asked.contains(&field) {
            asked.push(field);
        }
    }
    asked
}

/// What can be given with a state that the panel shows: what comes with it, and the certificate
/// where its dates have a say.
pub(super) fn shown_with(id: &str, lifecycle: &Lifecycle) -> Vec<Bring> {
    let mut brings = brings_of(id, lifecycle);
    let dates_count = lifecycle.state(id).is_some_and(|state| {
        let lives = state.phase == Phase::Live && has_certificates(&state.track, lifecycle);
        lives || !made_by_time(state, lifecycle).is_empty()
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
        new_names: None,
        reason: None,
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
            lifecycle: None,
            states: Vec::new(),
            without: Vec::new(),
            csr: CsrChoice::Certdeck,
            key_type: KeyType::P256,
            wishes: crate::engine::command::Wishes::default(),
            with: Particulars::default(),
        };
        let has = |order: &HandOrder, field| order_fields(order, netcup).contains(&field);
        assert!(has(&order, Field::KeyType) && !has(&order, Field::Mailbox));
        assert!(!has(&order, Field::Certificate));
        order.csr = CsrChoice::Provider;
        order.with.method = Some(Method::Email);
        order.states = vec!["issued".to_owned()];
        assert!(!has(&order, Field::KeyType) && has(&order, Field::Mailbox));
        assert!(has(&order, Field::Certificate) && has(&order, Field::Key));
    }
}
