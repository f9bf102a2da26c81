//! Accounts by hand: what a person says that the provider's own panel shows.

use super::Inner;
use super::command::{Done, HandOrder, Record};
use super::error::EngineError;

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
