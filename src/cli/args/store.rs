//! The grammar of `store`.
//!
//! May not: do anything.

use clap::{Args, Subcommand};

use super::prune::PruneArguments;

#[derive(Debug, Args)]
pub(in crate::cli) struct StoreArguments {
    #[command(subcommand)]
    pub(in crate::cli) verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoreVerb {
    /// Remove the oldest part of the history, for good
    Prune(PruneArguments),
}
