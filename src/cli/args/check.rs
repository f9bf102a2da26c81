//! The grammar of `check`.
//!
//! May not: do anything.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    /// The filter; see `list --help`
    pub(in crate::cli) filter: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
