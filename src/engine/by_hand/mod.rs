//! Accounts by hand: what a person says that the provider's own panel shows, or did there.
//!
//! The questions (`recordable`, `guidance`, `fields`, `known`, `check`) are pure, so that forms
//! can ask them at every key; the engine asks them again under the store's lock before it writes
//! anything down. May not: ask a provider, or claim that one said something. Called by the
//! engine's commands and by both faces.

mod fields;
mod guidance;
mod possible;

pub use fields::{fields, known, order_fields};
pub use guidance::{Guidance, guidance};
pub use possible::{Recordable, RecordableAction, RecordableEvent, RecordableState, recordable};

use jiff::Timestamp;

use super::Inner;
use super::command::{Done, FieldError, HandOrder, Record};
use super::error::EngineError;
use crate::domain::inventory::Inventory;

/// Everything that is wrong with a record, by field; nothing if it can be written down. `system`
/// is the system's time.
#[must_use]
pub fn check(record: &Record, inventory: &Inventory, system: Timestamp) -> Vec<FieldError> {
    let _ = (record, inventory, system);
    Vec::new()
}

/// Everything that is wrong with an order by hand, by field; nothing if it can be written down.
/// `system` is the system's time.
#[must_use]
pub fn check_order(order: &HandOrder, inventory: &Inventory, system: Timestamp) -> Vec<FieldError> {
    let _ = (order, inventory, system);
    Vec::new()
}

impl Inner {
    pub(super) fn order_by_hand(&self, order: &HandOrder) -> Result<Done, EngineError> {
        let _ = (self.now(), order);
        Err(EngineError::Failed("not there yet".to_owned()))
    }

    pub(super) fn record(&self, record: &Record) -> Result<Done, EngineError> {
        let _ = (self.now(), record);
        Err(EngineError::Failed("not there yet".to_owned()))
    }
}
