//! The grammar of `check`.
//!
//! May not: do anything.

use std::fmt::Write as _;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::filter;

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(in crate::cli) struct CheckArguments {
    /// Look only at entries that this filter finds; below is the whole language
    pub(in crate::cli) filter: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Print nothing; the exit code says it all
    #[arg(long, conflicts_with = "json")]
    pub(in crate::cli) quiet: bool,
}

/// What monitoring goes by, and the filters.
fn after_help() -> String {
    let codes = [Exit::Done, Exit::NeedsSomeone, Exit::Broken];
    let mut help = "Exit codes:\n".to_owned();
    for exit in codes {
        let says = exit.says().trim_start_matches("check: ");
        let says = says.split("; probe: ").next().unwrap_or(says);
        let says = says.split("; doctor: ").next().unwrap_or(says);
        let says = if exit == Exit::Done {
            "nothing needs anyone"
        } else {
            says
        };
        let _ = writeln!(help, "  {:<2} {says}", exit.code());
    }
    help.push_str(
        "  others as in `certdeck --help`: 2 for a wrong filter, 5 for a damaged store\n\n",
    );
    help + &filter::help()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_says_what_monitoring_goes_by() {
        let help = after_help();
        for line in ["\n  0  nothing needs anyone", "\n  10 ", "\n  11 "] {
            assert!(help.contains(line), "{help}");
        }
        assert!(help.contains("expires<30d"), "{help}");
    }
}
