//! The grammar of `record`.
//!
//! May not: do anything.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct RecordArguments {
    /// The event (or the action that was submitted), by its id
    pub(in crate::cli) event: String,
    /// The entry
    pub(in crate::cli) id: String,
}
