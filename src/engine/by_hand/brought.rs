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
    if brings.contains(&Bring::RecordsVoid) && is_event && !entry.records.is_empty() {
        let records = Vec::new();
        happened.push(What::ValidationAsked { records });
    }
    happened
}
