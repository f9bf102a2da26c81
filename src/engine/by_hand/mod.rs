//! Accounts by hand: what a person says that the provider's own panel shows, or did there.
//!
//! The questions (`recordable`, `guidance`, `fields`, `known`, `check`) are pure, so that forms
//! can ask them at every key; the engine asks them again under the store's lock before it writes
//! anything down. May not: ask a provider, or claim that one said something. Called by the
//! engine's commands and by both faces.

mod brought;
mod facts;
mod fields;
mod guidance;
mod happened;
mod material;
mod order;
mod outcome;
mod places;
mod plan;
mod possible;
mod record;
mod shows;
mod step;
mod submitted;
mod time_made;
mod typed;
mod words;
mod write_order;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::command::{Field, FieldError, HandOrder, Record};
use crate::domain::entry::{CsrBy, Order};
use crate::domain::inventory::{Inventory, Unresolved};
use crate::pki::AltName;
use crate::pki::csr::{self, CsrInfo};

pub use fields::{fields, known, order_fields};
pub(super) use guidance::refers_to_panel;
pub use guidance::{Guidance, guidance, order_guidance};
pub use possible::{
    Recordable, RecordableAction, RecordableEvent, RecordableState, RecordableZone, distinct_label,
    recordable,
};

/// Everything that is wrong with a record, by field; nothing if it can be written down. `system`
/// is the system's time. What is not possible at all now stands at [`Field::State`].
#[must_use]
pub fn check(record: &Record, inventory: &Inventory, system: Timestamp) -> Vec<FieldError> {
    let Some(entry) = inventory.get(&record.entry) else {
        let gone = Unresolved::Nothing(record.entry.to_string());
        return vec![at_state(&gone)];
    };
    match plan::plan(record, &entry, inventory, system) {
        Ok(_) => Vec::new(),
        Err(plan::Objection::Fields(errors)) => errors,
        Err(plan::Objection::Refused(error)) => vec![at_state(&error)],
    }
}

fn at_state(says: &impl ToString) -> FieldError {
    FieldError {
        field: Field::State,
        says: says.to_string(),
    }
}

/// Everything that is wrong with an order by hand, by field; nothing if it can be written down.
/// `system` is the system's time.
#[must_use]
pub fn check_order(order: &HandOrder, inventory: &Inventory, system: Timestamp) -> Vec<FieldError> {
    order::plan(order, inventory, system)
        .err()
        .unwrap_or_default()
}

/// What is wrong with a CSR that was made for something else than the names of its order.
fn made_for_others(read: &CsrInfo, names: &[String]) -> Option<String> {
    let first = read.names.first().map(AltName::text);
    let made_for = read.common_name.clone().or(first)?;
    let is_ordered = names
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&made_for));
    (!is_ordered && !names.is_empty())
        .then(|| format!("it was made for {made_for}, which is not among the names of this order"))
}

/// An order with a CSR of one's own: its key decides, and the private key stays where it is.
fn typed_csr(pem: &SecretString, names: &[String], known: &Order) -> Result<Order, FieldError> {
    let field = Field::Csr;
    let read = csr::read(pem.expose_secret().as_bytes()).map_err(|error| FieldError {
        field,
        says: error.to_string(),
    })?;
    if let Some(says) = made_for_others(&read, names) {
        return Err(FieldError { field, says });
    }
    Ok(Order {
        csr_by: Some(CsrBy::You),
        key_type: Some(read.key.label()),
        spki_sha256: Some(read.spki_sha256),
        csr: Some(read.pem),
        key_held: false,
        ..known.clone()
    })
}
