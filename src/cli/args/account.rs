//! The grammar of `account` and `sync`.
//!
//! May not: do anything.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountArguments {
    #[command(subcommand)]
    pub(in crate::cli) verb: AccountVerb,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AccountVerb {
    /// List the accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SyncArguments {
    /// The account; every watched one where there is none
    pub(in crate::cli) account: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
