//! Bills, receipts and mails that come with a move, as far as a person said so.
//!
//! Pure. Called by `plan`.

use super::facts::Facts;
use crate::domain::entry::{Entry, Method, ValidationRecord};
use crate::domain::event::What;
use crate::domain::lifecycle::Bring;

/// Whether it is what has to be published.
pub(super) fn is_proof(what: &What) -> bool {
    matches!(what, What::ValidationAsked { .. })
}

/// Bills, receipts and mails that come with a move, as far as somebody said so.
pub(super) fn brought(brings: &[Bring], facts: &Facts, entry: &Entry, is_event: bool) -> Vec<What> {
    let mut happened = Vec::new();
    let invoice = facts.product.invoice.clone();
    if brings.contains(&Bring::Invoice)
        && let Some(invoice) = invoice.clone()
        && entry.product.invoice.as_ref() != Some(&invoice)
    {
        happened.push(What::InvoiceSent { invoice });
    }
    let paid_until = facts.product.paid_until;
    if brings.contains(&Bring::Receipt) && (is_event || paid_until != entry.product.paid_until) {
        let number = invoice.map(|invoice| invoice.number).unwrap_or_default();
        happened.push(What::InvoicePaid { number, paid_until });
    }
    if brings.contains(&Bring::ValidationRecords)
        && is_event
        && let (Some(Method::Email), Some(mailbox)) = (facts.method, &facts.mailbox)
    {
        let records = facts.names.iter().map(|name| ValidationRecord::Email {
            name: name.strip_prefix("*.").unwrap_or(name).to_owned(),
            mailbox: mailbox.clone(),
        });
        let records = records.collect();
        happened.push(What::ValidationAsked { records });
    }
    if is_event {
        happened.extend(brings.iter().filter_map(|bring| dns(*bring)));
    }
    if brings.contains(&Bring::RecordsVoid) && is_event && !entry.records.is_empty() {
        let records = Vec::new();
        happened.push(What::ValidationAsked { records });
    }
    happened
}

/// What an event says of the name's DNS. A state alone says nothing of it.
fn dns(bring: Bring) -> Option<What> {
    match bring {
        Bring::DnsPoints => Some(What::DnsSeen { points: true }),
        Bring::DnsElsewhere => Some(What::DnsSeen { points: false }),
        _ => None,
    }
}

/// What the provider or the CA says, as a person copied it: complaints where the row brings some, a
/// line each, else a question.
pub(super) fn said(
    brings: &[Bring],
    text: Option<&str>,
    entry: &Entry,
    is_event: bool,
) -> Option<What> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    if brings.contains(&Bring::ValidationErrors) && !brings.contains(&Bring::Question) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let errors: Vec<String> = lines.map(str::to_owned).collect();
        let is_new = is_event || errors != entry.validation_errors;
        return is_new.then_some(What::ValidationFailed { errors });
    }
    let is_new = is_event || entry.said.as_deref() != Some(text);
    is_new.then(|| What::Asked {
        says: text.to_owned(),
    })
}
