//! The grammar of `timeline`.
//!
//! May not: do anything.

use clap::Args;

use crate::cli::filter;

#[derive(Debug, Args)]
#[command(after_help = filter::help())]
pub(in crate::cli) struct TimelineArguments {
    /// Count only entries that this filter finds; below is the whole language
    pub(in crate::cli) filter: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
