//! `certdeck store`: the store as a whole.
//!
//! May not: open the panel's engine.

mod prune;

use super::args::{Flags, StoreArguments, StoreVerb};
use super::error::CliError;

/// Does what was asked.
pub(super) fn run(flags: &Flags, arguments: &StoreArguments) -> Result<(), CliError> {
    match &arguments.verb {
        StoreVerb::Prune(arguments) => prune::run(flags, arguments),
    }
}
